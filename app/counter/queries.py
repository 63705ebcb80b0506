"""What the counter sees: who a card belongs to, who or what goes by a name here, what an object's label stands for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, plain_rows
from app.core.errors import NotFound
from app.finding.words import beginnings, folded
from app.hubs.models import Hub, Membership
from app.items.labels import queries as labels
from app.items.models import Item
from app.lending.models import HOLDING, Loan, LoanEvent, RepairTicket
from app.lending.told import LISTED, Told, any_of, told
from app.lending.waiting import queries as waiting
from app.lending.waiting.models import PlaceInLine
from app.purchases.delivery import queries as purchases

FOUND_AT_MOST = 8


@dataclass(frozen=True)
class Person:
    """Whoever stands at the desk. `status`: of the membership at this hub, None without one. `ready`: reservations
    that cover today; `in_hand`: what is out from this hub; both as `Told`. `kept`: what the waiting list keeps aside
    here."""

    id: int
    name: str
    code: str
    status: str | None
    roles: tuple[str, ...] = ()
    ready: list[Any] = field(default_factory=list)
    kept: list[PlaceInLine] = field(default_factory=list)
    in_hand: list[Any] = field(default_factory=list)
    crates: list[tuple[int, str]] = field(default_factory=list)
    """Group purchases of which something waits here for them: (number, title)."""
    served: bool = False
    """Whether a volunteer does for her what others do at home: she has no address and belongs here."""

    @property
    def to_verify(self) -> bool:
        """Whether a volunteer has yet to see the proof."""
        return self.status in (None, "pending")

    @property
    def suspended(self) -> bool:
        """Whether lending stands still for this person here."""
        return self.status == "suspended"


_PERSON = (
    select(
        Resident.id,
        Resident.name,
        Resident.code,
        Resident.email,
        Membership.status,
        Membership.is_volunteer,
        Membership.is_organizer,
        Membership.is_coordinator,
    )
    .outerjoin(
        Membership, and_(Membership.resident_id == Resident.id, Membership.hub_id == bindparam("hub_id"))
    )
    .where(Resident.code == bindparam("code"))
)
_HOLDS = LISTED.where(
    Loan.borrower_id == bindparam("resident_id"),
    Loan.hub_id == bindparam("hub_id"),
    any_of(Loan.status, ("reserved", "checked_out")),
).order_by(Loan.due, Loan.id)


def person_by_code(code: str, *, hub: Hub, now: datetime) -> Person | None:
    """The holder of this card, as the hub knows them; None for a card that nobody holds."""
    found = plain_rows(_PERSON, {"code": code, "hub_id": hub.id})
    if not found:
        return None
    person = found[0]
    held = Membership(
        status=person.status,
        is_volunteer=person.is_volunteer,
        is_organizer=person.is_organizer,
        is_coordinator=person.is_coordinator,
    )
    loans = told(_HOLDS, {"resident_id": person.id, "hub_id": hub.id})
    today = clock.day_at(now, hub.timezone)
    return Person(
        person.id,
        person.name,
        person.code,
        person.status,
        tuple(held.roles),
        ready=[loan for loan in loans if loan.status == "reserved" and loan.first_day <= today],
        kept=[place for place in waiting.kept_for(person.id) if place.item.hub_id == hub.id],
        in_hand=[loan for loan in loans if loan.status == "checked_out"],
        crates=purchases.to_pick_up(person.id, hub_id=hub.id),
        served=person.email is None and person.status in ("pending", "verified"),
    )


def people_named(words: str, *, hub_id: int) -> list[Person]:
    """Members of this hub in whose name these words begin one, accents or not. A hub has some hundreds of members:
    their names are read whole and compared here."""
    rows = db.session.execute(
        select(Resident.id, Resident.name, Resident.code, Membership.status)
        .join(Membership, Membership.resident_id == Resident.id)
        .where(Membership.hub_id == hub_id)
    )
    wanted = folded(words)
    found = sorted(
        (not (name := folded(row.name)).startswith(wanted), name, row.id, row)
        for row in rows
        if wanted and f" {wanted}" in f" {folded(row.name)}"
    )
    return [Person(row.id, row.name, row.code, row.status) for *_, row in found[:FOUND_AT_MOST]]


def things_named(words: str, *, hub_id: int) -> list[Item]:
    """Objects kept at this hub in whose title each of these words begins one."""
    wanted = beginnings(words)
    query = (
        select(Item)
        .where(
            Item.hub_id == hub_id,
            Item.status == "active",
            *(Item.search_text.like(f"% {word}%") for word in wanted),
        )
        .order_by(Item.title, Item.id)
        .limit(FOUND_AT_MOST)
    )
    return list(db.session.scalars(query)) if wanted else []


def item_by_code(code: str) -> Item | None:
    """The object that wears this label, or wore it before it got another, with what is said and ticked about it."""
    whole = select(Item).options(joinedload(Item.parts), joinedload(Item.hub))
    found = db.session.scalar(whole.where(Item.code == code))
    if found is None and (current := labels.current_code(code)) != code:
        found = db.session.scalar(whole.where(Item.code == current))
    return found


def items_by_code(wanted: Collection[str]) -> list[Item]:
    """The objects of these codes, with what is ticked about them; no statement for none."""
    query = select(Item).options(selectinload(Item.parts)).where(Item.code.in_(wanted))
    return list(db.session.scalars(query)) if wanted else []


def item(item_id: int) -> Item:
    """The object of this number."""
    found = db.session.get(Item, item_id)
    if found is None:
        raise NotFound
    return found


_THING = select(
    Item.id,
    Item.title,
    Item.code,
    Item.hub_id,
    Item.shelf,
    exists()
    .where(RepairTicket.item_id == Item.id, RepairTicket.closed_at.is_(None))
    .correlate(Item)
    .label("broken"),
).where(Item.code == bindparam("code"))


def thing_by_code(code: str) -> Any | None:
    """What a label stands for, as far as a scan asks: id, title, code, hub_id, shelf, broken."""
    found = plain_rows(_THING, {"code": code})
    if not found and (current := labels.current_code(code)) != code:
        found = plain_rows(_THING, {"code": current})
    return found[0] if found else None


_OF_THING = LISTED.where(
    Loan.item_id == bindparam("item_id"), any_of(Loan.status, ("reserved", "checked_out"))
).order_by(Loan.first_day, Loan.id)


def loans_of(item_id: int) -> list[Told]:
    """The loan that has this object out, and the reservations of it, by first day."""
    return list(told(_OF_THING, {"item_id": item_id}))


def loan_out(item_id: int) -> Loan | None:
    """The loan that has this object out of the house."""
    return db.session.scalar(
        select(Loan)
        .where(Loan.item_id == item_id, Loan.status == "checked_out")
        .options(joinedload(Loan.borrower))
    )


def latest_loan(code: str) -> Loan | None:
    """The loan of this object to which something happened last."""
    return db.session.scalar(
        select(Loan)
        .join(LoanEvent, LoanEvent.loan_id == Loan.id)
        .join(Item, Item.id == Loan.item_id)
        .where(Item.code == code)
        .order_by(LoanEvent.id.desc())
        .limit(1)
    )


def expected_loan(item_id: int, *, hub: Hub, now: datetime) -> Loan | None:
    """Who comes for it: the first reservation that covers today."""
    return db.session.scalar(
        select(Loan)
        .where(
            Loan.item_id == item_id,
            Loan.status == "reserved",
            Loan.first_day <= clock.day_at(now, hub.timezone),
        )
        .options(joinedload(Loan.borrower))
        .order_by(Loan.first_day, Loan.id)
        .limit(1)
    )


def loan_between(item_id: int, resident_id: int) -> Loan | None:
    """The loan of this object that this resident borrows, or lends to a neighbour, now or next."""
    return db.session.scalar(
        select(Loan)
        .where(
            Loan.item_id == item_id,
            Loan.status.in_(HOLDING),
            or_(Loan.borrower_id == resident_id, Loan.owner_id == resident_id),
        )
        .order_by(Loan.status != "checked_out", Loan.first_day, Loan.id)
        .limit(1)
    )


def name_of(resident_id: int | None) -> str:
    """The name that is said aloud; empty for nobody."""
    return db.session.scalar(select(Resident.name).where(Resident.id == resident_id)) or ""
