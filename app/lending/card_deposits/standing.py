"""How deposits by card stand: the loan, the card and the claim of each, as the rules read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.lending.card_deposits import rules
from app.lending.card_deposits.models import CardDeposit, DamageClaim
from app.lending.deposits import subject_of
from app.lending.models import Loan
from app.payments.cards import queries as cards
from app.payments.cards.models import PaymentAttempt, SavedCard
from app.payments.ledger import queries as ledger

T = TypeVar("T", CardDeposit, DamageClaim)

BROKEN = ("damaged", "incomplete")
WAITS_FOR_HER = "requires_action"


@dataclass(frozen=True)
class Standing:
    """One deposit with all around it. `asked`: the last time that a sum was to be held; `hold`: the sum that is held now;
    `taken`: what was last asked for damage."""

    deposit: CardDeposit
    loan: Loan
    card: SavedCard | None
    asked: PaymentAttempt | None
    hold: PaymentAttempt | None
    taken: PaymentAttempt | None
    claim: DamageClaim | None
    owed_cents: int

    @property
    def subject(self) -> str:
        """What its money is for."""
        return subject_of(self.loan)

    @property
    def short(self) -> bool:
        """Whether it is a loan for a hold."""
        return rules.is_short((self.loan.due - self.loan.first_day).days)

    @property
    def secured(self) -> bool:
        """Whether the card stands in for cash."""
        return self.deposit.over_at is None and rules.secures(
            short=self.short,
            kept=self.card is not None,
            held=self.hold is not None,
            let_go=self.deposit.hold_ended_at is not None,
        )

    def step(self, *, now: datetime) -> rules.Step:
        """What is to be done now."""
        if self.deposit.over_at is not None:
            return "nothing"
        return rules.next_step(self._borrowed(), self._card(), self._damage(), now=now)

    def _borrowed(self) -> rules.Borrowed:
        loan = self.loan
        zone = loan.hub.timezone if loan.hub else clock.home_zone()
        return rules.Borrowed(
            status=loan.status,
            short=self.short,
            starts_at=datetime.combine(loan.first_day, time(), tzinfo=ZoneInfo(zone)),
            ended_at=loan.ended_at,
            broken=loan.condition_in in BROKEN,
            cash=bool(loan.deposit_received_cents),
        )

    def _card(self) -> rules.Card:
        asked, card, told = self.asked, self.card, self.deposit.hold_ended_at is not None
        again = asked is None or (
            asked.status == "declined" and card is not None and card.attempt_id > asked.id
        )
        return rules.Card(
            kept=card is not None,
            may_hold=again and not told,
            held_until=self.hold.lapses_at if self.hold else None,
            lapsed=asked is not None and asked.status == "succeeded" and self.hold is None and not told,
            taking=_taking(self.taken),
        )

    def _damage(self) -> rules.Damage | None:
        claim = self.claim
        if claim is None:
            return None
        return rules.Damage(
            state=claim.state,
            answer_by=claim.answer_by,
            since=claim.due_at or claim.answered_at,
            owed=self.owed_cents > 0,
        )


def _taking(taken: PaymentAttempt | None) -> rules.Taking:
    if taken is None:
        return "unasked"
    if taken.status == "declined":
        # What could not be captured any more is asked of the kept card, once.
        return "unasked" if taken.kind == "capture" else "refused"
    if taken.status == "succeeded":
        return "paid"
    return "waits" if taken.status == WAITS_FOR_HER else "asking"


def standing_of(loan_ids: Sequence[int]) -> list[Standing]:
    """Those of these loans that have one, as they are now."""
    deposits = {row.loan_id: row for row in _of(CardDeposit, loan_ids)}
    if not deposits:
        return []
    claims = {row.loan_id: row for row in _of(DamageClaim, list(deposits))}
    loans = db.session.scalars(
        select(Loan)
        .options(joinedload(Loan.hub))
        .where(Loan.id.in_(deposits))
        .order_by(Loan.id)
        .execution_options(populate_existing=True)
    ).all()
    subjects = [subject_of(loan) for loan in loans]
    kept = cards.cards_for(subjects)
    asked, captures, charges = (
        cards.latest_of(subjects, kind) for kind in ("authorize", "capture", "charge")
    )
    found = []
    for loan, subject in zip(loans, subjects, strict=True):
        deposit, claim, last = deposits[loan.id], claims.get(loan.id), asked.get(subject)
        stands = last is not None and last.status == "succeeded" and last.over_at is None
        found.append(
            Standing(
                deposit=deposit,
                loan=loan,
                card=kept.get(subject),
                asked=last,
                hold=last if stands and deposit.hold_ended_at is None else None,
                taken=charges.get(subject) or captures.get(subject),
                claim=claim,
                owed_cents=_owed(loan, subject) if claim is not None and claim.state == "due" else 0,
            )
        )
    return found


def of_loan(loan_id: int) -> Standing | None:
    """That of one loan."""
    return next(iter(standing_of([loan_id])), None)


def live_ids(*, after_id: int, limit: int) -> list[int]:
    """Loans whose deposit by card is not over, along their numbers."""
    return list(
        db.session.scalars(
            select(CardDeposit.loan_id)
            .where(CardDeposit.over_at.is_(None), CardDeposit.loan_id > after_id)
            .order_by(CardDeposit.loan_id)
            .limit(limit)
        )
    )


def securing(loan: Loan | None) -> Standing | None:
    """What stands in for cash at the counter; None where nothing does."""
    if loan is None or not loan.deposit_cents or loan.hub_id is None:
        return None
    found = of_loan(loan.id)
    return found if found is not None and found.secured else None


def securing_of(borrower_id: int, item_ids: Collection[int]) -> dict[int, Standing]:
    """What stands in for cash where she takes these objects that she has reserved."""
    if not item_ids:
        return {}
    reserved = db.session.scalars(
        select(Loan.id).where(
            Loan.borrower_id == borrower_id, Loan.item_id.in_(item_ids), Loan.status == "reserved"
        )
    ).all()
    return {found.loan.item_id: found for found in standing_of(reserved) if found.secured}


def securing_at(hub_id: int, *, today: date) -> list[Standing]:
    """What stands in for cash at this hub today."""
    reserved = db.session.scalars(
        select(Loan.id)
        .join(CardDeposit, CardDeposit.loan_id == Loan.id)
        .where(
            Loan.hub_id == hub_id,
            Loan.status == "reserved",
            Loan.first_day <= today,
            CardDeposit.over_at.is_(None),
        )
    ).all()
    return [found for found in standing_of(reserved) if found.secured]


def _of(model: type[T], loan_ids: Sequence[int]) -> Sequence[T]:
    rows: Any = model
    return db.session.scalars(
        select(model).where(rows.loan_id.in_(loan_ids)).execution_options(populate_existing=True)
    ).all()


def _owed(loan: Loan, subject: str) -> int:
    return ledger.owed(subject=subject, resident_id=loan.borrower_id, currency=loan.currency)
