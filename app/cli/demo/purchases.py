"""Group purchases of the demo, from the draft to the last cent: each campaign was written, opened, pledged, closed,
ordered, counted, handed out and settled as neighbours would have done it."""

import json
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Resident
from app.cli.demo.chronicle import TOLD_DAYS, Chronicle
from app.cli.demo.ledger import DAY
from app.cli.demo.people import (
    COORDINATOR,
    LOG_INS,
    ORGANIZER,
    RESIDENT,
    RESIDENT2,
    RESIDENT3,
    VOLUNTEER,
    HubHere,
)
from app.cli.demo.reading import HERE
from app.payments.cash import counting
from app.payments.ledger import queries as money
from app.payments.ledger.rules import Account
from app.purchases import rules
from app.purchases import services as campaigns
from app.purchases.delivery import services as delivery
from app.purchases.delivery.services.leaving import left_over
from app.purchases.delivery.weighing import Counted
from app.purchases.models import Campaign, CampaignTelling, Product
from app.purchases.pledging import closing
from app.purchases.pledging import services as pledging
from app.purchases.pledging.models import Pledge
from app.purchases.pledging.rules import Wish
from app.purchases.shown import goods_of

PEOPLE = {
    "organizer": ORGANIZER,
    "coordinator": COORDINATOR,
    "volunteer": VOLUNTEER,
    "resident": RESIDENT,
    "resident2": RESIDENT2,
    "resident3": RESIDENT3,
}
BOUGHT = ("succeeded", "ordered", "delivered", "closed")
MEANS = ("transfer", "cheque", "cash")
FLOAT_CENTS = 5000
"""What lies in the cash box when a day begins."""


class Purchases:
    """Plans them into the chronicle; in a small town a `share` of the neighbours takes part, for as much less."""

    def __init__(
        self,
        *,
        chronicle: Chronicle,
        session: Session,
        rng: Random,
        hubs: list[HubHere],
        today: date,
        share: float,
    ) -> None:
        self.chronicle = chronicle
        self.session = session
        self.rng = rng
        self.hubs = hubs
        self.today = today
        self.share = share
        self.written = json.loads((HERE / "purchases.json").read_text(encoding="utf-8"))

    def plan(self) -> None:
        """All twelve."""
        for plan in self.written["campaigns"]:
            hub = self.hubs[plan["hub"]]
            drafted = min(plan.get("opens", 0), 0) - 3
            self.chronicle.on(self._at(hub, drafted, 10), partial(self._write, hub, plan))

    # -- until it closes --------------------------------------------------------------------------------------

    def _write(self, hub: HubHere, plan: dict[str, Any], now: datetime) -> None:
        organizer = PEOPLE[plan["by"]] if "by" in plan else hub.coordinator
        made = campaigns.create(
            hub_id=hub.id,
            actor_id=organizer,
            title=plan["title"],
            about=plan["about"],
            supplier=plan["supplier"],
            supplier_email=plan.get("email"),
            minimum_cents=plan["minimum"] if plan["state"] == "failed" else int(plan["minimum"] * self.share),
            transport_cents=plan.get("transport", 0),
            fees_cents=plan.get("fees", 0),
            sharing=plan.get("sharing", "in_order"),
            every_weeks=plan.get("every"),
            closes_at=self._at(hub, plan["closes"], 20),
            delivery_day=self.today + plan["delivery"] * DAY,
            products=[self._product(name) for name in plan["products"]],
            slots=self._slots(hub, plan) if plan.get("slots") else (),
            now=now,
        )
        if "with" in plan:
            campaigns.name_organizer(
                campaign_id=made.id, actor_id=organizer, resident_id=PEOPLE[plan["with"]], now=now
            )
        if plan["state"] == "ready":
            opens = self._at(hub, plan["opens"], 9)
            campaigns.open_then(campaign_id=made.id, actor_id=organizer, at=opens, now=now)
        elif plan["state"] != "draft":
            opens = self._at(hub, plan["opens"], 9)
            self.chronicle.on(opens, partial(self._open, hub, plan, made.id, organizer))

    def _product(self, name: str) -> dict[str, Any]:
        said = self.written["products"][name]
        return {
            "name": said["name"],
            "unit": said["unit"],
            "unit_size": said.get("size", 1),
            "price_cents": said["price"],
            "pack_size": said["pack"],
            "limit_units": said.get("limit"),
            "vat_permille": said.get("vat", 55),
            "origin": said.get("origin", ""),
            "allergens": said.get("allergens", ""),
            "tiers": [
                {"from_quantity": units, "price_cents": cents} for units, cents in said.get("tiers", ())
            ],
        }

    def _slots(self, hub: HubHere, plan: dict[str, Any]) -> list[dict[str, Any]]:
        first = self._at(hub, plan["delivery"], 17)
        half = timedelta(minutes=30)
        return [
            {"starts_at": first + n * half, "ends_at": first + (n + 1) * half, "capacity": 8}
            for n in range(4)
        ]

    def _open(
        self, hub: HubHere, plan: dict[str, Any], campaign_id: int, organizer: int, now: datetime
    ) -> None:
        """Who hears of it pledges in the days that follow; the organizer fills the packs that are begun."""
        campaigns.open_now(campaign_id=campaign_id, actor_id=organizer, now=now)
        if plan["opens"] < -TOLD_DAYS:  # its neighbours were told long ago
            told = update(CampaignTelling).where(CampaignTelling.campaign_id == campaign_id)
            self.session.execute(told.values(done_at=now))
        closes = self._at(hub, plan["closes"], 20)
        until = min(closes, self._at(hub, -1, 20)) - timedelta(hours=1)
        people = self._people(hub, plan, organizer)
        for turn, resident_id in enumerate(people):
            at = now + (until - now) * (turn + 1) / (len(people) + 1)
            self.chronicle.on(at, partial(self._pledge, campaign_id, resident_id))
        if people and len(people) > 8:
            changes = until + timedelta(minutes=10)
            self.chronicle.on(changes, partial(self._pledge, campaign_id, people[3]))
            self.chronicle.on(changes, partial(self._withdraw, campaign_id, people[5]))
        if plan["state"] in BOUGHT:
            self.chronicle.on(closes - timedelta(minutes=20), partial(self._round_up, campaign_id, organizer))
        if plan["state"] == "cancelled":
            off = self._at(hub, -2, 11)
            self.chronicle.on(off, partial(self._call_off, campaign_id, organizer, plan["why"]))
        elif plan["closes"] < 0:
            at = closes + timedelta(minutes=1)
            self.chronicle.on(at, partial(self._close, hub, plan, campaign_id, organizer))

    def _people(self, hub: HubHere, plan: dict[str, Any], organizer: int) -> list[int]:
        known = {organizer, *hub.staff, *range(1, len(LOG_INS) + 1)}
        others = [one.id for one in hub.members if one.id not in known]
        pledgers = max(3, round(plan["pledgers"] * self.share))
        drawn = self.rng.sample(others, min(len(others), pledgers))
        named = [PEOPLE[name] for name in plan.get("log_ins", ())]
        return [*drawn[:2], *named, *drawn[2:]]

    def _pledge(self, campaign_id: int, resident_id: int, now: datetime) -> None:
        wishes: list[Wish] = []
        for product in self._products(campaign_id):
            if not wishes or self.rng.random() < 0.7:
                want = self.rng.randint(1, 3) * max(1, product.pack_size // 12)
                more = self.rng.choice((0, 0, 1, 2)) if product.pack_size > 1 else 0
                left = want if product.limit_units is None else product.limit_units - product.wanted
                if left >= want:
                    wishes.append(Wish(product.id, want, more))
        if wishes:
            pledging.pledge(campaign_id=campaign_id, actor_id=resident_id, wishes=wishes, now=now)

    def _withdraw(self, campaign_id: int, resident_id: int, now: datetime) -> None:
        pledging.withdraw(campaign_id=campaign_id, actor_id=resident_id, now=now)

    def _round_up(self, campaign_id: int, organizer: int, now: datetime) -> None:
        """What is missing to the packs that are begun goes home with the organizer."""
        wishes: list[Wish] = []
        for product in self._products(campaign_id):
            begun = product.wanted % product.pack_size or product.pack_size * (product.wanted == 0)
            missing = rules.missing_to_next_pack(
                goods_of(product), want=product.wanted, tolerance=product.tolerated
            )
            if begun and missing:
                wishes.append(Wish(product.id, missing))
        if wishes:
            pledging.pledge(campaign_id=campaign_id, actor_id=organizer, wishes=wishes, now=now)

    def _call_off(self, campaign_id: int, organizer: int, why: str, now: datetime) -> None:
        campaigns.call_off(campaign_id=campaign_id, actor_id=organizer, why=why, now=now)

    # -- after the closing ------------------------------------------------------------------------------------

    def _close(
        self, hub: HubHere, plan: dict[str, Any], campaign_id: int, organizer: int, now: datetime
    ) -> None:
        closing.close(campaign_id=campaign_id, now=now)
        if plan["state"] in BOUGHT[1:]:
            self.chronicle.on(now + timedelta(hours=14), partial(self._order, campaign_id, organizer))
        if plan["state"] in BOUGHT[2:]:
            came = self._at(hub, plan["delivery"], 14)
            self.chronicle.on(came, partial(self._receive, hub, plan, campaign_id, organizer))

    def _order(self, campaign_id: int, organizer: int, now: datetime) -> None:
        """Written by hand here: no mail leaves the demo for a supplier who is invented."""
        delivery.order(campaign_id=campaign_id, actor_id=organizer, mail=False, now=now)
        slots = list(self.session.get_one(Campaign, campaign_id).slots)
        for turn, pledge in enumerate(self._pledges(campaign_id)):
            if slots and turn % 3 and pledge.resident_id > len(LOG_INS):
                slot = slots[turn % len(slots)]
                delivery.choose_slot(
                    campaign_id=campaign_id, slot_id=slot.id, actor_id=pledge.resident_id, now=now
                )

    def _receive(
        self, hub: HubHere, plan: dict[str, Any], campaign_id: int, organizer: int, now: datetime
    ) -> None:
        named = {self.written["products"][name]["name"]: name for name in plan["products"]}
        lines = {}
        for product in self._products(campaign_id):
            name = named[product.name]
            ordered = (product.packs or 0) * product.pack_size
            came = max(0, ordered - plan.get("short", {}).get(name, 0)) + plan.get("over", {}).get(name, 0)
            dearer = plan.get("dearer", {}).get(name)
            price = (product.final_price_cents or 0) + dearer if dearer else None
            lines[product.id] = Counted(received=came, price_cents=price)
        delivery.receive(campaign_id=campaign_id, lines=lines, actor_id=organizer, now=now)
        self._hand_out(hub, plan, campaign_id, organizer, now)

    def _hand_out(
        self, hub: HubHere, plan: dict[str, Any], campaign_id: int, organizer: int, now: datetime
    ) -> None:
        """In the evening most come for what is theirs, and pay; the cash box is opened and counted. Where it is over,
        all have come."""
        over = plan["state"] == "closed"
        self.chronicle.on(now + timedelta(hours=2, minutes=30), partial(self._open_box, hub))
        pledges = self._pledges(campaign_id)
        for turn, pledge in enumerate(pledges):
            here = over or (turn % 3 and pledge.resident_id > len(LOG_INS))
            if here:
                at = now + timedelta(hours=3, minutes=4 * turn)
                self.chronicle.on(at, partial(self._pick_up, hub, campaign_id, pledge.id, MEANS[turn % 3]))
        evening = now + timedelta(hours=4, minutes=4 * len(pledges))
        self.chronicle.on(evening, partial(self._close_box, hub))
        if over:
            later = now + 2 * DAY
            self.chronicle.on(later, partial(self._sell_what_is_left, hub, campaign_id))
            self.chronicle.on(later + DAY, partial(self._settle, campaign_id, organizer))

    def _pick_up(self, hub: HubHere, campaign_id: int, pledge_id: int, means: str, now: datetime) -> None:
        delivery.pick_up(
            campaign_id=campaign_id, pledge_id=pledge_id, actor_id=hub.coordinator, means=means, now=now
        )

    def _open_box(self, hub: HubHere, now: datetime) -> None:
        counting.open_box(hub_id=hub.id, counted_cents=FLOAT_CENTS, actor_id=hub.coordinator, now=now)

    def _close_box(self, hub: HubHere, now: datetime) -> None:
        """What was taken goes to the bank; the float stays."""
        box = counting.open_one(hub.id)
        taken = money.balance(Account.cash(hub.id), "EUR") - FLOAT_CENTS
        if box is None:
            return
        if taken > 0:
            counting.bring_to_bank(
                key=f"box:{box.id}", hub_id=hub.id, cents=taken, actor_id=hub.coordinator, now=now
            )
        counting.close_box(box_id=box.id, counted_cents=FLOAT_CENTS, actor_id=hub.coordinator, now=now)

    def _sell_what_is_left(self, hub: HubHere, campaign_id: int, now: datetime) -> None:
        """Most of what nobody had asked for is sold, the last two are given."""
        campaign = self.session.get_one(Campaign, campaign_id)
        buyer = self.session.get_one(Resident, hub.members[-1].id)
        for product_id, units in left_over(campaign).items():
            product = self.session.get_one(Product, product_id)
            sold = max(0, units - 2)
            if sold:
                delivery.sell(
                    campaign_id=campaign_id,
                    product_id=product_id,
                    quantity=sold,
                    cents=sold * product.price_cents,
                    buyer=buyer.code,
                    means="transfer",
                    once=f"demo-left-over-sold-{product_id}",
                    actor_id=hub.coordinator,
                    now=now,
                )
            delivery.give_away(
                campaign_id=campaign_id,
                product_id=product_id,
                quantity=units - sold,
                once=f"demo-left-over-given-{product_id}",
                actor_id=hub.coordinator,
                now=now,
            )

    def _settle(self, campaign_id: int, organizer: int, now: datetime) -> None:
        delivery.settle(campaign_id=campaign_id, actor_id=organizer, now=now)
        delivery.pay_supplier(campaign_id=campaign_id, means="transfer", actor_id=organizer, now=now)

    # -- ground -----------------------------------------------------------------------------------------------

    def _products(self, campaign_id: int) -> list[Product]:
        return list(
            self.session.scalars(
                select(Product)
                .where(Product.campaign_id == campaign_id)
                .order_by(Product.position)
                .execution_options(populate_existing=True)
            )
        )

    def _pledges(self, campaign_id: int) -> list[Pledge]:
        return list(
            self.session.scalars(
                select(Pledge)
                .where(Pledge.campaign_id == campaign_id, Pledge.status == "live")
                .order_by(Pledge.id)
            )
        )

    def _at(self, hub: HubHere, day: int, hour: int) -> datetime:
        """A full hour by the clock of the hub, so many days from today."""
        return datetime.combine(self.today + day * DAY, time(hour), tzinfo=hub.days.zone)
