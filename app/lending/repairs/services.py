"""What can be done about repairs: send an object to one, write down what was done, bring it back or give it up."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import Checks, checked
from app.items import services as items
from app.items.models import Item
from app.lending import queries
from app.lending.models import RepairTicket
from app.lending.repairs import policy, rules
from app.lending.repairs.queries import roles_at
from app.lending.services import mending
from app.lending.services.desk import BROKEN, loan_out
from app.lending.services.ground import item_held
from app.lending.waiting import line as waiting

Reasons = Callable[[policy.Concerned, int, Collection[str]], list[str]]


def found_broken(
    *,
    item_id: int,
    condition: str | None,
    note: str | None,
    missing: Sequence[str] = (),
    actor_id: int,
    now: datetime,
) -> RepairTicket:
    """An object on its shelf turns out to be `damaged` or `incomplete` (`missing`: names of its parts): from now on it
    is in repair. What is out says so at its return. Reservations stand; their people are told if it is not back."""
    checks = Checks()
    if condition not in BROKEN:
        checks.fault("condition", "core.not_a_choice" if condition else "core.required")
    wanted = 0 if missing else 1
    said = checks(checked, "note", note, longest=rules.NOTE_LONGEST, shortest=wanted, lines=True)
    checks.done()
    seen = db.session.get(Item, item_id)
    if seen is None or seen.status != "active":
        raise NotFound("items.unknown")
    _require(policy.why_not_work, policy.Concerned(seen.hub_id, seen.owner_resident_id), actor_id)
    item = item_held(item_id)
    if queries.open_ticket(item.id) is not None:
        raise Conflict("lending.in_repair_already")
    if loan_out(item.id) is not None:
        raise Conflict("lending.mend_after_return")
    known = {part.name for part in item.parts}
    assert condition is not None
    ticket = mending.open_ticket(
        item,
        item.hub,
        loan_id=None,
        condition=condition,
        note=said,
        missing=[name for name in missing if name in known],
        actor_id=actor_id,
        at=now,
        now=now,
    )
    item.condition = condition
    return ticket


def write_down(
    *,
    ticket_id: int,
    actor_id: int,
    state: str | None = None,
    note: str | None = None,
    cents: int | None = None,
    minutes: int | None = None,
    paid_by: str | None = None,
    now: datetime,
) -> RepairTicket:
    """Write down what was done: how far it is from now on (None: as it was), a word, what it cost in this step
    (cents), how long it took (minutes), who pays (None: as it was said before). `back`: it is whole and in house
    again; `retired`: it is given up, no more offered, and those who have reserved it are told."""
    checks = Checks()
    if state is not None and state not in rules.STATES:
        checks.fault("state", "core.not_a_choice")
    said = checks(checked, "note", note, longest=rules.NOTE_LONGEST, lines=True)
    payer = checks(checked, "paid_by", paid_by, longest=rules.PAID_BY_LONGEST)
    for name, amount, most in (
        ("cents", cents, rules.MOST_CENTS),
        ("minutes", minutes, rules.MOST_MINUTES),
    ):
        if amount is not None and not 0 <= amount <= most:
            checks.fault(name, "core.out_of_range", min=0, max=most)
    checks.done()
    ticket = _held(ticket_id, actor_id, policy.why_not_give_up if state == "retired" else policy.why_not_work)
    if ticket.closed_at is not None:
        if state == ticket.state:
            return ticket
        raise Conflict("lending.repair_over")
    wanted = state or ticket.state
    payer = ticket.paid_by if paid_by is None else payer
    if (wanted, payer) == (ticket.state, ticket.paid_by) and not (said or cents or minutes):
        raise Invalid({"note": "lending.say_what_was_done"})
    ticket.paid_by = payer
    _move(ticket, wanted, actor_id=actor_id, now=now)
    mending.write_step(ticket, actor_id=actor_id, note=said, cents=cents or 0, minutes=minutes or 0, now=now)
    return ticket


def _move(ticket: RepairTicket, state: str, *, actor_id: int, now: datetime) -> None:
    if state == "back":
        mending.bring_back(ticket, actor_id=actor_id, now=now)
    elif state == "retired":
        mending.end_repair(ticket, state="retired", actor_id=actor_id, now=now)
        mending.call_off(ticket.item_id, why="not_mended", actor_id=actor_id, now=now)
        items.retire(item_id=ticket.item_id, actor_id=actor_id, now=now)
        waiting.serve(ticket.item_id, now=now)
    else:
        ticket.state = state


def _held(ticket_id: int, actor_id: int, may: Reasons) -> RepairTicket:
    """The ticket, fresh, its object held, for somebody who may do this with it."""
    seen = db.session.get(RepairTicket, ticket_id)
    if seen is None:
        raise NotFound("lending.repair_unknown")
    concerned = policy.Concerned(seen.hub_id, seen.item.owner_resident_id)
    if not policy.sees(concerned, actor_id, roles_at(seen.hub_id, actor_id)):
        raise NotFound("lending.repair_unknown")
    _require(may, concerned, actor_id)
    item_held(seen.item_id)
    ticket = locked_one(RepairTicket, ticket_id)
    assert ticket is not None
    return ticket


def _require(may: Reasons, concerned: policy.Concerned, actor_id: int) -> None:
    reasons = may(concerned, actor_id, roles_at(concerned.hub_id, actor_id))
    if reasons:
        raise Forbidden(reasons[0])
