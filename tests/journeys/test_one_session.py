"""Two newcomers who could teach each other, by programs: what they post, the match, the session, the same transfer in both
accounts, on both databases."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient

from app.core import clock as house_clock
from app.core import outbox
from app.core.db import db
from app.scheduler.jobs import deliver_events
from tests import factories
from tests.harness.clock import Clock
from tests.journeys.programs import Program

FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=ZoneInfo("Europe/Paris"))
AFTERNOONS = [{"weekday": 4, "opens": "13:00", "closes": "18:00"}]


class Neighbour(Program):
    """One who teaches and learns."""

    def posts(self, kind: str, title: str, category: str, hub: str) -> Any:
        words = {"kind": kind, "title": title, "category": category, "mode": ["hub"], "hub": hub}
        return self.post("/skills", **words, availability=AFTERNOONS)


def test_two_newcomers_teach_each_other(app: Flask, client: FlaskClient, clock: Clock) -> None:
    hub = factories.hub("Maison des Tilleuls")
    garden, sewing = factories.skill_category("jardin").slug, factories.skill_category("couture").slug
    anna, basil = Neighbour(client, "Anna B."), Neighbour(client, "Basil C.")
    lesson = anna.posts("offer", "Tailler un rosier", garden, hub.slug)
    anna.posts("need", "Coudre un ourlet", sewing, hub.slug)
    basil.posts("offer", "Ourlets et boutons", sewing, hub.slug)
    basil.posts("need", "S’occuper d’un rosier", garden, hub.slug)
    deliver_events(now=house_clock.now() + outbox.GRACE)

    (match,) = basil.get("/skills/matches")["items"]
    assert {leg["from"]["name"] for leg in match["legs"]} == {"Anna B.", "Basil C."}
    assert lesson["id"] in {leg["offer"]["id"] for leg in match["legs"]}

    words = {"start": FRIDAY.isoformat(), "minutes": 60, "place": "hub"}
    session = basil.post(f"/skills/{lesson['id']}/sessions", **words)
    address = f"/sessions/{session['id']}"
    assert anna.post(f"{address}/accept")["status"] == "accepted"
    assert basil.get("/time/account")["balance_minutes"] == 0
    clock.at(FRIDAY + timedelta(hours=2))
    anna.log_in()
    basil.log_in()
    assert anna.get(address)["status"] == "held"
    assert anna.post(f"{address}/confirm", minutes=60)["status"] == "held"
    assert basil.post(f"{address}/confirm", minutes=60)["status"] == "confirmed"

    (hers,), (his,) = (one.get("/time/account")["entries"] for one in (anna, basil))
    assert (hers["id"], hers["session"]) == (his["id"], session["id"])
    assert (hers["minutes"], his["minutes"]) == (60, -60)
    assert (hers["with"]["name"], his["with"]["name"]) == ("Basil C.", "Anna B.")
    db.session.rollback()
