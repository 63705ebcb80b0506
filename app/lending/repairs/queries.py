"""What can be seen of repairs: one with all that was done about it, and those of a hub."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.items.models import Item
from app.lending.models import Loan, RepairTicket
from app.lending.repairs import policy, rules
from app.lending.repairs.models import RepairStep

_owner = aliased(Resident)
ON_A_SHEET = 60
"""Objects on one printed sheet: more is no afternoon's work."""


@dataclass(frozen=True)
class Line:
    """A repair in a list. `owner`: the name of the neighbour whose object it is, empty for a hub's own. `cents` and
    `minutes`: what all its steps took together."""

    id: int
    item_id: int
    title: str
    code: str
    shelf: str
    owner: str
    condition: str
    note: str
    missing: Sequence[str]
    state: str
    paid_by: str
    opened_at: datetime
    closed_at: datetime | None
    cents: int
    minutes: int


@dataclass(frozen=True)
class Step:
    """One line of a repair's history, with who wrote it."""

    at: datetime
    who: str
    state: str
    note: str
    cents: int
    minutes: int


def roles_at(hub_id: int | None, resident_id: int) -> Collection[str]:
    """What this resident holds at the hub where the object is kept; nothing at home."""
    held = hubs.membership(resident_id, hub_id) if hub_id is not None else None
    return held.roles if held else ()


def ticket_for(ticket_id: int, viewer_id: int) -> RepairTicket:
    """A repair with its object; `NotFound` but for the hub's volunteers and the owner."""
    ticket = db.session.scalar(
        select(RepairTicket)
        .options(joinedload(RepairTicket.item).joinedload(Item.hub))
        .where(RepairTicket.id == ticket_id)
    )
    if ticket is None or not policy.sees(concerned(ticket), viewer_id, roles_at(ticket.hub_id, viewer_id)):
        raise NotFound("lending.repair_unknown")
    return ticket


def concerned(ticket: RepairTicket) -> policy.Concerned:
    """Whom this repair concerns."""
    return policy.Concerned(ticket.hub_id, ticket.item.owner_resident_id)


def may_do(ticket: RepairTicket, viewer_id: int) -> tuple[str, ...]:
    """The states that this viewer can bring it to, the one it is in among them; none once it is over."""
    if ticket.closed_at is not None:
        return ()
    roles = roles_at(ticket.hub_id, viewer_id)
    states: tuple[str, ...] = ()
    if not policy.why_not_work(concerned(ticket), viewer_id, roles):
        states += (*rules.OPEN, "back")
    if not policy.why_not_give_up(concerned(ticket), viewer_id, roles):
        states += ("retired",)
    return states


def steps(ticket_id: int) -> list[Step]:
    """All that was done about it, oldest first."""
    rows = db.session.execute(
        select(RepairStep, Resident.name)
        .outerjoin(Resident, Resident.id == RepairStep.actor_id)
        .where(RepairStep.ticket_id == ticket_id)
        .order_by(RepairStep.id)
    )
    return [Step(step.at, name or "", step.state, step.note, step.cents, step.minutes) for step, name in rows]


def page(
    hub_id: int, *, state: str | None = None, over: bool = False, cursor: str | None = None, limit: int = 20
) -> Page[Line]:
    """The repairs of a hub: the open ones (of one state, or all) longest waiting first, or those that are over, newest
    first. One statement. Who may look is asked by whoever calls."""
    what = f"repairs:{hub_id}:{'over' if over else state or 'open'}"
    query = _listed().where(RepairTicket.hub_id == hub_id, RepairTicket.state != rules.DROPPED)
    start = after(what, cursor, length=1)
    if over:
        query = query.where(RepairTicket.closed_at.is_not(None)).order_by(RepairTicket.id.desc())
    else:
        query = query.where(RepairTicket.closed_at.is_(None)).order_by(RepairTicket.id)
    if state is not None:
        query = query.where(RepairTicket.state == state)
    if start:
        query = query.where(RepairTicket.id < start[0] if over else RepairTicket.id > start[0])
    found = [_line(row) for row in db.session.execute(query.limit(limit + 1))]
    return page_of(what, found, limit=limit, key=lambda line: (line.id,))


def on_sheet(hub_id: int, ids: Collection[int] = ()) -> list[Line]:
    """The open repairs of a hub (those chosen, or all) for a printed sheet, by shelf."""
    query = _listed().where(RepairTicket.hub_id == hub_id, RepairTicket.closed_at.is_(None))
    if ids:
        query = query.where(RepairTicket.id.in_(ids))
    query = query.order_by(Item.shelf, Item.title, RepairTicket.id).limit(ON_A_SHEET)
    return [_line(row) for row in db.session.execute(query)]


def line(ticket_id: int) -> Line:
    """One repair as lists show it."""
    return _line(db.session.execute(_listed().where(RepairTicket.id == ticket_id)).one())


def how_many_open(hub_id: int) -> dict[str, int]:
    """How many objects of a hub are in each state of repair; states without any are left out."""
    rows = db.session.execute(
        select(RepairTicket.state, func.count().label("many"))
        .where(RepairTicket.hub_id == hub_id, RepairTicket.closed_at.is_(None))
        .group_by(RepairTicket.state)
    )
    return {row.state: row.many for row in rows}


def hub_of(ticket: RepairTicket) -> Hub | None:
    """Where it is looked after."""
    return db.session.get(Hub, ticket.hub_id) if ticket.hub_id is not None else None


def loan_of(ticket: RepairTicket) -> Loan | None:
    """The loan it came back from, with its borrower."""
    if ticket.loan_id is None:
        return None
    return db.session.scalar(select(Loan).options(joinedload(Loan.borrower)).where(Loan.id == ticket.loan_id))


def _listed() -> Select[Any]:
    return (
        select(
            RepairTicket,
            Item.title,
            Item.code,
            Item.shelf,
            _owner.name.label("owner"),
            _sum("cents"),
            _sum("minutes"),
        )
        .join(Item, Item.id == RepairTicket.item_id)
        .outerjoin(_owner, _owner.id == Item.owner_resident_id)
    )


def _sum(name: str) -> Any:
    """What all steps of a ticket took together."""
    total = select(func.coalesce(func.sum(getattr(RepairStep, name)), 0))
    return total.where(RepairStep.ticket_id == RepairTicket.id).scalar_subquery().label(name)


def _line(row: Any) -> Line:
    ticket: RepairTicket = row.RepairTicket
    return Line(
        id=ticket.id,
        item_id=ticket.item_id,
        title=row.title,
        code=row.code,
        shelf=row.shelf,
        owner=row.owner or "",
        condition=ticket.condition,
        note=ticket.note,
        missing=ticket.missing,
        state=ticket.state,
        paid_by=ticket.paid_by,
        opened_at=ticket.opened_at,
        closed_at=ticket.closed_at,
        cents=row.cents,
        minutes=row.minutes,
    )
