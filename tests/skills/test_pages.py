"""The pages of skills, and the same calls for programs."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.db import db
from app.core.i18n import sentence
from app.skills.models import Skill
from tests import factories as make

NEAR = "near=44.7,5.2"


@pytest.fixture
def anna(app: Flask) -> Any:
    return make.resident("Anna")


def test_a_list_costs_the_same_whatever_it_holds(
    client: FlaskClient, anna: Any, query_count: Callable
) -> None:
    zoe = make.resident("Zoé")
    branch = make.skill_category("couture-tricot").id
    shown = make.skill(zoe, "Ourlet invisible", category_id=branch)
    for number in range(25):
        make.skill(zoe, f"Ourlet numéro {number}", category_id=branch)
    browser = make.log_in(client, anna)
    for address, most in (
        (f"/skills?{NEAR}", 3), (f"/skills?{NEAR}&q=ourlet", 3), (f"/skills?{NEAR}&view=map", 3),
        ("/skills/filters", 2), (f"/skills/{shown.id}", 4), (f"/people/{zoe.id}", 2), ("/skills/mine", 2),
        ("/skills/matches", 3),
    ):  # fmt: skip
        browser.get(address)
        with query_count() as statements:
            assert browser.get(address).status_code == 200, address
        assert len(statements) <= most, (address, statements)


def test_an_offer_is_said_paused_closed_and_taken_back(client: FlaskClient, anna: Any) -> None:
    make.skill_category("couture-tricot")
    browser = make.log_in(client, anna)
    typed = {
        "kind": "need", "title": "Recoudre un ourlet", "category": "couture-tricot", "mode": ["hub", "home"],
        "level": "beginner", "languages": ["fr"], "weekday": ["2", "5", "0"], "opens": ["18:00", "10:00", ""],
        "closes": ["20:00", "00:00", ""],
    }  # fmt: skip
    answer = _sent(browser, "/skills/new", typed)
    assert answer.status_code == 302
    skill = db.session.query(Skill).one()
    page = browser.get(answer.location).text
    assert "Anna le cherche" in page
    assert "10:00 – 24:00" in page
    assert "sessions/new" not in page, "nobody asks herself for a session"
    for act, state in (("pause", "paused"), ("close", "closed"), ("resume", "open")):
        assert _sent(browser, f"/skills/{skill.id}/{act}", {}).status_code == 302
        db.session.expire_all()
        assert db.session.get_one(Skill, skill.id).state == state


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, anna: Any
) -> None:
    browser = make.log_in(client, anna)
    typed = {
        "kind": "offer",
        "title": "Pain",
        "category": "x",
        "weekday": "6",
        "opens": "18:00",
        "closes": "17:00",
    }
    answer = _sent(browser, "/skills/new", typed)
    assert answer.status_code == 422
    for kept in (
        'value="Pain"',
        'value="18:00"',
        "Choisissez dans la liste",
        "Choisissez au moins un endroit",
    ):
        assert kept in answer.text


def test_others_ask_for_a_session_and_see_no_home(client: FlaskClient, anna: Any) -> None:
    skill = make.skill(anna, at_hub=False, at_home=True)
    page = make.log_in(client, make.resident()).get(f"/skills/{skill.id}").text
    assert f"/skills/{skill.id}/sessions/new" in page
    assert f"/people/{anna.id}" in page
    for at in (skill.lat, skill.lon, anna.home_lat, anna.home_lon):
        assert str(at) not in page
    assert str(anna.email) not in page


def _sent(browser: FlaskClient, address: str, typed: dict[str, Any]) -> Any:
    form = browser.get(address if address.endswith("new") else "/skills/mine").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert found is not None
    return browser.post(address, data={"csrf_token": found[1], **typed})


def test_the_same_for_programs(client: FlaskClient, anna: Any) -> None:
    hub, key = make.hub(), make.bearer(anna)
    make.skill_category("velo-mecanique", name_fr="Vélo")
    body = {
        "kind": "offer", "title": "Régler ses freins", "category": "velo-mecanique", "mode": ["hub", "online"],
        "hub": hub.slug, "languages": ["fr", "pt"], "availability": [{"weekday": 2, "opens": "18:00", "closes": "24:00"}],
    }  # fmt: skip
    made = client.post("/api/v1/skills", json=body, headers=key)
    assert made.status_code == 201
    told = made.json
    assert told | body | {"hub": told["hub"], "category": told["category"]} == told
    assert told["hub"] == {"id": str(hub.id), "slug": hub.slug, "name": hub.name}
    address = f"/api/v1/skills/{told['id']}"
    found = client.get(f"/api/v1/skills?kind=offer&q=freins&mode=online&{NEAR}&radius_km=5").json
    assert [one["id"] for one in found["items"]] == [told["id"]]
    assert client.patch(address, json={"title": "x"}, headers=key).json["errors"].keys() == {"title"}
    assert client.patch(address, json={"availability": []}, headers=key).json["availability"] == []
    assert (
        client.patch(address, json={"level": "expert"}, headers=make.bearer(make.resident())).status_code
        == 403
    )
    assert client.post(f"{address}/pause", headers=key).json["state"] == "paused"
    assert client.get(address).status_code == 404
    assert client.delete(address, headers=key).status_code == 204
    assert client.get("/api/v1/skills?kind=offer").json["items"] == []
    for wrong in ({**body, "kind": "gift"}, {**body, "moon": 1}, {**body, "mode": []}):
        assert client.post("/api/v1/skills", json=wrong, headers=key).status_code == 422


def test_everything_that_is_wrong_with_a_search_is_said_above_its_filters(client: FlaskClient) -> None:
    page = client.get("/skills/filters", query_string={"q": "x" * 300, "near": "nulle part"})
    assert page.status_code == 422
    assert sentence("core.too_long", {"max": 200}) in unescape(page.text)
    assert sentence("finding.bad_place", {}) in unescape(page.text)
