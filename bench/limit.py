"""The limit: a bare Flask view with one hand-written statement over the same database. Nothing can be quicker that
finds twenty objects near a place and says them in HTML."""

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, request
from markupsafe import escape

STEPS_KM = (0.25, 1, 3, 9, 27, 81, 243, 2000)
INSIDE = (
    "item.status = 'active' AND item.lat BETWEEN :lat - {km} / 111.2 AND :lat + {km} / 111.2"
    " AND item.lon BETWEEN :lon - {km} / 75.0 AND :lon + {km} / 75.0"
)
STATEMENT = (
    "WITH step(km) AS (VALUES " + ", ".join(f"({km})" for km in STEPS_KM) + "), box AS ("
    "SELECT km FROM step WHERE (SELECT count(*) FROM (SELECT 1 FROM item WHERE "
    + INSIDE.format(km="step.km")
    + " LIMIT 20) AS few) >= 20 ORDER BY km LIMIT 1)"
    " SELECT item.id, item.title, hub.name, item.picture FROM box CROSS JOIN item LEFT JOIN hub ON hub.id = item.hub_id"
    " WHERE "
    + INSIDE.format(km="box.km")
    + " ORDER BY (item.lat - :lat) * (item.lat - :lat) + (item.lon - :lon) * (item.lon - :lon) * 0.5, item.id LIMIT 20"
)
CARD = '<li><img src="{3}"><a href="/items/{0}">{1}</a> {2}</li>'

app = Flask(__name__)
_here = threading.local()


def _rows(given: dict[str, float]) -> list[tuple[Any, ...]]:
    url = os.environ["DATABASE_URL"]
    if not hasattr(_here, "connection"):
        on_sqlite = url.startswith("sqlite")
        _here.statement = (
            STATEMENT if on_sqlite else STATEMENT.replace(":lat", "%(lat)s").replace(":lon", "%(lon)s")
        )
        _here.connection = (
            sqlite3.connect(url.removeprefix("sqlite:///"))
            if on_sqlite
            else psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
        )
    return list(_here.connection.execute(_here.statement, given).fetchall())


@app.get("/items")
def near() -> str:
    """Twenty objects around `near`."""
    lat, _, lon = request.args["near"].partition(",")
    rows = _rows({"lat": float(lat), "lon": float(lon)})
    return "<ul>" + "".join(CARD.format(*map(escape, row)) for row in rows) + "</ul>"
