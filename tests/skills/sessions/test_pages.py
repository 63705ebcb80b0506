"""The pages of sessions as a browser without a script meets them: what waits, one next step, what was typed comes back."""

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db, transaction
from app.skills.sessions import services
from app.skills.sessions.models import SkillSession
from tests import factories as make
from tests.harness.clock import Clock
from tests.harness.statements import Statements

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=PARIS)


class House:
    """Gilda teaches at a hub on Fridays, Lena learns; each has a browser."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.hub = make.hub("Maison des Tilleuls")
        self.gilda = make.verified_member(self.hub, "Gilda T.")
        self.lena = make.verified_member(self.hub, "Lena P.")
        self.skill = make.skill(
            self.gilda, "Tailler un rosier", hub=self.hub, online=True, times=((4, 840, 1080),)
        )
        self.browsers = {who.id: self.browser(who) for who in (self.gilda, self.lena)}

    def browser(self, who: Any) -> FlaskClient:
        return make.log_in(self.app.test_client(), who)

    def read(self, who: Any, path: str) -> str:
        answer = self.browsers[who.id].get(path)
        assert answer.status_code == 200, answer.status_code
        return _text(answer)

    def post(self, who: Any, path: str, **typed: str) -> Any:
        return self.browsers[who.id].post(path, data=typed)

    def asked(self) -> SkillSession:
        self.post(
            self.lena,
            f"/skills/{self.skill.id}/sessions/new",
            day_0="2026-11-27",
            time_0="14:00",
            day_1="2026-11-27",
            time_1="16:00",
            place="hub",
            minutes="60",
        )
        last = select(SkillSession).order_by(SkillSession.id.desc()).limit(1)
        return db.session.scalars(last).one()

    def held(self) -> str:
        session = self.asked()
        with transaction():
            services.accept(session_id=session.id, actor_id=self.gilda.id, now=self.clock.now)
        self.clock.at(FRIDAY + timedelta(hours=2))
        self.browsers = {who.id: self.browser(who) for who in (self.gilda, self.lena)}
        return f"/sessions/{session.id}"


def _text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    return House(app, clock)


def test_asking_begins_with_a_time_that_suits(house: House) -> None:
    page = house.read(house.lena, f"/skills/{house.skill.id}/sessions/new")
    assert 'value="2026-11-27"' in page
    assert 'value="14:00"' in page
    assert "Maison des Tilleuls" in page
    session = house.asked()
    assert [time.starts_at for time in session.times] == [FRIDAY, FRIDAY + timedelta(hours=2)]
    own = house.browsers[house.gilda.id].get(f"/skills/{house.skill.id}/sessions/new")
    assert own.status_code == 403


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Il faut le jour et l’heure."),
        ({"day_0": "2026-11-27"}, "Il faut le jour et l’heure."),
        ({"day_0": "2026-11-27", "time_0": "14:00", "day_2": "2026-11-28"}, "Il faut le jour et l’heure."),
        ({"day_0": "demain", "time_0": "14:00"}, "Écrivez la date ainsi"),
        ({"day_0": "2026-11-27", "time_0": "deux heures"}, "Écrivez l’heure ainsi"),
        ({"day_0": "2026-11-20", "time_0": "14:00"}, "Ce moment est déjà passé."),
        ({"day_0": "2026-11-28", "time_0": "14:00"}, "hors des disponibilités"),
        ({"day_0": "2026-11-27", "time_0": "14:00", "minutes": "10000"}, "Entre 5 et 600."),
        ({"day_0": "2026-11-27", "time_0": "14:00", "place": "moon"}, "Choisissez dans la liste."),
        ({"day_0": "2027-03-28", "time_0": "02:30"}, "cette heure n’existe pas"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(
    house: House, typed: dict[str, str], said: str
) -> None:
    words = {"place": "hub", "minutes": "60", "message": "Mes rosiers sont tristes.", **typed}
    answer = house.post(house.lena, f"/skills/{house.skill.id}/sessions/new", **words)
    assert answer.status_code == 422
    assert said in _text(answer)
    assert "Mes rosiers sont tristes." in _text(answer)
    assert db.session.scalar(select(SkillSession.id)) is None


def test_one_next_step_for_each(house: House) -> None:
    session = house.asked()
    address = f"/sessions/{session.id}"
    assert "Gilda T. a jusqu’à" in house.read(house.lena, address)
    page = house.read(house.gilda, address)
    assert "Quel moment vous va ?" in page
    start = re.findall(r'name="start" value="([^"]+)"', page)[1]
    assert house.post(house.gilda, f"{address}/accept", start=start).status_code == 302
    assert "Mettre dans mon agenda" in house.read(house.lena, address)
    calendar = house.browsers[house.lena.id].get(f"{address}.ics").get_data(as_text=True)
    assert "DTSTART:20261127T150000Z" in calendar
    house.post(house.lena, f"{address}/messages", text="Je viens avec mon sécateur.")
    assert "Je viens avec mon sécateur." in house.read(house.gilda, address)


def test_held_said_and_confirmed(house: House) -> None:
    address = house.held()
    assert "Combien de temps cela a-t-il duré ?" in house.read(house.lena, address)
    assert "Écrivez" not in house.read(house.lena, "/sessions")
    for minutes, said in (("", "À remplir."), ("0", "Entre 5 et 600."), ("une heure", "Un nombre entier")):
        answer = house.post(house.gilda, f"{address}/confirm", minutes=minutes)
        assert (answer.status_code, said in _text(answer)) == (422, True), minutes
    house.post(house.gilda, f"{address}/confirm", minutes="60")
    assert "C’est juste, 60 minutes" in house.read(house.lena, address)
    house.post(house.lena, f"{address}/agree")
    assert "De Lena P. à Gilda T., 60 minutes sont passées." in house.read(house.gilda, address)


def test_a_dispute_is_settled_on_the_page_of_the_hub(house: House) -> None:
    address = house.held()
    answer = house.post(house.lena, f"{address}/dispute", minutes="", why="Personne n’est venu.")
    assert (answer.status_code, "Personne n’est venu." in _text(answer)) == (422, True)
    house.post(house.lena, f"{address}/dispute", minutes="0", why="Personne n’est venu.")
    assert "Accepter ses 0 minutes" in house.read(house.gilda, address)
    cora = make.coordinator(house.hub, "Cora M.")
    house.browsers[cora.id] = house.browser(cora)
    assert "Tailler un rosier" in house.read(cora, f"/hubs/{house.hub.slug}/disputes")
    page = house.read(cora, address)
    assert "Régler ainsi" in page
    assert 'id="messages"' not in page
    house.post(cora, f"{address}/settle", minutes="30", note="Vous êtes tombés d’accord.")
    assert "30 minutes sont passées" in house.read(house.lena, address)
    assert house.browsers[house.lena.id].get(f"/hubs/{house.hub.slug}/disputes").status_code == 403


def test_a_limit_names_what_would_bring_the_account_back(house: House) -> None:
    """Before she asks where no hour is left, and where a yes is refused."""
    make.skill(house.gilda, "Lire mon courrier", kind="need", hub=house.hub)
    for n in range(3):
        start = FRIDAY + timedelta(days=7 * n)
        with transaction():
            session = services.ask(
                skill_id=house.skill.id, actor_id=house.lena.id, starts=(start,), minutes=60, place="hub",
                now=house.clock.now,
            )  # fmt: skip
        with transaction():
            services.accept(session_id=session.id, actor_id=house.gilda.id, now=house.clock.now)
    page = house.read(house.lena, f"/skills/{house.skill.id}/sessions/new")
    assert "Votre compte temps permet de demander 0 h." in page
    assert "Lire mon courrier" in page
    fourth = make.session(house.skill, house.lena, status="asked", starts_at=FRIDAY + timedelta(days=28))
    make.changed(fourth, proposed_by_id=house.gilda.id)
    answer = house.post(house.lena, f"/sessions/{fourth.id}/accept")
    assert (answer.status_code, "Lire mon courrier" in _text(answer)) == (409, True)
    make.changed(fourth, proposed_by_id=house.lena.id)
    answer = house.post(house.gilda, f"/sessions/{fourth.id}/accept")
    assert (answer.status_code, "Lire mon courrier" in _text(answer)) == (409, False)


def test_the_list_asks_the_same_few_statements_however_long(
    house: House, query_count: Callable[[], AbstractContextManager[Statements]]
) -> None:
    counts = []
    for status in ("asked", "accepted", "confirmed"):
        for _ in range(6):
            make.session(house.skill, house.lena, status=status)
        with query_count() as statements:
            house.read(house.lena, "/sessions")
        counts.append(len(statements))
    assert counts[0] <= 5, statements
    assert len(set(counts)) == 1, counts
