"""Somebody without e-mail at the counter: all that others do at home, by a volunteer, with both names kept."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core.audit import AuditEntry
from app.core.db import db
from app.hubs.models import Hub
from app.skills.models import Skill
from app.skills.sessions.models import SessionLine, SkillSession
from app.skills.workshops.models import Attendee
from tests import factories
from tests.harness.clock import Clock


class Counter:
    """Véra holds the counter of La Maison, Odette has no e-mail, Basil teaches."""

    def __init__(self, app: Flask) -> None:
        self.hub: Hub = factories.hub("La Maison")
        self.vera = factories.volunteer(self.hub, "Véra D.")
        self.odette = factories.served(self.hub, "Odette R.")
        self.basil = factories.verified_member(self.hub, "Basil C.")
        self.browser = factories.log_in(app.test_client(), self.vera)
        self.path = f"/counter/{self.hub.slug}/for/{self.odette.code}"

    def do(self, what: str, **typed: object) -> str:
        """One act of the page; what the page says after it."""
        answer = self.browser.post(f"{self.path}/{what}", data=typed, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    def as_basil(self, app: Flask) -> FlaskClient:
        return factories.log_in(app.test_client(), self.basil)


@pytest.fixture
def counter(app: Flask, clock: Clock) -> Counter:
    return Counter(app)


def on_behalf() -> list[tuple[str, int | None, int | None]]:
    return [
        (one.act, one.actor_id, one.on_behalf_of_id)
        for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


def test_her_need_is_written_with_both_names(counter: Counter) -> None:
    branch = factories.skill_category("telephone")
    page = counter.do("skill", kind="need", title="Mon premier téléphone", category=branch.slug)
    assert "Mon premier téléphone" in page
    skill = db.session.scalars(select(Skill)).one()
    assert (skill.resident_id, skill.registered_by_id, skill.kind) == (
        counter.odette.id,
        counter.vera.id,
        "need",
    )
    counter.do("pause", skill=skill.id)
    counter.do("resume", skill=skill.id)
    counter.do("close", skill=skill.id)
    pair = (counter.vera.id, counter.odette.id)
    assert [one[1:] for one in on_behalf()] == [pair] * 4
    db.session.expire_all()
    assert skill.state == "closed"


def test_a_session_from_the_asking_to_the_minutes(counter: Counter, app: Flask, clock: Clock) -> None:
    branch = factories.skill_category("telephone")
    factories.skill(
        counter.odette, "Mon premier téléphone", kind="need", hub=counter.hub, category_id=branch.id
    )
    offer = factories.skill(counter.basil, "Régler un téléphone", hub=counter.hub, category_id=branch.id)
    assert "Régler un téléphone" in counter.browser.get(counter.path).text, "who could help stands there"
    counter.do("ask", skill=offer.id, day_0="2026-11-27", time_0="15:00", minutes="60")
    session = db.session.scalars(select(SkillSession)).one()
    assert (session.asker_id, session.learner_id) == (counter.odette.id, counter.odette.id)
    basil = counter.as_basil(app)
    assert basil.post(f"/sessions/{session.id}/accept", data={}).status_code == 302
    clock.forward(days=3)
    page = counter.browser.get(counter.path).text
    assert re.search(r'name="minutes"[^>]*value="60"', page)
    counter.do("confirm", session=session.id, minutes="60")
    basil.post(f"/sessions/{session.id}/confirm", data={"minutes": "60"})
    db.session.expire_all()
    assert (session.status, session.moved_minutes) == ("confirmed", 60)
    acted = db.session.scalars(select(SessionLine).where(SessionLine.for_id == counter.odette.id)).all()
    assert {line.actor_id for line in acted} == {counter.vera.id}
    assert [line.kind for line in acted] == ["asked", "said"]


def test_a_place_at_a_workshop(counter: Counter) -> None:
    workshop = factories.workshop(counter.hub)
    assert "Rendre la place" in counter.do("register", workshop=workshop.id)
    attendee = db.session.scalars(select(Attendee)).one()
    assert (attendee.resident_id, attendee.registered_by_id) == (counter.odette.id, counter.vera.id)
    assert "Inscrire" in counter.do("leave", workshop=workshop.id)


def test_what_is_refused_keeps_what_was_typed(counter: Counter) -> None:
    answer = counter.browser.post(f"{counter.path}/skill", data={"kind": "offer", "title": "Tricoter"})
    assert answer.status_code == 422
    assert 'value="Tricoter"' in answer.text
    far = factories.skill(counter.basil, hub=counter.hub)
    past = {"skill": far.id, "day_0": "2026-11-20", "time_0": "15:00", "minutes": "60"}
    assert counter.browser.post(f"{counter.path}/ask", data=past).status_code == 422
    for number in ("0", "-1", "x", str(far.id + 99)):
        assert counter.browser.post(f"{counter.path}/ask", data=past | {"skill": number}).status_code == 404
    assert counter.browser.post(f"{counter.path}/unknown").status_code == 404


def test_nobody_is_served_who_can_do_it_herself(counter: Counter, app: Flask) -> None:
    def status(browser: FlaskClient, hub: Hub, who: Resident) -> tuple[int, int]:
        path = f"/counter/{hub.slug}/for/{who.code}"
        return browser.get(path).status_code, browser.post(f"{path}/skill", data={"kind": "need"}).status_code

    far = factories.hub("L’Atelier")
    stranger = factories.served(far)
    factories.membership(far, counter.vera, roles=("volunteer",))
    assert status(counter.browser, counter.hub, counter.basil) == (403, 403), "she has an address"
    assert status(counter.browser, counter.hub, stranger) == (403, 403), "she belongs elsewhere"
    assert status(counter.browser, far, stranger) == (200, 422)
    assert status(counter.as_basil(app), counter.hub, counter.odette) == (403, 403), "he holds no counter"
    assert counter.browser.get(f"/counter/{counter.hub.slug}/for/M-0000000").status_code == 404


def test_the_desk_leads_there(counter: Counter) -> None:
    desk = f"/counter?hub={counter.hub.slug}&member="
    assert counter.path in counter.browser.get(desk + counter.odette.code).text
    assert "/for/" not in counter.browser.get(desk + counter.basil.code).text


def test_the_day_after_everything_is_over(counter: Counter, clock: Clock) -> None:
    workshop = factories.workshop(counter.hub)
    clock.at(workshop.starts_at + timedelta(days=1))
    answer = counter.browser.post(f"{counter.path}/register", data={"workshop": workshop.id})
    assert answer.status_code == 409
