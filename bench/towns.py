"""Where people live: the towns that the measured country is made of."""

import math
from dataclasses import dataclass
from functools import cache
from random import Random

from app.cli.demo.people import scattered
from app.cli.demo.reading import written


@dataclass(frozen=True)
class Town:
    """A town, its middle, and how many live there."""

    name: str
    lat: float
    lon: float
    people: int

    @property
    def spread_km(self) -> float:
        """How wide it is: two out of three live within so many km of its middle."""
        return float(0.9 * math.sqrt(max(self.people, 100) / 5_000))


@cache
def towns() -> list[Town]:
    """The places of the demo territory, and around each smaller ones, as ranks of towns fall off."""
    rng = Random(7)
    found = []
    for hub in written().hubs:
        for rank in range(1, 60):
            lat, lon = scattered(hub["lat"], hub["lon"], 0 if rank == 1 else 40, rng)
            found.append(Town(f"{hub['name']} {rank}", lat, lon, 60_000 // rank))
    return found
