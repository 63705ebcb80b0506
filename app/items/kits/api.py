"""Kits, for programs."""

from flask import Response, g
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid
from app.core.text import whole
from app.items.kits import services

blueprint = Blueprint(
    "kits_api", __name__, url_prefix="/api/v1", description="Kits: objects made of objects, lent as one."
)

Json = jsonapi.Json


class ObjectBody(jsonapi.Body):
    """An object that one looks after, by its id."""

    item = fields.String(required=True)


@blueprint.post("/items/<int:item_id>/objects")
@blueprint.arguments(ObjectBody)
@blueprint.response(201, jsonapi.ReferenceSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def put_in(body: Json, item_id: int) -> Response:
    """Make an object part of a kit: it leaves with it, and can still be lent by itself. The answer says by which name
    it is ticked at the counter. 409 `days_taken` while somebody has the kit or has reserved it."""

    def do() -> Json:
        number = whole(body["item"])
        if number is None:
            raise Invalid({"item": "items.unknown"})
        part = services.put_in(kit_id=item_id, object_id=number, actor_id=current_user.id, now=g.now)
        return {"id": str(part.object_id), "name": part.name}

    return jsonapi.act(do, status=201)


@blueprint.delete("/items/<int:item_id>/objects/<int:object_id>")
@blueprint.response(204)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def take_out(item_id: int, object_id: int) -> Response:
    """The object is no longer part of the kit."""

    def do() -> Json:
        services.take_out(kit_id=item_id, object_id=object_id, actor_id=current_user.id, now=g.now)
        return {}

    return jsonapi.act(do, status=204)
