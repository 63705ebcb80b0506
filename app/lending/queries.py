"""What can be seen of lending: loans and whom they concern, free days, what stands in the way. Each list says here
what it loads, so that it costs the same number of statements whatever its length."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    Date,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock
from app.core.db import db, one_of, plain_rows
from app.core.errors import NotFound
from app.core.paging import Page, after, page_of
from app.geo.rules import box_around
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.hubs.services import require_role
from app.items import claims
from app.items import rules as item_rules
from app.items.models import Item, ItemClaim
from app.items.whole import KeptAt
from app.lending import kits, policy, rules
from app.lending.facing import Facing, facing
from app.lending.models import HOLDING, Loan, RepairTicket
from app.lending.told import LISTED, Told, any_of, told
from app.lending.transfers.models import Transfer
from app.lending.waiting import rules as waiting_rules
from app.lending.wording import SpokenBlocker, spoken

Role = Literal["borrower", "owner", "hub"]
SIMILAR_WITHIN_KM = 15
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
    late = exists().where(Loan.claim_id == kits.CLAIM_OF_LOAN, Loan.status == "checked_out", Loan.due < today)
    reaching = or_(ItemClaim.end_day > today, ItemClaim.uncertain, late)
    query = (
        select(ItemClaim, late.label("late"))
        .where(claims.in_the_way_of(item_id), ItemClaim.live, reaching, ItemClaim.id != (besides or 0))
        .order_by(ItemClaim.first_day)
    )
    return [
        item_rules.Taken(claim.first_day, claim.end_day, claim.uncertain or is_late, claim.kind, claim.id)
        for claim, is_late in db.session.execute(query)
    ]


_LATE = (
    select(ItemClaim.id)
    .join(Loan, Loan.claim_id == kits.CLAIM_OF_LOAN)
    .where(
        one_of(ItemClaim.id, "claim_ids"),
        Loan.status == "checked_out",
        Loan.due < bindparam("today", type_=Date()),
    )
)


def taken_among(live: Iterable[item_rules.Taken], *, today: date) -> list[item_rules.Taken]:
    """The same of an object's live claims that were read already; one more statement where some loan may be late."""
    live = list(live)
    out = [one.id for one in live if one.kind == "loan" and one.first_day < today and not one.uncertain]
    late = {row.id for row in plain_rows(_LATE, {"claim_ids": out, "today": today})} if out else set()
    told = (replace(claim, uncertain=True) if claim.id in late else claim for claim in live)
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
    """Since when the object lies ready where it is kept, as far as loans, repairs and transfers tell (the beginning of
    time where it never left); None while it is out, broken, on its way or lost. `besides`: the loan that waits for it."""
    item = db.session.get(Item, item_id)
    if item is None or item.status != "active" or out_of_house(item_id, besides=besides):
        return None
    back = db.session.scalar(
        select(func.max(Loan.checked_in_at)).where(
            Loan.item_id.in_(kits.touched(item_id)), Loan.status == "returned"
        )
    )
    mended = db.session.scalar(
        select(func.max(RepairTicket.closed_at)).where(
            RepairTicket.item_id.in_(kits.it_and_its_objects(item_id))
        )
    )
    came = db.session.scalar(select(func.max(Transfer.received_at)).where(Transfer.item_id == item_id))
    return max(moment for moment in (back, mended, came, _EVER) if moment is not None)


def out_of_house(item_id: int, *, besides: int | None = None) -> bool:
    """Whether it is with somebody (the loan `besides` does not count), in repair, or on its way between hubs."""
    whole = kits.it_and_its_objects(item_id)
    away = or_(
        exists().where(Loan.item_id == item_id, Loan.status == "checked_out", Loan.id != (besides or 0)),
        exists(kits.out_apart(item_id)),
        exists().where(RepairTicket.item_id.in_(whole), RepairTicket.closed_at.is_(None)),
        exists().where(Transfer.item_id.in_(whole), Transfer.status == "sent"),
    )
    return bool(db.session.scalar(select(func.count()).where(away)))


def reservations_ahead(item_id: int) -> Sequence[Loan]:
    """Who has asked for it (of a kit: for any object of it) or reserved it, in order of days."""
    return db.session.scalars(
        select(Loan)
        .options(joinedload(Loan.item), joinedload(Loan.borrower))
        .where(Loan.item_id.in_(kits.it_and_its_objects(item_id)), Loan.status.in_(("requested", "reserved")))
        .order_by(Loan.first_day, Loan.id)
    ).all()


_EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# -- what stands in the way -------------------------------------------------------------------------------


def blockers(
    item: Any,
    resident: Any,
    *,
    hub: Hub | KeptAt | None,
    now: datetime,
    besides: int | None = None,
    deposit_open_cents: int = 0,
    roles: Collection[str] | None = None,
    agreed: bool = False,
    faced: Facing | None = None,
    objects: Collection[int] | None = None,
) -> list[SpokenBlocker]:
    """Every reason why this resident (a row, or the viewer) cannot borrow this object (a row, or an `Item`) now.
    `roles`: what the actor at the counter holds. `agreed`: the days are hers already, whoever waits in line. `faced`,
    `objects`: how the two stand towards each other, and what a kit is made of, where it was asked before."""
    faced = faced or facing(item, resident.id, hub_id=hub.id if hub else None, now=now, besides=besides)
    found = policy.blockers(
        faced.standing,
        policy.Wanted(
            active=kits.is_whole(item, objects) and (hub is None or hub.status == "published"),
            at_hub=hub is not None,
            induction=item.induction or None,
            deposit_open_cents=deposit_open_cents,
            before=0 if agreed else people_before(faced.line, item, resident.id),
        ),
        hub.policy if hub is not None else hub_queries.lending_policy(None),
    )
    if roles is not None:
        found = [policy.for_roles(blocker, roles) for blocker in found]
    return [spoken(blocker) for blocker in found]


def people_before(line: Sequence[waiting_rules.Standing], item: Any, resident_id: int) -> int:
    """How many in this line come before this resident, who may not stand in it."""
    slept = any(one.passed_at is not None for one in line)
    since = in_house_since(item.id, besides=0) if slept else None
    return waiting_rules.before(line, resident_id, in_house_since=since)


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


def require_sight(loan_id: int, viewer_id: int) -> None:
    """`NotFound` for whom this loan does not concern."""
    loan = db.session.get(Loan, loan_id)
    if loan is None or not policy.sees(parties(loan), actor(viewer_id, loan.hub_id)):
        raise NotFound


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
        late=late > 0,
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

DESK_LIST = 200
"""The most lines of one list at the counter."""


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
_OPEN_OR_LAST = LISTED.where(
    or_(
        and_(any_of(Loan.status, HOLDING), Loan.borrower_id == bindparam("me")),
        and_(any_of(Loan.status, HOLDING), Loan.owner_id == bindparam("me")),
        Loan.id.in_(
            select(Loan.id)
            .where(Loan.borrower_id == bindparam("me"), ~any_of(Loan.status, HOLDING))
            .order_by(Loan.id.desc())
            .limit(bindparam("count"))
        ),
    )
).order_by(Loan.due, Loan.id)


def open_and_last(viewer_id: int, *, last: int) -> tuple[list[Told], Page[Told]]:
    """All that she borrows or lends and that is not over, by due day; and the `last` of what she borrowed once, newest
    first, as the first page of `past`. One statement."""
    found = told(_OPEN_OR_LAST, {"me": viewer_id, "count": last + 1})
    over = sorted((loan for loan in found if loan.status not in HOLDING), key=lambda loan: -loan.id)
    return [loan for loan in found if loan.status in HOLDING], _page_of_past(over, last)


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
    return _page_of_past(rows, limit)


def _page_of_past(rows: Sequence[Told], limit: int) -> Page[Told]:
    return page_of("past", rows, limit=limit, key=lambda loan: (loan.id,))


def current_loan(item_id: int, viewer_id: int) -> Loan | None:
    """The viewer's own loan of this object that is asked for, reserved or out; the earliest."""
    return db.session.scalar(
        select(Loan)
        .where(Loan.item_id == item_id, Loan.borrower_id == viewer_id, Loan.status.in_(HOLDING))
        .order_by(Loan.first_day)
        .limit(1)
    )


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
