"""Keeping an object longer: one loan, or several at once. One rule, whichever way somebody asks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.core import outbox
from app.core.db import db
from app.core.errors import Blocked, Conflict, Forbidden, Invalid, NotFound, Problem
from app.events.lending import LoanRenewed
from app.items import claims
from app.items.models import Item
from app.lending import policy, queries, rules
from app.lending.models import Loan
from app.lending.services.ground import loan_held, set_due, write_down, write_on_behalf

SEVERAL = 100
"""The most loans that are kept longer with one tap."""


@dataclass(frozen=True)
class Kept:
    """What became of one loan of several: the loan with its new due day, or why it stays as it was."""

    loan_id: int
    title: str
    loan: Loan | None
    problem: Problem | None


def renew_several(
    *, loan_ids: Collection[int], actor_id: int, due: date | None = None, now: datetime
) -> list[Kept]:
    """Keep several longer, each as `renew` keeps it, or not: one that cannot be does not hold back the others. In the
    order in which they were asked for."""
    wanted = list(dict.fromkeys(loan_ids))
    if not wanted:
        raise Invalid({"loans": "core.required"})
    if len(wanted) > SEVERAL:
        raise Invalid({"loans": ("lending.too_many_at_once", {"max": SEVERAL})})
    by_object = db.session.execute(
        select(Loan.id, Item.title).join(Item).where(Loan.id.in_(wanted)).order_by(Item.id, Loan.id)
    ).all()
    kept = {row.id: _kept(row.id, row.title, actor_id=actor_id, due=due, now=now) for row in by_object}
    return [kept.get(loan_id) or Kept(loan_id, "", None, NotFound()) for loan_id in wanted]


def _kept(loan_id: int, title: str, *, actor_id: int, due: date | None, now: datetime) -> Kept:
    """`renew` refuses before it writes, so that what it refused leaves no trace."""
    try:
        return Kept(loan_id, title, renew(loan_id=loan_id, actor_id=actor_id, due=due, now=now), None)
    except NotFound as unseen:
        return Kept(loan_id, "", None, unseen)
    except (Conflict, Forbidden, Invalid) as problem:
        return Kept(loan_id, title, None, problem)


def renew(*, loan_id: int, actor_id: int, due: date | None = None, now: datetime) -> Loan:
    """Keep it longer: the full period, or until `due`. 409 `renewable_until` and `renewable_at_most` name the latest
    day that can be had (`latest`)."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_renew, count_borrower=True)
    terms = queries.terms_of(loan.item, loan.hub)
    today = terms.days.today(now)
    if due is not None and loan.status == "checked_out":
        _check_wished(terms, loan, due, today)
    _refuse_renewal(loan, terms, today)
    found = queries.blockers(loan.item, loan.borrower, hub=loan.hub, now=now, besides=loan.id)
    if found:
        raise Blocked(found)
    new_due = _renewed_due(loan, terms, due, today)
    claims.change(loan.claim, end_day=terms.claim_end(loan.first_day, new_due), uncertain=False)
    set_due(loan, new_due, now=now)
    loan.renewals += 1
    line = write_down(loan, "renewed", at=now, actor_id=actor_id)
    write_on_behalf("lending.renewed", loan, actor_id=actor_id, now=now)
    outbox.record(LoanRenewed(loan.id, line.id, new_due), now=now)
    return loan


def _check_wished(terms: rules.Terms, loan: Loan, due: date, today: date) -> None:
    fault = rules.fault_of_due(terms, due=due, not_before=max(today, loan.due + rules.ONE_DAY))
    if fault is not None:
        raise Invalid({"to": fault})


def _refuse_renewal(loan: Loan, terms: rules.Terms, today: date) -> None:
    if loan.status != "checked_out":
        raise Conflict("lending.not_out")
    if rules.overdue_days(loan.due, today) > rules.RENEWABLE_WHILE_LATE:
        raise Conflict("lending.too_late_to_renew", days=rules.RENEWABLE_WHILE_LATE)
    if loan.renewals >= terms.policy.max_renewals:
        raise Conflict("lending.no_renewals_left", max=terms.policy.max_renewals)


def _renewed_due(loan: Loan, terms: rules.Terms, wished: date | None, today: date) -> date:
    following = claims.next_claim(loan.item_id, after_day=loan.first_day, besides=loan.claim_id)
    possible = rules.renewal(
        terms,
        first_day=loan.first_day,
        due=loan.due,
        today=today,
        next_claim=following.first_day if following else None,
    )
    if possible.latest is None:
        raise Conflict("lending.reserved_next", due=loan.due, latest=None)
    due = wished or possible.full
    if due > possible.full:
        raise Conflict("lending.renewable_at_most", latest=possible.latest)
    if due > possible.latest:
        raise Conflict("lending.renewable_until", latest=possible.latest)
    return due
