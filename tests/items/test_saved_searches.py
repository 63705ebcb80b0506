"""Kept searches: once each, as their addresses write them; told of what is new, once, whatever dies in between."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.finding import vocabulary
from app.items import forms
from app.items.filters import OBJECTS, Wanted
from app.items.saved import address, jobs, rules, services
from app.items.saved.models import SavedSearch
from app.notifications import jobs as mail_jobs
from app.notifications.models import Mail, Notification
from app.notifications.wording import said
from tests import factories
from tests.harness.clock import Clock

HOME = factories.SAILLANS
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)


def keep(who: Resident, now: datetime = NOON, *, name: str | None = None, **asked: str) -> SavedSearch:
    asked = {word.rstrip("_"): value for word, value in asked.items()}
    normal = address.normalised(asked, home=(who.home_lat, who.home_lon), known=True)
    with transaction():
        return services.keep(asked=normal, actor_id=who.id, name=name, now=now).search


def told_to(who: Resident) -> list[str]:
    db.session.rollback()
    rows = select(Notification).where(Notification.resident_id == who.id).order_by(Notification.id)
    return [said(row.kind, row.params) for row in db.session.scalars(rows)]


def morning(days: int = 1) -> datetime:
    """Nine in Paris, so many days after that Wednesday."""
    return datetime(2026, 11, 25, 8, 0, 5, tzinfo=UTC) + timedelta(days=days)


# -- rules --------------------------------------------------------------------------------------------------


def test_searches_are_looked_at_at_nine() -> None:
    paris = "Europe/Paris"
    assert rules.next_look(datetime(2026, 11, 25, 7, 59, tzinfo=UTC), paris) == datetime(
        2026, 11, 25, 8, tzinfo=UTC
    )
    assert rules.next_look(datetime(2026, 11, 25, 8, 0, tzinfo=UTC), paris) == datetime(
        2026, 11, 26, 8, tzinfo=UTC
    )
    assert rules.next_day(datetime(2026, 11, 25, 1, 0, tzinfo=UTC), paris) == datetime(
        2026, 11, 26, 8, tzinfo=UTC
    )
    in_summer = rules.next_day(datetime(2026, 3, 28, 9, 0, tzinfo=UTC), paris)
    assert in_summer == datetime(2026, 3, 29, 7, tzinfo=UTC)


# -- as addresses write them --------------------------------------------------------------------------------

ASKED = {
    "q": "  Échelle  double ", "category": "outils", "mode": "lend", "near": "44.69751,5.19654", "radius_km": "5.0",
    "hub": "la-maison", "from": "2026-12-04", "to": "2026-12-06", "sort": "new",
}  # fmt: skip


def test_what_is_kept_runs_the_same_search() -> None:
    normal = address.normalised(ASKED, home=None, known=True)
    assert normal["near"] == "44.698,5.197"
    assert normal["q"] == "Échelle double"
    assert "sort" not in normal
    again = address.read(address.written(normal))
    assert again == normal
    assert forms.wanted(again, home=None, known=True) == forms.wanted(
        {**ASKED, "sort": None}, home=None, known=True
    )


def test_every_filter_of_a_search_is_kept() -> None:
    """A filter that is added to the search must survive being kept, or people are told of what they did not ask for."""
    renamed = {"first_day": "from", "due": "to"}
    known = {renamed.get(field.name, field.name) for field in fields(Wanted)} - {"sort"}
    examples = {**ASKED, "owner": "hub", "condition": "good"}
    asked = {name: examples[name] for name in known}
    assert set(address.normalised(asked, home=None, known=True)) == known


def test_home_is_kept_as_home_and_never_as_a_place() -> None:
    normal = address.normalised({"near": "home", "q": "scie"}, home=(44.6975, 5.1965), known=True)
    assert normal == {"q": "scie", "near": "home"}
    assert rules.bounded(normal)["radius_km"] == "20"


# -- keeping ------------------------------------------------------------------------------------------------


def test_the_same_search_twice_is_one(app: Flask) -> None:
    anna = factories.resident()
    first = keep(anna, q="Échelle")
    assert keep(anna, q="echelle").id == first.id
    assert keep(anna, q="échelle", sort="near", near="home").id != first.id
    other = factories.resident()
    assert keep(other, q="Échelle").id != first.id


@pytest.mark.parametrize("asked", [{}, {"mode": "lend"}, {"from": "2026-12-04", "to": "2026-12-06"}])
def test_everything_is_too_much_to_be_told_of(app: Flask, asked: dict[str, str]) -> None:
    anna = factories.resident()
    with pytest.raises(Invalid), transaction():
        services.keep(asked=asked, actor_id=anna.id, now=NOON)


def test_there_is_room_for_twenty(app: Flask) -> None:
    anna = factories.resident()
    for number in range(rules.MOST):
        kept = keep(anna, q=f"objet {number}")
    with pytest.raises(Conflict) as refused:
        keep(anna, q="encore un")
    assert refused.value.code == "items.too_many_searches"
    assert keep(anna, q="objet 3").query == "q=objet+3"
    with transaction():
        services.stop(search_id=kept.id, actor_id=anna.id, now=NOON)
    keep(anna, q="encore un")


def test_others_searches_are_unknown(app: Flask) -> None:
    anna, basil = factories.resident(), factories.resident()
    kept = keep(anna, q="scie")
    for act in (
        lambda: services.stop(search_id=kept.id, actor_id=basil.id, now=NOON),
        lambda: services.rename(search_id=kept.id, actor_id=basil.id, name="x"),
        lambda: services.stop(search_id=10**8, actor_id=anna.id, now=NOON),
    ):
        with pytest.raises(NotFound), transaction():
            act()


def test_what_was_stopped_is_taken_up_as_it_was(app: Flask) -> None:
    anna = factories.resident()
    kept = keep(anna, q="scie", name="Ma scie")
    with transaction():
        services.stop(search_id=kept.id, actor_id=anna.id, now=NOON + timedelta(hours=1))
    factories.item("Scie sauteuse", created_at=NOON + timedelta(hours=2))
    again = keep(anna, NOON + timedelta(hours=3), q="scie")
    assert (again.id, again.name, again.seen_until) == (kept.id, "Ma scie", NOON)
    assert jobs.tell_new_objects(now=morning()) == 1
    assert len(told_to(anna)) == 1


def test_what_was_stopped_is_forgotten_after_a_day(app: Flask) -> None:
    anna = factories.resident()
    kept = keep(anna, q="scie")
    with transaction():
        services.stop(search_id=kept.id, actor_id=anna.id, now=NOON)
    jobs.tell_new_objects(now=NOON + timedelta(hours=23))
    assert db.session.get(SavedSearch, kept.id) is not None
    jobs.tell_new_objects(now=NOON + timedelta(hours=25))
    db.session.rollback()
    assert db.session.scalars(select(SavedSearch)).all() == []


# -- telling ------------------------------------------------------------------------------------------------


def test_only_what_is_new_and_fits_is_told(app: Flask) -> None:
    hub = factories.hub("La Maison")
    anna = factories.resident(home=HOME)
    factories.item("Échelle ancienne", hub=hub, created_at=NOON - timedelta(days=1))
    keep(anna, q="echelle", near="home", radius_km="5")
    later = NOON + timedelta(hours=4)
    ladder = factories.item("Échelle double", hub=hub, created_at=later)
    factories.item("Perceuse", hub=hub, created_at=later)
    factories.item("Échelle lointaine", owner=factories.resident(home=(45.5, 6.2)), created_at=later)
    factories.item("Échelle à moi", owner=anna, created_at=later)
    factories.item("Échelle retirée", hub=hub, created_at=later, status="retired")
    assert jobs.tell_new_objects(now=NOON + timedelta(hours=5)) == 0
    assert told_to(anna) == []
    assert jobs.tell_new_objects(now=morning()) == 1
    [line] = told_to(anna)
    assert "Échelle double" in line
    row = db.session.scalars(select(Notification)).one()
    assert row.path == f"/items/{ladder.id}"
    kept = db.session.scalars(select(SavedSearch)).one()
    assert (kept.told_count, kept.told_at) == (1, morning())
    for days in (1, 2, 3):
        jobs.tell_new_objects(now=morning(days) + timedelta(minutes=5))
    assert len(told_to(anna)) == 1


def test_several_searches_are_one_message_a_day(app: Flask, database: Any) -> None:
    anna = factories.resident()
    keep(anna, q="scie")
    keep(anna, q="sauteuse")
    keep(anna, q="tente")
    for title in ("Scie sauteuse", "Scie circulaire", "Tente"):
        factories.item(title, created_at=NOON + timedelta(hours=1))
    jobs.tell_new_objects(now=morning())
    [line] = told_to(anna)
    assert line.startswith("3 objets")
    mail = db.session.scalars(select(Mail)).one()
    assert mail.path == "/searches"
    assert mail_jobs.send_mail(now=morning()) == 1
    [written] = (app.extensions["movilab.config"].folder / "mail").glob("*.eml")
    text = written.read_text(encoding="utf-8")
    assert "/searches" in text
    factories.item("Tente de plage", created_at=morning())
    assert jobs.tell_new_objects(now=morning() + timedelta(hours=3)) == 0
    jobs.tell_new_objects(now=morning(2))
    assert len(told_to(anna)) == 2


def test_a_night_that_was_missed_is_caught_up_once(app: Flask) -> None:
    anna = factories.resident()
    keep(anna, q="scie")
    factories.item("Scie", created_at=NOON + timedelta(hours=1))
    factories.item("Scie à métaux", created_at=NOON + timedelta(days=2))
    late = NOON + timedelta(days=3, hours=10)
    assert jobs.tell_new_objects(now=late) == 1
    assert jobs.tell_new_objects(now=late + timedelta(hours=6)) == 0
    [line] = told_to(anna)
    assert line.startswith("2 objets")
    factories.item("Scie égoïne", created_at=late + timedelta(hours=1))
    jobs.tell_new_objects(now=morning(5))
    assert len(told_to(anna)) == 2


def test_what_is_being_written_is_told_the_next_day(app: Flask) -> None:
    """An act that began before the look and was committed after it must not be missed."""
    anna = factories.resident()
    keep(anna, q="scie")
    jobs.tell_new_objects(now=morning())
    factories.item("Scie", created_at=morning() - timedelta(seconds=30))
    jobs.tell_new_objects(now=morning(2))
    assert len(told_to(anna)) == 1


def test_cut_off_in_the_middle_and_done_again_nobody_is_told_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [factories.resident() for _ in range(5)]
    for who in people:
        keep(who, q="scie")
    factories.item("Scie", created_at=NOON + timedelta(hours=1))
    monkeypatch.setattr(jobs, "PEOPLE_AT_ONCE", 2)
    tell_many = services.notifications.tell_many
    calls = []

    def dies(tellings: Any, *, now: datetime) -> int:
        calls.append(now)
        told = tell_many(tellings, now=now)
        if len(calls) == 2:
            raise KeyboardInterrupt  # after the rows are written, before they are committed
        return int(told)

    monkeypatch.setattr(services.notifications, "tell_many", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.tell_new_objects(now=morning())
    assert sum(len(told_to(who)) for who in people) == 2
    assert jobs.tell_new_objects(now=morning() + timedelta(minutes=5)) == 3
    assert [len(told_to(who)) for who in people] == [1] * 5


def test_days_that_have_passed_are_not_looked_for(app: Flask) -> None:
    anna = factories.resident()
    kept = keep(anna, q="scie", from_="2026-11-26", to="2026-11-26")
    factories.item("Scie", created_at=NOON + timedelta(hours=1))
    jobs.tell_new_objects(now=morning(2))
    db.session.rollback()
    assert told_to(anna) == []
    assert db.session.get_one(SavedSearch, kept.id).look_at is None
    assert jobs.tell_new_objects(now=morning(3)) == 0


def test_a_home_that_was_forgotten_is_waited_for(app: Flask) -> None:
    anna = factories.resident(home=HOME)
    keep(anna, q="scie", near="home")
    factories.item("Scie", created_at=NOON + timedelta(hours=1))
    anna = factories.changed(anna, home_lat=None, home_lon=None)
    jobs.tell_new_objects(now=morning())
    assert told_to(anna) == []
    factories.changed(anna, home_lat=HOME[0], home_lon=HOME[1])
    jobs.tell_new_objects(now=morning(2))
    assert len(told_to(anna)) == 1


def test_free_days_are_part_of_what_fits(app: Flask) -> None:
    anna = factories.resident()
    keep(anna, q="scie", from_="2026-12-04", to="2026-12-06")
    taken = factories.item("Scie prise", created_at=NOON + timedelta(hours=1))
    factories.claim(taken, date(2026, 12, 5), date(2026, 12, 7))
    factories.item("Scie libre", created_at=NOON + timedelta(hours=1))
    jobs.tell_new_objects(now=morning())
    [line] = told_to(anna)
    assert "Scie libre" in line


def test_a_slip_that_was_kept_means_what_was_meant(app: Flask) -> None:
    anna = factories.resident()
    keep(anna, q="perseuse")
    factories.item("Perceuse ancienne", created_at=NOON - timedelta(days=3))
    with transaction():
        vocabulary.count_all(OBJECTS)
    factories.item("Perceuse à percussion", created_at=NOON + timedelta(hours=1))
    factories.item("Tente", created_at=NOON + timedelta(hours=1))
    jobs.tell_new_objects(now=morning())
    [line] = told_to(anna)
    assert "Perceuse à percussion" in line


def test_an_idle_look_costs_two_statements_and_writes_nothing(
    app: Flask, query_count: Callable[..., Any]
) -> None:
    anna = factories.resident()
    keep(anna, q="scie")
    with query_count() as statements:
        assert jobs.tell_new_objects(now=NOON + timedelta(minutes=1)) == 0
    assert len(statements) == 2


# -- pages --------------------------------------------------------------------------------------------------


def test_a_search_is_kept_listed_run_and_stopped(client: FlaskClient, clock: Clock) -> None:
    hub = factories.hub("La Maison")
    anna = factories.resident(home=HOME)
    browser = factories.log_in(client, anna)
    assert "Aucune recherche gardée" in browser.get("/searches").text
    asked = {"q": "scie", "mode": "lend", "hub": hub.slug, "near": "home", "radius_km": "5"}
    page = browser.post("/searches", data={**asked, "sort": "near", "cursor": "x"}, follow_redirects=True)
    assert "C’est noté" in page.text
    assert "« scie », à emprunter, La Maison, à moins de 5 km de chez vous" in page.text.replace("\xa0", " ")
    kept = db.session.scalars(select(SavedSearch)).one()
    assert address.read(kept.query) == asked
    browser.post(f"/searches/{kept.id}/rename", data={"name": "Pour la cabane"})
    assert "Pour la cabane" in browser.get("/searches").text
    stopped = browser.post(f"/searches/{kept.id}/stop", follow_redirects=True)
    assert "Annuler" in stopped.text
    assert "Aucune recherche gardée" in stopped.text
    back = browser.post("/searches", data={**asked, "name": "Pour la cabane"}, follow_redirects=True)
    assert "Pour la cabane" in back.text


def test_a_place_is_called_by_its_commune(client: FlaskClient) -> None:
    browser = factories.log_in(client, factories.resident())
    page = browser.get("/searches/new?q=scie&near=44.698,5.197&radius_km=5").text.replace("\xa0", " ")
    assert "« scie », Saillans et 5 km autour" in page


def test_without_a_log_in_nothing_is_lost(client: FlaskClient) -> None:
    asked = {"q": "scie à ruban", "near": "44.700,5.200", "radius_km": "5"}
    answer = client.post("/searches", data=asked)
    assert answer.status_code == 302
    question = client.get(answer.headers["Location"])
    assert question.headers["Location"].startswith("/log-in?next=")
    assert db.session.scalars(select(SavedSearch)).all() == []
    browser = factories.log_in(client, factories.resident())
    page = browser.get(answer.headers["Location"]).text
    for name, value in asked.items():
        assert f'name="{name}" value="{value.removesuffix(".0")}"' in page


@pytest.mark.parametrize(
    ("typed", "said_there"),
    [
        ({}, "Ajoutez un mot"),
        ({"q": "x" * 201}, ""),
        ({"q": "scie", "near": "nowhere"}, "Écrivez le lieu ainsi"),
        ({"q": "scie", "radius_km": "nan", "near": "44.7,5.2"}, "Un rayon en kilomètres"),
        ({"q": "scie", "from": "2026-12-06", "to": "2026-12-01"}, "Le dernier jour"),
        ({"q": "scie", "name": "<b>" * 40}, "80"),
    ],
)
def test_what_cannot_be_kept_says_why(client: FlaskClient, typed: dict[str, str], said_there: str) -> None:
    browser = factories.log_in(client, factories.resident())
    answer = browser.post("/searches", data=typed)
    assert answer.status_code == 422
    assert said_there in answer.text
    assert "<b><b>" not in answer.text
    assert db.session.scalars(select(SavedSearch)).all() == []
    assert browser.get("/searches/new", query_string=typed).status_code in (200, 422)


def test_the_list_costs_the_same_however_long(client: FlaskClient, query_count: Callable[..., Any]) -> None:
    hub = factories.hub()
    anna = factories.resident()
    browser = factories.log_in(client, anna)
    keep(anna, q="scie", hub=hub.slug)
    with query_count() as one:
        browser.get("/searches")
    for number in range(10):
        keep(anna, q=f"objet {number}", hub=hub.slug, category="perceuses")
    with query_count() as many:
        browser.get("/searches")
    assert len(one) == len(many) <= 4


# -- for programs -------------------------------------------------------------------------------------------


def test_programs_keep_searches_too(client: FlaskClient) -> None:
    anna = factories.resident(home=HOME)
    key = factories.bearer(anna)
    body = {"q": "Scie", "near": "home", "name": "Cabane"}
    made = client.post("/api/v1/searches", json=body, headers=key)
    assert made.status_code == 201
    assert made.json["search"] == {"q": "Scie", "near": "home", "radius_km": "20"}
    assert client.post("/api/v1/searches", json={**body, "q": "scie"}, headers=key).status_code == 200
    listed = client.get("/api/v1/searches", headers=key).json
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    path = f"/api/v1/searches/{made.json['id']}"
    assert client.patch(path, json={"name": "Abri"}, headers=key).json["name"] == "Abri"
    other = factories.bearer(factories.resident())
    assert client.delete(path, headers=other).status_code == 404
    assert client.get("/api/v1/searches", headers=other).json["items"] == []
    assert client.delete(path, headers=key).status_code == 204
    assert client.delete(path, headers=key).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"q": 3}, 422),
        ({"q": "scie", "colour": "red"}, 422),
        ({"q": "scie", "near": "95,5"}, 422),
        ({"q": "scie", "radius_km": "5"}, 422),
        ({"q": "scie", "name": "n" * 81}, 422),
        ([], 422),
    ],
)
def test_programs_are_told_what_is_wrong(client: FlaskClient, body: Any, status: int) -> None:
    key = factories.bearer(factories.resident())
    answer = client.post("/api/v1/searches", json=body, headers=key)
    assert answer.status_code == status
    assert db.session.scalars(select(SavedSearch)).all() == []
