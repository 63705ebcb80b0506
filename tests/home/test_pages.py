"""The home page, one's neighbourhood, the language, the styleguide, and a hub's own page with its shelves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import queries as accounts
from app.core.db import db
from app.items.models import Item
from tests import factories

TODAY = date(2026, 11, 25)
VALENCE = (44.933, 4.892)


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_a_visitor_reads_what_this_is_and_where(client: FlaskClient, clock: Any) -> None:
    factories.hub("Maison des Tilleuls")
    page = client.get("/").text
    for words in (
        "La perceuse est au bout de la rue.",
        "Maison des Tilleuls",
        "Créer mon compte",
        'action="/items"',
    ):
        assert words in page, words


def test_a_resident_sees_what_to_bring_back_and_what_is_free(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("Maison des Tilleuls")
    anna = factories.verified_member(hub, "Anna B.")
    tent, drill = factories.item("Tente 4 places", hub=hub), factories.item("Perceuse", hub=hub)
    factories.loan(
        tent, anna, status="checked_out", first_day=TODAY - timedelta(days=3), due=TODAY + timedelta(days=2)
    )
    factories.loan(drill, anna, first_day=TODAY + timedelta(days=4), due=TODAY + timedelta(days=6))
    factories.item("Échelle libre", hub=hub)
    page = plain(factories.log_in(client, anna).get("/").text)
    for words in (
        "À rendre bientôt",
        "À rendre vendredi 27 novembre, avant 19 h",
        "À prendre dimanche 29 novembre",
        "Échelle libre",
        "Prolonger",
        '<li class="due">',
    ):
        assert words in page, words


def test_a_newcomer_is_shown_the_next_step(client: FlaskClient) -> None:
    browser = factories.log_in(client, factories.resident(home=None))
    page = browser.get("/").text
    assert "Choisissez un lieu-relais" in page
    assert "Rien à rendre" in page
    hub = factories.hub()
    ben = factories.log_in(client.application.test_client(), factories.verified_member(hub, home=None))
    assert "Où est votre quartier" in ben.get("/").text


def test_an_owner_is_told_that_somebody_waits(client: FlaskClient) -> None:
    owner, asker = factories.resident(), factories.resident()
    factories.loan(factories.item(owner=owner), asker, status="requested")
    assert "Un voisin attend votre réponse." in factories.log_in(client, owner).get("/").text


def test_the_home_page_costs_the_same_whatever_is_there(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    hub = factories.hub()
    anna = factories.verified_member(hub)
    browser = factories.log_in(client, anna)
    factories.loan(factories.item(hub=hub), anna, status="checked_out")
    factories.loan(factories.item(hub=hub), anna)
    counts = []
    for _round in range(2):
        with query_count() as statements:
            assert browser.get("/").status_code == 200
        counts.append(len(statements))
        for _number in range(6):
            factories.loan(factories.item(hub=hub), anna, status="checked_out")
            factories.loan(factories.item(hub=hub), anna)
            factories.item(hub=hub)
    assert counts[0] == counts[1]
    assert counts[0] <= 20


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choisissez un lieu dans la liste"),
        ({"hub": "999"}, "Choisissez un lieu dans la liste"),
        ({"lat": "ici", "lon": "là"}, "Écrivez deux nombres"),
        ({"lat": "44.9"}, "Écrivez deux nombres"),
        ({"lat": "95", "lon": "4"}, "Écrivez deux nombres"),
        ({"lat": "nan", "lon": "inf"}, "Écrivez deux nombres"),
        ({"lat": "9" * 5000, "lon": "\x00"}, "Écrivez deux nombres"),
    ],
)
def test_a_place_that_is_none_is_said(client: FlaskClient, typed: dict[str, str], said: str) -> None:
    who = factories.resident(home=None)
    page = factories.log_in(client, who).post("/account/home", data=typed)
    assert page.status_code == 422
    assert said in page.text
    assert accounts.resident(who.id).home_lat is None


def test_a_home_is_kept_as_a_cell_and_can_be_forgotten(client: FlaskClient) -> None:
    hub = factories.hub("Maison", place=VALENCE)
    who = factories.resident(home=None)
    anna = factories.log_in(client, who)
    assert anna.get("/account/home").status_code == 200
    assert anna.post("/account/home", data={"hub": str(hub.id)}).status_code == 302
    kept = accounts.resident(who.id)
    assert kept.home_lat is not None
    assert abs(kept.home_lat - VALENCE[0]) < 0.001
    assert (kept.home_lat, kept.home_lon) != VALENCE
    assert anna.post("/account/home", data={"lat": "45,188", "lon": "5,724", "hub": ""}).status_code == 302
    assert round(accounts.resident(who.id).home_lat or 0) == 45
    assert anna.post("/account/home/forget").status_code == 302
    assert accounts.resident(who.id).home_lat is None


def test_what_is_kept_at_home_moves_with_it(client: FlaskClient) -> None:
    owner = factories.resident(home=(45.19, 5.72))
    item = factories.item(owner=owner)
    factories.log_in(client, owner).post("/account/home", data={"lat": "44.933", "lon": "4.892"})
    moved = db.session.get(Item, item.id)
    assert moved is not None
    assert round(moved.lat, 1) == 44.9
    headers = factories.bearer(owner)
    client.application.test_client().patch(
        "/api/v1/me", headers=headers, json={"home": {"lat": 45.19, "lon": 5.72}}
    )
    again = db.session.get(Item, item.id)
    assert again is not None
    assert round(again.lat, 1) == 45.2


def test_the_language_is_remembered(client: FlaskClient) -> None:
    answer = client.post("/language", data={"locale": "en", "next": "/hubs?q=a"})
    assert answer.headers["Location"] == "/hubs?q=a"
    assert '<html lang="en"' in client.get("/log-in").text
    assert (
        client.post("/language", data={"locale": "xx", "next": "//evil.example"}).headers["Location"] == "/"
    )
    assert '<html lang="en"' in client.get("/log-in").text
    who = factories.resident()
    anna = factories.log_in(client.application.test_client(), who)
    anna.post("/language", data={"locale": "en"})
    assert accounts.resident(who.id).locale == "en"


def test_the_styleguide_is_the_demos(client: FlaskClient, app_with: Callable[..., Flask]) -> None:
    assert client.get("/styleguide").status_code == 404
    page = app_with(MOVILAB_ENV="demo").test_client().get("/styleguide")
    assert page.status_code == 200
    assert "Il manque la fin, après le @" in page.text


def test_a_hubs_page_shows_what_stands_there(client: FlaskClient, query_count: Callable[[], Any]) -> None:
    hub = factories.hub("Maison")
    factories.item("Perceuse", hub=hub)
    factories.item("Gardée ailleurs", hub=factories.hub())
    factories.item("Retirée", hub=hub, status="retired")
    page = client.get(f"/hubs/{hub.slug}").text
    assert "Perceuse" in page
    assert "Voir l’objet" in page
    assert "Gardée ailleurs" not in page
    assert "Retirée" not in page
    counts = []
    for _round in range(2):
        with query_count() as statements:
            client.get(f"/hubs/{hub.slug}")
        counts.append(len(statements))
        for _number in range(9):
            factories.item(hub=hub)
    assert counts[0] == counts[1]


def test_a_home_is_found_by_its_commune_or_postcode(client: FlaskClient) -> None:
    who = factories.resident(home=None)
    anna = factories.log_in(client, who)
    page = plain(anna.post("/account/home", data={"where": "saillans"}).text)
    assert 'Saillans</strong> <span class="meta">26340, Drôme</span>' in page
    assert "position approximative" in page, "that of Saillans in Gironde is"
    assert 'name="lat" value="44.69544"' in page
    chosen = {"lat": "44.69544", "lon": "5.18294", "approximate": ""}
    answer = anna.post("/account/home", data=chosen, follow_redirects=True)
    assert "à 200 m près" in plain(answer.text)
    kept = accounts.resident(who.id)
    assert kept.home_lat is not None
    assert abs(kept.home_lat - 44.69544) < 0.002
    rough = anna.post("/account/home", data={**chosen, "approximate": "1"}, follow_redirects=True)
    assert "approximative" in rough.text


def test_while_one_types_only_the_places_come(client: FlaskClient) -> None:
    anna = factories.log_in(client, factories.resident(home=None))
    part = anna.post("/account/home", data={"where": "26340 sai"}, headers={"HX-Request": "true"}).text
    assert "Saillans" in part
    assert "<html" not in part
    assert part.count("csrf_token") == part.count("<form")
    nothing = anna.post("/account/home", data={"where": "zzzz"}, headers={"HX-Request": "true"}).text
    assert "Rien de ce nom" in nothing


@pytest.mark.parametrize(
    "typed", ["a" * 300, "%", "_%_", "\x00", "'\"<script>alert(1)</script>", "🏠", "9" * 300]
)
def test_whatever_is_typed_for_a_home_is_answered(client: FlaskClient, typed: str) -> None:
    page = factories.log_in(client, factories.resident(home=None)).post(
        "/account/home", data={"where": typed}
    )
    assert page.status_code in (200, 400)
    assert "<script>alert" not in page.text
