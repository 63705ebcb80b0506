"""A hub closes on days on which something was to be fetched or brought back: what moves, what a person has to decide,
and each person told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock, outbox
from app.core.db import db
from app.core.errors import Invalid
from app.events.lending import LoanDueMoved, LoanPickUpExtended, LoansMoved
from app.hubs.models import Hub
from app.hubs.queries import lending_policy, open_days
from app.hubs.rules import ClosedDays, OpenDays
from app.hubs.services import require_looking_after
from app.items import claims
from app.lending import rules
from app.lending.models import HOLDING, Loan
from app.lending.services.ground import loans_held, set_due, write_down
from app.lending.waiting import line as waiting


@dataclass(frozen=True)
class Move:
    """A loan that meets closed days. `to`: the days it has instead; None: they cannot move by themselves."""

    loan: Loan
    to: rules.Period | None


def preview(
    *, hub_id: int, first_day: date | None, last_day: date | None, actor_id: int, now: datetime
) -> list[Move]:
    """What announcing this closure would move, before it is announced; by day. For those who look after the hub."""
    require_looking_after(actor_id=actor_id, hub_id=hub_id)
    if first_day is None or last_day is None:
        raise Invalid({"first_day" if first_day is None else "last_day": "core.required"})
    if last_day < first_day:
        raise Invalid({"last_day": "hubs.ends_before_it_begins"})
    hub = db.session.get_one(Hub, hub_id)
    days = open_days(hub)
    closed = replace(days, closures=(*days.closures, ClosedDays(first_day, last_day)))
    ids = _that_meet(_rows(hub, now), closed, now)
    loans = db.session.scalars(
        select(Loan).options(joinedload(Loan.item), joinedload(Loan.borrower)).where(Loan.id.in_(ids))
    ).all()
    return sorted(moves(hub, closed, loans, now=now), key=lambda move: (move.loan.first_day, move.loan.id))


def stuck(hub: Hub, loans: Iterable[Loan], *, now: datetime) -> list[Loan]:
    """Those of these loans that begin or end on a day on which the hub is closed: a person has to decide."""
    days = open_days(hub)
    today = days.today(now)
    return [loan for loan in loans if _meets(loan, days, today)]


def leave_closed_days(*, hub_id: int, now: datetime) -> int:
    """Move what begins or ends on days that the hub has closed since, and tell each borrower once; what cannot move
    stays, and stands in the coordinator's list. How many moved."""
    hub = db.session.get(Hub, hub_id)
    if hub is None:
        return 0
    days = open_days(hub)
    held = loans_held(_that_meet(_rows(hub, now), days, now))
    told: dict[int, list[tuple[Loan, int, bool]]] = {}
    for loan, to in _moving(moves(hub, days, held, now=now)):
        begins_anew = to.first_day != loan.first_day
        line_id = _move(loan, to, _terms(loan, hub, days), now=now)
        told.setdefault(loan.borrower_id, []).append((loan, line_id, begins_anew))
    for borrower_id, moved in told.items():
        _tell_once(borrower_id, hub_id, moved, now=now)
    for loan in held:
        _keep_until_open(loan, days, now=now)
    for item_id in sorted({loan.item_id for loan in held}):
        waiting.serve(item_id, now=now)
    return sum(len(moved) for moved in told.values())


def moves(hub: Hub, days: OpenDays, loans: Sequence[Loan], *, now: datetime) -> list[Move]:
    """Where each of these loans goes, the last one of an object first: it makes room for those before it."""
    today = days.today(now)
    there = claims.live_claims_of({loan.item_id for loan in loans}, from_day=today)
    taken_by = {item_id: {one.kit_claim_id or one.id for one in found} for item_id, found in there.items()}
    starts = {one.kit_claim_id or one.id: one.first_day for found in there.values() for one in found}
    found = []
    for loan in sorted(loans, key=lambda one: (one.first_day, one.id), reverse=True):
        if loan.status not in HOLDING or not _meets(loan, days, today):
            continue
        others = taken_by[loan.item_id] - {loan.claim_id}
        later = [starts[one] for one in others if starts[one] > loan.first_day]
        to = rules.off_closed_days(
            _terms(loan, hub, days),
            rules.Period(loan.first_day, loan.due),
            out=loan.status == "checked_out",
            today=today,
            next_claim=min(later, default=None),
        )
        if to is not None:
            starts[loan.claim_id] = to.first_day
        found.append(Move(loan, to))
    return found


def _rows(hub: Hub, now: datetime) -> Iterable[Loan]:
    """Loans of this hub that are not over and not late."""
    return db.session.scalars(
        select(Loan).where(
            Loan.hub_id == hub.id, Loan.status.in_(HOLDING), Loan.due >= clock.day_at(now, hub.timezone)
        )
    )


def _that_meet(loans: Iterable[Loan], days: OpenDays, now: datetime) -> list[int]:
    today = days.today(now)
    return [loan.id for loan in loans if _meets(loan, days, today) or _kept_until_closed(loan, days)]


def _meets(loan: Loan, days: OpenDays, today: date) -> bool:
    begins = loan.status != "checked_out" and loan.first_day >= today and not days.is_open(loan.first_day)
    return begins or (loan.due >= today and not days.is_open(loan.due))


def _kept_until_closed(loan: Loan, days: OpenDays) -> bool:
    return (
        loan.status == "reserved" and loan.pick_up_until is not None and not days.is_open(loan.pick_up_until)
    )


def _moving(found: Iterable[Move]) -> list[tuple[Loan, rules.Period]]:
    return [(move.loan, move.to) for move in found if move.to is not None]


def _terms(loan: Loan, hub: Hub, days: OpenDays) -> rules.Terms:
    return rules.Terms(days, lending_policy(hub), loan.item.buffer_days, loan.item.max_days)


def _move(loan: Loan, to: rules.Period, terms: rules.Terms, *, now: datetime) -> int:
    """These days from now on; the number of the line that says so."""
    before = rules.Period(loan.first_day, loan.due)
    claims.change(loan.claim, first_day=to.first_day, end_day=terms.claim_end(to.first_day, to.due))
    loan.first_day = to.first_day
    if to.due != loan.due:
        set_due(loan, to.due, now=now)
    kind = "due_moved" if to.first_day == before.first_day else "days_moved"
    return write_down(loan, kind, at=now, actor_id=None, why=before.as_text()).id


def _tell_once(borrower_id: int, hub_id: int, moved: list[tuple[Loan, int, bool]], *, now: datetime) -> None:
    loan, line_id, begins_anew = moved[0]
    if len(moved) == 1 and not begins_anew:
        outbox.record(LoanDueMoved(loan.id, line_id, loan.due), now=now)
    else:
        outbox.record(LoansMoved(borrower_id, hub_id, tuple(line for _loan, line, _anew in moved)), now=now)


def _keep_until_open(loan: Loan, days: OpenDays, *, now: datetime) -> None:
    """What is still kept for somebody is kept until the door opens again."""
    if not _kept_until_closed(loan, days) or loan.pick_up_until is None:
        return
    until = min(days.next_open(loan.pick_up_until) or loan.due, loan.due)
    if until > loan.pick_up_until:
        loan.pick_up_until = until
        outbox.record(LoanPickUpExtended(loan.id, until), now=now)
