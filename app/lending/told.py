"""Loans as lists tell them: plain values with the names of `Loan` and of what it points to, read in columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from app.accounts.models import Resident
from app.core.db import plain_rows
from app.hubs.models import Hub
from app.hubs.rules import LendingPolicy
from app.items.models import Category, Item, Photo
from app.lending.models import Loan


class Person(NamedTuple):
    """Somebody, or a hub, by name."""

    id: int
    name: str


class Thing(NamedTuple):
    """What is lent. `photo` is the name of its first one, `drawing` what stands in for it."""

    id: int
    title: str
    code: str
    shelf: str
    owner_hub_id: int | None
    owner_hub_name: str | None
    photo: str | None
    drawing: str

    @property
    def owner_hub(self) -> "Person | None":
        """The hub that it belongs to, if it does."""
        return Person(self.owner_hub_id, self.owner_hub_name or "") if self.owner_hub_id else None


class At(NamedTuple):
    """The hub of a loan."""

    id: int
    slug: str
    name: str
    timezone: str
    country: str
    subdivision: str | None
    closed_on_holidays: bool
    policy_changes: Mapping[str, Any]

    @property
    def policy(self) -> LendingPolicy:
        """The terms that hold there."""
        return LendingPolicy.with_changes(self.policy_changes)


class Told(NamedTuple):
    """One loan; the fields of `Loan` that lists ask for, and those around it."""

    id: int
    item_id: int
    borrower_id: int
    owner_id: int | None
    hub_id: int | None
    status: str
    first_day: date
    due: date
    requested_at: datetime
    answer_by: datetime | None
    pick_up_until: date | None
    checked_out_at: datetime | None
    checked_in_at: datetime | None
    renewals: int
    deposit_cents: int | None
    deposit_received_cents: int | None
    deposit_returned_cents: int | None
    currency: str
    condition_out: str | None
    condition_in: str | None
    given_at: datetime | None
    back_given_at: datetime | None
    item: Thing
    borrower: Person
    owner: Person | None
    hub: At | None


_Owner, _OwnerHub = aliased(Resident), aliased(Hub)
_OF_LOAN = [getattr(Loan, name) for name in Told._fields[: Told._fields.index("item")]]
OF_HUB = [getattr(Hub, name) for name in At._fields]
"""The columns of a hub in the order of `At`."""
_COLUMNS: list[Any] = [
    *_OF_LOAN,
    Item.id,
    Item.title,
    Item.code,
    Item.shelf,
    Item.owner_hub_id,
    _OwnerHub.name,
    Photo.file,
    func.coalesce(func.nullif(Item.picture, ""), Category.drawing),
    Resident.id,
    Resident.name,
    _Owner.id,
    _Owner.name,
    *OF_HUB,
]
_THING = len(_OF_LOAN)
_BORROWER = _THING + len(Thing._fields)
_OWNER = _BORROWER + len(Person._fields)
_HUB = _OWNER + len(Person._fields)

LISTED: Select[Any] = (
    select(*(column.label(f"c{at}") for at, column in enumerate(_COLUMNS)))
    .select_from(Loan)
    .join(Item, Item.id == Loan.item_id)
    .join(Category, Category.id == Item.category_id)
    .join(Resident, Resident.id == Loan.borrower_id)
    .outerjoin(_OwnerHub, _OwnerHub.id == Item.owner_hub_id)
    .outerjoin(Photo, and_(Photo.item_id == Item.id, Photo.position == 0))
    .outerjoin(_Owner, _Owner.id == Loan.owner_id)
    .outerjoin(Hub, Hub.id == Loan.hub_id)
)
"""Every loan; a list says which, and in which order."""


def any_of(column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column is one of these words of our own. They stand in the statement: a list of parameters would be
    expanded each time it is asked."""
    found: ColumnElement[bool] = column.in_([literal_column(f"'{word}'") for word in words])
    return found


def told(listed: Select[Any], given: Mapping[str, Any] | None = None) -> Sequence[Told]:
    """The loans of a list made from `LISTED`, in one statement."""
    return [_told(row) for row in plain_rows(listed, given)]


def _told(row: Any) -> Told:
    around = (
        Thing._make(row[_THING:_BORROWER]),
        Person._make(row[_BORROWER:_OWNER]),
        Person._make(row[_OWNER:_HUB]) if row[_OWNER] is not None else None,
        At._make(row[_HUB:]) if row[_HUB] is not None else None,
    )
    return Told._make((*row[:_THING], *around))


_ONE_HUB = select(*OF_HUB).where(Hub.id == bindparam("hub_id"))


def hub(hub_id: int) -> At | None:
    """One hub, as the loans of a list know theirs."""
    found = plain_rows(_ONE_HUB, {"hub_id": hub_id})
    return At._make(found[0]) if found else None
