"""Saying what one can teach and wants to learn, and its limits."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.geo.rules import PUBLISHED_M, cell
from app.skills import services
from app.skills.models import Availability, Skill
from app.skills.rules import fits
from tests import factories as make

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
EVENINGS: Any = [
    {"weekday": 2, "opens": "18:00", "closes": "20:00"},
    {"weekday": 2, "opens": "20:00", "closes": "24:00"},
]


def _offer(**said: Any) -> Skill:
    with transaction():
        return services.offer(now=NOW, **said)


def test_what_is_said_is_kept(app: Flask) -> None:
    anna, branch = make.resident(), make.skill_category("couture")
    skill = _offer(
        actor_id=anna.id, title=" Coudre  un ourlet ", category=branch.slug, mode=["home", "online"],
        languages=["en", "fr", "en"], availability=EVENINGS, level="expert",
    )  # fmt: skip
    assert (skill.kind, skill.title, skill.modes, skill.languages) == (
        "offer", "Coudre un ourlet", ["home", "online"], ["en", "fr"],
    )  # fmt: skip
    assert [(one.weekday, one.opens, one.closes) for one in skill.availability] == [(2, 1080, 1440)]
    assert " ourlet " in f"{skill.search_text} "
    near = cell(anna.home_lat or 0, anna.home_lon or 0, PUBLISHED_M)
    assert (skill.lat, skill.lon, skill.precision_m) == (near.lat, near.lon, PUBLISHED_M)
    assert (skill.coarse_lat, skill.coarse_lon) != (skill.lat, skill.lon)


def test_at_a_hub_alone_the_hubs_door_is_its_place(app: Flask) -> None:
    anna, hub, branch = make.resident(home=None), make.hub(), make.skill_category()
    skill = _offer(actor_id=anna.id, title="Tricot", category=branch.slug, hub=hub.slug)
    assert (skill.lat, skill.lon, skill.precision_m, skill.hub_id) == (hub.lat, hub.lon, 0, hub.id)
    with pytest.raises(Invalid) as refused:
        _offer(actor_id=anna.id, title="Tricot", category=branch.slug, hub=hub.slug, mode=["hub", "home"])
    assert refused.value.errors["hub"][0] == "skills.no_home"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": "x"}, "title"),
        ({"category": "nulle-part"}, "category"),
        ({"mode": []}, "mode"),
        ({"mode": ["moon"]}, "mode"),
        ({"level": "genius"}, "level"),
        ({"languages": ["xx"]}, "languages"),
        ({"hub": "nowhere"}, "hub"),
        ({"availability": [{"weekday": 7, "opens": "10:00", "closes": "12:00"}]}, "availability"),
        ({"availability": [{"weekday": 1, "opens": "12:00", "closes": "10:00"}]}, "availability"),
        ({"availability": [{"weekday": 1, "opens": "25:00", "closes": "26:00"}]}, "availability"),
        ({"availability": EVENINGS * 15}, "availability"),
    ],
)
def test_what_is_wrong_is_said_by_field(app: Flask, said: dict[str, Any], field: str) -> None:
    anna, branch = make.resident(), make.skill_category()
    with pytest.raises(Invalid) as refused:
        _offer(**{"actor_id": anna.id, "title": "Tricot", "category": branch.slug, **said})
    assert set(refused.value.errors) == {field}


def test_paused_and_closed_by_whose_it_is_and_taken_back(app: Flask) -> None:
    anna, zoe = make.resident(), make.resident()
    skill = make.skill(anna)
    with pytest.raises(Forbidden), transaction():
        services.pause(skill_id=skill.id, actor_id=zoe.id, now=NOW)
    with transaction():
        services.pause(skill_id=skill.id, actor_id=anna.id, now=NOW)
    with pytest.raises(NotFound), transaction():
        services.close(skill_id=skill.id, actor_id=zoe.id, now=NOW)
    with transaction():
        services.close(skill_id=skill.id, actor_id=anna.id, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.change(skill_id=skill.id, actor_id=anna.id, now=NOW, title="Autre chose")
    with transaction():
        assert services.resume(skill_id=skill.id, actor_id=anna.id, now=NOW).state == "open"


def test_at_the_counter_for_somebody_without_an_address(app: Flask) -> None:
    hub, branch = make.hub(), make.skill_category()
    helper, robert = make.volunteer(hub), make.resident("Robert", email=None, verified_in_person_at=NOW)
    told: dict[str, Any] = {
        "actor_id": helper.id,
        "title": "Lire mon courrier",
        "category": branch.slug,
        "hub": hub.slug,
    }
    with pytest.raises(Forbidden):
        _offer(**told, for_id=robert.id)
    with pytest.raises(Forbidden):
        _offer(**told, for_id=robert.id, counter_id=hub.id)
    make.membership(hub, robert)
    skill = _offer(**told, for_id=robert.id, counter_id=hub.id)
    assert (skill.resident_id, skill.registered_by_id) == (robert.id, helper.id)
    entry = db.session.query(AuditEntry).one()
    assert (entry.actor_id, entry.on_behalf_of_id, entry.subject_id) == (helper.id, robert.id, skill.id)
    with pytest.raises(Forbidden):
        _offer(**told, for_id=make.verified_member(hub).id, counter_id=hub.id)


def test_times_that_suit_also_in_the_nights_the_clock_changes() -> None:
    wednesday = make_times((2, 1080, 1440), (3, 0, 60))
    evening = datetime(2026, 11, 25, 18, 0, tzinfo=PARIS)
    assert fits(wednesday, evening, 60, "Europe/Paris")
    assert fits(wednesday, evening.astimezone(UTC), 60, "Europe/Paris")
    assert fits(wednesday, evening + timedelta(hours=5, minutes=30), 60, "Europe/Paris"), "into the next day"
    assert not fits(wednesday, evening + timedelta(hours=5, minutes=30), 91, "Europe/Paris")
    assert not fits(wednesday, evening - timedelta(minutes=1), 60, "Europe/Paris")
    assert fits((), evening, 10_000, "Europe/Paris"), "any time"
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half past two, for the first time
    assert fits(make_times((6, 150, 180)), autumn, 30, "Europe/Paris")
    assert not fits(make_times((6, 150, 210)), autumn, 60, "Europe/Paris"), "the clock goes back to two"
    spring = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half past one; two is three
    assert fits(make_times((6, 90, 120), (6, 180, 210)), spring, 60, "Europe/Paris")


def make_times(*windows: tuple[int, int, int]) -> list[Any]:
    return [Availability(weekday=day, opens=opens, closes=closes) for day, opens, closes in windows]
