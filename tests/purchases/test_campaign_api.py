"""Campaigns through the API, as the contract says: written, read with its ETag, changed, opened, listed."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.harness.clock import Clock

BASE = "/api/v1/campaigns"
FIELDS = {
    "id", "title", "hub", "supplier", "status", "closes_at", "minimum_cents", "pledged_cents", "pledgers", "products",
}  # fmt: skip
PRODUCT_FIELDS = {
    "id", "name", "unit", "price_cents", "tiers", "pack_size", "ordered", "packs", "missing_to_next_pack", "limit",
}  # fmt: skip


def body(hub: Any, **more: Any) -> dict[str, Any]:
    return {
        "hub": hub.slug, "title": "Épicerie de décembre", "supplier": "Coop", "minimum_cents": 80000,
        "closes_at": "2026-12-06T20:00:00+01:00", "delivery_day": "2026-12-11",
        "products": [{
            "name": "Huile d’olive", "unit": "bidon de 3 L", "price_cents": 2940, "pack_size": 6, "limit": 60,
            "tiers": [{"from_quantity": 20, "price_cents": 2790}],
        }],
        "slots": [{"starts_at": "2026-12-11T17:00:00+01:00", "ends_at": "2026-12-11T18:00:00+01:00", "capacity": 8}],
        **more,
    }  # fmt: skip


def test_written_changed_opened_and_listed(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """The organizer's program from draft to open; a draft is not there for others; a stale edit is 412."""
    hub = factories.hub()
    key = factories.bearer(factories.coordinator(hub))
    other = factories.bearer(factories.volunteer(hub))
    made = client.post(BASE, json=body(hub), headers=key)
    assert made.status_code == 201, made.text
    one = made.json
    assert one is not None
    path = f"{BASE}/{one['id']}"
    assert set(one) >= FIELDS
    assert set(one["products"][0]) >= PRODUCT_FIELDS
    assert (one["status"], one["closes_at"]) == ("draft", "2026-12-06T20:00:00+01:00")
    assert client.get(path).status_code == 404
    assert client.get(path, headers=other).status_code == 404
    assert client.patch(path, json={"title": "Autre"}, headers=other).status_code == 404
    read = client.get(path, headers=key)
    tag = read.headers["ETag"]
    changed = client.patch(path, json={"about": "De Nyons"}, headers=key | {"If-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    stale = client.patch(path, json={"about": "D’ailleurs"}, headers=key | {"If-Match": tag})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")  # type: ignore[index]
    assert client.post(f"{path}/open", json={}, headers=key).json["status"] == "open"  # type: ignore[index]
    again = client.post(f"{path}/open", json={}, headers=key)
    assert (again.status_code, again.json["code"]) == (409, "opened_already")  # type: ignore[index]
    factories.changed(factories.product(factories.campaign(hub=hub, status="failed")), wanted=0)
    assert [line["id"] for line in client.get(f"{BASE}?hub={hub.slug}").json["items"]] == [one["id"]]  # type: ignore[index]
    assert len(client.get(f"{BASE}?status=all&near=44.7,5.2&limit=1").json["items"]) == 1  # type: ignore[index]
    assert client.get(f"{BASE}?status=failed").json["items"][0]["status"] == "failed"  # type: ignore[index]
    later = (clock.now + timedelta(days=40)).isoformat()
    copy = client.post(f"{path}/copy", json={"closes_at": later, "delivery_day": "2027-01-08"}, headers=other)
    assert (copy.status_code, copy.json["status"]) == (201, "draft")  # type: ignore[index]
    off = client.post(f"{path}/cancel", json={"why": "Fermé"}, headers=key)
    assert off.json["status"] == "cancelled"  # type: ignore[index]


def test_every_fault_names_its_field(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """All at once, each under the name the program sent; nothing is written, the same key may be used again."""
    hub = factories.hub()
    key = factories.bearer(factories.coordinator(hub)) | {"Idempotency-Key": "one"}
    wrong = {"name": "Riz", "unit": "kg", "price_cents": -1, "pack_size": 0}
    odd = {"name": "Riz", "unit": "kg", "price_cents": 200, "pack_size": 6, "limit": 20}
    answer = client.post(BASE, json=body(hub, products=[wrong, odd]), headers=key)
    assert answer.status_code == 422
    faults = answer.json["errors"]  # type: ignore[index]
    assert set(faults) == {"products.0.price_cents", "products.0.pack_size", "products.1.limit"}
    past = client.post(BASE, json=body(hub, closes_at="2026-11-25T09:00:00+01:00"), headers=key)
    assert set(past.json["errors"]) == {"closes_at"}  # type: ignore[index]
    assert client.post(BASE, json=body(hub), headers=key).status_code == 201
    again = client.post(BASE, json=body(hub), headers=key)
    assert again.status_code == 201
    assert len(client.get(f"{BASE}/{again.json['id']}", headers=key).json["slots"]) == 1  # type: ignore[index]
