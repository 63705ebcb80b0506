"""From the order to the settlement, by the services: shortages, corrected prices, what is left over, every cent."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core import clock as house_clock
from app.core import outbox
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications.models import Notification
from app.payments.cash import services as cash
from app.payments.cash.models import Receipt
from app.payments.ledger import queries as money
from app.payments.ledger.models import MoneyEntry
from app.payments.ledger.rules import Account
from app.purchases.delivery import jobs, services
from app.purchases.delivery.models import Delivery, PackedLine
from app.purchases.delivery.services.leaving import left_over
from app.purchases.delivery.weighing import Counted
from app.purchases.models import PickUpSlot
from app.purchases.pledging.models import Allotment, Pledge
from tests import factories
from tests.harness.clock import Clock
from tests.harness.sizes import sized
from tests.purchases.delivery.scene import Scene, succeeded

EXAMPLE = ({"Huile": (5, 2)}, {"Huile": (3, 3)}, {"Huile": (3, 0)})
"""A 5+2, B 3+3, C 3+0 in packs of six: A 6, B 3, C 3."""


def by_organizer(scene: Scene, do: Any, **said: Any) -> Any:
    with transaction():
        return do(campaign_id=scene.campaign.id, actor_id=scene.organizer.id, now=house_clock.now(), **said)


def ordered(scene: Scene) -> Scene:
    by_organizer(scene, services.order)
    return scene


def received(scene: Scene, **counts: Counted) -> Any:
    lines = {scene.products[name].id: one for name, one in counts.items()}
    return by_organizer(scene, services.receive, lines=lines)


def units(scene: Scene, name: str = "Huile") -> list[int | None]:
    scene.fresh()
    product = scene.products[name].id
    return [
        getattr(db.session.get(Allotment, (pledge.id, product)), "received_quantity", None)
        for pledge in scene.pledges
    ]


def settled(scene: Scene) -> Delivery:
    by_organizer(scene, services.settle)
    scene.fresh()
    return db.session.get_one(Delivery, scene.campaign.id)


def balances(scene: Scene, delivery: Delivery) -> None:
    """Every cent: the equation, the campaign's account, the whole ledger."""
    assert delivery.members_cents is not None
    assert delivery.hub_cents is not None
    paid_by = delivery.members_cents + delivery.leftovers_cents + delivery.hub_cents
    assert paid_by == delivery.supplier_cents + delivery.transport_cents + delivery.fees_cents
    assert scene.campaign_cents() == 0
    supplier = money.balance(Account.supplier(scene.campaign.subject))
    assert -supplier == delivery.supplier_cents + delivery.transport_cents
    assert db.session.scalar(select(func.coalesce(func.sum(MoneyEntry.amount), 0))) == 0


# -- what comes -------------------------------------------------------------------------------------------


def test_what_came_as_ordered_changes_nothing(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE, transport_cents=300))
    weighed = received(scene)
    assert not weighed.changed
    assert units(scene) == [6, 3, 3]
    assert [scene.owed(n) for n in range(3)] == [6150, 3075, 3075]
    delivery = settled(scene)
    assert (delivery.members_cents, delivery.supplier_cents, delivery.hub_cents) == (12300, 12000, 0)
    balances(scene, delivery)


def test_short_delivery_takes_from_tolerance_and_then_from_the_last(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    received(scene, Huile=Counted(8))
    assert units(scene) == [5, 3, 0]
    assert [scene.owed(n) for n in range(3)] == [5000, 3000, 0]
    balances(scene, settled(scene))


def test_short_delivery_shared_in_proportion(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE, sharing="proportional"))
    received(scene, Huile=Counted(8))
    assert units(scene) == [4, 2, 2]
    balances(scene, settled(scene))


def test_zero_delivery_costs_nobody_anything_but_the_hub(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE, transport_cents=300))
    received(scene, Huile=Counted(0))
    assert [scene.owed(n) for n in range(3)] == [0, 0, 0]
    delivery = settled(scene)
    assert (delivery.members_cents, delivery.hub_cents) == (0, 300)
    balances(scene, delivery)


def test_surplus_delivery_is_nobodys_and_is_sold_or_given(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    received(scene, Huile=Counted(15))
    assert units(scene) == [6, 3, 3]
    product = scene.products["Huile"].id
    assert left_over(scene.campaign) == {product: 3}
    buyer = factories.verified_member(scene.hub)
    sale = {
        "product_id": product, "quantity": 2, "cents": 1500, "buyer": buyer.code, "means": "cash", "once": "o" * 20,
    }  # fmt: skip
    sold = by_organizer(scene, services.sell, **sale)
    assert by_organizer(scene, services.sell, **sale).id == sold.id
    with pytest.raises(Conflict) as refused:
        by_organizer(scene, services.give_away, product_id=product, quantity=2, once="p" * 20)
    assert refused.value.params == {"left": 1}
    by_organizer(scene, services.give_away, product_id=product, quantity=1, once="p" * 20)
    assert money.balance(Account.member(buyer.id)) == 0
    delivery = settled(scene)
    assert (delivery.leftovers_cents, delivery.supplier_cents, delivery.hub_cents) == (1500, 15000, 1500)
    balances(scene, delivery)


def test_a_price_corrected_after_the_charge_is_hers_or_owed_but_never_above_the_ceiling(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    received(scene)
    pick = {"pledge_id": scene.pledges[0].id, "means": "cash"}
    assert by_organizer(scene, services.pick_up, **pick).paid_cents == 6000
    received(scene, Huile=Counted(price_cents=900))
    scene.fresh()
    assert [scene.owed(n) for n in range(3)] == [-600, 2700, 2700]
    received(scene, Huile=Counted(price_cents=1500))
    scene.fresh()
    ceilings = [7000, 6000, 3000]
    assert [pledge.ceiling_cents for pledge in scene.pledges] == ceilings
    assert [scene.owed(n) for n in range(3)] == [1000, 4500, 3000]
    delivery = settled(scene)
    assert (delivery.members_cents, delivery.supplier_cents, delivery.hub_cents) == (14500, 18000, 3500)
    balances(scene, delivery)


def test_a_count_is_mended_until_somebody_has_her_crate(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    received(scene, Huile=Counted(8))
    received(scene, Huile=Counted(12))
    assert units(scene) == [6, 3, 3]
    assert [scene.owed(n) for n in range(3)] == [6000, 3000, 3000]
    by_organizer(scene, services.pick_up, pledge_id=scene.pledges[0].id)
    with pytest.raises(Conflict) as refused:
        received(scene, Huile=Counted(8))
    assert refused.value.word == "handed_out"
    balances(scene, settled(scene))


def test_said_twice_it_is_received_once(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    for _time in range(2):
        received(scene, Huile=Counted(8))
    scene.fresh()
    assert db.session.get_one(Delivery, scene.campaign.id).receptions == 1
    assert [scene.owed(n) for n in range(3)] == [5000, 3000, 0]


def test_shares_of_transport_sum_to_the_cent(app: Flask) -> None:
    products = {"Huile": {"price_cents": 1000, "pack_size": 1}}
    scene = ordered(succeeded([{"Huile": (1, 0)}] * 3, products=products, transport_cents=1000))
    received(scene)
    assert sorted((scene.owed(n) for n in range(3)), reverse=True) == [1334, 1333, 1333]
    delivery = settled(scene)
    assert delivery.hub_cents == 0
    balances(scene, delivery)


@pytest.mark.parametrize(
    "counted", [Counted(-1), Counted(10**9), Counted(price_cents=-1), Counted(price_cents=10**9)]
)
def test_what_cannot_have_come_is_refused(app: Flask, counted: Counted) -> None:
    scene = ordered(succeeded(EXAMPLE))
    with pytest.raises(Invalid):
        received(scene, Huile=counted)
    with pytest.raises(Invalid):
        by_organizer(scene, services.receive, lines={10**6: Counted(1)})


# -- who may, and when ------------------------------------------------------------------------------------


def test_each_step_waits_for_the_one_before(app: Flask) -> None:
    scene = succeeded(EXAMPLE)
    for do, said in (
        (services.receive, {"lines": {}}),
        (services.settle, {}),
        (services.pick_up, {"pledge_id": scene.pledges[0].id}),
        (services.pay_supplier, {"means": "cash"}),
    ):
        with pytest.raises(Conflict):
            by_organizer(scene, do, **said)
    ordered(ordered(scene))
    received(scene)
    settled(scene)
    settled(scene)
    by_organizer(scene, services.pay_supplier, means="transfer")
    by_organizer(scene, services.pay_supplier, means="transfer")
    assert money.balance(Account.supplier(scene.campaign.subject)) == 0
    assert money.balance(Account.bank(scene.hub.id)) == -12000


def test_members_and_volunteers_do_not_order_or_settle(app: Flask) -> None:
    scene = succeeded(EXAMPLE)
    for actor in (scene.pledges[0].resident_id, scene.volunteer.id):
        for do in (services.order, services.settle):
            with pytest.raises(Forbidden), transaction():
                do(campaign_id=scene.campaign.id, actor_id=actor, now=house_clock.now())


# -- packing and picking up -------------------------------------------------------------------------------


def test_ticks_are_kept(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    line = {"pledge_id": scene.pledges[0].id, "product_id": scene.products["Huile"].id}
    for packed, count in ((True, 1), (True, 1), (False, 0)):
        by_organizer(scene, services.pack, packed=packed, **line)
        assert db.session.scalar(select(func.count()).select_from(PackedLine)) == count
    with pytest.raises(NotFound):
        by_organizer(scene, services.pack, packed=True, pledge_id=10**6, product_id=line["product_id"])


def test_a_card_opens_ones_own_crate_and_a_code_opens_it_for_somebody_else(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    mine, other = scene.pledges[0], scene.pledges[1]
    with transaction():
        old = services.make_code(
            campaign_id=scene.campaign.id, actor_id=mine.resident_id, now=house_clock.now()
        )
    with transaction():
        code = services.make_code(
            campaign_id=scene.campaign.id, actor_id=mine.resident_id, now=house_clock.now()
        )
    received(scene)
    for wrong in (old, "ABCD EFG", other.resident.code):
        with pytest.raises(Conflict):
            by_organizer(scene, services.pick_up, pledge_id=mine.id, code=wrong)
    lower = code.lower().replace(" ", "")
    done = by_organizer(scene, services.pick_up, pledge_id=mine.id, code=lower, means="cash")
    assert (done.repeated, done.paid_cents) == (False, 6000)
    again = by_organizer(scene, services.pick_up, pledge_id=mine.id, means="cash")
    assert (again.repeated, again.paid_cents) == (True, 0)
    assert money.balance(Account.cash(scene.hub.id)) == 6000


def test_what_is_paid_at_the_next_picking_up_is_a_receipt_of_its_own(app: Flask) -> None:
    """The crate of another was handed out and paid for; it is put right, and handed out and paid for again."""
    scene = ordered(succeeded(EXAMPLE))
    received(scene)
    pledge = scene.pledges[0].id
    cash_box = Account.cash(scene.hub.id)
    assert (
        by_organizer(scene, services.pick_up, pledge_id=pledge, means="cash", cents=2000).paid_cents == 2000
    )
    by_organizer(scene, services.undo_pick_up, pledge_id=pledge)
    rest = by_organizer(scene, services.pick_up, pledge_id=pledge, means="cash")
    assert (rest.repeated, rest.paid_cents) == (False, 4000)
    assert (money.balance(cash_box), scene.owed(0)) == (6000, 0)
    with transaction():
        last = db.session.scalars(select(Receipt).order_by(Receipt.id.desc())).first()
        assert last is not None
        cash.reverse(receipt_id=last.id, actor_id=scene.organizer.id, why="mistaken", now=house_clock.now())
    by_organizer(scene, services.undo_pick_up, pledge_id=pledge)
    again = by_organizer(scene, services.pick_up, pledge_id=pledge, means="cheque", cents=4000)
    assert (again.repeated, again.paid_cents) == (False, 4000)
    assert (money.balance(cash_box), scene.owed(0)) == (2000, 0)


def test_who_takes_it_along_may_pay_later_and_in_parts(app: Flask) -> None:
    scene = ordered(succeeded(EXAMPLE))
    received(scene)
    pledge = scene.pledges[0].id
    assert by_organizer(scene, services.pick_up, pledge_id=pledge).paid_cents == 0
    part = {"pledge_id": pledge, "means": "cheque", "cents": 1000, "once": "a" * 20}
    for _twice in range(2):
        by_organizer(scene, services.pay, **part)
    with pytest.raises(Conflict):
        by_organizer(scene, services.pay, **{**part, "cents": 5001, "once": "b" * 20})
    assert by_organizer(scene, services.pay, **{**part, "cents": None, "once": "c" * 20}) == 5000
    assert scene.owed(0) == 0


def test_a_slot_holds_so_many_and_no_more(app: Flask) -> None:
    scene = succeeded(EXAMPLE)
    starts = house_clock.now() + timedelta(days=2)
    small = factories.pick_up_slot(scene.campaign, starts_at=starts, capacity=1)
    large = factories.pick_up_slot(scene.campaign, starts_at=starts + timedelta(hours=1))

    def choose(number: int, slot: PickUpSlot | None) -> None:
        with transaction():
            services.choose_slot(
                campaign_id=scene.campaign.id,
                slot_id=slot.id if slot else None,
                actor_id=scene.pledges[number].resident_id,
                now=house_clock.now(),
            )

    choose(0, small)
    with pytest.raises(Conflict):
        choose(1, small)
    choose(0, large)
    choose(1, small)
    choose(1, None)
    scene.fresh()
    assert [db.session.get_one(PickUpSlot, slot.id).taken for slot in (small, large)] == [0, 1]


def test_each_is_told_once_that_goods_arrived_and_once_of_her_slot(app: Flask, clock: Clock) -> None:
    scene = ordered(succeeded(EXAMPLE))
    slot = factories.pick_up_slot(scene.campaign, starts_at=house_clock.now() + timedelta(days=2))
    pledge = scene.pledges[0]
    with transaction():
        services.choose_slot(
            campaign_id=scene.campaign.id, slot_id=slot.id, actor_id=pledge.resident_id, now=house_clock.now()
        )
    received(scene, Huile=Counted(8))
    _deliver_events()
    assert jobs.remind_of_slots(now=house_clock.now()) == 0
    clock.forward(hours=25)
    assert [jobs.remind_of_slots(now=house_clock.now()) for _twice in range(2)] == [1, 0]
    kinds = db.session.execute(select(Notification.kind, Notification.resident_id)).all()
    people = [one.resident_id for one in scene.pledges]
    assert sorted(kinds) == sorted(
        [
            ("delivery.arrived_short", people[0]),
            ("delivery.arrived", people[1]),
            ("delivery.nothing_came", people[2]),
            ("delivery.slot", people[0]),
        ]
    )


def _deliver_events() -> None:
    now = house_clock.now() + timedelta(minutes=1)
    for _again in range(3):
        outbox.deliver(outbox.due(now=now, limit=100), now=now)


# -- any campaign -----------------------------------------------------------------------------------------

PRODUCTS = st.lists(
    st.fixed_dictionaries(
        {
            "price_cents": st.integers(1, 3000),
            "pack_size": st.integers(1, 7),
            "cheaper": st.integers(0, 30),
        }
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def campaigns(draw: Any) -> dict[str, Any]:
    made = draw(PRODUCTS)
    names = [f"Produit {number}" for number in range(len(made))]
    wish = st.dictionaries(
        st.sampled_from(names), st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=3
    )
    counted = st.builds(
        Counted,
        received=st.one_of(st.none(), st.integers(0, 60)),
        price_cents=st.one_of(st.none(), st.integers(0, 4000)),
    )
    return {
        "products": {
            name: {
                "price_cents": one["price_cents"],
                "pack_size": one["pack_size"],
                "tiers": {10: max(1, one["price_cents"] - one["cheaper"])}
                if one["price_cents"] > 30
                else None,
            }
            for name, one in zip(names, made, strict=True)
        },
        "wishes": draw(st.lists(wish, min_size=1, max_size=5)),
        "sharing": draw(st.sampled_from(["in_order", "proportional"])),
        "transport_split": draw(st.sampled_from(["by_value", "hub"])),
        "transport_cents": draw(st.integers(0, 5000)),
        "fees_cents": draw(st.integers(0, 1000)),
        "counts": draw(st.lists(st.dictionaries(st.sampled_from(names), counted), min_size=1, max_size=3)),
        "sale": draw(st.integers(1, 5000)),
    }


@settings(
    max_examples=sized(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(campaigns())
def test_any_campaign_adds_up_whatever_comes_at_whatever_price(app: Flask, said: dict[str, Any]) -> None:
    """Sum given = received, nobody above want + tolerance nor above her ceiling, and every cent finds its place."""
    wishes, counts, sale = said.pop("wishes"), said.pop("counts"), said.pop("sale")
    scene = ordered(succeeded(wishes, **said))
    for count in counts:
        received(scene, **count)
    scene.fresh()
    left = left_over(scene.campaign)
    for name, product in scene.products.items():
        came = db.session.get_one(type(product), product.id).received or 0
        got = [count or 0 for count in units(scene, name)]
        assert sum(got) + left.get(product.id, 0) == came
        for wish, count in zip(wishes, got, strict=True):
            assert count <= sum(wish.get(name, (0, 0)))
    for number, pledge in enumerate(scene.pledges):
        assert 0 <= scene.owed(number) <= pledge.ceiling_cents
        by_organizer(scene, services.pick_up, pledge_id=pledge.id, means="cash")
        assert scene.owed(number) == 0
    buyer = factories.verified_member(scene.hub)
    for product_id, count in left.items():
        by_organizer(
            scene, services.sell, product_id=product_id, quantity=count, cents=sale, buyer=buyer.code, means="cheque",
            once=f"{product_id:020}",
        )  # fmt: skip
    delivery = settled(scene)
    balances(scene, delivery)
    members = db.session.scalars(select(Pledge).where(Pledge.campaign_id == scene.campaign.id)).all()
    assert all(money.balance(Account.member(pledge.resident_id)) == 0 for pledge in members)
    taken = money.balance(Account.cash(scene.hub.id)) + money.balance(Account.bank(scene.hub.id))
    assert taken == (delivery.members_cents or 0) + delivery.leftovers_cents
