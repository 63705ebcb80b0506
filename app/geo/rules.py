"""Places as pure numbers: latitudes and longitudes in WGS 84 degrees, distances in metres.

A home is never kept as a point. It is the centre of a cell of a fixed grid: about 200 m wide for its owner, 1 km for
neighbours who search signed in; everybody else is told the centre of the commune (`app.geo.places.coarse`). A fixed
grid, unlike a random shift, cannot be averaged away.
"""

import math
from dataclasses import dataclass

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of the mean earth radius, 6,371,009 m (as geopy's great circle)."""

HOME_M = 200
PUBLISHED_M = 1_000
COARSE_M = 10_000
CENTRES_APART_M = 2_000
"""Communes whose centre stands for the homes around it are at least so far from each other."""
FIRST_BOX_KM = 1.0
LARGEST_BOX_KM = 20_000.0


@dataclass(frozen=True)
class Place:
    """A published point and how wide it is, in metres; 0 is exact."""

    lat: float
    lon: float
    precision_m: int = 0


@dataclass(frozen=True)
class Box:
    """South, north, west, east, in degrees; `west > east` crosses the date line."""

    south: float
    north: float
    west: float
    east: float


def valid(lat: float, lon: float) -> bool:
    """Whether this is a place on earth (NaN and infinities are not)."""
    return math.isfinite(lat) and math.isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180


def read_point(text: str | None) -> tuple[float, float] | None:
    """The point in "45.123,4.567"; None for anything else."""
    parts = (text or "").split(",")
    if len(parts) != 2 or any(len(part) > 30 for part in parts):
        return None
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError:
        return None
    return (lat, lon) if valid(lat, lon) else None


def cell(lat: float, lon: float, width_m: int) -> Place:
    """The centre of the cell of the fixed grid that holds this point; rows of cells are as wide as they are high."""
    step = width_m / METRES_PER_DEGREE
    row = math.floor(lat / step)
    centre_lat = min(90.0, max(-90.0, (row + 0.5) * step))
    # A whole number of columns, so that the grid closes on itself at the date line.
    columns = max(1, math.floor(360 * max(math.cos(math.radians(centre_lat)), 0.01) / step))
    column = math.floor((lon + 180) / 360 * columns) % columns
    return Place(round(centre_lat, 6), round((column + 0.5) * 360 / columns - 180, 6), width_m)


def box_around(lat: float, lon: float, km: float) -> Box:
    """The smallest box of degrees that holds every point within `km` of this one."""
    d_lat = km * 1000 / METRES_PER_DEGREE
    south, north = max(-90.0, lat - d_lat), min(90.0, lat + d_lat)
    if south <= -89.9 or north >= 89.9:
        return Box(south, north, -180.0, 180.0)
    # The circle is widest a little poleward of its centre: sin(Δlon) = sin(d) / cos(lat).
    sine = math.sin(min(math.radians(d_lat), math.pi / 2)) / math.cos(math.radians(lat))
    if sine >= 1:
        return Box(south, north, -180.0, 180.0)
    d_lon = math.degrees(math.asin(sine))
    west, east = lon - d_lon, lon + d_lon
    return Box(south, north, west + 360 if west < -180 else west, east - 360 if east > 180 else east)
