"""Transactions that sum to zero: said once, read back, and kept by the database itself whoever writes."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.core.db import transaction
from app.core.errors import Conflict
from app.payments.ledger import queries, services
from app.payments.ledger.rules import Account, entries_of
from tests import factories
from tests.payments.acts import LEDGER, NOW, post

accounts = st.sampled_from(
    (Account.member(1), Account.member(2), Account.cash(1), Account.campaign("campaign:1"), Account.stripe())
)


@given(st.lists(st.tuples(accounts, st.integers(-10_000, 10_000)), max_size=8))
def test_lines_become_a_chain_that_ends_at_zero_or_are_refused(lines: list[tuple[Account, int]]) -> None:
    sums: dict[Account, int] = {}
    for account, cents in lines:
        sums[account] = sums.get(account, 0) + cents
    if sum(sums.values()) or not any(sums.values()):
        with pytest.raises(ValueError, match=r"sum to|nothing moves"):
            entries_of(lines)
        return
    entries = entries_of(lines)
    assert {entry.account: entry.amount for entry in entries} == {one: n for one, n in sums.items() if n}
    assert [entry.before for entry in entries] == [0, *(entry.after for entry in entries[:-1])]
    assert entries[-1].after == 0
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))


def test_what_is_posted_is_read_back(app: Flask) -> None:
    anna, hub = factories.resident(), factories.hub()
    member, campaign = Account.member(anna.id), Account.campaign("campaign:1")
    post([(member, 1250), (campaign, -1000), (campaign, -250)], note="Pommes")
    post([(Account.cash(hub.id), 1000), (member, -1000)], "receipt:1", kind="receipt", actor_id=anna.id)
    post([(member, 500), (campaign, -500)], "pledge:2", subject="pledge:2")
    post([(member, 700), (campaign, -700)], "pledge:3", subject="pledge:3", currency="JPY")
    assert queries.owed(subject="pledge:1", resident_id=anna.id) == 250
    assert queries.owed(subject="pledge:9", resident_id=anna.id) == 0
    assert queries.balance(member) == 750
    assert queries.balance(member, "JPY") == 700
    assert queries.balance(campaign) == -1750
    assert queries.standing_of("pledge:1") == {member: 250, campaign: -1250, Account.cash(hub.id): 1000}


def test_it_is_written_once_for_its_source_and_kind(app: Flask) -> None:
    anna = Account.member(factories.resident().id)
    lines = [(anna, 1250), (Account.campaign("campaign:1"), -1250)]
    first = post(lines)
    assert post(list(reversed(lines)), now=NOW.replace(hour=12)).id == first.id
    with pytest.raises(Conflict, match="posted_otherwise"):
        post([(anna, 1300), (Account.campaign("campaign:1"), -1300)])
    with pytest.raises(Conflict, match="posted_otherwise"):
        post(lines, subject="pledge:2")
    with pytest.raises(ValueError, match="sum to 1"):
        post([(anna, 1250), (Account.stripe(), -1249)], "pledge:7")
    assert queries.balance(anna) == 1250


INSERT = """INSERT INTO money_entry
(transaction_id, number, entries, previous, account_id, currency, amount, before, after)
VALUES (:tx, {values})"""
WRONG = {
    "no entries": [],
    "one entry": ["1, 2, NULL, :one, 'EUR', 5, 0, 5"],
    "an odd sum": ["1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :two, 'EUR', -4, 5, 1"],
    "a broken chain": ["1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :two, 'EUR', -4, 4, 0"],
    "a chain that begins elsewhere": ["1, 2, NULL, :one, 'EUR', 5, 5, 10", "2, 2, 1, :two, 'EUR', -10, 10, 0"],
    "a false sum": ["1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :two, 'EUR', -4, 5, 0"],
    "a link left out": ["2, 2, NULL, :two, 'EUR', -5, 5, 0"],
    "one too many": [
        "1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :two, 'EUR', -5, 5, 0", "3, 3, 2, :three, 'EUR', 5, 0, 5",
    ],
    "two currencies": ["1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :yen, 'EUR', -5, 5, 0"],
}  # fmt: skip


def _by_hand(app: Flask, links: list[str]) -> None:
    who = factories.resident()
    for currency in ("EUR", "JPY"):
        post(
            [(Account.member(who.id), 1), (Account.stripe(), 1), (Account.fees(), -2)],
            f"x:{currency}",
            currency=currency,
        )
    with transaction() as session:
        connection = session.connection()
        rows = connection.execute(text("SELECT kind, currency, id FROM money_account"))
        known = {(row.kind, row.currency): row.id for row in rows}
        ids = {
            "tx": 900,
            "one": known["member", "EUR"],
            "two": known["stripe", "EUR"],
            "three": known["fees", "EUR"],
            "yen": known["stripe", "JPY"],
        }
        connection.execute(
            text(
                "INSERT INTO money_transaction (id, source, kind, subject, currency, entries, rest, at, seal)"
                " VALUES (900, 'by:hand', 'due', 'pledge:1', 'EUR', 2, 0, '2026-11-25 09:00:00', '')"
            )
        )
        for link in links:
            said = INSERT.format(values=link)
            connection.execute(text(said), {name: n for name, n in ids.items() if f":{name}" in said})


@pytest.mark.parametrize("what", WRONG)
def test_the_database_itself_refuses_what_does_not_sum_to_zero(app: Flask, what: str) -> None:
    with pytest.raises(Conflict, match=r"core\.conflict"):
        _by_hand(app, WRONG[what])
    assert queries.transaction_of("by:hand", "due") is None


def test_by_hand_too_what_sums_to_zero_is_taken(app: Flask) -> None:
    _by_hand(app, ["1, 2, NULL, :one, 'EUR', 5, 0, 5", "2, 2, 1, :two, 'EUR', -5, 5, 0"])
    assert queries.transaction_of("by:hand", "due") is not None


@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize("act", ["UPDATE {} SET currency = currency", "DELETE FROM {}"])
def test_the_database_itself_keeps_what_is_written(app: Flask, table: str, act: str) -> None:
    post([(Account.stripe(), 5), (Account.fees(), -5)])
    with pytest.raises(Conflict) as refused, transaction() as session:
        session.execute(text(act.format(table)))
    assert "what is in the ledger stands" in str(refused.value.__cause__)


def test_what_is_hers_pays_what_she_owes_elsewhere(app: Flask) -> None:
    anna = factories.resident()
    member = Account.member(anna.id)
    post([(member, 500), (Account.campaign("campaign:2"), -500)], "pledge:2", subject="pledge:2")
    post([(member, -300), (Account.campaign("campaign:1"), 300)], "pledge:1", kind="shortage")

    def carry(cents: int, key: str = "carry:1") -> None:
        with transaction():
            services.carry(
                key=key, resident_id=anna.id, from_subject="pledge:1", to_subject="pledge:2", cents=cents,
                actor_id=anna.id, now=NOW,
            )  # fmt: skip

    with pytest.raises(Conflict, match="not_hers"):
        carry(301)
    carry(300)
    carry(300)
    assert queries.owed(subject="pledge:1", resident_id=anna.id) == 0
    assert queries.owed(subject="pledge:2", resident_id=anna.id) == 200
    assert queries.balance(Account.carried()) == 0
    with pytest.raises(Conflict, match="not_hers"):
        carry(1, "carry:2")
