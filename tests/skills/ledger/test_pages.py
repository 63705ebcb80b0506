"""The pages of time accounts, and the same through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.skills.ledger.models import TimeTransfer, VolunteerShift
from app.skills.ledger.rules import Party
from tests import factories
from tests.skills.ledger.acts import account, pay, reserve, settle, somebody


def _with_entries(count: int) -> Any:
    """Somebody with so many entries, with somebody else of an odd name."""
    anna, other = factories.resident("Anna B."), factories.resident("=Basil")
    for number in range(count):
        pay(Party(other.id), Party(anna.id), 1 + number % 3, f"session:{number + 1}", "session")
    return anna


def test_an_empty_statement_says_how_it_begins(client: FlaskClient) -> None:
    page = factories.log_in(client, factories.resident()).get("/time")
    assert page.status_code == 200
    assert "Une heure est une heure" in page.text
    assert "Rien d’écrit pour l’instant" in page.text
    assert "vous pouvez en demander 3\u00a0h" in page.text


def test_a_statement_goes_on_page_by_page_in_few_statements(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    anna = _with_entries(23)
    browser = factories.log_in(client, anna)
    reserve(Party(anna.id), somebody(), 30, "session:99")
    with query_count() as counted:
        page = browser.get("/time")
    assert len(counted) <= 5, list(counted)
    assert page.text.count("n°\u00a0") + page.text.count("n° ") >= 20
    assert "=Basil" in page.text
    more = page.text.split("cursor=")[1].split('"')[0]
    rest = browser.get(f"/time?cursor={more}")
    assert '/sessions/1"' in rest.text
    assert '/sessions/23"' not in rest.text
    assert browser.get("/time?cursor=odd").status_code == 400


def test_the_table_is_whole_and_its_cells_are_shielded(client: FlaskClient) -> None:
    anna = _with_entries(21)
    answer = factories.log_in(client, anna).get("/time.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert len(lines) == 22
    assert "'=Basil" in lines[1]
    assert lines[-1].split(";")[4:6] == ["1", "1"]


def test_hours_are_offered_on_a_page(client: FlaskClient) -> None:
    hub = factories.hub()
    anna, friend = factories.verified_member(hub), factories.resident()
    pay(Party(hub_id=hub.id), Party(anna.id), 200, "workshop:1", "workshop")
    browser = factories.log_in(client, anna)
    form = browser.get("/time/gifts")
    assert "3\u00a0h\u00a020 à offrir" in form.text
    sent = {"to": "code", "code": friend.code, "hours": "1", "minutes": "30", "note": "Courage", "once": "x"}
    assert browser.post("/time/gifts", data=sent).status_code == 302
    assert browser.post("/time/gifts", data=sent).status_code == 302
    assert account(Party(friend.id)).balance == 90
    for wrong in (
        {"to": ""},
        {"code": "M-AAAA"},
        {"hours": "-1", "minutes": ""},
        {"hours": "99"},
        {"to": "hub:x"},
    ):
        page = browser.post("/time/gifts", data={**sent, "once": "y", **wrong})
        assert page.status_code == 422, wrong
    found = db.session.scalars(select(TimeTransfer.id).where(TimeTransfer.kind == "gift")).one()
    seen = browser.get(f"/time/transfers/{found}")
    assert "Courage" in seen.text
    assert "Corriger une erreur" not in seen.text
    stranger = factories.log_in(client.application.test_client(), factories.resident())
    assert stranger.get(f"/time/transfers/{found}").status_code == 404


def test_a_hub_gives_hours_for_a_shift_and_puts_a_mistake_right(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    hub = factories.hub()
    boss, vera = factories.coordinator(hub), factories.volunteer(hub, "Véra")
    browser = factories.log_in(client, boss)
    here = f"/hubs/{hub.slug}/time"
    with query_count() as counted:
        assert "Véra" in browser.get(here).text
    assert len(counted) <= 5, list(counted)
    today = clock.day_at(clock.now(), hub.timezone).isoformat()
    form = {"resident": str(vera.id), "day": today, "begins": "14:00", "ends": "16:30", "note": "Comptoir"}
    assert browser.post(here, data=form).status_code == 302
    assert account(Party(vera.id)).balance == 150
    assert browser.post(here, data=form).status_code == 422
    for wrong in (
        {"ends": "07:00"},
        {"day": "demain"},
        {"begins": "25:61"},
        {"resident": ""},
        {"resident": "x"},
    ):
        assert browser.post(here, data={**form, "begins": "08:00", **wrong}).status_code == 422, wrong
    transfer_id = db.session.scalars(select(VolunteerShift.transfer_id)).one()
    found = browser.get(f"{here}/find?number={transfer_id}")
    assert found.headers["Location"].endswith(f"/time/transfers/{transfer_id}")
    assert "Corriger une erreur" in browser.get(found.headers["Location"]).text
    reverse = f"/time/transfers/{transfer_id}/reverse"
    assert browser.post(reverse, data={"note": ""}).status_code == 422
    assert browser.post(reverse, data={"note": "Noté deux fois"}).status_code == 302
    assert account(Party(vera.id)).balance == 0
    assert "corrigé" in browser.get(here).text
    assert "Comptoir" in browser.get(f"{here}.csv").text
    volunteer = factories.log_in(client.application.test_client(), vera)
    assert volunteer.get(here).status_code == 403


def test_near_a_limit_the_page_names_what_brings_the_balance_back(client: FlaskClient) -> None:
    anna = factories.resident()
    near = [factories.skill(factories.resident(), f"Apprendre {n}", kind="need") for n in range(4)]
    factories.skill(anna, "Mon propre besoin", kind="need")
    browser = factories.log_in(client, anna)
    assert "Pour redonner un peu de temps" not in browser.get("/time").text
    reserve(Party(anna.id), somebody(), 120, "session:1")
    page = browser.get("/time").text
    assert "Pour redonner un peu de temps" in page
    assert sum(one.title in page for one in near) == 3
    assert "Mon propre besoin" not in page


def test_the_account_as_the_contract_says(client: FlaskClient) -> None:
    learner, giver = factories.resident("Anna B."), factories.resident("Basil C.")
    reserve(Party(learner.id), Party(giver.id), 90, "session:12")
    settle(60, "session:12")
    pay(Party(giver.id), Party(learner.id), 15, "gift:1")
    answer = client.get("/api/v1/time/account?limit=1", headers=factories.bearer(learner)).json
    assert answer["balance_minutes"] == -45
    assert answer["limit_minutes"] == -180
    (entry,) = answer["entries"]
    assert (entry["minutes"], entry["balance_minutes"], entry["session"], entry["kind"]) == (
        15,
        -45,
        None,
        "gift",
    )
    assert entry["with"] == {"kind": "resident", "id": str(giver.id), "name": "Basil C."}
    rest = client.get(
        f"/api/v1/time/account?limit=1&cursor={answer['next']}", headers=factories.bearer(learner)
    ).json
    (entry,) = rest["entries"]
    assert (entry["minutes"], entry["balance_minutes"], entry["session"]) == (-60, -60, "12")
    assert rest["next"] is None
    theirs = client.get("/api/v1/time/account", headers=factories.bearer(giver)).json
    assert [one["minutes"] for one in theirs["entries"]] == [-15, 60]
    assert theirs["limit_minutes"] == -600, "an hour given"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": 0}, 422),
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": -1}, 422),
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": 10_000}, 422),
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": 10**30}, 422),
        ({"to": {"kind": "hub", "id": "x"}, "minutes": 5}, 422),
        ({"to": {"kind": "town", "id": "1"}, "minutes": 5}, 422),
        ({"to": {"kind": "resident", "id": "{me}"}, "minutes": 5}, 422),
        ({"to": {"kind": "resident", "id": "999999"}, "minutes": 5}, 404),
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": 5, "extra": 1}, 422),
        ({"to": {"kind": "hub", "id": "{hub}"}, "minutes": 5}, 409),
    ],
)
def test_odd_gifts_through_the_api(client: FlaskClient, body: dict[str, Any], status: int) -> None:
    hub, me = factories.hub(), factories.resident()
    whom = {**body["to"], "id": body["to"]["id"].format(hub=hub.id, me=me.id)}
    answer = client.post("/api/v1/time/gifts", json={**body, "to": whom}, headers=factories.bearer(me))
    assert answer.status_code == status, answer.text


def test_a_gift_and_a_shift_through_the_api(client: FlaskClient) -> None:
    hub = factories.hub()
    boss, vera = factories.bearer(factories.coordinator(hub)), factories.volunteer(hub)
    shift = {"resident": str(vera.id), "day": clock.day_at(clock.now(), hub.timezone).isoformat(),
             "begins": "09:00", "minutes": 90}  # fmt: skip
    made = client.post(f"/api/v1/hubs/{hub.id}/shifts", json=shift, headers=boss)
    assert (made.status_code, made.json["paid_minutes"]) == (201, 90)
    again = client.post(f"/api/v1/hubs/{hub.id}/shifts", json=shift, headers=boss)
    assert (again.status_code, again.json["code"]) == (409, "shift_known")
    gift = {"to": {"kind": "hub", "id": str(hub.id)}, "minutes": 30, "note": "Pour l’atelier"}
    key = {**factories.bearer(vera), "Idempotency-Key": "once"}
    given = [client.post("/api/v1/time/gifts", json=gift, headers=key) for _ in range(2)]
    assert [one.status_code for one in given] == [201, 201]
    assert (given[0].json["minutes"], given[0].json["note"]) == (-30, "Pour l’atelier")
    assert account(Party(hub_id=hub.id)).balance == -60
    url = f"/api/v1/time/transfers/{given[0].json['id']}/reverse"
    assert client.post(url, json={"reason": "Erreur"}, headers=factories.bearer(vera)).status_code == 403
    assert client.post(url, json={"reason": "Erreur"}, headers=boss).status_code == 201
    assert account(Party(hub_id=hub.id)).balance == -90
    of_hub = client.get(f"/api/v1/time/account?hub={hub.slug}", headers=boss).json
    assert [(one["kind"], one["minutes"]) for one in of_hub["entries"]] == [
        ("reversal", -30), ("gift", 30), ("shift", -90),
    ]  # fmt: skip
    assert of_hub["highest_minutes"] is None
