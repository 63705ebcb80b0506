"""Sessions for programs: the rows of the contract, and what is refused."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories as make
from tests.harness.clock import Clock

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=PARIS)
SATURDAY = FRIDAY + timedelta(days=1)


class Api:
    """Gilda teaches at a hub, Lena learns; each has a program."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.hub = make.hub("Maison des Tilleuls")
        self.gilda = make.verified_member(self.hub, "Gilda T.")
        self.lena = make.verified_member(self.hub, "Lena P.")
        self.skill = make.skill(self.gilda, "Tailler un rosier", hub=self.hub, online=True)
        self.keys = {"gilda": make.bearer(self.gilda), "lena": make.bearer(self.lena)}

    def post(self, who: str, path: str, /, **body: Any) -> tuple[int, Any]:
        answer = self.client.post(f"/api/v1{path}", json=body, headers=self.keys[who])
        return answer.status_code, answer.get_json()

    def get(self, who: str, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.keys[who])
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def asked(self, **body: Any) -> Any:
        words = {"start": FRIDAY.isoformat(), "minutes": 60, "place": "hub", **body}
        status, session = self.post("lena", f"/skills/{self.skill.id}/sessions", **words)
        assert status == 201, session
        return session


@pytest.fixture
def api(app: Flask, client: FlaskClient, clock: Clock) -> Api:
    return Api(client)


def test_a_session_by_programs_from_the_asking_to_both_accounts(api: Api, clock: Clock) -> None:
    session = api.asked(other_starts=[SATURDAY.isoformat()], message="Mes rosiers sont tristes.")
    assert session["status"] == "asked"
    assert session["hub"]["slug"] == api.hub.slug
    assert [one["name"] for one in session["waits_for"]] == ["Gilda T."]
    assert [datetime.fromisoformat(one) for one in session["times"]] == [FRIDAY, SATURDAY]
    address = f"/sessions/{session['id']}"
    assert api.get("gilda", f"{address}/messages")["items"][0]["text"] == "Mes rosiers sont tristes."
    assert api.post("gilda", f"{address}/accept", start=SATURDAY.isoformat())[1]["status"] == "accepted"
    clock.at(SATURDAY + timedelta(hours=2))
    api.keys = {"gilda": make.bearer(api.gilda), "lena": make.bearer(api.lena)}
    assert api.get("lena", address)["status"] == "held"
    assert [one["id"] for one in api.get("lena", "/sessions?status=held&role=learner")["items"]] == [
        session["id"]
    ]
    assert api.post("gilda", f"{address}/confirm", minutes=60)[1]["confirmed"] == {
        "giver": 60,
        "learner": None,
    }
    for _ in range(2):
        status, done = api.post("lena", f"{address}/confirm", minutes=60)
        assert (status, done["status"], done["moved_minutes"]) == (200, "confirmed", 60)
    status, refused = api.post("lena", f"{address}/confirm", minutes=90)
    assert (status, refused["code"]) == (409, "already_confirmed")
    assert [line["kind"] for line in done["history"]] == ["asked", "accepted", "said", "confirmed"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"minutes": 0}, 422, "minutes"),
        ({"minutes": 10_000}, 422, "minutes"),
        ({"minutes": 10**40}, 422, "minutes"),
        ({"minutes": "60"}, 422, "minutes"),
        ({"start": "2026-11-25T09:00:00+01:00"}, 422, "start"),
        ({"start": "2026-11-27T14:00:00"}, 422, "start"),
        ({"start": "9999-12-31T23:59:59-12:00"}, 422, "start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, 422, "start"),
        ({"start": "vendredi"}, 422, "start"),
        ({"start": None}, 422, "start"),
        (
            {"other_starts": [(FRIDAY + timedelta(days=n)).isoformat() for n in (1, 2, 3)]},
            422,
            "other_starts",
        ),
        ({"other_starts": ["2026-11-25T09:00:00+01:00"]}, 422, "other_starts.0"),
        ({"place": "moon"}, 422, "place"),
        ({"place": "home"}, 422, "place"),
        ({"link": "https://example.org"}, 422, "link"),
        ({"who": "me"}, 422, "who"),
    ],
)
def test_what_cannot_be_asked(api: Api, body: dict[str, Any], status: int, field: str) -> None:
    words = {"start": FRIDAY.isoformat(), "minutes": 60, "place": "hub", **body}
    answer = api.post("lena", f"/skills/{api.skill.id}/sessions", **words)
    assert answer[0] == status, answer
    assert field in answer[1]["errors"], answer[1]


def test_a_session_with_oneself_and_an_answer_to_oneself(api: Api) -> None:
    words = {"start": FRIDAY.isoformat(), "minutes": 60, "place": "hub"}
    assert api.post("gilda", f"/skills/{api.skill.id}/sessions", **words)[1]["code"] == "own_skill"
    address = f"/sessions/{api.asked()['id']}"
    assert api.post("lena", f"{address}/accept")[1]["code"] == "other_answers"
    assert api.post("lena", f"{address}/confirm", minutes=60)[1]["code"] == "not_accepted"
    assert api.post("gilda", f"{address}/decline", why="Partie en voyage.")[1]["status"] == "declined"
    assert api.post("gilda", f"{address}/accept")[1]["code"] == "nothing_to_answer"


def test_a_dispute_and_who_settles_it(api: Api, clock: Clock) -> None:
    address = f"/sessions/{api.asked()['id']}"
    assert api.post("gilda", f"{address}/accept")[0] == 200
    assert api.post("lena", f"{address}/dispute")[1]["code"] == "not_begun"
    clock.at(FRIDAY + timedelta(hours=2))
    api.keys = {"gilda": make.bearer(api.gilda), "lena": make.bearer(api.lena)}
    api.keys["cora"] = make.bearer(make.coordinator(api.hub))
    assert api.post("lena", f"{address}/dispute", why="Une demi-heure seulement.")[1]["status"] == "disputed"
    assert api.post("gilda", f"{address}/settle", minutes=60, note="Pour moi.")[0] == 403
    assert [one["link"] for one in api.get("cora", f"/hubs/{api.hub.slug}/disputes")["items"]] == [None]
    assert api.client.get(f"/api/v1{address}/messages", headers=api.keys["cora"]).status_code == 404
    status, done = api.post("cora", f"{address}/settle", minutes=30, note="Une demi-heure.")
    assert (status, done["status"], done["moved_minutes"]) == (200, "confirmed", 30)
    assert (
        api.post("cora", f"{address}/settle", minutes=30, note="Une demi-heure.")[1]["code"]
        == "already_settled"
    )


def test_the_link_is_for_the_two(api: Api) -> None:
    room = "https://rdv.example.org/salle"
    session = api.asked(place="online", link=room)
    address = f"/sessions/{session['id']}"
    assert api.get("gilda", address)["link"] == room
    other = make.bearer(make.resident())
    assert api.client.get(f"/api/v1{address}", headers=other).status_code == 404
    assert api.post("lena", f"{address}/link", link="ftp://example.org")[0] == 422
    assert api.post("gilda", f"{address}/link", link=f"{room}2")[1]["link"] == f"{room}2"


def test_the_list_goes_on(api: Api) -> None:
    made = [api.asked(start=(FRIDAY + timedelta(days=n)).isoformat())["id"] for n in range(3)]
    first = api.get("gilda", "/sessions?limit=2")
    rest = api.get("gilda", f"/sessions?limit=2&cursor={first['next']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_at_ones_own_limit_the_refusal_names_needs_nearby(api: Api, clock: Clock) -> None:
    make.skill(make.resident("Karim"), "Coudre un bouton", kind="need")
    session = api.asked(minutes=180)
    address = f"/sessions/{session['id']}"
    assert api.post("gilda", f"{address}/accept")[0] == 200
    clock.at(FRIDAY + timedelta(hours=4))
    assert api.post("gilda", f"{address}/confirm", minutes=181)[0] == 200
    status, refused = api.post("lena", f"{address}/confirm", minutes=181)
    assert (status, refused["code"]) == (409, "limit_reached")
    assert [(one["title"], one["name"]) for one in refused["needs"]] == [("Coudre un bouton", "Karim")]
