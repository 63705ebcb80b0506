"""Where people live: the communes of the gazetteer, which the measured country is made of."""

import math
import sqlite3
from dataclasses import dataclass
from functools import cache

from app.geo import places


@dataclass(frozen=True)
class Town:
    """A commune, its middle, and how many live there."""

    name: str
    lat: float
    lon: float
    people: int

    @property
    def spread_km(self) -> float:
        """How wide it is: two out of three live within so many km of its middle (some 5,000 within 900 m)."""
        return float(0.9 * math.sqrt(max(self.people, 100) / 5_000))


@cache
def towns() -> list[Town]:
    """Every commune whose point is known, the biggest first."""
    known = sqlite3.connect(f"file:{places.FILE}?mode=ro", uri=True)
    try:
        rows = known.execute(
            "SELECT name, lat, lon, people FROM place WHERE kind = ? AND lat IS NOT NULL AND people > 0 ORDER BY id",
            [places.KINDS.index("commune")],
        )
        return [Town(name, lat / places.PARTS, lon / places.PARTS, people) for name, lat, lon, people in rows]
    finally:
        known.close()
