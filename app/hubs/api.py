"""Hubs, for programs."""

from dataclasses import asdict

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid
from app.core.i18n import _l
from app.geo.rules import read_point
from app.hubs import queries, services
from app.hubs.models import Hub
from app.hubs.rules import KINDS, Door, door

blueprint = Blueprint(
    "hubs_api", __name__, url_prefix="/api/v1", description="Hubs: finding one, belonging to one."
)

Json = jsonapi.Json
FARTHEST_KM = 20_000


class HubsArguments(jsonapi.PageArguments):
    """Where, how far, which kind, which words."""

    near = fields.String(load_default=None, metadata={"description": "`lat,lon`, or `home`."})
    radius_km = fields.Float(
        load_default=None,
        validate=ma.validate.Range(
            min=0,
            min_inclusive=False,
            max=FARTHEST_KM,
            error=_l("Un rayon en kilomètres, de plus de 0 à {max}."),
        ),
    )
    kind = fields.String(
        load_default=None, validate=ma.validate.OneOf(KINDS, error=_l("Au choix : {choices}."))
    )
    q = fields.String(
        load_default="", validate=ma.validate.Length(max=200, error=_l("{max} caractères au plus."))
    )


class TerritorySchema(jsonapi.ReferenceSchema):
    """A commune."""

    insee_code = fields.String()


class HubSchema(jsonapi.HubReferenceSchema):
    """A hub in a list."""

    kind = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    distance_m = fields.Integer(allow_none=True)
    open_now = fields.Boolean()
    address = fields.String()
    territory = fields.Nested(TerritorySchema, allow_none=True)


class OpeningSchema(ma.Schema):
    """One opening; 0 is Monday, times are the hub's own."""

    weekday = fields.Integer()
    opens = fields.String()
    closes = fields.String()


class ClosureSchema(ma.Schema):
    """Days closed, both included."""

    class Meta:
        include = {  # noqa: RUF012 -- marshmallow reads it as a plain class attribute
            "from": fields.Date(),
            "to": fields.Date(),
        }

    why = fields.String()


class WholeHubSchema(HubSchema):
    """A hub, whole."""

    description = fields.String()
    accessibility = fields.String()
    status = fields.String()
    timezone = fields.String()
    opening_hours = fields.List(fields.Nested(OpeningSchema))
    closures = fields.List(fields.Nested(ClosureSchema))
    policy = fields.Dict()


class MembershipSchema(ma.Schema):
    """How one belongs."""

    status = fields.String()
    verified_at = fields.DateTime(allow_none=True)


class ResidentBody(jsonapi.Body):
    """Somebody who stands at the counter. `verified`: the volunteer saw the proof just now."""

    name = fields.String(required=True)
    email = fields.String(load_default=None, allow_none=True)
    verified = fields.Boolean(load_default=False)


class ResidentSchema(jsonapi.ReferenceSchema):
    """The new account."""

    member_code = fields.String()
    status = fields.String()


@blueprint.get("/hubs")
@blueprint.arguments(HubsArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(HubSchema))
def index(asked: Json) -> Response:
    """Hubs, nearest first; without `near` by name."""
    page = queries.hubs_page(
        now=g.now,
        near=_near(asked["near"]),
        radius_km=asked["radius_km"],
        kind=asked["kind"],
        words=asked["q"],
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify(jsonapi.page_json(page, lambda line: _line(line.hub, line.distance_m, line.door)))


def _near(text: str | None) -> tuple[float, float] | None:
    if not text:
        return None
    if text == "home":
        if current_user.home is None:
            raise Invalid({"near": "hubs.no_home"})
        return (current_user.home[0], current_user.home[1])
    point = read_point(text)
    if point is None:
        raise Invalid({"near": "hubs.bad_place"})
    return point


@blueprint.get("/hubs/<hub_id>")
@blueprint.response(200, WholeHubSchema)
def show(hub_id: str) -> Response:
    """One hub, by its id or its slug."""
    hub = queries.hub(hub_id)
    days = queries.open_days(hub)
    return jsonify(
        {
            **_line(hub, None, door(days, g.now)),
            "description": hub.description,
            "accessibility": hub.accessibility,
            "status": hub.status,
            "timezone": hub.timezone,
            "opening_hours": [
                {"weekday": o.weekday, "opens": f"{o.opens:%H:%M}", "closes": f"{o.closes:%H:%M}"}
                for o in days.week
            ],
            "closures": [
                {"from": c.first_day.isoformat(), "to": c.last_day.isoformat(), "why": c.why}
                for c in queries.closures_ahead(hub, now=g.now)
            ],
            "policy": asdict(hub.policy),
        }
    )


def _line(hub: Hub, distance_m: int | None, stands: Door) -> Json:
    territory = hub.territory
    return {
        **(jsonapi.hub_reference(hub) or {}),
        "kind": hub.kind,
        "lat": hub.lat,
        "lon": hub.lon,
        "distance_m": distance_m,
        "open_now": stands.open,
        "address": hub.address,
        "territory": {"id": str(territory.id), "name": territory.name, "insee_code": territory.insee_code}
        if territory
        else None,
    }


@blueprint.post("/hubs/<hub_id>/members")
@blueprint.response(201, MembershipSchema)
def join(hub_id: str) -> Response:
    """Ask to belong; somebody at the counter verifies it in person."""

    def do() -> Json:
        joined = services.join(hub_id=queries.hub(hub_id).id, actor_id=current_user.id, now=g.now)
        return {"status": joined.status, "verified_at": None}

    return jsonapi.act(do, status=201)


@blueprint.post("/hubs/<hub_id>/members/<int:user_id>/verify")
@blueprint.response(200, MembershipSchema)
def verify(hub_id: str, user_id: int) -> Response:
    """A volunteer saw the person's proof at the counter. Again: nothing changes."""

    def do() -> Json:
        member = services.verify(
            hub_id=queries.hub(hub_id).id, resident_id=user_id, actor_id=current_user.id, now=g.now
        )
        return {"status": member.status, "verified_at": jsonapi.moment(member.verified_at)}

    return jsonapi.act(do)


@blueprint.post("/hubs/<hub_id>/residents")
@blueprint.arguments(ResidentBody)
@blueprint.response(201, ResidentSchema)
def add_resident(body: Json, hub_id: str) -> Response:
    """A volunteer makes an account for somebody at the counter, with or without an address."""

    def do() -> Json:
        made = services.add_resident(
            hub_id=queries.hub(hub_id).id,
            name=body["name"],
            email=body["email"],
            proof_seen=body["verified"],
            actor_id=current_user.id,
            now=g.now,
        )
        who = made.resident
        return {"id": str(who.id), "name": who.name, "member_code": who.code, "status": made.status}

    return jsonapi.act(do, status=201)
