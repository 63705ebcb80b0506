"""Group purchases, for programs. Pledging, delivery and money have their own calls under the same address."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid, Malformed
from app.core.i18n import _l
from app.core.text import whole as whole_number
from app.geo.rules import read_point
from app.hubs import queries as hubs
from app.purchases import fields as said_fields
from app.purchases import queries, rules, services, times
from app.purchases.listed import Listed
from app.purchases.models import STATES, Campaign, Product
from app.purchases.pages import actor_at
from app.purchases.shown import goods_of

blueprint = Blueprint(
    "purchases_api", __name__, url_prefix="/api/v1", description="Group purchases: what is bought together."
)

Json = jsonapi.Json
ONE_OF = _l("Au choix : {choices}.")


def _one_of(values: Any) -> Any:
    return ma.validate.OneOf(values, error=ONE_OF)


class CampaignsArguments(jsonapi.PageArguments):
    """Which ones: at a `hub`, in a `status` (open unless told; `all` but drafts), or within `radius_km` (25) of `near`,
    "lat,lon" or "home"."""

    class Meta:
        unknown = ma.EXCLUDE

    hub = fields.String(load_default=None, allow_none=True, metadata={"description": "Id or slug of a hub."})
    status = fields.String(load_default="open", validate=_one_of((*queries.PUBLIC, "all")))
    near = fields.String(load_default=None, allow_none=True)
    radius_km = fields.Float(
        load_default=None, allow_none=True, validate=jsonapi.Between(min=0.1, max=20_000)
    )


class TierBody(jsonapi.Body):
    """From so many units bought by all together, each costs this."""

    from_quantity = fields.Integer(required=True, strict=True)
    price_cents = fields.Integer(required=True, strict=True)


class ProductBody(jsonapi.Body):
    """What can be pledged: one unit is `unit_size` of `unit`, or what `unit` says; `limit` is a multiple of `pack_size`.
    With an `id`, one that is there already."""

    id = fields.String(load_default=None, allow_none=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    unit_size = fields.Integer(load_default=1, strict=True)
    price_cents = fields.Integer(required=True, strict=True)
    tiers = fields.List(fields.Nested(TierBody), load_default=list)
    pack_size = fields.Integer(load_default=1, strict=True)
    limit = fields.Integer(load_default=None, allow_none=True, strict=True)
    vat_permille = fields.Integer(load_default=55, strict=True)
    allergens = fields.String(load_default="")
    origin = fields.String(load_default="")


class CampaignSlotBody(jsonapi.Body):
    """A time at which so many can come for what is theirs."""

    id = fields.String(load_default=None, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    capacity = fields.Integer(required=True, strict=True)


class CampaignChange(jsonapi.Body):
    """What is said of a campaign. `products` and `slots` are whole lists. Sums in the smallest unit of `currency`."""

    title = fields.String()
    about = fields.String()
    supplier = fields.String()
    supplier_email = fields.String(allow_none=True)
    supplier_note = fields.String()
    payment = fields.String(validate=_one_of(said_fields.PAYMENTS))
    currency = fields.String()
    minimum_cents = fields.Integer(strict=True)
    fees_cents = fields.Integer(strict=True)
    transport_cents = fields.Integer(strict=True)
    transport_split = fields.String(validate=_one_of(said_fields.TRANSPORT_SPLITS))
    sharing = fields.String(validate=_one_of(said_fields.SHARINGS))
    closes_at = fields.AwareDateTime()
    delivery_day = fields.Date()
    every_weeks = fields.Integer(allow_none=True, strict=True)
    products = fields.List(fields.Nested(ProductBody))
    slots = fields.List(fields.Nested(CampaignSlotBody))


class CampaignBody(CampaignChange):
    """A draft at a hub, for those who may begin one there."""

    hub = fields.String(required=True)
    title = fields.String(required=True)
    supplier = fields.String(required=True)
    closes_at = fields.AwareDateTime(required=True)
    delivery_day = fields.Date(required=True)


class OpeningBody(jsonapi.Body):
    """Now, or at a moment to come."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class CancelBody(jsonapi.Body):
    """Why; needed once somebody has pledged."""

    why = fields.String(load_default=None, allow_none=True)


class CopyBody(jsonapi.Body):
    """When the new one closes and is delivered."""

    closes_at = fields.AwareDateTime(required=True)
    delivery_day = fields.Date(required=True)
    title = fields.String()


class TierSchema(ma.Schema):
    """From so many units, each costs this."""

    from_quantity = fields.Integer()
    price_cents = fields.Integer()


class CampaignProductSchema(ma.Schema):
    """A product. `ordered` units are bought: whole packs, as pledges stand or as closing fixed them; `packs` are theirs;
    `missing_to_next_pack` must be wanted besides (null when all is sold)."""

    id = fields.String()
    name = fields.String()
    unit = fields.String()
    unit_size = fields.Integer()
    price_cents = fields.Integer()
    tiers = fields.List(fields.Nested(TierSchema))
    pack_size = fields.Integer()
    limit = fields.Integer(allow_none=True)
    wanted = fields.Integer()
    ordered = fields.Integer()
    packs = fields.Integer()
    missing_to_next_pack = fields.Integer(allow_none=True)
    final_price_cents = fields.Integer(allow_none=True)
    vat_permille = fields.Integer()
    allergens = fields.String()
    origin = fields.String()


class CampaignSchema(ma.Schema):
    """A campaign in a list. `pledged_cents` is what counts towards the minimum: whole packs at the dearest price."""

    id = fields.String()
    title = fields.String()
    hub = fields.Nested(jsonapi.HubReferenceSchema)
    supplier = fields.String()
    status = fields.String(validate=_one_of(STATES))
    closes_at = fields.DateTime()
    delivery_day = fields.Date()
    currency = fields.String()
    minimum_cents = fields.Integer()
    pledged_cents = fields.Integer()
    pledgers = fields.Integer()
    distance_m = fields.Integer(allow_none=True)


class CampaignSlotSchema(ma.Schema):
    """A time to come for it; `free` places are left."""

    id = fields.String()
    starts_at = fields.DateTime()
    ends_at = fields.DateTime()
    capacity = fields.Integer()
    free = fields.Integer()


class WholeCampaignSchema(CampaignSchema):
    """A campaign, whole. `version` is what its ETag says: it grows with each edit, not with pledges."""

    about = fields.String()
    payment = fields.String()
    fees_cents = fields.Integer()
    transport_cents = fields.Integer()
    transport_split = fields.String()
    sharing = fields.String()
    opens_at = fields.DateTime(allow_none=True)
    every_weeks = fields.Integer(allow_none=True)
    version = fields.Integer()
    products = fields.List(fields.Nested(CampaignProductSchema))
    slots = fields.List(fields.Nested(CampaignSlotSchema))


# -- calls --------------------------------------------------------------------------------------------------


@blueprint.get("/campaigns")
@blueprint.arguments(CampaignsArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(CampaignSchema))
def index(asked: Json) -> Response:
    """Campaigns: what is open by its closing, the soonest first; what is not, the latest first."""
    page = queries.page(
        statuses=queries.PUBLIC if asked["status"] == "all" else (asked["status"],),
        near=_near(asked["near"]),
        radius_km=asked["radius_km"],
        hub_id=hubs.hub(asked["hub"]).id if asked["hub"] else None,
        resident_id=current_user.id,
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify(jsonapi.page_json(page, _line))


def _near(given: str | None) -> tuple[float, float] | None:
    if not given:
        return None
    point = current_user.home if given == "home" else read_point(given)
    if point is None:
        raise Invalid({"near": "core.not_a_place"})
    return point


@blueprint.get("/campaigns/<int:campaign_id>")
@blueprint.response(200, WholeCampaignSchema)
def show(campaign_id: int) -> Response:
    """One campaign; a draft only for those who look after it."""
    return _tagged(jsonify(whole(campaign_id)))


@blueprint.post("/campaigns")
@blueprint.arguments(CampaignBody)
@blueprint.response(201, WholeCampaignSchema)
def create(body: Json) -> Response:
    """Write a draft. Nobody else sees it until it is opened."""

    def do() -> Json:
        said = _said(body)
        hub = hubs.hub(said.pop("hub"))
        made = services.create(hub_id=hub.id, actor_id=current_user.id, now=g.now, **said)
        return whole(made.id)

    return _tagged(jsonapi.act(do, status=201))


@blueprint.patch("/campaigns/<int:campaign_id>")
@blueprint.arguments(CampaignChange)
@blueprint.response(200, WholeCampaignSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
@blueprint.alt_response(412, schema=jsonapi.ProblemSchema)
def change(body: Json, campaign_id: int) -> Response:
    """Say it anew; what is not named stays. With `If-Match`, 412 where somebody else changed it. What neighbours pledged
    on (prices, packs, minimum, payment) changes no more."""

    def do() -> Json:
        services.edit(
            campaign_id=campaign_id,
            actor_id=current_user.id,
            revision=_if_match(campaign_id),
            now=g.now,
            **_said(body),
        )
        return whole(campaign_id)

    return _tagged(jsonapi.act(do))


@blueprint.post("/campaigns/<int:campaign_id>/open")
@blueprint.arguments(OpeningBody)
@blueprint.response(200, WholeCampaignSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def open_it(body: Json, campaign_id: int) -> Response:
    """Let neighbours pledge, now or from `at` on. 409 `no_products`, `closing_passed`, `minimum_out_of_reach`,
    `no_cards`, `opened_already`."""

    def do() -> Json:
        if body["at"] is None:
            services.open_now(campaign_id=campaign_id, actor_id=current_user.id, now=g.now)
        else:
            services.open_then(campaign_id=campaign_id, actor_id=current_user.id, at=body["at"], now=g.now)
        return whole(campaign_id)

    return _tagged(jsonapi.act(do))


@blueprint.post("/campaigns/<int:campaign_id>/cancel")
@blueprint.arguments(CancelBody)
@blueprint.response(200, WholeCampaignSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def call_off(body: Json, campaign_id: int) -> Response:
    """Call it off, while it is a draft or open; nobody pays anything."""

    def do() -> Json:
        services.call_off(campaign_id=campaign_id, actor_id=current_user.id, why=body["why"], now=g.now)
        return whole(campaign_id)

    return _tagged(jsonapi.act(do))


@blueprint.post("/campaigns/<int:campaign_id>/copy")
@blueprint.arguments(CopyBody)
@blueprint.response(201, WholeCampaignSchema)
def copy(body: Json, campaign_id: int) -> Response:
    """A draft like it: the same products, other times."""

    def do() -> Json:
        made = services.copy(campaign_id=campaign_id, actor_id=current_user.id, now=g.now, **body)
        return whole(made.id)

    return _tagged(jsonapi.act(do, status=201))


# -- what is sent -------------------------------------------------------------------------------------------


def _said(body: Json) -> dict[str, Any]:
    """As the services want to hear it: numbers for ids, `limit_units` for what the contract calls `limit`."""
    said = dict(body)
    for name in ("products", "slots"):
        if name in body:
            said[name] = [{**one, "id": _number(name, one["id"])} for one in body[name]]
    for one in said.get("products", ()):
        one["limit_units"] = one.pop("limit")
    return said


def _number(name: str, text: str | None) -> int | None:
    number = whole_number(text)
    if text is not None and number is None:
        raise Invalid({name: "core.not_a_choice"})
    return number


def _tagged(answer: Response) -> Response:
    """With the ETag of the campaign in it."""
    body = answer.get_json()
    if answer.status_code in (200, 201) and body.get("version"):
        answer.set_etag(f"{body['id']}-{body['version']}")
    return answer


def _if_match(campaign_id: int) -> int | None:
    """The version that the program has read, from `If-Match`; None where it does not say."""
    said = request.if_match
    if "If-Match" not in request.headers or said.star_tag:
        return None
    if not list(said):
        raise Malformed("core.malformed")
    found = [tag.rpartition("-")[2] for tag in said if tag.rpartition("-")[0] == str(campaign_id)]
    version = whole_number(found[0]) if found else None
    return -1 if version is None else version


# -- in JSON ------------------------------------------------------------------------------------------------


def _line(one: Listed) -> Json:
    return {
        "id": str(one.id),
        "title": one.title,
        "hub": {"id": str(one.hub_id), "slug": one.hub_slug, "name": one.hub_name},
        "supplier": one.supplier,
        "status": one.status,
        "closes_at": jsonapi.moment(times.zoned(one.closes_at, one.timezone)),
        "delivery_day": one.delivery_day.isoformat(),
        "currency": one.currency,
        "minimum_cents": one.minimum_cents,
        "pledged_cents": one.pledged_cents,
        "pledgers": one.pledgers,
        "distance_m": one.distance_m,
    }


def whole(campaign_id: int) -> Json:
    """A campaign as the contract says it."""
    return campaign_json(queries.one(campaign_id, actor=actor_at))


def campaign_json(one: Campaign) -> Json:
    """The same, of a row that was read already."""
    zone = one.hub.timezone
    return {
        "id": str(one.id),
        "title": one.title,
        "hub": jsonapi.hub_reference(one.hub),
        "supplier": one.supplier,
        "status": one.status,
        "closes_at": jsonapi.moment(times.zoned(one.closes_at, zone)),
        "delivery_day": one.delivery_day.isoformat(),
        "currency": one.currency,
        "minimum_cents": one.minimum_cents,
        "pledged_cents": one.pledged_cents,
        "pledgers": one.pledgers,
        "distance_m": None,
        "about": one.about,
        "payment": one.payment,
        "fees_cents": one.fees_cents,
        "transport_cents": one.transport_cents,
        "transport_split": one.transport_split,
        "sharing": one.sharing,
        "opens_at": jsonapi.moment(times.zoned(one.opens_at, zone)) if one.opens_at else None,
        "every_weeks": one.every_weeks,
        "version": one.revision,
        "products": [_product(product) for product in one.products],
        "slots": [
            {
                "id": str(slot.id),
                "starts_at": jsonapi.moment(times.zoned(slot.starts_at, zone)),
                "ends_at": jsonapi.moment(times.zoned(slot.ends_at, zone)),
                "capacity": slot.capacity,
                "free": slot.capacity - slot.taken,
            }
            for slot in one.slots
        ],
    }


def _product(product: Product) -> Json:
    goods = goods_of(product)
    packs = product.packs
    if packs is None:
        packs = rules.packs_of(goods, want=product.wanted, tolerance=product.tolerated)
    return {
        "id": str(product.id),
        "name": product.name,
        "unit": product.unit,
        "unit_size": product.unit_size,
        "price_cents": product.price_cents,
        "tiers": [
            {"from_quantity": tier.from_quantity, "price_cents": tier.price_cents} for tier in product.tiers
        ],
        "pack_size": product.pack_size,
        "limit": product.limit_units,
        "wanted": product.wanted,
        "ordered": packs * product.pack_size,
        "packs": packs,
        "missing_to_next_pack": rules.missing_to_next_pack(
            goods, want=product.wanted, tolerance=product.tolerated
        ),
        "final_price_cents": product.final_price_cents,
        "vat_permille": product.vat_permille,
        "allergens": product.allergens,
        "origin": product.origin,
    }
