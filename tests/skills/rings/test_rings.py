"""Rings from the moment somebody says what she teaches to the moment all have said yes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Conflict, NotFound
from app.finding.words import search_text
from app.notifications.models import Notification
from app.scheduler.jobs import deliver_events
from app.skills.rings import jobs, queries, services
from app.skills.rings.models import Ring
from tests import factories as make


def _skill(who: Any, title: str, branch: Any, **values: Any) -> Any:
    return make.skill(
        who, title, category_id=branch.id, search_text=search_text(title, branch.name_fr), **values
    )


@pytest.fixture
def three(app: Flask) -> list[Any]:
    """Anna teaches Zoé, Zoé teaches Bob, Bob teaches Anna."""
    people = [make.resident(name) for name in ("Anna", "Zoé", "Bob")]
    taught = ("Recoudre un ourlet", "Parler portugais", "Greffer un pommier")
    for at, title in enumerate(taught):
        branch = make.skill_category()
        _skill(people[at], title, branch)
        _skill(people[(at + 1) % 3], title, branch, kind="need")
    return people


def _asked() -> list[Ring]:
    return list(db.session.scalars(select(Ring).order_by(Ring.id)))


def test_a_ring_is_found_proposed_once_and_agreed_when_all_say_yes(
    three: list[Any], query_count: Callable
) -> None:
    now = clock.now()
    assert (jobs.propose(now=now), jobs.propose(now=now)) == (1, 0)
    (ring,) = _asked()
    assert [leg.giver_id for leg in ring.legs] == [who.id for who in three]
    for who in three[:2]:
        with transaction():
            assert services.answer(ring_id=ring.id, actor_id=who.id, yes=True, now=now).state == "proposed"
    last = three[2].id
    with query_count() as statements:
        (seen,) = queries.of_resident(last, now=now)
    assert (len(statements), seen.yes, seen.mine, seen.there) == (1, 2, None, True)
    with transaction():
        assert services.answer(ring_id=ring.id, actor_id=three[2].id, yes=True, now=now).state == "agreed"
    with pytest.raises(Conflict), transaction():
        services.answer(ring_id=ring.id, actor_id=three[0].id, yes=False, now=now)
    with pytest.raises(NotFound):
        queries.one_of_hers(ring.id, make.resident().id, now=now)


def test_one_no_ends_it_and_it_is_not_proposed_again(three: list[Any]) -> None:
    now = clock.now()
    jobs.propose(now=now)
    (ring,) = _asked()
    with transaction():
        services.answer(ring_id=ring.id, actor_id=three[0].id, yes=False, now=now)
    assert (_asked()[0].state, jobs.propose(now=now)) == ("declined", 0)
    assert queries.of_resident(three[1].id, now=now) == []


def test_what_is_paused_or_somebody_suspended_is_left_out(three: list[Any]) -> None:
    now = clock.now()
    skills = list(db.session.scalars(select(make.Skill).order_by(make.Skill.id)))
    make.changed(skills[0], state="paused")
    assert jobs.propose(now=now) == 0
    make.changed(skills[0], state="open")
    held = make.membership(make.hub(), three[0], status="suspended")
    assert jobs.propose(now=now) == 0
    make.changed(held, status="verified")
    assert jobs.propose(now=now) == 1
    make.changed(skills[0], state="closed")
    (ring,) = _asked()
    with pytest.raises(Conflict), transaction():
        services.answer(ring_id=ring.id, actor_id=three[1].id, yes=True, now=now)
    assert not queries.of_resident(three[1].id, now=now)[0].there


def test_nobody_far_away_and_nobody_forever(three: list[Any]) -> None:
    now = clock.now()
    jobs.propose(now=now)
    (ring,) = _asked()
    assert jobs.expire(now=ring.answer_by - timedelta(minutes=1)) == 0
    assert jobs.expire(now=ring.answer_by) == 1
    with pytest.raises(Conflict), transaction():
        services.answer(ring_id=ring.id, actor_id=three[0].id, yes=True, now=ring.answer_by)


def test_two_neighbours_are_asked_at_once_and_told_when_both_would(client: FlaskClient) -> None:
    """Over the API, with what follows each commit."""
    anna, zoe = make.resident("Anna"), make.resident("Zoé")
    make.skill_category("couture-tricot"), make.skill_category("langues")
    for who, kind, title, branch in (
        (anna, "offer", "Recoudre un ourlet", "couture-tricot"),
        (anna, "need", "Parler portugais", "langues"),
        (zoe, "offer", "Portugais pour voyager", "langues"),
        (zoe, "need", "Raccourcir un ourlet", "couture-tricot"),
    ):
        body = {"kind": kind, "title": title, "category": branch, "mode": ["hub"]}
        assert client.post("/api/v1/skills", json=body, headers=make.bearer(who)).status_code == 201
    deliver_events(now=clock.now() + timedelta(minutes=1))  # what was asked because of what was said
    (ring,) = client.get("/api/v1/skills/matches", headers=make.bearer(anna)).json["items"]
    assert {(leg["from"]["name"], leg["offer"]["title"]) for leg in ring["legs"]} == {
        ("Anna", "Recoudre un ourlet"), ("Zoé", "Portugais pour voyager"),
    }  # fmt: skip
    address = f"/api/v1/skills/matches/{ring['id']}"
    assert client.post(f"{address}/accept", headers=make.bearer(anna)).json["status"] == "proposed"
    assert client.post(f"{address}/accept", headers=make.bearer(zoe)).json["status"] == "agreed"
    told = db.session.scalars(select(Notification.kind).where(Notification.resident_id == anna.id)).all()
    assert set(told) >= {"skills.ring_proposed", "skills.ring_agreed"}
