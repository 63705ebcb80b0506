"""The rows marked "search": the near-me page and its sisters, at 1,000 to 1,000,000 objects, on both databases."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from urllib.parse import quote

from app.cli.demo.people import scattered
from bench import fill, load, servers, statements
from bench.blocks import Block, Found, Row, block, hello
from bench.towns import towns
from config import Config
from tests.harness.postgres import PostgresServer, binaries

DATABASES = ("sqlite", "postgresql")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MEASURED, LARGEST = 100_000, 1_000_000
OBJECTS_FOR_A_SKILL = 5
POINTS = 300
SECONDS = 4.0
QUERIES = (
    "perceuse", "echelle", "tondeuse", "velo", "tente", "appareil à raclette", "machine à coudre", "livre", "bosch",
    "scie sauteuse", "l'escabeau", "plates-bandes", "drill", "ladder", "sewing machine", "théodolite", "vielle à roue",
    "alambic", "rouet", "kayak", "bois", "lot", "électrique", "pour enfant",
)  # fmt: skip
"""Common and rare words, French and English, several and one; each is looked for near a place on free days."""


SERVED = {"MOVILAB_LOG_LEVEL": "INFO", "MOVILAB_RATE_LIMITS": "on"}
"""As it is in use: logs written, limits in force."""


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """An empty installation on this database, as it is served."""
    with tempfile.TemporaryDirectory(prefix="movilab-bench-") as name:
        if kind == "sqlite":
            yield servers.environ(Path(name), f"sqlite:///{name}/movilab.sqlite3") | SERVED
            return
        found = binaries()
        if found is None:
            raise SystemExit("PostgreSQL: no server on this machine (initdb not found).")
        server = PostgresServer(found, shared_buffers="1GB", work_mem="16MB")
        try:
            yield servers.environ(Path(name), server.create("bench")) | SERVED
        finally:
            server.stop()


def blocks(kind: str, sizes: tuple[int, ...]) -> Iterator[Block]:
    """A block for each size, the smallest first: what is there grows."""
    with database(kind) as settings:
        for size in sorted(sizes):
            fill.fill(settings, objects=size, taught=size // OBJECTS_FOR_A_SKILL)
            yield _block(kind, settings, size)


def filled(size: int) -> Block:
    """The block of the installation that the environment names, as `bench.fill` left it with `size` objects: what
    took long to fill is measured as often as wanted."""
    config = Config.from_environ({**os.environ, "MOVILAB_ENV": "demo"})
    kind = "sqlite" if config.database_url.startswith("sqlite") else "postgresql"
    return _block(kind, servers.environ(config.folder, config.database_url) | SERVED, size)


def _block(kind: str, settings: dict[str, str], size: int) -> Block:
    before = hello()
    found = _measured(settings, size)
    after = hello()
    return block(f"search {kind} {size}", before=before, after=after, found=_told(found, before, after, size))


def points(count: int = POINTS) -> list[str]:
    """Places where people live, as addresses of pages write them."""
    rng, known = Random(11), towns()
    weights = list(accumulate(town.people for town in known))
    found = []
    for town in rng.choices(known, cum_weights=weights, k=count):
        lat, lon = scattered(town.lat, town.lon, town.spread_km, rng)
        found.append(f"{lat:.3f},{lon:.3f}")
    return found


def _pages(size: int) -> dict[str, list[str]]:
    """The addresses of each measure. The smaller sizes are there for the growth only."""
    places = points()
    first = datetime.now(UTC).date() + timedelta(days=5)
    days = f"from={first}&to={first + timedelta(days=2)}"
    found = {
        "near": [f"/items?near={place}" for place in places],
        "near, a category": [f"/items?near={place}&category=perceuses" for place in places],
        "skills near": [f"/skills?near={place}" for place in places],
        "newest": ["/items?sort=new&near=home"],
        "words, place, free days": [
            f"/items?q={quote(QUERIES[at % len(QUERIES)])}&near={place}&{days}"
            for at, place in enumerate(places)
        ],
        "object": [f"/items/{number}" for number in range(601, min(size, 3_000), 7)],
    }
    if size >= MEASURED:
        found |= {
            "near, JSON": [f"/api/v1/items?near={place}" for place in places],
            "home": ["/"],
        }
    return found


def _measured(settings: dict[str, str], size: int) -> dict[str, load.Load]:
    """Requests per second of each measure, and of the limit."""
    found: dict[str, load.Load] = {}
    cookie = statements.cookie_of(settings, "resident")
    with servers.gunicorn("wsgi:app", settings, quiet=True) as server:
        for name, paths in _pages(size).items():
            found[name] = _load(server.port, [load.get(path, cookie=cookie) for path in paths])
    url = Config.from_environ(settings).database_url
    with servers.gunicorn(
        "bench.limit:app", {**settings, "DATABASE_URL": url}, config="python:bench.hello"
    ) as server:
        found["limit"] = _load(server.port, [load.get(f"/items?near={place}") for place in points()])
    return found


def _load(port: int, wire: list[bytes]) -> load.Load:
    for request in wire:
        load.one(port, request)  # what is kept after the first visit is kept
    return load.median_of_three(lambda: load.run(port, wire, seconds=SECONDS))


GOALS = {"near": 0.12, "skills near": 0.12, "near, JSON": 0.15, "object": 0.12}


def _told(found: dict[str, load.Load], before: float, after: float, size: int) -> Found:
    yardstick = (before + after) / 2
    figures = {name: seen.per_second / yardstick for name, seen in found.items()}
    rows = []
    for name, seen in found.items():
        goal = GOALS.get(name, 0.0) if size == MEASURED else 0.0
        rows.append(
            Row(
                f"{name} ÷ hello",
                f"{figures[name]:.3f}",
                f"≥ {goal}" if goal else "–",
                figures[name] >= goal and seen.clean,
                f"{seen.per_second:.0f} requests/s, median {seen.median_ms:.1f} ms, statuses {seen.statuses}",
            )
        )
    rows.append(_ratio("near ÷ limit", figures["near"] / figures["limit"], 0.25 if size == MEASURED else 0.0))
    words = figures["words, place, free days"] / figures["near"]
    rows.append(_ratio("words, place, free days ÷ near", words, 0.5 if size == LARGEST else 0.0))
    return Found(rows, figures)


def _ratio(what: str, figure: float, goal: float) -> Row:
    return Row(what, f"{figure:.2f}", f"≥ {goal}" if goal else "–", figure >= goal, "")
