"""Places over JSON, for everybody: the communes of France by name, by postcode or near a point."""

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from app.core import jsonapi, paging
from app.core.errors import Invalid
from app.geo import places
from app.geo.rules import read_point

Json = dict[str, Any]

blueprint = Blueprint("geo_api", __name__, url_prefix="/api/v1", description="Places.")


class PlacesArguments(jsonapi.PageArguments):
    """`q` or `near`; neither finds nothing. One page holds all there is."""

    q = fields.String(
        load_default="",
        metadata={"description": "A name or a postcode, or the beginning of one; the biggest first."},
    )
    near = fields.String(metadata={"description": "`lat,lon`: the nearest commune, within 15 km."})


class DepartmentSchema(Schema):
    code = fields.String()
    name = fields.String()


class PlaceSchema(Schema):
    """A commune, or a part of one: a borough of Paris, Lyon or Marseille, a former commune."""

    code = fields.String(metadata={"description": "INSEE's."})
    name = fields.String()
    kind = fields.String(metadata={"enum": list(places.KINDS)})
    commune = fields.String(metadata={"description": "The code of the commune that it is or is a part of."})
    department = fields.Nested(DepartmentSchema)
    postcodes = fields.List(fields.String())
    people = fields.Integer()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    precision = fields.String(
        metadata={
            "enum": list(places.PRECISIONS),
            "description": "`exact`, or the middle of what it is estimated by: communes with the same `postcode`, "
            "its `district`, the `commune` it is a part of.",
        }
    )


@blueprint.get("/places")
@blueprint.arguments(PlacesArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(PlaceSchema))
def index(asked: Json) -> Response:
    """Places by name or postcode, without accents or hyphens, or near a point. Answered from a file: no network."""
    paging.after("places", asked["cursor"], length=1)
    found = places.find(asked["q"], limit=asked["limit"])
    if "near" in asked:
        point = read_point(asked["near"])
        if point is None:
            raise Invalid({"near": "core.not_a_place"})
        nearest = places.nearest(*point)
        found = [nearest] if nearest else []
    return jsonify(jsonapi.page_json(paging.Page(found), _line))


def _line(place: places.Commune) -> Json:
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "commune": place.commune,
        "department": {"code": place.department, "name": place.department_name},
        "postcodes": list(place.postcodes),
        "people": place.people,
        "lat": place.lat,
        "lon": place.lon,
        "precision": place.precision,
    }
