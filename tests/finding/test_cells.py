"""Cells of the earth: a box lies in those that cover it, and both databases reckon as Python does."""

import random

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from app.finding import cells
from app.finding.index import on_postgresql
from app.geo.rules import Box, box_around
from tests import factories as make

EDGES = (
    (0.0, 0.0),
    (90.0, 180.0),
    (-90.0, -180.0),
    (-0.0001, 179.9999),
    (89.95, -12.0),
    (45.015625, 4.984375),
)


def cell(lat: float, lon: float, level: int) -> str:
    north, east = int((lat + 90) * cells.FINEST), int((lon + 180) * cells.FINEST)
    return f"p{level}_{north >> level}_{east >> level}"


def test_whatever_lies_in_a_box_lies_in_a_cell_that_covers_it() -> None:
    rng = random.Random(3)
    for _ in range(400):
        place = rng.choice(
            ((rng.uniform(-90, 90), rng.uniform(-180, 180)), (47.0, 2.0), (-17.0, 179.98), (89.0, 0.0))
        )
        box = box_around(*place, rng.choice((0.1, 0.4, 3.0, 40.0, 300.0)))
        found = cells.covering(box, cells.FINE)
        assert len(found) <= cells.MOST_ACROSS**2
        if not found:
            continue
        level = int(found[0][1])
        width = (box.east - box.west) % 360
        for _ in range(20):
            lon = (box.west + rng.random() * width + 180) % 360 - 180
            assert cell(rng.uniform(box.south, box.north), lon, level) in found


def test_what_is_too_large_has_no_cells() -> None:
    assert cells.covering(Box(-90.0, 90.0, -180.0, 180.0), cells.FINE) == ()


@pytest.mark.parametrize("place", EDGES)
def test_the_databases_reckon_alike(app: Flask, place: tuple[float, float]) -> None:
    item = make.item(owner=make.resident())
    said = cells.for_postgresql() if on_postgresql() else cells.for_sqlite("item")
    with app.app_context():
        db.session.execute(
            text("UPDATE item SET lat = :lat, lon = :lon, coarse_lat = 0, coarse_lon = 0 WHERE id = :id"),
            {"lat": place[0], "lon": place[1], "id": item.id},
        )
        found = db.session.scalar(text(f"SELECT {said} FROM item WHERE id = :id"), {"id": item.id})
        db.session.rollback()
    assert str(found).split()[: cells.LEVELS] == [cell(*place, level) for level in range(cells.LEVELS)]
