"""What the databases do for a search: they find their way by an index, however many objects there are."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from app.cli.demo.loader import FEWEST, load
from app.core.db import db
from app.items import search
from app.items.filters import Wanted
from bench import territory
from bench.towns import towns
from tests.harness.databases import KINDS, Databases
from tests.harness.statements import NOT_COUNTED

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
OBJECTS = 12_000
LYON = (towns()[2].lat, towns()[2].lon)
DAYS = {"first_day": NOW.date() + timedelta(days=3), "due": NOW.date() + timedelta(days=5)}
READ_WHOLE = re.compile(r"SCAN (item|item_claim)\b|Seq Scan on (item|item_claim)\b")


@pytest.fixture(scope="module", params=KINDS)
def country(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Flask]:
    """A country of some thousand objects, whose planner knows how many there are."""
    database = databases.fresh(request.param, "plans")
    with database.app.app_context():
        load(objects=FEWEST, seed=1, now=NOW)
        db.session.remove()
        territory.fill(database.url, objects=OBJECTS, seed=1, today=NOW.date())
        yield database.app
        db.session.remove()
    database.dispose()


def plans(wanted: Wanted, *, signed_in: bool = True, pages: int = 1) -> tuple[list[str], int]:
    """The plan of each statement of the last of so many pages, as the database at hand tells it, and how many lines the
    page has."""
    cursor = None
    for _ in range(pages - 1):
        cursor = search.page(wanted, signed_in=signed_in, cursor=cursor, now=NOW).next
        assert cursor is not None
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, given: Any, *_rest: Any) -> None:
        if not text.lstrip().upper().startswith(NOT_COUNTED):
            seen.append((text, given))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        page = search.page(wanted, signed_in=signed_in, cursor=cursor, now=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    connection = db.session.connection()
    explain = (
        "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, TIMING OFF) "
    )
    told = [connection.exec_driver_sql(explain + text, given).all() for text, given in seen]
    # Of the boxes that are counted, the largest are planned on PostgreSQL but never come to be asked.
    done = [[str(line[-1]) for line in lines if "never executed" not in str(line[-1])] for lines in told]
    return ["\n".join(lines) for lines in done], len(page.lines)


@pytest.mark.parametrize(
    ("wanted", "signed_in", "pages", "by"),
    [
        pytest.param(Wanted(near=LYON, sort="near"), True, 1, r"ix_item_place", id="near"),
        pytest.param(Wanted(near=LYON, sort="near"), True, 3, r"ix_item_place", id="near, the third page"),
        pytest.param(
            Wanted(near=LYON, sort="near"), False, 1, r"ix_item_coarse_place", id="near, by a stranger"
        ),
        pytest.param(
            Wanted(near=LYON, radius_km=20, sort="near", **DAYS),
            True,
            1,
            r"ix_item_place",
            id="near, on free days",
        ),
        pytest.param(
            Wanted(near=LYON, category="perceuses", sort="near"),
            True,
            1,
            r"ix_item_(category_)?place",
            id="near, a shelf",
        ),
        pytest.param(Wanted(sort="new"), True, 1, r"ix_item_new", id="newest"),
        pytest.param(Wanted(sort="new"), True, 2, r"ix_item_new", id="newest, the second page"),
        pytest.param(Wanted(hub="maison-des-tilleuls", sort="new"), True, 1, r"ix_item_hub", id="a hub"),
        pytest.param(
            Wanted(q="alambic", near=LYON, sort="relevance"),
            True,
            1,
            r"item_words",
            id="a rare word near somewhere",
        ),
        pytest.param(Wanted(q="alambic", sort="relevance"), True, 1, r"item_words", id="a rare word"),
    ],
)
def test_a_search_finds_its_way_by_an_index(
    country: Flask, wanted: Wanted, signed_in: bool, pages: int, by: str
) -> None:
    told, lines = plans(wanted, signed_in=signed_in, pages=pages)
    assert lines
    assert any(re.search(by, plan) for plan in told), told
    assert [plan for plan in told if READ_WHOLE.search(plan)] == []


def test_the_days_of_a_page_are_read_by_their_objects(country: Flask) -> None:
    told, _ = plans(Wanted(near=LYON, sort="near"))
    assert any("ix_item_claim_live" in plan or "ex_item_claim_overlap" in plan for plan in told), told
