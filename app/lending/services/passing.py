"""What becomes of loans when time passes and nobody acts: requests end, the pick-up clock runs, what is late holds its
object for another day, one neighbour's word counts.

Each function takes the next few that may be due, holds them, looks again, and does what is still due; two schedulers
at once do it once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select, update

from app.core import clock, outbox
from app.core.db import db, locked
from app.core.jobs import Walked
from app.events.lending import LoanExpired, LoanOverdue, LoanPickUpExtended
from app.hubs.models import Hub
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import queries, rules
from app.lending.models import HOLDING, Loan, RepairTicket
from app.lending.services import neighbours
from app.lending.services.ground import finish, loans_held, write_down
from app.lending.services.mending import hold_for_repair
from app.lending.waiting import line as waiting
from app.notifications import services as notifications
from app.notifications.rules import Telling

LONGEST_BUFFER = timedelta(days=61)
EASTERNMOST = timedelta(hours=14)
"""A day begins at most so long before it begins in UTC."""


def latest_day(*, now: datetime) -> date:
    """The day that it is at `now` where days begin first: nothing can be due by a later one."""
    return (now + EASTERNMOST).date()


def expire_requests(*, now: datetime, limit: int) -> int:
    """End the requests that nobody answered in time; how many were looked at."""
    ids = db.session.scalars(
        select(Loan.id)
        .where(Loan.status == "requested", Loan.answer_by <= now)
        .order_by(Loan.answer_by)
        .limit(limit)
    ).all()
    for loan in loans_held(ids):
        if loan.status == "requested" and loan.answer_by is not None and loan.answer_by <= now:
            _expire(loan, "unanswered", now=now)
    return len(ids)


def _expire(loan: Loan, why: str, *, now: datetime) -> None:
    finish(loan, "expired", now=now)
    write_down(loan, "expired", at=now, actor_id=None, why=why)
    outbox.record(LoanExpired(loan.id, why), now=now)
    waiting.serve(loan.item_id, now=now)


def remind_owners(*, now: datetime, limit: int) -> int:
    """Remind owners once of requests that have waited for a day; how many."""
    waiting = (
        select(Loan.id)
        .where(
            Loan.status == "requested",
            Loan.answer_by > now,
            Loan.requested_at <= now - rules.OWNER_REMINDED_AFTER,
            Loan.owner_reminded_at.is_(None),
        )
        .order_by(Loan.id)
        .limit(limit)
    )
    ids = db.session.scalars(waiting).all()
    taken = (
        update(Loan)
        .where(Loan.id.in_(ids), Loan.owner_reminded_at.is_(None), Loan.status == "requested")
        .values(owner_reminded_at=now)
        .returning(Loan.id)
        .execution_options(synchronize_session=False)
    )
    fresh = set(db.session.scalars(taken)) if ids else set()
    notifications.tell_many([_waits(loan) for loan in _with_people(fresh)], now=now)
    return len(ids)


def _with_people(loan_ids: set[int]) -> Sequence[Loan]:
    return db.session.scalars(select(Loan).where(Loan.id.in_(loan_ids))).all() if loan_ids else []


def _waits(loan: Loan) -> Telling:
    assert loan.owner_id is not None
    return Telling(
        resident_id=loan.owner_id,
        kind="lending.request_waits",
        params={"borrower": loan.borrower.name, "item": loan.item.title, "answer_by": loan.answer_by},
        path=f"/loans/{loan.id}",
        key=f"lending.request_waits:{loan.id}:{loan.answer_by:%Y%m%dT%H%M}",
        timezone=loan.hub.timezone if loan.hub else None,
    )


def turn_pick_up_clocks(*, now: datetime, after_id: int, limit: int) -> Walked:
    """Keep what was not collected for another day, with a message; then let it go."""
    ids = db.session.scalars(
        select(Loan.id)
        .where(
            Loan.status == "reserved",
            Loan.given_at.is_(None),
            func.coalesce(Loan.pick_up_until, Loan.first_day) <= latest_day(now=now),
            Loan.id > after_id,
        )
        .order_by(Loan.id)
        .limit(limit)
    ).all()
    count = 0
    for loan in loans_held(ids):
        if loan.status == "reserved" and loan.given_at is None:
            count += _turn_pick_up_clock(loan, now=now)
    return Walked(count, ids[-1] if len(ids) == limit else None)


def _turn_pick_up_clock(loan: Loan, *, now: datetime) -> int:
    terms = queries.terms_of(loan.item, loan.hub)
    here_since = queries.in_house_since(loan.item_id, besides=loan.id)
    since = max(here_since, loan.reserved_at or here_since) if here_since is not None else None
    step, until = rules.pick_up_step(
        terms.days,
        first_day=loan.first_day,
        due=loan.due,
        since=since,
        kept_until=loan.pick_up_until,
        now=now,
    )
    if step == "keep" and until is not None:
        loan.pick_up_until = until
        write_down(loan, "pick_up_kept", at=now, actor_id=None)
        outbox.record(LoanPickUpExtended(loan.id, until), now=now)
    elif step == "lapse":
        _expire(loan, "not_collected", now=now)
    elif step == "pass":
        _expire(loan, "not_in_house", now=now)
    return 0 if step == "wait" else 1


# -- claims without a certain end -------------------------------------------------------------------------


def push_overdue(*, now: datetime, after_id: int, limit: int) -> Walked:
    """What is late holds its object for today too, as far as the next claim; said once that it is late."""
    latest = latest_day(now=now)
    ids = db.session.scalars(_overdue(latest).where(Loan.id > after_id).order_by(Loan.id).limit(limit)).all()
    count = 0
    for loan in loans_held(ids):
        today = clock.day_at(now, loan.hub.timezone if loan.hub else clock.home_zone())
        if loan.status == "checked_out" and loan.due < today:
            count += _push_loan(loan, today, now=now)
    return Walked(count, ids[-1] if len(ids) == limit else None)


def _overdue(latest: date) -> Select[int]:
    """Late loans whose claim has run out or does not say yet that its end is uncertain."""
    return (
        select(Loan.id)
        .join(ItemClaim, ItemClaim.id == Loan.claim_id)
        .where(
            Loan.status == "checked_out",
            Loan.due < latest,
            or_(
                ItemClaim.end_day <= latest,
                (ItemClaim.uncertain.is_(False)) & (Loan.due > latest - LONGEST_BUFFER),
            ),
        )
    )


def _push_loan(loan: Loan, today: date, *, now: datetime) -> int:
    newly = not loan.claim.uncertain
    pushed = claims.push(loan.claim, today)
    if newly:
        write_down(loan, "overdue", at=now, actor_id=None)
        outbox.record(LoanOverdue(loan.id), now=now)
    return int(pushed or newly)


def push_repairs(*, now: datetime, after_id: int, limit: int) -> Walked:
    """What is in repair stays so for today too, as far as the next claim; what found no free day takes one when it can."""
    latest = latest_day(now=now)
    rows = db.session.execute(
        select(RepairTicket.id, RepairTicket.item_id)
        .outerjoin(ItemClaim, ItemClaim.id == RepairTicket.claim_id)
        .where(
            RepairTicket.closed_at.is_(None),
            RepairTicket.id > after_id,
            or_(ItemClaim.id.is_(None), ItemClaim.live.is_(False), ItemClaim.end_day <= latest),
        )
        .order_by(RepairTicket.id)
        .limit(limit)
    ).all()
    if not rows:
        return Walked(0, None)
    locked(Item, *(row.item_id for row in rows))
    count = sum(_push_repair(ticket, now=now) for ticket in locked(RepairTicket, *(row.id for row in rows)))
    return Walked(count, rows[-1].id if len(rows) == limit else None)


def _push_repair(ticket: RepairTicket, *, now: datetime) -> int:
    if ticket.closed_at is not None:
        return 0
    hub = db.session.get(Hub, ticket.hub_id) if ticket.hub_id is not None else None
    claim = db.session.get(ItemClaim, ticket.claim_id) if ticket.claim_id is not None else None
    if claim is None or not claim.live:
        before = ticket.claim_id
        hold_for_repair(ticket, hub, at=now)
        return int(ticket.claim_id != before)
    return int(claims.push(claim, clock.day_at(now, hub.timezone if hub else clock.home_zone())))


def end_passed_claims(*, now: datetime, limit: int) -> int:
    """Buffer days of loans that are over, and have passed everywhere, are nobody's any more; how many."""
    passed = (
        select(ItemClaim.id)
        .join(Loan, Loan.claim_id == ItemClaim.id)
        .where(
            ItemClaim.live,
            ItemClaim.end_day < (now - timedelta(days=1)).date(),
            Loan.status.not_in(HOLDING),
        )
        .limit(limit)
    )
    ids = db.session.scalars(passed).all()
    if ids:
        db.session.execute(
            update(ItemClaim)
            .where(ItemClaim.id.in_(ids) | ItemClaim.kit_claim_id.in_(ids))
            .values(live=False)
            .execution_options(synchronize_session=False)
        )
    return len(ids)


# -- between neighbours -----------------------------------------------------------------------------------


def count_one_sided(*, now: datetime, limit: int) -> int:
    """What one of two neighbours said a day ago, and the other did not contest, holds; how many."""
    before = now - rules.ONE_SIDED_COUNTS_AFTER
    ids = db.session.scalars(
        select(Loan.id)
        .where(
            Loan.hub_id.is_(None),
            or_(
                (Loan.status == "reserved") & (Loan.given_at <= before),
                (Loan.status == "checked_out") & (Loan.back_given_at <= before),
            ),
        )
        .order_by(Loan.id)
        .limit(limit)
    ).all()
    for loan in loans_held(ids):
        if loan.status == "reserved" and loan.given_at is not None and loan.given_at <= before:
            neighbours.leave(loan, actor_id=None, at=loan.given_at, now=now)
        elif loan.status == "checked_out" and loan.back_given_at is not None and loan.back_given_at <= before:
            neighbours.come_back(loan, actor_id=None, at=loan.back_given_at, now=now)
    return len(ids)
