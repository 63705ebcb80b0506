"""Pledges, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid, NotFound
from app.core.text import whole
from app.payments.cards.carrying import carry_out
from app.purchases.models import Campaign
from app.purchases.pledging import closing, queries, services
from app.purchases.pledging.models import Pledge
from app.purchases.pledging.rules import Running, Wish

blueprint = Blueprint(
    "pledging_api",
    __name__,
    url_prefix="/api/v1",
    description="Pledges: what one would take of a group purchase, until its closing decides once.",
)

Json = jsonapi.Json


class WishBody(jsonapi.Body):
    """So much of one product, and up to `tolerance` more where that fills a pack."""

    product = fields.String(required=True)
    quantity = fields.Integer(required=True, strict=True)
    tolerance = fields.Integer(load_default=0, strict=True)


class PledgeBody(jsonapi.Body):
    """The whole pledge: what is not named is not wanted. `payment`: counter or card, where there is a choice."""

    lines = fields.List(fields.Nested(WishBody), required=True)
    payment = fields.String(load_default=None, allow_none=True)


class PledgedSchema(ma.Schema):
    """What one product of a pledge says; after the closing what was `given`, and what that costs."""

    product = fields.String()
    quantity = fields.Integer()
    tolerance = fields.Integer()
    given = fields.Integer(allow_none=True)
    goods_cents = fields.Integer(allow_none=True)


class PledgeSchema(ma.Schema):
    """A pledge. `current_cents`: what it would cost if the campaign closed now; `ceiling_cents`: never more, whatever
    happens; `total_cents`: what it costs, once that is decided. While it waits for a card (`holding`, until
    `held_until`), for a bank that is to be answered or for another card, `card_url` is the page for it, and `payment_id`
    says the same to a program: `/payments/{id}`."""

    id = fields.String()
    campaign = fields.String()
    status = fields.String(metadata={"enum": ["holding", "live", "withdrawn", "lapsed", "removed"]})
    payment = fields.String(metadata={"enum": ["counter", "card"]})
    lines = fields.List(fields.Nested(PledgedSchema))
    current_cents = fields.Integer(allow_none=True)
    ceiling_cents = fields.Integer()
    total_cents = fields.Integer(allow_none=True)
    currency = fields.String()
    held_until = fields.String(allow_none=True)
    card_url = fields.String(allow_none=True)
    payment_id = fields.String(allow_none=True)


class ClosedSchema(ma.Schema):
    """A campaign after its closing was asked for: closing while a card is waited for, collecting, succeeded, failed."""

    id = fields.String()
    title = fields.String()
    status = fields.String()
    decided_at = fields.String(allow_none=True)
    decide_by = fields.String(allow_none=True)
    minimum_cents = fields.Integer()
    pledged_cents = fields.Integer()
    pledgers = fields.Integer()
    currency = fields.String()


@blueprint.get("/campaigns/<int:campaign_id>/pledge")
@blueprint.response(200, PledgeSchema)
def show(campaign_id: int) -> Response:
    """One's own pledge."""
    campaign = queries.campaign(campaign_id)
    pledge = queries.pledge_of(campaign_id, current_user.id)
    if pledge is None:
        raise NotFound
    return jsonify(_json(campaign, pledge))


@blueprint.put("/campaigns/<int:campaign_id>/pledge")
@blueprint.arguments(PledgeBody)
@blueprint.response(200, PledgeSchema)
@blueprint.alt_response(
    409, schema=jsonapi.ProblemSchema, description="campaign_closed, sold_out, or no_cards."
)
def put(body: Json, campaign_id: int) -> Response:
    """Pledge, or say one's whole pledge anew."""
    wishes = [Wish(_number(line["product"]), line["quantity"], line["tolerance"]) for line in body["lines"]]
    waits: list[int] = []

    def pledge() -> Json:
        waits.clear()  # where it is tried again
        done = services.pledge(
            campaign_id=campaign_id,
            actor_id=current_user.id,
            wishes=wishes,
            payment=body["payment"],
            now=g.now,
        )
        waits.extend([done.attempt_id] if done.attempt_id is not None else [])
        return _json(done.campaign, done.pledge)

    answer = jsonapi.act(pledge)
    for attempt_id in waits:
        carry_out(attempt_id, now=g.now)
    return answer


@blueprint.delete("/campaigns/<int:campaign_id>/pledge")
@blueprint.response(204)
def delete(campaign_id: int) -> Response:
    """Take it back; said twice, it holds once."""

    def withdraw() -> tuple[Json, int]:
        services.withdraw(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
        return {}, 204

    return jsonapi.act(withdraw)


@blueprint.post("/campaigns/<int:campaign_id>/close")
@blueprint.response(200, ClosedSchema)
@blueprint.alt_response(403, schema=jsonapi.ProblemSchema, description="not_yours.")
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema, description="not_open: a draft, or called off.")
def close(campaign_id: int) -> Response:
    """Decide now, before its time; what was decided stays as it is."""
    return jsonapi.act(
        lambda: _closed_json(closing.close(campaign_id=campaign_id, actor_id=current_user.id, now=g.now))
    )


def _number(product: str) -> int:
    number = whole(product)
    if number is None:
        raise Invalid({"lines": "pledging.not_for_sale"})
    return number


def _json(campaign: Campaign, pledge: Pledge) -> Json:
    said = queries.said_by(pledge)
    given = {one.product_id: one for one in queries.allotted(pledge)} if campaign.decided_at else {}
    attempt_id = services.attempt_waiting(pledge)
    return {
        "id": str(pledge.id),
        "campaign": str(campaign.id),
        "status": pledge.status,
        "payment": pledge.payment,
        "lines": [
            {
                "product": str(product_id),
                "quantity": want,
                "tolerance": tolerance,
                **_given(given.get(product_id), decided=pledge.total_cents is not None),
            }
            for product_id, (want, tolerance) in sorted(said.items())
        ],
        "current_cents": _running(campaign, said).total_cents if campaign.status == "open" else None,
        "ceiling_cents": pledge.ceiling_cents,
        "total_cents": pledge.total_cents,
        "currency": campaign.currency,
        "held_until": jsonapi.moment(pledge.held_until),
        "card_url": None if attempt_id is None else f"/payments/{attempt_id}/card",
        "payment_id": None if attempt_id is None else str(attempt_id),
    }


def _given(allotment: Any, *, decided: bool) -> Json:
    if allotment is None:
        nothing = 0 if decided else None
        return {"given": nothing, "goods_cents": nothing}
    return {"given": allotment.quantity, "goods_cents": allotment.goods_cents}


def _running(campaign: Campaign, said: queries.Said) -> Running:
    return queries.running(campaign, queries.products_of(campaign.id), before=said, wished=said)


def _closed_json(campaign: Campaign) -> Json:
    return {
        "id": str(campaign.id),
        "title": campaign.title,
        "status": campaign.status,
        "decided_at": jsonapi.moment(campaign.decided_at),
        "decide_by": jsonapi.moment(campaign.decide_by),
        "minimum_cents": campaign.minimum_cents,
        "pledged_cents": campaign.pledged_cents,
        "pledgers": campaign.pledgers,
        "currency": campaign.currency,
    }
