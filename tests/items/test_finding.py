"""The page that finds: what is chosen and taken off, how much there is, the map and its list, nothing found."""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.db import transaction
from app.finding import tally, vocabulary
from app.items import finding
from app.items.filters import OBJECTS
from tests import factories as make

HTMX = {"HX-Request": "true"}
HERE = "near=44.698,5.197"


def text(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ").replace("\u00a0", " ")


def titles(page: str) -> list[str]:
    """The objects of a page, in order."""
    return re.findall(r'href="/items/\d+[^"]*">([^<]+)</a></h3>', page)


def numbers(page: str) -> list[str]:
    """The same, by their numbers."""
    return re.findall(r'href="/items/(\d+)[^"]*">[^<]+</a></h3>', page)


def asked(href: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


@pytest.fixture
def street(app: Flask) -> dict[str, Any]:
    """Two hubs, 30 km apart, and a neighbour; drills and tents."""
    tools, camping = make.category("bricolage"), make.category("camping-plein-air")
    drills = make.category("perceuses", parent_id=tools.id)
    near, far = make.hub("L’Escale", place=(44.70, 5.20)), make.hub("Le Phare", place=(44.97, 5.20))
    for number in range(4):
        make.item(f"Perceuse {number}", hub=near, category_id=drills.id)
    make.item("Marteau", hub=near, category_id=tools.id, lends=False, gives=True)
    make.item("Tente", hub=far, category_id=camping.id)
    neighbour = make.resident("Inès")
    tent = make.item("Tente à deux", owner=neighbour, category_id=camping.id)
    return {"near": near, "far": far, "neighbour": neighbour, "tent": tent}


# -- choices ----------------------------------------------------------------------------------------------


def test_each_choice_is_taken_off_alone(client: FlaskClient, street: dict[str, Any], clock: Any) -> None:
    day = date(2026, 12, 9)
    given = {
        "q": "perceuse", "near": "44.698,5.197", "category": "bricolage", "mode": "lend", "radius_km": "10",
        "hub": street["near"].slug, "from": day.isoformat(), "to": day.isoformat(), "sort": "near",
    }  # fmt: skip

    page = client.get("/items", query_string=given).get_data(as_text=True)
    off = re.findall(r'<a class="chip on" href="([^"]+)" aria-label="Enlever', page)
    gone = [set(given) - set(asked(unescape(href))) for href in off]
    assert sorted(map(sorted, gone)) == sorted(
        [["from", "to"], ["category"], ["radius_km"], ["mode"], ["hub"]]
    )
    for href in off:
        assert asked(unescape(href)).items() <= given.items()
        assert client.get(unescape(href)).status_code == 200


def test_a_choice_brings_only_what_changes(client: FlaskClient, street: dict[str, Any]) -> None:
    answer = client.get("/items?q=perceuse&category=&from=&to=&mode=lend", headers=HTMX)
    part = text(answer)
    assert "<html" not in part
    assert titles(part) == titles(text(client.get("/items?q=perceuse&mode=lend")))
    assert asked(answer.headers["HX-Push-Url"]) == {"q": "perceuse", "mode": "lend"}
    assert "HX-Request" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.search(r'<p id="said" hx-swap-oob="innerHTML">4 objets</p>', part)
    back = client.get("/items?q=perceuse", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in text(back)


def test_the_words_keep_every_other_choice(client: FlaskClient, street: dict[str, Any]) -> None:
    page = text(client.get("/items?q=tente&mode=lend&near=44.7,5.2&foo=bar&cursor="))
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.split("</form>")[0]))
    assert kept == {"mode": "lend", "near": "44.7,5.2"}


def test_a_second_page_says_how_many_more(client: FlaskClient) -> None:
    hub, shelf = make.hub(), make.category()
    for number in range(25):
        make.item(f"Objet {number}", hub=hub, category_id=shelf.id)
    first = text(client.get("/items"))
    assert "Plus de 20 objets" in first
    onward = re.search(r'hx-get="([^"]+)"', first)
    assert onward
    answer = client.get(onward[1], headers=HTMX)
    assert "5 objets de plus" in text(answer)
    assert "HX-Push-Url" not in answer.headers


# -- filters and how much there is ------------------------------------------------------------------------


def counts(page: str) -> dict[str, str]:
    """What stands beside each shelf."""
    row = r'name="category"[^>]*value="([^"]+)"[^>]*><span>[^<]+</span><span class="meta num push">([^<]+)<'
    return dict(re.findall(row, page))


@pytest.mark.parametrize(
    "also", ["", "&radius_km=5", "&mode=lend", "&q=tente", "&from=2026-12-01&to=2026-12-02", "&radius_km=29"]
)
@pytest.mark.parametrize("known", [True, False])
def test_shelves_hold_what_a_search_finds(
    client: FlaskClient, street: dict[str, Any], clock: Any, also: str, known: bool
) -> None:
    make.claim(street["tent"], date(2026, 11, 30), date(2026, 12, 2))
    if known:
        make.log_in(client, make.resident())
    page = text(client.get(f"/items/filters?{HERE}&category=bricolage{also}"))
    told = counts(page)
    for shelf in ("bricolage", "perceuses", "camping-plein-air"):
        found = titles(text(client.get(f"/items?{HERE}&category={shelf}{also}")))
        if shelf in told or "q=" not in also:  # fewer than three are not told of words: more is found loosely
            assert told.get(shelf, "0") == str(len(found)), shelf
    found = titles(text(client.get(f"/items?{HERE}&category=bricolage{also}")))
    said = re.search(r'<span id="see">([^<]+)<', page)
    assert said
    told_all = {0: "Rien avec ces choix", 1: "Voir 1 objet"}.get(len(found), f"Voir {len(found)} objets")
    assert said[1] == ("Voir les objets" if "q=" in also else told_all)


def test_what_is_dear_to_count_is_not_counted(
    client: FlaskClient, street: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MOST_SAID", 3)
    page = text(client.get("/items/filters?category=bricolage"))
    assert counts(page)["perceuses"] == "plus de 1 000"
    assert counts(page)["camping-plein-air"] == "2"
    monkeypatch.setattr(tally, "MOST_SEEN", 2)
    page = text(client.get("/items/filters"))
    assert counts(page) == {}
    assert "Voir les objets" in page


def test_filters_without_a_script(client: FlaskClient, street: dict[str, Any]) -> None:
    page = text(client.get("/items/filters?q=tente&near=44.7,5.2&radius_km=7.5&category=perceuses&hub=x"))
    form = page.split('<form action="/items" method="get"')[1].split("</form>")[0]
    chosen = re.findall(r'name="([^"]+)" value="([^"]*)" checked', form)
    assert ("radius_km", "7.5") in chosen
    assert ("hub", "x") in chosen
    assert re.search(r'value="perceuses" checked', form)
    assert '<input type="hidden" name="q" value="tente">' in form
    answer = client.get("/items/filters?from=2026-12-05&to=2026-12-01")
    assert answer.status_code == 422
    assert "Le dernier jour vient avant le premier" in text(answer)
    assert 'value="2026-12-05"' in text(answer)
    assert "<html" not in text(client.get("/items/filters", headers=HTMX))


# -- the map ----------------------------------------------------------------------------------------------


def rows(page: str) -> list[tuple[str, str, str, str]]:
    """Latitude, longitude, width and number of each row beside the map."""
    row = (
        r'<li class="rowcard" data-lat="([^"]+)" data-lon="([^"]+)" data-wide="([^"]+)">.*?href="/items/(\d+)'
    )
    return re.findall(row, page, re.DOTALL)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "search", [HERE, f"{HERE}&radius_km=9", "q=tente", "sort=new", f"{HERE}&mode=give", f"{HERE}&q=perceuse"]
)
def test_map_list_and_points_are_the_same(
    client: FlaskClient, street: dict[str, Any], search: str, known: bool
) -> None:
    if known:
        make.log_in(client, make.resident(home=None))
    page = text(client.get(f"/items?{search}&view=map"))
    points = client.get(f"/items.geojson?{search}").get_json()
    assert numbers(page) == numbers(text(client.get(f"/items?{search}")))
    told = []
    for one in points["features"]:
        lon, lat = one["geometry"]["coordinates"]
        told.append((str(lat), str(lon), str(one["properties"]["precision_m"]), one["id"]))
    assert told == rows(page)
    assert points["more"] is False


def test_a_map_holds_the_first_and_says_so(
    client: FlaskClient, street: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MAP_MOST", 3)
    page = text(client.get(f"/items?{HERE}&view=map"))
    assert "Les 3 premiers objets sont sur la carte et dans la liste" in page
    assert "Plus de 3 objets" in page
    points = client.get(f"/items.geojson?{HERE}").get_json()
    assert [one["id"] for one in points["features"]] == numbers(page)
    assert points["more"] is True


def test_a_map_shows_published_places_only(client: FlaskClient, street: dict[str, Any]) -> None:
    tent, hub, inhabitant = street["tent"], street["near"], street["neighbour"]
    for known in (False, True):
        if known:
            make.log_in(client, make.resident(home=None))
        found = {
            number: (lat, lon, wide)
            for lat, lon, wide, number in rows(text(client.get(f"/items?{HERE}&view=map")))
        }
        shown = found[str(tent.id)]
        there = (
            (tent.lat, tent.lon, tent.precision_m) if known else (tent.coarse_lat, tent.coarse_lon, 10_000)
        )
        assert shown == tuple(map(str, there))
        assert (str(inhabitant.home_lat), str(inhabitant.home_lon)) not in [
            place[:2] for place in found.values()
        ]
        assert sum(place == (str(hub.lat), str(hub.lon), "0") for place in found.values()) == 5


def test_tiles_come_from_the_one_place_that_was_said(
    app_with: Callable[..., Flask], street: dict[str, Any]
) -> None:
    elsewhere = {
        "MOVILAB_TILE_URL": "https://t.example.org:8443/{z}/{x}/{y}.png",
        "MOVILAB_TILE_CREDIT": "© Ici",
    }
    for said, allowed, credit in (
        ({}, "https://tile.openstreetmap.org", "openstreetmap.org/copyright"),
        (elsewhere, "https://t.example.org:8443", "© Ici"),
        ({"MOVILAB_TILE_URL": "/tiles/{z}/{x}/{y}.png"}, None, 'data-tiles="/tiles/'),
        ({"MOVILAB_TILE_URL": "none"}, None, 'data-tiles=""'),
    ):
        answer = app_with(**said).test_client().get(f"/items?{HERE}&view=map")
        policy = dict(
            part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["img-src"].split() == ["'self'", "data:", "blob:", *([allowed] if allowed else [])]
        assert credit in text(answer)


# -- nothing found ----------------------------------------------------------------------------------------


def offers(page: str) -> dict[str, tuple[dict[str, str], str]]:
    """Words of each offer: its search, and how many it says there are."""
    found = re.search(r'<ul class="offers".*?</ul>', page, re.DOTALL)
    line = r'<a href="([^"]+)"><span>([^<]+)</span> <span class="meta">([^<]+)<'
    return {words: (asked(href), count) for href, words, count in re.findall(line, found[0] if found else "")}


def test_nothing_found_offers_what_would_be(client: FlaskClient, street: dict[str, Any], clock: Any) -> None:
    for _ in range(2):
        make.item("Tente", hub=street["far"])
    page = text(client.get("/items?q=tente&near=44.97,5.20&radius_km=12&mode=give"))
    assert "Personne n’en propose encore" in page
    told = offers(page)
    assert told["À emprunter, à troquer ou donné"] == (
        {"q": "tente", "near": "44.97,5.20", "radius_km": "12"},
        "3 objets",
    )
    assert "Chercher à 36 km" not in told  # it would find nothing either
    assert told["Avec ces mots seulement"][1] == "4 objets"
    for search, count in told.values():
        found = titles(text(client.get("/items", query_string=search)))
        assert count == ("1 objet" if len(found) == 1 else f"{len(found)} objets")
    wider = offers(text(client.get("/items?q=tente&near=44.83,5.20&radius_km=6")))
    assert wider["Chercher à 18 km"][1] == "4 objets"
    assert 'action="/searches"' in page
    kept = dict(
        re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.split('action="/searches"')[1]
        )
    )
    assert {"q": "tente", "near": "44.97,5.20", "radius_km": "12", "mode": "give"}.items() <= kept.items()


def test_other_days_and_other_hubs(client: FlaskClient, street: dict[str, Any], clock: Any) -> None:
    make.claim(street["tent"], date(2026, 12, 1), date(2026, 12, 9))
    days = {"from": "2026-12-02", "to": "2026-12-03"}
    told = offers(text(client.get("/items", query_string={"owner": "resident", **days})))
    assert told["À d’autres dates"] == ({"owner": "resident"}, "1 objet")
    told = offers(
        text(client.get("/items", query_string={"category": "camping-plein-air", "hub": street["near"].slug}))
    )
    assert told["Dans les autres lieux"] == ({"category": "camping-plein-air"}, "2 objets")


def test_a_slip_is_told(client: FlaskClient, street: dict[str, Any]) -> None:
    with transaction():
        vocabulary.count_all(OBJECTS)
    page = text(client.get("/items?q=perseuse"))
    assert "Résultats pour « perceuse »" in page
    assert "Perceuse 1" in titles(page)


def test_whose_and_in_which_condition(client: FlaskClient, street: dict[str, Any]) -> None:
    make.item("Vieille tente", owner=street["neighbour"], condition="worn")
    assert titles(text(client.get("/items?owner=resident&condition=worn"))) == ["Vieille tente"]
    page = text(client.get("/items/filters?owner=resident&condition=worn"))
    assert "Voir 1 objet" in page
    assert re.findall(r'name="(owner|condition)" value="([^"]+)" checked', page) == [
        ("owner", "resident"),
        ("condition", "worn"),
    ]


# -- what it costs ----------------------------------------------------------------------------------------


def test_every_page_of_finding_costs_few_statements(
    client: FlaskClient, street: dict[str, Any], query_count: Callable[..., Any], clock: Any
) -> None:
    make.log_in(client, make.verified_member(street["near"]))
    worst = "radius_km=0.1&mode=swap&category=perceuses&hub=x&from=2026-12-02&to=2026-12-03&q=zz"
    for path, most in (
        ("/items", 5), (f"/items?{HERE}&view=map", 5), (f"/items.geojson?{HERE}", 5),
        (f"/items/filters?{HERE}&radius_km=3&category=perceuses", 2), ("/items?q=zzz", 5),
        (f"/items?{worst}", 5 + finding.MOST_OFFERS),
    ):  # fmt: skip
        with query_count() as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= most, path


# -- what cannot be searched ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"near": "91,5"}, "Écrivez le lieu ainsi"), ({"near": "nan,nan"}, "Écrivez le lieu ainsi"),
        ({"near": "44.7,5.2", "radius_km": "0"}, "Un rayon en kilomètres"),
        ({"near": "44.7,5.2", "radius_km": "nan"}, "Un rayon en kilomètres"),
        ({"near": "44.7,5.2", "radius_km": "99999"}, "Un rayon en kilomètres"),
        ({"from": "2026-12-05", "to": "2026-12-01"}, "Le dernier jour vient avant le premier"),
        ({"from": "2026-12-05", "to": "2030-12-01"}, "Un an au plus"),
        ({"from": "2026-12-05"}, "Il faut les deux"), ({"from": "x", "to": "y"}, "2026-11-27"),
        ({"q": "a" * 300}, "200 caractères"),
        ({"sort": "price"}, "Choisissez dans la liste"), ({"owner": "me"}, "Choisissez dans la liste"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_said_and_kept(
    client: FlaskClient, street: dict[str, Any], query: dict[str, str], sentence: str
) -> None:
    query = {"q": "perceuse à colonne", "mode": "lend", **query}
    for path in ("/items", "/items/filters"):
        for headers in ({}, HTMX):
            answer = client.get(path, query_string=query, headers=headers)
            assert answer.status_code == 422
            assert sentence in text(answer), path
    page = text(client.get("/items", query_string=query))
    assert f'value="{query["q"]}"' in page
    assert '<input type="hidden" name="mode" value="lend">' in page
    points = client.get("/items.geojson", query_string=query)
    assert points.status_code == 422
    assert points.content_type == "application/problem+json"


def test_ten_thousand_kilometres_are_no_fault(client: FlaskClient, street: dict[str, Any]) -> None:
    assert len(titles(text(client.get(f"/items?{HERE}&radius_km=10000")))) == 7
    assert counts(text(client.get(f"/items/filters?{HERE}&radius_km=10000")))["bricolage"] == "5"


@pytest.mark.parametrize("cursor", ["abc", "WyIyMDI2Il0.xxxx", "é" * 300])
def test_a_forged_cursor_is_said_in_the_page(
    client: FlaskClient, street: dict[str, Any], cursor: str
) -> None:
    answer = client.get("/items", query_string={"q": "perceuse", "cursor": cursor})
    assert answer.status_code == 400
    assert 'value="perceuse"' in text(answer)
    assert 'role="alert"' in text(answer)
    assert json.loads(client.get("/items.geojson", query_string={"cursor": cursor}).get_data())["features"]
