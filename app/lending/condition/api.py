"""How objects looked, and the photos of a loan, for programs."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import images, jsonapi
from app.core.images import Stored
from app.items import shown
from app.lending import queries as lending
from app.lending import services as lending_services
from app.lending.api import MessageSchema, PrivatePhotoSchema, message_json, photo_json
from app.lending.condition import photos, queries, services
from app.lending.condition.queries import Seen
from app.messages.queries import Said

blueprint = Blueprint(
    "condition_api",
    __name__,
    url_prefix="/api/v1",
    description="How an object looked when it left and when it came back; photos between the two of a loan.",
)

Json = jsonapi.Json


class ConditionSchema(ma.Schema):
    """What somebody saw of the object when it went `out` or came `in`."""

    id = fields.String()
    stage = fields.String(metadata={"enum": ["out", "in"]})
    text = fields.String()
    photo = fields.Nested(PrivatePhotoSchema, allow_none=True)
    author = fields.Nested(jsonapi.ReferenceSchema)
    at = fields.DateTime()


class ConditionsSchema(ma.Schema):
    """All that was seen, in the order in which it was said."""

    items = fields.List(fields.Nested(ConditionSchema))


@blueprint.get("/loans/<int:loan_id>/condition")
@blueprint.response(200, ConditionsSchema)
def index(loan_id: int) -> Response:
    """How it looked when it left and when it came back, as both sides said."""
    lending.require_sight(loan_id, current_user.id)
    return jsonify({"items": [_seen(loan_id, one) for one in queries.notes(loan_id)]})


@blueprint.post("/loans/<int:loan_id>/condition")
@blueprint.response(201, ConditionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def describe(loan_id: int) -> Response:
    """Say how it looks: multipart, the fields `text` and `photo`, one of them at least; for three days after it has
    left, and again after it has come back. 409 `condition_closed`, `condition_full`."""

    def do(photo: Stored | None) -> Json:
        note = services.describe(
            loan_id=loan_id,
            text=request.form.get("text"),
            photo=photo,
            actor_id=current_user.id,
            now=g.now,
        )
        return _seen(
            loan_id,
            Seen(
                note.id,
                note.stage,
                note.text,
                note.photo,
                note.width,
                note.height,
                current_user.id,
                current_user.name,
                note.at,
            ),
        )

    return _with_photo(loan_id, do)


@blueprint.post("/loans/<int:loan_id>/photos")
@blueprint.response(201, MessageSchema)
def show_other(loan_id: int) -> Response:
    """Show something to the other one: multipart, the field `photo`, and `text` if there is something to say. It is a
    message of the loan as others are."""

    def do(photo: Stored | None) -> Json:
        text = request.form.get("text")
        said: Any = lending_services.post_message(
            loan_id=loan_id, actor_id=current_user.id, text=text, photo=photo, now=g.now
        )
        author = current_user
        seen = Said(
            said.id,
            author.id,
            author.name,
            said.text,
            said.at,
            said.photo,
            said.photo_width,
            said.photo_height,
        )
        return message_json(loan_id, seen)

    return _with_photo(loan_id, do)


def _with_photo(loan_id: int, do: Callable[[Stored | None], Json]) -> Response:
    """Do it with the photo that was sent; its files go again when it is refused, or was done before under this key."""
    request.get_data()  # kept, so that the idempotency key knows this photo from another
    lending.require_sight(loan_id, current_user.id)
    upload = request.files.get("photo")
    folder = photos.private_folder()
    sent = images.store(upload.stream, folder) if upload else None
    shows = False

    def once() -> Json:
        nonlocal shows
        answer = do(sent)
        shows = True
        return answer

    try:
        return jsonapi.act(once, status=201)
    except BaseException:
        shows = False
        raise
    finally:
        if sent is not None and not shows:
            images.forget(sent.name, folder)


@blueprint.get("/loans/<int:loan_id>/photos/<name>")
@blueprint.response(200, content_type="image/webp")
def photo(loan_id: int, name: str) -> Response:
    """A photo of this loan, 1280 pixels wide at most; for the people of the loan."""
    return photos.sent(loan_id, name, max(shown.SIZES.values()), viewer_id=current_user.id)


def _seen(loan_id: int, one: Seen) -> Json:
    return {
        "id": str(one.id),
        "stage": one.stage,
        "text": one.text,
        "photo": photo_json(loan_id, one.photo, one.width, one.height),
        "author": {"id": str(one.author_id), "name": one.author},
        "at": jsonapi.moment(one.at),
    }
