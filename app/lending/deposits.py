"""The deposit of a loan in the ledger: what the counter ticks as received and given back is money in a cash box.

A loan says how much of its deposit was received and how much was given back; `follow` makes receipts and ledger say the
same, whatever was done or undone since. So a deposit that was ticked before there was a ledger comes into it with the
next act that concerns it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import _
from app.items.models import Item
from app.lending.models import Loan
from app.payments.cash import queries as receipts
from app.payments.cash import services as cash
from app.payments.cash.models import Receipt
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from app.payments.ledger.services import post
from app.payments.ledger.subjects import Named


def subject_of(loan: Loan) -> str:
    """What its money is for."""
    return f"loan:{loan.id}"


def follow(loan: Loan, *, actor_id: int, now: datetime) -> None:
    """Receipts and ledger say what the loan says. Between neighbours no deposit passes a counter."""
    if loan.hub_id is None:
        return
    standing = receipts.standing_of(subject_of(loan))
    received, returned = loan.deposit_received_cents or 0, loan.deposit_returned_cents or 0
    for way, cents in (("out", returned), ("in", received)):
        wrong = [one for one in standing if one.way == way]
        if sum(one.cents for one in wrong) != cents:
            _reverse(loan, wrong, actor_id=actor_id, now=now)
            standing = [one for one in standing if one not in wrong]
    _write(loan, "in", received, standing, actor_id=actor_id, now=now)
    _write(loan, "out", returned, standing, actor_id=actor_id, now=now)


def keep_rest(loan: Loan, *, actor_id: int, now: datetime) -> None:
    """What is not given back of a deposit, for what was broken, is the hub's."""
    rest = (loan.deposit_received_cents or 0) - (loan.deposit_returned_cents or 0)
    kept = -ledger.standing_of(subject_of(loan), loan.currency).get(Account.deposits(), 0)
    if loan.hub_id is not None and rest and kept == rest:
        _post(
            loan,
            "deposit_kept",
            [(Account.deposits(), rest), (Account.hub(loan.hub_id), -rest)],
            actor_id,
            now,
        )


def named(loan_ids: Collection[int]) -> Mapping[int, Named]:
    """A loan's money, as payments show it: the object, and the hub that lends it."""
    rows = db.session.execute(
        select(Loan.id, Loan.hub_id, Item.title)
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.id.in_(loan_ids))
    )
    return {row.id: Named(row.title, f"/loans/{row.id}", row.hub_id) for row in rows}


def _write(
    loan: Loan, way: str, cents: int, standing: Sequence[Receipt], *, actor_id: int, now: datetime
) -> None:
    if loan.hub_id is None or not cents or any(one.way == way for one in standing):
        return
    source = _make_due(loan, cents if way == "in" else -cents, actor_id, now)
    act = cash.take if way == "in" else cash.pay_out
    act(
        key=source,
        hub_id=loan.hub_id,
        resident_id=loan.borrower_id,
        subject=subject_of(loan),
        cents=cents,
        means="cash",
        currency=loan.currency,
        actor_id=actor_id,
        now=now,
    )


def _reverse(loan: Loan, wrong: Sequence[Receipt], *, actor_id: int, now: datetime) -> None:
    for one in wrong:
        cash.reverse(receipt_id=one.id, actor_id=actor_id, why=_("Geste annulé au comptoir"), now=now)
        _make_due(loan, 0, actor_id, now)


def _make_due(loan: Loan, cents: int, actor_id: int, now: datetime) -> str:
    """So much is she to leave (above zero) or to have back (below), whatever was written before; the number under which
    it is done."""
    more = cents - ledger.owed(subject=subject_of(loan), resident_id=loan.borrower_id, currency=loan.currency)
    if not more:
        return _next(loan)
    return _post(
        loan,
        "deposit",
        [(Account.member(loan.borrower_id), more), (Account.deposits(), -more)],
        actor_id,
        now,
    )


def _post(loan: Loan, kind: str, lines: Sequence[tuple[Account, int]], actor_id: int, now: datetime) -> str:
    source = _next(loan)
    post(
        source=source,
        kind=kind,
        subject=subject_of(loan),
        lines=lines,
        currency=loan.currency,
        actor_id=actor_id,
        now=now,
    )
    return source


def _next(loan: Loan) -> str:
    """Each step of a loan's deposit has a number of its own: it may be done, undone, and done again."""
    return f"{subject_of(loan)}:{ledger.count_of(subject_of(loan))}"
