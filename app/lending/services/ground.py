"""What every act on a loan stands on: the rows it holds, the line it leaves in the history, what an undo puts back.

Rows are held in one order everywhere: resident, object, loan, claims.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import audit
from app.core.db import db, locked, locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.items import claims
from app.items.models import Item, ItemClaim
from app.lending import policy, queries, rules
from app.lending.models import LOOK_NOW, Loan, LoanEvent
from app.notifications import services as notifications

Reasons = Callable[[policy.Parties, policy.Actor], list[str]]


def resident_held(resident_id: int) -> Resident:
    """The resident, held until the transaction ends, so that her loans are counted once."""
    found = locked_one(Resident, resident_id)
    if found is None:
        raise NotFound
    return found


def item_held(item_id: int) -> Item:
    """The object (a kit with all that it is made of), held until the transaction ends, so that its days are taken one
    after the other."""
    found = claims.held_one(item_id)
    if found is None:
        raise NotFound
    return found


def loans_held(loan_ids: Sequence[int]) -> Sequence[Loan]:
    """These loans, fresh, with their objects held, in the order of their numbers."""
    if not loan_ids:
        return []
    item_ids = db.session.scalars(select(Loan.item_id).where(Loan.id.in_(loan_ids))).all()
    claims.held(*item_ids)
    found = locked(Loan, *loan_ids)
    for loan in found:
        db.session.expire(loan, ["claim"])
    return found


def loan_held(loan_id: int, *, actor_id: int, may: Reasons, count_borrower: bool = False) -> Loan:
    """The loan, fresh, with its object (and its borrower) held. `NotFound` for whom it does not concern,
    `Forbidden` with the reason for whom it does, who may not do this."""
    seen = db.session.get(Loan, loan_id)
    if seen is None:
        raise NotFound
    people = queries.parties(seen)
    actor = queries.actor(actor_id, seen.hub_id)
    if not policy.sees(people, actor):
        raise NotFound
    reasons = may(people, actor)
    if reasons:
        raise Forbidden(reasons[0])
    if count_borrower:
        resident_held(seen.borrower_id)
    return fresh_loan(seen)


def fresh_loan(seen: Loan) -> Loan:
    """The same loan as it is now that its object is held."""
    item_held(seen.item_id)
    loan = locked_one(Loan, seen.id)
    if loan is None:
        raise NotFound
    db.session.expire(loan, ["claim"])
    return loan


def write_down(
    loan: Loan,
    kind: str,
    *,
    at: datetime,
    actor_id: int | None,
    why: str | None = None,
    before: dict[str, Any] | None = None,
) -> LoanEvent:
    """Leave a line in the loan's history."""
    line = LoanEvent(
        loan_id=loan.id,
        at=at,
        kind=kind,
        status=loan.status,
        actor_id=actor_id,
        hub_id=loan.hub_id,
        why=why,
        before=before,
    )
    db.session.add(line)
    db.session.flush()
    return line


def write_on_behalf(act: str, loan: Loan, *, actor_id: int, now: datetime) -> None:
    """A volunteer acted for somebody: both names are kept."""
    if actor_id in (loan.borrower_id, loan.owner_id):
        return
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=loan.hub_id,
    )


def set_due(loan: Loan, due: date, *, now: datetime) -> None:
    """This due day holds from now on: what was to be called to mind for another one is not told any more, and the
    next sweep looks at the new one."""
    loan.due = due
    loan.due_set_at = now
    loan.remind_at = LOOK_NOW
    forget_reminders(loan)


def forget_reminders(loan: Loan) -> None:
    """Take back the reminders that have not gone out."""
    notifications.withdraw(key_prefix=reminder_key(loan))


def recall_reminders(loan: Loan) -> None:
    """Let the reminders of this due day go out after all."""
    notifications.reinstate(key_prefix=f"{reminder_key(loan)}{loan.due}:")


def reminder_key(loan: Loan) -> str:
    """How the keys of all reminders of this loan begin."""
    return f"lending.reminder:{loan.id}:"


def finish(loan: Loan, status: str, *, now: datetime) -> None:
    """The loan ends so, and gives back its days."""
    loan.status = status
    loan.ended_at = now
    claims.end(loan.claim)


def free_days(claim: ItemClaim, *, came: date, today: date, buffer_days: int) -> None:
    """What a return on the day `came` leaves of its claim: the buffer days, up to the next claim; nothing where they
    have passed."""
    if not claim.live:
        return
    end = came + timedelta(days=buffer_days)
    following = claims.next_claim(claim.item_id, after_day=claim.first_day, besides=claim.id)
    if following is not None:
        end = min(end, following.first_day)
    if end <= max(today, claim.first_day):
        claims.end(claim)
    else:
        claims.change(claim, end_day=end, uncertain=False)


def refuse_taken(
    item: Item,
    terms: rules.Terms,
    wished: rules.Period,
    *,
    now: datetime,
    code: str = "lending.already_reserved",
    besides: int | None = None,
    **params: Any,
) -> Conflict:
    """The refusal of days that are not free: with the nearest days that are, and objects like it."""
    today = terms.days.today(now)
    free = rules.free_choices(
        terms, queries.taken(item.id, today=today, besides=besides), wished=wished, today=today
    )
    alike = queries.similar_near(item, first_day=wished.first_day, due=wished.due)
    return Conflict(
        code,
        alternatives=[period.as_json() for period in free],
        similar=[{"id": str(other.id), "title": other.title} for other in alike],
        **params,
    )


# -- what an undo puts back -------------------------------------------------------------------------------

_LOAN_FIELDS: Mapping[str, type] = {
    "status": str,
    "first_day": date,
    "due": date,
    "pick_up_until": date,
    "checked_out_at": datetime,
    "checked_out_by_id": int,
    "checked_in_at": datetime,
    "checked_in_by_id": int,
    "ended_at": datetime,
    "due_set_at": datetime,
    "deposit_received_cents": int,
    "deposit_returned_cents": int,
    "condition_out": str,
    "condition_in": str,
}
_CLAIM_FIELDS: Mapping[str, type] = {"first_day": date, "end_day": date, "live": bool, "uncertain": bool}
_ITEM_FIELDS: Mapping[str, type] = {"status": str, "condition": str}


def as_it_is(loan: Loan, *, now: datetime) -> dict[str, Any]:
    """All that an act at the counter can change, as JSON keeps it, and when it was written down."""
    return {
        "loan": _kept(loan, _LOAN_FIELDS),
        "claim": _kept(loan.claim, _CLAIM_FIELDS),
        "item": _kept(loan.item, _ITEM_FIELDS),
        "written_at": now.isoformat(),
    }


def put_back(loan: Loan, before: Mapping[str, Any]) -> None:
    """Make loan, claim and object what `as_it_is` saw. Days that somebody else has taken since are a `Conflict`."""
    claim = _told(before["claim"], _CLAIM_FIELDS)
    if claim["live"]:
        _refuse_built_upon(loan, claim["first_day"], claim["end_day"])
        claims.change(
            loan.claim,
            first_day=claim["first_day"],
            end_day=claim["end_day"],
            uncertain=claim["uncertain"],
        )
    else:
        claims.end(loan.claim)
    for name, value in _told(before["loan"], _LOAN_FIELDS).items():
        setattr(loan, name, value)
    for name, value in _told(before["item"], _ITEM_FIELDS).items():
        setattr(loan.item, name, value)
    loan.remind_at = LOOK_NOW


def _refuse_built_upon(loan: Loan, first_day: date, end_day: date) -> None:
    others = claims.live_claims(loan.item_id, from_day=first_day)
    if any(other.first_day < end_day for other in others if other.id != loan.claim_id):
        raise Conflict("lending.built_upon")


def _kept(row: object, fields: Mapping[str, type]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _told(values: Mapping[str, Any], fields: Mapping[str, type]) -> dict[str, Any]:
    return {name: _typed(values.get(name), kind) for name, kind in fields.items()}


def _typed(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind is date else value
