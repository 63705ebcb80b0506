"""How far it is, through geopy; and the same figure in plain numbers, where a page asks for hundreds."""

import math
from collections.abc import Callable

from geopy.distance import EARTH_RADIUS, great_circle


def metres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> int:
    """Great-circle distance between two points, in whole metres."""
    return round(float(great_circle((lat_a, lon_a), (lat_b, lon_b)).meters))


def from_here(lat: float, lon: float) -> Callable[[float, float], int]:
    """`metres` from one place to many: geopy's own formula on its own sphere, without an object for each point."""
    radius = float(EARTH_RADIUS) * 1000
    here, east = math.radians(lat), math.radians(lon)
    sin_here, cos_here = math.sin(here), math.cos(here)

    def to(there_lat: float, there_lon: float) -> int:
        there, turn = math.radians(there_lat), math.radians(there_lon) - east
        sin_there, cos_there, cos_turn = math.sin(there), math.cos(there), math.cos(turn)
        angle = math.atan2(
            math.hypot(cos_there * math.sin(turn), cos_here * sin_there - sin_here * cos_there * cos_turn),
            sin_here * sin_there + cos_here * cos_there * cos_turn,
        )
        return round(radius * angle)

    return to
