"""The waiting list, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import NotFound
from app.lending import api as lending_api
from app.lending.waiting import services, shown
from app.lending.waiting.models import PlaceInLine

blueprint = Blueprint(
    "waiting_api",
    __name__,
    url_prefix="/api/v1",
    description="The waiting list: standing in line for an object, first come, first served.",
)

Json = jsonapi.Json


class PlaceInLineSchema(ma.Schema):
    """A place in the line of an object. `position` counts from 1. `status`: waiting, or ready (kept aside up to and with
    `ready_until`). `likely`: by when it may be free, null where nobody can say; `usual` when past loans tell it."""

    item = fields.Nested(lending_api.ItemReferenceSchema)
    position = fields.Integer()
    status = fields.String(validate=ma.validate.OneOf(("waiting", "ready")))
    since = fields.DateTime()
    passed = fields.Boolean()
    ready_until = fields.Date(allow_none=True)
    likely = fields.Nested(
        ma.Schema.from_dict({"day": fields.Date(), "usual": fields.Boolean()}, name="Likely"), allow_none=True
    )


class PlacesInLineSchema(ma.Schema):
    """All lines that one stands in: twenty at most."""

    items = fields.List(fields.Nested(PlaceInLineSchema))
    next = fields.String(allow_none=True)
    total = fields.Integer()


def _json(wait: shown.Wait) -> Json:
    place, likely = wait.place, wait.likely
    return {
        "item": {"id": str(place.item_id), "title": place.item.title},
        "position": wait.position,
        "status": place.status,
        "since": jsonapi.moment(place.joined_at),
        "passed": place.passed_at is not None,
        "ready_until": place.ready_until.isoformat() if wait.ready and place.ready_until else None,
        "likely": {"day": likely.day.isoformat(), "usual": likely.usual} if likely else None,
    }


def _told(place: PlaceInLine) -> Json:
    (wait,) = shown.waits(place.resident_id, now=g.now, item_id=place.item_id)
    return _json(wait)


@blueprint.get("/waitlist")
@blueprint.response(200, PlacesInLineSchema)
def index() -> Response:
    """All that one waits for; what is kept aside comes first."""
    found = [_json(wait) for wait in shown.waits(current_user.id, now=g.now)]
    return jsonify({"items": found, "next": None, "total": len(found)})


@blueprint.get("/items/<int:item_id>/waitlist")
@blueprint.response(200, PlaceInLineSchema)
def show(item_id: int) -> Response:
    """One's own place in the line of this object; 404 for who does not stand in it."""
    found = shown.waits(current_user.id, now=g.now, item_id=item_id)
    if not found:
        raise NotFound("lending.not_in_line")
    return jsonify(_json(found[0]))


@blueprint.post("/items/<int:item_id>/waitlist")
@blueprint.response(201, PlaceInLineSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def join(item_id: int) -> Response:
    """Stand in line. Again: the same place. What is free now is kept aside at once. 409 `blocked` with `blockers`,
    `already_yours`, `not_lent`, `too_many_places`."""
    return jsonapi.act(
        lambda: _told(services.join(item_id=item_id, actor_id=current_user.id, now=g.now)), status=201
    )


@blueprint.delete("/items/<int:item_id>/waitlist")
@blueprint.response(204)
def leave(item_id: int) -> Response:
    """Wait no longer; what was kept aside goes to the next one."""

    def do() -> tuple[Json, int]:
        services.leave(item_id=item_id, actor_id=current_user.id, now=g.now)
        return {}, 204

    return jsonapi.act(do)


@blueprint.post("/items/<int:item_id>/waitlist/take")
@blueprint.response(201, lending_api.LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def take(item_id: int) -> Response:
    """What is kept aside becomes a loan: reserved from the next open day, or requested where the owner wants to be
    asked. 409 `not_your_turn`, `blocked`."""

    def do() -> Json:
        loan: Any = services.take(item_id=item_id, actor_id=current_user.id, now=g.now)
        return lending_api.loan_json(loan, now=g.now)

    return jsonapi.act(do, status=201)


@blueprint.post("/items/<int:item_id>/waitlist/pass")
@blueprint.response(200, PlaceInLineSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def pass_on(item_id: int) -> Response:
    """Not this time: the next one gets it now, one's turn is kept for its next return. 409 `not_your_turn`."""
    return jsonapi.act(lambda: _told(services.pass_on(item_id=item_id, actor_id=current_user.id, now=g.now)))
