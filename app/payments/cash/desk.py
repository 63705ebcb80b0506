"""What a volunteer does with whoever stands before her: take what is owed for anything, give back what is hers."""

from datetime import datetime

from app.core.errors import Conflict, Invalid, Malformed
from app.hubs import services as hubs
from app.payments.cash import services
from app.payments.cash.models import Receipt
from app.payments.ledger.subjects import key_of, named


def settle(
    *,
    once: str,
    way: str,
    hub_id: int,
    resident_id: int,
    subject: str,
    cents: int | None,
    means: str,
    actor_id: int,
    now: datetime,
) -> Receipt:
    """She pays (`way` in) or is paid (out), once for each form that was shown. What is to be paid at another hub is
    not taken here."""
    hubs.require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    key = key_of("desk", once)
    if way not in ("in", "out"):
        raise Malformed("core.malformed")
    if cents is None:
        raise Invalid({"cents": "core.required"})
    elsewhere = named([subject])[subject].hub_id
    if elsewhere not in (None, hub_id):
        raise Conflict("cash.elsewhere")
    act = services.take if way == "in" else services.pay_out
    return act(
        key=key,
        hub_id=hub_id,
        resident_id=resident_id,
        subject=subject,
        cents=cents,
        means=means,
        actor_id=actor_id,
        now=now,
    )
