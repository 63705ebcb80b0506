"""Hubs, as programs see them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import factories


def test_hubs_near_a_place(client: FlaskClient, clock: Any) -> None:
    here = factories.territory("Valence", "26362")
    near = factories.hub("Maison", place=(44.93, 4.89), territory_id=here.id)
    factories.hub("Loin", place=(45.19, 5.72))
    answer = client.get("/api/v1/hubs?near=44.93,4.89&limit=1")
    assert answer.status_code == 200
    page = answer.get_json()
    assert page["total"] == 2
    assert page["items"] == [
        {
            "id": str(near.id),
            "slug": near.slug,
            "name": "Maison",
            "kind": "community_house",
            "lat": 44.93,
            "lon": 4.89,
            "distance_m": 0,
            "open_now": True,
            "address": near.address,
            "territory": {"id": str(here.id), "name": "Valence", "insee_code": "26362"},
        }
    ]
    rest = client.get(f"/api/v1/hubs?near=44.93,4.89&limit=1&cursor={page['next']}").get_json()
    assert [hub["name"] for hub in rest["items"]] == ["Loin"]
    assert rest["next"] is None
    anna = factories.resident(home=(45.19, 5.72))
    home = client.get("/api/v1/hubs?near=home", headers=factories.bearer(anna)).get_json()
    assert [hub["name"] for hub in home["items"]] == ["Loin", "Maison"]
    assert client.get("/api/v1/hubs").get_json()["items"][0]["distance_m"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("near=ici", 422),
        ("near=95,4", 422),
        ("near=nan,nan", 422),
        ("near=home", 422),
        ("radius_km=-1", 422),
        ("radius_km=nan", 422),
        ("kind=pub", 422),
        ("limit=0", 422),
        ("limit=101", 422),
        ("cursor=forged", 400),
        ("q=" + "x" * 5000, 422),
    ],
)
def test_bad_questions_are_answered_plainly(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/api/v1/hubs?{query}").status_code == status


def test_one_hub_whole(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub(
        "Maison",
        weekdays=(1,),
        policy={"loan_days": 7},
        closed_on_holidays=True,
        accessibility="De plain-pied",
    )
    factories.closure(hub, date(2026, 12, 1), date(2026, 12, 3), "Inventaire")
    for name in (hub.slug, str(hub.id)):
        whole = client.get(f"/api/v1/hubs/{name}").get_json()
        assert whole["opening_hours"] == [{"weekday": 1, "opens": "09:00", "closes": "19:00"}]
        assert whole["closures"][0] == {"from": "2026-12-01", "to": "2026-12-03", "why": "Inventaire"}
        assert {"from": "2026-12-25", "to": "2026-12-25", "why": "Noël"} in whole["closures"]
        assert whole["timezone"] == "Europe/Paris"
        assert whole["policy"]["loan_days"] == 7
        assert whole["policy"]["max_renewals"] == 2
    draft = factories.hub(status="draft")
    for unknown in (draft.slug, "nowhere", "999999999", "9" * 30, "%00"):
        assert client.get(f"/api/v1/hubs/{unknown}").status_code in (400, 404)


def test_joining_and_being_verified(client: FlaskClient) -> None:
    hub = factories.hub()
    anna, volunteer = factories.resident(), factories.volunteer(hub)
    hers, theirs = factories.bearer(anna), factories.bearer(volunteer)
    asked = client.post(f"/api/v1/hubs/{hub.slug}/members", headers=hers)
    assert (asked.status_code, asked.get_json()["status"]) == (201, "pending")
    again = client.post(f"/api/v1/hubs/{hub.id}/members", headers=hers)
    assert (again.status_code, again.get_json()["code"]) == (409, "already_member")
    verify = f"/api/v1/hubs/{hub.id}/members/{anna.id}/verify"
    assert client.post(verify).status_code == 401
    refused = client.post(verify, headers=hers)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_volunteer")
    for _time in range(2):
        answer = client.post(verify, headers=theirs)
        assert (answer.status_code, answer.get_json()["status"]) == (200, "verified")
    oneself = client.post(f"/api/v1/hubs/{hub.id}/members/{volunteer.id}/verify", headers=theirs)
    assert (oneself.status_code, oneself.get_json()["code"]) == (403, "not_oneself")
    assert client.post(f"/api/v1/hubs/{hub.id}/members/999/verify", headers=theirs).status_code == 404


def test_an_account_made_at_the_counter(client: FlaskClient) -> None:
    hub = factories.hub()
    theirs = factories.bearer(factories.volunteer(hub))
    path = f"/api/v1/hubs/{hub.id}/residents"
    key = {**theirs, "Idempotency-Key": "carte-1"}
    made = client.post(path, headers=key, json={"name": "Paul"})
    assert made.status_code == 201
    assert made.get_json()["member_code"].startswith("M-")
    assert client.post(path, headers=key, json={"name": "Paul"}).get_json() == made.get_json()
    other = client.post(
        path, headers=theirs, json={"name": "Paul", "email": "paul@example.org", "verified": True}
    )
    assert other.get_json()["status"] == "verified"
    taken = client.post(path, headers=theirs, json={"name": "Paul", "email": "paul@example.org"})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "email_taken")
    assert client.post(path, headers=theirs, json={"name": ""}).status_code == 422
    member = factories.bearer(factories.verified_member(hub))
    assert client.post(path, headers=member, json={"name": "Paul"}).status_code == 403


def test_a_list_costs_the_same_whatever_its_length(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    for _number in range(12):
        factories.hub()
    for limit in (1, 12):
        with query_count() as statements:
            client.get(f"/api/v1/hubs?limit={limit}&near=44.9,4.9")
        assert len(statements) <= 4
