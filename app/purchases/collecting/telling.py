"""What is told while cards are asked."""

from collections.abc import Sequence
from datetime import datetime

from app.notifications import services as notifications
from app.notifications.rules import Telling
from app.purchases.collecting.asking import Asked
from app.purchases.models import Campaign
from app.purchases.services.ground import organizers_of


def ask_organizers(campaign: Campaign, found: Sequence[Asked], *, now: datetime) -> None:
    """Some cards were refused: those who look after the campaign say how it goes on. Once, until other cards were
    asked."""
    last = max(asked.card.attempt_id or 0 for asked in found)
    out = sum(asked.card.how != "secured" for asked in found)
    notifications.tell_many(
        (
            Telling(
                resident_id=resident_id,
                kind="collecting.refused",
                params={"title": campaign.title, "count": out, "until": campaign.decide_by},
                path=f"/purchases/{campaign.id}/cards",
                key=f"collecting.refused:{campaign.id}:{last}:{resident_id}",
                timezone=campaign.hub.timezone,
            )
            for resident_id in sorted(organizers_of(campaign))
        ),
        now=now,
    )


def tell_member(
    campaign: Campaign,
    resident_id: int,
    kind: str,
    *,
    key: str,
    path: str | None = None,
    cents: int | None = None,
    now: datetime,
) -> None:
    """One thing to one member, once for its key."""
    words = {"title": campaign.title}
    money = {} if cents is None else {"cents": cents, "currency": campaign.currency}
    notifications.tell(
        resident_id=resident_id,
        kind=f"collecting.{kind}",
        params={**words, **money, "until": campaign.decide_by},
        path=path or f"/purchases/{campaign.id}/pledge",
        key=f"collecting.{kind}:{key}",
        timezone=campaign.hub.timezone,
        now=now,
    )
