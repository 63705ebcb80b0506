"""Writing a campaign: what is refused and in which words, what stands once somebody has pledged, one more like it, the
next one of those that repeat."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from app.core.http import all_said
from app.core.outbox import StoredEvent
from app.purchases import fields, jobs, services, times
from app.purchases.models import Campaign, Product
from tests import factories
from tests.harness.clock import PARIS, Clock

OIL = {"name": "Huile d’olive", "unit": "bidon de 3 L", "price_cents": 2940, "pack_size": 6}


def draft(clock: Clock, organizer: Any, hub: Any, **given: Any) -> Campaign:
    """A draft that could be opened, unless `given` says otherwise."""
    said: dict[str, Any] = {
        "title": "Épicerie de décembre",
        "supplier": "Coopérative des Deux Vallées",
        "closes_at": datetime(2026, 12, 6, 20, 0, tzinfo=PARIS),
        "delivery_day": date(2026, 12, 11),
        "products": [OIL],
        **given,
    }
    with transaction():
        return services.create(hub_id=hub.id, actor_id=organizer.id, now=clock.now, **said)


def words(problem: Problem) -> str:
    return " ".join(all_said(problem))


CAMPAIGNS_REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a closing in the past", {"closes_at": datetime(2026, 11, 25, 9, 59, tzinfo=PARIS)}, "déjà passé"),
    ("a closing in two years", {"closes_at": datetime(2028, 1, 1, tzinfo=UTC)}, "plus d’un an"),
    ("delivered before it closes", {"delivery_day": date(2026, 12, 5)}, "ne peut pas précéder"),
    ("opened after it closes", {"opens_at": datetime(2026, 12, 7, tzinfo=UTC)}, "avant la clôture"),
    ("a name of 300 letters", {"title": "é" * 300}, "120 caractères au plus"),
    ("a minimum below zero", {"minimum_cents": -1}, "Entre 0"),
    ("no such currency", {"currency": "XXX"}, "Choisissez dans la liste"),
    ("cards where none are taken", {"payment": "card", "minimum_cents": 1000}, "ne sont pas acceptées ici"),
    ("a supplier’s address that is none", {"supplier_email": "coop"}, "@"),
]


def test_what_a_campaign_cannot_be(app: Flask, clock: Clock) -> None:
    """One clear sentence each, and nothing is written."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    for name, given, said in CAMPAIGNS_REFUSED:
        with app.test_request_context(), pytest.raises(Invalid) as refused:
            draft(clock, organizer, hub, **given)
        assert len(refused.value.errors) == 1, name
        assert said in words(refused.value), name
    assert db.session.scalar(select(Campaign.id)) is None


def tiers(*steps: tuple[int, int]) -> list[dict[str, int]]:
    return [{"from_quantity": units, "price_cents": cents} for units, cents in steps]


PRODUCTS_REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a price below zero", {"price_cents": -100}, "EUR", "au moins 0,01"),
    ("a price of nothing", {"price_cents": 0}, "EUR", "au moins 0,01"),
    ("a price of nothing in yen", {"price_cents": 0}, "JPY", "au moins 1"),
    ("a price without end", {"price_cents": 10**12}, "EUR", "Entre"),
    ("a pack of nothing", {"pack_size": 0}, "EUR", "Entre 1 et"),
    ("a limit that is no multiple", {"limit_units": 20}, "EUR", "mettez 18 ou 24"),
    ("a limit below a pack", {"limit_units": 4}, "EUR", "mettez 6 au moins"),
    ("a tier that rises", {"tiers": tiers((20, 3000))}, "EUR", "fait baisser le prix"),
    ("a price below a tier", {"price_cents": 100, "tiers": tiers((6, 101))}, "EUR", "1,01"),
    ("a second tier that rises", {"tiers": tiers((40, 2850), (20, 2790))}, "EUR", "À partir de 40"),
    ("two tiers from the same", {"tiers": tiers((20, 2790), (20, 2700))}, "EUR", "Deux paliers"),
    ("a tier beyond the limit", {"limit_units": 12, "tiers": tiers((20, 2790))}, "EUR", "jamais atteint"),
    ("a name of 300 letters", {"name": "é" * 300}, "EUR", "120 caractères au plus"),
]  # fmt: skip


def test_what_a_product_cannot_be(app: Flask) -> None:
    """Each with one clear sentence."""
    for name, given, currency, said in PRODUCTS_REFUSED:
        with app.test_request_context(), pytest.raises(Invalid) as refused:
            fields.check_product({**OIL, **given}, currency=currency)
        assert len(refused.value.errors) == 1, name
        assert said in words(refused.value).replace("\u00a0", " ").replace("\u202f", " "), name


def test_a_thousand_products_are_too_many(app: Flask, clock: Clock) -> None:
    """Two hundred fit; a thousand are refused in one sentence."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        draft(clock, organizer, hub, products=[OIL] * 1000)
    assert "200 produits au plus" in words(refused.value)
    assert (
        len(draft(clock, organizer, hub, products=[OIL] * fields.MOST_PRODUCTS).products)
        == fields.MOST_PRODUCTS
    )


def test_a_minimum_that_no_card_can_pay(app: Flask, clock: Clock) -> None:
    """Stripe charges nothing below 50 cents, or 50 yen: whoever takes cards asks for that much at least."""
    hub = factories.hub()
    given = {
        "title": "Épicerie", "supplier": "Coop", "closes_at": clock.now + timedelta(days=9),
        "delivery_day": date(2026, 12, 20), "payment": "either",
    }  # fmt: skip
    for currency, least in (("EUR", 50), ("JPY", 50)):
        with app.test_request_context(), pytest.raises(Invalid) as refused:
            fields.check(
                {**given, "currency": currency, "minimum_cents": least - 1}, hub, cards=True, now=clock.now
            )
        assert list(refused.value.errors) == ["minimum_cents"]
        fields.check({**given, "currency": currency, "minimum_cents": least}, hub, cards=True, now=clock.now)


def test_daylight_saving_at_the_closing_time() -> None:
    """A time that the clocks skip is none; of one that comes twice, the second: nobody is shut out early."""
    for wall, moment in (
        ("2027-03-28T02:30", None),
        ("2027-03-28T03:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-12-06T20:00", datetime(2026, 12, 6, 19, 0, tzinfo=UTC)),
    ):
        assert times.instant(datetime.fromisoformat(wall), "Europe/Paris") == moment


def test_who_may_begin_and_look_after(app: Flask, clock: Clock) -> None:
    """Volunteers, organizers, coordinators begin one; a draft is not there for anybody else."""
    hub = factories.hub()
    volunteer, other = factories.volunteer(hub), factories.volunteer(hub)
    with pytest.raises(Forbidden):
        draft(clock, factories.verified_member(hub), hub)
    one = draft(clock, volunteer, hub)
    with pytest.raises(NotFound), transaction():
        services.edit(campaign_id=one.id, actor_id=other.id, now=clock.now, title="Autre")
    with transaction():
        services.name_organizer(
            campaign_id=one.id, actor_id=volunteer.id, resident_id=other.id, now=clock.now
        )
    with transaction():
        services.edit(campaign_id=one.id, actor_id=other.id, now=clock.now, title="Autre")
    stranger = factories.verified_member(hub).id
    with pytest.raises(Invalid), transaction():
        services.name_organizer(campaign_id=one.id, actor_id=other.id, resident_id=stranger, now=clock.now)


def test_what_neighbours_pledged_on_stands(app: Flask, clock: Clock) -> None:
    """Words and days change, a closing moves later and is told; prices, packs and minimum do not."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    one = draft(clock, organizer, hub, minimum_cents=10000)
    with transaction():
        services.open_now(campaign_id=one.id, actor_id=organizer.id, now=clock.now)
    oil = db.session.scalars(select(Product)).one()
    factories.changed(one, pledgers=1, pledged_cents=17640)
    factories.changed(oil, wanted=6)

    def edit(**given: Any) -> None:
        with transaction():
            services.edit(campaign_id=one.id, actor_id=organizer.id, now=clock.now, **given)

    for refused in ({"minimum_cents": 1}, {"payment": "card"}, {"fees_cents": 5}, {"sharing": "proportional"},
                    {"closes_at": one.closes_at - timedelta(hours=1)}):  # fmt: skip
        with pytest.raises(Invalid) as said:
            edit(**refused)
        assert list(said.value.errors) == list(refused)
    for product in (
        {"price_cents": 2941},
        {"pack_size": 3},
        {"tiers": tiers((20, 2790))},
    ):
        with pytest.raises(Invalid), transaction():
            services.put_product(
                campaign_id=one.id,
                actor_id=organizer.id,
                product_id=oil.id,
                now=clock.now,
                **{**OIL, **product},
            )
    with pytest.raises(Conflict), transaction():
        services.remove_product(campaign_id=one.id, actor_id=organizer.id, product_id=oil.id, now=clock.now)
    edit(
        about="De l’huile de Nyons.",
        closes_at=one.closes_at + timedelta(days=1),
        delivery_day=date(2026, 12, 12),
    )
    with transaction():
        services.put_product(
            campaign_id=one.id, actor_id=organizer.id, product_id=oil.id, now=clock.now, **OIL, origin="Nyons"
        )
    kinds = db.session.scalars(select(StoredEvent.kind).order_by(StoredEvent.id)).all()
    assert kinds == ["CampaignOpened", "CampaignChanged"]


def test_a_stale_edit_is_refused(app: Flask, clock: Clock) -> None:
    """Who read an older one writes nothing over what another wrote since."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    one = draft(clock, organizer, hub)
    with transaction():
        services.edit(campaign_id=one.id, actor_id=organizer.id, revision=1, now=clock.now, title="Une autre")
    with pytest.raises(Stale), transaction():
        services.edit(campaign_id=one.id, actor_id=organizer.id, revision=1, now=clock.now, title="La mienne")


def test_whole_lists_keep_their_products(app: Flask, clock: Clock) -> None:
    """Those with a number stay the same rows; tiers move without being doubled."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    flour = {
        "name": "Farine",
        "unit": "sac de 5 kg",
        "price_cents": 680,
        "tiers": tiers((25, 620)),
    }
    one = draft(clock, organizer, hub, products=[OIL, flour])
    oil, bag = one.products
    lower = tiers((25, 600), (50, 580))
    with transaction():
        services.edit(
            campaign_id=one.id, actor_id=organizer.id, now=clock.now,
            products=[{**flour, "id": bag.id, "tiers": lower}, {"name": "Pommes", "unit": "kg", "price_cents": 180}],
        )  # fmt: skip
    db.session.expire_all()
    again = db.session.get_one(Campaign, one.id)
    assert [(p.name, p.position) for p in again.products] == [("Farine", 1), ("Pommes", 2)]
    assert again.products[0].id == bag.id
    assert [t.price_cents for t in again.products[0].tiers] == [600, 580]
    assert db.session.get(Product, oil.id) is None


def test_not_opened_before_it_is_ready(app: Flask, clock: Clock) -> None:
    """Without products, past its closing, or with a minimum out of reach, it says what is missing."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    for given, code in (
        ({"products": []}, "purchases.no_products"),
        (
            {"products": [{**OIL, "limit_units": 6}], "minimum_cents": 100000},
            "purchases.minimum_out_of_reach",
        ),
    ):
        one = draft(clock, organizer, hub, **given)
        with pytest.raises(Conflict) as refused, transaction():
            services.open_now(campaign_id=one.id, actor_id=organizer.id, now=clock.now)
        assert refused.value.code == code
    late = draft(clock, organizer, hub)
    clock.forward(days=30)
    with pytest.raises(Conflict) as refused, transaction():
        services.open_now(campaign_id=late.id, actor_id=organizer.id, now=clock.now)
    assert refused.value.code == "purchases.closing_passed"


def test_the_next_one_comes_once_and_never_skips(app: Flask, clock: Clock) -> None:
    """Every four weeks, by the clock on the wall across the change of hours, and after a long silence the first that is
    still to come; however often the job runs, and whoever else runs it."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    five = datetime(2026, 12, 11, 17, 0, tzinfo=PARIS)
    slot = {"starts_at": five, "ends_at": five + timedelta(hours=1), "capacity": 4}
    one = draft(clock, organizer, hub, every_weeks=4, slots=[slot])
    with transaction():
        services.open_now(campaign_id=one.id, actor_id=organizer.id, now=clock.now)
    jobs.prepare_next(now=clock.now)
    assert db.session.scalar(select(func.count(Campaign.id))) == 1
    clock.at(datetime(2027, 4, 1, 9, 0, tzinfo=PARIS))
    for _again in range(2):
        jobs.prepare_next(now=clock.now)
    following = db.session.scalars(select(Campaign).where(Campaign.next_of_id == one.id)).one()
    assert following.closes_at.astimezone(PARIS) == datetime(2027, 4, 25, 20, 0, tzinfo=PARIS)
    assert following.delivery_day == date(2027, 4, 30)
    assert following.slots[0].starts_at.astimezone(PARIS) == datetime(2027, 4, 30, 17, 0, tzinfo=PARIS)
    assert [p.price_cents for p in following.products] == [2940]
    jobs.open_ready(now=following.opens_at)
    assert db.session.get_one(Campaign, following.id, populate_existing=True).status == "open"


def test_one_more_like_it(app: Flask, clock: Clock) -> None:
    """Another organizer copies what she has seen: the same products, other times, a draft of her own."""
    hub = factories.hub()
    one = draft(
        clock,
        factories.coordinator(hub),
        hub,
        products=[{**OIL, "tiers": tiers((20, 2790))}],
    )
    other = factories.volunteer(hub)
    with pytest.raises(NotFound), transaction():
        services.copy(campaign_id=one.id, actor_id=other.id, now=clock.now)
    with transaction():
        services.open_now(campaign_id=one.id, actor_id=one.organizer_id, now=clock.now)
    with transaction():
        like = services.copy(
            campaign_id=one.id, actor_id=other.id, now=clock.now,
            closes_at=clock.now + timedelta(days=20), delivery_day=date(2026, 12, 20),
        )  # fmt: skip
    assert (like.status, like.copied_from_id, like.organizer_id) == ("draft", one.id, other.id)
    assert [(t.from_quantity, t.price_cents) for t in like.products[0].tiers] == [(20, 2790)]
