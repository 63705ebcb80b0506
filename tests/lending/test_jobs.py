"""What time does to loans: on time, late, twice at once, after a long sleep, and when clocks change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.core.jobs import ask_to_stop, go_on
from app.items.models import Item, ItemClaim
from app.lending import jobs, services
from app.lending.models import Loan, LoanEvent, ReminderSent, RepairTicket
from app.lending.services import closing, reminding
from app.notifications.models import Mail, Notification
from tests import factories
from tests.harness.clock import Clock

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def at(n: int, hour: int, minute: int = 0) -> datetime:
    """So many days after Wednesday 25 November 2026, in Paris."""
    return datetime(2026, 11, 25, hour, minute, tzinfo=PARIS) + timedelta(days=n)


def told(kind: str) -> list[int]:
    db.session.rollback()
    query = select(Notification.resident_id).where(Notification.kind == kind).order_by(Notification.id)
    return list(db.session.scalars(query))


def mails(kind: str) -> list[Mail]:
    db.session.rollback()
    return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))


def fresh(loan: Loan) -> Loan:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Loan, loan.id)


def deliver(now: datetime) -> None:
    ids = outbox.due(now=now + timedelta(minutes=1), limit=1000)
    db.session.rollback()
    outbox.deliver(ids, now=now)


def claim_of(loan: Loan) -> tuple[date, date, bool, bool]:
    claim = fresh(loan).claim
    return claim.first_day, claim.end_day, claim.uncertain, claim.live


class Place:
    """A hub that is open every day from 9 to 19 h, with a borrower."""

    def __init__(self) -> None:
        self.hub = factories.hub()
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.paul = factories.coordinator(self.hub, "Paul C.")

    def item(self, **values: Any) -> Item:
        return factories.item(hub=self.hub, **values)

    def out(
        self, due: int, *, since: datetime | None = None, item: Item | None = None, **values: Any
    ) -> Loan:
        """Out until that day; its due day holds since long ago unless told otherwise."""
        moment = since or at(due - 20, 15)
        return factories.loan(
            item or self.item(),
            values.pop("borrower", self.anna),
            status="checked_out",
            first_day=min(moment.astimezone(PARIS).date(), day(due)),
            due=day(due),
            checked_out_at=moment,
            due_set_at=moment,
            **values,
        )

    def reserved(self, first: int, due: int, *, item: Item | None = None, **values: Any) -> Loan:
        return factories.loan(
            item or self.item(),
            values.pop("borrower", self.anna),
            first_day=day(first),
            due=day(due),
            reserved_at=at(-9, 10),
            **values,
        )


@pytest.fixture
def place(app: Flask, clock: Clock) -> Place:
    return Place()


# -- requests ---------------------------------------------------------------------------------------------


def test_requests_end_unanswered(place: Place) -> None:
    owner = factories.resident("Léa N.")
    loans = [
        factories.loan(
            factories.item(owner=owner),
            place.anna,
            status="requested",
            first_day=day(5),
            answer_by=at(0, 10),
            requested_at=at(-2, 10),
        )
        for _ in range(3)
    ]
    assert jobs.expire_requests(now=at(0, 9, 59)) == 0
    assert jobs.expire_requests(now=at(0, 10)) == 3
    assert jobs.expire_requests(now=at(0, 10)) == 0
    assert {fresh(loan).status for loan in loans} == {"expired"}
    assert not any(claim_of(loan)[3] for loan in loans)
    deliver(at(0, 10))
    assert told("lending.unanswered") == [place.anna.id] * 3
    assert told("lending.unanswered_owner") == [owner.id] * 3


def test_owner_is_reminded_once_after_a_day(place: Place) -> None:
    owner = factories.resident("Léa N.")
    item = factories.item(owner=owner)
    factories.loan(
        item, place.anna, status="requested", first_day=day(5), answer_by=at(1, 12), requested_at=at(-1, 12)
    )
    assert jobs.remind_owners(now=at(0, 11, 59)) == 0
    assert jobs.remind_owners(now=at(0, 12)) == 1
    assert jobs.remind_owners(now=at(0, 13)) == 0
    assert told("lending.request_waits") == [owner.id]


# -- the pick-up clock ------------------------------------------------------------------------------------


def test_not_collected_it_is_kept_then_let_go(place: Place) -> None:
    loan = place.reserved(0, 6)
    assert jobs.turn_pick_up_clocks(now=at(0, 18, 59)) == 0
    assert jobs.turn_pick_up_clocks(now=at(0, 19)) == 1
    assert fresh(loan).pick_up_until == day(1)
    assert jobs.turn_pick_up_clocks(now=at(0, 20)) == 0
    deliver(at(0, 20))
    assert told("lending.pick_up_kept") == [place.anna.id]
    assert jobs.turn_pick_up_clocks(now=at(1, 19)) == 1
    deliver(at(1, 19))
    assert (fresh(loan).status, claim_of(loan)[3]) == ("expired", False)
    assert told("lending.not_collected") == [place.anna.id]


def test_clock_stands_while_the_object_is_away(place: Place) -> None:
    drill = place.item()
    late = place.out(-3, item=drill)
    waiting = place.reserved(0, 4, item=drill)
    assert jobs.turn_pick_up_clocks(now=at(2, 20)) == 0
    with transaction():
        services.check_in(item_code=drill.code, hub_id=place.hub.id, actor_id=place.paul.id, now=at(3, 10))
    assert fresh(late).status == "returned"
    assert jobs.turn_pick_up_clocks(now=at(3, 18)) == 0
    jobs.turn_pick_up_clocks(now=at(3, 19))
    assert fresh(waiting).pick_up_until == day(4)
    jobs.turn_pick_up_clocks(now=at(4, 19))
    assert fresh(waiting).status == "expired"


@pytest.mark.parametrize("why", ["out", "broken"])
def test_days_pass_without_the_object(place: Place, why: str) -> None:
    drill = place.item()
    if why == "out":
        place.out(-3, item=drill)
    else:
        factories.stored(
            RepairTicket(
                item_id=drill.id,
                hub_id=place.hub.id,
                condition="damaged",
                opened_at=at(-1, 10),
                opened_by_id=place.paul.id,
            )
        )
    waiting = place.reserved(0, 4, item=drill)
    assert jobs.turn_pick_up_clocks(now=at(4, 18)) == 0
    assert jobs.turn_pick_up_clocks(now=at(4, 19)) == 1
    assert fresh(waiting).status == "expired"
    deliver(at(4, 19))
    assert told("lending.not_in_house") == [place.anna.id]
    assert told("lending.not_collected") == []


def test_given_is_not_let_go(place: Place) -> None:
    loan = factories.loan(
        factories.item(owner=factories.resident()),
        place.anna,
        first_day=day(0),
        due=day(0),
        given_at=at(0, 12),
    )
    assert jobs.turn_pick_up_clocks(now=at(1, 1)) == 0
    assert fresh(loan).status == "reserved"


# -- claims without a certain end -------------------------------------------------------------------------


def test_late_claims_are_pushed_day_by_day_up_to_the_next(place: Place) -> None:
    drill = place.item()
    loan = place.out(0, item=drill)
    waiting = place.reserved(4, 6, item=drill, borrower=factories.verified_member(place.hub, "Karim D."))
    jobs.push_uncertain_claims(now=at(0, 23))
    assert claim_of(loan)[1:3] == (day(1), False)
    jobs.push_uncertain_claims(now=at(1, 0, 5))
    assert claim_of(loan)[1:3] == (day(2), True)
    jobs.push_uncertain_claims(now=at(1, 0, 10))
    jobs.push_uncertain_claims(now=at(9, 0, 5))
    assert claim_of(loan)[1:3] == (day(4), True)
    events = select(func.count()).where(LoanEvent.loan_id == loan.id, LoanEvent.kind == "overdue")
    assert db.session.scalar(events) == 1
    deliver(at(1, 0, 10))
    assert told("lending.late_before") == [waiting.borrower_id]
    with transaction():
        services.cancel(loan_id=waiting.id, actor_id=waiting.borrower_id, now=at(9, 9))
    jobs.push_uncertain_claims(now=at(9, 10))
    assert claim_of(loan)[1] == day(10)


def test_buffer_days_do_not_hide_that_it_is_late(place: Place) -> None:
    tent = place.item(buffer_days=5)
    loan = place.out(0, item=tent)
    jobs.push_uncertain_claims(now=at(1, 1))
    assert claim_of(loan)[1:3] == (day(6), True)


def test_repairs_are_pushed_and_take_a_day_when_there_is_one(place: Place) -> None:
    drill = place.item()
    place.out(0, item=drill)
    waiting = place.reserved(1, 2, item=drill)
    with transaction():
        services.check_in(
            item_code=drill.code,
            hub_id=place.hub.id,
            actor_id=place.paul.id,
            condition="damaged",
            now=at(0, 12),
        )

    def repair() -> tuple[date, date]:
        db.session.rollback()
        query = select(ItemClaim.first_day, ItemClaim.end_day).where(
            ItemClaim.item_id == drill.id, ItemClaim.kind == "repair", ItemClaim.live
        )
        return tuple(db.session.execute(query).one())

    assert repair() == (day(0), day(1))
    jobs.push_uncertain_claims(now=at(2, 1))
    assert repair() == (day(0), day(1))  # somebody's days stand
    with transaction():
        services.cancel(loan_id=waiting.id, actor_id=place.anna.id, now=at(2, 9))
    jobs.push_uncertain_claims(now=at(2, 10))
    assert repair() == (day(0), day(3))


def test_passed_buffer_days_are_given_back(place: Place) -> None:
    tent = place.item(buffer_days=2)
    loan = place.out(5, item=tent)
    with transaction():
        services.check_in(item_code=tent.code, hub_id=place.hub.id, actor_id=place.paul.id, now=at(0, 12))
    assert claim_of(loan)[1:] == (day(2), False, True)
    jobs.push_uncertain_claims(now=at(2, 12))
    assert claim_of(loan)[3]
    jobs.push_uncertain_claims(now=at(4, 12))
    assert not claim_of(loan)[3]


# -- reminders --------------------------------------------------------------------------------------------


def sent(loan: Loan) -> list[str]:
    db.session.rollback()
    query = select(ReminderSent.level).where(ReminderSent.loan_id == loan.id).order_by(ReminderSent.id)
    return list(db.session.scalars(query))


def test_each_level_goes_out_once_through_a_whole_loan(place: Place) -> None:
    loan = place.out(9)
    for hour in range(24 * 45):
        jobs.send_reminders(now=at(0, 0) + timedelta(hours=hour))
        if hour % 24 == 8:
            jobs.send_reminders(now=at(0, 0) + timedelta(hours=hour))
    assert sent(loan) == ["before", "due", "overdue_1", "overdue_3", "overdue_7", "overdue_14", "overdue_30"]
    assert told("lending.due_soon") == told("lending.due_today") == [place.anna.id]
    assert told("lending.overdue") == [place.anna.id] * 5
    assert told("lending.overdue_for_coordinator") == told("lending.ask_if_lost") == [place.paul.id]
    moments = [
        mail.next_try_at.astimezone(PARIS)
        for kind in ("due_soon", "due_today", "overdue")
        for mail in mails(f"lending.{kind}")
    ]
    assert [(moment.date() - TODAY).days for moment in moments] == [7, 9, 10, 12, 16, 23, 39]
    assert [moment.hour for moment in moments] == [9, 7, 9, 9, 9, 9, 9]  # quiet hours, but for the same day


def test_after_a_long_sleep_only_the_highest_level(place: Place) -> None:
    loan = place.out(0)
    jobs.send_reminders(now=at(8, 12))
    assert sent(loan) == ["overdue_7"]
    jobs.send_reminders(now=at(13, 12))
    assert sent(loan) == ["overdue_7"]
    jobs.send_reminders(now=at(14, 12))
    assert sent(loan) == ["overdue_7", "overdue_14"]


def test_levels_before_the_check_out_are_skipped(place: Place) -> None:
    short = place.out(1, since=at(0, 15))
    same_day = place.out(0, since=at(0, 15))
    for hour in range(33):
        jobs.send_reminders(now=at(0, 15) + timedelta(hours=hour))
    assert sent(short) == ["due"]
    assert sent(same_day) == ["overdue_1"]


def test_renewed_loan_is_reminded_of_its_new_day(place: Place) -> None:
    loan = place.out(2)
    jobs.send_reminders(now=at(0, 12))
    assert sent(loan) == ["before"]
    with transaction():
        services.renew(loan_id=loan.id, actor_id=place.anna.id, due=day(5), now=at(0, 12))
    assert [mail.status for mail in mails("lending.due_soon")] == ["cancelled"]
    jobs.send_reminders(now=at(2, 8))
    assert sent(loan) == ["before"]
    jobs.send_reminders(now=at(3, 8))
    jobs.send_reminders(now=at(5, 8))
    db.session.rollback()
    rows = db.session.execute(select(ReminderSent.due, ReminderSent.level).order_by(ReminderSent.id)).all()
    assert [tuple(row) for row in rows] == [(day(2), "before"), (day(5), "before"), (day(5), "due")]


def test_returning_takes_back_what_has_not_left(place: Place) -> None:
    drill = place.item()
    loan = place.out(0, item=drill)
    jobs.send_reminders(now=at(1, 0, 30))
    assert [mail.status for mail in mails("lending.overdue")] == ["pending"]
    with transaction():
        services.check_in(item_code=drill.code, hub_id=place.hub.id, actor_id=place.paul.id, now=at(1, 8))
    assert [mail.status for mail in mails("lending.overdue")] == ["cancelled"]
    assert told("lending.overdue") == []
    jobs.send_reminders(now=at(4, 12))
    assert sent(loan) == ["overdue_1"]


def test_undone_return_lets_the_reminder_go_out_after_all(place: Place) -> None:
    drill = place.item()
    loan = place.out(0, item=drill)
    jobs.send_reminders(now=at(1, 0, 30))
    with transaction():
        services.check_in(item_code=drill.code, hub_id=place.hub.id, actor_id=place.paul.id, now=at(1, 8))
    with transaction():
        services.undo(loan_id=loan.id, hub_id=place.hub.id, actor_id=place.paul.id, now=at(1, 8, 5))
    jobs.send_reminders(now=at(1, 8, 10))
    assert [mail.status for mail in mails("lending.overdue")] == ["pending"]
    assert sent(loan) == ["overdue_1"]


def test_moved_due_day_is_reminded_anew(place: Place) -> None:
    loan = place.out(3)
    jobs.send_reminders(now=at(1, 12))
    factories.closure(place.hub, day(3), day(5))
    jobs_before = sent(loan)
    with transaction():
        assert closing.leave_closed_days(hub_id=place.hub.id, now=at(1, 13)) == 1
    jobs.send_reminders(now=at(4, 12))
    assert (jobs_before, sent(loan)) == (["before"], ["before", "before"])


def test_neighbour_stands_where_a_rule_says_coordinator(place: Place) -> None:
    owner = factories.resident("Léa N.")
    place.out(0, item=factories.item(owner=owner))
    jobs.send_reminders(now=at(14, 12))
    assert told("lending.overdue_for_coordinator") == [owner.id]


def test_hub_far_away_has_its_own_morning(place: Place) -> None:
    reunion = factories.hub(timezone="Indian/Reunion")  # three hours ahead of Paris in winter
    who = factories.verified_member(reunion)
    loan = factories.loan(
        factories.item(hub=reunion), who, status="checked_out",
        first_day=day(-9), due=day(0), checked_out_at=at(-9, 10), due_set_at=at(-9, 10),
    )  # fmt: skip
    jobs.send_reminders(now=at(0, 3, 59))
    assert sent(loan) == []
    jobs.send_reminders(now=at(0, 4))
    assert sent(loan) == ["due"]


@pytest.mark.parametrize("due", [date(2026, 3, 29), date(2026, 10, 25)], ids=["an hour less", "an hour more"])
def test_night_when_clocks_change(place: Place, due: date) -> None:
    midnight = datetime.combine(due - timedelta(days=3), datetime.min.time(), tzinfo=PARIS).astimezone(
        ZoneInfo("UTC")
    )
    loan = factories.loan(
        place.item(), place.anna, status="checked_out", first_day=due - timedelta(days=9), due=due,
        checked_out_at=midnight - timedelta(days=6), due_set_at=midnight - timedelta(days=6),
    )  # fmt: skip
    for half_hours in range(2 * 24 * 5):
        jobs.send_reminders(now=midnight + timedelta(minutes=30 * half_hours))
    assert sent(loan) == ["before", "due", "overdue_1"]
    due_today = mails("lending.due_today")[0].next_try_at.astimezone(PARIS)
    assert (due_today.date(), due_today.hour) == (due, 7)


def test_idle_sweep_is_one_short_look(place: Place, query_count: Callable[[], Any]) -> None:
    for _ in range(20):
        place.out(9)
    jobs.send_reminders(now=at(0, 12))
    with query_count() as statements:
        assert jobs.send_reminders(now=at(0, 13)) == 0
    assert len(statements) == 1


def test_many_are_told_in_batches(
    place: Place, query_count: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "REMINDED_AT_ONCE", 10)
    for _ in range(25):
        place.out(0)
    with query_count() as statements:
        assert jobs.send_reminders(now=at(0, 8)) == 25
    assert len(statements) < 60
    assert len(told("lending.due_today")) == 25


def test_job_ends_with_its_batch_when_asked_to_stop(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REMINDED_AT_ONCE", 2)
    for _ in range(5):
        place.out(0)
    ask_to_stop()
    try:
        assert jobs.send_reminders(now=at(0, 8)) == 0
    finally:
        go_on()
    assert jobs.send_reminders(now=at(0, 8)) == 5


def test_killed_between_two_batches_nothing_is_lost_or_doubled(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "REMINDED_AT_ONCE", 2)
    for _ in range(6):
        place.out(0)
    tellings, calls = reminding._tellings, []

    def dies(found: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("SIGKILL")
        return tellings(found)

    monkeypatch.setattr(reminding, "_tellings", dies)
    with pytest.raises(RuntimeError):
        jobs.send_reminders(now=at(0, 8))
    assert len(told("lending.due_today")) == 2
    assert jobs.send_reminders(now=at(0, 8)) == 4
    assert len(told("lending.due_today")) == len(mails("lending.due_today")) == 6


def borrower_without_address(place: Place) -> Resident:
    elder = factories.resident("Rose M.", confirmed=False, email=None, verified_in_person_at=at(-9, 9))
    factories.membership(place.hub, elder)
    return elder


def test_no_address_no_mail_but_a_line_on_the_site(place: Place) -> None:
    elder = borrower_without_address(place)
    place.out(0, borrower=elder)
    jobs.send_reminders(now=at(0, 8))
    assert told("lending.due_today") == [elder.id]
    assert mails("lending.due_today") == []
