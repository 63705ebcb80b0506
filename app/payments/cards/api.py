"""What is asked of one's card, for programs: what opens the provider's own form, and what has become of it. Nothing of a
card itself ever comes here: it goes from the program to the provider."""

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.payments.cards import carrying, queries, rules, services
from app.payments.cards.models import PaymentAttempt
from app.payments.cards.views import opening, refused

blueprint = Blueprint(
    "cards_api", __name__, url_prefix="/api/v1", description="Payments: what is asked of one's card."
)

Json = jsonapi.Json


class PaymentSchema(ma.Schema):
    """Something asked of a card. `save` keeps one, `authorize` holds a sum on it, and so on. While it `requires_action`,
    the provider's library opens its form with `publishable_key` and `client_secret` (and `payment_method`, where it is
    about a card that is kept); where it was `declined`, `detail` says why."""

    id = fields.String()
    kind = fields.String(metadata={"enum": list(rules.KINDS)})
    status = fields.String(metadata={"enum": list(rules.STATUSES)})
    cents = fields.Integer()
    currency = fields.String()
    detail = fields.String()
    publishable_key = fields.String(allow_none=True)
    client_secret = fields.String(allow_none=True)
    payment_method = fields.String(allow_none=True)


@blueprint.get("/payments/<int:attempt_id>")
@blueprint.response(200, PaymentSchema)
def show(attempt_id: int) -> Response:
    """What is asked of one's own card, and what opens the provider's form for it."""
    attempt = queries.attempt_of(attempt_id, viewer_id=current_user.id)
    said, opened = _json(attempt), opening(attempt)
    if opened is not None:
        said |= {
            "publishable_key": opened.publishable,
            "client_secret": opened.secret,
            "payment_method": opened.method or None,
        }
    answer = jsonify(said)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/payments/<int:attempt_id>/confirmed")
@blueprint.response(200, PaymentSchema)
def confirmed(attempt_id: int) -> Response:
    """The card was given to the provider, or its bank was answered: look how it stands. Said twice, it holds once."""
    queries.attempt_of(attempt_id, viewer_id=current_user.id)
    carrying.carry_out(attempt_id, now=g.now)
    return jsonify(_json(queries.attempt_of(attempt_id, viewer_id=current_user.id)))


@blueprint.post("/payments/<int:attempt_id>/another-card")
@blueprint.response(201, PaymentSchema)
def another_card(attempt_id: int) -> Response:
    """Begin to leave another card in place of one that was refused; asked again, it is the same beginning until that card
    is there. Its own address says what opens the form."""
    begun: list[int] = []

    def do() -> Json:
        begun.clear()  # where it is tried again
        attempt = services.another_card(attempt_id=attempt_id, actor_id=current_user.id, now=g.now)
        begun.append(attempt.id)
        return _json(attempt)

    answer = jsonapi.act(do, status=201)
    for number in begun:
        carrying.carry_out(number, now=g.now)
    return answer


def _json(attempt: PaymentAttempt) -> Json:
    return {
        "id": str(attempt.id),
        "kind": attempt.kind,
        "status": attempt.status,
        "cents": attempt.cents,
        "currency": attempt.currency,
        "detail": refused(attempt),
        "publishable_key": None,
        "client_secret": None,
        "payment_method": None,
    }
