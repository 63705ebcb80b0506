"""Transfers between hubs, for programs. What arrives is scanned at the counter (`POST /counter/check-in`)."""

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.paging import Page
from app.hubs import queries as hub_queries
from app.lending.api import ONE_OF, ItemReferenceSchema
from app.lending.transfers import queries, services
from app.lending.transfers.models import STATUSES, Transfer

blueprint = Blueprint(
    "transfers_api", __name__, url_prefix="/api/v1", description="Transfers: objects that go from hub to hub."
)

Json = jsonapi.Json


class RequestBody(jsonapi.Body):
    """Where the object should go (id or slug), and a word for those who have it."""

    to = fields.String(required=True)
    note = fields.String(load_default=None, allow_none=True)


class SendBody(jsonapi.Body):
    """Whether what is reserved goes along."""

    with_reservations = fields.Boolean(load_default=False)


class TransfersArguments(jsonapi.PageArguments):
    """Whose transfers, and which."""

    hub = fields.String(
        required=True, metadata={"description": "Id or slug of a hub whose counter you hold."}
    )
    status = fields.String(load_default=None, validate=ma.validate.OneOf(STATUSES, error=ONE_OF))


class TransferSchema(ma.Schema):
    """One way of one object. From `sent` on it is kept at the hub it goes to, and free once it is `received` there."""

    class Meta:
        include = {"from": fields.Nested(jsonapi.HubReferenceSchema)}  # noqa: RUF012 -- marshmallow reads it so

    id = fields.String()
    item = fields.Nested(ItemReferenceSchema)
    to = fields.Nested(jsonapi.HubReferenceSchema)
    status = fields.String(validate=ma.validate.OneOf(STATUSES))
    note = fields.String()
    requested_at = fields.DateTime()
    requested_by = fields.Nested(jsonapi.ReferenceSchema)
    sent_at = fields.DateTime(allow_none=True)
    received_at = fields.DateTime(allow_none=True)
    cancelled_at = fields.DateTime(allow_none=True)


def transfer_json(transfer: Transfer) -> Json:
    """A transfer as those who may see it read it."""
    item = transfer.item
    return {
        "id": str(transfer.id),
        "item": {"id": str(item.id), "title": item.title, "code": item.code},
        "from": jsonapi.hub_reference(transfer.from_hub),
        "to": jsonapi.hub_reference(transfer.to_hub),
        "status": transfer.status,
        "note": transfer.note,
        "requested_at": jsonapi.moment(transfer.requested_at),
        "requested_by": jsonapi.reference(transfer.requested_by),
        "sent_at": jsonapi.moment(transfer.sent_at),
        "received_at": jsonapi.moment(transfer.received_at),
        "cancelled_at": jsonapi.moment(transfer.cancelled_at),
    }


@blueprint.post("/items/<int:item_id>/transfers")
@blueprint.arguments(RequestBody)
@blueprint.response(201, TransferSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def request_transfer(body: Json, item_id: int) -> Response:
    """Ask that an object go to another hub: by volunteers of either hub, or by the neighbour whose it is."""

    def do() -> Json:
        made = services.request(
            item_id=item_id,
            to_hub_id=hub_queries.hub(body["to"]).id,
            actor_id=current_user.id,
            note=body["note"],
            now=g.now,
        )
        return transfer_json(made)

    return jsonapi.act(do, status=201)


@blueprint.get("/transfers")
@blueprint.arguments(TransfersArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(TransferSchema))
def index(asked: Json) -> Response:
    """What goes from and to a hub, newest first, for its volunteers."""
    found: Page[Transfer] = queries.page(
        hub_id=hub_queries.hub(asked["hub"]).id,
        viewer_id=current_user.id,
        status=asked["status"],
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify(jsonapi.page_json(found, transfer_json))


@blueprint.get("/transfers/<int:transfer_id>")
@blueprint.response(200, TransferSchema)
def show(transfer_id: int) -> Response:
    """One transfer, for the volunteers of both hubs and the owner."""
    return jsonify(transfer_json(queries.transfer_for(transfer_id, current_user.id)))


@blueprint.post("/transfers/<int:transfer_id>/send")
@blueprint.arguments(SendBody)
@blueprint.response(200, TransferSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def send(body: Json, transfer_id: int) -> Response:
    """It leaves. 409 `reservations_stand` lists in `reservations` what is reserved at the hub it leaves, each with what
    does not fit the days or the members of the other one (`misfits`: closed_first, closed_due, not_member)."""

    def do() -> Json:
        sent = services.send(transfer_id=transfer_id, actor_id=current_user.id, now=g.now, **body)
        return transfer_json(sent)

    return jsonapi.act(do)


@blueprint.post("/transfers/<int:transfer_id>/cancel")
@blueprint.response(200, TransferSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def cancel(transfer_id: int) -> Response:
    """It stays, or comes back from its way; what was reserved comes back with it."""
    return jsonapi.act(
        lambda: transfer_json(services.cancel(transfer_id=transfer_id, actor_id=current_user.id, now=g.now))
    )
