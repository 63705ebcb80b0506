"""Minutes that move: two entries that sum to zero, limits that hold, each key once, a mistake put right by its
contrary."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import Resident
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.skills.ledger.models import TimeEntry, TimeReservation, TimeTransfer
from app.skills.ledger.rules import Party
from tests import factories
from tests.skills.ledger.acts import (
    NOW,
    account,
    pay,
    release,
    reserve,
    reverse,
    settle,
    somebody,
    with_balance,
)


def test_what_was_promised_moves_and_the_rest_is_free(app: Flask) -> None:
    learner, giver = somebody(), somebody()
    reserve(learner, giver, 90)
    assert (account(learner).going_out, account(giver).coming_in, account(giver).balance) == (90, 90, 0)
    transfer = settle(60)
    entries = db.session.scalars(
        select(TimeEntry).where(TimeEntry.transfer_id == transfer.id).order_by(TimeEntry.side)
    ).all()
    assert [(entry.minutes, entry.number, entry.balance) for entry in entries] == [(-60, 1, -60), (60, 1, 60)]
    assert (account(learner).balance, account(learner).going_out) == (-60, 0)
    assert (account(giver).balance, account(giver).coming_in, account(giver).given) == (60, 0, 60)
    assert settle(60).id == settle(30).id == transfer.id, "once for its key"
    assert db.session.scalar(select(func.count()).select_from(TimeTransfer)) == 1


def test_a_promise_is_let_go_of_once(app: Flask) -> None:
    learner, giver = somebody(), somebody()
    reserve(learner, giver, 90)
    with pytest.raises(Conflict, match="reserved_already"):
        reserve(learner, giver, 30)
    release()
    release()
    release("session:99")
    assert (account(learner).going_out, account(giver).coming_in) == (0, 0)
    with pytest.raises(Conflict, match="not_reserved"):
        settle(60)
    reserve(learner, giver, 30)
    settle(30)
    with pytest.raises(Conflict, match="reserved_already"):
        reserve(learner, giver, 30)


def test_a_newcomer_goes_to_three_hours_below_zero_until_she_has_given_one(app: Flask) -> None:
    anna, giver = somebody(), somebody()
    reserve(anna, giver, 120)
    with pytest.raises(Conflict, match="limit_reached") as refused:
        reserve(anna, giver, 61, "session:2")
    assert refused.value.params == {"resident_id": anna.resident_id, "hub_id": None, "room_minutes": 60}
    reserve(anna, giver, 60, "session:2")
    pay(Party(hub_id=factories.hub().id), anna, 60, key="gift:1", kind="gift")
    reserve(anna, giver, 60, "session:3")
    with pytest.raises(Conflict, match="limit_reached"):  # a gift is no hour given
        reserve(anna, giver, 1, "session:4")
    pay(somebody(), anna, 60, key="session:5", kind="session")
    reserve(anna, giver, 480, "session:4")
    with pytest.raises(Conflict, match="limit_reached"):
        reserve(anna, giver, 1, "session:6")


def test_what_is_to_come_in_never_offsets_what_goes_out(app: Flask) -> None:
    anna, other = with_balance(-600), with_balance(600)
    reserve(other, anna, 300, "session:1")
    with pytest.raises(Conflict, match="limit_reached"):
        reserve(anna, other, 1, "session:2")
    full, learner = with_balance(2400), somebody()
    reserve(full, learner, 60, "session:3")
    with pytest.raises(Conflict, match="giver_full") as refused:
        reserve(learner, full, 1, "session:4")
    assert refused.value.params["room_minutes"] == 0


def test_the_promised_minutes_always_pass_and_more_must_fit(app: Flask) -> None:
    anna, giver = with_balance(-500), somebody()
    hub = factories.hub()
    reserve(anna, giver, 90)
    factories.membership(hub, db.session.get_one(Resident, anna.resident_id))
    factories.changed(hub, policy_changes={"time_lowest_hours": 5})
    with pytest.raises(Conflict, match="limit_reached"):
        settle(91)
    assert (account(anna).balance, account(anna).going_out) == (-500, 90), "refused whole"
    settle(90)
    assert account(anna).balance == -590
    factories.changed(hub, policy_changes={"time_lowest_hours": 20})
    reserve(anna, giver, 60, "session:2")
    settle(120, "session:2")
    assert account(anna).balance == -710


def test_a_hub_pays_in_advance_as_far_as_its_own_terms_say(app: Flask) -> None:
    hub = Party(hub_id=factories.hub(policy={"time_hub_lowest_hours": 2}).id)
    volunteer = somebody()
    pay(hub, volunteer, 120, key="shift:1", kind="shift")
    with pytest.raises(Conflict, match="limit_reached"):
        pay(hub, volunteer, 1, key="shift:2", kind="shift")
    pay(with_balance(2400), hub, 2400, key="gift:1")
    assert account(hub).balance == 2280


def test_what_no_longer_fits_is_not_paid_and_said(app: Flask) -> None:
    hub = Party(hub_id=factories.hub().id)
    facilitator = with_balance(2400 - 45)
    paid = pay(hub, facilitator, 120, key="workshop:1", kind="workshop", up_to_limit=True)
    assert (paid.transfer.minutes if paid.transfer else None, paid.unpaid) == (45, 75)
    again = pay(hub, facilitator, 120, key="workshop:1", kind="workshop", up_to_limit=True)
    assert (again.transfer.id if again.transfer else None, again.unpaid) == (
        paid.transfer and paid.transfer.id,
        75,
    )
    nothing = pay(hub, facilitator, 30, key="workshop:2", kind="workshop", up_to_limit=True)
    assert (nothing.transfer, nothing.unpaid) == (None, 30)


def test_a_mistake_is_put_right_by_its_contrary(app: Flask) -> None:
    hub = factories.hub()
    boss, stranger = factories.coordinator(hub), factories.coordinator(factories.hub())
    learner, giver = factories.verified_member(hub), factories.resident()
    paid = pay(Party(learner.id), Party(giver.id), 180, key="session:1", kind="session").transfer
    with pytest.raises(NotFound):
        reverse(paid, stranger)
    with pytest.raises(Forbidden, match="not_ones_own"):
        reverse(paid, learner)
    with pytest.raises(Invalid):
        reverse(paid, boss, note="")
    contrary = reverse(paid, boss)
    assert reverse(paid, boss).id == contrary.id
    assert contrary.reverses_id == (paid and paid.id)
    assert (account(Party(learner.id)).balance, account(Party(giver.id)).balance) == (0, 0)
    assert account(Party(giver.id)).given == 0, "a newcomer again"
    assert account(Party(giver.id)).entries == 2, "both are written"
    with pytest.raises(Conflict, match="is_reversal"):
        reverse(contrary, boss)


def test_a_coordinator_puts_nothing_right_of_her_own(app: Flask) -> None:
    hub = factories.hub()
    boss, other = factories.coordinator(hub), factories.verified_member(hub)
    paid = pay(Party(other.id), Party(boss.id), 60, key="session:1", kind="session").transfer
    with pytest.raises(Forbidden, match="not_ones_own"):
        reverse(paid, boss)
    reverse(paid, factories.steward())


@pytest.mark.parametrize("minutes", [0, -60, 10_000])
def test_odd_minutes_are_refused(app: Flask, minutes: int) -> None:
    one, other = somebody(), somebody()
    with pytest.raises(Invalid):
        reserve(one, other, minutes)
    with pytest.raises(Invalid):
        pay(one, other, minutes)
    with pytest.raises(Conflict, match="same_account"):
        pay(one, one, 60)


def test_the_models_know_what_the_database_keeps(app: Flask) -> None:
    """Behind the services' back: a transfer without its second entry does not outlive its transaction."""
    pay(one := somebody(), somebody(), 60)
    number = account(one).id
    with pytest.raises(Conflict), transaction() as session:
        session.add(TimeTransfer(key="x", kind="gift", minutes=5, at=NOW))
        session.flush()
        made = session.scalars(select(TimeTransfer.id).where(TimeTransfer.key == "x")).one()
        session.add(TimeEntry(transfer_id=made, side=-1, amount=5, account_id=number, number=2, balance=-65))
    for statement in ("UPDATE time_entry SET amount = 1", "DELETE FROM time_transfer"):
        with pytest.raises(Conflict), transaction() as session:
            session.execute(text(statement))
    assert db.session.scalar(select(func.count()).select_from(TimeTransfer)) == 1
    assert db.session.scalar(select(func.count()).select_from(TimeReservation)) == 0
