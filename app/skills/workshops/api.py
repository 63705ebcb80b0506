"""Workshops, for programs."""

from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid, NotFound
from app.core.i18n import _l
from app.core.text import whole as whole_number
from app.geo.rules import read_point
from app.hubs import queries as hubs
from app.skills.workshops import queries, rhythm, services
from app.skills.workshops.models import Attendee, Workshop
from app.skills.workshops.queries import Listed
from app.skills.workshops.services import editing

blueprint = Blueprint(
    "workshops_api", __name__, url_prefix="/api/v1", description="Workshops: what hubs show, and who comes."
)

Json = jsonapi.Json
ONE_OF = _l("Au choix : {choices}.")
STATUSES = ("going", "waiting", "offered", "cancelled", "expired")


class WorkshopsArguments(jsonapi.PageArguments):
    """Which dates: `near` is "lat,lon" or "home" (within `radius_km`, 25 unless told), `from` a day."""

    class Meta:
        unknown = ma.EXCLUDE
        include = {"from": fields.Date(load_default=None, allow_none=True)}  # noqa: RUF012 -- marshmallow reads it so

    near = fields.String(load_default=None, allow_none=True)
    radius_km = fields.Float(
        load_default=None, allow_none=True, validate=jsonapi.Between(min=0.1, max=20_000)
    )
    hub = fields.String(load_default=None, allow_none=True, metadata={"description": "Id or slug of a hub."})


class WorkshopBody(jsonapi.Body):
    """A workshop at a hub. `rule`: an RRULE (FREQ daily, weekly or monthly, INTERVAL, BYDAY, BYSETPOS, UNTIL or COUNT);
    its dates keep the wall clock of `start` in the hub's zone. `objects`: ids of objects that are kept there."""

    hub = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(load_default="")
    learn = fields.List(fields.String(), load_default=list)
    bring = fields.String(load_default="")
    room = fields.String(load_default="")
    start = fields.AwareDateTime(required=True)
    minutes = fields.Integer(required=True)
    rule = fields.String(load_default=None, allow_none=True)
    capacity = fields.Integer(required=True)
    newcomer_places = fields.Integer(load_default=0)
    facilitator = fields.String(load_default=None, allow_none=True)
    facilitator_minutes = fields.Integer(load_default=0)
    induction = fields.String(load_default=None, allow_none=True)
    objects = fields.List(fields.String(), load_default=list)


class ChangeBody(jsonapi.Body):
    """What changes, and of which dates. With `one`: start, minutes, capacity, newcomer_places, facilitator, note."""

    scope = fields.String(load_default="one", validate=ma.validate.OneOf(editing.SCOPES, error=ONE_OF))
    title = fields.String()
    text = fields.String()
    learn = fields.List(fields.String())
    bring = fields.String()
    room = fields.String()
    note = fields.String()
    start = fields.AwareDateTime()
    minutes = fields.Integer()
    rule = fields.String(allow_none=True)
    capacity = fields.Integer()
    newcomer_places = fields.Integer()
    facilitator = fields.String()
    facilitator_minutes = fields.Integer()
    induction = fields.String(allow_none=True)
    objects = fields.List(fields.String())


class AttendeeBody(jsonapi.Body):
    """Whom to register: oneself; for volunteers of the hub also somebody else, by id."""

    resident = fields.String(load_default=None, allow_none=True)


class AttendeeSchema(ma.Schema):
    """How somebody stands to a date: going, waiting in line, or offered a place until `offered_until`."""

    status = fields.String(validate=ma.validate.OneOf(STATUSES))
    offered_until = fields.DateTime(allow_none=True)
    position = fields.Integer(allow_none=True)


class WorkshopSchema(ma.Schema):
    """One date. `status` is how the caller stands to it; `free` are places that nobody holds."""

    id = fields.String()
    title = fields.String()
    hub = fields.Nested(jsonapi.HubReferenceSchema)
    start = fields.DateTime()
    end = fields.DateTime()
    timezone = fields.String()
    state = fields.String(validate=ma.validate.OneOf(("planned", "cancelled")))
    capacity = fields.Integer()
    free = fields.Integer()
    waiting = fields.Integer()
    newcomer_places = fields.Integer()
    distance_m = fields.Integer(allow_none=True)
    status = fields.String(allow_none=True, validate=ma.validate.OneOf(STATUSES))


class WholeWorkshopSchema(WorkshopSchema):
    """One date, whole. `series` is the same for all dates of one rule."""

    series = fields.String()
    rule = fields.String(allow_none=True)
    text = fields.String()
    learn = fields.List(fields.String())
    bring = fields.String()
    room = fields.String()
    note = fields.String()
    facilitator = fields.Nested(jsonapi.ReferenceSchema, allow_none=True)
    facilitator_minutes = fields.Integer()
    induction = fields.String(allow_none=True)
    objects = fields.List(
        fields.Nested(
            ma.Schema.from_dict(
                {
                    "id": fields.String(),
                    "title": fields.String(),
                    "consent": fields.String(),
                    "kept": fields.Boolean(),
                },
                name="WorkshopObject",
            )
        )
    )


def _line(one: Listed) -> Json:
    return {
        "id": str(one.id),
        "title": one.title,
        "hub": {"id": str(one.hub_id), "slug": one.hub_slug, "name": one.hub_name},
        "start": jsonapi.moment(rhythm.zoned(one.starts_at, one.timezone)),
        "end": jsonapi.moment(rhythm.zoned(one.ends_at, one.timezone)),
        "timezone": one.timezone,
        "state": one.state,
        "capacity": one.capacity,
        "free": one.capacity - one.taken,
        "waiting": one.waiting,
        "newcomer_places": one.newcomer_places,
        "distance_m": one.distance_m,
        "status": one.status,
    }


def _whole(workshop_id: int) -> Json:
    found = queries.whole(workshop_id, resident_id=current_user.id, now=g.now)
    one, series = found.workshop, found.series
    listed = queries.listed(workshop_id, resident_id=current_user.id)
    return {
        **_line(listed),
        "series": str(series.id),
        "rule": series.rule or None,
        "text": series.text,
        "learn": series.learn,
        "bring": series.bring,
        "room": series.room,
        "note": one.note,
        "facilitator": jsonapi.reference(found.facilitator) if current_user.is_authenticated else None,
        "facilitator_minutes": series.facilitator_minutes,
        "induction": series.induction,
        "objects": [
            {"id": str(need.item_id), "title": need.title, "consent": need.consent, "kept": need.kept}
            for need in found.needs
        ],
    }


def _attendee(attendee: Attendee) -> Json:
    position = None
    if attendee.status == "waiting":
        position = queries.before_in_line(attendee.workshop_id, attendee.turn) + 1
    return {
        "status": attendee.status,
        "offered_until": jsonapi.moment(attendee.offered_until),
        "position": position,
    }


@blueprint.get("/workshops")
@blueprint.arguments(WorkshopsArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(WorkshopSchema))
def index(asked: Json) -> Response:
    """Planned dates, the soonest first."""
    from_day: date | None = asked["from"]
    page = queries.coming_page(
        now=g.now,
        from_day=from_day,
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


@blueprint.get("/workshops/<int:workshop_id>")
@blueprint.response(200, WholeWorkshopSchema)
def show(workshop_id: int) -> Response:
    """One date."""
    return jsonify(_whole(workshop_id))


@blueprint.post("/workshops")
@blueprint.arguments(WorkshopBody)
@blueprint.response(201, WholeWorkshopSchema)
def create(body: Json) -> Response:
    """Announce a workshop, for organizers of the hub; the answer is its first date. Without an end, a rule is made real
    90 days ahead."""

    def do() -> Json:
        hub = hubs.hub(body["hub"])
        said = _said(body, hub.timezone)
        made = services.create(hub_id=hub.id, actor_id=current_user.id, now=g.now, **said)
        return _whole(made.id)

    return jsonapi.act(do, status=201)


@blueprint.patch("/workshops/<int:workshop_id>")
@blueprint.arguments(ChangeBody)
@blueprint.response(200, WholeWorkshopSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def change(body: Json, workshop_id: int) -> Response:
    """Change one date, this and those that follow, or all that are to come. Everybody keeps her place and is told."""

    def do() -> Json:
        one: Workshop = queries.one(workshop_id)
        said = _said(body, one.hub.timezone)
        services.edit(workshop_id=workshop_id, actor_id=current_user.id, now=g.now, **said)
        return _whole(workshop_id)

    return jsonapi.act(do)


def _said(body: Json, timezone: str) -> dict[str, Any]:
    """As the services want to hear it: wall clocks, numbers."""
    said = {name: value for name, value in body.items() if name not in ("hub", "facilitator", "objects")}
    if "start" in body:
        try:
            said["start"] = rhythm.wall(body["start"], timezone)
        except OverflowError:
            raise Invalid({"start": "workshops.too_far"}) from None
    if body.get("facilitator") is not None:
        said["facilitator_id"] = _number("facilitator", body["facilitator"])
    if "objects" in body:
        said["item_ids"] = [_number("objects", one) for one in body["objects"]]
    return said


def _number(name: str, text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise Invalid({name: "core.not_a_choice"})
    return number


@blueprint.post("/workshops/<int:workshop_id>/attendees")
@blueprint.arguments(AttendeeBody)
@blueprint.response(201, AttendeeSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def register(body: Json, workshop_id: int) -> Response:
    """Come, or wait where no place is free: `status` says which. Again: the same; a place that is offered is taken. 409
    `has_begun`, `is_cancelled`, `facilitates`, `email_unconfirmed`, `line_full`."""

    def do() -> Json:
        for_id = _resident(body["resident"])
        attendee = services.register(
            workshop_id=workshop_id, actor_id=current_user.id, for_id=for_id, now=g.now
        )
        return _attendee(attendee)

    return jsonapi.act(do, status=201)


@blueprint.delete("/workshops/<int:workshop_id>/attendees")
@blueprint.arguments(AttendeeBody, location="query")
@blueprint.response(204)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def leave(asked: Json, workshop_id: int) -> Response:
    """Not come, wait no longer, or leave what is offered: it goes to the next one at once. Again: nothing."""

    def do() -> tuple[Json, int]:
        for_id = _resident(asked["resident"])
        services.leave(workshop_id=workshop_id, actor_id=current_user.id, for_id=for_id, now=g.now)
        return {}, 204

    return jsonapi.act(do)


def _resident(text: str | None) -> int | None:
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise NotFound
    return number
