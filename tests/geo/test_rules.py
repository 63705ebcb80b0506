"""Cells hide the point, boxes hold the circle."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.geo import rules
from app.geo.distance import metres

lats = st.floats(-85, 85)
lons = st.floats(-180, 180)


@given(lats, lons, st.sampled_from([rules.HOME_M, rules.PUBLISHED_M, rules.COARSE_M]))
@example(45.0, 179.9999, rules.COARSE_M)
@example(45.0, -180.0, rules.COARSE_M)
@example(45.0, 180.0, rules.HOME_M)
def test_a_cell_is_where_the_point_is_and_says_only_its_centre(lat: float, lon: float, width: int) -> None:
    centre = rules.cell(lat, lon, width)
    assert metres(lat, lon, centre.lat, centre.lon) <= width  # half a diagonal is 0.71 widths
    again = rules.cell(centre.lat, centre.lon, width)
    assert (again.lat, again.lon) == (centre.lat, centre.lon)


def test_neighbours_of_one_cell_are_published_at_one_point() -> None:
    here = rules.cell(45.7640, 4.8357, rules.PUBLISHED_M)
    assert rules.cell(here.lat + 0.002, here.lon + 0.002, rules.PUBLISHED_M) == here


@given(lats, lons, st.floats(0.1, 2000), st.floats(0, 360), st.floats(0, 1))
def test_the_box_holds_every_point_of_the_circle(
    lat: float, lon: float, km: float, bearing: float, part: float
) -> None:
    angle = km * part * 1000 / (rules.METRES_PER_DEGREE * 180 / math.pi)
    phi, theta = math.radians(lat), math.radians(bearing)
    lat2 = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(theta))
    lon2 = math.radians(lon) + math.atan2(
        math.sin(theta) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(lat2)
    )
    box = rules.box_around(lat, lon, km)
    point_lat, point_lon = math.degrees(lat2), (math.degrees(lon2) + 180) % 360 - 180
    slack = 1e-6
    assert box.south - slack <= point_lat <= box.north + slack
    if box.west <= box.east:
        assert box.west - slack <= point_lon <= box.east + slack
    else:
        assert point_lon >= box.west - slack or point_lon <= box.east + slack


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_nowhere_is_not_a_place(place: tuple[float, float]) -> None:
    assert not rules.valid(*place)
