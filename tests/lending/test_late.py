"""What does not come back: who is told by whom, what the terms of a hub do by themselves, what turns up again."""

import html
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Forbidden
from app.hubs.models import Membership
from app.items.models import Item
from app.lending import jobs, late, services
from app.lending.models import Loan
from app.messages import queries as message_queries
from tests import factories
from tests.harness.clock import Clock
from tests.lending.test_services import House, act, at, day, deliver, fresh, live, refused, told


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    return House()


def late_loan(house: House, days: int = 8, item: Item | None = None) -> Loan:
    return factories.loan(
        item or house.drill, house.anna, status="checked_out", first_day=day(-days - 7), due=day(-days)
    )


def status_of(house: House) -> str:
    tied = db.session.scalars(select(Membership).where(Membership.resident_id == house.anna.id)).one()
    db.session.refresh(tied)
    return tied.status


def test_one_letter_for_all_that_is_late(house: House) -> None:
    first, second = late_loan(house, 8), late_loan(house, 3, factories.item("Tente", hub=house.hub))
    (person,) = late.people(house.hub.id, house.ines.id, now=at(10))
    letter = late.draft(person, person.usual_draft, place=house.hub.name)
    assert ("Tente" in letter, house.drill.title in letter, person.days) == (True, True, 8)
    words = {"hub_id": house.hub.id, "resident_id": house.anna.id, "actor_id": house.ines.id, "now": at(10)}
    act(services.write_to_late, text=letter, **words)
    deliver(at(10))
    assert told("lending.message") == [house.anna.id]
    assert [one.text for one in message_queries.said_about("loan", first.id)] == [letter]
    assert [fresh(loan).history[-1].kind for loan in (first, second)] == ["written_to", "written_to"]
    act(services.note_contact, note="Vient vendredi.", **{**words, "now": at(11)})
    (person,) = late.people(house.hub.id, house.ines.id, now=at(12))
    assert [(one.kind, one.note, one.who) for one in person.contacts] == [
        ("called", "Vient vendredi.", "Inès V."), ("written_to", "", "Inès V."),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        act(services.write_to_late, text="Bonjour", **{**words, "actor_id": house.karim.id})
    refused("nothing_late", services.note_contact, note="Rien.", **{**words, "resident_id": house.karim.id})


def test_letters_are_in_their_reader_s_language(house: House) -> None:
    factories.changed(house.anna, locale="en")
    late_loan(house)
    (person,) = late.people(house.hub.id, house.ines.id, now=at(10))
    assert "17 November" in late.draft(person, "firm", place="Maison")


def test_terms_suspend_until_the_object_is_back(house: House) -> None:
    loan = late_loan(house, 10)
    jobs.suspend_late(now=at(10))
    assert status_of(house) == "verified"  # by themselves only where the terms say so
    factories.changed(house.hub, policy_changes={"suspend_after_days": 11})
    jobs.suspend_late(now=at(10))
    assert status_of(house) == "verified"
    assert jobs.suspend_late(now=at(10, days=1)) == 1
    assert jobs.suspend_late(now=at(11, days=1)) == 0
    deliver(at(11, days=1))
    assert (status_of(house), told("hubs.suspended_until_back")) == ("suspended", [house.anna.id])
    house.back(now=at(12, days=1))
    for _ in range(2):  # it is back, so the suspension ends; it ended, so that is told
        deliver(at(12, days=1))
    assert (status_of(house), fresh(loan).status, told("hubs.lifted")) == (
        "verified",
        "returned",
        [house.anna.id],
    )


def test_what_a_person_stopped_a_person_lifts(house: House) -> None:
    late_loan(house, 20)
    factories.changed(house.hub, policy_changes={"suspend_after_days": 5})
    tied = db.session.scalars(select(Membership).where(Membership.resident_id == house.anna.id)).one()
    factories.changed(tied, status="suspended", suspended_at=at(9), suspended_why="Parlons-en.")
    house.back(now=at(12))
    deliver(at(12))
    jobs.suspend_late(now=at(13))
    assert status_of(house) == "suspended"


def test_those_with_a_role_and_what_is_lost_are_left_to_people(house: House) -> None:
    factories.changed(house.hub, policy_changes={"suspend_after_days": 5})
    factories.loan(
        factories.item(hub=house.hub), house.paul, status="checked_out", first_day=day(-20), due=day(-9)
    )
    loan = late_loan(house, 40)
    assert jobs.suspend_late(now=at(10)) == 1
    act(services.mark_lost, loan_id=loan.id, actor_id=house.paul.id, now=at(11))
    jobs.suspend_late(now=at(12))
    assert status_of(house) == "suspended"
    act(services.find_again, loan_id=loan.id, actor_id=house.ines.id, now=at(13))
    deliver(at(13))
    assert status_of(house) == "verified"


def test_what_was_lost_turns_up_again(house: House) -> None:
    loan = late_loan(house, 40)
    refused("not_lost", services.find_again, loan_id=loan.id, actor_id=house.ines.id, now=at(10))
    act(services.mark_lost, loan_id=loan.id, actor_id=house.paul.id, now=at(10))
    found = late.to_decide(house.hub, house.ines.id, now=at(11))
    assert [one.id for one in found.lost] == [loan.id]
    with pytest.raises(Forbidden):
        act(services.find_again, loan_id=loan.id, actor_id=house.anna.id, now=at(11))
    for _ in range(2):
        act(services.find_again, loan_id=loan.id, actor_id=house.ines.id, now=at(12))
    assert (fresh(loan).status, db.session.get_one(Item, house.drill.id).status) == ("returned", "active")
    assert live(house.drill) == []
    assert house.reserve(0, 2, who=house.karim, now=at(13)).status == "reserved"


def test_at_home_the_owner_finds_it(house: House) -> None:
    ladder = factories.item("Échelle", owner=factories.resident("Léa N."))
    loan = late_loan(house, 9, ladder)
    act(services.mark_lost, loan_id=loan.id, actor_id=ladder.owner_resident_id, now=at(10))
    with pytest.raises(Forbidden):
        act(services.find_again, loan_id=loan.id, actor_id=house.anna.id, now=at(11))
    act(services.find_again, loan_id=loan.id, actor_id=ladder.owner_resident_id, now=at(11))
    assert (fresh(loan).status, db.session.get_one(Item, ladder.id).status) == ("returned", "active")


def test_what_nobody_came_for_is_listed(house: House) -> None:
    house.reserve(0, 1)
    for days in (1, 2):
        jobs.turn_pick_up_clocks(now=at(20, days=days))
    found = late.to_decide(house.hub, house.ines.id, now=at(21, days=2))
    assert [one.item_id for one in found.not_collected] == [house.drill.id]


# -- the pages --------------------------------------------------------------------------------------------


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def test_the_work_of_a_coordinator_by_form_posts_alone(
    client: FlaskClient, house: House, query_count: Any
) -> None:
    loan = late_loan(house, 31)
    factories.log_in(client, house.paul)
    here = f"/hubs/{house.hub.slug}"
    with query_count() as seen:
        page = text(client.get(f"{here}/late"))
    assert ("31 jours de retard" in page, len(seen) <= 5) == (True, True)
    letter = text(client.get(f"{here}/late?to={house.anna.id}"))
    assert "dernier rappel" in letter
    assert client.post(f"{here}/late/{house.anna.id}/letter", data={"text": " "}).status_code == 422
    sent = client.post(f"{here}/late/{house.anna.id}/letter", data={"text": "Bonjour"}, follow_redirects=True)
    assert "C’est envoyé." in text(sent)
    noted = client.post(f"{here}/late/{house.anna.id}/call", data={"note": "Absente."}, follow_redirects=True)
    assert "Absente." in text(noted)
    assert "Il ne reviendra pas" in text(client.get(f"/loans/{loan.id}"))
    assert "C’est noté perdu." in text(client.post(f"/loans/{loan.id}/lost", follow_redirects=True))
    assert "Perdus" in text(client.get(f"{here}/to-decide"))
    assert "Retrouvé !" in text(client.post(f"/loans/{loan.id}/found", follow_redirects=True))


def test_a_closing_is_seen_before_it_is_announced(client: FlaskClient, house: House) -> None:
    loan = house.reserve(5, 7)
    factories.log_in(client, house.paul)
    days = {"first_day": day(5).isoformat(), "last_day": day(6).isoformat(), "why": "Congés"}
    page = text(client.get(f"/hubs/{house.hub.slug}/closing", query_string=days))
    assert ("1 prêt change de jours." in page, "Anna B." in page) == (True, True)
    assert fresh(loan).first_day == day(5)
    wrong = {**days, "last_day": day(4).isoformat()}
    assert client.get(f"/hubs/{house.hub.slug}/closing", query_string=wrong).status_code == 422
    client.post(f"/hubs/{house.hub.slug}/closures", data=days)
    assert (fresh(loan).first_day, fresh(loan).due) == (day(7), day(9))
    deliver(at(13))
    assert told("lending.days_moved") == [house.anna.id]


def test_a_neighbour_says_yes_or_no_with_a_kind_word(client: FlaskClient, house: House) -> None:
    owner = factories.resident("Léa N.")
    ladder = factories.item("Échelle", owner=owner)
    yes, no = house.reserve(1, 3, item=ladder), house.reserve(6, 8, item=ladder)
    factories.log_in(client, owner)
    client.post(f"/loans/{yes.id}/approve", data={"message": "Sonnez chez Néri."})
    assert [one.text for one in message_queries.said_about("loan", yes.id)] == ["Sonnez chez Néri."]
    client.post(f"/loans/{no.id}/decline", data={"kind_word": "Il est en panne pour le moment.", "why": ""})
    assert fresh(no).history[-1].why == "Il est en panne pour le moment."


def test_days_change_on_the_page(client: FlaskClient, house: House) -> None:
    loan = house.reserve(1, 2)
    house.reserve(4, 6, who=house.karim)
    factories.log_in(client, house.anna)
    taken = client.post(f"/loans/{loan.id}/days", data={"from": day(3).isoformat(), "to": day(5).isoformat()})
    assert (taken.status_code, "Les jours libres les plus proches" in text(taken)) == (409, True)
    assert client.post(f"/loans/{loan.id}/days", data={"from": "x", "to": ""}).status_code == 422
    had = client.post(
        f"/loans/{loan.id}/days",
        data={"from": day(1).isoformat(), "to": day(1).isoformat()},
        follow_redirects=True,
    )
    assert "C’est changé" in text(had)
    assert fresh(loan).due == day(1)
