"""`flask setup` makes the first steward and the first hub, once."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.accounts import services
from app.accounts.models import Resident
from app.cli.setup import setup
from app.core.db import db
from app.hubs.models import Hub, Territory
from app.items.models import Category

ASKED = {
    "name": "Anna B.", "email": "anna@example.org", "password": "trois mots simples", "hub": "L’Établi",
    "kind": "fablab", "address": "1 rue Haute, 26000 Valence", "lat": "44.93", "lon": "4.89",
}  # fmt: skip


def run(app: Flask, **changes: str) -> Any:
    words = [part for name, value in {**ASKED, **changes}.items() for part in (f"--{name}", value)]
    return app.test_cli_runner().invoke(setup, words)


def test_an_installation_begins(app: Flask) -> None:
    done = run(app)
    assert done.exit_code == 0, done.output
    assert "/hubs/l-etabli/hours" in done.output
    steward = db.session.scalars(select(Resident)).one()
    assert steward.is_steward
    assert steward.email_confirmed_at is not None
    assert (
        services.recognise(email="anna@example.org", password="trois mots simples", production=True)
        == steward.id
    )
    assert db.session.scalars(select(Hub.name)).one() == "L’Établi"
    assert (db.session.scalar(select(func.count()).select_from(Category)) or 0) >= 30
    names = [(place.kind, place.name, place.parent_id) for place in db.session.scalars(select(Territory))]
    assert [name for _, name, _ in names] == [
        "Auvergne-Rhône-Alpes",
        "Drôme",
        "CA Valence Romans Agglo",
        "Valence",
    ]
    hub = db.session.scalars(select(Hub)).one()
    assert hub.territory is not None
    assert (hub.territory.kind, hub.territory.insee_code) == ("commune", "26362")
    again = run(app, email="ben@example.org")
    assert again.exit_code == 1
    assert "has a steward already" in again.output


def test_the_hub_is_placed_by_its_address_unless_told(app: Flask) -> None:
    words = [
        part for name, value in ASKED.items() if name not in ("lat", "lon") for part in (f"--{name}", value)
    ]
    done = app.test_cli_runner().invoke(setup, words, input="\n4.9\n")
    assert done.exit_code == 0, done.output
    assert "Valence is at 44." in done.output
    hub = db.session.scalars(select(Hub)).one()
    assert round(hub.lat, 1) == 44.9
    assert hub.lon == 4.9


def test_what_is_wrong_is_said_and_nothing_is_made(app: Flask) -> None:
    for changes in (
        {"email": "anna@", "password": "court"},
        {"hub": "", "lat": "100"},
        {"timezone": "Mars/Olympus"},
    ):
        failed = run(app, **changes)
        assert failed.exit_code == 1, failed.output
        assert "Error" in failed.output
        assert db.session.scalars(select(Resident)).all() == []
    assert run(app, kind="pub").exit_code == 2
