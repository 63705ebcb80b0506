"""Reports: once while open, to those who look after the place, never to whom they are about; settled with a note."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import outbox
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.notifications.models import Mail, Notification
from app.reports import queries, rules, services
from app.reports.models import Report
from tests import factories
from tests.harness.clock import A_WEDNESDAY as NOW


def report(item: Any, who: Any, **more: Any) -> Report:
    given = {"reason": "unsafe", "text": "Le fil est à nu.", "now": NOW, **more}
    with transaction():
        return services.report_item(item_id=item.id, actor_id=who.id, **given)


def delivered() -> None:
    outbox.deliver(outbox.due(now=NOW + timedelta(hours=1), limit=100), now=NOW)
    db.session.rollback()


def told() -> dict[int, list[str]]:
    db.session.rollback()
    found: dict[int, list[str]] = {}
    for row in db.session.scalars(select(Notification).order_by(Notification.id)):
        found.setdefault(row.resident_id, []).append(row.kind)
    return found


def words(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


# -- rules --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["item:12", "items/12", "/items/12", " item:12 "])
def test_an_object_is_named(subject: str) -> None:
    assert rules.item_named(subject) == 12


@pytest.mark.parametrize(
    "subject",
    ["", "12", "item:", "item:x", "item:-1", "item:١٢", "user:5", "item:12;drop", "item:1234567890"],
)
def test_anything_else_is_not(subject: str) -> None:
    assert rules.item_named(subject) is None


# -- reporting ----------------------------------------------------------------------------------------------


def test_coordinators_of_the_place_are_told(app: Flask) -> None:
    hub = factories.hub()
    cora, vera = factories.coordinator(hub), factories.volunteer(hub)
    factories.coordinator(factories.hub())
    factories.steward()
    anna = factories.verified_member(hub)
    report(factories.item(hub=hub), anna)
    delivered()
    assert told() == {cora.id: ["reports.item"]}
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.resident_id, mail.path) == (cora.id, f"/hubs/{hub.slug}/reports")
    assert anna.name not in str(mail.params)
    assert vera.id not in told()


def test_stewards_are_told_of_what_is_kept_at_home(app: Flask) -> None:
    odile = factories.steward()
    report(factories.item(owner=factories.resident()), factories.resident())
    delivered()
    assert told() == {odile.id: ["reports.item"]}
    assert db.session.scalars(select(Mail)).one().path == "/steward/reports"


def test_the_number_at_a_hub_is_that_of_the_list(app: Flask) -> None:
    hub = factories.hub()
    cora = factories.coordinator(hub)
    report(factories.item(owner=cora, hub=hub), factories.resident())
    report(factories.item(hub=hub), factories.resident())
    for viewer in (cora, factories.coordinator(hub)):
        listed = queries.page(viewer_id=viewer.id, hub_id=hub.id).lines
        assert queries.how_many_open(hub.id, viewer_id=viewer.id) == len(listed)


def test_who_is_reported_is_not_told_though_she_coordinates(app: Flask) -> None:
    hub = factories.hub()
    cora, odile = factories.coordinator(hub), factories.steward()
    made = report(factories.item(hub=hub, owner=cora), factories.resident())
    delivered()
    assert told() == {odile.id: ["reports.item"]}
    assert queries.page(viewer_id=cora.id, hub_id=hub.id).lines == []
    assert len(queries.page(viewer_id=odile.id, hub_id=hub.id).lines) == 1
    with pytest.raises(Forbidden) as refused, transaction():
        services.settle(report_id=made.id, note="Rien à voir.", actor_id=cora.id, now=NOW)
    assert refused.value.code == "reports.concerns_you"


def test_once_while_it_is_open(app: Flask) -> None:
    hub = factories.hub()
    cora, anna = factories.coordinator(hub), factories.resident()
    item = factories.item(hub=hub)
    first = report(item, anna)
    with pytest.raises(Conflict) as refused:
        report(item, anna, reason="scam")
    assert refused.value.code == "reports.already_open"
    report(item, factories.resident())
    with transaction():
        services.settle(report_id=first.id, note="Fil changé.", actor_id=cora.id, now=NOW)
    assert report(item, anna).id != first.id


def test_the_database_itself_refuses_a_second_open_one(app: Flask) -> None:
    item, anna = factories.item(), factories.resident()
    factories.report(item, anna)
    with pytest.raises(Conflict) as refused:
        factories.report(item, anna)
    assert refused.value.code == "reports.already_open"


def test_ten_a_day(app: Flask) -> None:
    anna, shelf = factories.resident(), factories.category()
    hub = factories.hub()
    items = [factories.item(hub=hub, category_id=shelf.id) for _ in range(rules.MOST_A_DAY + 1)]
    for item in items[:-1]:
        report(item, anna)
    with pytest.raises(TooMany) as refused:
        report(items[-1], anna, now=NOW + timedelta(hours=23))
    assert 0 < refused.value.params["retry_after"] <= 3601
    report(items[-1], anna, now=NOW + timedelta(hours=25))


@pytest.mark.parametrize(
    ("reason", "text", "field"),
    [
        (None, "x", "reason"),
        ("", "x", "reason"),
        ("ugly", "x", "reason"),
        ("other", "", "text"),
        ("other", " \n ", "text"),
        ("unsafe", "x" * 5000, "text"),
    ],
)
def test_what_is_wrong_with_a_report(app: Flask, reason: str | None, text: str, field: str) -> None:
    item = factories.item()
    with pytest.raises(Invalid) as refused:
        report(item, factories.resident(), reason=reason, text=text)
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize("status", ["draft", "retired", "lost"])
def test_what_is_not_offered_is_not_reported(app: Flask, status: str) -> None:
    item = factories.item(status=status)
    with pytest.raises(Invalid) as refused:
        report(item, factories.resident())
    assert set(refused.value.errors) == {"subject"}


def test_ones_own_object_is_changed_instead(app: Flask) -> None:
    anna = factories.resident()
    with pytest.raises(Conflict) as refused:
        report(factories.item(owner=anna), anna)
    assert refused.value.code == "reports.own"


# -- settling -----------------------------------------------------------------------------------------------


def test_settled_with_a_note_in_the_audit_log(app: Flask) -> None:
    hub = factories.hub()
    cora, anna = factories.coordinator(hub), factories.resident()
    item = factories.item(hub=hub)
    made = report(item, anna)
    with transaction():
        services.settle(report_id=made.id, note="Fil changé.", actor_id=cora.id, now=NOW)
    delivered()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.subject_kind, entry.subject_id, entry.actor_id, entry.hub_id) == (
        "reports.settled", "item", item.id, cora.id, hub.id,
    )  # fmt: skip
    assert entry.details["note"] == "Fil changé."
    assert told() == {anna.id: ["reports.settled"]}  # nobody is asked to look at what is settled already
    with pytest.raises(Conflict), transaction():
        services.settle(report_id=made.id, note="Encore.", actor_id=cora.id, now=NOW)
    assert [line.note for line in queries.page(viewer_id=cora.id, hub_id=hub.id, settled=True).lines] == [
        "Fil changé."
    ]


@pytest.mark.parametrize("role", ["member", "volunteer", "far coordinator"])
def test_others_settle_nothing(app: Flask, role: str) -> None:
    hub = factories.hub()
    who = {
        "member": lambda: factories.verified_member(hub),
        "volunteer": lambda: factories.volunteer(hub),
        "far coordinator": lambda: factories.coordinator(factories.hub()),
    }[role]()
    made = report(factories.item(hub=hub), factories.resident())
    with pytest.raises(Forbidden), transaction():
        services.settle(report_id=made.id, note="Rien.", actor_id=who.id, now=NOW)


@pytest.mark.parametrize("note", ["", "  ", "ok", "x" * 1001])
def test_a_note_says_something(app: Flask, note: str) -> None:
    made, odile = report(factories.item(), factories.resident()), factories.steward()
    with pytest.raises(Invalid), transaction():
        services.settle(report_id=made.id, note=note, actor_id=odile.id, now=NOW)


def test_unknown_reports(app: Flask) -> None:
    odile = factories.steward()
    with pytest.raises(NotFound), transaction():
        services.settle(report_id=10**8, note="Rien.", actor_id=odile.id, now=NOW)


def test_the_list_goes_on_by_its_last_line(app: Flask) -> None:
    hub, shelf = factories.hub(), factories.category()
    item = factories.item(hub=hub, category_id=shelf.id)
    ids = [factories.report(item, factories.resident()).id for _ in range(7)]
    first = queries.page(viewer_id=1, hub_id=hub.id, limit=3)
    second = queries.page(viewer_id=1, hub_id=hub.id, limit=3, cursor=first.next)
    third = queries.page(viewer_id=1, hub_id=hub.id, limit=3, cursor=second.next)
    assert [line.id for part in (first, second, third) for line in part.lines] == ids
    assert third.next is None


# -- pages --------------------------------------------------------------------------------------------------


def test_the_way_of_a_report(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("L’Escale")
    cora, anna = factories.coordinator(hub, "Cora E."), factories.verified_member(hub, "Anna B.")
    item = factories.item("Perceuse", hub=hub)
    browser = factories.log_in(client, anna)
    assert f"/items/{item.id}/report" in words(browser.get(f"/items/{item.id}"))
    page = words(browser.get(f"/items/{item.id}/report"))
    assert "coordination de L’Escale" in page
    wrong = browser.post(f"/items/{item.id}/report", data={"text": "<script>x</script>" + "é" * 5000})
    assert wrong.status_code == 422
    assert "Signaler cet objet" in words(wrong)
    assert "<script>x" not in wrong.get_data(as_text=True)
    sent = {"reason": "unsafe", "text": "Le fil <b>est</b> à nu."}
    assert "Merci" in words(browser.post(f"/items/{item.id}/report", data=sent, follow_redirects=True))
    again = browser.post(f"/items/{item.id}/report", data=sent)
    assert again.status_code == 409
    assert "déjà signalé" in words(again)

    desk = factories.log_in(client, cora)
    assert "Signalements, 1 à regarder" in words(desk.get(f"/hubs/{hub.slug}"))
    raw = desk.get(f"/hubs/{hub.slug}/reports").get_data(as_text=True)
    assert "Le fil &lt;b&gt;est&lt;/b&gt; à nu." in raw
    assert "Anna B." in raw
    made = db.session.scalars(select(Report)).one()
    empty = desk.post(f"/reports/{made.id}/settle", data={"note": "", "hub": hub.slug})
    assert empty.status_code == 422
    done = desk.post(
        f"/reports/{made.id}/settle", data={"note": "Fil changé.", "hub": hub.slug}, follow_redirects=True
    )
    assert "Rien à regarder" in words(done)
    assert "Fil changé." in words(desk.get(f"/hubs/{hub.slug}/reports?settled=1"))


def test_stewards_see_those_of_every_place(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("L’Escale")
    factories.report(factories.item("Perceuse", hub=hub), factories.resident())
    factories.report(factories.item("Tente", owner=factories.resident()), factories.resident())
    page = words(factories.log_in(client, factories.steward()).get("/steward/reports"))
    assert "Perceuse" in page
    assert "Tente" in page
    assert "L’Escale" in page
    assert factories.log_in(client, factories.coordinator(hub)).get("/steward/reports").status_code == 403


def test_the_list_costs_the_same_however_long(client: FlaskClient, query_count: Callable[..., Any]) -> None:
    hub, shelf = factories.hub(), factories.category()
    desk = factories.log_in(client, factories.coordinator(hub))
    factories.report(factories.item(hub=hub, category_id=shelf.id), factories.resident())
    with query_count() as one:
        desk.get(f"/hubs/{hub.slug}/reports")
    for _ in range(8):
        factories.report(factories.item(hub=hub, category_id=shelf.id), factories.resident())
    with query_count() as many:
        desk.get(f"/hubs/{hub.slug}/reports")
    assert len(one) == len(many) <= 5


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0.abc"])
def test_a_forged_cursor_is_malformed(client: FlaskClient, cursor: str) -> None:
    browser = factories.log_in(client, factories.steward())
    assert browser.get(f"/steward/reports?cursor={cursor}").status_code == 400


# -- for programs -------------------------------------------------------------------------------------------


def test_programs_report_too(client: FlaskClient) -> None:
    item = factories.item()
    key = factories.bearer(factories.resident())
    body = {"subject": f"item:{item.id}", "reason": "scam", "text": "On me demande 50 €."}
    made = client.post("/api/v1/reports", json=body, headers=key)
    assert made.status_code == 201
    assert made.json["subject"] == f"item:{item.id}"
    assert made.json["status"] == "open"
    assert "reporter" not in made.json
    again = client.post("/api/v1/reports", json=body, headers=key)
    assert (again.status_code, again.json["code"]) == (409, "already_open")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "item:999999", "reason": "unsafe", "text": ""}, "subject"),
        ({"subject": "nonsense", "reason": "unsafe", "text": ""}, "subject"),
        ({"subject": "user:1", "reason": "unsafe", "text": ""}, "subject"),
        ({"subject": 7, "reason": "unsafe"}, "subject"),
        ({"reason": "unsafe"}, "subject"),
        ({"subject": "{item}", "reason": "ugly"}, "reason"),
        ({"subject": "{item}"}, "reason"),
        ({"subject": "{item}", "reason": "other"}, "text"),
        ({"subject": "{item}", "reason": "unsafe", "text": "x" * 5000}, "text"),
        ({"subject": "{item}", "reason": "unsafe", "severity": 9}, "severity"),
    ],
)
def test_programs_are_told_what_is_wrong(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    item = factories.item()
    key = factories.bearer(factories.resident())
    named = {name: f"item:{item.id}" if value == "{item}" else value for name, value in body.items()}
    answer = client.post("/api/v1/reports", json=named, headers=key)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {field}
    assert db.session.scalars(select(Report)).all() == []


def test_without_a_key_nothing_is_taken(client: FlaskClient) -> None:
    answer = client.post("/api/v1/reports", json={"subject": "item:1", "reason": "unsafe"})
    assert answer.status_code == 401
