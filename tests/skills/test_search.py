"""Finding skills: the same search as that of objects, over another table; what can be wrong is that it is not."""

import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, insert, text

from app.core.db import db, transaction
from app.finding import vocabulary
from app.finding.words import forms, search_text, told
from app.geo.distance import metres
from app.geo.rules import COARSE_M, PUBLISHED_M
from app.skills import queries
from app.skills.filters import SKILLS, Wanted
from app.skills.models import Skill
from tests import factories as make
from tests.harness.databases import Database
from tests.harness.statements import NOT_COUNTED

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HERE = (44.6975, 5.1965)
TITLES = (
    "Recoudre un ourlet", "Coudre à la machine", "Parler portugais", "Portugais pour voyager", "Faire son pain",
    "Greffer un pommier", "Tailler les pommiers", "Réparer un vélo", "Vélos : régler les freins", "Lire une facture",
)  # fmt: skip
QUERIES = ("", "ourlets", "portugais", "velo", "pommier", "pain")


def _titles(**wanted: Any) -> list[str]:
    return [line.title for line in queries.page(Wanted(**wanted), signed_in=True, now=NOW).lines]


def test_each_filter_leaves_out_what_does_not_fit(app: Flask) -> None:
    hub = make.hub()
    anna, zoe = make.resident(), make.resident()
    top = make.skill_category("arts")
    branch = make.skill_category("couture-tricot", parent_id=top.id)
    make.skill(anna, "Ourlet", hub=hub, category_id=branch.id, level="expert", created_at=NOW)
    make.skill(zoe, "Pain", kind="need", at_hub=False, online=True, languages=["en", "fr"], created_at=NOW)
    make.skill(zoe, "Vélo", state="paused", created_at=NOW)
    assert set(_titles()) == {"Ourlet", "Pain"}
    assert _titles(kind="need") == _titles(mode="online") == _titles(language="en") == ["Pain"]
    assert _titles(category="arts") == _titles(level="expert") == _titles(hub=hub.slug) == ["Ourlet"]
    assert _titles(hub=str(hub.id), kind="need") == _titles(mode="home") == []


def test_slips_are_understood_by_the_words_of_skills_alone(app: Flask) -> None:
    anna = make.resident()
    make.skill(anna, "Parler portugais", created_at=NOW)
    make.item("Perceuse", owner=anna)
    with transaction():
        vocabulary.count_all(SKILLS)
    page = queries.page(Wanted(q="portugias"), signed_in=True, now=NOW)
    assert ([line.title for line in page.lines], page.meant) == (["Parler portugais"], "portugais")
    assert queries.page(Wanted(q="perseuse"), signed_in=True, now=NOW).meant == ""


def test_a_home_is_no_finer_than_its_cell_and_for_strangers_its_commune(app: Flask) -> None:
    anna = make.resident()
    skill = make.skill(anna, at_hub=False, at_home=True, created_at=NOW)
    (seen,) = queries.page(Wanted(near=HERE, sort="near"), signed_in=True, now=NOW).lines
    (far,) = queries.page(Wanted(near=HERE, sort="near"), signed_in=False, now=NOW).lines
    assert (seen.lat, seen.lon, seen.precision_m) == (skill.lat, skill.lon, PUBLISHED_M)
    assert (far.lat, far.lon, far.precision_m) == (skill.coarse_lat, skill.coarse_lon, COARSE_M)
    assert far.metres == metres(*HERE, skill.coarse_lat, skill.coarse_lon)


def test_walks_find_what_a_plain_look_at_everything_finds(app: Flask) -> None:
    rng = random.Random(7)
    rows = _fill(rng, 240)
    for _walk in range(14):
        near = (HERE[0] + rng.uniform(-0.3, 0.3), HERE[1] + rng.uniform(-0.3, 0.3))
        wanted = Wanted(
            q=rng.choice(QUERIES),
            kind=rng.choice(("", "offer", "need")),
            mode=rng.choice(("", "home", "online")),
            near=near,
            radius_km=rng.choice((None, 4.0, 20.0)),
            sort=rng.choice(("near", "new", "relevance")),
        )
        found, cursor = [], None
        for _page in range(40):
            page = queries.page(wanted, signed_in=True, cursor=cursor, limit=13, now=NOW)
            found += [line.id for line in page.lines]
            if (cursor := page.next) is None:
                break
        if not (page.loose or page.meant):
            expected = _expected(rows, wanted)
            assert sorted(found) == sorted(expected), wanted
            if wanted.sort == "near":
                assert found == expected, wanted


def _fill(rng: random.Random, count: int) -> list[dict[str, Any]]:
    who, branch = make.resident(), make.skill_category()
    rows = []
    for number in range(1, count + 1):
        title = rng.choice(TITLES)
        lat, lon = (round(at + rng.uniform(-0.3, 0.3), 6) for at in HERE)
        rows.append(
            {
                "id": number, "resident_id": who.id, "kind": rng.choice(("offer", "need")), "title": title,
                "note": "", "category_id": branch.id, "level": "beginner", "at_hub": True,
                "at_home": rng.random() < 0.5, "online": rng.random() < 0.5, "languages": ["fr"], "state": "open",
                "search_text": search_text(title), "lat": lat, "lon": lon, "precision_m": 1000,
                "coarse_lat": lat, "coarse_lon": lon, "created_at": NOW - timedelta(minutes=number),
                "updated_at": NOW,
            }
        )  # fmt: skip
    with transaction() as session:
        session.execute(insert(Skill), rows)
    return rows


def _expected(rows: list[dict[str, Any]], wanted: Wanted) -> list[int]:
    def fits(row: dict[str, Any]) -> bool:
        held = f"{row['search_text']} "
        return (
            (not wanted.kind or row["kind"] == wanted.kind)
            and (not wanted.mode or bool(row["at_home" if wanted.mode == "home" else "online"]))
            and (wanted.radius_km is None or away(row) <= 1000 * wanted.radius_km)
            and all(any(f" {form} " in held for form in forms(word)) for word in told(wanted.q))
        )

    def away(row: dict[str, Any]) -> int:
        assert wanted.near is not None
        return metres(*wanted.near, row["lat"], row["lon"])

    return [row["id"] for row in sorted(filter(fits, rows), key=lambda row: (away(row), row["id"]))]


WAYS = (
    Wanted(near=HERE, sort="near", radius_km=3.0),
    Wanted(near=HERE, sort="relevance", q="portugais"),
    Wanted(q="ourlet"),
    Wanted(),
)


@pytest.mark.parametrize("wanted", WAYS, ids=["near", "words and place", "words", "newest"])
def test_both_databases_find_their_way_by_an_index(app: Flask, database: Database, wanted: Wanted) -> None:
    _fill(random.Random(3), 2_000)
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, said: str, given: Any, *_rest: Any) -> None:
        if not said.lstrip().upper().startswith(NOT_COUNTED):
            seen.append((said, given))

    with transaction() as session:
        session.execute(text("ANALYZE"))
    event.listen(Engine, "before_cursor_execute", note)
    try:
        queries.page(wanted, signed_in=True, now=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    sqlite = database.kind == "sqlite"
    connection = db.session.connection()
    if (
        not sqlite
    ):  # two thousand rows are read as quickly whole; whether the index can answer is what is asked
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    for said, given in seen:
        explain = f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{said}"
        plan = "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(explain, given))
        assert not re.search(r"SCAN skill\b(?! USING)|Seq Scan on skill\b", plan), plan
