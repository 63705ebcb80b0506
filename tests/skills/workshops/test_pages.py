"""The pages of workshops, without a script: found, read, come to, organised, and the door."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from app.skills.workshops import queries, rhythm
from app.skills.workshops.calendar import happenings_of
from tests import factories
from tests.harness.clock import Clock
from tests.skills.workshops.acts import dates, fresh, made, register, statuses

Count = Any


def field(workshop: Any, **more: str) -> dict[str, str]:
    """What the whole form sends when nothing is changed."""
    first = rhythm.wall(workshop.starts_at, "Europe/Paris")
    return {
        "title": "Réparer sa lampe", "day": first.date().isoformat(), "begins": "10:00", "ends": "12:00",
        "repeat": "weekly", "capacity": "12", "newcomer_places": "0", "paid": "0", "induction": "",
        "facilitator": str(workshop.facilitator_id), **more,
    }  # fmt: skip


def test_announced_come_to_left_and_undone(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """The organizer announces it with plain choices, a neighbour comes, leaves, and it was a slip."""
    hub = factories.hub("La Maison")
    organizer, anna = factories.coordinator(hub), factories.resident("Anna B.")
    office = factories.log_in(app.test_client(), organizer)
    assert office.get(f"/hubs/{hub.slug}/workshops/new").status_code == 200
    sent = {
        "title": "Réparer sa lampe", "text": "Apportez une lampe.", "learn": "Souder\n\nTrouver la panne\n",
        "day": "2026-12-05", "begins": "10:00", "ends": "12:30", "repeat": "monthly", "last_day": "2027-06-30",
        "capacity": "2", "newcomer_places": "0", "facilitator": str(organizer.id), "paid": "120", "induction": "",
    }  # fmt: skip
    wrong = office.post(f"/hubs/{hub.slug}/workshops/new", data=sent | {"begins": "dix", "capacity": "0"})
    assert wrong.status_code == 422
    assert "14:30" in wrong.text
    answer = office.post(f"/hubs/{hub.slug}/workshops/new", data=sent)
    assert answer.status_code == 302, answer.text
    path = answer.location
    (first, *others) = dates(series_behind(path))
    assert first.series.rule == "FREQ=MONTHLY;BYDAY=1SA;UNTIL=20270630T235959"
    assert first.series.learn == ["Souder", "Trouver la panne"]
    assert len(others) == 2
    page = client.get(path).text
    assert "10\u00a0h à 12\u00a0h\u00a030" in page
    assert "Chaque mois, le 1er samedi" in page
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert (data["@type"], data["startDate"]) == ("Event", "2026-12-05T10:00:00+01:00")
    assert organizer.name not in page
    phone = factories.log_in(client, anna)
    assert "on vous attend" in phone.post(f"{path}/register", follow_redirects=True).text
    assert "Vous avez une place" in phone.get(path).text
    assert "Annuler" in phone.post(f"{path}/leave", follow_redirects=True).text
    assert "comme avant" in phone.post(f"{path}/undo-leave", follow_redirects=True).text
    assert statuses(first) == ["going"]
    assert phone.get(f"{path}/edit").status_code == 403


def series_behind(path: str) -> int:
    """The series behind the address of a date."""
    return queries.one(int(path.rpartition("/")[2])).series_id


def test_three_scopes(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    office = factories.log_in(app.test_client(), organizer)
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    weeks = dates(first.series_id)
    third = weeks[2]
    one = field(third, begins="15:00", ends="17:00", scope="one", note="Salle verte")
    assert office.post(f"/workshops/{third.id}/edit", data=one).status_code == 302
    assert fresh(third).changed == ["start"]
    assert "Salle verte" in office.get(f"/workshops/{third.id}").text
    following = field(weeks[4], begins="18:00", ends="19:00", scope="following", title="Le soir")
    assert office.post(f"/workshops/{weeks[4].id}/edit", data=following).status_code == 302
    hours = [rhythm.wall(one.starts_at, "Europe/Paris").hour for one in dates(first.series_id)]
    assert hours == [10, 10, 15, 10]
    fifth = fresh(weeks[4])
    assert (fifth.series.title, fifth.series.rule) == ("Le soir", "FREQ=WEEKLY")
    assert len(dates(fifth.series_id)) >= 8
    page = office.get(f"/workshops/{first.id}/edit?scope=all")
    assert page.status_code == 200
    cancelled = office.post(f"/workshops/{first.id}/cancel", data={"why": "Neige"}, follow_redirects=True)
    assert "Rétablir" in cancelled.text
    assert office.post(f"/workshops/{first.id}/restore").status_code == 302


def test_the_door(app: Flask, clock: Clock) -> None:
    """Before: a card registers. From two hours before: it says who is here, and can be taken back."""
    hub = factories.hub()
    volunteer, anna = factories.volunteer(hub), factories.resident("Anna B.")
    lamp = factories.workshop(hub, starts_in=timedelta(hours=4), facilitator_minutes=60)
    desk = factories.log_in(app.test_client(), volunteer)
    door = f"/hubs/{hub.slug}/workshops/{lamp.id}/attendance"
    assert "Anna B. a une place" in desk.post(door, data={"code": anna.code}, follow_redirects=True).text
    removed = desk.post(f"{door}/remove", data={"resident": anna.id}, follow_redirects=True)
    assert "Annuler" in removed.text
    desk.post(f"{door}/put-back", data={"resident": anna.id})
    clock.forward(hours=3)
    came = desk.post(door, data={"code": anna.code.lower()}, follow_redirects=True).text
    assert "Anna B. est là." in came
    assert "1 h données par le lieu" in came
    assert "déjà là" in desk.post(door, data={"code": anna.code}, follow_redirects=True).text
    assert "pas connue" in desk.post(door, data={"code": "M-x"}, follow_redirects=True).text
    desk.post(f"{door}/undo", data={"resident": anna.id})
    assert "1 présent" not in desk.get(door).text
    other = factories.log_in(app.test_client(), factories.volunteer(factories.hub()))
    assert other.get(door).status_code == 403
    assert other.post(door, data={"code": anna.code}).status_code == 403


def test_lists_near_and_from_a_day(app: Flask, client: FlaskClient, clock: Clock, query_count: Count) -> None:
    """The soonest first, near one's home unless told otherwise, page by page, in a fixed number of statements."""
    hub, far = factories.hub("La Maison"), factories.hub("Au loin", place=(48.85, 2.35))
    for away in range(1, 26):
        factories.workshop(hub, starts_in=timedelta(days=away), title=f"Ici {away}")
    factories.workshop(far, starts_in=timedelta(days=1), title="Paris")
    phone = factories.log_in(client, factories.resident())
    with query_count() as statements:
        page = phone.get("/workshops").text
    assert len(statements) <= 5, statements
    assert "Ici 1<" in page
    assert "Paris" not in page
    following = re.search(r'href="(/workshops\?[^"]*cursor=[^"]*)"', page)
    assert following is not None
    rest = phone.get(following[1].replace("&amp;", "&")).text
    assert "Ici 25<" in rest
    assert "Ici 20<" not in rest
    assert "Paris" in phone.get("/workshops?near=").text
    later = phone.get(f"/workshops?from={(clock.now + timedelta(days=20)).date()}").text
    assert "Ici 19<" not in later
    with query_count() as statements:
        assert phone.get(f"/hubs/{hub.slug}/workshops").status_code == 200
    assert len(statements) <= 5, statements
    one = factories.workshop(hub, rule="FREQ=WEEKLY", induction="Scie")
    factories.attendee(one, factories.resident(), status="waiting")
    with query_count() as statements:
        assert phone.get(f"/workshops/{one.id}").status_code == 200
    assert len(statements) <= 8, statements


def test_calendars_show_the_same_instants(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """One date, a hub's, and what a resident goes to, read by the icalendar library; no address in them."""
    hub = factories.hub("La Maison")
    organizer, anna = factories.coordinator(hub), factories.resident()
    clock.at(clock.now + timedelta(days=100))  # across the night of 28 March
    first = made(hub, organizer, clock.now, rule="FREQ=WEEKLY")
    weeks = dates(first.series_id)
    for one in weeks[:2]:
        register(one, anna, clock.now)
    public = Calendar.from_ical(client.get(f"/hubs/{hub.slug}/workshops.ics").text)
    events = list(public.walk("VEVENT"))
    assert [event["DTSTART"].dt for event in events] == [one.starts_at for one in weeks]
    assert [event["DTEND"].dt for event in events] == [one.ends_at for one in weeks]
    assert {str(event["LOCATION"]) for event in events} == {"La Maison"}
    assert hub.address not in client.get(f"/hubs/{hub.slug}/workshops.ics").text
    single = Calendar.from_ical(client.get(f"/workshops/{weeks[3].id}.ics").text)
    assert [event["DTSTART"].dt for event in single.walk("VEVENT")] == [weeks[3].starts_at]
    first_day, last = clock.now.date(), clock.now.date() + timedelta(days=300)
    hers = happenings_of(anna.id, first=first_day, last=last)
    assert [one.starts for one in hers] == [one.starts_at for one in weeks[:2]]
    assert [one.uid for one in hers] == [f"workshop-{one.id}" for one in weeks[:2]]
    assert len(happenings_of(organizer.id, first=first_day, last=last)) == len(weeks)
    day = weeks[1].starts_at.date()
    assert len(happenings_of(anna.id, first=day, last=day)) == 1


def test_the_same_story_through_the_api(app: Flask, client: FlaskClient, clock: Clock) -> None:
    hub = factories.hub()
    organizer, anna, basil = factories.coordinator(hub), factories.resident(), factories.resident()
    tokens = {who.id: factories.bearer(who) for who in (organizer, anna, basil)}
    sent = {
        "hub": hub.slug, "title": "Réparer", "start": "2026-12-05T10:00:00+01:00", "minutes": 120,
        "rule": "FREQ=WEEKLY;COUNT=3", "capacity": 1,
    }  # fmt: skip
    assert client.post("/api/v1/workshops", json=sent, headers=tokens[anna.id]).status_code == 403
    answer = client.post("/api/v1/workshops", json=sent, headers=tokens[organizer.id])
    assert answer.status_code == 201, answer.text
    one = answer.get_json()
    assert one["start"] == "2026-12-05T10:00:00+01:00"
    path = f"/api/v1/workshops/{one['id']}"
    for who, status in ((anna, "going"), (anna, "going"), (basil, "waiting")):
        said = client.post(f"{path}/attendees", headers=tokens[who.id])
        assert (said.status_code, said.get_json()["status"]) == (201, status)
    assert client.delete(f"{path}/attendees", headers=tokens[anna.id]).status_code == 204
    assert client.delete(f"{path}/attendees", headers=tokens[anna.id]).status_code == 204
    shown = client.get(path, headers=tokens[basil.id]).get_json()
    assert (shown["status"], shown["free"]) == ("offered", 0)
    found = client.get("/api/v1/workshops?from=2026-12-06&limit=1").get_json()
    assert [line["start"] for line in found["items"]] == ["2026-12-12T10:00:00+01:00"]
    assert found["next"]
    change = {"scope": "all", "start": "2026-12-06T11:00:00+01:00"}
    moved = client.patch(path, json=change, headers=tokens[organizer.id])
    assert moved.get_json()["start"] == "2026-12-06T11:00:00+01:00"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"start": "2026-12-05T10:00:00"}, "start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "start"),
        ({"start": "9999-12-31T23:59:59-14:00"}, "start"),
        ({"rule": "FREQ=SECONDLY"}, "rule"),
        ({"rule": "FREQ=DAILY;COUNT=1000000"}, "rule"),
        ({"rule": 7}, "rule"),
        ({"capacity": 10**12}, "capacity"),
        ({"minutes": -5}, "minutes"),
        ({"facilitator": "x"}, "facilitator"),
        ({"objects": ["x"]}, "objects"),
        ({"color": "red"}, "color"),
        ({"title": " "}, "title"),
    ],
)
def test_what_programs_send_by_mistake(
    app: Flask, client: FlaskClient, clock: Clock, changes: dict[str, Any], where: str
) -> None:
    hub = factories.hub()
    token = factories.bearer(factories.coordinator(hub))
    sent = {
        "hub": hub.slug,
        "title": "Réparer",
        "start": "2026-12-05T10:00:00+01:00",
        "minutes": 60,
        "capacity": 5,
    }
    answer = client.post("/api/v1/workshops", json=sent | changes, headers=token)
    assert answer.status_code == 422, answer.text
    assert where in answer.get_json()["errors"]
