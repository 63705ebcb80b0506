"""Who hears of money that went back."""

from datetime import datetime

from app.events.payments import RefundMade
from app.notifications import services as notifications


def tell_refunded(event: RefundMade, *, now: datetime) -> None:
    """She is told how much came back, and where to."""
    kind = "refunded" if event.means == "card" else "refunded_at_counter"
    notifications.tell(
        resident_id=event.resident_id,
        kind=f"payments.{kind}",
        params={"cents": event.cents, "currency": event.currency},
        path="/balance",
        key=f"payments.refunded:{event.source}",
        now=now,
    )
