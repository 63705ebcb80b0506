"""A campaign that is paid by card, the neighbours who pledged, and the provider that their cards are with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.accounts.models import Resident
from app.core import clock, outbox
from app.core.db import db
from app.payments.cards import carrying
from app.payments.cards import jobs as card_jobs
from app.payments.ledger import queries as ledger
from app.payments.ledger.rules import Account
from app.purchases.collecting import jobs
from app.purchases.models import Campaign, Product
from app.purchases.pledging import queries as pledges
from app.purchases.pledging.models import Pledge
from tests import factories
from tests.harness.provider import ASKS_OWNER, GOOD, Provider
from tests.purchases.pledging import acts

PRICE, CHEAPER, SHARED = 1000, 900, 600


class Scene:
    """Boxes of 10 € in packs of two, 9 € each from ten on; 6 € in common. `cards`: the number of each neighbour's card,
    who takes two boxes and would take two more."""

    def __init__(self, provider: Provider, cards: Sequence[str], *, minimum: int = 4000) -> None:
        self.provider = provider
        self.hub = factories.hub()
        self.organizer = factories.coordinator(self.hub)
        self.campaign: Campaign = factories.campaign(
            hub=self.hub,
            organizer=self.organizer,
            payment="either",
            minimum_cents=minimum,
            fees_cents=SHARED,
        )
        self.box: Product = factories.product(
            self.campaign, price_cents=PRICE, pack_size=2, tiers={10: CHEAPER}
        )
        self.people = [self.joins(number) for number in cards]

    def joins(self, number: str | None) -> Resident:
        """Somebody pledges; without a card, at the counter."""
        who = factories.resident()
        means = "card" if number else "counter"
        wish = acts.wish(self.box, 2, 2)
        pledged = acts.pledge(self.campaign, who, wish, payment=means, now=clock.now())
        if number and pledged.attempt_id is not None:
            self.leave_card(pledged.attempt_id, number)
        return who

    def leave_card(self, attempt_id: int, number: str = GOOD) -> None:
        attempt = carrying.carry_out(attempt_id, now=clock.now())
        assert attempt is not None
        assert attempt.reference is not None
        self.provider.leave_card(attempt.reference, number)
        if number == ASKS_OWNER:
            self.provider.ask("POST", f"/v1/setup_intents/{attempt.reference}/confirm", {})
        carrying.carry_out(attempt_id, now=clock.now())
        self.time_passes()

    def close(self) -> None:
        acts.close(self.campaign, actor=self.organizer, now=clock.now())

    def time_passes(self, *, times: int = 6, **span: float) -> None:
        time_passes(times=times, **span)

    # -- how it stands -------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        return str(acts.fresh(self.campaign).status)

    def pledge_of(self, who: Resident) -> Pledge:
        found = pledges.pledge_of(self.campaign.id, who.id)
        assert found is not None
        return found

    def owed(self) -> dict[int, int]:
        """What each of the people owes, above zero, or is hers, below."""
        db.session.rollback()
        return {who.id: ledger.balance(Account.member(who.id)) for who in self.people}

    def totals(self) -> list[int]:
        found = acts.totals(self.campaign)
        return [found[who.id] or 0 for who in self.people]

    def at_provider(self) -> int:
        """What the provider has taken in all."""
        return sum(self.provider.taken().values())

    def in_ledger(self) -> int:
        db.session.rollback()
        return ledger.balance(Account.stripe())

    def held_there(self) -> list[str]:
        """How the payments stand at the provider."""
        return sorted(intent["status"] for intent in self.provider.all("payment_intents"))


def time_passes(*, times: int = 6, **span: float) -> None:
    """The scheduler's work, again and again, from so much later on."""
    now = clock.now() + timedelta(**span)
    for turn in range(times):
        _once(now + timedelta(seconds=15 * turn))


def _once(now: datetime) -> None:
    db.session.rollback()  # what servers have written meanwhile is seen
    outbox.deliver(outbox.due(now=now + timedelta(minutes=1), limit=1000), now=now)
    card_jobs.carry_out(now=now)
    jobs.collect(now=now)
