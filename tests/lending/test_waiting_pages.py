"""Waiting in line on pages, at the counter and for programs: the same story, by form posts and JSON alone."""

import html
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.hubs.rules import LendingPolicy, OpenDays, Opening
from app.items.rules import Taken
from app.lending.rules import Terms
from app.lending.waiting import rules
from app.notifications.jobs import send_mail
from tests import factories
from tests.harness.databases import Database
from tests.lending.test_waiting import deliver

pytestmark = pytest.mark.usefixtures("clock")
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC).date()
WEEKDAYS = OpenDays(week=tuple(Opening(day, time(9), time(19)) for day in range(5)))


def day(n: int) -> Any:
    return WEDNESDAY + timedelta(days=n)


# -- what is true -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "until"),
    [
        ([], 7),
        ([(10, 12)], 7),
        ([(5, 9)], 2),  # Saturday and Sunday are closed: the last open day before it
        ([(3, 9)], 2),
        ([(2, 9)], None),
        ([(0, 1)], None),
        ([(-3, 1)], None),
    ],
)
def test_how_long_it_is_kept(claims: list[tuple[int, int]], until: int | None) -> None:
    taken = [Taken(day(first), day(end)) for first, end in claims]
    terms = Terms(WEEKDAYS, LendingPolicy())
    assert rules.kept_until(terms, taken, today=day(0)) == (None if until is None else day(until))


def test_it_is_kept_to_an_open_day() -> None:
    terms = Terms(WEEKDAYS, LendingPolicy(ready_days=3))
    assert rules.kept_until(terms, [], today=day(0)) == day(5), "Saturday moves to Monday"


@pytest.mark.parametrize(
    ("past", "away", "ahead", "expected", "usual"),
    [
        ([], rules.Away(day(-2), day(8)), 0, 8, False),
        ([4, 5, 6, 20], rules.Away(day(-2), day(8)), 0, 8, True),
        ([4, 5, 6, 5, 5], rules.Away(day(-2), day(8)), 0, 4, True),
        ([4, 5, 6, 5, 5], rules.Away(day(-2), day(8)), 2, 18, True),
        ([], rules.Away(day(-2), day(8)), 1, 23, False),
        ([], rules.Away(day(-20), day(-1)), 0, None, False),
        ([], None, 9, None, False),
    ],
)
def test_by_when_it_may_be_back(
    past: list[int], away: rules.Away | None, ahead: int, expected: int | None, usual: bool
) -> None:
    taken = [Taken(away.out_since, day(9))] if away else []
    found = rules.likely(
        Terms(OpenDays(), LendingPolicy()), taken, past=past, away=away, ahead=ahead, today=day(0)
    )
    assert found == (None if expected is None else rules.Likely(day(expected), usual))


def test_reservations_that_stand_are_waited_out() -> None:
    taken = [Taken(day(-2), day(4)), Taken(day(5), day(9))]
    found = rules.likely(
        Terms(OpenDays(), LendingPolicy()),
        taken,
        past=[],
        away=rules.Away(day(-2), day(3)),
        ahead=0,
        today=day(0),
    )
    assert found == rules.Likely(day(9), usual=False)


# -- pages ------------------------------------------------------------------------------------------------


def text(answer: Any) -> str:
    return " ".join(html.unescape(answer.get_data(as_text=True)).split()).replace("\u00a0", " ")


class Here:
    """A drill that Karim has, Anna and Zoé who would like it, Inès at the counter."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.hub = factories.hub("Maison des Tilleuls")
        self.anna, self.zoe, self.karim = (
            factories.verified_member(self.hub, name) for name in ("Anna B.", "Zoé M.", "Karim D.")
        )
        self.ines = factories.volunteer(self.hub, "Inès V.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3")
        factories.loan(self.drill, self.karim, status="checked_out", due=day(6))
        self.page = f"/items/{self.drill.id}"

    def browser(self, who: Any) -> FlaskClient:
        return factories.log_in(self.client.application.test_client(), who)

    def desk(self, act: str, **fields: str) -> Any:
        return self.browser(self.ines).post(f"/counter/{act}", data={"hub": self.hub.slug, **fields})


@pytest.fixture
def here(client: FlaskClient) -> Here:
    return Here(client)


def test_from_the_object_to_the_message_to_ones_turn(here: Here) -> None:
    anna = here.browser(here.anna)
    assert "Prendre place dans la file" in text(anna.get(here.page))
    assert "Retour prévu le mardi 1er décembre" in text(anna.get(here.page))
    assert anna.post(f"{here.page}/line").status_code == 302
    assert "En tête de la file" in text(anna.get(here.page))
    zoe = here.browser(here.zoe)
    assert "1 personne attend avant vous" in text(zoe.get(here.page))
    zoe.post(f"{here.page}/line")
    assert "2e dans la file" in text(zoe.get("/loans"))
    answer = text(here.desk("check-in", code=here.drill.code))
    assert "Gardez-le pour Anna B." in answer
    deliver(clock.now())
    assert "Perceuse" in text(anna.get("/notifications"))
    page = text(anna.get(f"{here.page}/line"))
    assert "C’est votre tour" in page
    assert "Je le prends" in page
    assert "C’est votre tour" in text(anna.get("/loans"))
    assert anna.post(f"{here.page}/line/pass").status_code == 302
    assert "Tour passé" in text(anna.get(here.page))
    taken = zoe.post(f"{here.page}/line/take")
    assert taken.status_code == 302
    assert "C’est réservé" in text(zoe.get(taken.headers["Location"]))
    assert anna.post(f"{here.page}/line/leave").status_code == 302
    assert anna.get(f"{here.page}/line").status_code == 302


def test_what_cannot_be_says_why(here: Here) -> None:
    stranger = here.browser(factories.resident("Nouvelle"))
    answer = stranger.post(f"{here.page}/line")
    assert answer.status_code == 409
    assert "pas encore membre de ce lieu" in text(answer)
    assert "Prendre place dans la file" not in text(stranger.get(here.page))
    anna = here.browser(here.anna)
    anna.post(f"{here.page}/line")
    answer = anna.post(f"{here.page}/line/take")
    assert answer.status_code == 409
    assert "pas mis de côté pour vous" in text(answer)
    assert anna.post("/items/999999/line").status_code == 404


def test_a_list_of_waits_costs_the_same_however_long(here: Here, query_count: Any) -> None:
    anna = here.browser(here.anna)

    def cost() -> int:
        with query_count() as statements:
            assert anna.get("/loans").status_code == 200
        return len(statements)

    def wait_for(title: str) -> None:
        item = factories.item(title, hub=factories.hub())
        factories.loan(item, here.karim, status="checked_out")
        factories.place_in_line(item, here.anna)

    wait_for("Un")
    few = cost()
    for number in range(6):
        wait_for(f"Objet {number}")
    assert cost() == few <= 6  # the sixth: her own hub, where she has no loan


def test_the_counter_stands_somebody_in_line_and_shows_what_is_kept(here: Here) -> None:
    answer = text(here.desk("scan", code=here.drill.code, member=here.anna.code))
    assert "Mettre dans la file" in answer
    answer = text(here.desk("stand-in-line", code=here.drill.code, member=here.anna.code))
    assert "Dans la file" in answer
    assert "En tête de la file" in answer
    here.desk("check-in", code=here.drill.code)
    day_page = text(here.browser(here.ines).get(f"/counter?hub={here.hub.slug}"))
    assert "Mis de côté" in day_page
    answer = here.desk("scan", code=here.drill.code, member=here.zoe.code)
    assert answer.status_code == 409
    assert "Anna B." in text(answer)
    person = text(here.desk("scan", code=here.anna.code))
    assert "Mis de côté, c’est son tour" in person
    answer = text(here.desk("scan", code=here.drill.code, member=here.anna.code))
    assert "Prêté" in answer


def test_the_mail_leaves_late_and_leads_to_the_answer(here: Here, database: Database) -> None:
    factories.place_in_line(here.drill, here.anna)
    here.desk("check-in", code=here.drill.code)
    deliver(clock.now())

    def mails() -> list[str]:
        files = [file.read_text(encoding="utf-8") for file in (database.folder / "mail").glob("*.eml")]
        return [message for message in files if f"{here.page}/line" in message]

    send_mail(now=clock.now() + timedelta(minutes=9))
    assert not mails()
    send_mail(now=clock.now() + timedelta(minutes=11))
    (message,) = mails()
    assert "Maison des Tilleuls" in message


# -- programs ---------------------------------------------------------------------------------------------


def test_programs_wait_take_and_leave(here: Here) -> None:
    anna, zoe, ines = map(factories.bearer, (here.anna, here.zoe, here.ines))
    line = f"/api/v1{here.page}/waitlist"
    client = here.client
    assert client.get(line, headers=anna).status_code == 404
    joined = client.post(line, headers=anna)
    assert (joined.status_code, joined.json["position"], joined.json["status"]) == (201, 1, "waiting")
    assert joined.json["likely"] == {"day": day(6).isoformat(), "usual": False}
    assert client.post(line, headers=zoe).json["position"] == 2
    refused = client.post(
        f"/api/v1{here.page}/loans",
        json={"from": day(30).isoformat(), "to": day(31).isoformat()},
        headers=zoe,
    )
    assert (refused.status_code, refused.json["blockers"][0]["code"]) == (409, "queue")
    back = client.post(
        "/api/v1/counter/check-in",
        json={"item_code": here.drill.code, "hub": here.hub.slug},
        headers=ines,
    )
    assert back.json["next"] == {
        "kind": "waiting",
        "shelf": "B3",
        "user": {"id": str(here.anna.id), "name": "Anna B."},
        "until": day(7).isoformat(),
    }
    seen = client.get(f"/api/v1/counter/lookup?code={here.drill.code}&hub={here.hub.slug}", headers=ines).json
    assert seen["kept"][0]["user"]["name"] == "Anna B."
    assert client.post(f"{line}/pass", headers=zoe).json["code"] == "not_your_turn"
    assert client.post(f"{line}/pass", headers=anna).json["passed"] is True
    assert client.get("/api/v1/waitlist", headers=zoe).json["items"][0]["status"] == "ready"
    loan = client.post(f"{line}/take", headers=zoe)
    assert (loan.status_code, loan.json["status"]) == (201, "reserved")
    assert client.delete(line, headers=anna).status_code == 204
    assert client.delete(line, headers=anna).status_code == 204
