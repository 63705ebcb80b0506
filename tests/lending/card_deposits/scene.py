"""A tent with a deposit of 20 € by card, Anna who borrows it, those who decide, and the provider that her card is with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock, outbox
from app.core.db import db, transaction
from app.lending import services as lending
from app.lending.card_deposits import damage, jobs, services
from app.lending.card_deposits.models import CardDeposit, DamageClaim
from app.lending.card_deposits.standing import Standing, of_loan
from app.lending.models import Loan, LoanEvent
from app.notifications.models import Notification
from app.payments.cards import carrying
from app.payments.cards import jobs as card_jobs
from app.payments.differences.comparing import compare
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from tests import factories
from tests.harness.provider import ASKS_OWNER, GOOD, Provider

DEPOSIT = 2000
WHY = "Un arceau est cassé : le neuf coûte cela."


class Scene:
    """`days` from the first to the due day, from today on unless `starts_in` says later."""

    def __init__(
        self, provider: Provider | None, *, days: int = 3, starts_in: int = 0, notices: Sequence[str] = ()
    ) -> None:
        self.provider = provider
        self.hub = factories.hub()
        self.volunteer = factories.volunteer(self.hub)
        self.boss = factories.coordinator(self.hub)
        self.anna = factories.verified_member(self.hub)
        self.tent = factories.item("Tente", hub=self.hub, deposit_cents=DEPOSIT, notices=list(notices))
        first = clock.day_at(clock.now(), self.hub.timezone) + timedelta(days=starts_in)
        self.loan: Loan = factories.loan(
            self.tent, self.anna, first_day=first, due=first + timedelta(days=days), deposit_cents=DEPOSIT
        )
        self.id = self.loan.id

    # -- what they do --------------------------------------------------------------------------------------

    def leave_card(self, number: str = GOOD) -> "Scene":
        """Anna leaves a card, as on the provider's own form; then the house works a little."""
        assert self.provider is not None
        with transaction():
            attempt_id = services.leave(loan_id=self.id, actor_id=self.anna.id, now=clock.now()).id
        attempt = carrying.carry_out(attempt_id, now=clock.now())
        assert attempt is not None
        assert attempt.reference is not None
        self.provider.leave_card(attempt.reference, number)
        if number == ASKS_OWNER:
            self.provider.ask("POST", f"/v1/setup_intents/{attempt.reference}/confirm", {})
        carrying.carry_out(attempt_id, now=clock.now())
        self.time_passes()
        return self

    def check_out(self, **more: Any) -> None:
        self.at_desk(lending.check_out, item_code=self.tent.code, member_code=self.anna.code, **more)

    def check_in(self, **more: Any) -> None:
        self.at_desk(lending.check_in, item_code=self.tent.code, **more)

    def at_desk(self, act: Any, **values: Any) -> None:
        given = {"hub_id": self.hub.id, "actor_id": self.volunteer.id, "now": clock.now(), **values}
        with transaction():
            act(**given)

    def broken(self, cents: int = 1200, *, days_later: float = 0) -> DamageClaim:
        """It came back broken, and those who decide say what it comes to."""
        self.check_in(condition="damaged", now=self.later(days=days_later))
        return self.claim(cents, now=self.later(days=days_later))

    def claim(self, cents: int | None = 1200, *, actor: Resident | None = None, **more: Any) -> DamageClaim:
        given = {"why": WHY, "now": clock.now(), **more}
        with transaction():
            return damage.claim(loan_id=self.id, actor_id=(actor or self.boss).id, cents=cents, **given)

    def accept(self, **more: Any) -> DamageClaim:
        with transaction():
            return damage.accept(**{"loan_id": self.id, "actor_id": self.anna.id, "now": clock.now(), **more})

    def contest(self, **more: Any) -> DamageClaim:
        given = {"words": "L’arceau était déjà fendu.", "now": clock.now(), **more}
        with transaction():
            return damage.contest(loan_id=self.id, actor_id=self.anna.id, **given)

    def settle(self, actor: Resident, choice: str, **more: Any) -> DamageClaim:
        with transaction():
            return damage.settle(loan_id=self.id, actor_id=actor.id, choice=choice, now=clock.now(), **more)

    def time_passes(self, *, times: int = 4, **span: float) -> None:
        """The scheduler's work, again and again, from so much later on."""
        now = self.later(**span)
        for turn in range(times):
            moment = now + timedelta(seconds=15 * turn)
            outbox.deliver(outbox.due(now=moment + timedelta(minutes=1), limit=1000), now=moment)
            jobs.keep_deposits(now=moment)
            card_jobs.carry_out(now=moment)

    def later(self, **span: float) -> datetime:
        return clock.now() + timedelta(**span)

    # -- how it stands -------------------------------------------------------------------------------------

    @property
    def stands(self) -> Standing:
        db.session.rollback()
        found = of_loan(self.id)
        assert found is not None
        return found

    @property
    def over(self) -> bool:
        db.session.rollback()
        return db.session.get_one(CardDeposit, self.id).over_at is not None

    def held_there(self) -> list[str]:
        """How the payments stand at the provider."""
        assert self.provider is not None
        return sorted(intent["status"] for intent in self.provider.all("payment_intents"))

    def money(self) -> tuple[int, int, int]:
        """What the provider has taken, what she owes, what the hub has got; all of it proved."""
        assert self.provider is not None
        db.session.rollback()
        assert compare(since=None, now=clock.now()).faults == []
        taken = sum(self.provider.taken().values())
        assert taken == ledger.balance(Account.stripe())
        return (
            taken,
            ledger.owed(subject=f"loan:{self.id}", resident_id=self.anna.id),
            -ledger.balance(Account.hub(self.hub.id)),
        )

    def told(self, who: Resident) -> list[str]:
        db.session.rollback()
        kinds = db.session.scalars(
            select(Notification.kind).where(Notification.resident_id == who.id).order_by(Notification.id)
        )
        return [kind.removeprefix("card_deposits.") for kind in kinds if kind.startswith("card_deposits.")]

    def history(self) -> list[str]:
        db.session.rollback()
        return list(
            db.session.scalars(
                select(LoanEvent.kind).where(LoanEvent.loan_id == self.id).order_by(LoanEvent.id)
            )
        )
