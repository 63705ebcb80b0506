"""The counter, for programs: two scans, one scan, and what a code is."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import clock, codes, jsonapi
from app.core.errors import Conflict, NotFound
from app.core.i18n import _l
from app.counter import queries
from app.hubs import queries as hub_queries
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.lending import api as lending_api
from app.lending import services
from app.lending.services import Override, WhereNext
from app.lending.transfers import queries as transfer_queries
from app.lending.transfers import services as transfers
from app.lending.transfers.api import TransferSchema, transfer_json
from app.lending.waiting import queries as waiting
from app.lending.waiting.models import PlaceInLine

blueprint = Blueprint(
    "counter_api", __name__, url_prefix="/api/v1", description="The counter of a hub, for its volunteers."
)

Json = jsonapi.Json
CONDITIONS = ("good", "worn", "damaged", "incomplete")
ONE_OF = _l("Au choix : {choices}.")
AWARE = {
    "invalid": _l("Écrivez le moment ainsi : 2026-11-27T14:00:00+01:00."),
    "invalid_awareness": _l("Un moment avec son fuseau horaire est attendu : 2026-11-27T14:00:00+01:00."),
}


def _code(name: str) -> fields.String:
    return fields.String(required=True, metadata={"description": f"What was scanned: {name}, or its link."})


def _names() -> Any:
    return fields.List(
        fields.String(), load_default=None, allow_none=True, validate=ma.validate.Length(max=200)
    )


class OverrideBody(jsonapi.Body):
    """Blockers that are passed over, and why."""

    codes = fields.List(fields.String(), required=True, validate=ma.validate.Length(max=20))
    reason = fields.String(required=True)


class CheckOutBody(jsonapi.Body):
    """The two scans. `parts`: the names that were ticked; `acknowledged`: the notices were told; `at`: the moment of a
    scan that was kept while offline, 7 days at most."""

    item_code = _code("the object's code")
    member_code = _code("the member's code")
    hub = fields.String(required=True)
    due = fields.Date(load_default=None, allow_none=True)
    parts = _names()
    acknowledged = fields.Boolean(load_default=False)
    deposit_received_cents = fields.Integer(load_default=None, allow_none=True)
    override = fields.Nested(OverrideBody, load_default=None, allow_none=True)
    condition = fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf(("new", *CONDITIONS), error=ONE_OF)
    )
    note = fields.String(load_default=None, allow_none=True)
    at = fields.AwareDateTime(load_default=None, allow_none=True, error_messages=AWARE)


class CheckInBody(jsonapi.Body):
    """The one scan. `parts`: the names that are there; left out: nobody looked."""

    item_code = _code("the object's code")
    hub = fields.String(required=True)
    parts = _names()
    condition = fields.String(load_default="good", validate=ma.validate.OneOf(CONDITIONS, error=ONE_OF))
    note = fields.String(load_default=None, allow_none=True)
    deposit_returned_cents = fields.Integer(load_default=None, allow_none=True)
    at = fields.AwareDateTime(load_default=None, allow_none=True, error_messages=AWARE)


class LookupArguments(ma.Schema):
    """A code, and the hub whose counter asks."""

    class Meta:
        unknown = ma.EXCLUDE

    code = fields.String(required=True)
    hub = fields.String(required=True)


class CheckedOutSchema(lending_api.LoanSchema):
    """The loan; `repeated` when the same scan had made it before."""

    repeated = fields.Boolean()


class NextSchema(ma.Schema):
    """Where the object goes now."""

    kind = fields.String(validate=ma.validate.OneOf(("shelf", "waiting", "repair", "transfer")))
    shelf = fields.String()
    user = fields.Nested(jsonapi.ReferenceSchema)
    until = fields.Date()
    hub = fields.Nested(jsonapi.HubReferenceSchema)


class CheckedInSchema(ma.Schema):
    """The loan that ended, or the transfer of what came from another hub, and where the object goes."""

    loan = fields.Nested(lending_api.LoanSchema, allow_none=True)
    transfer = fields.Nested(TransferSchema)
    repeated = fields.Boolean()
    next = fields.Nested(NextSchema)


class KeptSchema(ma.Schema):
    """What the waiting list keeps aside: which object, for whom, up to and with which day."""

    item = fields.Nested(lending_api.ItemReferenceSchema)
    user = fields.Nested(jsonapi.ReferenceSchema)
    until = fields.Date()


class LookupSchema(ma.Schema):
    """What a code is. `actions`, of an object: check_out, check_in, repaired; of a member: check_out, verify. `kept`: what
    the waiting list keeps aside, this object or for this member."""

    kind = fields.String(validate=ma.validate.OneOf(("item", "member")))
    actions = fields.List(fields.String())
    transfer = fields.Nested(TransferSchema, allow_none=True)
    item = fields.Nested(lending_api.ItemReferenceSchema)
    shelf = fields.String()
    loan = fields.Nested(lending_api.LoanSchema, allow_none=True)
    expected = fields.Nested(lending_api.LoanSchema, allow_none=True)
    user = fields.Nested(jsonapi.ReferenceSchema)
    status = fields.String(allow_none=True)
    ready = fields.List(fields.Nested(lending_api.LoanSchema))
    in_hand = fields.List(fields.Nested(lending_api.LoanSchema))
    kept = fields.List(fields.Nested(KeptSchema))


def _hub(name: str) -> Hub:
    hub = hub_queries.hub(name)
    hub_services.require_role("volunteer", actor_id=current_user.id, hub_id=hub.id)
    return hub


@blueprint.post("/counter/check-out")
@blueprint.arguments(CheckOutBody)
@blueprint.response(201, CheckedOutSchema)
@blueprint.alt_response(200, schema=CheckedOutSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def check_out(body: Json) -> Response:
    """Hand an object to a member: her reservation where there is one, else a new loan. The same scans again answer 200
    with `repeated`. 409 `already_out`, `claimed`, `blocked`, and `to_tick` when parts or notices are not ticked."""
    wanted = {key: value for key, value in body.items() if key not in ("hub", "override")}
    override = body["override"]

    def do() -> tuple[Json, int]:
        done = services.check_out(
            hub_id=_hub(body["hub"]).id,
            actor_id=current_user.id,
            override=Override(tuple(override["codes"]), override["reason"]) if override else None,
            now=g.now,
            **wanted,
        )
        answer = {**lending_api.loan_json(done.loan, now=g.now), "repeated": done.repeated}
        return answer, 200 if done.repeated else 201

    return jsonapi.act(do)


@blueprint.post("/counter/check-in")
@blueprint.arguments(CheckInBody)
@blueprint.response(200, CheckedInSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def check_in(body: Json) -> Response:
    """Take an object back, from whomever, or receive what another hub has sent (then there is no `loan`, but a
    `transfer`). The same scan within 10 minutes answers the same again; later 409 `not_out`."""
    wanted = {key: value for key, value in body.items() if key != "hub"}

    def do() -> Json:
        hub_id = _hub(body["hub"]).id
        try:
            done = services.check_in(hub_id=hub_id, actor_id=current_user.id, now=g.now, **wanted)
        except Conflict as problem:
            if problem.word == "not_out" and (arrived := _arrived(body, hub_id)):
                return arrived
            raise
        return {
            "loan": lending_api.loan_json(done.loan, now=g.now),
            "repeated": done.repeated,
            "next": _next_json(done.next),
        }

    return jsonapi.act(do)


def _arrived(body: Json, hub_id: int) -> Json | None:
    """Nobody had it: another hub has sent it here."""
    came = transfers.receive(
        item_code=body["item_code"], hub_id=hub_id, actor_id=current_user.id, at=body["at"], now=g.now
    )
    if came is None:
        return None
    return {
        "loan": None,
        "transfer": transfer_json(came.transfer),
        "repeated": came.repeated,
        "next": _next_json(came.next),
    }


def _next_json(onward: WhereNext) -> Json:
    told: Json = {"kind": onward.kind, "shelf": onward.shelf}
    if onward.user_id is not None:
        told["user"] = {"id": str(onward.user_id), "name": queries.name_of(onward.user_id)}
    if onward.until is not None:
        told["until"] = onward.until.isoformat()
    if onward.hub is not None:
        told["hub"] = jsonapi.hub_reference(onward.hub)
    return told


@blueprint.get("/counter/lookup")
@blueprint.arguments(LookupArguments, location="query")
@blueprint.response(200, LookupSchema)
def lookup(asked: Json) -> Response:
    """What a scanned code is, and what can be done with it now."""
    hub = _hub(asked["hub"])
    code = codes.read(asked["code"])
    if code is None:
        raise NotFound("lending.unknown_code")
    return jsonify(_member(str(code), hub) if code.kind == codes.MEMBER else _item(str(code), hub))


def _member(code: str, hub: Hub) -> Json:
    person = queries.person_by_code(code, hub=hub, now=g.now)
    if person is None:
        raise NotFound("lending.unknown_code")
    actions = ["verify"] if person.to_verify else [] if person.suspended else ["check_out"]
    loans = lending_api.loans_json([*person.ready, *person.in_hand], now=g.now)
    return {
        "kind": "member",
        "user": {"id": str(person.id), "name": person.name},
        "status": person.status,
        "ready": loans[: len(person.ready)],
        "in_hand": loans[len(person.ready) :],
        "kept": [_kept(place) for place in person.kept],
        "actions": actions,
    }


def _kept(place: PlaceInLine) -> Json:
    item = place.item
    return {
        "item": {"id": str(item.id), "title": item.title, "code": item.code},
        "user": jsonapi.reference(place.resident),
        "until": place.ready_until.isoformat() if place.ready_until else None,
    }


def _item(code: str, hub: Hub) -> Json:
    item = queries.thing_by_code(code)
    if item is None:
        raise NotFound("lending.unknown_code")
    here, today = item.hub_id == hub.id, clock.day_at(g.now, hub.timezone)
    loans = queries.loans_of(item.id)
    away = [loan for loan in loans if loan.status == "checked_out"]
    out = [loan for loan in away if loan.hub_id == hub.id]
    expected = [loan for loan in loans if here and loan.status == "reserved" and loan.first_day <= today][:1]
    found = {loan["id"]: loan for loan in lending_api.loans_json([*out, *expected], now=g.now)}
    kept = waiting.ready_place(item.id) if here else None
    coming = transfer_queries.on_its_way(item.id) if here and not away else None
    actions = ["repaired"] if item.broken and here else ["check_out"] if here else []
    if out or coming is not None:
        actions = ["check_in"]
    reference = {"id": str(item.id), "title": item.title}
    return {
        "kind": "item",
        "item": {**reference, "code": item.code} if here or out else reference,
        "shelf": item.shelf,
        "loan": next((found[str(loan.id)] for loan in out), None),
        "expected": next((found[str(loan.id)] for loan in expected), None),
        "kept": [_kept(kept)] if kept is not None else [],
        "transfer": transfer_json(coming) if coming is not None else None,
        "actions": actions,
    }
