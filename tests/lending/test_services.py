"""What can be done with loans, on both databases: each act with all that it must refuse."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import codes, outbox
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Blocked, Forbidden, Invalid, NotFound, Problem
from app.hubs.models import Membership
from app.items.models import Induction, Item, ItemClaim
from app.lending import desk, queries, services
from app.lending.models import Loan, LoanEvent, RepairTicket
from app.lending.services import closing, passing
from app.messages import queries as message_queries
from app.notifications.models import Mail, Notification
from tests import factories
from tests.harness.clock import Clock
from tests.harness.statements import Statements

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)
"""A Wednesday; the hub is open every day, 9:00 to 19:00."""


def day(n: int) -> date:
    """So many days after today."""
    return TODAY + timedelta(days=n)


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=PARIS) + timedelta(days=days)


def act(service: Callable[..., Any], **words: Any) -> Any:
    """One use case in its own transaction."""
    with transaction():
        return service(**words)


def told(kind: str) -> list[int]:
    """Who was told this, in order."""
    query = select(Notification.resident_id).where(Notification.kind == kind).order_by(Notification.id)
    return list(db.session.scalars(query))


def deliver(now: datetime) -> None:
    """Let every handler hear what happened."""
    ids = outbox.due(now=now + timedelta(minutes=1), limit=1000)
    db.session.rollback()
    outbox.deliver(ids, now=now)


class House:
    """A hub with its people and a drill."""

    def __init__(self, **policy: Any) -> None:
        self.app = current_app
        self.hub = factories.hub(policy={"max_loans": 5, **policy})
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.karim = factories.verified_member(self.hub, "Karim D.")
        self.ines = factories.volunteer(self.hub, "Inès V.")
        self.paul = factories.coordinator(self.hub, "Paul C.")
        self.drill = factories.item(hub=self.hub)

    def reserve(
        self, first: int, last: int, who: Resident | None = None, item: Item | None = None, **words: Any
    ) -> Loan:
        return act(
            services.reserve,
            **{
                "item_id": (item or self.drill).id,
                "actor_id": (who or self.anna).id,
                "first_day": day(first),
                "due": day(last),
                "now": at(10),
                **words,
            },
        )

    def out(self, who: Resident | None = None, item: Item | None = None, **words: Any) -> services.CheckedOut:
        return act(
            services.check_out,
            **{
                "item_code": (item or self.drill).code,
                "member_code": (who or self.anna).code,
                "hub_id": self.hub.id,
                "actor_id": self.ines.id,
                "now": at(15),
                **words,
            },
        )

    def back(self, item: Item | None = None, **words: Any) -> services.CheckedIn:
        return act(
            services.check_in,
            **{
                "item_code": (item or self.drill).code,
                "hub_id": self.hub.id,
                "actor_id": self.ines.id,
                "now": at(16),
                **words,
            },
        )


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    return House()


def refused(code: str, service: Callable[..., Any], *words: Any, **more: Any) -> Problem:
    """The refusal with this code."""
    with pytest.raises(Problem) as caught:
        service(*words, **more)
    assert caught.value.code == f"lending.{code}", caught.value.params
    return caught.value


def faulty(field: str, what: str, service: Callable[..., Any], /, *words: Any, **more: Any) -> None:
    """Refused for this field."""
    with pytest.raises(Invalid) as caught:
        service(*words, **more)
    assert caught.value.errors[field][0] == what


def blocked(service: Callable[..., Any], *words: Any, **more: Any) -> list[str]:
    """The words of all that stands in the way."""
    with pytest.raises(Blocked) as caught:
        service(*words, **more)
    assert all(b.detail and b.way_out and b.as_json() for b in caught.value.blockers)
    return [blocker.word for blocker in caught.value.blockers]


def fresh(loan: Loan) -> Loan:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Loan, loan.id)


def live(item: Item) -> list[tuple[str, date, date]]:
    """The claims that hold an object's days."""
    db.session.rollback()
    query = (
        select(ItemClaim.kind, ItemClaim.first_day, ItemClaim.end_day)
        .where(ItemClaim.item_id == item.id, ItemClaim.live)
        .order_by(ItemClaim.first_day)
    )
    return [tuple(row) for row in db.session.execute(query)]


def audited(what: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == what)))


def lines(loan: Loan) -> list[str]:
    query = select(LoanEvent.kind).where(LoanEvent.loan_id == loan.id).order_by(LoanEvent.id)
    return list(db.session.scalars(query))


# -- reserving --------------------------------------------------------------------------------------------


def test_hub_s_object_is_reserved_at_once(house: House) -> None:
    loan = house.reserve(2, 6, message="Pour une étagère.")
    assert (loan.status, loan.first_day, loan.due, loan.hub_id) == ("reserved", day(2), day(6), house.hub.id)
    assert loan.reserved_at == at(10)
    assert live(house.drill) == [("loan", day(2), day(7))]
    assert [said.text for said in message_queries.said_about("loan", loan.id)] == ["Pour une étagère."]
    deliver(at(10))
    assert told("lending.reserved") == [house.anna.id]
    assert told("lending.message") == [house.paul.id]


def test_days_that_cannot_be_are_the_field_s_fault(house: House) -> None:
    faulty("from", "lending.in_the_past", house.reserve, -1, 2)
    faulty("to", "lending.reversed", house.reserve, 3, 2)
    faulty("from", "lending.too_far_ahead", house.reserve, 181, 182)
    faulty("to", "lending.too_long", house.reserve, 0, 29)
    factories.closure(house.hub, day(3), day(5))
    faulty("from", "lending.closed_day", house.reserve, 3, 8)
    faulty("to", "lending.closed_day", house.reserve, 1, 4)
    faulty("message", "core.too_long", house.reserve, 1, 2, message="a" * 2001)
    assert live(house.drill) == []


def test_object_s_own_limit(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub, max_days=3)
    faulty("to", "lending.too_long", house.reserve, 0, 4, item=saw)
    assert house.reserve(0, 3, item=saw).status == "reserved"


def test_taken_days_come_with_alternatives_and_objects_like_it(house: House) -> None:
    other = factories.item("Perceuse 2", hub=house.hub, category_id=house.drill.category_id)
    house.reserve(2, 6)
    conflict = refused("already_reserved", house.reserve, 4, 5, who=house.karim)
    assert conflict.params["similar"] == [{"id": str(other.id), "title": "Perceuse 2"}]
    alternatives = conflict.params["alternatives"]
    assert alternatives
    for choice in alternatives:
        with transaction():
            loan = services.reserve(
                item_id=house.drill.id,
                actor_id=house.karim.id,
                first_day=choice["from"],
                due=choice["to"],
                now=at(10),
            )
            assert loan.status == "reserved"
            services.cancel(loan_id=loan.id, actor_id=house.karim.id, now=at(10))


def test_next_one_may_begin_the_day_after(house: House) -> None:
    house.reserve(2, 6)
    refused("already_reserved", house.reserve, 6, 8, who=house.karim)
    assert house.reserve(7, 8, who=house.karim).status == "reserved"


def test_same_day_handover_and_buffer(app: Flask, clock: Clock) -> None:
    house = House(same_day_handover=True)
    house.reserve(2, 6)
    assert house.reserve(6, 8, who=house.karim).status == "reserved"
    tent = factories.item("Tente", hub=house.hub, buffer_days=2)
    house.reserve(2, 6, item=tent)
    refused("already_reserved", house.reserve, 7, 8, item=tent, who=house.karim)
    assert house.reserve(8, 9, item=tent, who=house.karim).status == "reserved"


@pytest.mark.parametrize("due", [-1, -6], ids=["since yesterday", "for days, and nothing swept since"])
def test_while_it_is_late_reservations_leave_it_time(house: House, due: int) -> None:
    late = factories.loan(house.drill, house.karim, status="checked_out", first_day=day(-10), due=day(due))
    conflict = refused("not_back_yet", house.reserve, 6, 8)
    assert conflict.params["first"] == day(7)
    assert all(choice["from"] >= day(7) for choice in conflict.params["alternatives"])
    assert house.reserve(7, 8).status == "reserved"
    assert fresh(late).status == "checked_out"


def test_what_is_not_lent(house: House) -> None:
    gift = factories.item("Livres", hub=house.hub, lends=False, gives=True)
    refused("not_lent", house.reserve, 1, 2, item=gift)
    own = factories.item("Échelle", owner=house.anna)
    refused("own_item", house.reserve, 1, 2, item=own)
    draft = factories.item("Vélo", hub=house.hub, status="draft")
    with pytest.raises(NotFound):
        house.reserve(1, 2, item=draft)
    for status in ("retired", "lost"):
        gone = factories.item("Vélo", hub=house.hub, status=status)
        assert blocked(house.reserve, 1, 2, item=gone) == ["item_inactive"]
    with pytest.raises(NotFound):
        act(
            services.reserve, item_id=999999, actor_id=house.anna.id, first_day=day(1), due=day(2), now=at(10)
        )


def test_blockers_come_all_at_once(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub, induction="Scie circulaire", deposit_cents=5000)
    stranger = factories.resident("Léo P.", confirmed=False)
    assert blocked(house.reserve, 1, 2, who=stranger, item=saw) == [
        "email_unconfirmed", "not_member", "not_verified", "induction_missing",
    ]  # fmt: skip
    factories.membership(house.hub, stranger, status="suspended")
    assert blocked(house.reserve, 1, 2, who=stranger) == ["suspended", "email_unconfirmed"]


def test_verified_in_person_needs_no_address(house: House) -> None:
    elder = factories.resident("Rose M.", confirmed=False, email=None, verified_in_person_at=at(9))
    factories.membership(house.hub, elder)
    assert house.reserve(1, 2, who=elder).status == "reserved"


def test_all_that_is_asked_reserved_and_out_counts(app: Flask, clock: Clock) -> None:
    house = House(max_loans=3)
    owner = factories.resident()
    house.reserve(1, 2)
    house.reserve(1, 2, item=factories.item(owner=owner))
    factories.loan(factories.item(hub=house.hub), house.anna, status="checked_out")
    factories.loan(factories.item(hub=house.hub), house.anna, status="returned")
    assert blocked(house.reserve, 1, 2, item=factories.item(hub=house.hub)) == ["too_many"]
    assert house.reserve(5, 6, item=factories.item(owner=owner)).status == "requested"  # five at home


def test_late_elsewhere_and_suspended_somewhere(house: House) -> None:
    elsewhere = factories.hub()
    factories.loan(
        factories.item(hub=elsewhere), house.anna, status="checked_out", first_day=day(-9), due=day(-1)
    )
    assert blocked(house.reserve, 1, 2) == ["overdue_elsewhere"]
    factories.membership(elsewhere, house.karim, status="suspended")
    assert house.reserve(1, 2, who=house.karim).status == "reserved"
    ladder = factories.item("Échelle", owner=factories.resident())
    assert blocked(house.reserve, 1, 2, who=house.karim, item=ladder) == ["suspended"]


def test_unpublished_hub_lends_nothing(house: House) -> None:
    factories.changed(house.hub, status="closed")
    assert "item_inactive" in blocked(house.reserve, 1, 2)


# -- asking a neighbour -----------------------------------------------------------------------------------


@pytest.fixture
def ladder(house: House) -> Item:
    return factories.item("Échelle", owner=factories.resident("Léa N."))


def owner_of(item: Item) -> int:
    assert item.owner_resident_id is not None
    return item.owner_resident_id


def test_neighbour_is_asked_and_says_yes(house: House, ladder: Item) -> None:
    loan = house.reserve(5, 6, item=ladder)
    assert (loan.status, loan.answer_by) == ("requested", at(10, days=2))
    deliver(at(10))
    assert told("lending.requested") == [owner_of(ladder)]
    with pytest.raises(NotFound):
        act(services.approve, loan_id=loan.id, actor_id=house.karim.id, now=at(11))
    with pytest.raises(Forbidden):
        act(services.approve, loan_id=loan.id, actor_id=house.anna.id, now=at(11))
    said_yes = act(services.approve, loan_id=loan.id, actor_id=owner_of(ladder), now=at(11))
    assert said_yes.status == "reserved"
    assert act(services.approve, loan_id=loan.id, actor_id=owner_of(ladder), now=at(12)).status == "reserved"
    refused("already_answered", act, services.decline, loan_id=loan.id, actor_id=owner_of(ladder), now=at(12))
    deliver(at(12))
    assert told("lending.approved") == [house.anna.id]
    assert told("lending.requested") == []  # answered: nobody need read it any more
    assert lines(loan) == ["requested", "approved"]


def test_neighbour_says_no_and_the_days_are_free(house: House, ladder: Item) -> None:
    loan = house.reserve(5, 6, item=ladder)
    no = act(services.decline, loan_id=loan.id, actor_id=owner_of(ladder), why="Je pars.", now=at(11))
    assert no.status == "declined"
    assert live(ladder) == []
    deliver(at(11))
    assert told("lending.declined") == [house.anna.id]
    assert act(services.decline, loan_id=loan.id, actor_id=owner_of(ladder), now=at(12)).status == "declined"


def test_answer_comes_too_late(house: House, ladder: Item) -> None:
    loan = house.reserve(5, 6, item=ladder)
    late = at(10, days=2)
    refused("too_late_to_answer", act, services.approve, loan_id=loan.id, actor_id=owner_of(ladder), now=late)


def test_neighbour_s_object_at_a_hub(house: House) -> None:
    owner = factories.resident("Léa N.")
    left = factories.item("Tente", hub=house.hub, owner=owner)
    assert house.reserve(1, 2, item=left).status == "reserved"
    asks = factories.item("Tente", hub=house.hub, owner=owner, asks_each_time=True)
    refused("owner_must_agree", house.out, item=asks)
    loan = house.reserve(0, 2, item=asks)
    assert loan.status == "requested"
    refused("claimed", house.out, item=asks)
    act(services.approve, loan_id=loan.id, actor_id=owner.id, now=at(11))
    assert house.out(item=asks).loan.id == loan.id


# -- calling it off ---------------------------------------------------------------------------------------


def test_cancelled_by_those_it_concerns(house: House, ladder: Item) -> None:
    loan = house.reserve(1, 2)
    with pytest.raises(NotFound):
        act(services.cancel, loan_id=loan.id, actor_id=house.karim.id, now=at(11))
    assert act(services.cancel, loan_id=loan.id, actor_id=house.anna.id, now=at(11)).status == "cancelled"
    assert act(services.cancel, loan_id=loan.id, actor_id=house.anna.id, now=at(11)).status == "cancelled"
    assert live(house.drill) == []
    assert lines(loan) == ["reserved", "cancelled"]
    for_her = house.reserve(1, 2)
    act(services.cancel, loan_id=for_her.id, actor_id=house.ines.id, why="Cassée.", now=at(11))
    entry = audited("lending.cancelled")[0]
    assert (entry.actor_id, entry.on_behalf_of_id) == (house.ines.id, house.anna.id)
    deliver(at(11))
    assert told("lending.cancelled") == [house.anna.id]
    asked = house.reserve(1, 2, item=ladder)
    act(services.cancel, loan_id=asked.id, actor_id=house.anna.id, now=at(11))
    deliver(at(11))
    assert told("lending.cancelled") == [house.anna.id, owner_of(ladder)]


def test_what_left_is_not_cancelled(house: House) -> None:
    loan = house.out().loan
    refused("already_left", act, services.cancel, loan_id=loan.id, actor_id=house.anna.id, now=at(16))
    house.back()
    refused("already_ended", act, services.cancel, loan_id=loan.id, actor_id=house.anna.id, now=at(16))


# -- handing out ------------------------------------------------------------------------------------------


def test_her_reservation_leaves_with_her(house: House) -> None:
    loan = house.reserve(0, 6)
    done = house.out()
    assert (done.loan.id, done.repeated) == (loan.id, False)
    assert (done.loan.status, done.loan.first_day, done.loan.due) == ("checked_out", day(0), day(6))
    assert (done.loan.checked_out_at, done.loan.due_set_at) == (at(15), at(15))
    again = house.out(now=at(18))
    assert (again.loan.id, again.repeated) == (loan.id, True)
    refused("already_out", house.out, who=house.karim)
    deliver(at(15))
    assert told("lending.checked_out") == [house.anna.id]


def test_collected_late_it_starts_that_day(house: House) -> None:
    house.reserve(0, 6)
    done = house.out(now=at(15, days=1))
    assert (done.loan.first_day, done.loan.due) == (day(1), day(6))
    assert live(house.drill) == [("loan", day(1), day(7))]


def test_later_reservation_is_brought_forward(house: House) -> None:
    loan = house.reserve(3, 6)
    done = house.out()
    assert (done.loan.id, done.loan.first_day, done.loan.due) == (loan.id, day(0), day(6))
    assert live(house.drill) == [("loan", day(0), day(7))]


def test_later_reservation_stays_where_somebody_stands_before(house: House) -> None:
    house.reserve(2, 3, who=house.karim)
    later = house.reserve(5, 6)
    done = house.out()
    assert done.loan.id != later.id
    assert (done.loan.walk_in, done.loan.due) == (True, day(1))
    assert fresh(later).status == "reserved"


def test_earliest_reservation_that_covers_today(house: House) -> None:
    now = house.reserve(0, 2)
    house.reserve(4, 6)
    assert house.out().loan.id == now.id


def test_walk_in_has_the_usual_days(house: House) -> None:
    done = house.out()
    assert (done.loan.walk_in, done.loan.first_day, done.loan.due) == (True, day(0), day(14))
    assert lines(done.loan) == ["checked_out"]


def test_walk_in_ends_before_the_next_claim(house: House) -> None:
    house.reserve(4, 6, who=house.karim)
    assert house.out().loan.due == day(3)


def test_walk_in_moves_off_a_closed_day(house: House) -> None:
    factories.closure(house.hub, day(14), day(16))
    assert house.out().loan.due == day(17)


def test_walk_in_until_a_day_that_was_asked_for(house: House) -> None:
    assert house.out(due=day(3)).loan.due == day(3)
    house.back()
    faulty("due", "lending.due_too_early", house.out, due=day(-1))
    faulty("due", "lending.too_long", house.out, due=day(40))
    factories.closure(house.hub, day(3))
    assert house.out(due=day(3), now=at(17)).loan.due == day(4)


def test_no_day_left_before_the_next_one(house: House) -> None:
    tent = factories.item("Tente", hub=house.hub, buffer_days=3)
    house.reserve(2, 3, who=house.karim, item=tent)
    conflict = refused("claimed_soon", house.out, item=tent)
    assert conflict.params["holder"] == "Karim D."


def test_claimed_for_somebody_else_is_said_loudly(house: House) -> None:
    house.reserve(0, 3, who=house.karim)
    conflict = refused("claimed", house.out)
    assert (conflict.params["holder"], conflict.params["until"]) == ("Karim D.", day(3))
    assert conflict.params["alternatives"]
    own = factories.item("Tente", hub=house.hub)
    factories.claim(own, day(-1), day(2), "own")
    assert refused("kept_free", house.out, item=own).params["until"] == day(1)


def test_counter_opens_on_a_closed_day(house: House) -> None:
    factories.closure(house.hub, day(0))
    assert house.out().loan.first_day == day(0)


def test_codes_half_read_or_of_the_wrong_kind(house: House) -> None:
    for wrong in ("", "I-0000000", "n’importe quoi", house.drill.code[:-1], str(codes.new(codes.ITEM))):
        refused("unknown_code", house.out, item_code=wrong)
        refused("unknown_code", house.back, item_code=wrong)
    refused("unknown_code", house.out, member_code=str(codes.new(codes.MEMBER)))
    faulty("member_code", "lending.not_a_member_code", house.out, member_code=house.drill.code)
    faulty("item_code", "lending.not_an_item_code", house.out, item_code=house.anna.code)
    assert house.out(item_code=f"https://example.org/c/{house.drill.code.lower()}").loan.walk_in


def test_only_volunteers_of_this_hub_scan(house: House) -> None:
    for who in (house.anna, factories.volunteer(factories.hub()), factories.steward()):
        for scan in (house.out, house.back):
            with pytest.raises(Forbidden):
                scan(actor_id=who.id)


def test_objects_of_other_places(house: House, ladder: Item) -> None:
    elsewhere = factories.item(hub=factories.hub("La Grange"))
    assert refused("other_hub", house.out, item=elsewhere).params["hub"] == "La Grange"
    refused("other_hub", house.back, item=elsewhere)
    refused("kept_at_home", house.out, item=ladder)


def test_parts_and_notices_are_ticked_first(house: House) -> None:
    kit = factories.item(
        "Perceuse", hub=house.hub, parts=(("Batterie", 2), ("Chargeur", 1)), notices=["Lunettes !"]
    )
    conflict = refused("to_tick", house.out, item=kit, parts=["Batterie"])
    assert conflict.params["to_tick"] == {
        "parts": [{"name": "Chargeur", "count": 1}],
        "notices": ["Lunettes !"],
    }
    assert live(kit) == []
    refused("to_tick", house.out, item=kit, parts=["Batterie", "Chargeur"])
    done = house.out(item=kit, parts=["Batterie", "Chargeur"], acknowledged=True)
    assert done.loan.status == "checked_out"


def test_deposit_is_ticked_or_passed_over(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub, deposit_cents=5000, parts=(("Lame", 1),))
    with pytest.raises(Blocked) as caught:
        house.out(item=saw)
    assert [(b.word, b.overridable) for b in caught.value.blockers] == [("deposit_due", True)]
    assert caught.value.params["to_tick"]["parts"] == [{"name": "Lame", "count": 1}]
    assert blocked(house.out, item=saw, deposit_received_cents=3000, parts=["Lame"]) == ["deposit_due"]
    faulty("deposit_received_cents", "lending.negative", house.out, item=saw, deposit_received_cents=-1)
    done = house.out(item=saw, deposit_received_cents=5000, parts=["Lame"])
    assert done.loan.deposit_received_cents == 5000
    entry = audited("lending.deposit_received")[0]
    assert (entry.actor_id, entry.on_behalf_of_id, entry.details["cents"]) == (
        house.ines.id, house.anna.id, 5000,
    )  # fmt: skip
    faulty(
        "deposit_returned_cents",
        "lending.deposit_too_high",
        house.back,
        item=saw,
        deposit_returned_cents=6000,
    )
    back = house.back(item=saw, deposit_returned_cents=5000)
    assert back.loan.deposit_returned_cents == 5000
    assert audited("lending.deposit_returned")[0].details == {"cents": 5000, "currency": "EUR"}


def test_overrides_have_a_reason_and_a_role(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub, induction="Scie circulaire")
    factories.loan(
        factories.item(hub=house.hub), house.anna, status="checked_out", first_day=day(-9), due=day(-1)
    )
    both = ("overdue_elsewhere", "lending.induction_missing")
    faulty("reason", "lending.reason_needed", house.out, item=saw, override=services.Override(both, " "))
    assert blocked(
        house.out, item=saw, override=services.Override(both, "Elle rapporte l’autre demain.")
    ) == ["induction_missing"]
    done = house.out(
        item=saw,
        actor_id=house.paul.id,
        override=services.Override((*both, "suspended"), "Elle rapporte l’autre demain."),
    )
    entry = audited("lending.override")[0]
    assert entry.subject_id == done.loan.id
    assert entry.details == {
        "codes": ["induction_missing", "overdue_elsewhere"],
        "reason": "Elle rapporte l’autre demain.",
    }


def test_suspension_is_never_passed_over(house: House) -> None:
    out = factories.resident("Léo P.")
    factories.membership(house.hub, out, status="suspended")
    override = services.Override(("suspended",), "Allez, une fois.")
    assert blocked(house.out, who=out, actor_id=house.paul.id, override=override) == ["suspended"]


def test_reservation_is_not_counted_twice(app: Flask, clock: Clock) -> None:
    house = House(max_loans=1)
    house.reserve(0, 2)
    assert house.out().loan.status == "checked_out"


def test_volunteer_lends_to_herself_and_it_is_written(house: House) -> None:
    house.out(who=house.ines)
    assert audited("lending.lent_to_oneself")[0].actor_id == house.ines.id


def test_granted_induction_opens(house: House) -> None:
    saw = factories.item("Scie", hub=house.hub, induction="Scie circulaire")
    factories.stored(Induction(resident_id=house.anna.id, name="Scie circulaire", granted_at=at(9)))
    assert house.out(item=saw).loan.status == "checked_out"


def test_scans_kept_while_offline(house: House) -> None:
    now = at(15, days=3)
    done = house.out(at=at(15), now=now)
    assert (done.loan.first_day, done.loan.due, done.loan.checked_out_at) == (day(0), day(14), at(15))
    back = house.back(at=at(15, days=1), now=now)
    assert back.loan.checked_in_at == at(15, days=1)
    refused("overtaken", house.out, who=house.karim, at=at(16), now=now)
    for scan in (house.out, house.back):
        refused("from_the_future", scan, at=now + timedelta(minutes=3), now=now)
        refused("too_old", scan, at=now - timedelta(days=7, minutes=1), now=now)
        faulty("at", "lending.moment_without_zone", scan, at=datetime(2026, 11, 25), now=now)  # noqa: DTZ001


# -- taking back ------------------------------------------------------------------------------------------


def test_one_scan_takes_it_back(house: House) -> None:
    factories.changed(house.drill, shelf="B2")
    house.out()
    back = house.back(note="Un peu poussiéreuse")
    assert (back.loan.status, back.loan.condition_in, back.repeated) == ("returned", "good", False)
    assert (back.next.kind, back.next.shelf) == ("shelf", "B2")
    assert live(house.drill) == []
    again = house.back(now=at(16, 9))
    assert (again.loan.id, again.repeated) == (back.loan.id, True)
    refused("not_out", house.back, now=at(16, 11))
    assert house.out(now=at(16, 20)).loan.id != back.loan.id
    assert lines(back.loan) == ["checked_out", "returned"]


def test_ten_minutes_count_between_the_scans_themselves(house: House) -> None:
    house.out(at=at(9), now=at(12))
    house.back(at=at(9, 30), now=at(12))
    assert house.back(at=at(9, 35), now=at(12, 30)).repeated
    refused("not_out", house.back, at=at(9, 45), now=at(12, 30))


def test_stale_scan_does_not_end_the_next_loan(house: House) -> None:
    house.out()
    house.back()
    other = house.out(who=house.karim, now=at(17)).loan
    assert house.back(at=at(16, 5), now=at(17, 1)).repeated
    refused("not_out", house.back, at=at(15, 30), now=at(17, 1))
    assert fresh(other).status == "checked_out"


def test_return_seen_by_two_devices_does_not_end_the_loan_that_began_between(house: House) -> None:
    house.out()
    house.back(at=at(16), now=at(16))
    other = house.out(who=house.karim, at=at(16, 3), now=at(16, 3)).loan
    assert house.back(at=at(16, 1), now=at(17)).repeated  # the other device had no network
    assert fresh(other).status == "checked_out"


def test_return_is_never_dated_before_the_loan(house: House) -> None:
    house.out(now=at(15))
    back = house.back(at=at(14, 55), now=at(15, 1))
    assert back.loan.checked_in_at == at(15)


def test_return_is_taken_from_anybody(house: House) -> None:
    loan = house.out().loan
    member = db.session.scalars(select(Membership).where(Membership.resident_id == house.anna.id)).one()
    factories.changed(member, status="suspended")
    factories.changed(house.drill, status="retired")
    assert house.back(now=at(16, days=60)).loan.id == loan.id


def test_early_return_frees_the_days_and_the_buffer_counts_from_it(house: House) -> None:
    tent = factories.item("Tente", hub=house.hub, buffer_days=2)
    house.out(item=tent)
    house.back(item=tent, now=at(16, days=3))
    assert live(tent) == [("loan", day(0), day(5))]
    refused("kept_free", house.out, item=tent, now=at(17, days=3))
    assert house.out(item=tent, now=at(16, days=5)).loan.status == "checked_out"


def test_buffer_is_cut_at_the_next_claim(house: House) -> None:
    tent = factories.item("Tente", hub=house.hub, buffer_days=5)
    loan = factories.loan(tent, house.anna, status="checked_out", first_day=day(-3), due=day(-2))
    factories.changed(loan.claim, end_day=day(1), uncertain=True)
    factories.loan(tent, house.karim, status="reserved", first_day=day(2), due=day(3))
    house.back(item=tent)
    assert live(tent)[0] == ("loan", day(-3), day(2))


def test_late_return_is_told_with_its_days(house: House) -> None:
    factories.loan(house.drill, house.anna, status="checked_out", first_day=day(-9), due=day(-3))
    house.back()
    deliver(at(16))
    told_her = db.session.scalars(select(Notification).where(Notification.kind == "lending.returned")).one()
    assert told_her.params["days_late"] == 3


def test_it_is_put_aside_for_who_comes_next(house: House) -> None:
    factories.loan(house.drill, house.anna, status="checked_out", first_day=day(-9), due=day(-3))
    waiting = factories.loan(house.drill, house.karim, status="reserved", first_day=day(0), due=day(3))
    back = house.back()
    assert (back.next.kind, back.next.user_id, back.next.until) == ("waiting", house.karim.id, day(1))
    deliver(at(16))
    assert told("lending.ready") == [house.karim.id]
    assert house.out(who=house.karim, now=at(17)).loan.id == waiting.id


def test_damaged_opens_a_repair(house: House) -> None:
    owner = factories.resident("Léa N.")
    tent = factories.item("Tente", hub=house.hub, owner=owner, deposit_cents=2000, buffer_days=3)
    house.out(item=tent, deposit_received_cents=2000)
    faulty(
        "deposit_returned_cents", "lending.deposit_waits", house.back,
        item=tent, condition="damaged", deposit_returned_cents=2000,
    )  # fmt: skip
    back = house.back(item=tent, condition="damaged", note="Un arceau est tordu")
    assert back.next.kind == "repair"
    assert live(tent) == [("repair", day(0), day(1))]
    ticket = queries.open_ticket(tent.id)
    assert ticket is not None
    assert (ticket.condition, ticket.note, ticket.loan_id) == ("damaged", "Un arceau est tordu", back.loan.id)
    assert db.session.get_one(Item, tent.id).condition == "damaged"
    deliver(at(16))
    assert sorted(told("lending.repair_opened")) == sorted([owner.id, house.paul.id])
    refused("in_repair", house.out, item=tent, now=at(17))
    with pytest.raises(Forbidden):
        act(services.close_repair, ticket_id=ticket.id, actor_id=house.anna.id, now=at(17))
    act(services.close_repair, ticket_id=ticket.id, actor_id=house.ines.id, now=at(17))
    assert act(
        services.close_repair, ticket_id=ticket.id, actor_id=house.ines.id, now=at(18)
    ).closed_at == at(17)
    assert live(tent) == []
    assert db.session.get_one(Item, tent.id).condition == "good"
    with pytest.raises(Forbidden):
        act(services.return_deposit, loan_id=back.loan.id, actor_id=house.ines.id, cents=500, now=at(17))
    act(services.return_deposit, loan_id=back.loan.id, actor_id=house.paul.id, cents=500, now=at(17))
    assert fresh(back.loan).deposit_returned_cents == 500
    assert {entry.act for entry in db.session.scalars(select(AuditEntry))} >= {
        "lending.repair_opened", "lending.repair_closed", "lending.deposit_returned",
    }  # fmt: skip
    assert house.out(item=tent, now=at(18), deposit_received_cents=2000).loan.status == "checked_out"


def test_missing_parts_make_it_incomplete(house: House) -> None:
    kit = factories.item("Perceuse", hub=house.hub, parts=(("Batterie", 2), ("Chargeur", 1)))
    house.out(item=kit, parts=["Batterie", "Chargeur"])
    back = house.back(item=kit, parts=["Batterie"])
    assert back.loan.condition_in == "incomplete"
    ticket = queries.open_ticket(kit.id)
    assert ticket is not None
    assert ticket.missing == ["Chargeur"]


def test_wrong_condition_is_the_field_s_fault(house: House) -> None:
    house.out()
    for wrong in ("new", "broken", ""):
        faulty("condition", "core.not_a_choice", house.back, condition=wrong)


def test_repair_leaves_a_reservation_its_days(house: House) -> None:
    factories.loan(house.drill, house.anna, status="checked_out", first_day=day(-9), due=day(-3))
    factories.loan(house.drill, house.karim, status="reserved", first_day=day(0), due=day(3))
    assert house.back(condition="damaged").next.kind == "repair"
    assert live(house.drill) == [("loan", day(0), day(4))]
    refused("in_repair", house.out, who=house.karim)


# -- taking a scan back -----------------------------------------------------------------------------------


def undo(house: House, loan: Loan, now: datetime, who: Resident | None = None) -> Loan:
    return act(services.undo, loan_id=loan.id, hub_id=house.hub.id, actor_id=(who or house.ines).id, now=now)


def test_undone_check_out_is_reserved_again(house: House) -> None:
    loan = house.reserve(2, 6)
    before = live(house.drill)
    house.out(due=day(3))
    undone = undo(house, loan, at(15, 9))
    assert (undone.status, undone.first_day, undone.due) == ("reserved", day(2), day(6))
    assert (undone.checked_out_at, undone.due_set_at) == (None, None)
    assert live(house.drill) == before
    assert undo(house, loan, at(15, 10)).status == "reserved"  # tapped twice
    assert lines(loan) == ["reserved", "checked_out", "check_out_undone"]
    refused("nothing_to_undo", undo, house, loan, at(15, 30))


def test_undone_walk_in_is_cancelled(house: House) -> None:
    loan = house.out().loan
    assert undo(house, loan, at(15, 5)).status == "cancelled"
    assert live(house.drill) == []


def test_undone_check_in_is_out_again(house: House) -> None:
    tent = factories.item("Tente", hub=house.hub, buffer_days=2, deposit_cents=2000)
    loan = house.out(item=tent, deposit_received_cents=2000).loan
    before = live(tent)
    house.back(item=tent, deposit_returned_cents=2000)
    undone = undo(house, loan, at(16, 5))
    assert (undone.status, undone.checked_in_at, undone.deposit_returned_cents) == ("checked_out", None, None)
    assert live(tent) == before


def test_undone_damage_takes_the_repair_back(house: House) -> None:
    loan = house.out().loan
    before = live(house.drill)
    house.back(condition="damaged")
    undo(house, loan, at(16, 5))
    assert live(house.drill) == before
    assert queries.open_ticket(house.drill.id) is None
    assert db.session.get_one(Item, house.drill.id).condition == "good"
    deliver(at(16, 6))
    assert told("lending.repair_opened") == []
    assert house.back(now=at(16, 7)).next.kind == "shelf"


def test_undo_comes_too_late_or_from_the_wrong_place(house: House) -> None:
    loan = house.out().loan
    refused("too_late_to_undo", undo, house, loan, at(15, 10))
    with pytest.raises(Forbidden):
        undo(house, loan, at(15, 5), who=house.anna)
    other = factories.hub()
    there = factories.volunteer(other)
    with pytest.raises(NotFound):
        act(services.undo, loan_id=loan.id, hub_id=other.id, actor_id=there.id, now=at(15, 5))


def test_undo_stops_where_something_was_built(house: House) -> None:
    loan = house.out().loan
    house.back()
    house.out(who=house.karim, now=at(16, 2))
    refused("built_upon", undo, house, loan, at(16, 5))
    tent = factories.item("Tente", hub=house.hub)
    early = house.out(item=tent).loan
    house.back(item=tent)
    house.reserve(3, 4, item=tent, who=house.karim, now=at(16, 1))
    refused("built_upon", undo, house, early, at(16, 5))


def test_renewal_is_built_on_a_check_out(house: House) -> None:
    loan = house.out().loan
    act(services.renew, loan_id=loan.id, actor_id=house.anna.id, now=at(15, 2))
    refused("nothing_to_undo", undo, house, loan, at(15, 5))


@pytest.mark.parametrize("between", [True, False], ids=["told, then undone", "undone before it is told"])
def test_what_was_undone_is_told_to_nobody(house: House, between: bool) -> None:
    loan = house.reserve(0, 6)
    waiting = factories.loan(house.drill, house.karim, status="reserved", first_day=day(7), due=day(8))
    house.out()
    if between:
        deliver(at(15))
        assert told("lending.checked_out") == [house.anna.id]
    undo(house, loan, at(15, 1))
    deliver(at(15, 1))
    assert told("lending.checked_out") == []
    house.out(now=at(15, 2))
    deliver(at(15, 2))
    assert told("lending.checked_out") == [house.anna.id]
    house.back(condition="damaged")
    if between:
        deliver(at(16))
    undo(house, loan, at(16, 1))
    deliver(at(16, 1))
    assert told("lending.returned") == told("lending.repair_opened") == []
    pending = select(Mail.kind).where(Mail.status == "pending").order_by(Mail.id)
    assert db.session.scalars(pending).all() == ["lending.reserved", "lending.checked_out"]
    house.back(now=at(16, 2))
    deliver(at(16, 2))
    assert told("lending.returned") == [house.anna.id]
    assert fresh(waiting).status == "reserved"


def test_events_heard_in_the_wrong_order(house: House) -> None:
    """The undo is heard first, the check-out long after: still nobody is told."""
    loan = house.out().loan
    undo(house, loan, at(15, 1))
    ids = outbox.due(now=at(16), limit=10)
    db.session.rollback()
    outbox.deliver(list(reversed(ids)), now=at(15, 2))
    assert told("lending.checked_out") == []


# -- keeping it longer ------------------------------------------------------------------------------------


def renew(house: House, loan: Loan, n: int | None = None, *, now: datetime, who: int | None = None) -> Loan:
    return act(
        services.renew,
        loan_id=loan.id,
        actor_id=who or house.anna.id,
        due=None if n is None else day(n),
        now=now,
    )


def test_full_period_twice_at_most(house: House) -> None:
    loan = house.out(due=day(3)).loan
    assert renew(house, loan, now=at(17)).due == day(17)
    assert renew(house, loan, now=at(17, days=1)).due == day(31)
    assert refused("no_renewals_left", renew, house, loan, now=at(17, days=2)).params["max"] == 2
    assert live(house.drill) == [("loan", day(0), day(32))]
    deliver(at(17, days=1))
    assert told("lending.renewed") == [house.anna.id]  # only the one that still holds
    assert fresh(loan).due_set_at == at(17, days=1)


def test_until_a_day_or_the_latest_possible(house: House) -> None:
    loan = house.out(due=day(3)).loan
    house.reserve(10, 11, who=house.karim, now=at(16))
    assert refused("renewable_until", renew, house, loan, now=at(17)).params["latest"] == day(9)
    assert refused("renewable_until", renew, house, loan, 12, now=at(17)).params["latest"] == day(9)
    assert refused("renewable_at_most", renew, house, loan, 30, now=at(17)).params["latest"] == day(9)
    faulty("to", "lending.due_too_early", renew, house, loan, 3, now=at(17))
    factories.closure(house.hub, day(5))
    faulty("to", "lending.closed_day", renew, house, loan, 5, now=at(17))
    assert renew(house, loan, 9, now=at(17)).due == day(9)
    assert refused("reserved_next", renew, house, loan, now=at(17)).params["latest"] is None


def test_late_but_not_too_late(house: House) -> None:
    loan = house.out(due=day(3)).loan
    refused("too_late_to_renew", renew, house, loan, now=at(17, days=7))
    with transaction():
        passing.push_overdue(now=at(0, 10, days=6), after_id=0, limit=10)
    assert renew(house, loan, now=at(17, days=6)).due == day(20)
    assert fresh(loan).claim.uncertain is False


def test_blockers_bind_renewals_too(house: House) -> None:
    loan = house.out(due=day(3)).loan
    factories.loan(
        factories.item(hub=house.hub), house.anna, status="checked_out", first_day=day(-9), due=day(-1)
    )
    assert blocked(renew, house, loan, now=at(17)) == ["overdue_elsewhere"]


def test_who_may_renew(house: House) -> None:
    loan = house.out(due=day(3)).loan
    with pytest.raises(NotFound):
        renew(house, loan, now=at(17), who=house.karim.id)
    renew(house, loan, now=at(17), who=house.ines.id)
    assert audited("lending.renewed")[0].on_behalf_of_id == house.anna.id
    house.back(now=at(18))
    refused("not_out", renew, house, loan, now=at(18))


# -- lost and found ---------------------------------------------------------------------------------------


def test_lost_and_found(house: House) -> None:
    loan = house.out().loan
    waiting = house.reserve(20, 21, who=house.karim, now=at(15))
    with pytest.raises(Forbidden):
        act(services.mark_lost, loan_id=loan.id, actor_id=house.ines.id, now=at(10, days=40))
    act(services.mark_lost, loan_id=loan.id, actor_id=house.paul.id, now=at(10, days=10))
    assert fresh(loan).status == "lost"
    assert fresh(waiting).status == "expired"
    assert db.session.get_one(Item, house.drill.id).status == "lost"
    assert audited("lending.lost")[0].actor_id == house.paul.id
    assert live(house.drill) == []
    deliver(at(10, days=10))
    assert (told("lending.lost"), told("lending.not_in_house")) == ([house.anna.id], [house.karim.id])
    found = house.back(now=at(10, days=11))
    assert (found.loan.id, found.loan.status) == (loan.id, "returned")
    assert db.session.get_one(Item, house.drill.id).status == "active"
    assert house.back(now=at(10, 5, days=11)).repeated


# -- between neighbours -----------------------------------------------------------------------------------


@pytest.fixture
def agreed(house: House, ladder: Item) -> Loan:
    loan = house.reserve(0, 6, item=ladder)
    return act(services.approve, loan_id=loan.id, actor_id=owner_of(ladder), now=at(11))


def test_the_one_who_receives_says_so(house: House, ladder: Item, agreed: Loan) -> None:
    loan = act(services.hand_over, loan_id=agreed.id, actor_id=house.anna.id, now=at(15))
    assert (loan.status, loan.checked_out_at) == ("checked_out", at(15))
    assert (
        act(services.hand_over, loan_id=agreed.id, actor_id=house.anna.id, now=at(16)).status == "checked_out"
    )
    loan = act(services.hand_back, loan_id=agreed.id, actor_id=owner_of(ladder), now=at(15, days=2))
    assert (loan.status, loan.checked_in_at) == ("returned", at(15, days=2))
    assert live(ladder) == []
    deliver(at(15, days=2))
    assert told("lending.returned") == [house.anna.id]


def test_one_scans_the_other_s_code(house: House, ladder: Item, agreed: Loan) -> None:
    owner = db.session.get_one(Resident, owner_of(ladder))
    words = {"loan_id": agreed.id, "actor_id": owner.id, "now": at(15)}
    faulty("code", "lending.not_her_code", act, services.hand_over, code=house.karim.code, **words)
    faulty("code", "lending.unknown_code", act, services.hand_over, code="M-1", **words)
    assert act(services.hand_over, code=house.anna.code, **words).status == "checked_out"
    back = {"loan_id": agreed.id, "actor_id": house.anna.id, "now": at(16)}
    assert act(services.hand_back, code=owner.code, **back).status == "returned"


def test_the_giver_alone_counts_after_a_day(house: House, ladder: Item, agreed: Loan) -> None:
    loan = act(services.hand_over, loan_id=agreed.id, actor_id=owner_of(ladder), now=at(15))
    assert (loan.status, loan.given_at) == ("reserved", at(15))
    deliver(at(15))
    assert told("lending.given") == [house.anna.id]
    refused("already_left", act, services.cancel, loan_id=agreed.id, actor_id=house.anna.id, now=at(16))
    with transaction():
        assert passing.count_one_sided(now=at(14, 59, days=1), limit=9) == 0
    with transaction():
        assert passing.count_one_sided(now=at(15, days=1), limit=9) == 1
    assert (fresh(agreed).status, fresh(agreed).checked_out_at) == ("checked_out", at(15))
    act(services.hand_back, loan_id=agreed.id, actor_id=house.anna.id, now=at(15, days=3))
    with transaction():
        passing.count_one_sided(now=at(16, days=4), limit=9)
    assert (fresh(agreed).status, fresh(agreed).checked_in_at) == ("returned", at(15, days=3))
    assert live(ladder) == []


def test_objection_stops_the_giver_s_word(house: House, ladder: Item, agreed: Loan) -> None:
    refused(
        "nothing_to_contest", act, services.contest, loan_id=agreed.id, actor_id=house.anna.id, now=at(15)
    )
    act(services.hand_over, loan_id=agreed.id, actor_id=owner_of(ladder), now=at(15))
    refused(
        "nothing_to_contest", act, services.contest, loan_id=agreed.id, actor_id=owner_of(ladder), now=at(15)
    )
    act(services.contest, loan_id=agreed.id, actor_id=house.anna.id, now=at(16))
    with transaction():
        passing.count_one_sided(now=at(20, days=1), limit=9)
    assert fresh(agreed).status == "reserved"
    deliver(at(16))
    assert told("lending.give_contested") == [owner_of(ladder)]
    assert told("lending.given") == []


def test_counter_and_neighbours_do_not_mix(house: House, ladder: Item) -> None:
    loan = house.reserve(0, 2)
    refused("at_the_counter", act, services.hand_over, loan_id=loan.id, actor_id=house.anna.id, now=at(15))
    asked = house.reserve(0, 2, item=ladder)
    refused("not_agreed", act, services.hand_over, loan_id=asked.id, actor_id=house.anna.id, now=at(15))
    with pytest.raises(NotFound):
        act(services.hand_over, loan_id=asked.id, actor_id=house.karim.id, now=at(15))


def test_handed_over_early_only_where_nobody_stands_before(house: House, ladder: Item) -> None:
    later = house.reserve(5, 6, item=ladder)
    act(services.approve, loan_id=later.id, actor_id=owner_of(ladder), now=at(11))
    sooner = house.reserve(2, 3, item=ladder, who=house.karim)
    refused("promised_before", act, services.hand_over, loan_id=later.id, actor_id=house.anna.id, now=at(15))
    act(services.cancel, loan_id=sooner.id, actor_id=house.karim.id, now=at(15))
    loan = act(services.hand_over, loan_id=later.id, actor_id=house.anna.id, now=at(15))
    assert (loan.first_day, live(ladder)) == (day(0), [("loan", day(0), day(7))])


def test_what_was_given_to_one_is_not_handed_to_another(house: House, ladder: Item) -> None:
    """The owner's word counts after a day: by then it would be in two hands."""
    given = house.reserve(5, 6, item=ladder)
    act(services.approve, loan_id=given.id, actor_id=owner_of(ladder), now=at(11))
    act(services.hand_over, loan_id=given.id, actor_id=owner_of(ladder), now=at(12))
    sooner = house.reserve(2, 3, item=ladder, who=house.karim)
    act(services.approve, loan_id=sooner.id, actor_id=owner_of(ladder), now=at(13))
    for who in (owner_of(ladder), house.karim.id):
        refused("given_to_another", act, services.hand_over, loan_id=sooner.id, actor_id=who, now=at(15))
    act(services.contest, loan_id=given.id, actor_id=house.anna.id, now=at(16))
    out = act(services.hand_over, loan_id=sooner.id, actor_id=house.karim.id, now=at(17))
    assert out.status == "checked_out"
    with transaction():
        assert passing.count_one_sided(now=at(18, days=1), limit=9) == 0


def test_blockers_bind_between_neighbours(house: House, agreed: Loan) -> None:
    factories.membership(factories.hub(), house.anna, status="suspended")
    assert blocked(act, services.hand_over, loan_id=agreed.id, actor_id=house.anna.id, now=at(15)) == [
        "suspended"
    ]


# -- talking ----------------------------------------------------------------------------------------------


def test_only_those_of_the_loan_talk(house: House, ladder: Item, agreed: Loan) -> None:
    act(
        services.post_message,
        loan_id=agreed.id,
        actor_id=house.anna.id,
        text=" Quelle adresse ?\0 ",
        now=at(12),
    )
    act(
        services.post_message,
        loan_id=agreed.id,
        actor_id=owner_of(ladder),
        text="12, rue du Four",
        now=at(12),
    )
    said = message_queries.said_about("loan", agreed.id)
    assert [(one.author, one.text) for one in said] == [
        ("Anna B.", "Quelle adresse ?"), ("Léa N.", "12, rue du Four"),
    ]  # fmt: skip
    for who in (house.karim, house.ines):
        with pytest.raises(NotFound):
            act(services.post_message, loan_id=agreed.id, actor_id=who.id, text="Bonjour", now=at(12))
    for text in ("", "   ", "a" * 2001):
        with pytest.raises(Invalid):
            act(services.post_message, loan_id=agreed.id, actor_id=house.anna.id, text=text, now=at(12))
    deliver(at(12))
    assert told("lending.message") == [owner_of(ladder), house.anna.id]


# -- days that close later --------------------------------------------------------------------------------


def close(house: House, first: int, last: int) -> None:
    factories.closure(house.hub, day(first), day(last))
    act(closing.leave_closed_days, hub_id=house.hub.id, now=at(20))


def test_due_days_leave_days_that_close(house: House) -> None:
    loan = house.out(due=day(5)).loan
    reserved = house.reserve(8, 12, who=house.karim, item=house.drill, now=at(15))
    close(house, 5, 6)
    assert (fresh(loan).due, fresh(loan).due_set_at) == (day(7), at(20))
    close(house, 7, 7)  # the next open day is somebody else's: the last one before
    assert fresh(loan).due == day(4)
    close(house, 12, 13)
    assert fresh(reserved).due == day(14)
    assert live(house.drill) == [("loan", day(0), day(5)), ("loan", day(8), day(15))]
    deliver(at(20))
    assert sorted(told("lending.due_moved")) == sorted([house.anna.id, house.karim.id])


def test_what_cannot_move_is_listed(house: House) -> None:
    loan = house.reserve(1, 1)
    other = house.reserve(2, 3, who=house.karim)
    close(house, 1, 1)
    assert fresh(loan).due == day(1)
    assert [one.id for one in desk.today_at(house.hub.id, now=at(20)).closed_due] == [loan.id]
    assert fresh(other).due == day(3)


# -- what can be seen -------------------------------------------------------------------------------------


def test_only_those_of_the_loan_see_it(house: House, ladder: Item, agreed: Loan) -> None:
    assert queries.loan_for(agreed.id, house.anna.id).item.title == "Échelle"
    assert queries.loan_for(agreed.id, owner_of(ladder)).id == agreed.id
    at_hub = house.reserve(1, 2)
    assert queries.loan_for(at_hub.id, house.ines.id).id == at_hub.id
    for loan, who in ((agreed, house.ines), (agreed, house.karim), (at_hub, house.karim)):
        with pytest.raises(NotFound):
            queries.loan_for(loan.id, who.id)


def test_lists_cost_the_same_whatever_their_length(
    house: House, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    counts = []
    me, ines, place = house.anna.id, house.ines.id, house.hub.id
    for _ in range(2):
        for _ in range(4):
            factories.loan(
                factories.item(hub=house.hub), house.anna, status="checked_out", due=day(0), first_day=day(-2)
            )
            factories.loan(factories.item(hub=house.hub), house.anna, status="reserved")
            factories.loan(factories.item(owner=house.ines), house.anna, status="requested")
            factories.loan(
                factories.item(hub=house.hub), house.anna, status="returned", due=day(0), first_day=day(-2)
            )
        db.session.expunge_all()
        with query_count() as seen:
            shown = [*queries.in_hand(me), *queries.coming(me), *queries.past(me).lines]
            assert {loan.item.title for loan in shown} == {"Perceuse visseuse"}
            assert all(loan.borrower.name for loan in shown)
            page = queries.loans_page(role="hub", viewer_id=ines, hub_id=place, limit=50)
            assert page.lines
            today = desk.today_at(place, now=at(12))
            assert all(loan.borrower.name and loan.item.title for loan in (*today.expected, *today.ready))
        counts.append(len(seen))
        house.hub, house.anna, house.ines = (
            db.session.merge(one) for one in (house.hub, house.anna, house.ines)
        )
    assert counts[0] == counts[1]


def test_pages_follow_each_other(house: House) -> None:
    loans = [factories.loan(factories.item(hub=house.hub), house.anna, status="returned") for _ in range(5)]
    with house.app.test_request_context():
        seen, cursor = [], None
        while True:
            page = queries.loans_page(role="borrower", viewer_id=house.anna.id, cursor=cursor, limit=2)
            seen += [loan.id for loan in page.lines]
            cursor = page.next
            if cursor is None:
                break
    assert seen == [loan.id for loan in reversed(loans)]
    with pytest.raises(Forbidden):
        queries.loans_page(role="hub", viewer_id=house.anna.id, hub_id=house.hub.id)


def test_today_at_the_counter(house: House) -> None:
    def lent(status: str, first: int, due: int) -> Loan:
        return factories.loan(
            factories.item(hub=house.hub), house.anna, status=status, first_day=day(first), due=day(due)
        )

    late, back_today = lent("checked_out", -9, -1), lent("checked_out", -9, 0)
    lent("checked_out", -2, 3)
    ready, later = lent("reserved", 0, 2), lent("reserved", 2, 3)
    broken = lent("reserved", 0, 3)
    factories.stored(
        RepairTicket(
            item_id=broken.item_id,
            hub_id=house.hub.id,
            condition="damaged",
            opened_at=at(9),
            opened_by_id=house.ines.id,
        )
    )
    put = house.out(who=house.karim).loan
    house.back()
    today = desk.today_at(house.hub.id, now=at(16, 1))
    assert [one.id for one in today.overdue] == [late.id]
    assert [one.id for one in today.expected] == [back_today.id]
    assert [one.id for one in today.ready] == [ready.id]
    assert [one.id for one in today.missing] == [broken.id]
    assert [one.item_id for one in today.repairs] == [broken.item_id]
    assert [one.id for one in today.to_put_away] == [put.id]
    assert later.id not in {one.id for one in (*today.ready, *today.missing)}
    just = desk.just_now(house.hub.id, now=at(16, 1))
    assert [(one.event.kind, one.undoable) for one in just] == [("returned", True), ("checked_out", False)]
