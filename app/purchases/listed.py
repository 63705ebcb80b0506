"""A campaign as lists read it: columns, not rows."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Listed:
    """One campaign in a list. `pledged`: whether the reader has pledged; `distance_m` where a place was given."""

    id: int
    title: str
    supplier: str
    status: str
    opens_at: datetime | None
    closes_at: datetime
    delivery_day: date
    ready_at: datetime | None
    hub_id: int
    hub_name: str
    hub_slug: str
    timezone: str
    currency: str
    minimum_cents: int
    pledged_cents: int
    pledgers: int
    pledged: bool
    distance_m: int | None = None
