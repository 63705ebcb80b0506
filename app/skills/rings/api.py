"""Rings, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import NotFound
from app.core.text import whole
from app.skills.rings import queries, services
from app.skills.rings.queries import Proposal

blueprint = Blueprint(
    "rings_api",
    __name__,
    url_prefix="/api/v1",
    description="Rings: two or three neighbours who could teach each other, proposed and never imposed.",
)

Json = jsonapi.Json


class RingSkillSchema(ma.Schema):
    """An offer or a need, small."""

    id = fields.String()
    title = fields.String()


class SkillLegSchema(ma.Schema):
    """Who would teach whom, which offer for which need."""

    from_ = fields.Nested(jsonapi.ReferenceSchema, data_key="from")
    to = fields.Nested(jsonapi.ReferenceSchema)
    offer = fields.Nested(RingSkillSchema)
    need = fields.Nested(RingSkillSchema)


class SkillRingSchema(ma.Schema):
    """A ring of yours. `answer`: yours; `possible`: all that it is made of is still open."""

    id = fields.String()
    status = fields.String(metadata={"enum": ["proposed", "agreed", "declined", "expired"]})
    answer_by = fields.DateTime()
    answer = fields.String(allow_none=True, metadata={"enum": ["yes", "no"]})
    yes = fields.Integer(metadata={"description": "How many have said yes."})
    possible = fields.Boolean()
    legs = fields.List(fields.Nested(SkillLegSchema))


@blueprint.get("/skills/matches")
@blueprint.response(200, jsonapi.page_schema(SkillRingSchema))
def index() -> Response:
    """Yours: what waits for an answer, and what was agreed lately."""
    found = queries.of_resident(current_user.id, now=g.now)
    return jsonify({"items": [_ring(one) for one in found], "next": None, "total": len(found)})


@blueprint.post("/skills/matches/<ring_id>/accept")
@blueprint.response(200, SkillRingSchema)
def accept(ring_id: str) -> Response:
    """You would. When all have said so it is agreed, and each may ask for sessions."""
    return jsonapi.act(lambda: _answered(ring_id, yes=True))


@blueprint.post("/skills/matches/<ring_id>/decline")
@blueprint.response(200, SkillRingSchema)
def decline(ring_id: str) -> Response:
    """No, thank you: it ends, and nobody is told who said so."""
    return jsonapi.act(lambda: _answered(ring_id, yes=False))


def _answered(ring_id: str, *, yes: bool) -> Json:
    number = whole(ring_id)
    if number is None:
        raise NotFound("skills.ring_unknown")
    services.answer(ring_id=number, actor_id=current_user.id, yes=yes, now=g.now)
    return _ring(queries.one_of_hers(number, current_user.id, now=g.now))


def _ring(ring: Proposal) -> Json:
    return {
        "id": str(ring.id),
        "status": ring.state,
        "answer_by": jsonapi.moment(ring.answer_by),
        "answer": ring.mine,
        "yes": ring.yes,
        "possible": ring.there,
        "legs": [_leg(leg) for leg in ring.legs],
    }


def _leg(leg: Any) -> Json:
    return {
        "from": {"id": str(leg.giver_id), "name": leg.giver},
        "to": {"id": str(leg.learner_id), "name": leg.learner},
        "offer": {"id": str(leg.offer_id), "title": leg.offer},
        "need": {"id": str(leg.need_id), "title": leg.need},
    }
