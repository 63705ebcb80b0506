"""What a member can do with her own money: pay what she owes with what is hers."""

from datetime import datetime

from app.core.errors import Conflict
from app.payments.ledger import statements
from app.payments.ledger.services import carry
from app.payments.ledger.subjects import key_of, named


def use(*, once: str, subject: str, currency: str, actor_id: int, now: datetime) -> int:
    """So many cents of what she owes for this are paid with what is hers at the same hub, once for each form that was
    shown. Raises `Conflict` payments.nothing_hers."""
    key = key_of("use", once)
    open_now = [one for one in statements.open_of(actor_id) if one.currency == currency]
    names = named([subject, *(one.subject for one in open_now)])
    left = sum(-one.cents for one in open_now if one.subject == subject and one.cents < 0)
    used = 0
    for one in open_now:
        if one.cents <= 0 or names[one.subject].hub_id != names[subject].hub_id or left <= used:
            continue
        cents = min(one.cents, left - used)
        carry(
            key=f"{key}:{one.subject}",
            resident_id=actor_id,
            from_subject=one.subject,
            to_subject=subject,
            cents=cents,
            currency=currency,
            actor_id=actor_id,
            now=now,
        )
        used += cents
    if not used:
        raise Conflict("payments.nothing_hers")
    return used
