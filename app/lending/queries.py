"""What can be seen of lending: loans and whom they concern, free days, what stands in the way. Each list says here
what it loads, so that it costs the same number of statements whatever its length."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, plain_rows
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.geo.rules import box_around
from app.hubs import queries as hub_queries
from app.hubs.models import Hub, Membership
from app.hubs.services import require_role
from app.items import rules as item_rules
from app.items.models import Induction, Item, ItemClaim
from app.items.whole import KeptAt
from app.lending import policy, rules
from app.lending.models import HOLDING, Loan, LoanEvent, RepairTicket
from app.lending.told import LISTED, Told, any_of, told
from app.lending.wording import SpokenBlocker, spoken

Role = Literal["borrower", "owner", "hub"]
SIMILAR_WITHIN_KM = 15
UNDO_LIST = timedelta(hours=24)
DESK_LIST = 200
"""The most lines of one list at the counter."""


# -- days and terms ---------------------------------------------------------------------------------------


def terms_of(item: Item, hub: Hub | None) -> rules.Terms:
    """All that decides on the days of this object when it is lent at `hub` (None: by its owner at home)."""
    return rules.Terms(
        days=hub_queries.open_days(hub),
        policy=hub_queries.lending_policy(hub),
        buffer_days=item.buffer_days,
        max_days=item.max_days,
    )


def taken(item_id: int, *, today: date, besides: int | None = None) -> list[item_rules.Taken]:
    """The claims of an object that reach into today or later, in order, without the claim `besides`. What should be
    back and is not has no certain end, though the sweep may not have said so yet."""
    late = db.session.scalar(
        select(Loan.claim_id).where(Loan.item_id == item_id, Loan.status == "checked_out", Loan.due < today)
    )
    query = (
        select(ItemClaim)
        .where(ItemClaim.item_id == item_id, ItemClaim.live, ItemClaim.id != (besides or 0))
        .order_by(ItemClaim.first_day)
    )
    live = [
        item_rules.Taken(claim.first_day, claim.end_day, claim.uncertain, claim.kind, claim.id)
        for claim in db.session.scalars(query)
    ]
    return taken_among(live, late=late, today=today)


def taken_among(live: Iterable[item_rules.Taken], *, late: int | None, today: date) -> list[item_rules.Taken]:
    """Of an object's live claims, those that reach into today or later. `late`: the claim of the loan that should be
    back."""
    told = (replace(claim, uncertain=True) if claim.id == late else claim for claim in live)
    return [claim for claim in told if claim.end_day > today or claim.uncertain]


def free_choices(item: Item, *, wished: rules.Period | None = None, now: datetime) -> list[rules.Period]:
    """The free periods nearest to the wished one (from today, a usual loan), each reservable as given."""
    terms = terms_of(item, item.hub)
    today = terms.days.today(now)
    wished = wished or terms.usual_from(today)
    return rules.free_choices(terms, taken(item.id, today=today), wished=wished, today=today)


def similar_near(item: Item, *, first_day: date, due: date, limit: int = 3) -> Sequence[Item]:
    """Other objects of the same shelf nearby that no claim holds on these days, nearest first."""
    box = box_around(item.lat, item.lon, SIMILAR_WITHIN_KM)
    narrow = math.cos(math.radians(item.lat))
    north, east = Item.lat - item.lat, (Item.lon - item.lon) * narrow
    held = exists().where(
        ItemClaim.item_id == Item.id,
        ItemClaim.live,
        ItemClaim.first_day <= due,
        ItemClaim.end_day > first_day,
    )
    query = (
        select(Item)
        .where(
            Item.status == "active",
            Item.category_id == item.category_id,
            Item.lat.between(box.south, box.north),
            Item.lon.between(box.west, box.east),
            Item.lends,
            Item.id != item.id,
            ~held,
        )
        .order_by(north * north + east * east, Item.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def in_house_since(item_id: int, *, besides: int) -> datetime | None:
    """Since when the object lies ready where it is kept, as far as loans and repairs tell (the beginning of time
    where it never left); None while it is out, broken or lost. `besides`: the loan that waits for it."""
    item = db.session.get(Item, item_id)
    away = db.session.scalar(
        select(func.count()).where(
            or_(
                exists().where(Loan.item_id == item_id, Loan.status == "checked_out", Loan.id != besides),
                exists().where(RepairTicket.item_id == item_id, RepairTicket.closed_at.is_(None)),
            )
        )
    )
    if away or item is None or item.status != "active":
        return None
    back = db.session.scalar(
        select(func.max(Loan.checked_in_at)).where(Loan.item_id == item_id, Loan.status == "returned")
    )
    mended = db.session.scalar(
        select(func.max(RepairTicket.closed_at)).where(RepairTicket.item_id == item_id)
    )
    return max(moment for moment in (back, mended, _EVER) if moment is not None)


_EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# -- what stands in the way -------------------------------------------------------------------------------


_WORD, _DAY = cast(null(), String), cast(null(), Date)
_STANDING = union_all(
    select(
        literal("confirmed").label("what"),
        Resident.id.label("number"),
        _WORD.label("word"),
        _DAY.label("due"),
        _WORD.label("timezone"),
    ).where(
        Resident.id == bindparam("resident_id"),
        or_(Resident.email_confirmed_at.is_not(None), Resident.verified_in_person_at.is_not(None)),
    ),
    select(literal("member"), Membership.hub_id, Membership.status, _DAY, _WORD).where(
        Membership.resident_id == bindparam("resident_id")
    ),
    select(literal("loan"), Loan.id, Loan.status, Loan.due, Hub.timezone)
    .outerjoin(Hub, Hub.id == Loan.hub_id)
    .where(Loan.borrower_id == bindparam("resident_id"), any_of(Loan.status, HOLDING)),
    select(literal("induction"), Induction.resident_id, Induction.name, _DAY, _WORD).where(
        Induction.resident_id == bindparam("resident_id")
    ),
)
"""Who somebody is to those who lend, a row for each fact."""


def standing(
    resident_id: int, *, hub_id: int | None, now: datetime, besides: int | None = None
) -> policy.Standing:
    """How this resident stands towards an object kept at `hub_id`; the loan `besides` does not count. One statement."""
    facts: dict[str, list[Any]] = {"confirmed": [], "member": [], "loan": [], "induction": []}
    for row in db.session.execute(_STANDING, {"resident_id": resident_id}):
        facts[row.what].append(row)
    others = [row for row in facts["loan"] if row.number != besides]
    return policy.Standing(
        email_confirmed=bool(facts["confirmed"]),
        membership=next((row.word for row in facts["member"] if row.number == hub_id), None),
        verified_elsewhere=any(row.word == "verified" and row.number != hub_id for row in facts["member"]),
        suspended_somewhere=any(row.word == "suspended" for row in facts["member"]),
        late=sum(
            row.word == "checked_out" and row.due < clock.day_at(now, row.timezone or clock.home_zone())
            for row in others
        ),
        holding=len(others),
        inductions=frozenset(row.word for row in facts["induction"]),
    )


def blockers(
    item: Any,
    resident: Any,
    *,
    hub: Hub | KeptAt | None,
    now: datetime,
    besides: int | None = None,
    deposit_open_cents: int = 0,
    roles: Collection[str] | None = None,
) -> list[SpokenBlocker]:
    """Every reason why this resident (a row, or the viewer) cannot borrow this object (a row, or an `Item`) now.
    `roles`: what the actor at the counter holds."""
    found = policy.blockers(
        standing(resident.id, hub_id=hub.id if hub else None, now=now, besides=besides),
        policy.Wanted(
            active=item.status == "active" and (hub is None or hub.status == "published"),
            at_hub=hub is not None,
            induction=item.induction or None,
            deposit_open_cents=deposit_open_cents,
        ),
        hub.policy if hub is not None else hub_queries.lending_policy(None),
    )
    if roles is not None:
        found = [policy.for_roles(blocker, roles) for blocker in found]
    return [spoken(blocker) for blocker in found]


# -- one loan ---------------------------------------------------------------------------------------------


def parties(loan: Loan | Told) -> policy.Parties:
    """The people of this loan, and where it stands."""
    return policy.Parties(loan.borrower_id, loan.owner_id, loan.hub_id, loan.status)


def actor(resident_id: int, hub_id: int | None) -> policy.Actor:
    """Somebody, with the roles held at this hub."""
    held = hub_queries.membership(resident_id, hub_id) if hub_id is not None else None
    return policy.Actor(resident_id, tuple(held.roles) if held else ())


def loan_for(loan_id: int, viewer_id: int) -> Loan:
    """A loan with all that its page shows; `NotFound` but for the borrower, the owner and the hub's volunteers."""
    loan = db.session.scalar(_shown().where(Loan.id == loan_id).options(selectinload(Loan.history)))
    if loan is None or not policy.sees(parties(loan), actor(viewer_id, loan.hub_id)):
        raise NotFound
    return loan


def acts(loan: Loan, viewer_id: int, *, now: datetime) -> frozenset[str]:
    """What the viewer can do with this loan now, by the policy that the services ask."""
    terms = terms_of(loan.item, loan.hub)
    late = rules.overdue_days(loan.due, terms.days.today(now))
    return policy.acts(
        parties(loan),
        actor(viewer_id, loan.hub_id),
        given=loan.given_at is not None,
        back_given=loan.back_given_at is not None,
        renewable=late <= rules.RENEWABLE_WHILE_LATE and loan.renewals < terms.policy.max_renewals,
    )


def open_ticket(item_id: int) -> RepairTicket | None:
    """The repair that is not done yet."""
    return db.session.scalar(
        select(RepairTicket).where(RepairTicket.item_id == item_id, RepairTicket.closed_at.is_(None))
    )


def _shown() -> Select[Loan]:
    return select(Loan).options(
        joinedload(Loan.item).joinedload(Item.category),
        joinedload(Loan.item).selectinload(Item.photos),
        joinedload(Loan.hub).selectinload(Hub.opening_hours),
        joinedload(Loan.hub).selectinload(Hub.closures),
        joinedload(Loan.borrower),
        joinedload(Loan.owner),
    )


# -- lists of loans ---------------------------------------------------------------------------------------


_OPEN = LISTED.where(
    any_of(Loan.status, HOLDING),
    or_(Loan.borrower_id == bindparam("me"), Loan.owner_id == bindparam("me")),
).order_by(Loan.due, Loan.id)
_IN_HAND = LISTED.where(Loan.borrower_id == bindparam("me"), Loan.status == "checked_out").order_by(
    Loan.due, Loan.id
)
_COMING = LISTED.where(
    Loan.borrower_id == bindparam("me"), any_of(Loan.status, ("requested", "reserved"))
).order_by(Loan.first_day, Loan.id)
_PAST = (
    LISTED.where(Loan.borrower_id == bindparam("me"), ~any_of(Loan.status, HOLDING))
    .order_by(Loan.id.desc())
    .limit(bindparam("count"))
)
_PAST_ON = _PAST.where(Loan.id < bindparam("last"))


def open_loans(viewer_id: int) -> Sequence[Told]:
    """All that she borrows or lends and that is not over, by due day."""
    return told(_OPEN, {"me": viewer_id})


def out_late(hub_id: int, viewer_id: int, *, now: datetime) -> Sequence[Told]:
    """What should be back at this hub and is not, the longest overdue first; for those who hold its counter."""
    out = told(
        LISTED.where(
            _whose("hub", viewer_id, hub_id),
            Loan.status == "checked_out",
            Loan.due < now.date() + rules.ONE_DAY,  # its own day may be ahead of UTC's
        )
        .order_by(Loan.due, Loan.id)
        .limit(DESK_LIST)
    )
    return [loan for loan in out if loan.hub and loan.due < clock.day_at(now, loan.hub.timezone)]


def loans_page(
    *,
    role: Role,
    viewer_id: int,
    hub_id: int | None = None,
    status: str | None = None,
    due_before: date | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Told]:
    """The viewer's loans in this role, newest first; with role "hub" those of a hub whose counter she holds."""
    query = LISTED.where(_whose(role, viewer_id, hub_id))
    if status is not None:
        query = query.where(Loan.status == status)
    if due_before is not None:
        query = query.where(Loan.due < due_before)
    start = after("loans", cursor, length=1)
    if start is not None:
        query = query.where(Loan.id < start[0])
    rows = told(query.order_by(Loan.id.desc()).limit(limit + 1))
    return page_of("loans", rows, limit=limit, key=lambda loan: (loan.id,))


def _whose(role: Role, viewer_id: int, hub_id: int | None) -> Any:
    if role == "borrower":
        return and_(Loan.borrower_id == viewer_id, *([] if hub_id is None else [Loan.hub_id == hub_id]))
    if role == "owner":
        return and_(Loan.owner_id == viewer_id, *([] if hub_id is None else [Loan.hub_id == hub_id]))
    if hub_id is None:
        raise NotFound("hubs.not_found")
    require_role("volunteer", actor_id=viewer_id, hub_id=hub_id)
    return Loan.hub_id == hub_id


def in_hand(viewer_id: int) -> Sequence[Told]:
    """What she has at home and must bring back, by due day."""
    return told(_IN_HAND, {"me": viewer_id})


def coming(viewer_id: int) -> Sequence[Told]:
    """What she has asked for or reserved, by first day."""
    return told(_COMING, {"me": viewer_id})


def past(viewer_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[Told]:
    """What she borrowed once, newest first."""
    start = after("past", cursor, length=1)
    given = {"me": viewer_id, "count": limit + 1}
    rows = told(_PAST, given) if start is None else told(_PAST_ON, {**given, "last": start[0]})
    return page_of("past", rows, limit=limit, key=lambda loan: (loan.id,))


_HOLDING_LOANS = (
    select(Loan.id, Loan.borrower_id, Loan.status, Loan.due, Loan.claim_id)
    .where(Loan.item_id == bindparam("item_id"), any_of(Loan.status, HOLDING))
    .order_by(Loan.first_day, Loan.id)
)


def holding_loans(item_id: int) -> Sequence[Any]:
    """All loans of this object that are asked for, reserved or out, the earliest first: id, borrower_id, status, due,
    claim_id."""
    return plain_rows(_HOLDING_LOANS, {"item_id": item_id})


def late_claim(held: Iterable[Any], today: date) -> int | None:
    """Of these loans of one object, the claim of the one that should be back and is not."""
    return next((loan.claim_id for loan in held if loan.status == "checked_out" and loan.due < today), None)


def had(item_id: int, viewer_id: int) -> bool:
    """Whether this viewer has or had a loan of it, however it ended."""
    hers = select(Loan.id).where(Loan.item_id == item_id, Loan.borrower_id == viewer_id)
    return db.session.scalar(hers.limit(1)) is not None


def own_items(viewer_id: int) -> int:
    """How many of her objects others can borrow."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Item.owner_resident_id == viewer_id, Item.status == "active", Item.lends
            )
        )
        or 0
    )


# -- the counter ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CounterToday:
    """One day of a hub. `expected`: due back today; `ready`: to be collected, the object is here; `missing`: to be
    collected, but it is not; `to_put_away`: came back today; `closed_due`: what must come back on a closed day and
    could not be moved."""

    today: date
    expected: Sequence[Loan]
    ready: Sequence[Loan]
    missing: Sequence[Loan]
    overdue: Sequence[Loan]
    to_put_away: Sequence[Loan]
    repairs: Sequence[RepairTicket]
    closed_due: Sequence[Loan]


def counter_today(hub_id: int, *, now: datetime) -> CounterToday:
    """What today holds at this hub."""
    hub = db.session.get(Hub, hub_id)
    days = hub_queries.open_days(hub)
    today = days.today(now)
    to_collect = _of_hub(hub_id, Loan.status == "reserved", Loan.first_day <= today, order=Loan.first_day)
    away = _away({loan.item_id for loan in to_collect})
    out = _of_hub(hub_id, Loan.status == "checked_out", Loan.due <= today, order=Loan.due)
    soon = _of_hub(
        hub_id,
        Loan.status.in_(("reserved", "checked_out")),
        Loan.due >= today,
        Loan.due <= today + timedelta(days=60),
        order=Loan.due,
    )
    return CounterToday(
        today=today,
        expected=[loan for loan in out if loan.due == today],
        ready=[loan for loan in to_collect if loan.item_id not in away],
        missing=[loan for loan in to_collect if loan.item_id in away],
        overdue=[loan for loan in out if loan.due < today],
        to_put_away=_of_hub(
            hub_id,
            Loan.status == "returned",
            Loan.due >= today - timedelta(days=60),
            Loan.checked_in_at >= days.opens_at(today).replace(hour=0, minute=0),
            order=Loan.checked_in_at.desc(),
        ),
        repairs=db.session.scalars(
            select(RepairTicket)
            .options(joinedload(RepairTicket.item))
            .where(RepairTicket.hub_id == hub_id, RepairTicket.closed_at.is_(None))
            .order_by(RepairTicket.opened_at)
            .limit(DESK_LIST)
        ).all(),
        closed_due=[loan for loan in soon if not days.is_open(loan.due)],
    )


def _of_hub(hub_id: int, *where: Any, order: Any) -> Sequence[Loan]:
    return db.session.scalars(
        select(Loan)
        .options(joinedload(Loan.item), joinedload(Loan.borrower))
        .where(Loan.hub_id == hub_id, *where)
        .order_by(order, Loan.id)
        .limit(DESK_LIST)
    ).all()


def _away(item_ids: Collection[int]) -> set[int]:
    """Those of these objects that are out, or in repair."""
    out = select(Loan.item_id).where(Loan.item_id.in_(item_ids), Loan.status == "checked_out")
    broken = select(RepairTicket.item_id).where(
        RepairTicket.item_id.in_(item_ids), RepairTicket.closed_at.is_(None)
    )
    return set(db.session.scalars(out.union(broken))) if item_ids else set()


@dataclass(frozen=True)
class JustNow:
    """One act at the counter, and whether it can still be undone with one tap."""

    event: LoanEvent
    loan: Loan
    undoable: bool


def just_now(hub_id: int, *, now: datetime, limit: int = 20) -> list[JustNow]:
    """What was handed out and taken back at this hub in the last day, newest first."""
    events = db.session.scalars(
        select(LoanEvent)
        .options(joinedload(LoanEvent.loan).options(joinedload(Loan.item), joinedload(Loan.borrower)))
        .where(
            LoanEvent.hub_id == hub_id,
            LoanEvent.kind.in_(("checked_out", "returned")),
            LoanEvent.at > now - UNDO_LIST,
        )
        .order_by(LoanEvent.at.desc(), LoanEvent.id.desc())
        .limit(limit)
    ).all()
    last = _last_lines({event.loan_id for event in events})
    return [JustNow(event, event.loan, _undoable(event, last, now)) for event in events]


def _undoable(event: LoanEvent, last: Collection[int], now: datetime) -> bool:
    return event.id in last and event.before is not None and event.at > now - rules.UNDO_FOR


def _last_lines(loan_ids: Collection[int]) -> set[int]:
    if not loan_ids:
        return set()
    query = select(func.max(LoanEvent.id)).where(LoanEvent.loan_id.in_(loan_ids)).group_by(LoanEvent.loan_id)
    return set(db.session.scalars(query))
