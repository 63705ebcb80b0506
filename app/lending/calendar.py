"""Loans on a calendar: when to fetch something and when to bring it back; of what one lends from home, when it leaves
and when it comes back. No address stands on it: whoever reads a calendar need not know where somebody lives."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Integer, and_, bindparam, or_

from app.core.i18n import _
from app.core.ics import Happening
from app.lending import lines
from app.lending.models import HOLDING, Loan
from app.lending.told import LISTED, Told, any_of, told

_ME = bindparam("me", type_=Integer())
_FIRST, _LAST = bindparam("first", type_=Date()), bindparam("last", type_=Date())
_HERS = LISTED.where(
    or_(Loan.borrower_id == _ME, and_(Loan.owner_id == _ME, Loan.hub_id.is_(None))),
    any_of(Loan.status, (*HOLDING, "returned")),
    Loan.first_day <= _LAST,
    Loan.due >= _FIRST,
).order_by(Loan.id)


def happenings_of(resident_id: int, *, first: date, last: date) -> list[Happening]:
    """What of her loans falls between these days, both included: days of the hub, while it is open where its hours are
    known. Two statements, however many there are."""
    loans = told(_HERS, {"me": resident_id, "first": first, "last": last})
    places = lines.around(loans, now=datetime.combine(first, time(12), tzinfo=UTC)).places if loans else {}
    return [
        happening
        for loan in loans
        for happening in _of(loan, resident_id, places[loan.hub_id])
        if first <= _day(happening) <= last
    ]


def _of(loan: Told, resident_id: int, place: lines.Place) -> Iterator[Happening]:
    thing, borrows = loan.item.title, loan.borrower_id == resident_id
    if loan.status in HOLDING:
        fetched = _("À prendre : %(title)s", title=thing) if borrows else _("Part : %(title)s", title=thing)
        yield _on(loan, loan.first_day, "out", fetched, place)
    brought = _("À rendre : %(title)s", title=thing) if borrows else _("Revient : %(title)s", title=thing)
    if loan.status != "returned":
        yield _on(loan, loan.due, "back", brought, place)
    elif loan.checked_in_at is not None:
        came = _("Rendu : %(title)s", title=thing) if borrows else _("Revenu : %(title)s", title=thing)
        at = loan.checked_in_at.astimezone(ZoneInfo(place.days.timezone)).date()
        yield Happening(f"loan-{loan.id}-back", came, at, at, _where(loan), url=_page(loan))


def _on(loan: Told, day: date, what: str, title: str, place: lines.Place) -> Happening:
    days = place.days
    hours = (days.opens_at(day), days.closes_at(day)) if days.week and days.is_open(day) else (day, day)
    asked = loan.status == "requested"
    return Happening(f"loan-{loan.id}-{what}", title, *hours, _where(loan), url=_page(loan), tentative=asked)


def _where(loan: Told) -> str:
    return loan.hub.name if loan.hub else ""


def _page(loan: Told) -> str:
    return f"/loans/{loan.id}"


def _day(happening: Happening) -> date:
    """The civil day at the loan's place, as it was made."""
    starts = happening.starts
    return starts.date() if isinstance(starts, datetime) else starts
