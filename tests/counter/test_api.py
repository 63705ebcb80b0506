"""The counter, as programs see it."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.audit import AuditEntry
from app.core.db import db
from app.items.models import Item
from app.lending.models import Loan
from tests import factories
from tests.harness.clock import Clock


class Desk:
    """A hub's counter, as its volunteer's program uses it."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.client, self.clock = client, clock
        self.today = clock.now.date()
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.karim = factories.verified_member(self.hub, "Karim S.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3")
        self.token = factories.bearer(self.vera)

    def post(self, act: str, body: dict[str, Any], token: dict[str, str] | None = None) -> TestResponse:
        return self.client.post(f"/api/v1/counter/{act}", json=body, headers=token or self.token)

    def out(self, item: Item | None = None, member: Any = None, **body: Any) -> TestResponse:
        codes = {"item_code": (item or self.drill).code, "member_code": (member or self.anna).code}
        return self.post("check-out", {**codes, "hub": self.hub.slug, **body})

    def back(self, item: Item | None = None, **body: Any) -> TestResponse:
        return self.post("check-in", {"item_code": (item or self.drill).code, "hub": self.hub.slug, **body})

    def lookup(self, code: str, **query: Any) -> TestResponse:
        return self.client.get(
            "/api/v1/counter/lookup",
            query_string={"code": code, "hub": self.hub.slug, **query},
            headers=self.token,
        )


@pytest.fixture
def desk(client: FlaskClient, clock: Clock) -> Desk:
    return Desk(client, clock)


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


# -- out --------------------------------------------------------------------------------------------------


def test_two_scans_lend(desk: Desk) -> None:
    answer = desk.out()
    loan = answer.get_json()
    assert (answer.status_code, loan["status"], loan["repeated"]) == (201, "checked_out", False)
    assert loan["due"] == (desk.today + timedelta(days=14)).isoformat()
    assert loan["checked_out_at"] is not None
    assert loan["item"]["code"] == desk.drill.code


def test_the_reservation_is_what_leaves(desk: Desk) -> None:
    reserved = factories.loan(desk.drill, desk.anna, due=desk.today + timedelta(days=4))
    loan = desk.out().get_json()
    assert (loan["id"], loan["due"]) == (str(reserved.id), reserved.due.isoformat())


def test_the_same_scans_lend_once(desk: Desk) -> None:
    first = desk.out()
    again = desk.out(item=desk.drill)
    assert (again.status_code, again.get_json()["repeated"]) == (200, True)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert problem(desk.out(member=desk.karim)) == (409, "already_out")
    assert db.session.query(Loan).count() == 1


def test_codes_links_and_any_case_are_read(desk: Desk) -> None:
    answer = desk.post(
        "check-out",
        {
            "item_code": f"https://movilab.example/c/{desk.drill.code.lower()}",
            "member_code": f" {desk.anna.code.lower()} ",
            "hub": str(desk.hub.id),
        },
    )
    assert answer.status_code == 201


def test_somebody_else_s_day_is_a_conflict(desk: Desk) -> None:
    factories.loan(desk.drill, desk.karim, due=desk.today + timedelta(days=3))
    answer = desk.out()
    assert problem(answer) == (409, "claimed")
    assert answer.get_json()["holder"] == "Karim S."
    assert answer.get_json()["alternatives"]


def test_parts_and_notices_are_ticked_first(desk: Desk) -> None:
    saw = factories.item(
        "Scie", hub=desk.hub, parts=(("Lame", 2), ("Carter", 1)), notices=["Lunettes obligatoires."]
    )
    answer = desk.out(saw, parts=["Lame"])
    assert problem(answer) == (409, "to_tick")
    assert answer.get_json()["to_tick"] == {
        "parts": [{"name": "Carter", "count": 1}],
        "notices": ["Lunettes obligatoires."],
    }
    assert db.session.query(Loan).count() == 0
    assert desk.out(saw, parts=["Lame", "Carter"], acknowledged=True).status_code == 201


def test_blockers_hold_and_some_are_overridden_with_a_reason(desk: Desk) -> None:
    factories.loan(
        factories.item(hub=desk.hub),
        desk.anna,
        status="checked_out",
        first_day=desk.today - timedelta(days=9),
        due=desk.today - timedelta(days=2),
    )
    answer = desk.out()
    assert problem(answer) == (409, "blocked")
    assert [(one["code"], one["overridable"]) for one in answer.get_json()["blockers"]] == [
        ("overdue_elsewhere", True)
    ]
    short = desk.out(override={"codes": ["overdue_elsewhere"], "reason": " "})
    assert (short.status_code, set(short.get_json()["errors"])) == (422, {"reason"})
    assert desk.out(override={"codes": ["too_many"], "reason": "Elle passe demain."}).status_code == 409
    done = desk.out(override={"codes": ["overdue_elsewhere"], "reason": "Elle passe demain."})
    assert done.status_code == 201
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "lending.override")).one()
    assert (kept.actor_id, kept.details["reason"]) == (desk.vera.id, "Elle passe demain.")


def test_a_deposit_is_received(desk: Desk) -> None:
    tent = factories.item("Tente", hub=desk.hub, deposit_cents=4000)
    assert [one["code"] for one in desk.out(tent).get_json()["blockers"]] == ["deposit_due"]
    loan = desk.out(tent, deposit_received_cents=4000).get_json()
    assert loan["deposit"]["received_cents"] == 4000
    back = desk.back(tent, deposit_returned_cents=4000).get_json()
    assert back["loan"]["deposit"]["returned_cents"] == 4000


def test_the_suspended_do_not_borrow_but_bring_back(desk: Desk) -> None:
    desk.out()
    membership = factories.membership(desk.hub, sus := factories.resident("Sami T."), status="suspended")
    answer = desk.out(factories.item(hub=desk.hub), sus, override={"codes": ["suspended"], "reason": "Bon."})
    assert problem(answer) == (409, "blocked")
    assert membership.status == "suspended"
    assert desk.back().status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"item_code": "I-3F8DK99"}, 404),
        ({"item_code": "bonjour"}, 404),
        ({"member_code": "M-0000000"}, 404),
        ({"item_code": None}, 422),
        ({"hub": "nowhere"}, 404),
        ({"due": "hier"}, 422),
        ({"due": "2026-11-01"}, 422),
        ({"due": "2028-01-01"}, 422),
        ({"parts": "Lame"}, 422),
        ({"deposit_received_cents": -1}, 422),
        ({"deposit_received_cents": "beaucoup"}, 422),
        ({"condition": "shiny"}, 422),
        ({"at": "2026-11-25T10:00:00"}, 422),
        ({"at": "2026-11-25T23:00:00+01:00"}, 409),
        ({"at": "2026-11-01T10:00:00+01:00"}, 409),
        ({"override": {"codes": ["too_many"]}}, 422),
        ({"cart": 1}, 422),
    ],
)
def test_scans_that_cannot_be(desk: Desk, body: dict[str, Any], status: int) -> None:
    answer = desk.out(**body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert db.session.query(Loan).count() == 0


def test_cards_and_labels_are_not_mixed_up(desk: Desk) -> None:
    answer = desk.out(item_code=desk.anna.code, member_code=desk.drill.code)
    assert answer.status_code == 422


def test_only_volunteers_hold_the_counter(desk: Desk) -> None:
    body = {"item_code": desk.drill.code, "member_code": desk.anna.code, "hub": desk.hub.slug}
    assert problem(desk.post("check-out", body, factories.bearer(desk.anna))) == (403, "not_volunteer")
    elsewhere = factories.bearer(factories.volunteer(factories.hub("Ailleurs")))
    assert desk.post("check-out", body, elsewhere).status_code == 403
    assert desk.client.post("/api/v1/counter/check-out", json=body).status_code == 401


def test_another_hub_s_object_does_not_leave_from_here(desk: Desk) -> None:
    away = factories.item(hub=factories.hub("Ailleurs"))
    assert problem(desk.out(away)) == (409, "other_hub")
    home = factories.item(owner=factories.resident())
    assert problem(desk.out(home)) == (409, "kept_at_home")


# -- in ---------------------------------------------------------------------------------------------------


def test_one_scan_takes_back(desk: Desk) -> None:
    desk.out()
    answer = desk.back()
    told = answer.get_json()
    assert (answer.status_code, told["repeated"], told["next"]) == (
        200,
        False,
        {"kind": "shelf", "shelf": "B3"},
    )
    assert told["loan"]["status"] == "returned"
    assert told["loan"]["condition_in"] == "good"
    again = desk.back().get_json()
    assert (again["repeated"], again["loan"]["id"]) == (True, told["loan"]["id"])
    desk.clock.forward(minutes=11)
    assert problem(desk.back()) == (409, "not_out")


def test_it_is_kept_for_who_waits(desk: Desk) -> None:
    desk.out(due=(desk.today + timedelta(days=1)).isoformat())
    factories.loan(
        desk.drill,
        desk.karim,
        first_day=desk.today + timedelta(days=2),
        due=desk.today + timedelta(days=5),
    )
    desk.clock.forward(days=1)
    onward = desk.back().get_json()["next"]
    assert onward["kind"] == "waiting"
    assert onward["user"] == {"id": str(desk.karim.id), "name": "Karim S."}
    assert onward["until"] >= (desk.today + timedelta(days=2)).isoformat()


def test_what_is_broken_goes_to_repair(desk: Desk) -> None:
    saw = factories.item("Scie", hub=desk.hub, parts=(("Lame", 1), ("Carter", 1)))
    desk.out(saw, parts=["Lame", "Carter"])
    told = desk.back(saw, parts=["Lame"], note="Carter oublié").get_json()
    assert told["next"]["kind"] == "repair"
    assert told["loan"]["condition_in"] == "incomplete"
    assert problem(desk.out(saw, parts=["Lame", "Carter"])) == (409, "in_repair")


def test_returns_that_cannot_be(desk: Desk) -> None:
    assert problem(desk.back()) == (409, "not_out")
    desk.out()
    for wrong in (
        {"condition": "new"},
        {"condition": "broken"},
        {"deposit_returned_cents": 100},
        {"at": "?"},
    ):
        assert desk.back(**wrong).status_code == 422, wrong
    assert desk.back(hub="nowhere").status_code == 404
    assert desk.post("check-in", {"hub": desk.hub.slug}).status_code == 422
    body = {"item_code": desk.drill.code, "hub": desk.hub.slug}
    assert desk.post("check-in", body, factories.bearer(desk.anna)).status_code == 403


# -- looking up -------------------------------------------------------------------------------------------


def test_what_a_label_is(desk: Desk) -> None:
    told = desk.lookup(desk.drill.code).get_json()
    assert told["kind"] == "item"
    assert told["item"] == {"id": str(desk.drill.id), "title": "Perceuse", "code": desk.drill.code}
    assert (told["actions"], told["loan"], told["shelf"]) == (["check_out"], None, "B3")
    factories.loan(desk.drill, desk.karim)
    assert desk.lookup(desk.drill.code).get_json()["expected"]["borrower"]["name"] == "Karim S."
    desk.out(member=desk.karim)
    told = desk.lookup(desk.drill.code).get_json()
    assert (told["actions"], told["loan"]["borrower"]["name"]) == (["check_in"], "Karim S.")


def test_what_a_card_is(desk: Desk) -> None:
    desk.out()
    told = desk.lookup(desk.anna.code).get_json()
    assert (told["kind"], told["user"]["name"], told["status"]) == ("member", "Anna B.", "verified")
    assert [loan["item"]["title"] for loan in told["in_hand"]] == ["Perceuse"]
    assert told["actions"] == ["check_out"]
    new = factories.resident("Nour A.")
    assert desk.lookup(new.code).get_json()["actions"] == ["verify"]


def test_a_scan_costs_the_same_however_much_is_held(desk: Desk, query_count: Any) -> None:
    def costs() -> list[int]:
        found = []
        for code in (desk.drill.code, desk.anna.code):
            with query_count() as statements:
                assert desk.lookup(code).status_code == 200
            found.append(len(statements))
        return found

    desk.out()
    few = costs()
    for number in range(5):
        owner = factories.resident(f"Voisin {number}")
        factories.loan(factories.item(f"Objet {number}", hub=desk.hub, owner=owner), desk.anna)
    factories.loan(desk.drill, desk.karim, first_day=desk.today + timedelta(days=60))
    assert costs() == few
    assert max(few) <= 9


def test_what_is_no_code(desk: Desk) -> None:
    assert problem(desk.lookup("I-0000000")) == (404, "not_found")
    assert problem(desk.lookup("I-3F8")) == (404, "not_found")
    away = factories.item(hub=factories.hub("Ailleurs"))
    told = desk.lookup(away.code).get_json()
    assert (told["actions"], "code" in told["item"]) == ([], False)
    missing = desk.client.get("/api/v1/counter/lookup?code=x", headers=desk.token)
    assert missing.status_code == 422
    member = desk.client.get(
        f"/api/v1/counter/lookup?code={desk.drill.code}&hub={desk.hub.id}",
        headers=factories.bearer(desk.anna),
    )
    assert problem(member) == (403, "not_volunteer")
