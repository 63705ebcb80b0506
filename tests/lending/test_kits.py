"""Kits, on both databases: lent as one, each object also by itself, never one thing in two hands."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db, transaction
from app.core.errors import Blocked, Conflict, Forbidden
from app.hubs.models import Hub
from app.items import claims, search
from app.items import queries as items
from app.items import services as item_services
from app.items.filters import Wanted
from app.items.kits import services as kits
from app.items.models import Item, ItemClaim
from app.lending import desk, queries, services
from app.lending.models import Loan
from app.lending.services import passing
from app.lending.transfers import services as transfers
from tests import factories
from tests.harness.clock import Clock

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)


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


class Party:
    """A raclette party made of a grill and a bowl, at a hub with its people."""

    def __init__(self) -> None:
        self.hub: Hub = factories.hub()
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.karim = factories.verified_member(self.hub, "Karim D.")
        self.ines = factories.volunteer(self.hub, "Inès V.")
        self.grill = factories.item("Appareil à raclette", hub=self.hub)
        self.bowl = factories.item("Saladier", hub=self.hub)
        self.kit = factories.kit(of=(self.grill, self.bowl))

    def reserve(self, item: Item, first: int, last: int, who: Resident | None = None) -> Loan:
        return act(
            services.reserve,
            item_id=item.id,
            actor_id=(who or self.anna).id,
            first_day=day(first),
            due=day(last),
            now=at(10),
        )

    def desk(self, service: Callable[..., Any], item: Item, **words: Any) -> Any:
        asked = {"item_code": item.code, "hub_id": self.hub.id, "actor_id": self.ines.id, "now": at(15)}
        return act(service, **{**asked, **words})

    def out(self, item: Item, who: Resident | None = None, **words: Any) -> Loan:
        ticked = {"parts": [part.name for part in fresh(item).parts], "member_code": (who or self.anna).code}
        db.session.rollback()
        return self.desk(services.check_out, item, **{**ticked, **words}).loan

    def taken(self, item: Item) -> list[tuple[date, date]]:
        db.session.rollback()
        return [(one.first_day, one.end_day) for one in queries.taken(item.id, today=TODAY)]


@pytest.fixture
def party(app: Flask, clock: Clock) -> Party:
    return Party()


def test_one_claim_for_the_kit_and_one_for_each_object(party: Party) -> None:
    loan = party.reserve(party.kit, 1, 3)
    for item in (party.kit, party.grill, party.bowl):
        assert party.taken(item) == [(day(1), day(4))]
    with pytest.raises(Conflict, match="already_reserved"):
        party.reserve(party.bowl, 3, 5, party.karim)
    act(services.cancel, loan_id=loan.id, actor_id=party.anna.id, now=at(11))
    assert [party.taken(item) for item in (party.kit, party.grill, party.bowl)] == [[], [], []]


def test_an_object_by_itself_stands_in_the_way_of_the_kit(party: Party) -> None:
    party.reserve(party.bowl, 1, 3, party.karim)
    assert party.taken(party.kit) == [(day(1), day(4))]
    assert party.taken(party.grill) == []
    with pytest.raises(Conflict, match="already_reserved") as refused:
        party.reserve(party.kit, 2, 4)
    assert refused.value.params["alternatives"]
    assert party.reserve(party.grill, 2, 4).status == "reserved"
    line = items.line(fresh(party.kit), signed_in=True, now=at(10))
    assert line.next_free == day(0)
    wanted = Wanted(first_day=day(1), due=day(1), q="raclette")
    found = search.page(wanted, signed_in=True, now=at(10))
    assert party.kit.id not in {one.id for one in found.lines}


def test_lent_and_taken_back_by_one_scan(party: Party) -> None:
    loan = party.out(party.kit)
    with pytest.raises(Conflict, match="apart"):
        party.out(party.bowl, party.karim)
    with pytest.raises(Conflict, match="apart"):
        party.desk(services.check_in, party.bowl)
    assert queries.out_of_house(party.bowl.id)
    db.session.rollback()
    back = party.desk(services.check_in, party.kit, now=at(16))
    assert (back.loan.id, back.next.kind) == (loan.id, "shelf")
    assert [party.taken(item) for item in (party.kit, party.grill, party.bowl)] == [[], [], []]
    act(services.undo, loan_id=loan.id, hub_id=party.hub.id, actor_id=party.ines.id, now=at(16, 5))
    assert party.taken(party.bowl) == party.taken(party.kit) != []


def test_a_kit_does_not_leave_while_somebody_has_an_object_of_it(party: Party) -> None:
    party.out(party.bowl, party.karim)
    with pytest.raises(Conflict, match="apart"):
        party.out(party.kit)
    party.reserve(party.kit, 20, 21)
    ahead = at(10, days=20)
    assert [one.item_id for one in desk.today_at(party.hub.id, now=ahead).missing] == [party.kit.id]
    db.session.rollback()
    party.desk(services.check_in, party.bowl, now=at(16))
    assert [one.item_id for one in desk.today_at(party.hub.id, now=ahead).ready] == [party.kit.id]
    db.session.rollback()
    assert party.out(party.kit, now=at(17)).status == "checked_out"


def test_a_kit_that_comes_back_serves_who_waits_for_an_object_of_it(party: Party) -> None:
    party.out(party.kit)
    place = factories.place_in_line(party.bowl, party.karim)
    party.desk(services.check_in, party.kit, now=at(16))
    assert fresh(place).status == "ready"
    assert party.taken(party.kit) == party.taken(party.bowl) != []
    assert party.taken(party.grill) == []


def test_late_each_object_is_held_as_far_as_its_own_next_claim(party: Party) -> None:
    loan = party.out(party.kit, due=day(2))
    party.reserve(party.bowl, 4, 5, party.karim)
    with transaction():
        passing.push_overdue(now=at(9, days=6), after_id=0, limit=10)
    ends = {
        claim.item_id: claim.end_day
        for claim in db.session.scalars(
            select(ItemClaim).where(
                (ItemClaim.id == loan.claim_id) | (ItemClaim.kit_claim_id == loan.claim_id)
            )
        )
    }
    assert ends == {party.kit.id: day(7), party.grill.id: day(7), party.bowl.id: day(4)}


def test_a_renewal_looks_at_every_object(party: Party) -> None:
    loan = party.out(party.kit, due=day(3))
    party.reserve(party.grill, 6, 8, party.karim)
    with pytest.raises(Conflict, match="renewable_until") as refused:
        act(services.renew, loan_id=loan.id, actor_id=party.anna.id, now=at(16))
    assert refused.value.params["latest"] == day(5)
    act(services.renew, loan_id=loan.id, actor_id=party.anna.id, due=day(5), now=at(16))
    assert party.taken(party.bowl) == [(day(0), day(6))]


def test_a_kit_that_is_not_whole_is_not_lent(party: Party) -> None:
    factories.changed(party.bowl, status="lost")
    with pytest.raises(Blocked):
        party.reserve(party.kit, 1, 3)
    assert party.reserve(party.grill, 1, 3).status == "reserved"


def test_an_object_that_did_not_come_back_is_not_lent(party: Party) -> None:
    loan = party.out(party.kit)
    place = factories.place_in_line(party.grill, party.karim)
    party.desk(services.check_in, party.kit, parts=["Appareil à raclette"], now=at(16))
    assert [item.id for item in (party.grill, party.bowl) if queries.open_ticket(item.id)] == [party.bowl.id]
    db.session.rollback()
    assert fresh(place).status == "ready"
    described = {"loan_id": loan.id, "hub_id": party.hub.id, "actor_id": party.ines.id}
    both = ["Appareil à raclette", "Saladier"]
    act(services.describe_return, **described, parts=both, now=at(16, 2))
    assert queries.open_ticket(party.bowl.id) is None
    db.session.rollback()
    act(services.describe_return, **described, parts=both[:1], now=at(16, 3))
    act(services.undo, **described, now=at(16, 5))
    assert queries.open_ticket(party.bowl.id) is None
    assert party.taken(party.bowl) == party.taken(party.kit) != []
    assert fresh(place).status == "waiting"


def test_lost_and_found_with_all_that_it_is_made_of(party: Party) -> None:
    cora = factories.coordinator(party.hub)
    loan = party.out(party.kit)
    act(services.mark_lost, loan_id=loan.id, actor_id=cora.id, now=at(16))
    assert fresh(party.bowl).status == "lost"
    party.desk(services.check_in, party.kit, now=at(17))
    assert fresh(party.bowl).status == fresh(party.kit).status == "active"


def test_it_goes_to_another_hub_whole(party: Party) -> None:
    there = factories.hub("L’Atelier")
    transfer = act(
        transfers.request, item_id=party.kit.id, to_hub_id=there.id, actor_id=party.ines.id, now=at(10)
    )
    party.reserve(party.bowl, 8, 9, party.karim)
    sent = {"transfer_id": transfer.id, "actor_id": party.ines.id, "now": at(11)}
    with pytest.raises(Conflict, match="reservations_stand"):
        act(transfers.send, **sent)
    act(transfers.send, **sent, with_reservations=True)
    assert {fresh(one).hub_id for one in (party.kit, party.grill, party.bowl)} == {there.id}
    assert party.taken(party.grill) == [(day(0), day(1))]


def test_what_a_kit_can_be_made_of(party: Party) -> None:
    spoon = factories.item("Louche", hub=party.hub, notices=["Chaud !"])
    put = {"kit_id": party.kit.id, "actor_id": party.ines.id, "now": at(10)}
    with pytest.raises(Forbidden):
        act(kits.put_in, **{**put, "actor_id": party.anna.id}, object_id=spoon.id)
    for wrong, code in (
        (party.bowl, "kit_has_it"),
        (party.kit, "kit_of_kits"),
        (factories.item("Loin", hub=party.hub, status="lost"), "kit_elsewhere"),
        (factories.item("Scie", hub=party.hub, induction="Scie"), "kit_induction"),
    ):
        with pytest.raises(Conflict, match=code):
            act(kits.put_in, **put, object_id=wrong.id)
    loan = party.reserve(party.kit, 1, 3)
    with pytest.raises(Conflict, match="days_taken"):
        act(kits.put_in, **put, object_id=spoon.id)
    act(services.cancel, loan_id=loan.id, actor_id=party.anna.id, now=at(11))
    assert act(kits.put_in, **put, object_id=spoon.id).name == "Louche"
    assert fresh(party.kit).notices == ["Chaud !"]
    twin = factories.item("Louche", hub=party.hub)
    assert act(kits.put_in, **put, object_id=twin.id).name == "Louche 2"
    act(kits.take_out, **put, object_id=twin.id)
    assert claims.objects_of(party.kit.id) == sorted((party.grill.id, party.bowl.id, spoon.id))
    act(
        item_services.edit_item,
        item_id=party.kit.id,
        actor_id=party.ines.id,
        parts=[{"name": "Nappe"}, {"name": "Louche"}],
        now=at(12),
    )
    assert [part.name for part in fresh(party.kit).parts] == [
        "Appareil à raclette",
        "Saladier",
        "Louche",
        "Nappe",
    ]


def test_by_pages_and_programs(party: Party, client: FlaskClient) -> None:
    spoon = factories.item("Louche", hub=party.hub)
    browser = factories.log_in(client, party.ines)
    address = f"/items/{party.kit.id}/kit"
    assert browser.post(address, data={"code": "I-AAAA"}).status_code == 422
    assert browser.post(address, data={"code": spoon.code.lower()}).status_code == 302
    assert "Louche" in browser.get(address).get_data(as_text=True)
    assert browser.post(f"{address}/{spoon.id}/take-out").status_code == 302
    ines = factories.bearer(party.ines)
    call = f"/api/v1/items/{party.kit.id}/objects"
    made = client.post(call, json={"item": str(spoon.id)}, headers=ines)
    assert (made.status_code, made.json) == (201, {"id": str(spoon.id), "name": "Louche"})
    whole = client.get(f"/api/v1/items/{party.kit.id}", headers=ines).json
    assert [one["name"] for one in whole["objects"]] == ["Appareil à raclette", "Saladier", "Louche"]
    assert client.delete(f"{call}/{spoon.id}", headers=ines).status_code == 204
    factories.log_in(client, party.anna)
    page = browser.get(f"/items/{party.kit.id}").get_data(as_text=True)
    assert f"/items/{party.bowl.id}" in page
