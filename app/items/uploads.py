"""Photos sent ahead of their form, in parts that go on where the network broke off; for our own pages and for
programs. What comes of it is a sign (`staged`) that the form carries instead of the file."""

import io

import marshmallow as ma
from flask import Response, g, jsonify, request, url_for
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import images, uploads
from app.core.errors import Malformed, Problem, Unsupported
from app.core.text import whole
from app.items import forms, shown
from app.items.pages import folder

blueprint = Blueprint(
    "uploads_api", __name__, url_prefix="/api/v1", description="Photos in parts, over a bad network."
)
PART = "application/offset+octet-stream"


class WaitingPhotoSchema(ma.Schema):
    """A photo that has come and waits for its object: `staged` stands for it in the form, 24 hours."""

    staged = fields.String()
    url = fields.String()


class UploadSchema(ma.Schema):
    """How far a file got, in bytes; `photo` once all of it has come."""

    id = fields.String()
    offset = fields.Integer()
    length = fields.Integer()
    photo = fields.Nested(WaitingPhotoSchema, allow_none=True)


@blueprint.post("/uploads")
@blueprint.response(201, UploadSchema)
def begin() -> Response:
    """Begin to send a photo; the header `Upload-Length` says how many bytes it has. Kept for 24 hours."""
    upload = uploads.start(
        owner_id=current_user.id,
        length=_number("Upload-Length"),
        largest=images.LARGEST_BYTES,
        folder=folder(),
        now=g.now,
    )
    response = _answer(upload)
    response.status_code = 201
    response.headers["Location"] = url_for(".how_far", upload_id=upload.name)
    return response


@blueprint.get("/uploads/<upload_id>")
@blueprint.response(200, UploadSchema)
def how_far(upload_id: str) -> Response:
    """How much of it has come: to be asked after the network was away."""
    return _answer(_upload(upload_id))


@blueprint.route("/uploads/<upload_id>", methods=["PATCH"])
@blueprint.response(200, UploadSchema)
def append(upload_id: str) -> Response:
    """The next bytes (`application/offset+octet-stream`), from the header `Upload-Offset` on. 409 where another offset
    is due. With the last byte the photo is read, as a form's would be."""
    upload = _upload(upload_id)
    if request.mimetype != PART:
        raise Unsupported("core.upload_kind")
    upload = uploads.append(upload, request.stream, offset=_number("Upload-Offset"), now=g.now)
    return _answer(_taken_in(upload) if upload.whole and upload.outcome is None else upload)


@blueprint.delete("/uploads/<upload_id>")
@blueprint.response(204)
def forget(upload_id: str) -> Response:
    """Another photo was chosen."""
    uploads.forget(_upload(upload_id))
    return Response(status=204)


def _upload(upload_id: str) -> uploads.Upload:
    return uploads.find(upload_id, owner_id=current_user.id, folder=folder(), now=g.now)


def _taken_in(upload: uploads.Upload) -> uploads.Upload:
    """All of it has come: kept in all sizes. What is no photo is forgotten, and said."""
    try:
        photo = images.store(io.BytesIO(upload.file.read_bytes()), folder())
    except Problem:
        uploads.forget(upload)
        raise
    uploads.finish(upload, [photo.name, photo.width, photo.height], now=g.now)
    return _upload(upload.name)


def _answer(upload: uploads.Upload) -> Response:
    photo = images.Stored(*upload.outcome) if upload.outcome else None
    response = jsonify(
        id=upload.name,
        offset=upload.offset,
        length=upload.length,
        photo=photo
        and {
            "staged": forms.stage(photo, resident_id=current_user.id),
            "url": shown.photo_url(photo.name, "s"),
        },
    )
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Cache-Control"] = "no-store"
    return response


def _number(header: str) -> int:
    number = whole(request.headers.get(header))
    if number is None:
        raise Malformed("core.malformed")
    return number
