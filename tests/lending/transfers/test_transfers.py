"""Objects that go from hub to hub, on both databases: who may, what is free when, what goes along."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import outbox
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, Forbidden, NotFound
from app.hubs.rules import OpenDays, Opening
from app.items import services as items
from app.items.models import Item, ItemClaim
from app.lending import queries as lending
from app.lending import services as loans
from app.lending.models import Loan
from app.lending.services import passing
from app.lending.transfers import jobs, queries, rules, services
from app.lending.transfers.models import Transfer
from app.notifications.models import Notification
from tests import factories
from tests.harness.clock import Clock
from tests.harness.statements import Statements

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)
"""A Wednesday; the house is open every day, the workshop from Wednesday to Saturday."""


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=PARIS) + timedelta(days=days)


def act(service: Callable[..., Any], **words: Any) -> Any:
    with transaction():
        return service(**words)


def fresh(row: Any) -> Any:
    db.session.rollback()
    return db.session.get(type(row), row.id, populate_existing=True)


def deliver(now: datetime) -> None:
    ids = outbox.due(now=now + timedelta(minutes=1), limit=1000)
    db.session.rollback()
    outbox.deliver(ids, now=now)


def told(kind: str) -> list[int]:
    query = select(Notification.resident_id).where(Notification.kind == kind).order_by(Notification.id)
    return list(db.session.scalars(query))


class TwoHubs:
    """A house and a workshop with their people, and a drill of the house."""

    def __init__(self) -> None:
        self.house = factories.hub("La Maison", policy={"same_day_handover": True})
        self.workshop = factories.hub("L’Atelier", weekdays=(2, 3, 4, 5), closes=time(18))
        self.anna = factories.verified_member(self.house, "Anna B.")
        factories.membership(self.workshop, self.anna)
        self.karim = factories.verified_member(self.house, "Karim D.")
        self.ines = factories.volunteer(self.house, "Inès V.")
        self.paul = factories.coordinator(self.house, "Paul C.")
        self.flora = factories.coordinator(self.workshop, "Flora H.")
        self.drill = factories.item(hub=self.house, shelf="B3")

    def ask(self, who: Resident | None = None, item: Item | None = None) -> Transfer:
        return act(
            services.request,
            item_id=(item or self.drill).id,
            to_hub_id=self.workshop.id,
            actor_id=(who or self.flora).id,
            note="Pour samedi",
            now=at(10),
        )

    def send(self, transfer: Transfer, **words: Any) -> Transfer:
        asked = {"transfer_id": transfer.id, "actor_id": self.ines.id, "now": at(11), **words}
        return act(services.send, **asked)

    def receive(self, **words: Any) -> services.Received | None:
        scanned = {
            "item_code": self.drill.code,
            "hub_id": self.workshop.id,
            "actor_id": self.flora.id,
            "now": at(15),
            **words,
        }
        return act(services.receive, **scanned)

    def reserve(self, who: Resident, first: int, last: int) -> Loan:
        return act(
            loans.reserve,
            item_id=self.drill.id,
            actor_id=who.id,
            first_day=day(first),
            due=day(last),
            now=at(9),
        )

    def free_today(self) -> bool:
        db.session.rollback()
        return not lending.taken(self.drill.id, today=TODAY)


@pytest.fixture
def town(app: Flask, clock: Clock) -> TwoHubs:
    return TwoHubs()


def test_asked_for_sent_and_received(town: TwoHubs) -> None:
    transfer = town.ask()
    assert town.free_today()  # still here, and free
    town.send(transfer)
    drill = fresh(town.drill)
    assert (drill.hub_id, drill.shelf, drill.owner_hub_id) == (town.workshop.id, "", town.house.id)
    assert (drill.lat, drill.coarse_lat) == (town.workshop.lat, town.workshop.lat)
    assert not town.free_today()
    assert lending.out_of_house(town.drill.id)
    came = town.receive()
    assert came is not None
    assert not came.repeated
    assert came.next.kind == "shelf"
    assert town.free_today()
    assert lending.in_house_since(town.drill.id, besides=0) == at(15)
    again = town.receive(now=at(15, 5))
    assert again is not None
    assert again.repeated
    assert town.receive(now=at(15, 20)) is None
    deliver(at(15, 30))
    assert told("lending.transfer_requested") == []  # it is over: nobody is asked any more
    db.session.rollback()


def test_what_its_owner_took_elsewhere_is_called_off_when_it_is_asked_for_again(town: TwoHubs) -> None:
    bench = factories.item(owner=town.anna, hub=town.house)
    first = town.ask(town.anna, bench)
    garage = factories.hub("Le Garage")
    factories.membership(garage, town.anna)
    act(items.edit_item, item_id=bench.id, actor_id=town.anna.id, hub=garage.slug, now=at(10, 30))
    second = town.ask(town.anna, bench)
    assert (fresh(second).from_hub_id, fresh(second).status) == (garage.id, "requested")
    assert (fresh(first).status, fresh(first).cancelled_at) == ("cancelled", at(10))
    acts = select(AuditEntry.act).where(
        AuditEntry.subject_id == first.id, AuditEntry.subject_kind == "transfer"
    )
    assert "lending.transfer_cancelled" in db.session.scalars(acts).all()
    db.session.rollback()


def test_who_may(town: TwoHubs) -> None:
    own = factories.item("Scie", hub=town.house, owner=town.anna)
    with pytest.raises(Forbidden):
        town.ask(town.karim)
    with pytest.raises(Forbidden, match="owner_decides"):
        town.ask(town.ines, own)
    assert town.ask(town.anna, own).status == "requested"
    transfer = town.ask()
    with pytest.raises(Conflict, match="transfer_open"):
        town.ask(town.ines)
    with pytest.raises(Forbidden):
        town.send(transfer, actor_id=town.flora.id)
    with pytest.raises(NotFound):
        town.send(transfer, actor_id=town.karim.id)
    town.send(transfer)
    with pytest.raises(Forbidden):
        act(services.cancel, transfer_id=transfer.id, actor_id=town.flora.id, now=at(12))
    assert town.send(transfer).status == "sent"  # said twice, it holds once


def test_what_is_out_or_broken_does_not_leave(town: TwoHubs) -> None:
    scanned = {"item_code": town.drill.code, "hub_id": town.house.id, "actor_id": town.ines.id}
    act(loans.check_out, **scanned, member_code=town.anna.code, now=at(10))
    transfer = town.ask()
    with pytest.raises(Conflict, match="transfer_not_here"):
        town.send(transfer)
    back = act(loans.check_in, **scanned, now=at(12))
    assert (back.next.kind, back.next.hub.id) == ("transfer", town.workshop.id)
    town.send(transfer, now=at(13))
    with pytest.raises(Conflict, match="other_hub"):
        act(loans.check_out, **scanned, member_code=town.anna.code, now=at(14))


def test_reservations_go_along(town: TwoHubs) -> None:
    fits = town.reserve(town.anna, 1, 3)  # Thursday to Saturday
    shut = town.reserve(town.karim, 11, 13)  # Sunday to Tuesday; and Karim is no member there
    transfer = town.ask()
    with pytest.raises(Conflict, match="reservations_stand") as refused:
        town.send(transfer)
    assert [one["misfits"] for one in refused.value.params["reservations"]] == [
        [],
        ["closed_first", "closed_due", "not_member"],
    ]
    town.send(transfer, with_reservations=True)
    assert [fresh(one).hub_id for one in (fits, shut)] == [town.workshop.id] * 2
    assert [one.loan_id for one in queries.to_decide(fresh(town.workshop))] == [shut.id]
    db.session.rollback()
    deliver(at(12))
    assert told("lending.moved") == [town.anna.id, town.karim.id]
    db.session.rollback()
    act(loans.cancel, loan_id=shut.id, actor_id=town.flora.id, why="Fermé", now=at(13))
    assert queries.to_decide(fresh(town.workshop)) == []


def test_called_back_with_all_that_went_along(town: TwoHubs) -> None:
    loan = town.reserve(town.anna, 1, 3)
    transfer = town.ask()
    town.send(transfer, with_reservations=True)
    act(services.cancel, transfer_id=transfer.id, actor_id=town.ines.id, now=at(12))
    assert fresh(loan).hub_id == fresh(town.drill).hub_id == town.house.id
    assert not lending.out_of_house(town.drill.id)
    assert town.receive() is None
    deliver(at(13))
    assert told("lending.moved") == [town.anna.id]  # once: where it is now
    assert town.send(town.ask(), with_reservations=True, now=at(14)).status == "sent"


def test_on_the_way_days_are_pushed_up_to_the_next_claim(town: TwoHubs, clock: Clock) -> None:
    loan = town.reserve(town.anna, 3, 3)
    transfer = town.ask()
    town.send(transfer, with_reservations=True)
    for days in (1, 2, 3, 4):
        jobs.push_transfers(now=at(9, days=days))
    claim = db.session.scalar(select(ItemClaim).where(ItemClaim.kind == "transfer"))
    assert claim is not None
    assert (claim.first_day, claim.end_day, claim.live) == (day(0), day(3), True)
    db.session.rollback()
    with transaction():  # the van did not come: no no-show for Anna
        passing.turn_pick_up_clocks(now=at(20, days=3), after_id=0, limit=10)
    assert fresh(loan).status == "expired"
    deliver(at(20, days=3))
    assert told("lending.not_in_house") == [town.anna.id]
    db.session.rollback()


def test_two_scans_at_the_new_hub_lend_what_is_just_unloaded(town: TwoHubs) -> None:
    transfer = town.ask()
    town.send(transfer)
    scanned = {"item_code": town.drill.code, "hub_id": town.workshop.id, "actor_id": town.flora.id}
    with pytest.raises(Blocked):
        act(loans.check_out, **scanned, member_code=town.karim.code, now=at(15))
    assert fresh(transfer).status == "sent"  # all or nothing
    out = act(loans.check_out, **scanned, member_code=town.anna.code, now=at(15))
    assert out.loan.status == "checked_out"
    assert fresh(transfer).status == "received"


def test_who_waits_for_it_is_told_when_it_arrives(town: TwoHubs) -> None:
    loan = town.reserve(town.anna, 0, 2)
    transfer = town.ask()
    town.send(transfer, with_reservations=True)
    assert fresh(transfer).claim_id is None  # Anna's own days stand
    came = town.receive()
    assert came is not None
    assert (came.next.kind, came.next.user_id) == ("waiting", town.anna.id)
    deliver(at(16))
    assert told("lending.ready") == [town.anna.id]
    db.session.rollback()
    assert fresh(loan).status == "reserved"


def test_who_stands_in_line_for_it_has_it_kept_aside_where_it_arrives(town: TwoHubs) -> None:
    transfer = town.ask()
    town.send(transfer)
    factories.place_in_line(town.drill, town.anna)
    came = town.receive()
    assert came is not None
    assert (came.next.kind, came.next.user_id) == ("waiting", town.anna.id)
    asked = {"item_id": town.drill.id, "to_hub_id": town.house.id, "actor_id": town.ines.id, "now": at(16)}
    onward = act(services.request, **asked)
    with pytest.raises(Conflict, match="transfer_kept_for"):
        town.send(onward, actor_id=town.flora.id, now=at(17))


def test_misfits_are_said_by_themselves() -> None:
    week = OpenDays(timezone="Europe/Paris", week=(Opening(2, time(9), time(18)),))
    assert rules.misfits(week, first_day=day(0), due=day(7), member=True) == []
    assert rules.misfits(week, first_day=day(1), due=day(1), member=False) == ["closed_first", "not_member"]


# -- pages and programs -----------------------------------------------------------------------------------


def test_the_van_list_by_pages_alone(
    town: TwoHubs, client: FlaskClient, clock: Clock, query_count: Callable[[], Any]
) -> None:
    town.reserve(town.karim, 11, 13)
    browser = factories.log_in(client, town.flora)
    asked = browser.post(f"/items/{town.drill.id}/transfer", data={"to": str(town.workshop.id)})
    assert asked.status_code == 302
    factories.log_in(client, town.ines)
    address = f"/hubs/{town.house.slug}/transfers"
    assert "À charger pour L’Atelier" in browser.get(address).get_data(as_text=True)
    scanned = browser.post(address, data={"code": town.drill.code})
    shown = browser.get(scanned.location).get_data(as_text=True)
    assert "Il part, avec ses réservations" in shown
    assert browser.post(f"{scanned.location}/send").status_code == 409
    assert browser.post(f"{scanned.location}/send", data={"with_reservations": "yes"}).status_code == 302
    factories.log_in(client, town.flora)
    there = f"/hubs/{town.workshop.slug}/transfers"
    statements: Statements
    with query_count() as statements:
        page = browser.get(there).get_data(as_text=True)
    assert "Attendus ici" in page
    assert "À décider" in page
    assert len(statements) <= 9
    assert browser.post(there, data={"code": town.drill.code}).status_code == 302
    shelf = browser.post(f"{scanned.location}/shelf", data={"shelf": "A1"})
    assert shelf.status_code == 302
    assert fresh(town.drill).shelf == "A1"
    assert browser.post(there, data={"code": "I-AAAA"}).status_code == 302
    factories.log_in(client, town.karim)
    assert browser.get(there).status_code == 403


def test_the_counter_receives_it_by_one_scan(town: TwoHubs, client: FlaskClient) -> None:
    town.send(town.ask())
    browser = factories.log_in(client, town.flora)
    form = {"hub": town.workshop.slug, "member": "", "code": town.drill.code}
    label = browser.get(f"/c/{town.drill.code}").get_data(as_text=True)
    assert "Il est arrivé" in label
    page = browser.post("/counter/scan", data=form).get_data(as_text=True)
    assert "Arrivé" in page
    assert "La Maison" in page


def test_by_programs(town: TwoHubs, client: FlaskClient) -> None:
    flora, ines = factories.bearer(town.flora), factories.bearer(town.ines)
    asked = client.post(
        f"/api/v1/items/{town.drill.id}/transfers", json={"to": town.workshop.slug}, headers=flora
    )
    assert asked.status_code == 201
    assert asked.json["from"]["slug"] == town.house.slug
    town.reserve(town.karim, 11, 13)
    address = f"/api/v1/transfers/{asked.json['id']}"
    refused = client.post(f"{address}/send", json={}, headers=ines)
    assert (refused.status_code, refused.json["code"]) == (409, "reservations_stand")
    assert refused.json["reservations"][0]["misfits"] == ["closed_first", "closed_due", "not_member"]
    sent = client.post(f"{address}/send", json={"with_reservations": True}, headers=ines)
    assert sent.json["status"] == "sent"
    where = {"code": town.drill.code, "hub": town.workshop.slug}
    assert client.get("/api/v1/counter/lookup", query_string=where, headers=flora).json["actions"] == [
        "check_in"
    ]
    came = client.post(
        "/api/v1/counter/check-in",
        json={"item_code": town.drill.code, "hub": town.workshop.slug},
        headers=flora,
    )
    assert came.status_code == 200, came.json
    assert (came.json["loan"], came.json["transfer"]["status"]) == (None, "received")
    listed = client.get(f"/api/v1/transfers?hub={town.house.slug}", headers=ines).json
    assert [one["status"] for one in listed["items"]] == ["received"]
    assert client.get(address, headers=factories.bearer(town.karim)).status_code == 404
