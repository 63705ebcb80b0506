"""Objects, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import images, jsonapi
from app.core.db import db
from app.core.errors import Invalid, Malformed
from app.core.i18n import current_locale
from app.core.text import whole
from app.finding.parameters import LONGEST_Q
from app.items import forms, policy, queries, search, services, shown
from app.items.filters import CONDITIONS, MODES, OWNERS
from app.items.models import Item
from app.items.pages import folder
from app.items.queries import Line
from app.items.search import SORTS

blueprint = Blueprint(
    "items_api", __name__, url_prefix="/api/v1", description="Objects: finding, posting, changing, showing."
)

Json = jsonapi.Json


class SearchArguments(jsonapi.PageArguments):
    """What is looked for; every one of them may be left out."""

    class Meta:
        unknown = ma.EXCLUDE
        include = {  # noqa: RUF012 -- marshmallow reads it as a plain class attribute -- marshmallow reads it as a plain class attribute
            "from": fields.String(metadata={"description": "First day; with `to`."}),
            "to": fields.String(
                metadata={"description": "Last day: a reservation for exactly these days meets no claim."}
            ),
        }

    q = fields.String(
        metadata={
            "description": "Words of the title, in French or English, whatever their accents, plurals and endings;"
            " with fewer than three finds also beginnings, the words of the shelf, and what a misspelt word meant.",
            "maxLength": LONGEST_Q,
        }
    )
    category = fields.String(metadata={"description": "The slug of a category; those below it count too."})
    mode = fields.String(metadata={"enum": list(MODES)})
    near = fields.String(metadata={"description": "`lat,lon`, or `home`."})
    radius_km = fields.String(metadata={"description": "With `near`: no farther than this."})
    hub = fields.String(metadata={"description": "The id or slug of the hub where it is kept."})
    owner = fields.String(metadata={"enum": list(OWNERS), "description": "Whose it is."})
    condition = fields.String(metadata={"enum": list(CONDITIONS)})
    sort = fields.String(
        metadata={
            "enum": list(SORTS),
            "description": "Left out: `relevance` with `q`, else `near` with `near`, else `new`."
            " `relevance` ends after 400.",
        }
    )


class CategorySchema(ma.Schema):
    """A shelf of the catalogue."""

    slug = fields.String()
    name = fields.String()


class ItemOwnerSchema(jsonapi.ReferenceSchema):
    """A hub or a resident."""

    kind = fields.String(metadata={"enum": ["hub", "resident"]})


class ItemSchema(ma.Schema):
    """An object in a list. The place is the published one, `precision_m` wide."""

    id = fields.String()
    title = fields.String()
    category = fields.Nested(CategorySchema)
    mode = fields.List(fields.String())
    photo_url = fields.String(allow_none=True)
    hub = fields.Nested(jsonapi.HubReferenceSchema, allow_none=True)
    owner = fields.Nested(ItemOwnerSchema)
    distance_m = fields.Integer(allow_none=True)
    lat = fields.Float()
    lon = fields.Float()
    precision_m = fields.Integer()
    available = fields.Boolean()
    next_free = fields.Date(allow_none=True)
    trust = fields.Raw(allow_none=True)


class FoundPageSchema(jsonapi.page_schema(ItemSchema)):  # type: ignore[misc]  # made there
    """A page of a search."""

    meant = fields.String(
        allow_none=True,
        metadata={
            "description": "`q` with the words that were looked for instead of misspelt ones, or null."
        },
    )


class PartSchema(jsonapi.Body):
    """What goes with the object, and how many of it."""

    name = fields.String(required=True)
    count = fields.Integer(load_default=1)


class PhotoSchema(ma.Schema):
    """A photo and its addresses by width."""

    id = fields.String()
    url = fields.String()
    width = fields.Integer()
    height = fields.Integer()
    sizes = fields.Dict(keys=fields.String(), values=fields.String())


class ClaimSchema(ma.Schema):
    """Days taken, both included."""

    class Meta:
        include = {  # noqa: RUF012 -- marshmallow reads it as a plain class attribute
            "from": fields.Date(),
            "to": fields.Date(),
        }

    kind = fields.String()


class WholeItemSchema(ItemSchema):
    """An object, whole. `code` only for its owner and the hub's volunteers."""

    description = fields.String()
    code = fields.String()
    status = fields.String()
    condition = fields.String()
    photos = fields.List(fields.Nested(PhotoSchema))
    parts = fields.List(fields.Nested(PartSchema))
    objects = fields.List(fields.Nested(jsonapi.ReferenceSchema))
    notices = fields.List(fields.String())
    induction = fields.String(allow_none=True)
    value_cents = fields.Integer(allow_none=True)
    deposit_cents = fields.Integer(allow_none=True)
    currency = fields.String()
    max_days = fields.Integer(allow_none=True)
    buffer_days = fields.Integer()
    asks_each_time = fields.Boolean()
    shelf = fields.String()
    calendar = fields.List(fields.Nested(ClaimSchema))
    version = fields.Integer()


class ItemBody(jsonapi.Body):
    """What may be said of an object. `hub`: its id or slug, null for at home."""

    title = fields.String(allow_none=True)
    description = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    mode = fields.List(fields.String())
    hub = fields.String(allow_none=True)
    condition = fields.String()
    value_cents = fields.Integer(allow_none=True, strict=True)
    deposit_cents = fields.Integer(allow_none=True, strict=True)
    parts = fields.List(fields.Nested(PartSchema))
    notices = fields.List(fields.String())
    induction = fields.String(allow_none=True)
    max_days = fields.Integer(allow_none=True, strict=True)
    buffer_days = fields.Integer(allow_none=True, strict=True)
    asks_each_time = fields.Boolean()
    shelf = fields.String(allow_none=True)


class NewItemBody(ItemBody):
    """A new object: one's own, or of a hub whose volunteer one is."""

    owner = fields.String(metadata={"enum": ["me", "hub"]})


@blueprint.get("/items", endpoint="search")
@blueprint.arguments(SearchArguments, location="query")
@blueprint.response(200, FoundPageSchema)
def index(asked: Json) -> Response:
    """Objects on offer. Also without a token, more coarsely placed."""
    known = current_user.is_authenticated
    wanted = forms.wanted(asked, home=current_user.home, known=known)
    page = search.page(wanted, signed_in=known, cursor=asked["cursor"], limit=asked["limit"], now=g.now)
    return jsonify({**jsonapi.page_json(page, _line), "meant": page.meant or None})


@blueprint.post("/items")
@blueprint.arguments(NewItemBody)
@blueprint.response(201, WholeItemSchema)
def post(body: Json) -> Response:
    """Offer an object. The answer holds its `code`."""

    def do() -> Json:
        return _whole(services.post_item(actor_id=current_user.id, now=g.now, **body))

    return _tagged(jsonapi.act(do, status=201))


@blueprint.get("/items/<item_id>")
@blueprint.response(200, WholeItemSchema)
def show(item_id: str) -> Response:
    """One object, with the days that are taken."""
    return _tagged(jsonify(_whole(queries.visible(number(item_id), current_user))))


@blueprint.patch("/items/<item_id>")
@blueprint.arguments(ItemBody)
@blueprint.response(200, WholeItemSchema)
def change(body: Json, item_id: str) -> Response:
    """Say something else of it; with `If-Match` only where nobody else was quicker (412)."""

    def do() -> Json:
        version = _if_match(item_id)
        item = services.edit_item(
            item_id=number(item_id), actor_id=current_user.id, version=version, now=g.now, **body
        )
        return _whole(item)

    return _tagged(jsonapi.act(do))


@blueprint.delete("/items/<item_id>")
@blueprint.response(204)
def remove(item_id: str) -> Response:
    """Take it back from what is offered. 409 while somebody has it or counts on it."""

    def do() -> tuple[Json, int]:
        version = _if_match(item_id)
        services.retire(item_id=number(item_id), actor_id=current_user.id, version=version, now=g.now)
        return {}, 204

    return jsonapi.act(do)


@blueprint.post("/items/<item_id>/photos")
@blueprint.response(201, PhotoSchema)
def add_photo(item_id: str) -> Response:
    """Show it by a photo: multipart, the field `photo`; JPEG, PNG or WebP up to 10 MB. What is hidden in the file
    (place, camera) is dropped."""
    request.get_data()  # kept, so that the idempotency key knows this photo from another
    queries.owned(number(item_id), current_user)
    upload = request.files.get("photo")
    if upload is None:
        raise Invalid({"photo": "core.photo_missing"})
    sent = images.store(upload.stream, folder())
    shows = False

    def do() -> Json:
        nonlocal shows
        photo = services.add_photo(item_id=number(item_id), actor_id=current_user.id, photo=sent, now=g.now)
        shows = True
        return _photo(photo)

    try:
        return jsonapi.act(do, status=201)
    except BaseException:
        shows = False
        raise
    finally:
        if not shows:  # refused, or answered before under the same key
            images.forget(sent.name, folder())


def number(item_id: str) -> int:
    """The number behind an opaque id; what is none belongs to no object."""
    return whole(item_id) or 0


def _tagged(answer: Response) -> Response:
    """With the ETag of the object in it."""
    body = answer.get_json()
    if answer.status_code in (200, 201) and body.get("version"):
        answer.set_etag(f"{body['id']}-{body['version']}")
    return answer


def _if_match(item_id: str) -> int | None:
    """The version that the program has read, from `If-Match`; None where it does not say."""
    said = request.if_match
    if "If-Match" not in request.headers or said.star_tag:
        return None
    found = [tag.rpartition("-")[2] for tag in said if tag.rpartition("-")[0] == str(number(item_id))]
    if not list(said):
        raise Malformed("core.malformed")
    version = whole(found[0]) if found else None
    return -1 if version is None else version


# -- in JSON ----------------------------------------------------------------------------------------------


def _line(line: Line) -> Json:
    return {
        "id": str(line.id),
        "title": line.title,
        "category": {"slug": line.shelf.slug, "name": line.shelf.name(current_locale())},
        "mode": list(line.modes),
        "photo_url": shown.photo_url(line.photo) if line.photo else None,
        "hub": {"id": str(line.hub.id), "slug": line.hub.slug, "name": line.hub.name} if line.hub else None,
        "owner": {
            "kind": "hub" if line.owner_is_hub else "resident",
            "id": str(line.owner.id),
            "name": line.owner.name,
        },
        "distance_m": line.metres,
        "lat": line.lat,
        "lon": line.lon,
        "precision_m": line.precision_m,
        "available": line.free_now,
        "next_free": line.next_free.isoformat() if line.next_free else None,
        "trust": None,
    }


def _whole(item: Item) -> Json:
    db.session.flush()
    known = current_user.is_authenticated
    line = queries.line(item, signed_in=known, now=g.now)
    taken = queries.taken_days([item.id], now=g.now).get(item.id, [])
    found = {
        **_line(line),
        "description": item.description,
        "status": item.status,
        "condition": item.condition,
        "photos": [_photo(photo) for photo in item.photos],
        "parts": [{"name": part.name, "count": part.count} for part in item.parts],
        "objects": [
            {"id": str(part.object_id), "name": part.name}
            for part in item.parts
            if part.object_id is not None
        ],
        "notices": item.notices,
        "induction": item.induction,
        "value_cents": item.value_cents,
        "deposit_cents": item.deposit_cents,
        "currency": item.currency,
        "max_days": item.max_days,
        "buffer_days": item.buffer_days,
        "asks_each_time": item.asks_each_time,
        "shelf": item.shelf,
        "calendar": [
            {"from": one.first_day.isoformat(), "to": one.last_day.isoformat(), "kind": one.kind}
            for one in taken
            if one.end_day > line.today or one.uncertain
        ],
        "version": item.version,
    }
    if policy.reads_code(queries.keeping_of(item), queries.actor_of(current_user)):
        found["code"] = item.code
    return found


def _photo(photo: Any) -> Json:
    db.session.flush()
    return {
        "id": str(photo.id),
        "url": shown.photo_url(photo.file),
        "width": photo.width,
        "height": photo.height,
        "sizes": {str(pixels): shown.photo_url(photo.file, size) for size, pixels in shown.SIZES.items()},
    }
