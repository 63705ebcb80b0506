"""One group purchase from the draft to the settlement, by programs, on both databases: once paid at the counter, once with
cards, of which one is refused for good, one replaced, one asked back by its bank, and one answers where nobody hears it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.payments.ledger import queries as money
from app.payments.ledger.models import MoneyEntry
from app.payments.ledger.rules import Account
from app.scheduler.watch import run_all_once
from tests import factories
from tests.harness.clock import Clock
from tests.harness.provider import ASKS_OWNER, GOOD, REFUSED_LATER, Provider
from tests.journeys.programs import Program


class Story:
    """A hub with its organizer and its volunteer, the neighbours, and the scheduler."""

    def __init__(self, app: Flask, clock: Clock, *names: str) -> None:
        self.app, self.clock = app, clock
        self.hub = factories.hub("Maison des Tilleuls")
        client = app.test_client()
        self.zoe = Program(client, who=factories.coordinator(self.hub, "Zoë Lefèvre"))
        self.vera = Program(client, who=factories.volunteer(self.hub, "Véra D."))
        self.people = [Program(client, name) for name in names]

    def writes(self, **more: Any) -> None:
        """The draft, which nobody else sees, and its opening."""
        closes = self.clock.now + timedelta(days=9)
        draft = self.zoe.post(
            "/campaigns",
            hub=self.hub.slug,
            title="Huile de Nyons",
            supplier="Moulin d’Œuvre",
            closes_at=closes.isoformat(),
            delivery_day=(closes + timedelta(days=4)).date().isoformat(),
            **more,
        )
        self.path, self.subject = f"/campaigns/{draft['id']}", f"campaign:{draft['id']}"
        (self.product,) = (one["id"] for one in draft["products"])
        assert (draft["status"], self.people[0].asks("GET", self.path).status_code) == ("draft", 404)
        assert self.zoe.post(f"{self.path}/open")["status"] == "open"

    def pledges(self, who: Program, quantity: int, tolerance: int = 0, **more: Any) -> Any:
        line = {"product": self.product, "quantity": quantity, "tolerance": tolerance}
        return who.put(f"{self.path}/pledge", lines=[line], **more)

    def time_passes(self, **span: float) -> None:
        """The scheduler, as it runs by itself; twice, for what follows from what it did."""
        self.clock.forward(**span)
        for _ in range(2):
            self.clock.forward(seconds=20)
            assert run_all_once(self.app, self.app.extensions["movilab.timetable"]) == []

    @property
    def status(self) -> str:
        return str(self.zoe.get(self.path)["status"])

    def of(self, who: Program, name: str) -> Any:
        return who.get(f"{self.path}/pledge")[name]

    def received(self, units: int) -> Any:
        """Ordered, once however often it is said; the preview says what the reception then does."""
        for _ in range(2):
            assert self.zoe.post(f"{self.path}/order", mail=False)["status"] == "ordered"
        lines = [{"product": self.product, "received": units}]
        shown = self.zoe.post(f"{self.path}/receive", lines=lines, preview=True)
        assert self.status == "ordered"
        done = self.zoe.post(f"{self.path}/receive", lines=lines)
        assert (done["status"], done["changed"]) == ("delivered", shown["changed"])
        return done["changed"]

    def hands_out(self, who: Program, **paid: Any) -> Any:
        """The volunteer scans her card; a second time changes nothing."""
        path = f"{self.path}/pledges/{self.of(who, 'id')}/pick-up"
        card = who.get("/me")["member_code"]
        done = self.vera.post(path, code=card, **paid)
        again = self.vera.post(path, code=card, **paid)
        assert (done["repeated"], again["repeated"], again["owed_cents"]) == (False, True, done["owed_cents"])
        return done

    def settles(self) -> Any:
        """Everybody is even, the campaign's account is empty, the ledger sums to zero and is proved whole."""
        settled = self.zoe.post(f"{self.path}/settle")
        assert self.zoe.post(f"{self.path}/settle") == settled
        sums = settled["settlement"]
        assert self.status == "closed"
        assert sums["members_cents"] + sums["leftovers_cents"] + sums["hub_cents"] == (
            sums["supplier_cents"] + sums["transport_cents"] + sums["fees_cents"]
        )
        db.session.rollback()
        assert [money.balance(Account.member(one.who.id)) for one in self.people] == [0] * len(self.people)
        assert money.balance(Account.campaign(self.subject)) == 0
        assert db.session.scalar(select(func.sum(MoneyEntry.amount))) == 0
        audit = self.app.test_cli_runner().invoke(args=["payments", "audit"])
        assert (audit.exit_code, "all of it holds" in audit.output) == (0, True), audit.output
        return sums


OIL = {"name": "Huile d’olive", "unit": "bidon de 3 L", "price_cents": 2940, "pack_size": 6}


def test_paid_at_the_counter(app: Flask, clock: Clock) -> None:
    story = Story(app, clock, "Anna B.", "Karim S.", "Odile R.")
    anna, karim, odile = story.people
    story.writes(minimum_cents=30000, products=[OIL])
    assert story.pledges(anna, 6, 2)["status"] == "live"
    story.pledges(karim, 5)
    assert story.pledges(karim, 3)["ceiling_cents"] == 3 * 2940
    story.pledges(odile, 9)
    assert odile.asks("DELETE", f"{story.path}/pledge").status_code == 204
    story.pledges(odile, 2)
    assert story.zoe.get(story.path)["products"][0]["packs"] == 2
    story.time_passes(days=8)
    assert story.status == "open"
    story.time_passes(days=1)
    assert story.status == "succeeded"
    late = karim.asks("PUT", f"{story.path}/pledge", {"lines": []})
    assert (late.status_code, late.get_json()["code"]) == (409, "campaign_closed")
    assert [story.of(who, "total_cents") for who in story.people] == [7 * 2940, 3 * 2940, 2 * 2940]
    (short,) = story.received(11)
    assert (short["pledge"], short["units"]) == (story.of(anna, "id"), {story.product: 6})
    assert story.hands_out(anna, means="cash")["paid_cents"] == 6 * 2940
    assert story.hands_out(karim, means="cheque")["owed_cents"] == 0
    assert story.hands_out(odile, means="cash")["paid_cents"] == 2 * 2940
    for table in ("order", "pick-up"):
        assert story.zoe.asks("GET", f"{story.path}/{table}.pdf").data.startswith(b"%PDF")
    assert "Huile d’olive" in story.zoe.asks("GET", f"{story.path}/order.csv").text
    sums = story.settles()
    assert (sums["members_cents"], sums["supplier_cents"], sums["hub_cents"]) == (11 * 2940, 11 * 2940, 0)
    assert money.balance(Account.cash(story.hub.id)) == 8 * 2940


BOX = {"name": "Agrumes", "unit": "caisse", "price_cents": 1000, "pack_size": 2,
       "tiers": [{"from_quantity": 8, "price_cents": 900}]}  # fmt: skip


class Cards(Story):
    """The same neighbours with cards, at a provider."""

    def __init__(self, app: Flask, clock: Clock, provider: Provider, *names: str) -> None:
        super().__init__(app, clock, *names)
        self.provider = provider

    def leaves(self, who: Program, payment: str, number: str) -> Any:
        """As the provider's script does in a browser: the card goes to it alone, with the secret of this one attempt."""
        opened = who.get(f"/payments/{payment}")
        assert (opened["kind"], opened["status"]) == ("save", "requires_action")
        setup = self.number(opened)
        self.provider.leave_card(setup, number)
        if number == ASKS_OWNER:
            self.provider.ask("POST", f"/v1/setup_intents/{setup}/confirm", {})
        return who.post(f"/payments/{payment}/confirmed")

    @staticmethod
    def number(opened: Any) -> str:
        """What the provider calls it, which its secret begins with."""
        return str(opened["client_secret"].partition("_secret_")[0])

    def pledges_by_card(self, who: Program, number: str) -> None:
        waits = self.pledges(who, 2, payment="card")
        assert waits["status"] == "holding"
        assert self.leaves(who, waits["payment_id"], number)["status"] == "succeeded"

    def taken(self) -> list[int]:
        return sorted(self.provider.taken().values())


@pytest.fixture
def cards(card_app: Flask, provider: Provider, clock: Clock) -> Cards:
    return Cards(card_app, clock, provider, "Anna B.", "Bob C.", "Cléo D.", "Dan E.")


def test_paid_by_card(cards: Cards, provider: Provider) -> None:
    anna, bob, cleo, dan = cards.people
    cards.writes(payment="card", minimum_cents=4000, fees_cents=600, products=[BOX])
    for who, number in ((anna, GOOD), (bob, REFUSED_LATER), (cleo, ASKS_OWNER), (dan, REFUSED_LATER)):
        cards.pledges_by_card(who, number)
    assert [cards.of(who, "status") for who in cards.people] == ["live"] * 4
    provider.fault("unanswered", "/payment_intents$")
    cards.time_passes(days=9)
    cards.time_passes(minutes=2)
    assert cards.status == "collecting"
    stands = cards.zoe.get(f"{cards.path}/cards")
    assert [one["card"] for one in stands["cards"]] == ["secured", "refused", "waits", "refused"]
    assert cards.taken() == []

    asked = cleo.get(f"/payments/{cards.of(cleo, 'payment_id')}")
    assert (asked["status"], asked["cents"]) == ("requires_action", cards.of(cleo, "ceiling_cents"))
    provider.answer_bank(cards.number(asked))
    assert cleo.post(f"/payments/{asked['id']}/confirmed")["status"] == "succeeded"
    refused = cards.of(bob, "payment_id")
    assert bob.get(f"/payments/{refused}")["detail"]
    assert dan.asks("GET", f"/payments/{refused}").status_code == 404
    another = bob.post(f"/payments/{refused}/another-card")
    assert bob.post(f"/payments/{refused}/another-card")["id"] == another["id"]
    assert cards.leaves(bob, another["id"], GOOD)["status"] == "succeeded"
    cards.time_passes(minutes=1)
    assert [cards.of(who, "payment_id") for who in (anna, bob, cleo)] == [None] * 3
    choices = {one["choice"]: one for one in cards.zoe.get(f"{cards.path}/cards")["choices"]}
    assert (choices["remove"]["possible"], choices["cover"]["hub_cents"]) == (True, 1950)
    assert cards.zoe.post(f"{cards.path}/cards", choice="remove")["status"] == "succeeded"
    cards.time_passes(minutes=1)
    assert [cards.of(who, "total_cents") for who in (anna, bob, cleo)] == [2200] * 3
    assert (cards.taken(), money.balance(Account.stripe())) == ([2200] * 3, 6600)
    assert len(provider.all("payment_intents")) == 5, "one for each card, whatever was not heard"

    (short,) = cards.received(5)
    assert (short["pledge"], short["before_cents"] - short["total_cents"]) == (cards.of(cleo, "id"), 1000)
    for who in (anna, bob, cleo):
        assert cards.hands_out(who)["paid_cents"] == 0
    back = f"{cards.path}/pledges/{short['pledge']}/give-back"
    assert cards.zoe.post(back)["cents"] == 1000
    again = cards.zoe.asks("POST", back, {})
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing_to_give_back")
    assert cards.settles()["members_cents"] == money.balance(Account.stripe()) == 5600
    assert cards.taken() == [1200, 2200, 2200]
