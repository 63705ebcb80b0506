"""People, as programs see them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import services
from app.accounts.models import Resident
from app.core import clock
from app.core.db import db
from tests import factories

SIGN_UP = {"email": "nadia@example.org", "password": "trois mots simples", "name": "Nadia B."}


def test_signing_up_answers_the_same_for_known_and_unknown(client: FlaskClient) -> None:
    first = client.post("/api/v1/accounts", json={**SIGN_UP, "lat": 44.93, "lon": 4.89, "locale": "en"})
    second = client.post("/api/v1/accounts", json=SIGN_UP)
    for answer in (first, second):
        assert (answer.status_code, answer.get_json()) == (202, {"status": "confirmation_sent"})
    nadia = db.session.scalars(select(Resident)).one()
    assert (nadia.locale, nadia.home_lat is not None) == ("en", True)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password", "name"}),
        ({**SIGN_UP, "email": "nadia@"}, {"email"}),
        ({**SIGN_UP, "password": "court"}, {"password"}),
        ({**SIGN_UP, "name": "x" * 5000}, {"name"}),
        ({**SIGN_UP, "name": 7}, {"name"}),
        ({**SIGN_UP, "name": None}, {"name"}),
        ({**SIGN_UP, "locale": "de"}, {"locale"}),
        ({**SIGN_UP, "lat": 44.0}, {"lon"}),
        ({**SIGN_UP, "lat": 444.0, "lon": 4.0}, {"lat"}),
        ({**SIGN_UP, "role": "steward"}, {"role"}),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said_by_field(
    client: FlaskClient, body: dict[str, Any], fields: set[str]
) -> None:
    answer = client.post("/api/v1/accounts", json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert set(answer.get_json()["errors"]) == fields
    assert db.session.scalars(select(Resident)).all() == []


def test_a_key_opens_and_is_closed(client: FlaskClient) -> None:
    anna = factories.resident(
        "Anna B.", email="anna@example.org", password_hash=services.hashed_password("correct horse battery")
    )
    body = {"email": "Anna@example.org", "password": "correct horse battery", "name": "borne"}
    answer = client.post("/api/v1/tokens", json=body)
    assert answer.status_code == 201
    made = answer.get_json()
    assert made["user"] == {"id": str(anna.id), "name": "Anna B.", "member_code": anna.code}
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/v1/me", headers=headers).get_json()["name"] == "Anna B."
    assert client.delete("/api/v1/tokens/current", headers=headers).status_code == 204
    gone = client.get("/api/v1/me", headers=headers)
    assert (gone.status_code, gone.get_json()["code"]) == (401, "bad_token")


@pytest.mark.parametrize("password", ["", "faux", "x" * 5000])
def test_wrong_credentials_are_one_answer(client: FlaskClient, password: str) -> None:
    factories.resident(
        email="anna@example.org", password_hash=services.hashed_password("correct horse battery")
    )
    for email in ("anna@example.org", "nobody@example.org", "x", ""):
        answer = client.post("/api/v1/tokens", json={"email": email, "password": password})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "bad_credentials")


@pytest.mark.parametrize("password", ["\x00", "\ud800"])
def test_what_cannot_be_read_is_no_password(client: FlaskClient, password: str) -> None:
    answer = client.post("/api/v1/tokens", json={"email": "anna@example.org", "password": password})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")


def test_an_expired_key_opens_nothing(client: FlaskClient) -> None:
    anna = factories.resident()
    old = factories.bearer(anna, expires_at=clock.now() - timedelta(seconds=1))
    assert client.get("/api/v1/me", headers=old).status_code == 401
    assert client.get("/api/v1/me").status_code == 401


def test_oneself(client: FlaskClient) -> None:
    hub = factories.hub("Maison des Tilleuls")
    anna = factories.coordinator(hub, "Anna B.")
    headers = factories.bearer(anna)
    me = client.get("/api/v1/me", headers=headers).get_json()
    assert me["id"] == str(anna.id)
    assert me["member_code"] == anna.code
    assert me["email"] == anna.email
    assert me["home"]["precision_m"] == 200
    assert me["trust"] is None
    assert me["memberships"] == [
        {
            "hub": {"id": str(hub.id), "slug": hub.slug, "name": "Maison des Tilleuls"},
            "roles": ["volunteer", "organizer", "coordinator"],
            "status": "verified",
        }
    ]
    changed = client.patch(
        "/api/v1/me",
        headers=headers,
        json={"name": "Anna C.", "locale": "en", "home": {"lat": 45.18756, "lon": 5.73578}},
    ).get_json()
    assert (changed["name"], changed["locale"]) == ("Anna C.", "en")
    assert abs(changed["home"]["lat"] - 45.18756) < 0.001
    assert changed["home"]["lat"] != 45.18756, "the cell, not the point"
    assert client.patch("/api/v1/me", headers=headers, json={"home": None}).get_json()["home"] is None
    assert client.get("/api/v1/me", headers=headers).get_json()["name"] == "Anna C."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "other@example.org"}, "email"),
        ({"is_steward": True}, "is_steward"),
        ({"locale": "de"}, "locale"),
        ({"home": {"lat": 1}}, "home.lon"),
        ({"home": {"lat": 91, "lon": 0}}, "home.lat"),
        ({"home": "ici"}, "home"),
    ],
)
def test_what_cannot_be_changed_is_said(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    anna = factories.resident("Anna B.")
    answer = client.patch("/api/v1/me", headers=factories.bearer(anna), json=body)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]
    assert client.get("/api/v1/me", headers=factories.bearer(anna)).get_json()["name"] == "Anna B."


def test_others_see_a_name_and_never_an_address_or_a_place(client: FlaskClient) -> None:
    anna = factories.resident("Anna B.")
    answer = client.get(f"/api/v1/users/{anna.id}")
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"id", "name", "since", "trust", "badges"}
    for unknown in ("999999999", "0", "x", "99999999999999999999"):
        assert client.get(f"/api/v1/users/{unknown}").status_code == 404
