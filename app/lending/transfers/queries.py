"""What can be seen of transfers: the one that an object has, the van list of a hub, what waits for a decision there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.hubs import queries as hub_queries
from app.hubs.models import Hub, Membership
from app.hubs.services import require_role
from app.items.models import Item, Part
from app.lending import rules as lending_rules
from app.lending.models import Loan, RepairTicket
from app.lending.transfers import policy, rules
from app.lending.transfers.models import MovedReservation, Transfer

LIST = 200
"""The most lines of a van list."""


# -- one object, one transfer -----------------------------------------------------------------------------


def open_transfer(item_id: int) -> Transfer | None:
    """The transfer of this object that is not over."""
    return db.session.scalar(
        select(Transfer).where(Transfer.item_id == item_id, Transfer.status.in_(rules.WAITS))
    )


def on_its_way(item_id: int) -> Transfer | None:
    """The transfer that this object is on, sent and not received."""
    found = open_transfer(item_id)
    return found if found is not None and found.status == "sent" else None


def to_leave(item_id: int, hub_id: int | None) -> Transfer | None:
    """The transfer that this object waits for at this hub."""
    found = open_transfer(item_id)
    waits = found is not None and found.status == "requested" and found.from_hub_id == hub_id
    return found if waits else None


def just_received(item_id: int, *, hub_id: int, at: datetime) -> Transfer | None:
    """The transfer that the same scan has ended here, ten minutes ago at most and nothing lent since."""
    last = db.session.scalar(
        select(Transfer)
        .where(Transfer.item_id == item_id, Transfer.status == "received", Transfer.to_hub_id == hub_id)
        .order_by(Transfer.received_at.desc())
        .limit(1)
    )
    if last is None or last.received_at is None:
        return None
    if abs(at - last.received_at) > lending_rules.REPEATED_WITHIN:
        return None
    since = select(Loan.id).where(Loan.item_id == item_id, Loan.checked_out_at >= last.received_at)
    return last if db.session.scalar(since.limit(1)) is None else None


def way(transfer: Transfer) -> policy.Way:
    """From where to where, and whose it is."""
    return policy.Way(transfer.from_hub_id, transfer.to_hub_id, transfer.item.owner_resident_id)


def actor(resident_id: int) -> policy.Actor:
    """Somebody, with what she is at which hub."""
    held = db.session.scalars(select(Membership).where(Membership.resident_id == resident_id)).all()
    return policy.Actor(
        resident_id,
        frozenset(one.hub_id for one in held if one.holds_counter),
        frozenset(one.hub_id for one in held if one.status != "suspended"),
    )


def transfer_for(transfer_id: int, viewer_id: int) -> Transfer:
    """A transfer with its object and hubs; `NotFound` but for the volunteers of both hubs and the owner."""
    found: Transfer | None = db.session.scalar(_shown().where(Transfer.id == transfer_id))
    if found is None or not policy.sees(way(found), actor(viewer_id)):
        raise NotFound
    return found


def _shown() -> Any:
    return select(Transfer).options(
        joinedload(Transfer.item),
        joinedload(Transfer.from_hub),
        joinedload(Transfer.to_hub),
        joinedload(Transfer.requested_by),
    )


def page(
    *, hub_id: int, viewer_id: int, status: str | None = None, cursor: str | None = None, limit: int = 20
) -> Page[Transfer]:
    """The transfers from and to a hub whose counter the viewer holds, newest first."""
    require_role("volunteer", actor_id=viewer_id, hub_id=hub_id)
    query = _shown().where(or_(Transfer.from_hub_id == hub_id, Transfer.to_hub_id == hub_id))
    if status is not None:
        query = query.where(Transfer.status == status)
    start = after("transfers", cursor, length=1)
    if start is not None:
        query = query.where(Transfer.id < start[0])
    rows = db.session.scalars(query.order_by(Transfer.id.desc()).limit(limit + 1)).all()
    return page_of("transfers", rows, limit=limit, key=lambda one: (one.id,))


# -- the van list of a hub --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """One object of a van list. `due`: until when somebody has it; `broken`: it is being mended. Both mean that it
    cannot leave yet."""

    id: int
    status: str
    item_id: int
    title: str
    code: str
    shelf: str
    parts: int
    from_hub: str
    to_hub: str
    note: str
    since: datetime
    due: date | None
    broken: bool
    going_out: bool

    @property
    def ready(self) -> bool:
        """Whether it can be loaded."""
        return self.due is None and not self.broken


@dataclass(frozen=True)
class VanList:
    """What leaves a hub, by where it goes; what has left it; what is on its way here; what was asked for from here."""

    to_load: dict[str, list[Load]] = field(default_factory=dict)
    left: list[Load] = field(default_factory=list)
    to_unload: list[Load] = field(default_factory=list)
    asked_for: list[Load] = field(default_factory=list)

    @property
    def item_ids(self) -> set[int]:
        """The objects on it; empty where nothing goes anywhere."""
        loads = (*self.left, *self.to_unload, *self.asked_for, *chain(*self.to_load.values()))
        return {load.item_id for load in loads}


_from, _to = aliased(Hub), aliased(Hub)


def van_list(hub_id: int) -> VanList:
    """All that goes from and to this hub and is not there yet, in one statement."""
    parts = select(func.count()).where(Part.item_id == Transfer.item_id).scalar_subquery()
    rows = db.session.execute(
        select(
            Transfer,
            Item.title,
            Item.code,
            Item.shelf,
            _from.name.label("from_name"),
            _to.name.label("to_name"),
            Loan.due,
            RepairTicket.id.label("ticket_id"),
            parts.label("parts"),
        )
        .join(Item, Item.id == Transfer.item_id)
        .join(_from, _from.id == Transfer.from_hub_id)
        .join(_to, _to.id == Transfer.to_hub_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.status == "checked_out"))
        .outerjoin(RepairTicket, and_(RepairTicket.item_id == Item.id, RepairTicket.closed_at.is_(None)))
        .where(
            Transfer.status.in_(rules.WAITS),
            or_(Transfer.from_hub_id == hub_id, Transfer.to_hub_id == hub_id),
            Item.status == "active",
            or_(Transfer.status == "sent", Item.hub_id == Transfer.from_hub_id),
        )
        .order_by(_to.name, Item.shelf, Item.title, Transfer.id)
        .limit(LIST)
    )
    found = VanList()
    for row in rows:
        load = _load(row, hub_id)
        if load.going_out and load.status == "requested":
            found.to_load.setdefault(load.to_hub, []).append(load)
        elif load.going_out:
            found.left.append(load)
        else:
            (found.to_unload if load.status == "sent" else found.asked_for).append(load)
    return found


def _load(row: Any, hub_id: int) -> Load:
    transfer: Transfer = row.Transfer
    return Load(
        id=transfer.id,
        status=transfer.status,
        item_id=transfer.item_id,
        title=row.title,
        code=row.code,
        shelf=row.shelf,
        parts=row.parts,
        from_hub=row.from_name,
        to_hub=row.to_name,
        note=transfer.note,
        since=transfer.sent_at or transfer.requested_at,
        due=row.due,
        broken=row.ticket_id is not None,
        going_out=transfer.from_hub_id == hub_id,
    )


# -- the reservations that go along -----------------------------------------------------------------------


@dataclass(frozen=True)
class Coming:
    """A reservation and its place. `misfits`: what a person has to decide, in the words of `rules.misfits`."""

    loan_id: int
    item: str
    borrower: str
    first_day: date
    due: date
    misfits: list[str]

    def as_json(self) -> dict[str, Any]:
        """As the API says it."""
        return {
            "loan": str(self.loan_id),
            "borrower": self.borrower,
            "from": self.first_day,
            "to": self.due,
            "misfits": self.misfits,
        }


def coming(loans: Collection[Loan], hub: Hub) -> list[Coming]:
    """These reservations as they would be at this hub."""
    members = set(
        db.session.scalars(
            select(Membership.resident_id).where(
                Membership.hub_id == hub.id,
                Membership.resident_id.in_([loan.borrower_id for loan in loans]),
            )
        )
    )
    days = hub_queries.open_days(hub)
    return [
        Coming(
            loan.id,
            loan.item.title,
            loan.borrower.name,
            loan.first_day,
            loan.due,
            rules.misfits(days, first_day=loan.first_day, due=loan.due, member=loan.borrower_id in members),
        )
        for loan in loans
    ]


def to_decide(hub: Hub) -> list[Coming]:
    """The reservations that came to this hub with their objects and do not fit its days, or whose borrower does not
    belong here; each until its days are changed, it is called off, or the borrower has joined."""
    moved = select(MovedReservation.loan_id).distinct()
    loans: Sequence[Loan] = db.session.scalars(
        select(Loan)
        .options(joinedload(Loan.item), joinedload(Loan.borrower))
        .where(Loan.id.in_(moved), Loan.hub_id == hub.id, Loan.status.in_(("requested", "reserved")))
        .order_by(Loan.first_day, Loan.id)
        .limit(LIST)
    ).all()
    return [one for one in coming(loans, hub) if one.misfits] if loans else []


def destinations(item: Item, viewer: Any) -> list[tuple[int, str]]:
    """The hubs that this viewer may send an object to, or ask for it from: all, for those who hold the counter where it
    is; else the ones whose counter she holds, or (for its owner) those she belongs to."""
    mine = {hub.id for hub in viewer.counter_hubs}
    if item.owner_resident_id is not None:
        own = {hub.id for hub in viewer.hubs if hub.status != "suspended"}
        mine = own if item.owner_resident_id == viewer.id else set()
    query = select(Hub.id, Hub.name).where(Hub.status == "published", Hub.id != item.hub_id)
    if item.owner_resident_id is not None or item.hub_id not in mine:
        query = query.where(Hub.id.in_(mine))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(Hub.name, Hub.id))]


def name_of(resident_id: int | None) -> str:
    """Who did it; empty for nobody."""
    return db.session.scalar(select(Resident.name).where(Resident.id == resident_id)) or ""
