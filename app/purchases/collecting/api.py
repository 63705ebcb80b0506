"""While cards are asked, for programs: how each stands, what each way to go on would come to, and the choice."""

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.i18n import _l
from app.purchases.collecting import rules, services
from app.purchases.collecting.ending import Preview
from app.purchases.collecting.views import Standing, standing

blueprint = Blueprint(
    "collecting_api", __name__, url_prefix="/api/v1", description="Group purchases: while cards are asked."
)

Json = jsonapi.Json


class ChoiceBody(jsonapi.Body):
    """`cover`: the hub takes the share of those whose card was refused; `offer`: the others do; `remove`: packs and
    prices are counted anew; `cancel`: it does not take place, for `why`."""

    choice = fields.String(
        required=True, validate=ma.validate.OneOf(rules.CHOICES, error=_l("Au choix : {choices}."))
    )
    why = fields.String(load_default=None, allow_none=True)


class CardSchema(ma.Schema):
    """Whose card, for how much, and whether it is `unasked`, `asking`, `secured`, `refused`, or `waits` for its owner."""

    pledge = fields.String()
    resident = fields.String()
    total_cents = fields.Integer()
    card = fields.String()


class UnitsLeftSchema(ma.Schema):
    """So many units of it nobody takes."""

    name = fields.String()
    units = fields.Integer()


class ChoiceSchema(ma.Schema):
    """What a choice would come to: what the hub pays, and what is missing to the minimum. Not `possible`: nothing would
    be left to order."""

    choice = fields.String()
    possible = fields.Boolean()
    hub_cents = fields.Integer()
    missing_cents = fields.Integer()
    units_left = fields.List(fields.Nested(UnitsLeftSchema))


class CardsSchema(ma.Schema):
    """The cards of a campaign. There are `choices` once all have answered and some said no; without one, the campaign
    goes on by itself at `decide_by`."""

    id = fields.String()
    status = fields.String()
    currency = fields.String()
    decide_by = fields.DateTime(allow_none=True)
    cards = fields.List(fields.Nested(CardSchema))
    choices = fields.List(fields.Nested(ChoiceSchema))


@blueprint.get("/campaigns/<int:campaign_id>/cards")
@blueprint.response(200, CardsSchema)
def show(campaign_id: int) -> Response:
    """How the cards stand, for those who look after the campaign."""
    answer = jsonify(_cards(standing(campaign_id)))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/campaigns/<int:campaign_id>/cards")
@blueprint.arguments(ChoiceBody)
@blueprint.response(200, CardsSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def decide(body: Json, campaign_id: int) -> Response:
    """Go on without those whose card was refused, or call it off. 409 `still_asking`, `nothing_to_decide`, `decided`,
    `nobody_left`."""

    def do() -> Json:
        services.decide(campaign_id=campaign_id, actor_id=current_user.id, now=g.now, **body)
        return _cards(standing(campaign_id))

    return jsonapi.act(do)


def _cards(one: Standing) -> Json:
    campaign = one.campaign
    return {
        "id": str(campaign.id),
        "status": campaign.status,
        "currency": campaign.currency,
        "decide_by": jsonapi.moment(campaign.decide_by),
        "cards": [
            {
                "pledge": str(asked.pledge.id),
                "resident": asked.pledge.resident.name,
                "total_cents": asked.pledge.total_cents,
                "card": asked.card.how,
            }
            for asked in one.found
        ],
        "choices": [_choice(way) for way in one.previews],
    }


def _choice(way: Preview) -> Json:
    return {
        "choice": way.choice,
        "possible": way.possible,
        "hub_cents": way.hub_cents,
        "missing_cents": way.missing_cents,
        "units_left": [{"name": name, "units": units} for name, units in way.units_left],
    }
