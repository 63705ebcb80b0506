"""The distance that many points are measured by is geopy's."""

from hypothesis import given
from hypothesis import strategies as st

from app.geo.distance import from_here, metres

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_many_points_are_measured_as_geopy_measures_one(
    lat: float, lon: float, there_lat: float, there_lon: float
) -> None:
    assert abs(from_here(lat, lon)(there_lat, there_lon) - metres(lat, lon, there_lat, there_lon)) <= 1


def test_a_known_distance() -> None:
    assert 32_500 < from_here(44.9334, 4.8924)(44.6975, 5.1965) < 36_500  # Valence to Saillans
    assert from_here(44.7, 5.2)(44.7, 5.2) == 0
