"""Kept searches, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.items.api import SearchArguments
from app.items.saved import address, queries, services
from app.items.saved.models import SavedSearch

blueprint = Blueprint(
    "searches_api",
    __name__,
    url_prefix="/api/v1",
    description="Kept searches: being told when something fits.",
)

Json = jsonapi.Json


_OF_A_PAGE = ("limit", "cursor", "sort")


class SearchBody(jsonapi.Body):
    """A search to keep: the parameters of `GET /items` without order and page (around a place without `radius_km`:
    20 km), and one's own word for it."""

    class Meta:
        unknown = ma.RAISE
        include = {  # noqa: RUF012 -- marshmallow reads it as a plain class attribute
            name: field for name, field in SearchArguments._declared_fields.items() if name not in _OF_A_PAGE
        }

    name = fields.String(allow_none=True)


class NameBody(jsonapi.Body):
    """Another word for it; empty: it speaks for itself."""

    name = fields.String(required=True, allow_none=True)


class SavedSearchSchema(ma.Schema):
    """A kept search: `search` holds the parameters of `GET /items`. `told_at` and `told_count`: when of how many new
    objects its resident was told last. `over`: its days have passed, nothing more is told."""

    id = fields.String()
    name = fields.String()
    search = fields.Dict(keys=fields.String(), values=fields.String())
    created_at = fields.DateTime()
    told_at = fields.DateTime(allow_none=True)
    told_count = fields.Integer()
    over = fields.Boolean()


@blueprint.get("/searches")
@blueprint.response(200, jsonapi.page_schema(SavedSearchSchema))
def index() -> Response:
    """One's own kept searches, newest first: all of them, there are never many."""
    kept = [_search(one) for one in queries.mine(current_user.id)]
    return jsonify({"items": kept, "next": None, "total": len(kept)})


@blueprint.post("/searches")
@blueprint.arguments(SearchBody)
@blueprint.response(201, SavedSearchSchema)
def keep(body: Json) -> Response:
    """Be told, once a day at most, of new objects that fit. 200 where the same search is kept already."""
    asked: dict[str, Any] = {name: value for name, value in body.items() if name != "name"}

    def do() -> tuple[Json, int]:
        normal = address.normalised(asked, home=current_user.home, known=True)
        kept = services.keep(asked=normal, actor_id=current_user.id, name=body.get("name"), now=g.now)
        return _search(kept.search), 201 if kept.new else 200

    return jsonapi.act(do)


@blueprint.patch("/searches/<int:search_id>")
@blueprint.arguments(NameBody)
@blueprint.response(200, SavedSearchSchema)
def rename(body: Json, search_id: int) -> Response:
    """Call it something else."""

    def do() -> Json:
        found = services.rename(search_id=search_id, actor_id=current_user.id, name=body["name"])
        return _search(found)

    return jsonapi.act(do)


@blueprint.delete("/searches/<int:search_id>")
@blueprint.response(204)
def stop(search_id: int) -> Response:
    """Hear no more of it."""

    def do() -> tuple[Json, int]:
        services.stop(search_id=search_id, actor_id=current_user.id, now=g.now)
        return {}, 204

    return jsonapi.act(do)


def _search(search: SavedSearch) -> Json:
    return {
        "id": str(search.id),
        "name": search.name,
        "search": address.read(search.query),
        "created_at": jsonapi.moment(search.created_at),
        "told_at": jsonapi.moment(search.told_at),
        "told_count": search.told_count,
        "over": search.look_at is None,
    }
