"""The page on which a card is left, or its bank is answered; the cards that one has left; and the door at which the
provider tells us things. Nothing of a card itself ever comes here: it goes from the browser to the provider."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import http
from app.core.db import transaction
from app.core.i18n import _, sentence
from app.payments.cards import carrying, queries, rules, services
from app.payments.cards.models import PaymentAttempt
from app.payments.gateways import choosing
from config import Config, StripeKeys

blueprint = Blueprint("cards", __name__)

LONGEST_WEBHOOK = 256 * 1024
AFTERWARDS = "/balance"
FRAMES = "https://js.stripe.com https://hooks.stripe.com"
"""Where the provider's own fields, and the page of the card's bank, come from."""


@dataclass(frozen=True)
class Opened:
    """What the provider's form needs. `secret` opens it for this one attempt."""

    publishable: str
    js_url: str
    api_url: str
    secret: str
    method: str


@blueprint.get("/payments/<int:attempt_id>/card")
def paying(attempt_id: int) -> str:
    """Leave a card, or answer its bank; then back to where one came from."""
    attempt = queries.attempt_of(attempt_id, viewer_id=current_user.id)
    opened = opening(attempt)
    if opened is not None:
        _let_in(opened)
    attempt = queries.attempt_of(
        attempt_id, viewer_id=current_user.id
    )  # asking the provider ended the reading
    return render_template(
        "payments/card.html",
        attempt=attempt,
        card=queries.card_of(attempt.subject),
        enabled=queries.enabled(),
        opened=opened,
        refused=refused(attempt),
        path=_afterwards(),
    )


def opening(attempt: PaymentAttempt) -> Opened | None:
    """The provider's form for an attempt that waits for its owner; None where it has nothing to ask of her now. Asks the
    provider: ends the reading that was begun."""
    if attempt.status != "requires_action":
        return None
    keys, method = _keys(), attempt.parameters.get("method", "")
    answer = carrying.glance(attempt.id)
    if keys is None or answer is None or answer.outcome != "requires_action" or not answer.secret:
        return None
    return Opened(
        keys.publishable, keys.js_url, keys.api_base or "https://api.stripe.com", answer.secret, method
    )


def _let_in(opened: Opened) -> None:
    """This one page may load the provider's script, and that script speak with the provider."""
    script = urlsplit(opened.js_url)
    origin = f"{script.scheme}://{script.netloc}"
    http.let_in(
        script_src=origin,
        connect_src=" ".join(dict.fromkeys((opened.api_url, origin))),
        frame_src=f"{FRAMES} {origin}",
    )


def _keys() -> StripeKeys | None:
    config: Config = current_app.extensions["movilab.config"]
    return config.stripe


def refused(attempt: PaymentAttempt) -> str:
    """Why a card was refused, as far as its bank says so to anybody."""
    if attempt.status != "declined":
        return ""
    code = f"cards.why.{attempt.code}"
    return sentence(code if code in KNOWN_REASONS else "cards.why.declined")


KNOWN_REASONS = frozenset(
    f"cards.why.{code}"
    for code in (
        "no_card", "too_small", "called_off", "abandoned", "released", "at_the_counter", "expired_card",
        "insufficient_funds", "lapsed",
    )
)  # fmt: skip


@blueprint.post("/payments/<int:attempt_id>/card")
def go_on(attempt_id: int) -> Response:
    """She has left her card, or answered her bank: look how it stands. Also for who wants to try again."""
    queries.attempt_of(attempt_id, viewer_id=current_user.id)
    carrying.carry_out(attempt_id, now=g.now)
    attempt = queries.attempt_of(attempt_id, viewer_id=current_user.id)
    if attempt.status == "succeeded":
        said = {"save": _("Votre carte est gardée."), "charge": _("C’est payé.")}
        flash(said.get(attempt.kind, _("C’est confirmé avec votre banque.")), "ok")
        return redirect(_afterwards())
    if attempt.status not in rules.ENDED and attempt.status != "requires_action":
        flash(_("Stripe n’a pas encore répondu. On redemande : rien n’est pris deux fois."), "warn")
    return redirect(url_for("cards.paying", attempt_id=attempt_id, path=_afterwards()))


@blueprint.post("/payments/<int:attempt_id>/another-card")
def another_card(attempt_id: int) -> Response:
    """Leave another card for the same purpose, in place of one that was refused."""
    with transaction():
        planned = services.another_card(attempt_id=attempt_id, actor_id=current_user.id, now=g.now)
    carrying.carry_out(planned.id, now=g.now)
    return redirect(url_for("cards.paying", attempt_id=planned.id, path=_afterwards()))


@blueprint.get("/payments/cards")
def index() -> str:
    """The cards that one has left, each with what it is for."""
    return render_template("payments/cards.html", cards=queries.cards_of(current_user.id))


@blueprint.post("/payments/cards/<int:card_id>/remove")
def remove(card_id: int) -> Response:
    with transaction():
        card = services.remove_card(card_id=card_id, actor_id=current_user.id, now=g.now)
        last4 = card.last4
    flash(_("La carte qui finit par %(last4)s n’est plus gardée.", last4=last4), "ok")
    return redirect(url_for("cards.index"))


def _afterwards() -> str:
    return http.safe_next(request.values.get("path")) or AFTERWARDS


@blueprint.post("/payments/stripe/webhook")
def webhook() -> tuple[str, int]:
    """The provider tells something: its hand is proved on the very bytes, and it is written down once."""
    request.max_content_length = LONGEST_WEBHOOK
    told = choosing.gateway().parse_webhook(request.get_data(), request.headers.get("Stripe-Signature", ""))
    with transaction():
        services.hear(told=told, now=g.now)
    return "", 200
