"""Time accounts, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.errors import Invalid
from app.core.text import whole
from app.hubs import queries as hub_queries
from app.hubs import services as hubs
from app.skills.ledger import giving, queries, services
from app.skills.ledger.models import TimeTransfer
from app.skills.ledger.queries import Account, Line, Other
from app.skills.ledger.rules import Party

blueprint = Blueprint(
    "time_api",
    __name__,
    url_prefix="/api/v1",
    description="Time accounts: an hour is an hour whoever gives it.",
)

Json = jsonapi.Json


class OtherSchema(ma.Schema):
    """A resident or a hub (with its `slug`)."""

    kind = fields.String(validate=ma.validate.OneOf(("resident", "hub")))
    id = fields.String()
    name = fields.String()
    slug = fields.String()


class TimeEntrySchema(ma.Schema):
    """One side of a transfer. `minutes` below zero were paid, `balance_minutes` is what the account held then; `session`
    is null where it was for something else (`kind`); `reversed`: put right since by its contrary."""

    id = fields.String()
    at = fields.DateTime()
    minutes = fields.Integer()
    balance_minutes = fields.Integer()
    kind = fields.String()
    session = fields.String(allow_none=True)
    note = fields.String()
    reversed = fields.Boolean()
    with_ = fields.Nested(OtherSchema, data_key="with", attribute="with")


class TimeAccountSchema(ma.Schema):
    """`limit_minutes` is how far below zero the account may go, `highest_minutes` how far above (null: any);
    `going_out_minutes` are reserved from it and count already, `coming_in_minutes` for it."""

    balance_minutes = fields.Integer()
    limit_minutes = fields.Integer()
    highest_minutes = fields.Integer(allow_none=True)
    going_out_minutes = fields.Integer()
    coming_in_minutes = fields.Integer()
    entries = fields.List(fields.Nested(TimeEntrySchema))
    next = fields.String(allow_none=True)
    total = fields.Integer(allow_none=True)


class AccountArguments(jsonapi.PageArguments):
    """`hub`: the account of this hub (number or slug), for those who look after it; else one's own."""

    hub = fields.String()


class ToSchema(jsonapi.Body):
    """Whom hours are given to."""

    kind = fields.String(required=True, validate=ma.validate.OneOf(("resident", "hub")))
    id = fields.String(required=True)


class GiftBody(jsonapi.Body):
    to = fields.Nested(ToSchema, required=True)
    minutes = fields.Integer(required=True)
    note = fields.String(load_default="")


class ShiftBody(jsonapi.Body):
    """`day` and `begins` on the clock of the hub."""

    resident = fields.String(required=True)
    day = fields.Date(required=True)
    begins = fields.Time(required=True)
    minutes = fields.Integer(required=True)
    note = fields.String(load_default="")


class ShiftSchema(ma.Schema):
    """`paid_minutes` is less than `minutes` where an account holds no more."""

    id = fields.String()
    minutes = fields.Integer()
    paid_minutes = fields.Integer()


class ReverseBody(jsonapi.Body):
    reason = fields.String(required=True)


@blueprint.get("/time/account")
@blueprint.arguments(AccountArguments, location="query")
@blueprint.response(200, TimeAccountSchema)
def account(asked: Json) -> Response:
    """One's own account with its entries, the newest first; or that of a hub one looks after."""
    if "hub" in asked:
        hub = hub_queries.hub(asked["hub"])
        hubs.require_looking_after(actor_id=current_user.id, hub_id=hub.id)
        whose, held = Party(hub_id=hub.id), queries.account_of_hub(hub)
    else:
        whose, held = Party(resident_id=current_user.id), queries.account_of(current_user.id)
    page = queries.entries(whose, cursor=asked.get("cursor"), limit=asked["limit"])
    return jsonify(
        {**_account(held), "entries": [_entry(line) for line in page.lines], "next": page.next, "total": None}
    )


@blueprint.post("/time/gifts")
@blueprint.arguments(GiftBody)
@blueprint.response(201, TimeEntrySchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def give(body: Json) -> Response:
    """Give hours one has to a hub or to a neighbour. 409 `more_than_you_have`, `giver_full` where the other account holds
    no more."""
    return jsonapi.act(
        lambda: _told(
            giving.give(
                to=_to(body["to"]),
                minutes=body["minutes"],
                note=body["note"],
                actor_id=current_user.id,
                now=g.now,
            )
        ),
        status=201,
    )


@blueprint.post("/hubs/<int:hub_id>/shifts")
@blueprint.arguments(ShiftBody)
@blueprint.response(201, ShiftSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def record_shift(body: Json, hub_id: int) -> Response:
    """The hub gives a volunteer the hours of a shift, once. 409 `shift_known`."""

    def do() -> Json:
        hub = hub_queries.hub(str(hub_id))
        shift = giving.record_shift(
            hub_id=hub.id,
            resident_id=whole(body["resident"]),
            day=body["day"],
            begins=body["begins"],
            minutes=body["minutes"],
            note=body["note"],
            actor_id=current_user.id,
            now=g.now,
        )
        return {"id": str(shift.id), "minutes": shift.minutes, "paid_minutes": shift.paid}

    return jsonapi.act(do, status=201)


@blueprint.post("/time/transfers/<int:transfer_id>/reverse")
@blueprint.arguments(ReverseBody)
@blueprint.response(201, TimeEntrySchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def reverse(body: Json, transfer_id: int) -> Response:
    """A coordinator puts a mistake right: the contrary is written, with why. 409 `is_reversal`."""
    return jsonapi.act(
        lambda: _told(
            services.reverse(
                transfer_id=transfer_id, actor_id=current_user.id, note=body["reason"], now=g.now
            )
        ),
        status=201,
    )


def _to(sent: Json) -> Party:
    number = whole(sent["id"])
    if number is None:
        raise Invalid({"to": "core.not_a_choice"})
    return Party(hub_id=number) if sent["kind"] == "hub" else Party(resident_id=number)


def _told(transfer: TimeTransfer) -> Json:
    """As who paid sees it."""
    return _entry(queries.entry(transfer.id, -1))


def _account(held: Account) -> Json:
    standing = held.standing
    return {
        "balance_minutes": standing.balance,
        "limit_minutes": standing.limits.lowest,
        "highest_minutes": standing.limits.highest,
        "going_out_minutes": standing.going_out,
        "coming_in_minutes": standing.coming_in,
    }


def _entry(line: Line) -> Json:
    return {
        "id": str(line.transfer_id),
        "at": jsonapi.moment(line.at),
        "minutes": line.minutes,
        "balance_minutes": line.balance,
        "kind": line.kind,
        "session": str(line.subject) if line.kind == "session" and line.subject else None,
        "note": line.note,
        "reversed": line.reversed_by_id is not None,
        "with": _other(line.other),
    }


def _other(other: Other) -> dict[str, Any]:
    known = {"kind": other.kind, "id": str(other.id), "name": other.name}
    return {**known, "slug": other.slug} if other.slug else known
