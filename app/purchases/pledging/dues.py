"""What members owe for a campaign that succeeded, written into the ledger once."""

from collections.abc import Iterable
from datetime import datetime

from app.payments.ledger.rules import Account
from app.payments.ledger.services import post as write
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge


def post(
    campaign: Campaign, pledges: Iterable[Pledge], *, actor_id: int | None = None, now: datetime
) -> None:
    """Each of these owes her total, and the campaign has been promised it; whose total is nothing owes nothing. Said
    again, it holds once. Whoever captures a card posts this before."""
    for pledge in pledges:
        if pledge.total_cents:
            write(
                source=pledge.subject,
                kind="due",
                subject=pledge.subject,
                lines=[
                    (Account.member(pledge.resident_id), pledge.total_cents),
                    (Account.campaign(campaign.subject), -pledge.total_cents),
                ],
                currency=campaign.currency,
                actor_id=actor_id,
                now=now,
            )
