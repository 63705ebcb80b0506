"""How far it is, through geopy."""

from geopy.distance import great_circle


def metres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> int:
    """Great-circle distance between two points, in whole metres."""
    return round(float(great_circle((lat_a, lon_a), (lat_b, lon_b)).meters))
