"""The page of a pledge and its calls: the same story by hand and by program, without JavaScript and live."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.core import clock
from app.core.db import db
from app.purchases.models import Campaign, Product
from app.purchases.pledging import queries
from tests import factories
from tests.purchases.pledging.acts import close, fresh


def _campaign(**values: Any) -> tuple[Campaign, Product, Product]:
    one = factories.campaign(**{"minimum_cents": 20_000, "transport_cents": 1_000, **values})
    oil = factories.product(one, tiers={12: 2790}, pack_size=6, limit_units=24)
    return (
        one,
        oil,
        factories.product(
            one, name="Pommes", allergens="aucun", unit="cagette", price_cents=1800, pack_size=1
        ),
    )


def _once(page: str) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_pledging_by_hand(app: Flask, client: FlaskClient) -> None:
    one, oil, apples = _campaign()
    who = factories.resident()
    address = f"/purchases/{one.id}/pledge"
    factories.log_in(client, who)
    page = client.get(address)
    assert page.status_code == 200
    typed = {f"want_{oil.id}": "5", f"more_{oil.id}": "1", f"want_{apples.id}": "2", "once": _once(page.text)}
    counted = client.post(address, data=typed | {"count": "1"})
    assert counted.status_code == 200
    assert queries.pledge_of(one.id, who.id) is None  # counted, and nothing kept
    for said in ("191,62 €", "Colis en cours : 5 sur 6", "La souplesse le complète", "222,40 € au plus"):
        assert said in _plain(counted.text), said
    for _twice in range(2):
        assert client.post(address, data=typed).status_code == 302
    pledge = queries.pledge_of(one.id, who.id)
    assert queries.said_by(pledge) == {oil.id: (5, 1), apples.id: (2, 0)}
    assert "Garder ces changements" in client.get(address).text
    gone = client.post(f"{address}/withdraw")
    assert gone.status_code == 302
    assert fresh(oil).wanted == 0


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(app: Flask, client: FlaskClient) -> None:
    one, oil, apples = _campaign()
    factories.log_in(client, factories.resident())
    address = f"/purchases/{one.id}/pledge"
    for typed, status, said in (
        ({f"want_{oil.id}": "25"}, 409, "24 au plus pour vous"),
        ({f"want_{oil.id}": "-1"}, 422, "Entre 0 et"),
        ({f"want_{oil.id}": "beaucoup"}, 422, "en chiffres"),
        ({f"more_{oil.id}": "2"}, 422, "dites d’abord combien"),
        ({}, 422, "d’au moins un produit"),
    ):
        page = client.post(address, data=typed)
        assert (page.status_code, said in page.text) == (status, True), (typed, page.text[:3000])
    assert fresh(apples).wanted == 0


def test_the_live_parts_change_with_what_is_typed_and_rest_when_nothing_does(
    app: Flask, client: FlaskClient
) -> None:
    one, oil, _apples = _campaign()
    factories.log_in(client, factories.resident())
    live = f"/purchases/{one.id}/pledge/live"
    parts = client.get(live, query_string={f"want_{oil.id}": "6"})
    assert 'id="sum" hx-swap-oob="innerHTML"' in parts.text
    assert "176,40 €" in _plain(parts.text)
    seen = re.search(r'id="seen" name="seen" value="(\w+)"', parts.text)
    assert seen is not None
    assert client.get(live, query_string={f"want_{oil.id}": "6", "seen": seen.group(1)}).status_code == 204
    factories.log_in(other := app.test_client(), factories.resident())
    other.post(f"/purchases/{one.id}/pledge", data={f"want_{oil.id}": "6"})
    assert "167,40 €" in _plain(
        client.get(live, query_string={f"want_{oil.id}": "6", "seen": seen.group(1)}).text
    )  # the tier that both reach together


def test_after_the_closing_the_page_says_what_one_gets_and_pays(app: Flask, client: FlaskClient) -> None:
    one, oil, _apples = _campaign(minimum_cents=0)
    who = factories.resident()
    factories.log_in(client, who)
    address = f"/purchases/{one.id}/pledge"
    client.post(address, data={f"want_{oil.id}": "6"})
    assert client.post(f"/purchases/{one.id}/close").status_code == 403
    assert fresh(one).status == "open"
    close(one, now=clock.now(), actor=one.organizer)
    page = client.get(address)
    assert "186,40 €" in _plain(page.text)  # six cans, and the transport
    assert "À payer au comptoir" in page.text
    late = client.post(address, data={f"want_{oil.id}": "7"})
    assert (late.status_code, "Les engagements sont clos" in late.text) == (409, True)
    factories.log_in(client, factories.resident())
    assert client.get(address).status_code == 302  # who has not pledged reads about the campaign


def test_the_page_reads_as_much_for_many_products_as_for_few(
    app: Flask, client: FlaskClient, query_count: Any
) -> None:
    one, _oil, _apples = _campaign()
    factories.log_in(client, factories.resident())
    address = f"/purchases/{one.id}/pledge"
    client.get(address)
    with query_count() as few:
        client.get(address)
    for _ in range(8):
        factories.product(one, tiers={20: 1000})
    with query_count() as many:
        client.get(address)
    assert len(many) == len(few)


def test_the_same_by_program(app: Flask, client: FlaskClient) -> None:
    one, oil, apples = _campaign(minimum_cents=0)
    who = factories.resident()
    headers, address = factories.bearer(who), f"/api/v1/campaigns/{one.id}/pledge"
    assert client.get(address, headers=headers).status_code == 404
    body = {"lines": [{"product": str(oil.id), "quantity": 5, "tolerance": 1}], "payment": "counter"}
    for _twice in range(2):
        answer = client.put(address, json=body, headers=headers)
        assert answer.status_code == 200
    said = answer.get_json()
    assert said["lines"] == [
        {"product": str(oil.id), "quantity": 5, "tolerance": 1, "given": None, "goods_cents": None}
    ]
    assert (said["status"], said["payment"], said["card_url"]) == ("live", "counter", None)
    assert said["ceiling_cents"] == 6 * 2940 + 1000
    shown = client.get(f"/api/v1/campaigns/{one.id}", headers=headers).get_json()
    assert (shown["pledgers"], shown["products"][0]["ordered"]) == (1, 6)
    for wrong, status, code in (
        ({"lines": [{"product": str(oil.id), "quantity": 25}]}, 409, "sold_out"),
        ({"lines": [{"product": "7e3", "quantity": 1}]}, 422, "invalid"),
        ({"lines": [{"product": str(oil.id), "quantity": -3}]}, 422, "invalid"),
        ({"lines": [{"product": str(oil.id), "quantity": 10**12}]}, 422, "invalid"),
        ({"lines": [{"product": str(oil.id), "quantity": 1.5}]}, 422, "invalid"),
        ({"lines": []}, 422, "invalid"),
        ({"lines": [{"product": str(oil.id), "quantity": 1}], "payment": "card"}, 422, "invalid"),
    ):
        refused = client.put(address, json=wrong, headers=headers)
        assert (refused.status_code, refused.get_json()["code"]) == (status, code), wrong
    stranger = factories.bearer(factories.resident())
    assert client.delete(address, headers=stranger).status_code == 204
    refused = client.post(f"/api/v1/campaigns/{one.id}/close", headers=stranger)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_yours")
    organizer = factories.bearer(one.organizer)
    for _twice in range(2):
        closed = client.post(f"/api/v1/campaigns/{one.id}/close", headers=organizer)
        assert (closed.status_code, closed.get_json()["status"]) == (200, "succeeded")
    mine = client.get(address, headers=headers).get_json()
    assert (mine["total_cents"], mine["lines"][0]["given"]) == (6 * 2940 + 1000, 6)
    late = client.put(address, json=body, headers=headers)
    assert (late.status_code, late.get_json()["code"]) == (409, "campaign_closed")
    assert client.delete(address, headers=headers).get_json()["code"] == "campaign_closed"
    db.session.rollback()
    assert fresh(apples).packs == 0


def _plain(page: str) -> str:
    """With plain spaces, whatever kind the page has between a number and its sign."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", page)
