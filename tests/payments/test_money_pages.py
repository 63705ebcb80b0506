"""The pages of money: what a member has to pay and has back, the cash box, whoever stands before it, receipts."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db
from app.payments.cash.models import CashBox, Receipt
from app.payments.ledger import queries
from app.payments.ledger.rules import Account
from tests import factories
from tests.payments.acts import post
from tests.payments.test_cash import Counter


def test_a_member_sees_what_she_owes_what_is_hers_and_all_that_was_written(
    client: FlaskClient, query_count: Callable[..., Any]
) -> None:
    counter = Counter()
    factories.log_in(client, counter.anna)
    counter.take(1000)
    post(
        [(counter.member, -300), (Account.campaign("campaign:1"), 300)],
        "pledge:2",
        subject="pledge:2",
        note="=1+1",
    )
    with query_count() as statements:
        shown = client.get("/balance").text
    assert len(statements) <= 6, statements
    assert "À payer" in shown
    assert "2,50\xa0€" in shown
    assert "À vous" in shown
    assert "+0,50\xa0€" in shown, "the balance"
    assert "Reçu n° 1" in shown or "Reçu n°" in shown
    table = client.get("/balance.csv")
    assert table.mimetype == "text/csv"
    lines = table.text.splitlines()
    assert len(lines) == 4
    assert "'=1+1" in lines[1]
    assert ";300;50;EUR;" in lines[1]
    factories.log_in(client, factories.resident())
    assert "Rien d’écrit" in client.get("/balance").text


def test_what_is_hers_pays_what_she_owes(client: FlaskClient) -> None:
    counter = Counter()
    factories.log_in(client, counter.anna)
    assert "Payer avec" not in client.get("/balance").text
    post([(counter.member, -300), (Account.campaign("campaign:1"), 300)], "pledge:2", subject="pledge:2")
    assert "Payer avec" in client.get("/balance").text
    typed = {"subject": "pledge:1", "currency": "EUR", "once": "form-1"}
    for once in ("", "x" * 65, "une clé", "a:b"):
        assert client.post("/balance/use", data={**typed, "once": once}).status_code == 400
    for nothing in ("pledge:²", f"pledge:{10**30}", "pledge:", "pledge:-1", "café:1", ""):
        assert client.post("/balance/use", data={**typed, "subject": nothing}).status_code == 302
        assert counter.owed == 1250, "nobody owes anything for what is not there"
    for _twice in range(2):
        assert client.post("/balance/use", data=typed).status_code == 302
    assert counter.owed == 950
    assert queries.owed(subject="pledge:2", resident_id=counter.anna.id) == 0
    assert queries.balance(Account.carried()) == 0


def test_a_day_at_the_cash_box(client: FlaskClient) -> None:
    counter = Counter()
    slug, path = counter.hub.slug, f"/hubs/{counter.hub.slug}/cash"
    factories.log_in(client, counter.anna)
    assert client.get(path).status_code == 403
    factories.log_in(client, counter.volunteer)
    assert "Pas encore de reçu" in client.get(path).text
    assert client.post(f"{path}/close", data={"counted_cents": "5"}).status_code == 422
    assert client.post(f"{path}/open", data={"counted_cents": "vingt"}).status_code == 422
    assert client.post(f"{path}/open", data={"counted_cents": "20"}).status_code == 302
    who = client.get(f"{path}/who", query_string={"code": counter.anna.code}).text
    assert "12,50\xa0€" in who
    assert client.get(f"{path}/who", query_string={"code": "M-XXXXXXX"}).status_code == 302
    typed = {"subject": "pledge:1", "way": "in", "cents": "12,50", "means": "cash", "once": "form-1"}
    act = f"{path}/who/{counter.anna.id}"
    assert client.post(act, data={**typed, "cents": "13"}).status_code == 422
    assert client.post(act, data={**typed, "means": ""}).status_code == 422
    assert client.post(act, data={**typed, "once": ""}).status_code == 400
    assert client.post(act, data={**typed, "once": "x" * 65}).status_code == 400
    for nothing in ("pledge:²", f"pledge:{10**30}", "café:1", ""):
        assert client.post(act, data={**typed, "subject": nothing}).status_code == 422
    first = client.post(act, data=typed)
    assert client.post(act, data=typed).location == first.location, "a double click"
    assert "Rien à payer ici" in client.get(f"{path}/who", query_string={"code": counter.anna.code}).text
    assert client.post(f"{path}/bank", data={"cents": "40", "once": "b"}).status_code == 422
    assert client.post(f"{path}/bank", data={"cents": "20", "once": "b"}).status_code == 302
    assert client.post(f"{path}/close", data={"counted_cents": "12"}).status_code == 422, (
        "a word is asked for"
    )
    assert client.post(f"{path}/close", data={"counted_cents": "12", "note": "50 c"}).status_code == 302
    box = db.session.scalars(select(CashBox)).one()
    assert (box.expected_cents, box.closed_cents) == (1250, 1200)
    shown = client.get(path).text
    assert "-0,50\xa0€" in shown
    assert slug in shown


def test_a_receipt_is_for_who_paid_and_for_the_counter(client: FlaskClient) -> None:
    counter = Counter()
    receipt = counter.take()
    path = f"/receipts/{receipt.id}"
    factories.log_in(client, factories.resident())
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/reverse", data={"why": "Une erreur"}).status_code == 404
    factories.log_in(client, counter.anna)
    shown = client.get(path).text
    assert "12,50\xa0€" in shown
    assert "Annuler ce reçu" not in shown
    assert client.post(f"{path}/reverse", data={"why": "Une erreur"}).status_code == 403
    factories.log_in(client, counter.other)
    assert client.post(f"{path}/reverse", data={"why": ""}).status_code == 422
    assert client.post(f"{path}/reverse", data={"why": "Pas la bonne personne"}).status_code == 302
    assert "Annulé" in client.get(path).text
    assert queries.owed(subject="pledge:1", resident_id=counter.anna.id) == 1250


@pytest.mark.parametrize("way", ["in", "out", "shells"])
def test_another_hubs_volunteer_takes_nothing_here(client: FlaskClient, way: str) -> None:
    counter, elsewhere = Counter(), factories.volunteer(factories.hub())
    factories.log_in(client, elsewhere)
    typed = {"subject": "pledge:1", "way": way, "cents": "12,50", "means": "cash", "once": "x"}
    answer = client.post(f"/hubs/{counter.hub.slug}/cash/who/{counter.anna.id}", data=typed)
    assert answer.status_code == 403
    assert db.session.scalars(select(Receipt)).all() == []
