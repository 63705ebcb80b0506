"""What happens to campaigns. Moments tell apart what can happen twice."""

from dataclasses import dataclass
from datetime import datetime

from app.events.base import Event


@dataclass(frozen=True)
class CampaignOpened(Event):
    """Neighbours can pledge."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignChanged(Event):
    """Whoever pledged has to know: `what` of "closes_at", "delivery_day" changed."""

    campaign_id: int
    what: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class CampaignPrepared(Event):
    """The next one of those that repeat was made, and opens by itself unless its organizer says otherwise."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignNotOpened(Event):
    """Its time had come, and it could not open: `why` is the code of the reason, `params` what its sentence names."""

    campaign_id: int
    why: str
    params: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class MinimumReached(Event):
    """What is pledged is enough for the first time: the order leaves at closing."""

    campaign_id: int


@dataclass(frozen=True)
class PledgeLapsed(Event):
    """No card came for a pledge in time; its units are free again. `at` tells apart what can happen twice."""

    pledge_id: int
    at: datetime


@dataclass(frozen=True)
class CampaignFailed(Event):
    """It closed below its minimum: nobody pays anything."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignCollecting(Event):
    """It closed with enough; now the cards are asked."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignSucceeded(Event):
    """It is bought: what each pays is fixed."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignCancelled(Event):
    """Its organizer called it off, from the state `before`."""

    campaign_id: int
    before: str


@dataclass(frozen=True)
class CampaignOrdered(Event):
    """The order went to the supplier."""

    campaign_id: int


@dataclass(frozen=True)
class GoodsArrived(Event):
    """It is at the hub, counted, and can be picked up."""

    campaign_id: int


@dataclass(frozen=True)
class PledgePickedUp(Event):
    """Somebody has what was hers; `by_id`: who handed it out."""

    pledge_id: int
    by_id: int
    at: datetime


@dataclass(frozen=True)
class CampaignSettled(Event):
    """Every cent of it has found its place."""

    campaign_id: int


@dataclass(frozen=True)
class PledgeRemoved(Event):
    """It goes on without this one: its card could not pay, and nothing was taken."""

    pledge_id: int
