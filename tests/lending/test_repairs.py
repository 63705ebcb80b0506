"""Repairs, from what is found broken to what goes back to its shelf or is given up, on both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import outbox
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.items.models import Item, ItemClaim
from app.lending import services as lending
from app.lending.models import Loan, RepairTicket
from app.lending.repairs import queries, services
from app.lending.waiting.models import PlaceInLine
from app.notifications.models import Notification
from tests import factories
from tests.harness.clock import Clock

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=PARIS)


def act(service: Callable[..., Any], **words: Any) -> Any:
    with transaction():
        return service(**words)


def told(kind: str) -> list[int]:
    """Who was told this, once all handlers have heard."""
    ids = outbox.due(now=at(23), limit=1000)
    db.session.rollback()
    outbox.deliver(ids, now=at(20))
    query = select(Notification.resident_id).where(Notification.kind == kind).order_by(Notification.id)
    return list(db.session.scalars(query))


class House:
    """A hub with a neighbour's speaker and a drill of its own."""

    def __init__(self) -> None:
        self.hub = factories.hub("La Maison")
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.lea = factories.resident("Léa N.")
        self.ines = factories.volunteer(self.hub, "Inès V.")
        self.paul = factories.coordinator(self.hub, "Paul C.")
        self.drill = factories.item("Perceuse", hub=self.hub, parts=(("Foret", 8), ("Mandrin", 1)))
        self.speaker = factories.item("Enceinte", hub=self.hub, owner=self.lea)

    def broken(self, item: Item | None = None, who: Resident | None = None, **words: Any) -> RepairTicket:
        said = {"condition": "damaged", "note": "Ne démarre plus", "now": at(10), **words}
        item_id = (item or self.speaker).id
        return act(services.found_broken, item_id=item_id, actor_id=(who or self.ines).id, **said)

    def step(self, ticket: RepairTicket, who: Resident | None = None, **words: Any) -> RepairTicket:
        said = {"now": at(11), **words}
        return act(services.write_down, ticket_id=ticket.id, actor_id=(who or self.ines).id, **said)


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    return House()


def live(item: Item) -> list[tuple[str, date, date]]:
    claims = select(ItemClaim).where(ItemClaim.item_id == item.id, ItemClaim.live)
    return [(one.kind, one.first_day, one.end_day) for one in db.session.scalars(claims)]


def refused(error: type[Problem], code: str, do: Callable[..., Any], *words: Any, **more: Any) -> None:
    with pytest.raises(error) as caught:
        do(*words, **more)
    assert caught.value.code == code


def test_from_the_shelf_to_the_bench_and_back(house: House) -> None:
    ticket = house.broken()
    assert live(house.speaker) == [("repair", TODAY, TODAY + timedelta(days=1))]
    assert db.session.get_one(Item, house.speaker.id).condition == "damaged"
    assert told("lending.repair_opened") == [house.lea.id, house.paul.id]
    house.step(ticket, state="parts", note="Transistor commandé", cents=450, paid_by="Le lieu")
    house.step(ticket, state="repairing", minutes=30)
    house.step(ticket, note="Soudé", minutes=15)
    assert told("lending.repair_goes_on") == [house.lea.id] * 3
    line = queries.line(ticket.id)
    assert (line.state, line.cents, line.minutes, line.paid_by) == ("repairing", 450, 45, "Le lieu")
    over = house.step(ticket, state="back", now=at(12))
    assert (over.state, over.closed_at, over.closed_by_id) == ("back", at(12), house.ines.id)
    assert live(house.speaker) == []
    assert db.session.get_one(Item, house.speaker.id).condition == "good"
    assert told("lending.repair_back") == [house.lea.id]
    assert [step.state for step in queries.steps(ticket.id)] == ["parts", "repairing", "repairing", "back"]


def test_said_twice_it_is_over_once(house: House) -> None:
    ticket = house.broken()
    house.step(ticket, state="back")
    assert house.step(ticket, state="back", now=at(12)).closed_at == at(11)
    refused(Conflict, "lending.repair_over", house.step, ticket, state="parts")
    refused(Conflict, "lending.repair_over", house.step, ticket, note="Encore un mot")
    assert len(queries.steps(ticket.id)) == 1


def test_given_up_by_whose_it_is(house: House) -> None:
    ticket = house.broken()
    waiting = factories.loan(house.speaker, house.anna, first_day=TODAY + timedelta(days=3))
    refused(Forbidden, "lending.only_the_owner", house.step, ticket, state="retired")
    refused(Forbidden, "hubs.not_volunteer", house.step, ticket, who=house.lea, state="back")
    house.step(ticket, who=house.lea, state="retired", note="Le châssis est fendu")
    assert db.session.get_one(Item, house.speaker.id).status == "retired"
    assert db.session.get_one(Loan, waiting.id).status == "expired"
    assert live(house.speaker) == []
    assert told("lending.not_mended") == [house.anna.id]
    assert told("lending.repair_retired") == []  # she said so herself


def test_a_hub_gives_up_its_own(house: House) -> None:
    ticket = house.broken(house.drill, condition="incomplete", note="", missing=["Mandrin", "Chargeur"])
    assert ticket.missing == ["Mandrin"]
    house.step(ticket, state="retired")
    assert db.session.get_one(Item, house.drill.id).status == "retired"


def test_whoever_waits_hears_that_it_is_back(house: House) -> None:
    factories.loan(house.drill, house.anna, first_day=TODAY, due=TODAY + timedelta(days=3))
    ticket = house.broken(house.drill)
    assert [kind for kind, *_ in live(house.drill)] == ["loan"]  # her days stand
    assert told("lending.ready") == []
    act(lending.close_repair, ticket_id=ticket.id, actor_id=house.ines.id, now=at(12))
    assert told("lending.ready") == [house.anna.id]


@pytest.mark.parametrize(("state", "place"), [("back", "ready"), ("retired", "dropped")])
def test_the_line_moves_with_the_repair(house: House, state: str, place: str) -> None:
    """Mended, it is kept aside for whose turn it is; given up, nobody waits in vain."""
    waits = factories.place_in_line(house.drill, house.anna)
    ticket = house.broken(house.drill)
    assert db.session.get_one(PlaceInLine, waits.id).status == "waiting"
    house.step(ticket, state=state)
    assert db.session.get_one(PlaceInLine, waits.id).status == place


def test_what_cannot_be(house: House) -> None:
    house.broken()
    refused(Conflict, "lending.in_repair_already", house.broken)
    refused(NotFound, "items.unknown", house.broken, factories.item(hub=house.hub, status="retired"))
    out = factories.item("Scie", hub=house.hub)
    factories.loan(out, house.anna, status="checked_out")
    refused(Conflict, "lending.mend_after_return", house.broken, out)
    refused(Forbidden, "hubs.not_volunteer", house.broken, house.drill, who=house.anna)
    for words, field in (
        ({"condition": "worn"}, "condition"),
        ({"condition": None}, "condition"),
        ({"note": " "}, "note"),
        ({"note": "x" * 1001}, "note"),
    ):
        with pytest.raises(Invalid) as caught:
            house.broken(house.drill, **words)
        assert list(caught.value.errors) == [field]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({}, "note"),
        ({"state": "assess", "note": " ", "cents": 0, "paid_by": ""}, "note"),
        ({"state": "dropped"}, "state"),
        ({"cents": -1}, "cents"),
        ({"minutes": 10_001}, "minutes"),
        ({"paid_by": "x" * 121}, "paid_by"),
    ],
)
def test_a_step_says_something(house: House, words: dict[str, Any], field: str) -> None:
    ticket = house.broken()
    with pytest.raises(Invalid) as caught:
        house.step(ticket, **words)
    assert list(caught.value.errors) == [field]


def test_a_repair_is_nobody_else_s_affair(house: House) -> None:
    ticket = house.broken()
    stranger = factories.volunteer(factories.hub(), "Flora H.")
    for who in (house.anna, stranger):
        refused(NotFound, "lending.repair_unknown", house.step, ticket, who=who, note="Moi ?")
        refused(NotFound, "lending.repair_unknown", queries.ticket_for, ticket.id, who.id)
    assert queries.ticket_for(ticket.id, house.lea.id).id == ticket.id


def test_at_home_the_owner_mends(house: House) -> None:
    ladder = factories.item("Échelle", owner=house.lea)
    refused(Forbidden, "lending.only_the_owner", house.broken, ladder)
    ticket = house.broken(ladder, who=house.lea)
    assert house.step(ticket, who=house.lea, state="back").state == "back"


# -- pages ------------------------------------------------------------------------------------------------


def test_the_pages_of_an_afternoon(client: FlaskClient, house: House, query_count: Any) -> None:
    browser = factories.log_in(client, house.ines)
    opened = browser.post(
        f"/items/{house.drill.id}/repair",
        data={"condition": "incomplete", "missing": "Mandrin", "note": "Tombé dans l’atelier"},
    )
    assert opened.status_code == 302
    address = opened.headers["Location"]
    assert browser.get(f"/items/{house.drill.id}/repair").headers["Location"] == address
    house.broken()

    def costs() -> int:
        with query_count() as statements:
            listed = browser.get(f"/hubs/{house.hub.slug}/repairs").text
        assert "Perceuse" in listed
        assert "Il manque" in listed
        return len(statements)

    before = costs()
    for n in range(5):
        house.broken(factories.item(f"Lampe {n}", hub=house.hub))
    assert costs() == before <= 5
    sheet = browser.get(f"/hubs/{house.hub.slug}/repairs/sheet").text
    assert sheet.count('class="qr"') == 7
    wrong = browser.post(address, data={"state": "repairing", "cents": "douze"})
    assert (wrong.status_code, "douze" in wrong.text) == (422, True)
    said = {"state": "back", "note": "Mandrin retrouvé", "cents": "3,50", "minutes": "80", "paid_by": "Anna"}
    assert browser.post(address, data=said).status_code == 302
    shown = browser.get(address).text
    assert all(words in shown for words in ("Mandrin retrouvé", "1 h 20", "3,50", "Anna"))
    assert "Perceuse" in browser.get(f"/hubs/{house.hub.slug}/repairs?state=over").text


def test_the_deposit_waits_for_the_coordinator(client: FlaskClient, house: House) -> None:
    loan = factories.loan(house.speaker, house.anna, status="returned", deposit_received_cents=2000)
    ticket = factories.repair(house.speaker, house.ines, loan_id=loan.id)
    address = f"/repairs/{ticket.id}"
    assert "/deposit" not in factories.log_in(client, house.ines).get(address).text
    browser = factories.log_in(client.application.test_client(), house.paul)
    assert "/deposit" in browser.get(address).text
    assert browser.post(f"{address}/deposit", data={"returned": "30"}).status_code == 422
    assert browser.post(f"{address}/deposit", data={"returned": "12,50"}).status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Loan, loan.id).deposit_returned_cents == 1250


# -- for programs -----------------------------------------------------------------------------------------


def test_programs_mend_too(client: FlaskClient, house: House) -> None:
    key = factories.bearer(house.ines)

    def send(path: str, **body: Any) -> Any:
        return client.post(f"/api/v1{path}", json=body, headers=key)

    made = send(f"/items/{house.speaker.id}/repairs", condition="damaged", note="Muette")
    assert (made.status_code, made.json["state"], made.json["item"]["code"]) == (
        201,
        "assess",
        house.speaker.code,
    )
    path = f"/repairs/{made.json['id']}"
    done = send(path, state="parts", cents=450, note="Commandé")
    assert (done.status_code, done.json["cents"], done.json["steps"][0]["by"]) == (200, 450, "Inès V.")
    listed = client.get(f"/api/v1/hubs/{house.hub.slug}/repairs?state=parts", headers=key).json
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    assert client.get(f"/api/v1{path}", headers=factories.bearer(house.anna)).status_code == 404
    assert send(path, state="back").status_code == 200
    assert send(path, state="parts").json["code"] == "repair_over"
