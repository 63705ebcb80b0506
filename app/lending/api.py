"""Loans, for programs."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify, url_for
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock, jsonapi
from app.core.db import db, one_of
from app.core.errors import Conflict
from app.core.i18n import _l
from app.core.paging import after, page_of
from app.hubs import queries as hub_queries
from app.lending import queries, rules, services
from app.lending.models import STATUSES, Loan, LoanEvent
from app.lending.told import Told
from app.messages import queries as message_queries
from app.messages.queries import Said

blueprint = Blueprint(
    "lending_api",
    __name__,
    url_prefix="/api/v1",
    description="Loans: reserving, answering, keeping longer, handing over, talking about it.",
)

Json = jsonapi.Json
ONE_OF = _l("Au choix : {choices}.")


# -- what is sent -----------------------------------------------------------------------------------------


class ReserveBody(jsonapi.Body):
    """The days, both included, and a word for the owner."""

    first_day = fields.Date(required=True, data_key="from")
    due = fields.Date(required=True, data_key="to")
    message = fields.String(load_default=None, allow_none=True)


class RenewBody(jsonapi.Body):
    """Until when; without it, a whole period."""

    due = fields.Date(load_default=None, allow_none=True, data_key="to")


class ApproveBody(jsonapi.Body):
    """A word that goes with the yes, as a message of the loan."""

    message = fields.String(load_default=None, allow_none=True)


class WhyBody(jsonapi.Body):
    """A word for the other one."""

    why = fields.String(load_default=None, allow_none=True)


class HandBody(jsonapi.Body):
    """The other one's code, when it was scanned: the hand-over then counts at once."""

    code = fields.String(load_default=None, allow_none=True)


class MessageBody(jsonapi.Body):
    """Plain text, 2,000 characters at most."""

    text = fields.String(required=True)


class LoansArguments(jsonapi.PageArguments):
    """Whose loans, and which."""

    role = fields.String(
        load_default="borrower", validate=ma.validate.OneOf(("borrower", "owner", "hub"), error=ONE_OF)
    )
    hub = fields.String(load_default=None, metadata={"description": "Id or slug; needed with `role=hub`."})
    status = fields.String(load_default=None, validate=ma.validate.OneOf(STATUSES, error=ONE_OF))
    due_before = fields.Date(load_default=None)


# -- what is answered -------------------------------------------------------------------------------------


class ItemReferenceSchema(ma.Schema):
    """An object, small; the code only for its owner and the hub's volunteers."""

    id = fields.String()
    title = fields.String()
    code = fields.String()


class OwnerSchema(jsonapi.ReferenceSchema):
    """Whose it is: a hub's or a resident's."""

    kind = fields.String()


class DepositSchema(ma.Schema):
    """Money in cents; `null` where nothing was received or given back yet."""

    cents = fields.Integer()
    received_cents = fields.Integer(allow_none=True)
    returned_cents = fields.Integer(allow_none=True)
    currency = fields.String()


class LoanEventSchema(ma.Schema):
    """One line of a loan's history."""

    at = fields.DateTime()
    kind = fields.String()
    status = fields.String()
    by = fields.Nested(jsonapi.ReferenceSchema, allow_none=True)
    why = fields.String(allow_none=True)


class LoanSchema(ma.Schema):
    """A loan. `from` and `due` are civil days of the hub, both included. Overdue is a fact, not a status."""

    class Meta:
        include = {"from": fields.Date()}  # noqa: RUF012 -- marshmallow reads it as a plain class attribute

    id = fields.String()
    item = fields.Nested(ItemReferenceSchema)
    borrower = fields.Nested(jsonapi.ReferenceSchema)
    owner = fields.Nested(OwnerSchema)
    hub = fields.Nested(jsonapi.HubReferenceSchema, allow_none=True)
    status = fields.String(validate=ma.validate.OneOf(STATUSES))
    due = fields.Date()
    overdue_days = fields.Integer()
    requested_at = fields.DateTime()
    answer_by = fields.DateTime(allow_none=True)
    pick_up_until = fields.Date(allow_none=True)
    checked_out_at = fields.DateTime(allow_none=True)
    checked_in_at = fields.DateTime(allow_none=True)
    condition_out = fields.String(allow_none=True)
    condition_in = fields.String(allow_none=True)
    renewals = fields.Integer()
    deposit = fields.Nested(DepositSchema, allow_none=True)
    history = fields.List(fields.Nested(LoanEventSchema))


class PrivatePhotoSchema(ma.Schema):
    """A photo that only the people of the loan may see, at an address that asks for their token."""

    url = fields.String()
    width = fields.Integer()
    height = fields.Integer()


class MessageSchema(ma.Schema):
    """One message: words, a photo, or both."""

    id = fields.String()
    author = fields.Nested(jsonapi.ReferenceSchema)
    text = fields.String()
    photo = fields.Nested(PrivatePhotoSchema, allow_none=True)
    at = fields.DateTime()


_HISTORY = (
    select(
        LoanEvent.loan_id,
        LoanEvent.at,
        LoanEvent.kind,
        LoanEvent.status,
        LoanEvent.actor_id,
        LoanEvent.why,
        Resident.name,
    )
    .outerjoin(Resident, Resident.id == LoanEvent.actor_id)
    .where(one_of(LoanEvent.loan_id, "loan_ids"))
    .order_by(LoanEvent.id)
)


def loans_json(loans: Collection[Loan | Told], *, now: datetime) -> list[Json]:
    """Loans as the API tells them to the current user; one more statement whatever their number."""
    if not loans:
        return []
    events: dict[int, list[Any]] = {loan.id: [] for loan in loans}
    for event in db.session.execute(_HISTORY, {"loan_ids": list(events)}):
        events[event.loan_id].append(event)
    return [_loan_json(loan, events[loan.id], now=now) for loan in loans]


def loan_json(loan: Loan, *, now: datetime) -> Json:
    """One loan as the API tells it to the current user."""
    return loans_json([loan], now=now)[0]


def _loan_json(loan: Loan | Told, events: list[Any], *, now: datetime) -> Json:
    today = clock.day_at(now, loan.hub.timezone if loan.hub else clock.home_zone())
    return {
        "id": str(loan.id),
        "item": _item_json(loan),
        "borrower": jsonapi.reference(loan.borrower),
        "owner": _owner_json(loan),
        "hub": jsonapi.hub_reference(loan.hub),
        "status": loan.status,
        "from": loan.first_day.isoformat(),
        "due": loan.due.isoformat(),
        "overdue_days": rules.overdue_days(loan.due, today) if loan.status == "checked_out" else 0,
        "requested_at": jsonapi.moment(loan.requested_at),
        "answer_by": jsonapi.moment(loan.answer_by),
        "pick_up_until": loan.pick_up_until.isoformat() if loan.pick_up_until else None,
        "checked_out_at": jsonapi.moment(loan.checked_out_at),
        "checked_in_at": jsonapi.moment(loan.checked_in_at),
        "condition_out": loan.condition_out,
        "condition_in": loan.condition_in,
        "renewals": loan.renewals,
        "deposit": _deposit_json(loan),
        "history": [
            {
                "at": jsonapi.moment(event.at),
                "kind": event.kind,
                "status": event.status,
                "by": {"id": str(event.actor_id), "name": event.name or ""} if event.actor_id else None,
                "why": event.why,
            }
            for event in events
        ],
    }


def _item_json(loan: Loan | Told) -> Json:
    item = {"id": str(loan.item_id), "title": loan.item.title}
    reads_code = loan.owner_id == current_user.id or any(
        hub.id == loan.hub_id for hub in current_user.counter_hubs
    )
    return {**item, "code": loan.item.code} if reads_code else item


def _owner_json(loan: Loan | Told) -> Json:
    if loan.owner is not None:
        return {"kind": "resident", "id": str(loan.owner.id), "name": loan.owner.name}
    hub = loan.hub if loan.item.owner_hub_id == loan.hub_id else loan.item.owner_hub
    return {"kind": "hub", "id": str(hub.id), "name": hub.name} if hub else {}


def _deposit_json(loan: Loan | Told) -> Json | None:
    if not loan.deposit_cents:
        return None
    return {
        "cents": loan.deposit_cents,
        "received_cents": loan.deposit_received_cents,
        "returned_cents": loan.deposit_returned_cents,
        "currency": loan.currency,
    }


# -- calls ------------------------------------------------------------------------------------------------


@blueprint.post("/items/<int:item_id>/loans")
@blueprint.arguments(ReserveBody)
@blueprint.response(201, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def reserve(body: Json, item_id: int) -> Response:
    """Reserve a hub's object, or ask a neighbour for hers. 409 `already_reserved` and `not_back_yet` come with
    `alternatives`, the nearest free periods, reservable as given; 409 `blocked` with `blockers`; 409 `not_lent`."""
    return jsonapi.act(
        lambda: told(
            services.reserve(
                item_id=item_id,
                actor_id=current_user.id,
                first_day=body["first_day"],
                due=body["due"],
                message=body["message"],
                now=g.now,
            )
        ),
        status=201,
    )


def told(loan: Loan) -> Json:
    """The loan as it is after the act."""
    db.session.flush()
    return loan_json(loan, now=g.now)


@blueprint.get("/loans")
@blueprint.arguments(LoansArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(LoanSchema))
def index(asked: Json) -> Response:
    """One's own loans as borrower or owner, or those of a hub whose counter one holds; newest first."""
    page = queries.loans_page(
        role=asked["role"],
        viewer_id=current_user.id,
        hub_id=hub_queries.hub(asked["hub"]).id if asked["hub"] else None,
        status=asked["status"],
        due_before=asked["due_before"],
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify({"items": loans_json(page.lines, now=g.now), "next": page.next, "total": page.total})


@blueprint.get("/loans/<int:loan_id>")
@blueprint.response(200, LoanSchema)
def show(loan_id: int) -> Response:
    """One loan, for its borrower, its owner, and the volunteers of its hub; for others 404."""
    return jsonify(loan_json(queries.loan_for(loan_id, current_user.id), now=g.now))


def act(do: Callable[[], Loan]) -> Response:
    """Do it and answer the loan."""
    return jsonapi.act(lambda: told(do()))


@blueprint.post("/loans/<int:loan_id>/approve")
@blueprint.arguments(ApproveBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def approve(body: Json, loan_id: int) -> Response:
    """The owner says yes, with a word or without. Again: the same answer."""
    return act(
        lambda: services.approve(
            loan_id=loan_id, actor_id=current_user.id, message=body["message"], now=g.now
        )
    )


@blueprint.post("/loans/<int:loan_id>/decline")
@blueprint.arguments(WhyBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def decline(body: Json, loan_id: int) -> Response:
    """The owner says no, with a word or without."""
    return act(
        lambda: services.decline(loan_id=loan_id, actor_id=current_user.id, why=body["why"], now=g.now)
    )


@blueprint.post("/loans/<int:loan_id>/cancel")
@blueprint.arguments(WhyBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def cancel(body: Json, loan_id: int) -> Response:
    """Call it off before the object has left."""
    return act(lambda: services.cancel(loan_id=loan_id, actor_id=current_user.id, why=body["why"], now=g.now))


@blueprint.post("/loans/<int:loan_id>/renew")
@blueprint.arguments(RenewBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def renew(body: Json, loan_id: int) -> Response:
    """Keep it for another period, or until `to`. 409 `renewable_until` names the latest day that can be had in
    `latest`."""
    return act(lambda: services.renew(loan_id=loan_id, actor_id=current_user.id, due=body["due"], now=g.now))


@blueprint.post("/loans/<int:loan_id>/handed-over")
@blueprint.arguments(HandBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def handed_over(body: Json, loan_id: int) -> Response:
    """Between neighbours: the object has changed hands. It counts at once when the borrower says so or a code was
    scanned, else after 24 hours without objection."""
    return act(
        lambda: services.hand_over(loan_id=loan_id, actor_id=current_user.id, code=body["code"], now=g.now)
    )


@blueprint.post("/loans/<int:loan_id>/handed-back")
@blueprint.arguments(HandBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def handed_back(body: Json, loan_id: int) -> Response:
    """Between neighbours: the object is back. It counts at once when the owner says so or a code was scanned, else
    after 24 hours without objection."""
    return act(
        lambda: services.hand_back(loan_id=loan_id, actor_id=current_user.id, code=body["code"], now=g.now)
    )


@blueprint.post("/loans/<int:loan_id>/contest")
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def contest(loan_id: int) -> Response:
    """Between neighbours: what the other one says has changed hands has not."""
    return act(lambda: services.contest(loan_id=loan_id, actor_id=current_user.id, now=g.now))


@blueprint.post("/loans/<int:loan_id>/undo")
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def undo(loan_id: int) -> Response:
    """Take back the last scan of this loan at its hub's counter, for ten minutes: a check-out is reserved again (or
    cancelled, when there was no reservation), a check-in is out again. 409 `nothing_to_undo`, `too_late_to_undo`,
    `built_upon`."""

    def do() -> Loan:
        loan = queries.loan_for(loan_id, current_user.id)
        if loan.hub_id is None:
            raise Conflict("lending.nothing_to_undo")
        return services.undo(loan_id=loan_id, hub_id=loan.hub_id, actor_id=current_user.id, now=g.now)

    return act(do)


# -- messages ---------------------------------------------------------------------------------------------


@blueprint.get("/loans/<int:loan_id>/messages")
@blueprint.arguments(jsonapi.PageArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(MessageSchema))
def messages(asked: Json, loan_id: int) -> Response:
    """What was said about this loan, oldest first."""
    loan = queries.loan_for(loan_id, current_user.id)
    start = after("messages", asked["cursor"], length=1)
    said = message_queries.said_about(
        "loan", loan.id, after_id=start[0] if start else 0, limit=asked["limit"] + 1
    )
    page = page_of("messages", said, limit=asked["limit"], key=lambda one: (one.id,))
    return jsonify(jsonapi.page_json(page, lambda one: message_json(loan.id, one)))


def message_json(loan_id: int, said: Said) -> Json:
    """A message as the API tells it."""
    return {
        "id": str(said.id),
        "author": {"id": str(said.author_id), "name": said.author},
        "text": said.text,
        "photo": photo_json(loan_id, said.photo, said.photo_width, said.photo_height),
        "at": jsonapi.moment(said.at),
    }


def photo_json(loan_id: int, name: str | None, width: int | None, height: int | None) -> Json | None:
    """Where a program finds a photo of this loan."""
    if name is None:
        return None
    address = url_for("condition_api.photo", loan_id=loan_id, name=name)
    return {"url": address, "width": width, "height": height}


@blueprint.post("/loans/<int:loan_id>/messages")
@blueprint.arguments(MessageBody)
@blueprint.response(201, MessageSchema)
def post_message(body: Json, loan_id: int) -> Response:
    """Say something to the other one."""

    def do() -> Json:
        message: Any = services.post_message(
            loan_id=loan_id, actor_id=current_user.id, text=body["text"], now=g.now
        )
        author = current_user
        return message_json(loan_id, Said(message.id, author.id, author.name, message.text, message.at))

    return jsonapi.act(do, status=201)
