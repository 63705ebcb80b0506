"""What can be seen of the ledger: an account as it stands, its entries, what is promised, one transfer."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.accounts import queries as residents
from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.hubs import queries as hubs
from app.hubs.models import Hub, Membership
from app.hubs.rules import LendingPolicy
from app.skills.ledger import rules
from app.skills.ledger.models import (
    TimeAccount,
    TimeEntry,
    TimeNote,
    TimeReservation,
    TimeTransfer,
    VolunteerShift,
)
from app.skills.ledger.policy import Actor, Holder, Sides, sees
from app.skills.ledger.rules import Party, Standing

LONGEST_LIST = 100


def actor(actor_id: int) -> Actor:
    """Who acts, as the policy asks."""
    return Actor(actor_id, residents.resident(actor_id).is_steward, hubs.coordinated_by(actor_id))


def sides(transfer_id: int) -> Sides:
    """The two of a transfer; `NotFound` where there is none."""
    rows = db.session.execute(
        select(TimeEntry.side, TimeAccount.id, TimeAccount.resident_id, TimeAccount.hub_id)
        .join(TimeAccount, TimeAccount.id == TimeEntry.account_id)
        .where(TimeEntry.transfer_id == transfer_id)
        .order_by(TimeEntry.side)
    ).all()
    if not rows:
        raise NotFound("ledger.unknown")
    answers = hubs.verified_at([row.resident_id for row in rows if row.resident_id is not None])
    payer, payee = (
        Holder(row.id, row.resident_id, row.hub_id, answers.get(row.resident_id, ())) for row in rows
    )
    return Sides(payer, payee)


# -- an account -------------------------------------------------------------------------------------------

_ACCOUNT = (
    TimeAccount.balance,
    TimeAccount.going_out,
    TimeAccount.coming_in,
    TimeAccount.given,
)


@dataclass(frozen=True)
class Account:
    """An account as its holder sees it; one that has never moved stands at zero."""

    standing: Standing
    newcomer: bool


def account_of(resident_id: int) -> Account:
    """With the limits that hold for her, in one statement."""
    rows = db.session.execute(
        select(*_ACCOUNT, Hub.policy_changes)
        .select_from(Resident)
        .outerjoin(TimeAccount, TimeAccount.resident_id == Resident.id)
        .outerjoin(Membership, and_(Membership.resident_id == Resident.id, Membership.status == "verified"))
        .outerjoin(Hub, and_(Hub.id == Membership.hub_id, Hub.status == "published"))
        .where(Resident.id == resident_id)
    ).all()
    terms = [LendingPolicy.with_changes(row.policy_changes) for row in rows if row.policy_changes is not None]
    given = rows[0].given or 0
    return Account(_standing(rows[0], rules.limits_of_resident(terms, given=given)), given < rules.HOUR)


def account_of_hub(hub: Hub) -> Account:
    """The hub's own."""
    row = db.session.execute(select(*_ACCOUNT).where(TimeAccount.hub_id == hub.id)).one_or_none()
    return Account(_standing(row, rules.limits_of_hub(hub.policy)), newcomer=False)


def _standing(row: Any, limits: rules.Limits) -> Standing:
    if row is None or row.balance is None:
        return Standing(0, 0, 0, limits)
    return Standing(row.balance, row.going_out, row.coming_in, limits)


# -- its entries ------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """An entry as a statement shows it. `minutes` below zero were paid; `balance` is what the account held then.
    `subject` is the number of the session or workshop it was for; `other` is the one at the other end."""

    number: int
    minutes: int
    balance: int
    transfer_id: int
    kind: str
    at: datetime
    subject: int | None
    other: "Other"
    note: str
    reverses_id: int | None
    reversed_by_id: int | None


class Other(NamedTuple):
    """Who is at the other end: a resident, or a hub with its name in addresses."""

    kind: str
    id: int
    name: str
    slug: str = ""


_mine, _theirs, _contrary, _holder = (
    aliased(TimeEntry),
    aliased(TimeEntry),
    aliased(TimeTransfer),
    aliased(TimeAccount),
)
_LINES = (
    select(
        _mine.number, _mine.side, _mine.amount, _mine.balance, TimeTransfer.id.label("transfer_id"), TimeTransfer.kind,
        TimeTransfer.at, TimeTransfer.key, TimeTransfer.reverses_id, _contrary.id.label("reversed_by_id"),
        TimeNote.text, Resident.id.label("resident_id"), Resident.name.label("resident_name"),
        Hub.id.label("hub_id"), Hub.name.label("hub_name"), Hub.slug,
    )
    .select_from(_mine)
    .join(TimeAccount, TimeAccount.id == _mine.account_id)
    .join(TimeTransfer, TimeTransfer.id == _mine.transfer_id)
    .join(_theirs, and_(_theirs.transfer_id == _mine.transfer_id, _theirs.side == -_mine.side))
    .join(_holder, _holder.id == _theirs.account_id)
    .outerjoin(Resident, Resident.id == _holder.resident_id)
    .outerjoin(Hub, Hub.id == _holder.hub_id)
    .outerjoin(TimeNote, TimeNote.transfer_id == TimeTransfer.id)
    .outerjoin(_contrary, _contrary.reverses_id == TimeTransfer.id)
    .order_by(_mine.number.desc())
)  # fmt: skip


def entries(whose: Party, *, cursor: str | None = None, limit: int = 20) -> Page[Line]:
    """The entries of an account, the newest first, in one statement."""
    start = after("time", cursor, length=1)
    query = _LINES.where(_of(whose)).limit(limit + 1)
    if start is not None:
        query = query.where(_mine.number < start[0])
    lines = [_line(row) for row in db.session.execute(query)]
    return page_of("time", lines, limit=limit, key=lambda line: (line.number,))


def all_entries(whose: Party) -> Iterator[Line]:
    """All of them, the newest first."""
    return map(_line, db.session.execute(_LINES.where(_of(whose))))


def entry(transfer_id: int, side: int) -> Line:
    """One transfer as this side of it sees it (-1 paid); the other side is `other`."""
    row = db.session.execute(_LINES.where(_mine.transfer_id == transfer_id, _mine.side == side)).one_or_none()
    if row is None:
        raise NotFound("ledger.unknown")
    return _line(row)


def _of(whose: Party) -> Any:
    if whose.hub_id is not None:
        return TimeAccount.hub_id == whose.hub_id
    return TimeAccount.resident_id == whose.resident_id


def _line(row: Any) -> Line:
    about, _colon, number = row.key.partition(":")
    other = (
        Other("hub", row.hub_id, row.hub_name, row.slug)
        if row.hub_id is not None
        else Other("resident", row.resident_id, row.resident_name)
    )
    return Line(
        row.number,
        row.side * row.amount,
        row.balance,
        row.transfer_id,
        row.kind,
        row.at,
        int(number) if about in ("session", "workshop") and number.isdigit() else None,
        other,
        row.text or "",
        row.reverses_id,
        row.reversed_by_id,
    )


# -- promises, partners, shifts ---------------------------------------------------------------------------


class Promise(NamedTuple):
    """Minutes that are reserved: below zero they will go out."""

    minutes: int
    subject: int | None
    other: Other
    at: datetime


def promises(resident_id: int) -> list[Promise]:
    """What is reserved from her account and for it, the newest first."""
    mine, payee = aliased(TimeAccount), TimeReservation.payee_id
    rows = db.session.execute(
        select(TimeReservation.key, TimeReservation.minutes, TimeReservation.at, (mine.id == payee).label("comes"),
               Resident.id, Resident.name, Hub.id.label("hub_id"), Hub.name.label("hub_name"), Hub.slug)
        .join(mine, and_(mine.resident_id == resident_id, mine.id.in_((TimeReservation.payer_id, payee))))
        .join(
            _holder,
            and_(_holder.id.in_((TimeReservation.payer_id, payee)), _holder.id != mine.id),
        )
        .outerjoin(Resident, Resident.id == _holder.resident_id)
        .outerjoin(Hub, Hub.id == _holder.hub_id)
        .order_by(TimeReservation.at.desc(), TimeReservation.key)
        .limit(LONGEST_LIST)
    )  # fmt: skip
    found = []
    for row in rows:
        about, _colon, number = row.key.partition(":")
        other = (
            Other("hub", row.hub_id, row.hub_name, row.slug)
            if row.hub_id
            else Other("resident", row.id, row.name)
        )
        subject = int(number) if about == "session" and number.isdigit() else None
        found.append(Promise(row.minutes if row.comes else -row.minutes, subject, other, row.at))
    return found


def partners(resident_id: int, *, limit: int = 20) -> list[Other]:
    """The residents she has shared minutes with, the latest first."""
    rows = db.session.execute(
        _LINES.where(TimeAccount.resident_id == resident_id, Resident.id.is_not(None)).limit(LONGEST_LIST)
    )
    known = {row.resident_id: Other("resident", row.resident_id, row.resident_name) for row in rows}
    return list(known.values())[:limit]


class ShiftLine(NamedTuple):
    """A volunteer's shift as the hub's page lists it."""

    id: int
    name: str
    day: date
    begins: time
    minutes: int
    paid: int
    undone: bool


def shifts(hub_id: int, *, limit: int = 20) -> list[ShiftLine]:
    """The latest of a hub."""
    rows = db.session.execute(
        select(VolunteerShift, Resident.name)
        .join(Resident, Resident.id == VolunteerShift.resident_id)
        .where(VolunteerShift.hub_id == hub_id)
        .order_by(VolunteerShift.day.desc(), VolunteerShift.id.desc())
        .limit(limit)
    )
    return [
        ShiftLine(one.id, name, one.day, one.begins, one.minutes, one.paid, one.undone_at is not None)
        for one, name in rows
    ]


def volunteers(hub_id: int, *, besides: int) -> list[tuple[int, str]]:
    """Who may be given hours for a shift here, by name."""
    rows = db.session.execute(
        select(Resident.id, Resident.name)
        .join(Membership, Membership.resident_id == Resident.id)
        .where(
            Membership.hub_id == hub_id,
            Membership.status == "verified",
            or_(Membership.is_volunteer, Membership.is_coordinator),
            Resident.id != besides,
        )
        .order_by(Resident.name, Resident.id)
    )
    return [(row.id, row.name) for row in rows]


@dataclass(frozen=True)
class Seen:
    """One transfer as somebody sees it whom it concerns: both ends, and whether she may put it right."""

    paid: Line
    """As who paid sees it: `other` is who received."""
    payer: Other
    sides: Sides
    actor: Actor


def transfer_for(transfer_id: int, viewer_id: int) -> Seen:
    """`NotFound` for whom it does not concern."""
    both, who = sides(transfer_id), actor(viewer_id)
    if not sees(both, who):
        raise NotFound("ledger.unknown")
    return Seen(entry(transfer_id, -1), entry(transfer_id, 1).other, both, who)


def named(party_ids: Collection[int]) -> dict[int, str]:
    """Names of residents."""
    rows = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(party_ids)))
    return {row.id: row.name for row in rows}
