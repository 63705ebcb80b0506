"""Asking where to look: by a commune, a postcode or a street, whole without a script."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.i18n import in_language
from app.finding import whereabouts
from app.geo import addresses
from app.geo.addresses import Address
from app.geo.naming import around
from tests import factories as make

HTMX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.text).replace("\xa0", " ").replace("\u202f", " ")


def hrefs(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]+)"', page)]


def leads(page: str, name: str) -> dict[str, str]:
    """The parameters of the link with this name."""
    (href,) = [href for href in hrefs(page) if f"place={name}" in href]
    assert urlsplit(href).path == "/items"
    return {key: value for key, (value,) in parse_qs(urlsplit(href).query).items()}


def test_a_commune_leads_to_what_is_near_it(client: FlaskClient) -> None:
    make.item("Tente", owner=make.resident(home=(44.6971, 5.1852)))
    page = text(client.get("/items/place?where=saillans&q=tente&radius_km=5&near=1,1&cursor=x"))
    assert "Saillans" in page
    assert "26340, Drôme" in page
    assert "position approximative" in page
    there = leads(page, "26289")
    assert there == {"q": "tente", "radius_km": "5", "near": "44.695,5.183", "place": "26289"}
    found = text(client.get("/items", query_string=there))
    assert "Autour de Saillans" in found
    assert "Tente" in found


def test_the_heading_names_the_place_that_was_chosen(client: FlaskClient) -> None:
    for address, words in (
        ("/items?near=44.695,5.183", "Autour de Saillans"),
        ("/items?near=45.920,6.144", "Autour d’Annecy"),
        ("/items?near=48.006,0.199", "Autour du Mans"),
        ("/items?near=48.880,2.416", "Autour des Lilas"),
        ("/items?near=44.695,5.183&place=nowhere", "Autour de Saillans"),
        ("/items?near=44.695,5.183&place=75056", "Autour de Saillans"),
        ("/items?near=0,0&place=26289", "Autour du point choisi"),
        ("/items?near=51.5,-0.1", "Autour du point choisi"),
    ):
        assert words in text(client.get(address)), address


def test_french_and_english_put_the_name_differently(app: Flask) -> None:
    with app.test_request_context(), in_language("fr"):
        assert around("Yssingeaux") == "Autour d’Yssingeaux"
        assert around("Yerres") == "Autour de Yerres"
        assert around("La Rochelle") == "Autour de La Rochelle"
        assert whereabouts.in_words(None) == ""
        assert whereabouts.in_words("nonsense") == "Autour du point choisi"
        assert whereabouts.in_words("44.7,5.2", "l-escale", hub="Labo") == "Autour de Labo"
    with app.test_request_context(), in_language("en"):
        assert (around("Le Mans"), around("Annecy")) == ("Around Le Mans", "Around Annecy")


def test_while_one_types_only_the_places_come(client: FlaskClient, query_count: Any) -> None:
    with query_count() as statements:
        answer = client.get("/items/place?where=26340&mode=lend", headers=HTMX)
    part = text(answer)
    assert "<html" not in part
    assert "HX-Request" in answer.headers["Vary"]
    assert leads(part, "26289")["mode"] == "lend"
    assert len(statements) == 0
    assert "Rien de ce nom" in text(client.get("/items/place?where=zzzz", headers=HTMX))
    assert text(client.get("/items/place?where=", headers=HTMX)).strip() == ""


@pytest.fixture
def streets(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []

    def find(typed: str) -> list[Address]:
        asked.append(typed)
        return (
            [Address("3 Rue Faventines 26000 Valence", 44.93124, 4.90123, "26362")] if "Fav" in typed else []
        )

    monkeypatch.setattr(addresses, "find", find)
    return asked


def test_a_street_is_asked_for_when_the_button_is_pressed(client: FlaskClient, streets: list[str]) -> None:
    assert "Rien de ce nom" in text(client.get("/items/place?where=3 rue Faventines Valence", headers=HTMX))
    assert streets == []
    page = text(client.get("/items/place?where=3 rue Faventines Valence"))
    assert leads(page, "26362")["near"] == "44.931,4.901"
    missing = text(client.get("/items/place?where=3 rue Haute, 26000 Valence"))
    assert "Cette rue n’a pas été trouvée. Voici la commune" in missing
    assert leads(missing, "26362")["near"] == "44.930,4.890" or "Valence" in missing


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 300,
        "%25",
        "_%25_",
        "'\"<script>alert(1)</script>",
        "🏠",
        "9" * 300,
        "%27%3B--",
        "é" * 300,
        "\u202e",
        " ",
    ],
)
def test_whatever_is_typed_is_answered(client: FlaskClient, typed: str) -> None:
    for headers in ({}, HTMX):
        answer = client.get("/items/place", query_string={"where": typed}, headers=headers)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert client.get("/items/place?where=%00").status_code == 400


def test_a_visitors_own_address_leads_nowhere_else(client: FlaskClient) -> None:
    page = text(client.get("/items/place?where=saillans&_scheme=javascript&_external=1&_anchor=x&_method=x"))
    assert all(href.startswith("/items?") for href in hrefs(page) if "place=26" in href)


# -- for programs -----------------------------------------------------------------------------------------


def test_places_for_programs(client: FlaskClient) -> None:
    answer = client.get("/api/v1/places?q=26340")
    assert answer.status_code == 200
    assert answer.json["next"] is None
    assert answer.json["items"][0] == {
        "code": "26289",
        "name": "Saillans",
        "kind": "commune",
        "commune": "26289",
        "department": {"code": "26", "name": "Drôme"},
        "postcodes": ["26340"],
        "people": 1460,
        "lat": 44.69544,
        "lon": 5.18294,
        "precision": "exact",
    }
    assert len(client.get("/api/v1/places?q=saint&limit=100").json["items"]) == 100
    assert [one["name"] for one in client.get("/api/v1/places?near=44.7,5.2").json["items"]] == ["Saillans"]
    assert client.get("/api/v1/places?near=0,0").json["items"] == []
    assert client.get("/api/v1/places").json == {"items": [], "next": None, "total": None}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"q": "a" * 300}, 200),
        ({"q": "%_%"}, 200),
        ({"q": "\u202e🏠"}, 200),
        ({"near": "nan,inf"}, 422),
        ({"near": "95,4"}, 422),
        ({"near": "home"}, 422),
        ({"near": ""}, 422),
        ({"limit": "0"}, 422),
        ({"limit": "101"}, 422),
        ({"cursor": "forged"}, 400),
    ],
)
def test_bad_questions_are_answered_as_such(client: FlaskClient, query: dict[str, str], status: int) -> None:
    assert client.get("/api/v1/places", query_string=query).status_code == status
    assert client.get("/api/v1/places?q=%00").status_code == 400
