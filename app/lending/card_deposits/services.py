"""What becomes of a deposit by card: it is left, and the next step is taken, whatever it is.

The loan is held before its deposit and its claim are read, attempts with the card after it, the ledger's accounts last.
Nothing here speaks with the provider: what is planned is carried out after the commit, or by the job.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.core.db import db, inserting, locked_one
from app.core.errors import Conflict
from app.lending import policy as lending_policy
from app.lending.card_deposits import policy, rules, telling
from app.lending.card_deposits.models import CardDeposit, DamageClaim
from app.lending.card_deposits.standing import WAITS_FOR_HER, Standing, of_loan
from app.lending.deposits import subject_of
from app.lending.models import Loan
from app.lending.services.ground import loan_held, write_down
from app.payments.cards import queries as card_queries
from app.payments.cards import services as cards
from app.payments.cards.models import PaymentAttempt
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account


def why_not_leave(loan: Loan, found: Standing | None) -> str | None:
    """Why no card can be left for the deposit of this loan; None where one can. While the loan is out, only in place of
    one that is gone."""
    if not card_queries.enabled():
        return "cards.off"
    if loan.hub_id is None or not loan.deposit_cents:
        return "lending.no_deposit"
    if loan.deposit_received_cents:
        return "card_deposits.in_cash"
    if found is not None and found.deposit.over_at is not None:
        return "card_deposits.over"
    out = loan.status == "checked_out" and found is not None and found.card is None
    return None if loan.status == "reserved" or out else "card_deposits.not_now"


def leave(*, loan_id: int, actor_id: int, now: datetime) -> PaymentAttempt:
    """The borrower leaves a card in place of cash; the attempt that saves it. Raises `Conflict` with why not."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_borrower)
    why = why_not_leave(loan, of_loan(loan_id))
    if why is not None:
        raise Conflict(why)
    db.session.execute(
        inserting(CardDeposit)
        .values(loan_id=loan_id, left_at=now)
        .on_conflict_do_nothing(index_elements=["loan_id"])
    )
    return cards.plan(
        kind="save",
        subject=subject_of(loan),
        resident_id=actor_id,
        cents=0,
        currency=loan.currency,
        now=now,
    )


def let_go(*, loan_id: int, actor_id: int, now: datetime) -> None:
    """Those who decide give the card back at once: there is nothing to be asked of it. Said twice, it holds once."""
    loan_held(loan_id, actor_id=actor_id, may=lending_policy.why_not_decide)
    found = of_loan(loan_id)
    if found is None or found.deposit.over_at is not None:
        return
    if found.loan.status not in ("returned", "lost"):
        raise Conflict("card_deposits.not_back")
    if found.claim is not None and found.claim.state != "dropped":
        raise Conflict("card_deposits.claimed")
    _give_back(found, now=now)


def keep(*, loan_id: int, now: datetime) -> rules.Step:
    """Take the next step of a deposit by card, whatever it is, once; what it was."""
    if locked_one(Loan, loan_id) is None:
        return "nothing"
    found = of_loan(loan_id)
    if found is None:
        return "nothing"
    if found.deposit.over_at is not None:
        cards.forget_card(subject=found.subject, now=now)  # one that was left too late
        return "nothing"
    step = found.step(now=now)
    if step != "nothing":
        _STEPS[step](found, now=now)
        db.session.flush()
    return step


def fall_due(found: Standing, cents: int, *, actor_id: int | None, now: datetime) -> None:
    """So much of the deposit is owed from now on, and asked of the card. `actor_id`: who decided; nobody where the
    borrower accepted or was silent."""
    claim = _claimed(found)
    claim.state, claim.due_cents, claim.due_at = "due", cents, now
    ledger.post(
        source=f"{found.subject}:damage",
        kind="damage",
        subject=found.subject,
        lines=[
            (Account.member(found.loan.borrower_id), cents),
            (Account.hub(found.loan.hub_id or 0), -cents),
        ],
        currency=found.loan.currency,
        actor_id=actor_id,
        note=claim.why,
        now=now,
    )
    write_down(found.loan, "damage_due", at=now, actor_id=actor_id)
    take(found, now=now)


def take(found: Standing, *, now: datetime) -> None:
    """Ask the card for what is due: out of what is held, else, or where that could not be, of the kept one."""
    claim = _claimed(found)
    about = {
        "subject": found.subject,
        "resident_id": found.loan.borrower_id,
        "cents": claim.due_cents or 0,
        "currency": found.loan.currency,
    }
    if found.hold is not None and found.taken is None:
        cards.plan(kind="capture", of=found.hold.id, now=now, **about)  # type: ignore[arg-type]
        return
    _release(found.hold, now=now)
    cards.plan(kind="charge", now=now, **about)  # type: ignore[arg-type]


def drop(found: Standing, *, actor_id: int | None, why: str, now: datetime) -> None:
    """Nothing is asked for what was said to be broken, and the card is given back."""
    claim = _claimed(found)
    claim.state, claim.decided_by_id, claim.decided_at, claim.decided_why = "dropped", actor_id, now, why
    write_down(found.loan, "damage_dropped", at=now, actor_id=actor_id, why=why or None)
    telling.tell_borrower(found, "dropped", now=now)
    _give_back(found, now=now)


def _claimed(found: Standing) -> DamageClaim:
    assert found.claim is not None
    return found.claim


def _nobody_contested(found: Standing, *, now: datetime) -> None:
    fall_due(found, _claimed(found).cents, actor_id=None, now=now)


def _nobody_settled(found: Standing, *, now: datetime) -> None:
    drop(found, actor_id=None, why="", now=now)


def _stop_asking(found: Standing, *, now: datetime) -> None:
    """She has not answered her bank."""
    _release(found.taken, now=now)


def _hold(found: Standing, *, now: datetime) -> None:
    cards.plan(
        kind="authorize",
        subject=found.subject,
        resident_id=found.loan.borrower_id,
        cents=found.loan.deposit_cents or 0,
        currency=found.loan.currency,
        now=now,
    )


def _let_go_of_hold(found: Standing, *, now: datetime) -> None:
    """The bank would not hold it for longer: from now on the card is kept, as for a longer loan."""
    _release(found.hold, now=now)
    found.deposit.hold_ended_at = now
    write_down(found.loan, "hold_let_go", at=now, actor_id=None)
    telling.tell_hold_ended(found, now=now)


def _release(attempt: PaymentAttempt | None, *, now: datetime) -> None:
    """Nothing is held any more; what still waited for its owner's bank is called off."""
    if attempt is not None and (attempt.kind == "authorize" or attempt.status == WAITS_FOR_HER):
        cards.plan(
            kind="release",
            subject=attempt.subject,
            resident_id=attempt.resident_id,
            cents=0,
            of=attempt.id,
            now=now,
        )


def _end(found: Standing, *, now: datetime) -> None:
    """What is due was paid, by card or at the counter, or the card did not pay: then it stays owed, and is paid there.
    What came twice goes back."""
    taken = found.taken
    captured = taken is not None and taken.kind == "capture" and taken.status == "succeeded"
    if not captured:
        _release(found.hold, now=now)
    if taken is not None and taken.status == WAITS_FOR_HER:
        _release(taken, now=now)
    if taken is not None and taken.status == "succeeded" and found.owed_cents < 0:
        cards.plan(
            kind="refund",
            subject=found.subject,
            resident_id=found.loan.borrower_id,
            cents=min(-found.owed_cents, card_queries.refundable(taken)),
            of=taken.id,
            now=now,
        )
    telling.tell_borrower(found, "owed" if found.owed_cents > 0 else "paid", now=now)
    _over(found, now=now)


def _give_back(found: Standing, *, now: datetime) -> None:
    """Nothing is asked of it: what is held is free, what is on its way will be, and the card is forgotten."""
    left = found.card is not None or found.hold is not None
    cards.give_back(subject=found.subject, now=now)
    _over(found, now=now)
    if left and found.loan.status in ("returned", "lost"):
        write_down(found.loan, "card_given_back", at=now, actor_id=None)
        if found.claim is None:
            telling.tell_borrower(found, "given_back", now=now, mail=False)


def _over(found: Standing, *, now: datetime) -> None:
    cards.forget_card(subject=found.subject, now=now)
    found.deposit.over_at = now
    db.session.flush()


_STEPS: Mapping[rules.Step, Callable[..., None]] = {
    "hold": _hold,
    "let_go": _let_go_of_hold,
    "fall_due": _nobody_contested,
    "take": take,
    "stop": _stop_asking,
    "end": _end,
    "drop": _nobody_settled,
    "give_back": _give_back,
}
