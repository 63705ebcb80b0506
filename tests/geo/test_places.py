"""The gazetteer: found as people type, near a point, and what stands for a home."""

import json
import multiprocessing
import random
import sqlite3
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo import places
from app.geo.distance import metres
from app.geo.rules import CENTRES_APART_M, COARSE_M, PUBLISHED_M, cell

MANIFEST = json.loads((places.FOLDER / "sources.json").read_text(encoding="utf-8"))


def labels(text: str) -> list[str]:
    return [place.label for place in places.find(text)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Saillans", "Saillans (26)"),
        ("SAILLANS", "Saillans (26)"),
        ("  saillans  ", "Saillans (26)"),
        ("sailla", "Saillans (26)"),
        ("26340", "Saillans (26)"),
        ("26340 Saillans", "Saillans (26)"),
        ("Saillans 33", "Saillans (33)"),
        ("Saillans (33)", "Saillans (33)"),
        ("Saillans, Gironde", "Saillans (33)"),
        ("saint etienne", "Saint-Étienne (42)"),
        ("St Etienne", "Saint-Étienne (42)"),
        ("ST-ETIENNE", "Saint-Étienne (42)"),
        ("ste savine", "Sainte-Savine (10)"),
        ("st", "Le Saint (56)"),
        ("stra", "Strasbourg (67)"),
        ("l'isle-d'abeau", "L’Isle-d’Abeau (38)"),
        ("l’isle d’abeau", "L’Isle-d’Abeau (38)"),
        ("isle d abeau", "L’Isle-d’Abeau (38)"),
        ("lisle dabeau", "L’Isle-d’Abeau (38)"),
        ("chalon s/ saone", "Chalon-sur-Saône (71)"),
        ("mans", "Le Mans (72)"),
        ("rochelle", "La Rochelle (17)"),
        ("oeting", "Œting (57)"),
        ("ajaccio 2A", "Ajaccio (2A)"),
        ("75011", "Paris 11e Arrondissement (75)"),
        ("69003", "Lyon 3e Arrondissement (69)"),
        ("paris 11", "Paris 11e Arrondissement (75)"),
        ("annecy le vieux", "Annecy-le-Vieux (74)"),
        ("y 80", "Y (80)"),
        ("97400", "Saint-Denis (974)"),
    ],
)
def test_what_people_type_finds_the_place(typed: str, first: str) -> None:
    assert labels(typed)[0] == first


def test_namesakes_are_told_apart_by_their_department_the_biggest_first() -> None:
    assert labels("Saillans") == ["Saillans (26)", "Saillans (33)"]
    valences = places.find("valence")
    assert [place.label for place in valences[:3]] == ["Valence (26)", "Valence (82)", "Valence (16)"]
    assert valences[0].people > valences[1].people > valences[2].people
    assert valences[0].department_name == "Drôme"


def test_a_postcode_shared_by_several_finds_them_all() -> None:
    found = places.find("26340", limit=100)
    assert {"Saillans", "Espenel", "Aurel", "Vercheny"} <= {place.name for place in found}
    assert all("26340" in place.postcodes for place in found)


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "%%%", "'", '"', "\0", "a" * 300, "*", "0", "99999", "’", "🏠", None]
)
def test_nothing_to_find_is_no_fault(typed: str | None) -> None:
    assert places.find(typed) == []


@given(st.text(max_size=400))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    assert len(places.find(typed)) <= places.SUGGESTED


def test_every_name_finds_its_place() -> None:
    """A sample of all communes, as they are written and as they are typed in a hurry."""
    connection = sqlite3.connect(places.FILE)
    rows = connection.execute("SELECT code, name FROM place WHERE kind = 0 AND lat IS NOT NULL").fetchall()
    connection.close()
    assert len(rows) > 34_800
    for code, name in random.Random(7).sample(rows, 400):
        typed = [name, name.upper(), name.replace("-", " "), name.replace("’", "'").lower().replace("-", "")]
        for one in typed:
            assert code in {place.code for place in places.find(one, limit=60)}, one


def test_by_code() -> None:
    saillans = places.by_code("26289")
    assert saillans is not None
    assert (saillans.name, saillans.postcodes, saillans.precision) == ("Saillans", ("26340",), "exact")
    assert not saillans.approximate
    assert places.by_code("74011").commune == "74010"  # type: ignore[union-attr]
    assert places.by_code("00000") is None


def test_near_a_point() -> None:
    found = places.nearest(44.697, 5.20)
    assert found is not None
    assert found.name == "Saillans"
    for lat, lon in ((0.0, 0.0), (46.0, -5.0), (float("nan"), 5.0), (91.0, 0.0), (45.0, float("inf"))):
        assert places.nearest(lat, lon) is None
    assert places.nearest(46.0, -5.0, within_km=300) is not None
    assert places.nearest(-21.34, 55.48).name == "Saint-Pierre"  # type: ignore[union-attr]


def test_the_nearest_is_that_of_brute_force() -> None:
    connection = sqlite3.connect(places.FILE)
    known = connection.execute(
        "SELECT place.code, known.lat / 1e5, known.lon / 1e5 FROM known JOIN place ON place.id = known.place"
    ).fetchall()
    connection.close()
    dice = random.Random(11)
    for _ in range(25):
        here = dice.uniform(42.4, 51.0), dice.uniform(-4.5, 8.0)
        best = min(known, key=lambda row: metres(*here, row[1], row[2]))
        found = places.nearest(*here, within_km=300)
        assert found is not None
        assert found.lat is not None
        assert found.lon is not None
        assert metres(*here, found.lat, found.lon) == metres(*here, best[1], best[2])


def test_a_spot_has_the_name_that_was_chosen_else_that_of_the_nearest_commune() -> None:
    assert places.named(44.695, 5.183) == "Saillans"
    assert places.named(44.695, 5.183, "26289") == "Saillans"
    assert places.named(44.695, 5.183, "75056") == "Saillans"
    assert places.named(44.695, 5.183, "maison-des-tilleuls") == "Saillans"
    (vercheny,) = places.find("Vercheny")
    assert vercheny.lat
    assert vercheny.lon
    assert vercheny.approximate
    assert places.named(round(vercheny.lat, 3), round(vercheny.lon, 3), vercheny.code) == "Vercheny"
    assert places.named(0, 0) == ""


def test_all_that_a_commune_belongs_to() -> None:
    assert [(area.code, area.kind) for area in places.lineage("26289")] == [
        ("26289", "commune"),
        ("200040509", "intercommunality"),
        ("26", "department"),
        ("R84", "region"),
    ]
    assert places.lineage("69383")[0].name == "Lyon"
    assert places.lineage("74011")[0].name == "Annecy"
    assert places.lineage("nowhere") == []


@pytest.mark.parametrize(
    ("address", "at", "commune"),
    [
        ("31 rue Faventines, 26000 Valence", (44.931, 4.901), "Valence"),
        ("Mairie, 26340 VERCHENY", (44.70, 5.24), "Vercheny"),
        ("3 place du Temple, 26340 Saillans CEDEX", (44.696, 5.183), "Saillans"),
        ("12 allée 75011, 75011 Paris", (48.86, 2.38), "Paris"),
        ("au bout du chemin", (44.696, 5.183), "Saillans"),
        ("1 rue Haute, 75001 Paris", (44.696, 5.183), "Saillans"),
    ],
)
def test_the_commune_of_an_address(address: str, at: tuple[float, float], commune: str) -> None:
    found = places.commune_of(address, *at)
    assert found is not None
    assert found.name == commune


# -- what stands for a home -------------------------------------------------------------------------------


def test_a_home_is_seen_from_far_as_its_commune() -> None:
    published = cell(44.6971, 5.1852, PUBLISHED_M)
    far = places.coarse(published.lat, published.lon)
    assert (far.lat, far.lon, far.precision_m) == (44.69544, 5.18294, COARSE_M)
    at_sea = cell(46.0, -5.0, PUBLISHED_M)
    assert places.coarse(at_sea.lat, at_sea.lon) == cell(at_sea.lat, at_sea.lon, COARSE_M)


@given(st.floats(42.3, 51.1), st.floats(-4.8, 8.2))
def test_the_width_that_is_said_is_true(lat: float, lon: float) -> None:
    published = cell(lat, lon, PUBLISHED_M)
    far = places.coarse(published.lat, published.lon)
    corner = COARSE_M / 2**0.5
    assert metres(lat, lon, far.lat, far.lon) <= corner + PUBLISHED_M
    assert far.precision_m == COARSE_M


def test_centres_leave_room_around_every_home() -> None:
    """No two are nearer than 2 km, so that around each lies at least 1 km in every direction that is its own."""
    connection = sqlite3.connect(places.FILE)
    centres = connection.execute("SELECT lat / 1e5, lon / 1e5 FROM known WHERE centre = 1").fetchall()
    connection.close()
    assert len(centres) == MANIFEST["centres"] > 12_000
    centres.sort()
    for at, (lat, lon) in enumerate(centres):
        for other in centres[at + 1 :]:
            if other[0] - lat > 0.02:
                break
            if abs(other[1] - lon) < 0.04:
                # positions are rounded to about a metre
                assert metres(lat, lon, *other) >= CENTRES_APART_M - 3


# -- the file ---------------------------------------------------------------------------------------------


def test_the_file_is_small_and_says_what_it_holds() -> None:
    assert places.FILE.stat().st_size < 5_000_000
    counted = MANIFEST["counted"]["commune"]
    assert sum(counted.values()) == 34_969
    assert counted["exact"] >= 14_735
    assert MANIFEST["people_in_exact_communes_percent"] >= 90
    assert MANIFEST["missed_by_m"]["postcode"]["median"] < 4_500
    connection = sqlite3.connect(places.FILE)
    rows = dict(connection.execute("SELECT precision, count(*) FROM place WHERE kind = 0 GROUP BY precision"))
    connection.close()
    assert {places.PRECISIONS[number]: count for number, count in rows.items()} == counted


def test_nobody_writes_to_it() -> None:
    before = places.FILE.read_bytes()
    with pytest.raises(sqlite3.OperationalError):
        places._connection().execute("DELETE FROM place")
    assert places.FILE.read_bytes() == before
    assert not list(places.FOLDER.glob("*-wal"))


def test_threads_and_forked_processes_each_open_it() -> None:
    mine = places._connection()
    assert places._connection() is mine
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(places._connection()))
    thread.start()
    thread.join()
    assert seen[0] is not mine
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(
        target=lambda: answers.put((places._connection() is mine, places.find("Saillans")[0].label))
    )
    child.start()
    child.join()
    assert answers.get() == (False, "Saillans (26)")
