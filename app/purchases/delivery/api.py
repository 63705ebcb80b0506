"""A campaign after success, for programs: order, receive, hand out, settle, and the lists as files."""

from typing import Any

import marshmallow as ma
from flask import Response, g
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.db import db
from app.core.errors import Invalid
from app.core.text import whole
from app.core.tokens import new_token
from app.payments.cards.carrying import carry_out
from app.purchases.delivery import ordering, packing, queries, services
from app.purchases.delivery.models import Delivery
from app.purchases.delivery.services.ground import campaign_held
from app.purchases.delivery.services.leaving import left_over
from app.purchases.delivery.services.settling import settlement
from app.purchases.delivery.sums import of_pledges
from app.purchases.delivery.weighing import Counted, Weighed, bought, weigh

blueprint = Blueprint(
    "delivery_api",
    __name__,
    url_prefix="/api/v1",
    description="Group purchases: order, receive, hand out, settle.",
)

Json = jsonapi.Json
MEANS = ("cash", "cheque", "transfer")


class OrderBody(jsonapi.Body):
    """`mail`: the order leaves for the supplier, where he has an address, with `words` of one's own."""

    mail = fields.Boolean(load_default=True)
    words = fields.String(load_default="")


class ReceivedLineBody(jsonapi.Body):
    """What came of one product: units, and the price of one where it is another."""

    product = fields.String(required=True)
    received = fields.Integer(required=True)
    price_cents = fields.Integer(load_default=None, allow_none=True)


class ReceiveBody(jsonapi.Body):
    """A product that is not named came as ordered. With `preview` nothing is written."""

    lines = fields.List(fields.Nested(ReceivedLineBody), load_default=list)
    preview = fields.Boolean(load_default=False)


class PickUpBody(jsonapi.Body):
    """`code`: the member's card, or the code that she gave to somebody. `means`: what she owes is paid there, or `cents`
    of it; without, it stays owed."""

    code = fields.String(load_default="")
    means = fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(MEANS))
    cents = fields.Integer(load_default=None, allow_none=True)


class SlotBody(jsonapi.Body):
    """One of the campaign's slots by id; null: at any time."""

    slot = fields.String(load_default=None, allow_none=True)


class LeftoverBody(jsonapi.Body):
    """Units that are nobody's: sold to a member (`buyer` is her card) for `cents` together, or given."""

    product = fields.String(required=True)
    quantity = fields.Integer(required=True)
    how = fields.String(required=True, validate=ma.validate.OneOf(("sold", "given")))
    cents = fields.Integer(load_default=0)
    buyer = fields.String(load_default="")
    means = fields.String(load_default="cash", validate=ma.validate.OneOf(MEANS))


class DeliveredProductSchema(ma.Schema):
    """`ordered` and `received` count units; `left_over` of them are nobody's."""

    id = fields.String()
    name = fields.String()
    packs = fields.Integer(allow_none=True)
    ordered = fields.Integer()
    received = fields.Integer(allow_none=True)
    price_cents = fields.Integer(allow_none=True)
    left_over = fields.Integer()


class SettlementSchema(ma.Schema):
    """members + leftovers + hub = supplier + transport + fees."""

    members_cents = fields.Integer()
    leftovers_cents = fields.Integer()
    hub_cents = fields.Integer()
    supplier_cents = fields.Integer()
    transport_cents = fields.Integer()
    fees_cents = fields.Integer()


class DeliverySchema(ma.Schema):
    """How far a campaign has come after success. `settlement` is what it comes to now, or came to."""

    id = fields.String()
    status = fields.String()
    currency = fields.String()
    ordered_at = fields.DateTime(allow_none=True)
    received_at = fields.DateTime(allow_none=True)
    settled_at = fields.DateTime(allow_none=True)
    products = fields.List(fields.Nested(DeliveredProductSchema))
    settlement = fields.Nested(SettlementSchema)


class ReceivedShareSchema(ma.Schema):
    """One pledge: units by product, what it came to before and comes to now."""

    pledge = fields.String()
    units = fields.Dict(keys=fields.String(), values=fields.Integer())
    before_cents = fields.Integer()
    total_cents = fields.Integer()


class ReceivedSchema(DeliverySchema):
    """With the pledges for which something is not as it was fixed at closing."""

    changed = fields.List(fields.Nested(ReceivedShareSchema))


class PickedUpSchema(ma.Schema):
    """`repeated`: it was handed out before. `owed_cents` is still to be paid; below zero, it is hers."""

    pledge = fields.String()
    picked_up_at = fields.DateTime()
    repeated = fields.Boolean()
    paid_cents = fields.Integer()
    owed_cents = fields.Integer()


class GivenBackSchema(ma.Schema):
    """What is on its way back to the card that paid this pledge."""

    pledge = fields.String()
    cents = fields.Integer()
    currency = fields.String()


def _whole(campaign_id: int) -> Json:
    campaign = queries.campaign(campaign_id)
    delivery = queries.delivery(campaign_id)
    left = left_over(campaign) if delivery and delivery.received_at else {}
    settled = settlement(campaign)
    return {
        "id": str(campaign.id),
        "status": campaign.status,
        "currency": campaign.currency,
        **{
            name: jsonapi.moment(getattr(delivery, name, None))
            for name in ("ordered_at", "received_at", "settled_at")
        },
        "products": [
            {
                "id": str(product.id),
                "name": product.name,
                "packs": product.packs,
                "ordered": bought(product),
                "received": product.received,
                "price_cents": product.final_price_cents
                if product.paid_price_cents is None
                else product.paid_price_cents,
                "left_over": left.get(product.id, 0),
            }
            for product in campaign.products
        ],
        "settlement": {name: getattr(settled, name) for name in SettlementSchema._declared_fields},
    }


@blueprint.post("/campaigns/<int:campaign_id>/order")
@blueprint.arguments(OrderBody)
@blueprint.response(200, DeliverySchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def order(body: Json, campaign_id: int) -> Response:
    """It is ordered, once. 409 `not_succeeded`."""

    def do() -> Json:
        services.order(campaign_id=campaign_id, actor_id=current_user.id, now=g.now, **body)
        return _whole(campaign_id)

    return jsonapi.act(do)


@blueprint.post("/campaigns/<int:campaign_id>/receive")
@blueprint.arguments(ReceiveBody)
@blueprint.response(200, ReceivedSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def receive(body: Json, campaign_id: int) -> Response:
    """What came. Who goes short follows from the campaign's rule, nobody pays above her ceiling, what was paid too much
    is hers. 409 `not_ordered`, `handed_out`."""
    lines = {
        _number("lines", line["product"]): Counted(line["received"], line["price_cents"])
        for line in body["lines"]
    }

    def do() -> Json:
        if body["preview"]:
            campaign = campaign_held(campaign_id, actor_id=current_user.id)
            return {**_whole(campaign_id), "changed": _changed(weigh(campaign, lines))}
        weighed = services.receive(campaign_id=campaign_id, lines=lines, actor_id=current_user.id, now=g.now)
        changed = _changed(weighed)
        return {**_whole(campaign_id), "changed": changed}

    return jsonapi.act(do)


def _changed(weighed: Weighed) -> list[Json]:
    return [
        {
            "pledge": str(share.pledge.id),
            "units": {str(number): units for number, units in share.units.items()},
            "before_cents": share.before_cents,
            "total_cents": share.bill.total_cents,
        }
        for share in weighed.changed
    ]


def _number(name: str, text: str) -> int:
    number = whole(text)
    if number is None:
        raise Invalid({name: "core.not_a_choice"})
    return number


@blueprint.put("/campaigns/<int:campaign_id>/slot")
@blueprint.arguments(SlotBody)
@blueprint.response(200, ma.Schema.from_dict({"slot": fields.String(allow_none=True)}, name="Slot"))
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def slot(body: Json, campaign_id: int) -> Response:
    """When one comes for what is one's own. 409 `slot_full`, `slot_over`, `picked_up_already`."""
    slot_id = None if body["slot"] is None else _number("slot", body["slot"])

    def do() -> Json:
        services.choose_slot(campaign_id=campaign_id, slot_id=slot_id, actor_id=current_user.id, now=g.now)
        return {"slot": body["slot"]}

    return jsonapi.act(do)


@blueprint.post("/campaigns/<int:campaign_id>/pledges/<int:pledge_id>/pick-up")
@blueprint.arguments(PickUpBody)
@blueprint.response(200, PickedUpSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def pick_up(body: Json, campaign_id: int, pledge_id: int) -> Response:
    """It is handed out, by the hub's volunteers or those who look after the campaign; once, whoever asks again. 409
    `not_delivered`, `wrong_code`, `not_owed`."""

    def do() -> Json:
        done = services.pick_up(
            campaign_id=campaign_id, pledge_id=pledge_id, actor_id=current_user.id, now=g.now, **body
        )
        db.session.flush()
        money = of_pledges(done.pledge.campaign, [pledge_id])[pledge_id]
        return {
            "pledge": str(pledge_id),
            "picked_up_at": jsonapi.moment(done.pledge.picked_up_at),
            "repeated": done.repeated,
            "paid_cents": done.paid_cents,
            "owed_cents": money.owed_cents,
        }

    return jsonapi.act(do)


@blueprint.post("/campaigns/<int:campaign_id>/pledges/<int:pledge_id>/give-back")
@blueprint.response(200, GivenBackSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def give_back(campaign_id: int, pledge_id: int) -> Response:
    """What a card paid too much, because less came or it cost less, goes back to it. 409 `nothing_to_give_back`."""
    planned: list[int] = []

    def do() -> Json:
        planned.clear()  # where it is tried again
        attempt = services.give_back(
            campaign_id=campaign_id, pledge_id=pledge_id, actor_id=current_user.id, now=g.now
        )
        planned.append(attempt.id)
        return {"pledge": str(pledge_id), "cents": attempt.cents, "currency": attempt.currency}

    answer = jsonapi.act(do)
    for attempt_id in planned:
        carry_out(attempt_id, now=g.now)
    return answer


@blueprint.post("/campaigns/<int:campaign_id>/leftovers")
@blueprint.arguments(LeftoverBody)
@blueprint.response(201, DeliverySchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def leftovers(body: Json, campaign_id: int) -> Response:
    """What is nobody's goes. 409 `not_left`, `not_delivered`."""
    common: dict[str, Any] = {
        "campaign_id": campaign_id,
        "product_id": _number("product", body["product"]),
        "quantity": body["quantity"],
        "once": new_token(),
        "actor_id": current_user.id,
        "now": g.now,
    }

    def do() -> Json:
        if body["how"] == "given":
            services.give_away(**common)
        else:
            services.sell(cents=body["cents"], buyer=body["buyer"], means=body["means"], **common)
        return _whole(campaign_id)

    return jsonapi.act(do, status=201)


@blueprint.post("/campaigns/<int:campaign_id>/settle")
@blueprint.response(200, DeliverySchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def settle(campaign_id: int) -> Response:
    """The accounts are closed, once; the campaign's own ends at zero. 409 `not_delivered`."""

    def do() -> Json:
        settled: Delivery = services.settle(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
        return _whole(settled.campaign_id)

    return jsonapi.act(do)


@blueprint.get("/campaigns/<int:campaign_id>/order.csv")
@blueprint.response(200, content_type="text/csv")
def order_csv(campaign_id: int) -> Response:
    """The order for the supplier, as a table."""
    return ordering.order_csv(campaign_id)


@blueprint.get("/campaigns/<int:campaign_id>/order.pdf")
@blueprint.response(200, content_type="application/pdf")
def order_pdf(campaign_id: int) -> Response:
    """The same to print."""
    return ordering.order_pdf(campaign_id)


@blueprint.get("/campaigns/<int:campaign_id>/pick-up.csv")
@blueprint.response(200, content_type="text/csv")
def pick_up_csv(campaign_id: int) -> Response:
    """What goes to whom, as a table; `?by=product`: product by product."""
    return packing.pick_up_csv(campaign_id)


@blueprint.get("/campaigns/<int:campaign_id>/pick-up.pdf")
@blueprint.response(200, content_type="application/pdf")
def pick_up_pdf(campaign_id: int) -> Response:
    """The same to print."""
    return packing.pick_up_pdf(campaign_id)
