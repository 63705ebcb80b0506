"""The waiting list, on both databases: who gets it when it comes back, for how long, and what becomes of the others."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import outbox
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Blocked, Forbidden, NotFound, Problem
from app.hubs import services as hub_services
from app.items import services as item_services
from app.items.models import Item, ItemClaim
from app.lending import jobs as lending_jobs
from app.lending import queries, services
from app.lending.models import Loan
from app.lending.waiting import jobs
from app.lending.waiting import services as waiting
from app.lending.waiting.models import PlaceInLine
from app.notifications.models import Mail, Notification
from tests import factories

pytestmark = pytest.mark.usefixtures("clock")
NOON = datetime.fromisoformat("2026-11-25T12:00:00+01:00")
TODAY = date(2026, 11, 25)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def days_on(n: float) -> datetime:
    return NOON + timedelta(days=n)


def act(service: Any, **words: Any) -> Any:
    with transaction():
        return service(**words)


def refused(service: Any, **words: Any) -> Problem:
    with pytest.raises(Problem) as problem, transaction():
        service(**words)
    return problem.value


def deliver(now: datetime = NOON) -> None:
    while ids := outbox.due(now=now + timedelta(minutes=1), limit=1000):
        db.session.rollback()
        outbox.deliver(ids, now=now)
    db.session.rollback()


def told(kind: str) -> list[Notification]:
    kinds = select(Notification).where(Notification.kind == f"lending.{kind}").order_by(Notification.id)
    return list(db.session.scalars(kinds))


class House:
    """A drill that Karim has, and three neighbours who would like it."""

    def __init__(self, **policy: Any) -> None:
        self.hub = factories.hub(policy=policy)
        self.ines = factories.volunteer(self.hub, "Inès V.")
        self.paul = factories.coordinator(self.hub, "Paul C.")
        self.anna, self.karim, self.zoe = (
            factories.verified_member(self.hub, name) for name in ("Anna B.", "Karim D.", "Zoé M.")
        )
        self.drill = factories.item(hub=self.hub)

    def out(self, who: Resident | None = None, *, now: datetime = NOON, **words: Any) -> Loan:
        done = act(
            services.check_out,
            item_code=self.drill.code,
            member_code=(who or self.karim).code,
            hub_id=self.hub.id,
            actor_id=self.ines.id,
            now=now,
            **words,
        )
        return done.loan

    def back(self, *, now: datetime = NOON, **words: Any) -> services.CheckedIn:
        return act(
            services.check_in,
            item_code=self.drill.code,
            hub_id=self.hub.id,
            actor_id=self.ines.id,
            now=now,
            **words,
        )

    def join(self, who: Resident, *, now: datetime = NOON, item: Item | None = None) -> PlaceInLine:
        return act(waiting.join, item_id=(item or self.drill).id, actor_id=who.id, now=now)

    def stands(self, who: Resident) -> tuple[str, date | None]:
        """How the latest place of somebody stands, and until when it is kept aside."""
        db.session.expire_all()
        query = select(PlaceInLine).where(PlaceInLine.resident_id == who.id).order_by(PlaceInLine.id.desc())
        place = db.session.scalars(query).first()
        assert place is not None
        live = place.claim is not None and place.claim.live
        assert live == (place.status == "ready")
        return place.status, place.ready_until if place.status == "ready" else None

    def undo(self, loan: Loan, *, now: datetime = NOON) -> None:
        act(services.undo, loan_id=loan.id, hub_id=self.hub.id, actor_id=self.ines.id, now=now)


@pytest.fixture
def house(app: Flask) -> House:
    return House()


def test_first_come_is_first_served_when_it_comes_back(house: House) -> None:
    house.out()
    house.join(house.anna)
    house.join(house.zoe)
    assert house.stands(house.anna) == house.stands(house.zoe) == ("waiting", None)
    done = house.back(now=days_on(1))
    assert (done.next.kind, done.next.user_id, done.next.until) == ("waiting", house.anna.id, day(8))
    assert house.stands(house.anna) == ("ready", day(8))
    assert house.stands(house.zoe) == ("waiting", None)
    again = house.back(now=days_on(1))
    assert again.repeated
    assert again.next == done.next


def test_who_waits_keeps_others_from_new_days_and_the_borrower_from_renewing(house: House) -> None:
    loan = house.out()
    house.join(house.anna)
    wish = {"item_id": house.drill.id, "first_day": day(60), "due": day(62), "now": NOON}
    found = refused(services.reserve, actor_id=house.zoe.id, **wish)
    assert isinstance(found, Blocked)
    assert [blocker.word for blocker in found.blockers] == ["queue"]
    found = refused(services.renew, loan_id=loan.id, actor_id=house.karim.id, now=NOON)
    assert isinstance(found, Blocked)
    assert [blocker.word for blocker in found.blockers] == ["queue"]
    mine = act(services.reserve, actor_id=house.anna.id, **wish)
    assert house.stands(house.anna)[0] == "collected", "she has days of her own now"
    assert mine.status == "reserved"
    act(services.renew, loan_id=loan.id, actor_id=house.karim.id, now=NOON)


def test_earlier_reservations_stand_and_are_never_passed(house: House) -> None:
    house.out(due=day(1))
    zoes = act(
        services.reserve,
        item_id=house.drill.id,
        actor_id=house.zoe.id,
        first_day=day(4),
        due=day(6),
        now=NOON,
    )
    house.join(house.anna)
    house.back(now=days_on(1))
    assert house.stands(house.anna) == ("ready", day(3)), "up to the day before the reservation"
    house.undo(db.session.scalars(select(Loan).where(Loan.status == "returned")).one(), now=days_on(1))
    done = house.back(now=days_on(2))
    assert house.stands(house.anna) == ("waiting", None), "fewer days than it is worth coming for"
    assert done.next.kind == "shelf"
    act(services.cancel, loan_id=zoes.id, actor_id=house.zoe.id, now=days_on(2))
    assert house.stands(house.anna) == ("ready", day(9))


def test_the_counter_collects_what_is_kept_and_lends_it_to_nobody_else(house: House) -> None:
    house.out()
    house.join(house.anna)
    house.back()
    found = refused(
        services.check_out,
        item_code=house.drill.code,
        member_code=house.zoe.code,
        hub_id=house.hub.id,
        actor_id=house.ines.id,
        override=services.Override(("queue",), "Elle insiste."),
        now=NOON,
    )
    assert (found.code, found.params["holder"]) == ("lending.claimed", "Anna B.")
    loan = house.out(house.anna)
    assert (loan.status, loan.first_day, loan.due) == ("checked_out", TODAY, day(14))
    assert house.stands(house.anna) == ("collected", None)
    house.undo(loan)
    assert db.session.get_one(Loan, loan.id).status == "cancelled"
    assert house.stands(house.anna) == ("ready", day(7)), "as if she had not come"


def test_an_undone_return_takes_back_what_was_kept_aside(house: House) -> None:
    loan = house.out()
    house.join(house.anna)
    house.join(house.zoe)
    house.back()
    deliver()
    assert len(told("place_ready")) == 1
    house.undo(loan)
    deliver()
    assert house.stands(house.anna) == ("waiting", None)
    assert not told("place_ready")
    assert [one.resident_id for one in told("place_stood_back")] == [house.anna.id]
    mails = db.session.scalars(select(Mail.status).where(Mail.kind.startswith("lending.place")))
    assert set(mails) == {"cancelled"}, "no mail had left"
    house.back()
    assert house.stands(house.anna)[0] == "ready", "first again"


def test_what_was_built_on_a_return_keeps_it_from_being_undone(house: House) -> None:
    loan = house.out()
    house.join(house.anna)
    house.back()
    taken = act(waiting.take, item_id=house.drill.id, actor_id=house.anna.id, now=NOON)
    assert (taken.status, taken.first_day, taken.due, taken.pick_up_until) == (
        "reserved", TODAY, day(14), day(7),
    )  # fmt: skip
    assert act(waiting.take, item_id=house.drill.id, actor_id=house.anna.id, now=NOON).id == taken.id
    found = refused(services.undo, loan_id=loan.id, hub_id=house.hub.id, actor_id=house.ines.id, now=NOON)
    assert found.code == "lending.built_upon"


def test_passing_gives_it_to_the_next_one_and_keeps_the_turn(house: House) -> None:
    house.out()
    house.join(house.anna)
    house.join(house.zoe)
    house.back()
    words = {"item_id": house.drill.id, "now": NOON}
    act(waiting.pass_on, actor_id=house.anna.id, **words)
    assert (house.stands(house.anna)[0], house.stands(house.zoe)[0]) == ("waiting", "ready")
    act(waiting.pass_on, actor_id=house.zoe.id, **words)
    assert (house.stands(house.anna)[0], house.stands(house.zoe)[0]) == ("waiting", "waiting")
    jobs.serve_lines(now=days_on(1))
    assert house.stands(house.anna)[0] == "waiting", "it is not thrown back and forth"
    loan = house.out(now=days_on(1))
    assert loan.walk_in, "nobody who sleeps keeps others from having it"
    house.back(now=days_on(2))
    assert house.stands(house.anna)[0] == "ready", "her turn was kept"


def test_who_does_not_come_goes_to_the_end_once_then_out(house: House) -> None:
    house.out()
    house.join(house.anna)
    house.join(house.zoe)
    house.back()
    jobs.lapse_holds(now=days_on(7))
    assert house.stands(house.anna)[0] == "ready", "the last day is not over"
    jobs.lapse_holds(now=days_on(7.5))
    assert (house.stands(house.anna)[0], house.stands(house.zoe)[0]) == ("waiting", "ready")
    deliver(days_on(7.5))
    assert [one.resident_id for one in told("place_lapsed")] == [house.anna.id]
    house.out(house.zoe, now=days_on(8))
    house.back(now=days_on(9))
    assert house.stands(house.anna)[0] == "ready"
    jobs.lapse_holds(now=days_on(17))
    deliver(days_on(17))
    assert house.stands(house.anna)[0] == "expired"
    assert [one.resident_id for one in told("place_lost")] == [house.anna.id]
    assert queries.free_choices(house.drill, now=days_on(17))[0].first_day == day(17)


def test_in_repair_lost_and_withdrawn(house: House) -> None:
    loan = house.out()
    house.join(house.anna)
    house.back()
    act(
        services.describe_return,
        loan_id=loan.id,
        hub_id=house.hub.id,
        actor_id=house.ines.id,
        condition="damaged",
        now=NOON,
    )
    assert house.stands(house.anna) == ("waiting", None), "it broke: she waits again, first"
    ticket = queries.open_ticket(house.drill.id)
    assert ticket is not None
    act(services.close_repair, ticket_id=ticket.id, actor_id=house.ines.id, now=days_on(3))
    assert house.stands(house.anna) == ("ready", day(10))
    act(item_services.retire, item_id=house.drill.id, actor_id=house.ines.id, now=days_on(4))
    deliver(days_on(4))
    assert house.stands(house.anna) == ("dropped", None)
    assert [one.resident_id for one in told("place_ended")] == [house.anna.id]


def test_what_is_lost_ends_the_line(house: House) -> None:
    loan = house.out()
    house.join(house.anna)
    act(services.mark_lost, loan_id=loan.id, actor_id=house.paul.id, now=days_on(40))
    assert house.stands(house.anna) == ("dropped", None)


def test_the_suspended_are_skipped(house: House) -> None:
    house.out()
    house.join(house.anna)
    house.join(house.zoe)
    house.back()
    words = {"hub_id": house.hub.id, "resident_id": house.anna.id, "actor_id": house.paul.id, "now": NOON}
    act(hub_services.suspend, why="Perdu trois fois.", **words)
    deliver()
    assert (house.stands(house.anna)[0], house.stands(house.zoe)[0]) == ("waiting", "ready")
    act(waiting.leave, item_id=house.drill.id, actor_id=house.zoe.id, now=NOON)
    assert house.stands(house.anna)[0] == "waiting"
    act(hub_services.lift, **words)
    jobs.serve_lines(now=NOON)
    assert house.stands(house.anna)[0] == "ready"


def test_one_message_names_all_that_is_ready(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub)
    house.out()
    factories.loan(saw, house.karim, status="checked_out")
    house.join(house.anna)
    house.join(house.anna, item=saw)
    house.back()
    deliver()
    assert [one.params["items"] for one in told("place_ready")] == ["« Perceuse visseuse »"]
    act(
        services.check_in,
        item_code=saw.code,
        hub_id=house.hub.id,
        actor_id=house.ines.id,
        now=NOON + timedelta(minutes=3),
    )
    deliver(NOON + timedelta(minutes=3))
    (one,) = told("place_ready")
    assert {named["item"] for named in one.params["objects"]} == {"Perceuse visseuse", "Scie"}
    ready = select(Mail).where(Mail.status == "pending", Mail.kind == "lending.place_ready")
    (mail,) = db.session.scalars(ready)
    assert mail.next_try_at >= NOON + timedelta(minutes=13), "when the scan can no longer be undone"
    act(waiting.take, item_id=saw.id, actor_id=house.anna.id, now=NOON + timedelta(minutes=5))
    deliver(NOON + timedelta(minutes=5))
    assert [one.params["items"] for one in told("place_ready")] == ["« Perceuse visseuse »"]


def test_what_is_free_is_kept_at_once_on_the_terms_of_a_reservation(house: House) -> None:
    place = house.join(house.anna)
    assert (place.status, place.ready_until) == ("ready", day(7))
    assert house.join(house.anna).id == place.id
    for number in range(5):
        factories.loan(factories.item(hub=house.hub, title=f"Objet {number}"), house.zoe)
    found = refused(waiting.join, item_id=factories.item(hub=house.hub).id, actor_id=house.zoe.id, now=NOON)
    assert isinstance(found, Blocked)
    assert [blocker.word for blocker in found.blockers] == ["too_many"]
    assert house.join(house.zoe).status == "waiting", "waiting takes nothing yet"


def test_ready_holds_count_among_the_loans(app: Flask) -> None:
    house = House(max_loans=1)
    house.join(house.anna)
    other = factories.item("Scie", hub=house.hub)
    wish = {"item_id": other.id, "first_day": day(1), "due": day(2), "now": NOON}
    found = refused(services.reserve, actor_id=house.anna.id, **wish)
    assert isinstance(found, Blocked)
    assert [blocker.word for blocker in found.blockers] == ["too_many"]
    assert house.out(house.anna).status == "checked_out", "without the one acted on"


def test_who_cannot_wait(house: House) -> None:
    stranger = factories.resident("Nouvelle")
    words = {"item_id": house.drill.id, "now": NOON}
    found = refused(waiting.join, actor_id=stranger.id, **words)
    assert isinstance(found, Blocked)
    assert [blocker.word for blocker in found.blockers] == ["not_member", "not_verified"]
    house.out()
    assert refused(waiting.join, actor_id=house.karim.id, **words).code == "lending.already_yours"
    assert isinstance(refused(waiting.pass_on, actor_id=house.anna.id, **words), NotFound)
    assert isinstance(refused(waiting.take, actor_id=house.anna.id, **words), NotFound)
    house.join(house.anna)
    assert refused(waiting.pass_on, actor_id=house.anna.id, **words).code == "lending.not_your_turn"
    assert refused(waiting.take, actor_id=house.anna.id, **words).code == "lending.not_your_turn"
    given = factories.item("Livre", hub=house.hub, lends=False, gives=True)
    assert (
        refused(waiting.join, item_id=given.id, actor_id=house.anna.id, now=NOON).code == "lending.not_lent"
    )


def test_a_volunteer_stands_in_line_for_somebody_and_both_names_are_kept(house: House) -> None:
    house.out()
    words = {"item_id": house.drill.id, "for_id": house.anna.id, "now": NOON}
    assert isinstance(refused(waiting.join, actor_id=house.zoe.id, **words), Forbidden)
    act(waiting.join, actor_id=house.ines.id, **words)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "lending.line_joined")).one()
    assert (entry.actor_id, entry.on_behalf_of_id) == (house.ines.id, house.anna.id)
    act(waiting.leave, actor_id=house.ines.id, **words)
    act(waiting.leave, actor_id=house.ines.id, **words)
    assert house.stands(house.anna) == ("dropped", None)


def test_between_neighbours_the_owner_is_asked_when_it_is_her_turn(house: House) -> None:
    lea = factories.resident("Léa N.")
    ladder = factories.item("Échelle", owner=lea)
    loan = factories.loan(ladder, house.karim, status="checked_out")
    house.join(house.anna, item=ladder)
    act(services.hand_back, loan_id=loan.id, actor_id=lea.id, now=NOON)
    assert house.stands(house.anna)[0] == "ready"
    asked = act(waiting.take, item_id=ladder.id, actor_id=house.anna.id, now=NOON)
    assert asked.status == "requested"
    house.join(house.zoe, item=ladder)
    act(services.decline, loan_id=asked.id, actor_id=lea.id, now=NOON)
    assert house.stands(house.zoe)[0] == "ready"


def test_a_hold_leaves_days_that_the_hub_closes(house: House) -> None:
    house.join(house.anna)
    act(
        hub_services.announce_closure,
        hub_id=house.hub.id,
        first_day=day(6),
        last_day=day(9),
        why="Congés",
        actor_id=house.paul.id,
        now=NOON,
    )
    deliver()
    assert house.stands(house.anna) == ("ready", day(10))
    (message,) = told("place_ready")
    assert message.params["until"] == {"day": day(10).isoformat()}


def test_who_is_first_hears_that_it_is_late(house: House) -> None:
    house.out(due=day(1))
    house.join(house.anna)
    house.join(house.zoe)
    lending_jobs.push_uncertain_claims(now=days_on(2))
    deliver(days_on(2))
    assert [one.resident_id for one in told("place_late")] == [house.anna.id]


def test_days_that_become_free_by_themselves_are_noticed(house: House) -> None:
    owns = factories.claim(house.drill, TODAY, day(2), "own")
    house.join(house.anna)
    assert house.stands(house.anna) == ("waiting", None)
    jobs.serve_lines(now=days_on(1))
    assert house.stands(house.anna) == ("waiting", None)
    jobs.serve_lines(now=days_on(2))
    assert house.stands(house.anna) == ("ready", day(9))
    assert db.session.get_one(ItemClaim, owns.id).live
