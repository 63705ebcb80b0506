"""What a hub has to look after: who is late and what was done about it, and what only a person can decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from app.core.i18n import _, format_day, in_language, sentence
from app.hubs.models import Hub, Membership
from app.hubs.queries import open_days
from app.hubs.services import require_role
from app.items.models import Item
from app.lending import rules
from app.lending.models import Loan, LoanEvent, ReminderSent
from app.lending.services.closing import stuck

MOST = 200
"""Late loans that one page shows."""
REMEMBERED = timedelta(days=60)
DRAFTS = ("gentle", "firm", "last")
CONTACTS = ("written_to", "called")


@dataclass(frozen=True)
class LateLoan:
    """One object that should be back. `reminded`: the last level that went out by itself, and when."""

    id: int
    title: str
    due: date
    days: int
    reminded: tuple[str, datetime] | None


@dataclass(frozen=True)
class Contact:
    """Somebody of the hub wrote or called, when, and what was said."""

    kind: str
    at: datetime
    who: str
    note: str


@dataclass
class LatePerson:
    """One neighbour with all that she should have brought back, the longest waiting first."""

    id: int
    name: str
    code: str
    locale: str
    status: str
    zone: str
    loans: list[LateLoan] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    @property
    def days(self) -> int:
        """How late the latest one is."""
        return max(loan.days for loan in self.loans)

    @property
    def usual_draft(self) -> str:
        """The tone that fits: kinder while it is early."""
        return "gentle" if self.days < 14 else "firm" if self.days < 30 else "last"


def people(hub_id: int, viewer_id: int, *, now: datetime) -> list[LatePerson]:
    """Who is late at this hub, the latest first, for those who hold its counter; four statements whatever their number."""
    require_role("volunteer", actor_id=viewer_id, hub_id=hub_id)
    asked = db.session.execute(
        select(
            Loan.id, Loan.due, Item.title, Hub.timezone,
            Resident.id.label("borrower_id"), Resident.name, Resident.code, Resident.locale,
            func.coalesce(Membership.status, "").label("status"),
        )
        .join(Item, Item.id == Loan.item_id)
        .join(Hub, Hub.id == Loan.hub_id)
        .join(Resident, Resident.id == Loan.borrower_id)
        .outerjoin(Membership, (Membership.hub_id == Loan.hub_id) & (Membership.resident_id == Resident.id))
        .where(
            Loan.hub_id == hub_id,
            Loan.status == "checked_out",
            Loan.due < now.date() + rules.ONE_DAY,  # its own day may be ahead of UTC's
        )
        .order_by(Loan.due, Loan.id)
        .limit(MOST)
    ).all()  # fmt: skip
    rows = [row for row in asked if row.due < clock.day_at(now, row.timezone)]
    ids = [row.id for row in rows]
    reminded, contacts = _reminded(ids), _contacts(ids)
    found: dict[int, LatePerson] = {}
    for row in rows:
        person = found.setdefault(
            row.borrower_id,
            LatePerson(row.borrower_id, row.name, row.code, row.locale, row.status, row.timezone),
        )
        days = rules.overdue_days(row.due, clock.day_at(now, row.timezone))
        person.loans.append(LateLoan(row.id, row.title, row.due, days, reminded.get(row.id)))
        person.contacts += [one for one in contacts.get(row.id, []) if one not in person.contacts]
    return list(found.values())


def _reminded(loan_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """The last reminder of each loan that is late."""
    if not loan_ids:
        return {}
    rows = db.session.execute(
        select(ReminderSent.loan_id, ReminderSent.level, ReminderSent.at)
        .join(Loan, (Loan.id == ReminderSent.loan_id) & (Loan.due == ReminderSent.due))
        .where(ReminderSent.loan_id.in_(loan_ids))
        .order_by(ReminderSent.at, ReminderSent.id)
    )
    return {row.loan_id: (row.level, row.at) for row in rows}


def _contacts(loan_ids: Collection[int]) -> dict[int, list[Contact]]:
    """What the people of the hub did about each loan, newest first."""
    if not loan_ids:
        return {}
    rows = db.session.execute(
        select(LoanEvent.loan_id, LoanEvent.kind, LoanEvent.at, Resident.name, LoanEvent.why)
        .outerjoin(Resident, Resident.id == LoanEvent.actor_id)
        .where(LoanEvent.loan_id.in_(loan_ids), LoanEvent.kind.in_(CONTACTS))
        .order_by(LoanEvent.at.desc(), LoanEvent.id.desc())
    )
    found: dict[int, list[Contact]] = {}
    for row in rows:
        found.setdefault(row.loan_id, []).append(Contact(row.kind, row.at, row.name or "", row.why or ""))
    return found


def draft(person: LatePerson, tone: str, *, place: str) -> str:
    """A letter in this tone, in the language of who will read it."""
    with in_language(person.locale):
        items = [
            sentence("lending.draft.one", {"item": loan.title, "due": format_day(loan.due)})
            for loan in person.loans
        ]
        named = {"name": person.name, "place": place, "items": _(", ").join(items)}
        return sentence(f"lending.draft.{tone}", named)


@dataclass(frozen=True)
class ToDecide:
    """What waits for a person. `closed`: begins or ends on a day on which the hub is closed, and could not move.
    `lost`: given up, and may turn up. `not_collected`: kept for somebody who did not come."""

    closed: Sequence[Loan]
    lost: Sequence[Loan]
    not_collected: Sequence[Loan]


def to_decide(hub: Hub, viewer_id: int, *, now: datetime) -> ToDecide:
    """What only a person can decide at this hub, of the last 60 days."""
    require_role("volunteer", actor_id=viewer_id, hub_id=hub.id)
    today = open_days(hub).today(now)
    shown = (
        select(Loan).options(joinedload(Loan.item), joinedload(Loan.borrower)).where(Loan.hub_id == hub.id)
    )
    coming = db.session.scalars(
        shown.where(Loan.status.in_(("requested", "reserved", "checked_out")), Loan.due >= today).order_by(
            Loan.due
        )
    ).all()
    ended = db.session.execute(
        shown.add_columns(LoanEvent.why)
        .join(LoanEvent, (LoanEvent.loan_id == Loan.id) & (LoanEvent.kind == Loan.status))
        .where(Loan.status.in_(("lost", "expired")), Loan.ended_at > now - REMEMBERED)
        .order_by(Loan.ended_at.desc(), Loan.id)
        .limit(MOST)
    ).all()
    return ToDecide(
        closed=stuck(hub, coming, now=now),
        lost=list(dict.fromkeys(loan for loan, _why in ended if loan.status == "lost")),
        not_collected=list(dict.fromkeys(loan for loan, why in ended if why == "not_collected")),
    )
