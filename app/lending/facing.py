"""Somebody before an object, as far as lending knows: how she stands towards those who lend, who waits for the object, and
her own loan of it. One statement for all of it, the same for the page, the counter and the services."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from app.accounts.models import Resident
from app.core import clock
from app.core.db import UtcDateTime, db, plain_rows
from app.hubs.models import Hub, Membership
from app.items.models import Induction
from app.lending import policy
from app.lending.models import HOLDING, Loan
from app.lending.told import any_of
from app.lending.waiting import queries as waiting
from app.lending.waiting import rules as waiting_rules
from app.lending.waiting.models import PlaceInLine


class Facing(NamedTuple):
    """`line`: everybody who waits for the object, in order. `loan_id`: her own loan of it that is asked for, reserved or
    out; the earliest."""

    standing: policy.Standing
    line: list[waiting_rules.Standing]
    loan_id: int | None


class _Fact(NamedTuple):
    """A row of the statement: what kind of fact it is, and what kinds of it hold."""

    what: str
    number: int
    word: str
    item_id: int
    first_day: Any
    due: Any
    timezone: str | None
    resident_id: int
    turn: int
    passed_at: datetime | None
    skipped: bool


_KINDS: dict[str, TypeEngine[Any]] = {
    "number": Integer(),
    "word": String(),
    "item_id": Integer(),
    "first_day": Date(),
    "due": Date(),
    "timezone": String(),
    "resident_id": Integer(),
    "turn": Integer(),
    "passed_at": UtcDateTime(),
    "skipped": Boolean(),
}


def _fact(what: str, **columns: Any) -> Select[Any]:
    """A row for each fact of this kind; what it does not say is null."""
    said = (columns.get(name, cast(null(), kind)).label(name) for name, kind in _KINDS.items())
    return select(literal_column(f"'{what}'", String()).label("what"), *said)


_RESIDENT, _ITEM = bindparam("resident_id", type_=Integer()), bindparam("item_id", type_=Integer())
_FACTS: CompoundSelect[Any] = union_all(
    _fact("confirmed").where(
        Resident.id == _RESIDENT,
        or_(Resident.email_confirmed_at.is_not(None), Resident.verified_in_person_at.is_not(None)),
    ),
    _fact("member", number=Membership.hub_id, word=Membership.status).where(
        Membership.resident_id == _RESIDENT
    ),
    _fact(
        "loan",
        number=Loan.id,
        word=Loan.status,
        item_id=Loan.item_id,
        first_day=Loan.first_day,
        due=Loan.due,
        timezone=Hub.timezone,
    )
    .select_from(Loan)
    .outerjoin(Hub, Hub.id == Loan.hub_id)
    .where(Loan.borrower_id == _RESIDENT, any_of(Loan.status, HOLDING)),
    _fact("induction", word=Induction.name).where(Induction.resident_id == _RESIDENT),
    _fact("kept", number=PlaceInLine.id).where(
        PlaceInLine.resident_id == _RESIDENT, PlaceInLine.status == "ready", PlaceInLine.item_id != _ITEM
    ),
    _fact(
        "waits",
        number=PlaceInLine.id,
        word=PlaceInLine.status,
        resident_id=PlaceInLine.resident_id,
        turn=PlaceInLine.turn,
        passed_at=PlaceInLine.passed_at,
        skipped=waiting.SKIPPED,
    ).where(PlaceInLine.item_id == _ITEM, PlaceInLine.ended_at.is_(None)),
)


def facing(
    item: Any, resident_id: int, *, hub_id: int | None, now: datetime, besides: int | None = None
) -> Facing:
    """This resident before this object (a row, or an `Item`), which is lent at `hub_id`; the loan `besides` does not count
    towards what she holds. What is pending is written first."""
    db.session.flush()
    given = {"resident_id": resident_id, "item_id": item.id, "hub_id": item.hub_id}
    facts: dict[str, list[_Fact]] = {}
    for fact in map(_Fact._make, plain_rows(_FACTS, given)):
        facts.setdefault(fact.what, []).append(fact)
    loans, members = facts.get("loan", []), facts.get("member", [])
    others = [loan for loan in loans if loan.number != besides]
    standing = policy.Standing(
        email_confirmed="confirmed" in facts,
        membership=next((fact.word for fact in members if fact.number == hub_id), None),
        verified_elsewhere=any(fact.word == "verified" and fact.number != hub_id for fact in members),
        suspended_somewhere=any(fact.word == "suspended" for fact in members),
        late=sum(
            loan.word == "checked_out" and loan.due < clock.day_at(now, loan.timezone or clock.home_zone())
            for loan in others
        ),
        # What is kept aside for her elsewhere counts as if she had it.
        holding=len(others) + len(facts.get("kept", ())),
        inductions=frozenset(fact.word for fact in facts.get("induction", ())),
    )
    own = min(((one.first_day, one.number) for one in loans if one.item_id == item.id), default=None)
    line = sorted(facts.get("waits", ()), key=lambda fact: fact.turn)
    return Facing(standing, [waiting.standing_of(fact) for fact in line], own[1] if own else None)
