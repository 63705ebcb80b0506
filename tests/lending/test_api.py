"""Loans, as programs see them: every row of the contract with its fields and status codes."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import Resident
from app.core.db import db
from app.hubs.models import Hub
from app.items.models import Item
from app.lending.models import Loan
from tests import factories
from tests.harness.clock import Clock

LOAN_FIELDS = {
    "id", "item", "borrower", "owner", "hub", "status", "from", "due", "checked_out_at", "checked_in_at", "renewals",
    "deposit", "history", "overdue_days",
}  # fmt: skip


class Here:
    """A hub with a drill, a member, a volunteer, and a neighbour with a tent at home; today is a Wednesday."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.today = clock.now.date()
        self.hub: Hub = factories.hub("Maison des Tilleuls")
        self.anna: Resident = factories.verified_member(self.hub, "Anna B.")
        self.vera: Resident = factories.volunteer(self.hub, "Véra K.")
        self.owner: Resident = factories.resident("Omar D.")
        self.drill: Item = factories.item("Perceuse", hub=self.hub, deposit_cents=4000, shelf="B3")
        self.tent: Item = factories.item("Tente", owner=self.owner)
        self.anna_token = factories.bearer(self.anna)
        self.vera_token = factories.bearer(self.vera)
        self.owner_token = factories.bearer(self.owner)

    def days(self, first: int = 1, last: int = 5) -> dict[str, str]:
        """So many days from today."""
        return {
            "from": (self.today + timedelta(days=first)).isoformat(),
            "to": (self.today + timedelta(days=last)).isoformat(),
        }


@pytest.fixture
def here(client: FlaskClient, clock: Clock) -> Here:
    return Here(clock)


def reserve(client: FlaskClient, here: Here, item: Item | None = None, **body: Any) -> TestResponse:
    item = item or here.drill
    return client.post(
        f"/api/v1/items/{item.id}/loans", json={**here.days(), **body}, headers=here.anna_token
    )


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


# -- asking -----------------------------------------------------------------------------------------------


def test_a_hub_s_object_is_reserved_at_once(client: FlaskClient, here: Here) -> None:
    answer = reserve(client, here)
    assert answer.status_code == 201
    loan = answer.get_json()
    assert set(loan) >= LOAN_FIELDS
    assert (loan["status"], loan["renewals"], loan["overdue_days"]) == ("reserved", 0, 0)
    assert loan["item"] == {"id": str(here.drill.id), "title": "Perceuse"}
    assert loan["borrower"] == {"id": str(here.anna.id), "name": "Anna B."}
    assert loan["owner"] == {"kind": "hub", "id": str(here.hub.id), "name": "Maison des Tilleuls"}
    assert loan["hub"] == {"id": str(here.hub.id), "slug": here.hub.slug, "name": "Maison des Tilleuls"}
    assert {"from": loan["from"], "to": loan["due"]} == here.days()
    assert loan["deposit"] == {
        "cents": 4000,
        "received_cents": None,
        "returned_cents": None,
        "currency": "EUR",
    }
    assert [line["kind"] for line in loan["history"]] == ["reserved"]
    assert loan["history"][0]["by"] == {"id": str(here.anna.id), "name": "Anna B."}
    assert isinstance(loan["id"], str)


def test_a_neighbour_s_object_waits_for_its_owner(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent, message="Pour un week-end.").get_json()
    assert (loan["status"], loan["hub"]) == ("requested", None)
    assert loan["owner"] == {"kind": "resident", "id": str(here.owner.id), "name": "Omar D."}
    assert loan["answer_by"] is not None
    said = client.get(f"/api/v1/loans/{loan['id']}/messages", headers=here.owner_token).get_json()
    assert [line["text"] for line in said["items"]] == ["Pour un week-end."]


def test_days_that_are_taken_come_with_days_that_are_free(client: FlaskClient, here: Here) -> None:
    reserve(client, here)
    answer = client.post(
        f"/api/v1/items/{here.drill.id}/loans",
        json=here.days(3, 6),
        headers=factories.bearer(factories.verified_member(here.hub)),
    )
    assert problem(answer) == (409, "already_reserved")
    free = answer.get_json()["alternatives"]
    assert free
    assert set(free[0]) == {"from", "to"}
    again = client.post(
        f"/api/v1/items/{here.drill.id}/loans",
        json=free[0],
        headers=factories.bearer(factories.verified_member(here.hub)),
    )
    assert again.status_code == 201


def test_all_blockers_are_told_at_once(client: FlaskClient, here: Here) -> None:
    stranger = factories.resident("Zoé T.", confirmed=False)
    answer = client.post(
        f"/api/v1/items/{here.drill.id}/loans", json=here.days(), headers=factories.bearer(stranger)
    )
    assert problem(answer) == (409, "blocked")
    blockers = answer.get_json()["blockers"]
    assert [one["code"] for one in blockers] == ["email_unconfirmed", "not_member", "not_verified"]
    assert all(set(one) == {"code", "detail", "way_out", "overridable"} for one in blockers)
    assert all(one["detail"] and one["way_out"] for one in blockers)


def test_what_is_only_given_is_not_lent(client: FlaskClient, here: Here) -> None:
    gift = factories.item("Fauteuil", hub=here.hub, lends=False, gives=True)
    assert problem(reserve(client, here, gift)) == (409, "not_lent")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"from": "2026-11-24"}, {"from"}),
        ({"from": "2026-11-27", "to": "2026-11-26"}, {"to"}),
        ({"from": "demain"}, {"from"}),
        ({"from": None}, {"from"}),
        ({"to": "2027-11-26"}, {"to"}),
        ({"message": "x" * 2001}, {"message"}),
        ({"message": 7}, {"message"}),
        ({"until": "2026-11-27"}, {"until"}),
    ],
)
def test_what_is_wrong_is_said_by_field(
    client: FlaskClient, here: Here, body: dict[str, Any], fields: set[str]
) -> None:
    answer = reserve(client, here, **body)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == fields
    assert db.session.query(Loan).count() == 0


def test_who_may_ask(client: FlaskClient, here: Here) -> None:
    address = f"/api/v1/items/{here.drill.id}/loans"
    assert problem(client.post(address, json=here.days())) == (401, "log_in_first")
    assert problem(client.post(address, json=here.days(), headers={"Authorization": "Bearer x"})) == (
        401,
        "bad_token",
    )
    assert problem(client.post("/api/v1/items/999999/loans", json=here.days(), headers=here.anna_token)) == (
        404,
        "not_found",
    )
    draft = factories.item("Brouillon", owner=here.owner, status="draft")
    assert reserve(client, here, draft).status_code == 404


def test_the_same_key_reserves_once(client: FlaskClient, here: Here) -> None:
    headers = {**here.anna_token, "Idempotency-Key": "une-fois"}
    address = f"/api/v1/items/{here.drill.id}/loans"
    first = client.post(address, json=here.days(), headers=headers)
    second = client.post(address, json=here.days(), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json()["id"] == second.get_json()["id"]
    other = client.post(address, json=here.days(9, 12), headers=headers)
    assert problem(other) == (422, "idempotency_key_reused")


# -- lists ------------------------------------------------------------------------------------------------


def test_loans_are_listed_by_role(client: FlaskClient, here: Here) -> None:
    mine = reserve(client, here).get_json()["id"]
    asked = reserve(client, here, here.tent).get_json()["id"]

    def ids(query: str, headers: dict[str, str]) -> list[str]:
        answer = client.get(f"/api/v1/loans{query}", headers=headers)
        assert answer.status_code == 200, answer.get_json()
        assert set(answer.get_json()) == {"items", "next", "total"}
        return [line["id"] for line in answer.get_json()["items"]]

    assert ids("", here.anna_token) == [asked, mine]
    assert ids("?role=borrower&status=reserved", here.anna_token) == [mine]
    assert ids("?role=owner", here.owner_token) == [asked]
    assert ids(f"?role=hub&hub={here.hub.slug}", here.vera_token) == [mine]
    assert ids(f"?role=hub&hub={here.hub.id}&due_before={here.today}", here.vera_token) == []
    assert ids("", here.vera_token) == []


def test_loans_go_on_page_by_page(client: FlaskClient, here: Here) -> None:
    for number in range(5):
        factories.loan(factories.item(f"Objet {number}", hub=here.hub), here.anna, status="returned")
    seen, cursor = [], ""
    for _ in range(3):
        page = client.get(f"/api/v1/loans?limit=2{cursor}", headers=here.anna_token).get_json()
        seen += [line["id"] for line in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 5
    assert page["next"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?role=king", 422),
        ("?status=overdue", 422),
        ("?due_before=demain", 422),
        ("?limit=0", 422),
        ("?limit=101", 422),
        ("?cursor=forged", 400),
        ("?role=hub&hub=nowhere", 404),
        ("?role=hub", 404),
    ],
)
def test_lists_refuse_what_they_do_not_know(client: FlaskClient, here: Here, query: str, status: int) -> None:
    answer = client.get(f"/api/v1/loans{query}", headers=here.vera_token)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_hub_s_loans_are_for_its_volunteers(client: FlaskClient, here: Here) -> None:
    answer = client.get(f"/api/v1/loans?role=hub&hub={here.hub.slug}", headers=here.anna_token)
    assert problem(answer) == (403, "not_volunteer")


def test_a_loan_is_seen_by_those_it_concerns(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here).get_json()
    address = f"/api/v1/loans/{loan['id']}"
    assert client.get(address, headers=here.anna_token).get_json() == loan
    seen = client.get(address, headers=here.vera_token).get_json()
    assert seen["item"]["code"] == here.drill.code
    assert client.get(address, headers=here.owner_token).status_code == 404
    assert client.get("/api/v1/loans/999999", headers=here.anna_token).status_code == 404
    assert client.get(address).status_code == 401


# -- answering, calling off, keeping longer ---------------------------------------------------------------


def post(client: FlaskClient, address: str, headers: dict[str, str], body: Any = None) -> TestResponse:
    return client.post(f"/api/v1{address}", json=body, headers=headers)


def test_an_owner_says_yes(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent).get_json()["id"]
    assert problem(post(client, f"/loans/{loan}/approve", here.anna_token)) == (403, "only_the_owner")
    assert post(client, f"/loans/{loan}/approve", here.vera_token).status_code == 404
    for _ in range(2):
        answer = post(client, f"/loans/{loan}/approve", here.owner_token)
        assert (answer.status_code, answer.get_json()["status"]) == (200, "reserved")
    assert problem(post(client, f"/loans/{loan}/decline", here.owner_token, {})) == (409, "already_answered")


def test_an_owner_says_no(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent).get_json()["id"]
    answer = post(client, f"/loans/{loan}/decline", here.owner_token, {"why": "Je m’en sers."})
    assert (answer.status_code, answer.get_json()["status"]) == (200, "declined")
    assert answer.get_json()["history"][-1]["why"] == "Je m’en sers."
    assert reserve(client, here, here.tent).status_code == 201  # the days are free again


def test_an_answer_can_come_too_late(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent, **here.days(9, 12)).get_json()["id"]
    here.clock.forward(hours=49)
    assert problem(post(client, f"/loans/{loan}/approve", here.owner_token)) == (409, "too_late_to_answer")


def test_a_reservation_is_called_off(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here).get_json()["id"]
    assert post(client, f"/loans/{loan}/cancel", here.owner_token).status_code == 404
    answer = post(client, f"/loans/{loan}/cancel", here.anna_token)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert post(client, f"/loans/{loan}/cancel", here.anna_token).status_code == 200
    out = factories.loan(factories.item(hub=here.hub), here.anna, status="checked_out")
    assert problem(post(client, f"/loans/{out.id}/cancel", here.anna_token)) == (409, "already_left")
    back = factories.loan(factories.item(hub=here.hub), here.anna, status="returned")
    assert problem(post(client, f"/loans/{back.id}/cancel", here.anna_token, {})) == (409, "already_ended")


def test_a_loan_is_kept_longer(client: FlaskClient, here: Here) -> None:
    loan = factories.loan(here.drill, here.anna, status="checked_out", due=here.today + timedelta(days=2))
    answer = post(client, f"/loans/{loan.id}/renew", here.anna_token)
    assert answer.status_code == 200
    assert answer.get_json()["due"] == (here.today + timedelta(days=16)).isoformat()
    assert answer.get_json()["renewals"] == 1
    chosen = (here.today + timedelta(days=20)).isoformat()
    answer = post(client, f"/loans/{loan.id}/renew", here.anna_token, {"to": chosen})
    assert (answer.status_code, answer.get_json()["due"]) == (200, chosen)
    assert problem(post(client, f"/loans/{loan.id}/renew", here.anna_token)) == (409, "no_renewals_left")


def test_a_renewal_stops_before_the_next_one(client: FlaskClient, here: Here) -> None:
    loan = factories.loan(here.drill, here.anna, status="checked_out", due=here.today + timedelta(days=2))
    factories.loan(here.drill, factories.verified_member(here.hub), first_day=here.today + timedelta(days=6))
    answer = post(client, f"/loans/{loan.id}/renew", here.anna_token)
    assert problem(answer) == (409, "renewable_until")
    assert answer.get_json()["latest"] == (here.today + timedelta(days=5)).isoformat()
    assert post(client, f"/loans/{loan.id}/renew", here.anna_token, {"to": "2026-11-24"}).status_code == 422
    assert post(client, f"/loans/{loan.id}/renew", here.anna_token, {"to": 5}).status_code == 422
    reserved = factories.loan(factories.item(hub=here.hub), here.anna)
    assert problem(post(client, f"/loans/{reserved.id}/renew", here.anna_token)) == (409, "not_out")


# -- messages ---------------------------------------------------------------------------------------------


def test_the_two_talk_about_it(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent).get_json()["id"]
    sent = post(client, f"/loans/{loan}/messages", here.owner_token, {"text": "  Passez <b>vendredi</b> ! "})
    assert sent.status_code == 201
    assert set(sent.get_json()) == {"id", "author", "text", "at", "photo"}
    assert sent.get_json()["text"] == "Passez <b>vendredi</b> !"
    for number in range(3):
        post(client, f"/loans/{loan}/messages", here.anna_token, {"text": f"Oui {number}"})
    first = client.get(f"/api/v1/loans/{loan}/messages?limit=3", headers=here.anna_token).get_json()
    assert [line["author"]["name"] for line in first["items"]] == ["Omar D.", "Anna B.", "Anna B."]
    rest = client.get(
        f"/api/v1/loans/{loan}/messages?cursor={first['next']}", headers=here.anna_token
    ).get_json()
    assert [line["text"] for line in rest["items"]] == ["Oui 2"]
    assert rest["next"] is None


def test_messages_are_between_those_whom_it_concerns(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, here.tent).get_json()["id"]
    address = f"/loans/{loan}/messages"
    assert post(client, address, here.vera_token, {"text": "Coucou"}).status_code == 404
    assert client.get(f"/api/v1{address}", headers=here.vera_token).status_code == 404
    for wrong in ({}, {"text": ""}, {"text": " \n "}, {"text": "x" * 2001}, {"text": None}, {"text": ["a"]}):
        assert post(client, address, here.anna_token, wrong).status_code == 422


# -- between neighbours -----------------------------------------------------------------------------------


def neighbours(client: FlaskClient, here: Here) -> str:
    loan = reserve(client, here, here.tent, **here.days(0, 4)).get_json()["id"]
    post(client, f"/loans/{loan}/approve", here.owner_token)
    return str(loan)


def test_two_neighbours_need_no_counter(client: FlaskClient, here: Here) -> None:
    loan = neighbours(client, here)
    given = post(client, f"/loans/{loan}/handed-over", here.owner_token)
    assert (given.status_code, given.get_json()["status"]) == (200, "reserved")  # her word alone waits
    got = post(client, f"/loans/{loan}/handed-over", here.anna_token, {})
    assert (got.status_code, got.get_json()["status"]) == (200, "checked_out")
    back = post(client, f"/loans/{loan}/handed-back", here.anna_token)
    assert back.get_json()["status"] == "checked_out"
    done = post(client, f"/loans/{loan}/handed-back", here.owner_token)
    assert (done.status_code, done.get_json()["status"]) == (200, "returned")


def test_a_scanned_code_counts_at_once(client: FlaskClient, here: Here) -> None:
    loan = neighbours(client, here)
    wrong = post(client, f"/loans/{loan}/handed-over", here.owner_token, {"code": here.vera.code})
    assert (wrong.status_code, set(wrong.get_json()["errors"])) == (422, {"code"})
    given = post(client, f"/loans/{loan}/handed-over", here.owner_token, {"code": here.anna.code})
    assert given.get_json()["status"] == "checked_out"


def test_what_was_not_received_is_contested(client: FlaskClient, here: Here) -> None:
    loan = neighbours(client, here)
    assert problem(post(client, f"/loans/{loan}/contest", here.anna_token)) == (409, "nothing_to_contest")
    post(client, f"/loans/{loan}/handed-over", here.owner_token)
    assert post(client, f"/loans/{loan}/contest", here.anna_token).status_code == 200


def test_hand_overs_are_refused_elsewhere(client: FlaskClient, here: Here) -> None:
    at_hub = reserve(client, here).get_json()["id"]
    assert problem(post(client, f"/loans/{at_hub}/handed-over", here.anna_token)) == (409, "at_the_counter")
    asked = reserve(client, here, here.tent).get_json()["id"]
    assert problem(post(client, f"/loans/{asked}/handed-over", here.owner_token)) == (409, "not_agreed")
    assert problem(post(client, f"/loans/{asked}/handed-back", here.owner_token)) == (409, "not_out")
    assert post(client, f"/loans/{asked}/handed-over", here.vera_token).status_code == 404


# -- undoing ----------------------------------------------------------------------------------------------


def test_a_scan_is_taken_back(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here, **here.days(0, 4)).get_json()["id"]
    scans = {"item_code": here.drill.code, "hub": here.hub.slug}
    out = {**scans, "member_code": here.anna.code, "deposit_received_cents": 4000}
    assert post(client, "/counter/check-out", here.vera_token, out).status_code == 201
    assert problem(post(client, f"/loans/{loan}/undo", here.anna_token)) == (403, "not_volunteer")
    undone = post(client, f"/loans/{loan}/undo", here.vera_token)
    assert (undone.status_code, undone.get_json()["status"]) == (200, "reserved")
    assert post(client, f"/loans/{loan}/undo", here.vera_token).status_code == 200  # tapped twice
    assert post(client, "/counter/check-out", here.vera_token, out).status_code == 201
    assert post(client, "/counter/check-in", here.vera_token, scans).status_code == 200
    assert post(client, f"/loans/{loan}/undo", here.vera_token).get_json()["status"] == "checked_out"
    here.clock.forward(minutes=11)
    assert post(client, f"/loans/{loan}/undo", here.vera_token).status_code == 409


def test_there_is_not_always_something_to_undo(client: FlaskClient, here: Here) -> None:
    loan = reserve(client, here).get_json()["id"]
    assert problem(post(client, f"/loans/{loan}/undo", here.vera_token)) == (409, "nothing_to_undo")
    between = reserve(client, here, here.tent).get_json()["id"]
    assert problem(post(client, f"/loans/{between}/undo", here.owner_token)) == (409, "nothing_to_undo")


def test_overdue_is_a_fact(client: FlaskClient, here: Here) -> None:
    loan = factories.loan(
        here.drill,
        here.anna,
        status="checked_out",
        first_day=here.today - timedelta(days=9),
        due=here.today - timedelta(days=3),
    )
    told = client.get(f"/api/v1/loans/{loan.id}", headers=here.anna_token).get_json()
    assert (told["status"], told["overdue_days"]) == ("checked_out", 3)
    late = client.get(
        f"/api/v1/loans?role=hub&hub={here.hub.slug}&due_before={here.today}", headers=here.vera_token
    ).get_json()
    assert [line["id"] for line in late["items"]] == [str(loan.id)]
    assert date.fromisoformat(late["items"][0]["due"]) < here.today
