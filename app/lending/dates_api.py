"""The days of loans, for programs: other days for a reservation, keeping several longer at once; lost and found."""

import marshmallow as ma
from flask import Response, g
from flask_login import current_user
from marshmallow import fields

from app.core import http, jsonapi
from app.core.errors import Invalid
from app.core.text import whole
from app.lending import services
from app.lending.api import Json, LoanSchema, RenewBody, act, blueprint, told


class DaysBody(jsonapi.Body):
    """The days that are wanted instead, both included."""

    first_day = fields.Date(required=True, data_key="from")
    due = fields.Date(required=True, data_key="to")


class RenewSeveralBody(RenewBody):
    """Which loans, 100 at most, and until when; without it, a whole period each."""

    loans = fields.List(fields.String(), required=True)


class KeptLongerSchema(ma.Schema):
    """What became of one of several: the loan as it is now, or the problem that it met."""

    id = fields.String()
    loan = fields.Nested(LoanSchema, allow_none=True)
    problem = fields.Nested(jsonapi.ProblemSchema, allow_none=True)


class KeptLoansSchema(ma.Schema):
    """One line for each loan that was named, in that order."""

    items = fields.List(fields.Nested(KeptLongerSchema))


@blueprint.post("/loans/renew")
@blueprint.arguments(RenewSeveralBody)
@blueprint.response(200, KeptLoansSchema)
def renew_several(body: Json) -> Response:
    """Keep several longer, each as `/loans/{id}/renew` would; one that cannot be does not hold back the others."""
    ids = [number for number in map(whole, body["loans"]) if number is not None]
    if len(ids) < len(body["loans"]):
        raise Invalid({"loans": "core.not_a_choice"})
    return jsonapi.act(
        lambda: {
            "items": [
                _kept_json(one)
                for one in services.renew_several(
                    loan_ids=ids, actor_id=current_user.id, due=body["due"], now=g.now
                )
            ]
        }
    )


def _kept_json(one: services.Kept) -> Json:
    return {
        "id": str(one.loan_id),
        "loan": told(one.loan) if one.loan else None,
        "problem": http.problem_body(one.problem) if one.problem else None,
    }


@blueprint.post("/loans/<int:loan_id>/days")
@blueprint.arguments(DaysBody)
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def change_days(body: Json, loan_id: int) -> Response:
    """Other days for what was asked for or reserved, refused as a new reservation is. A neighbour who agreed to other
    days is asked again: the loan is `requested` until she answers."""
    return act(
        lambda: services.change_days(
            loan_id=loan_id,
            actor_id=current_user.id,
            first_day=body["first_day"],
            due=body["due"],
            now=g.now,
        )
    )


@blueprint.post("/loans/<int:loan_id>/lost")
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def mark_lost(loan_id: int) -> Response:
    """It will not come back: a coordinator decides, or the owner where there is no hub. Again: the same answer."""
    return act(lambda: services.mark_lost(loan_id=loan_id, actor_id=current_user.id, now=g.now))


@blueprint.post("/loans/<int:loan_id>/found")
@blueprint.response(200, LoanSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def find_again(loan_id: int) -> Response:
    """It turned up after all: the loan is `returned`, the object can be lent. 409 `not_lost`."""
    return act(lambda: services.find_again(loan_id=loan_id, actor_id=current_user.id, now=g.now))
