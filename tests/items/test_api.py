"""Objects by program: fields, status codes, ETags, idempotency, and who reads a code."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.db import db
from app.items.models import Item, Photo
from tests import factories as make
from tests.items.photos import jpeg, kept, upload

API = "/api/v1/items"
LINE = {
    "id", "title", "category", "mode", "photo_url", "hub", "owner", "distance_m", "lat", "lon", "precision_m", "available",
    "next_free", "trust",
}  # fmt: skip
WHOLE = LINE | {
    "description", "condition", "photos", "parts", "notices", "induction", "value_cents", "deposit_cents", "currency",
    "max_days", "buffer_days", "calendar",
}  # fmt: skip


@pytest.fixture(autouse=True)
def shelf(app: Flask) -> Any:
    return make.category("perceuses", name_fr="Perceuses", name_en="Drills")


def body(**fields: Any) -> dict[str, Any]:
    return {"title": "Perceuse", "category": "perceuses", "mode": ["lend"], "condition": "good", **fields}


def test_the_list_is_public_and_as_the_contract_says(client: FlaskClient, clock: Any, shelf: Any) -> None:
    hub = make.hub("L’Escale")
    item = make.item("Perceuse", hub=hub, category_id=shelf.id)
    answer = client.get(f"{API}?near=44.6975,5.1965")
    assert answer.status_code == 200
    assert set(answer.json) == {"items", "next", "total", "meant"}
    (line,) = answer.json["items"]
    assert set(line) == LINE
    assert line["id"] == str(item.id)
    assert line["category"] == {"slug": "perceuses", "name": "Perceuses"}
    assert line["hub"] == {"id": str(hub.id), "slug": hub.slug, "name": "L’Escale"}
    assert line["owner"] == {"kind": "hub", "id": str(hub.id), "name": "L’Escale"}
    assert (line["mode"], line["available"], line["next_free"], line["trust"]) == (
        ["lend"],
        True,
        "2026-11-25",
        None,
    )
    assert (line["lat"], line["precision_m"], line["photo_url"]) == (hub.lat, 0, None)
    english = client.get(API, headers={"Accept-Language": "en"}).json["items"][0]
    assert english["category"]["name"] == "Drills"


def test_with_a_token_the_published_place_is_finer(client: FlaskClient, clock: Any) -> None:
    owner = make.resident()
    item = make.item(owner=owner)
    headers = make.bearer(make.resident())
    line = client.get(f"{API}?near=home", headers=headers).json["items"][0]
    assert (line["lat"], line["lon"], line["precision_m"]) == (item.lat, item.lon, 1000)
    assert line["owner"] == {"kind": "resident", "id": str(owner.id), "name": owner.name}
    assert line["distance_m"] < 2000
    assert client.get(f"{API}?near=home").status_code == 401
    homeless = make.bearer(make.resident(home=None))
    assert client.get(f"{API}?near=home", headers=homeless).json["errors"]["near"]
    assert client.get(API, headers={"Authorization": "Bearer no"}).status_code == 401


def test_pages_by_cursor(client: FlaskClient, shelf: Any) -> None:
    hub = make.hub()
    ids = [str(make.item(f"Objet {n}", hub=hub, category_id=shelf.id).id) for n in range(7)]
    seen: list[str] = []
    address = f"{API}?near=44.7,5.2&limit=3"
    while address:
        page = client.get(address).json
        seen += [line["id"] for line in page["items"]]
        address = f"{API}?near=44.7,5.2&limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen == ids


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("limit=0", 422, "limit"), ("limit=101", 422, "limit"), ("limit=x", 422, "limit"), ("cursor=x", 400, None),
        ("near=1,2,3", 422, "near"), ("near=91,1", 422, "near"), ("radius_km=3", 422, "near"), ("mode=sell", 422, "mode"),
        ("near=1,1&radius_km=0", 422, "radius_km"), ("sort=price", 422, "sort"), ("sort=near", 422, "near"),
        ("from=2026-12-01", 422, "to"), ("from=2026-12-02&to=2026-12-01", 422, "to"), ("from=a&to=b", 422, "from"),
        ("q=" + "a" * 201, 422, "q"), ("from=9998-01-01&to=9999-12-31", 422, "to"),
    ],
)  # fmt: skip
def test_bad_parameters(client: FlaskClient, query: str, status: int, field: str | None) -> None:
    answer = client.get(f"{API}?{query}")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    if field:
        assert field in answer.json["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "q=%25&sort=relevance",
        "hub=zzz",
        "category=%27",
        "hub=99999999999999",
        "from=9999-12-01&to=9999-12-31",
        "from=0001-01-01&to=0001-01-02",
        "near=90,180&sort=near",
        "near=-90,-180",
    ],
)
def test_odd_parameters_find_nothing_or_something_but_never_break(client: FlaskClient, query: str) -> None:
    make.item(hub=make.hub())
    assert client.get(f"{API}?{query}").status_code == 200


def test_posted_read_changed_and_taken_back(client: FlaskClient, app: Flask, clock: Any) -> None:
    owner = make.resident("Nadia B.")
    headers = make.bearer(owner)
    made = client.post(
        API, headers=headers,
        json=body(description="Bleue", value_cents=9000, max_days=5, parts=[{"name": "Clé", "count": 2}]),
    )  # fmt: skip
    assert made.status_code == 201
    assert set(made.json) >= WHOLE | {"code"}
    assert made.json["parts"] == [{"name": "Clé", "count": 2}]
    assert made.json["currency"] == "EUR"
    assert (made.json["calendar"], made.json["available"]) == ([], True)
    item_id, tag = made.json["id"], made.headers["ETag"]
    one = f"{API}/{item_id}"
    assert client.get(one, headers=headers).headers["ETag"] == tag
    changed = client.patch(one, headers={**headers, "If-Match": tag}, json={"title": "Perceuse verte"})
    assert (changed.status_code, changed.json["title"], changed.json["description"]) == (
        200,
        "Perceuse verte",
        "Bleue",
    )
    assert changed.headers["ETag"] != tag
    stale = client.patch(one, headers={**headers, "If-Match": tag}, json={"title": "Perceuse rouge"})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert client.patch(one, headers=headers, json={"title": "Perceuse rose"}).status_code == 200
    assert (
        client.patch(one, headers={**headers, "If-Match": "*"}, json={"max_days": None}).json["max_days"]
        is None
    )
    assert client.delete(one, headers={**headers, "If-Match": tag}).status_code == 412
    odd = tag.replace(tag.strip('"').rpartition("-")[2] + '"', '²"')
    assert client.delete(one, headers={**headers, "If-Match": odd}).status_code == 412
    gone = client.delete(one, headers=headers)
    assert (gone.status_code, gone.data) == (204, b"")
    assert client.get(one, headers=headers).status_code == 404
    assert client.get(API).json["items"] == []
    assert client.delete(one, headers=headers).status_code == 404


def test_the_calendar_says_the_days_taken_inclusively(client: FlaskClient, clock: Any) -> None:
    item = make.item(hub=make.hub())
    make.claim(item, date(2026, 11, 20), date(2026, 11, 24), "loan")
    make.claim(item, date(2026, 11, 24), date(2026, 11, 27), "loan")
    make.claim(item, date(2026, 12, 1), date(2026, 12, 2), "own")
    make.claim(item, date(2026, 12, 5), date(2026, 12, 9), "loan", live=False)
    found = client.get(f"{API}/{item.id}").json
    assert found["calendar"] == [
        {"from": "2026-11-24", "to": "2026-11-26", "kind": "loan"},
        {"from": "2026-12-01", "to": "2026-12-01", "kind": "own"},
    ]
    assert (found["available"], found["next_free"]) == (False, "2026-11-27")


def test_the_code_is_for_the_owner_and_the_hubs_volunteers(client: FlaskClient) -> None:
    hub = make.hub()
    owner = make.verified_member(hub)
    item = make.item(hub=hub, owner=owner)
    one = f"{API}/{item.id}"
    readers = (owner, make.volunteer(hub), make.coordinator(hub))
    others = (make.verified_member(hub), make.volunteer(make.hub()), make.steward())
    assert [client.get(one, headers=make.bearer(who)).json.get("code") for who in readers] == [item.code] * 3
    assert [client.get(one, headers=make.bearer(who)).json.get("code") for who in others] == [None] * 3
    assert "code" not in client.get(one).json


def test_what_is_kept_at_home_follows_it(client: FlaskClient) -> None:
    owner = make.resident(home=(44.7, 5.2))
    item = make.item(owner=owner)
    headers = make.bearer(owner)
    home = {"home": {"lat": 48.85, "lon": 2.35}}
    assert client.patch("/api/v1/me", headers=headers, json=home).status_code == 200
    moved = client.get(f"{API}/{item.id}", headers=headers).json
    assert abs(moved["lat"] - 48.85) < 0.01
    assert abs(moved["lon"] - 2.35) < 0.01


def test_drafts_of_others_are_unknown(client: FlaskClient) -> None:
    owner = make.resident()
    draft = make.item(owner=owner, status="draft")
    one = f"{API}/{draft.id}"
    other = make.bearer(make.resident())
    assert client.get(one).status_code == client.get(one, headers=other).status_code == 404
    assert client.patch(one, headers=other, json={"title": "Non"}).status_code == 404
    assert client.delete(one, headers=other).status_code == 404
    assert client.get(one, headers=make.bearer(owner)).status_code == 200


@pytest.mark.parametrize("item_id", ["0", "x", "-1", "1.5", "99999999999999999999", "é", "1'--"])
def test_ids_of_nothing(client: FlaskClient, item_id: str) -> None:
    headers = make.bearer(make.resident())
    assert client.get(f"{API}/{item_id}").status_code == 404
    assert client.patch(f"{API}/{item_id}", headers=headers, json={"title": "Non"}).status_code == 404
    assert client.delete(f"{API}/{item_id}", headers=headers).status_code == 404
    assert (
        client.post(f"{API}/{item_id}/photos", headers=headers, data={"photo": upload()}).status_code == 404
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"), ({"title": "x" * 5000}, "title"), ({"title": 5}, "title"), ({"mode": "lend"}, "mode"),
        ({"mode": []}, "mode"), ({"mode": ["x"]}, "mode"), ({"category": "x"}, "category"),
        ({"value_cents": 1.5}, "value_cents"),
        ({"value_cents": "9"}, "value_cents"), ({"deposit_cents": -1}, "deposit_cents"), ({"hub": "nowhere"}, "hub"),
        ({"owner": "hub"}, "hub"), ({"owner": "x"}, "owner"), ({"parts": [{"count": 1}]}, "parts.0.name"),
        ({"parts": [{"name": "a", "count": 10**9}]}, "parts"), ({"parts": {}}, "parts"), ({"condition": "x"}, "condition"),
        ({"max_days": 1000}, "max_days"), ({"max_days": 10**30}, "max_days"), ({"colour": "blue"}, "colour"),
        ({"id": "3"}, "id"), ({"status": "active"}, "status"),
    ],
)  # fmt: skip
def test_bad_fields(client: FlaskClient, wrong: dict[str, Any], field: str) -> None:
    answer = client.post(API, headers=make.bearer(make.resident()), json=body(**wrong))
    assert answer.status_code == 422
    assert any(name.startswith(field.partition(".")[0]) for name in answer.json["errors"]), answer.json
    assert db.session.query(Item).count() == 0


def test_bodies_that_are_none(client: FlaskClient) -> None:
    headers = make.bearer(make.resident())
    for data, status in ((b"{", 400), (b"[]", 422), (b"null", 422), (b"", 422)):
        answer = client.post(API, headers=headers, data=data, content_type="application/json")
        assert answer.status_code in (status, 400, 422)
        assert answer.content_type == "application/problem+json"


def test_roles_and_refusals(client: FlaskClient) -> None:
    hub = make.hub()
    member, volunteer = make.bearer(make.verified_member(hub)), make.bearer(make.volunteer(hub))
    assert client.post(API, json=body()).status_code == 401
    assert (
        client.post(API, headers=member, json=body(owner="hub", hub=hub.slug)).json["code"] == "not_volunteer"
    )
    made = client.post(API, headers=volunteer, json=body(owner="hub", hub=str(hub.id)))
    assert made.json["owner"]["kind"] == "hub"
    assert client.post(API, headers=member, json=body(hub=hub.slug)).json["hub"]["slug"] == hub.slug
    assert client.patch(f"{API}/{made.json['id']}", headers=member, json={"title": "Non"}).status_code == 403
    assert client.delete(f"{API}/{made.json['id']}", headers=member).status_code == 403
    unsure = make.bearer(make.resident(confirmed=False))
    refused = client.post(API, headers=unsure, json=body())
    assert (refused.status_code, refused.json["code"]) == (409, "email_unconfirmed")
    item = make.item(owner=(owner := make.resident()))
    make.loan(item, make.resident())
    assert client.delete(f"{API}/{item.id}", headers=make.bearer(owner)).json["code"] == "days_taken"


def test_the_same_key_posts_once(client: FlaskClient) -> None:
    headers = {**make.bearer(make.resident()), "Idempotency-Key": "k-1"}
    first = client.post(API, headers=headers, json=body())
    again = client.post(API, headers=headers, json=body())
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert db.session.query(Item).count() == 1
    assert (
        client.post(API, headers=headers, json=body(title="Autre")).json["code"] == "idempotency_key_reused"
    )


def test_photos_by_program(client: FlaskClient, app: Flask) -> None:
    owner = make.resident()
    item = make.item(owner=owner)
    headers = make.bearer(owner)
    address = f"{API}/{item.id}/photos"
    made = client.post(address, headers=headers, data={"photo": upload()})
    assert made.status_code == 201
    assert made.json["width"] == 1280
    assert b"Secret" not in client.get(made.json["url"]).data
    shown = client.get(f"{API}/{item.id}").json
    assert shown["photo_url"] == made.json["url"]
    assert [photo["id"] for photo in shown["photos"]] == [made.json["id"]]
    before = kept(app)
    for content, status in (
        (b"text", 415),
        (jpeg()[:2000], 422),
        (b"", 422),
        (b"\xff\xd8" + b"\0" * 10_500_000, 413),
    ):
        assert client.post(address, headers=headers, data={"photo": upload(content)}).status_code == status
    assert client.post(address, headers=headers).status_code == 422
    assert client.post(address, data={"photo": upload()}).status_code == 401
    assert (
        client.post(address, headers=make.bearer(make.resident()), data={"photo": upload()}).status_code
        == 403
    )
    assert kept(app) == before


def test_the_same_photo_under_the_same_key_is_shown_once(client: FlaskClient, app: Flask) -> None:
    owner = make.resident()
    item = make.item(owner=owner)
    headers = {**make.bearer(owner), "Idempotency-Key": "p-1"}
    content = jpeg()
    send: Callable[[bytes], Any] = lambda photo: client.post(  # noqa: E731
        f"{API}/{item.id}/photos", headers=headers, data=b"--x\r\nContent-Disposition: form-data; name=photo; filename=a.jpg"
        b"\r\nContent-Type: image/jpeg\r\n\r\n" + photo + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x",
    )  # fmt: skip
    first, again = send(content), send(content)
    assert (first.status_code, again.status_code, first.json) == (201, 201, again.json)
    assert db.session.query(Photo).count() == 1
    assert len(kept(app)) == 3
    assert send(jpeg(size=(900, 900))).json["code"] == "idempotency_key_reused"
    assert len(kept(app)) == 3


def test_a_list_costs_five_statements_whatever_its_size(
    client: FlaskClient, query_count: Callable[..., Any], shelf: Any
) -> None:
    hub = make.hub()
    for n in range(40):
        make.item(
            f"Objet {n}",
            hub=hub if n % 2 else None,
            owner=None if n % 2 else make.resident(),
            category_id=shelf.id,
        )
    headers = make.bearer(make.resident())
    for limit in (1, 20, 100):
        with query_count() as statements:
            client.get(
                f"{API}?near=home&limit={limit}&q=objet&from=2026-12-01&to=2026-12-02", headers=headers
            )
        assert len(statements) <= 5
