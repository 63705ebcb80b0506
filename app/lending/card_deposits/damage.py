"""What was broken and is asked of a card: said with its reasons, accepted or contested, settled by somebody else.

Two at once are one after the other: each act holds the loan, and reads how the claim stands only then.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import audit
from app.core.db import db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import Checks, checked
from app.lending import queries as lending
from app.lending.card_deposits import policy, rules, services, telling
from app.lending.card_deposits.models import DamageClaim
from app.lending.card_deposits.standing import Standing, of_loan
from app.lending.models import Loan, RepairTicket
from app.lending.services.ground import fresh_loan, loan_held, write_down

WORDS_LONGEST, WORDS_SHORTEST = 1000, 10


def claim(*, loan_id: int, actor_id: int, cents: int | None, why: str | None, now: datetime) -> DamageClaim:
    """Those who decide ask for what the damage comes to: at most the deposit, with words that say why. Once for a loan,
    which came back so that it needs mending, or did not come back. Raises `Conflict` no_card, no_damage, claimed."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_claim)
    found = of_loan(loan_id)
    if found is None or found.deposit.over_at is not None:
        raise Conflict("card_deposits.no_card")
    if found.claim is not None:
        raise Conflict("card_deposits.claimed")
    ticket_id = ticket_of(loan)
    if ticket_id is None and loan.status != "lost":
        raise Conflict("card_deposits.no_damage")
    checks = Checks()
    most = loan.deposit_cents or 0
    if cents is None:
        checks.fault("cents", "core.required")
    elif not 0 < cents <= most:
        checks.fault("cents", "card_deposits.up_to_deposit", cents=most, currency=loan.currency)
    said = checks(checked, "why", why, longest=WORDS_LONGEST, shortest=WORDS_SHORTEST, lines=True)
    checks.done()
    made = DamageClaim(
        loan_id=loan_id,
        ticket_id=ticket_id,
        cents=cents,
        why=said,
        claimed_by_id=actor_id,
        claimed_at=now,
        answer_by=now + rules.ANSWER_WITHIN,
    )
    db.session.add(made)
    _note("claimed", found, actor_id=actor_id, now=now, why=said, cents=cents)
    telling.tell_borrower(found, "claimed", now=now, cents=cents, until=made.answer_by)
    return made


def accept(*, loan_id: int, actor_id: int, now: datetime) -> DamageClaim:
    """The borrower agrees: it is due at once. Said twice, it holds once."""
    loan_held(loan_id, actor_id=actor_id, may=policy.why_not_borrower)
    found, standing = _claimed(loan_id)
    if found.state == "due" and found.answered_at is not None and not found.answer:
        return found
    _refuse_answered(found)
    found.answered_at = now
    services.fall_due(standing, found.cents, actor_id=actor_id, now=now)
    return found


def contest(*, loan_id: int, actor_id: int, words: str | None, now: datetime) -> DamageClaim:
    """The borrower does not agree, and says why: somebody else settles it. Nothing is taken until then."""
    loan_held(loan_id, actor_id=actor_id, may=policy.why_not_borrower)
    found, standing = _claimed(loan_id)
    said = checked("answer", words, longest=WORDS_LONGEST, shortest=WORDS_SHORTEST, lines=True)
    if found.state == "contested" and found.answer == said:
        return found
    _refuse_answered(found)
    found.state, found.answered_at, found.answer = "contested", now, said
    _note("contested", standing, actor_id=actor_id, now=now, why=said)
    telling.ask_settlers(standing, besides=(actor_id, found.claimed_by_id), now=now)
    return found


def settle(
    *,
    loan_id: int,
    actor_id: int,
    choice: Literal["confirm", "drop"] | str,
    cents: int | None = None,
    why: str | None = None,
    now: datetime,
) -> DamageClaim:
    """Another one than who asked for it decides on what was contested: `confirm` the sum or a smaller one, or `drop` it.
    Who asked for it may drop it too. Raises `Conflict` settled, not_contested."""
    loan = db.session.get(Loan, loan_id)
    if loan is None:
        raise NotFound
    people, settler = lending.parties(loan), settler_of(actor_id, loan.hub_id)
    if not policy.sees(people, settler):
        raise NotFound
    fresh_loan(loan)
    found, standing = _claimed(loan_id)
    own = choice == "drop" and actor_id == found.claimed_by_id != loan.borrower_id
    reasons = policy.why_not_settle(people, settler, claimed_by_id=found.claimed_by_id)
    if reasons and not own:
        raise Forbidden(reasons[0])
    if choice not in ("confirm", "drop"):
        raise Invalid({"choice": "core.not_a_choice"})
    said = checked("why", why, longest=WORDS_LONGEST, lines=True)
    if found.state in ("due", "dropped"):
        raise Conflict("card_deposits.settled")
    if choice == "drop":
        services.drop(standing, actor_id=actor_id, why=said, now=now)
        _audit("dropped", loan, actor_id=actor_id, now=now)
        return found
    if found.state != "contested":
        raise Conflict("card_deposits.not_contested")
    wanted = found.cents if cents is None else cents
    if not 0 < wanted <= found.cents:
        raise Invalid(
            {"cents": ("card_deposits.up_to_claim", {"cents": found.cents, "currency": loan.currency})}
        )
    found.decided_by_id, found.decided_at, found.decided_why = actor_id, now, said
    services.fall_due(standing, wanted, actor_id=actor_id, now=now)
    _audit("confirmed", loan, actor_id=actor_id, now=now, cents=wanted)
    telling.tell_borrower(standing, "confirmed", now=now, cents=wanted)
    return found


def settler_of(resident_id: int, hub_id: int | None) -> policy.Settler:
    """Somebody, with what she holds at the hub and in the installation."""
    steward = db.session.scalar(select(Resident.is_steward).where(Resident.id == resident_id))
    return policy.Settler(lending.actor(resident_id, hub_id), bool(steward))


def _claimed(loan_id: int) -> tuple[DamageClaim, Standing]:
    found = of_loan(loan_id)
    if found is None or found.claim is None:
        raise NotFound
    return found.claim, found


def _refuse_answered(found: DamageClaim) -> None:
    if found.state != "open":
        raise Conflict("card_deposits.settled" if found.state != "contested" else "card_deposits.answered")


def ticket_of(loan: Loan) -> int | None:
    """The repair that this loan came back to, unless that was a mistake."""
    return db.session.scalar(
        select(RepairTicket.id)
        .where(RepairTicket.loan_id == loan.id, RepairTicket.state != "dropped")
        .order_by(RepairTicket.id.desc())
        .limit(1)
    )


def _note(
    what: str, found: Standing, *, actor_id: int, now: datetime, why: str, cents: int | None = None
) -> None:
    write_down(found.loan, f"damage_{what}", at=now, actor_id=actor_id, why=why)
    _audit(what, found.loan, actor_id=actor_id, now=now, **({} if cents is None else {"cents": cents}))


def _audit(what: str, loan: Loan, *, actor_id: int, now: datetime, **details: int) -> None:
    audit.note(
        f"lending.damage_{what}",
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=loan.hub_id,
        **details,
    )
