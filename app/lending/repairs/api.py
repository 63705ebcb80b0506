"""Repairs, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.db import db
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.lending.api import ONE_OF
from app.lending.models import RepairTicket
from app.lending.repairs import queries, rules, services
from app.lending.repairs.queries import Line, Step

blueprint = Blueprint(
    "repairs_api",
    __name__,
    url_prefix="/api/v1",
    description="Repairs: what is broken, what was done about it, what it took.",
)

Json = jsonapi.Json
OVER = "over"


class BeginBody(jsonapi.Body):
    """What is wrong with an object on its shelf; `missing`: names of its parts."""

    condition = fields.String(required=True, metadata={"enum": ["damaged", "incomplete"]})
    note = fields.String(load_default=None, allow_none=True)
    missing = fields.List(fields.String(), load_default=(), validate=ma.validate.Length(max=200))


class StepBody(jsonapi.Body):
    """What was done. What is left out stays as it was; `cents` and `minutes` are those of this step alone."""

    state = fields.String(load_default=None, allow_none=True, metadata={"enum": list(rules.STATES)})
    note = fields.String(load_default=None, allow_none=True)
    cents = fields.Integer(load_default=None, allow_none=True)
    minutes = fields.Integer(load_default=None, allow_none=True)
    paid_by = fields.String(load_default=None, allow_none=True)


class RepairsArguments(jsonapi.PageArguments):
    """Which repairs of the hub: all that are open, those in one state, or those that are `over`."""

    state = fields.String(load_default=None, validate=ma.validate.OneOf((*rules.OPEN, OVER), error=ONE_OF))


class RepairItemSchema(ma.Schema):
    """The object in repair."""

    id = fields.String()
    title = fields.String()
    code = fields.String()


class RepairLineSchema(ma.Schema):
    """A repair. `cents` and `minutes`: what all its steps took together; `paid_by` is a note."""

    id = fields.String()
    item = fields.Nested(RepairItemSchema)
    condition = fields.String()
    note = fields.String()
    missing = fields.List(fields.String())
    state = fields.String(metadata={"enum": [*rules.STATES, rules.DROPPED]})
    paid_by = fields.String()
    cents = fields.Integer()
    minutes = fields.Integer()
    opened_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)


class StepSchema(ma.Schema):
    """One line of its history."""

    at = fields.DateTime()
    by = fields.String()
    state = fields.String()
    note = fields.String()
    cents = fields.Integer()
    minutes = fields.Integer()


class RepairSchema(RepairLineSchema):
    """A repair with all that was done."""

    loan = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(StepSchema))


@blueprint.get("/hubs/<hub_id>/repairs")
@blueprint.arguments(RepairsArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(RepairLineSchema))
def of_hub(asked: Json, hub_id: str) -> Response:
    """The repairs of a hub, for its volunteers: the longest waiting first."""
    hub = hubs.hub(hub_id)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    over = asked["state"] == OVER
    page = queries.page(
        hub.id,
        state=None if over else asked["state"],
        over=over,
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify(jsonapi.page_json(page, _line))


@blueprint.post("/items/<int:item_id>/repairs")
@blueprint.arguments(BeginBody)
@blueprint.response(201, RepairSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def begin(body: Json, item_id: int) -> Response:
    """An object on its shelf is broken or incomplete: it is in repair from now on. For the volunteers of its hub, at
    home for its owner. 409 `in_repair_already`, `mend_after_return`."""
    return jsonapi.act(
        lambda: _whole(services.found_broken(item_id=item_id, actor_id=current_user.id, now=g.now, **body)),
        status=201,
    )


@blueprint.get("/repairs/<int:ticket_id>")
@blueprint.response(200, RepairSchema)
def show(ticket_id: int) -> Response:
    """One repair, for the volunteers of its hub and the owner of the object; for others 404."""
    return jsonify(_whole(queries.ticket_for(ticket_id, current_user.id)))


@blueprint.post("/repairs/<int:ticket_id>")
@blueprint.arguments(StepBody)
@blueprint.response(200, RepairSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def write_down(body: Json, ticket_id: int) -> Response:
    """Write down what was done, and how far it is: `back` ends it, `retired` gives the object up. 409 `repair_over`."""
    return jsonapi.act(
        lambda: _whole(services.write_down(ticket_id=ticket_id, actor_id=current_user.id, now=g.now, **body))
    )


def _line(line: Line) -> Json:
    return {
        "id": str(line.id),
        "item": {"id": str(line.item_id), "title": line.title, "code": line.code},
        "condition": line.condition,
        "note": line.note,
        "missing": list(line.missing),
        "state": line.state,
        "paid_by": line.paid_by,
        "cents": line.cents,
        "minutes": line.minutes,
        "opened_at": jsonapi.moment(line.opened_at),
        "closed_at": jsonapi.moment(line.closed_at),
    }


def _whole(ticket: RepairTicket) -> Json:
    db.session.flush()
    line, steps = queries.line(ticket.id), queries.steps(ticket.id)
    return {
        **_line(line),
        "loan": str(ticket.loan_id) if ticket.loan_id else None,
        "steps": [_step(step) for step in steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": jsonapi.moment(step.at),
        "by": step.who,
        "state": step.state,
        "note": step.note,
        "cents": step.cents,
        "minutes": step.minutes,
    }
