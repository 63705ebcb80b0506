"""Finding a hub, joining it and looking after it, through the pages."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db
from app.hubs import queries
from app.notifications.models import Notification
from tests import factories


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_a_commune_without_a_hub_leads_to_the_nearest(client: FlaskClient, clock: Any) -> None:
    factories.hub("Maison des Tilleuls")
    page = plain(client.get("/hubs?q=montelimar").text)
    assert "Aucun lieu de ce nom" in page
    assert "Autour de Montélimar" in page
    near = plain(client.get("/hubs?near=44.558,4.751").text)
    assert "Autour de Montélimar" in near
    assert "Maison des Tilleuls" in near


def test_the_list_says_what_is_near_and_open(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("Maison des Tilleuls")
    factories.hub("Fermée", weekdays=(6,))
    page = plain(client.get("/hubs").text)
    assert "Maison des Tilleuls" in page
    assert "Ouvert jusqu’à 19 h" in page
    assert "Fermé, ouvre dimanche 29 novembre à 9 h" in page
    anna = factories.log_in(client, factories.resident())
    assert "le plus proche d’abord" in anna.get("/hubs").text
    assert "Aucun lieu de ce nom" in anna.get("/hubs?q=zzz").text
    for odd in ("near=ici", "near=999,999", "kind=pub", "q=" + "x" * 3000, "near=home&q=%3Cscript%3E"):
        answer = anna.get(f"/hubs?{odd}")
        assert answer.status_code == 200
        assert "<script>" not in answer.text
    assert anna.get("/hubs?cursor=forged").status_code == 400
    assert anna.get(f"/hubs/{hub.slug}").status_code == 200


def test_a_hubs_page_says_when_how_and_where(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub("Maison des Tilleuls", policy={"max_loans": 3}, accessibility="De plain-pied")
    factories.closure(hub, date(2026, 12, 24), date(2027, 1, 2), "Congés")
    page = plain(client.get(f"/hubs/{hub.slug}").text)
    for words in (
        "Ouvert jusqu’à 19 h",
        "9 h – 19 h",
        "Fermé du jeudi 24 décembre au samedi 2 janvier : Congés",
        "3 objets à la fois par personne.",
        "De plain-pied",
        hub.address,
    ):
        assert words in page, words
    assert client.get("/hubs/nulle-part").status_code == 404
    assert client.get(f"/hubs/{factories.hub(status='draft').slug}").status_code == 404


def test_joining_then_verified_at_the_counter(client: FlaskClient) -> None:
    hub = factories.hub("Maison")
    who, volunteer = factories.resident("Anna B."), factories.volunteer(hub)
    anna = factories.log_in(client, who)
    desk = factories.log_in(client.application.test_client(), volunteer)
    assert "Devenir membre" in anna.get(f"/hubs/{hub.slug}").text
    assert anna.post(f"/hubs/{hub.slug}/join").status_code == 302
    assert "Vous avez demandé à être membre" in anna.get(f"/hubs/{hub.slug}").text
    assert anna.post(f"/hubs/{hub.slug}/join").status_code == 302, "again: said, not an error"
    assert "Anna B." in desk.get(f"/hubs/{hub.slug}/members?q=anna").text
    sheet = desk.get(f"/hubs/{hub.slug}/members/{who.id}").text
    assert "J’ai vu sa pièce d’identité" in sheet
    assert str(who.email) not in sheet
    assert desk.post(f"/hubs/{hub.slug}/members/{who.id}/verify").status_code == 302
    assert "Vous êtes membre" in anna.get(f"/hubs/{hub.slug}").text
    told = db.session.scalars(select(Notification)).one()
    assert (told.kind, told.resident_id) == ("hubs.verified", who.id)


def test_who_sees_members_and_settings(client: FlaskClient) -> None:
    hub = factories.hub()
    member = factories.verified_member(hub)
    here = f"/hubs/{hub.slug}"
    volunteers = (f"{here}/members", f"{here}/members/{member.id}", f"{here}/residents")
    coordination = (f"{here}/hours", f"{here}/closures", f"{here}/policy")
    rows = (
        (factories.resident(), (), (*volunteers, *coordination)),
        (member, (), (*volunteers, *coordination)),
        (factories.volunteer(factories.hub()), (), (*volunteers, *coordination)),
        (factories.volunteer(hub), volunteers, coordination),
        (factories.coordinator(hub), (*volunteers, *coordination), ()),
        (factories.steward(), (*volunteers[:2], *coordination), volunteers[2:]),
    )
    for who, may, may_not in rows:
        browser = factories.log_in(client.application.test_client(), who)
        assert [browser.get(path).status_code for path in may] == [200] * len(may)
        assert [browser.get(path).status_code for path in may_not] == [403] * len(may_not)


def test_the_coordination_suspends_lifts_and_gives_roles(client: FlaskClient) -> None:
    hub = factories.hub()
    who = factories.verified_member(hub)
    boss = factories.log_in(client, factories.coordinator(hub))
    here = f"/hubs/{hub.slug}/members/{who.id}"
    empty = boss.post(f"{here}/suspend", data={"why": ""})
    assert empty.status_code == 422
    assert "À remplir." in empty.text
    boss.post(f"{here}/suspend", data={"why": "Trois retards <b>"})
    page = boss.get(here).text
    assert "Trois retards &lt;b&gt;" in page
    assert "Lever la suspension" in page
    boss.post(f"{here}/lift")
    boss.post(f"{here}/roles", data={"roles": ["volunteer", "organizer"]})
    tied = queries.membership(who.id, hub.id)
    assert tied is not None
    assert tied.roles == ["volunteer", "organizer"]
    assert boss.post(f"{here}/roles", data={"roles": ["steward"]}).status_code == 422


def test_somebody_without_an_address_gets_a_card(client: FlaskClient) -> None:
    hub = factories.hub()
    desk = factories.log_in(client, factories.volunteer(hub))
    bad = desk.post(f"/hubs/{hub.slug}/residents", data={"name": "Paul", "email": "paul@"})
    assert bad.status_code == 422
    assert 'value="Paul"' in bad.text
    made = desk.post(f"/hubs/{hub.slug}/residents", data={"name": "Paul", "email": "", "proof_seen": "y"})
    assert made.status_code == 302
    assert "M-" in desk.get(made.headers["Location"]).text
    factories.resident(email="known@example.org")
    known = desk.post(f"/hubs/{hub.slug}/residents", data={"name": "Paul", "email": "known@example.org"})
    assert known.status_code == 422
    assert "a déjà un compte" in known.text


def test_hours_are_typed_as_a_week(client: FlaskClient) -> None:
    hub = factories.hub()
    boss = factories.log_in(client, factories.coordinator(hub))
    week = {
        "d1-0-opens": "09:00",
        "d1-0-closes": "12:00",
        "d1-1-opens": "14:00",
        "d1-1-closes": "24:00",
        "closed_on_holidays": "y",
    }
    assert boss.post(f"/hubs/{hub.slug}/hours", data=week).status_code == 302
    found = queries.open_days(queries.hub(hub.slug)).week
    assert [(o.weekday, o.opens, o.closes) for o in found] == [
        (1, time(9), time(12)),
        (1, time(14), time(23, 59)),
    ]
    assert 'value="09:00"' in boss.get(f"/hubs/{hub.slug}/hours").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"d1-0-opens": "09:00"}, "Il manque une heure"),
        ({"d1-0-opens": "neuf", "d1-0-closes": "12:00"}, "Écrivez l’heure ainsi"),
        ({"d1-0-opens": "9" * 5000, "d1-0-closes": "\x00"}, "Écrivez l’heure ainsi"),
        ({"d1-0-opens": "12:00", "d1-0-closes": "09:00"}, "La fermeture vient avant l’ouverture"),
        (
            {"d1-0-opens": "09:00", "d1-0-closes": "12:00", "d1-1-opens": "11:00", "d1-1-closes": "13:00"},
            "se chevauchent",
        ),
        ({"d1-0-opens": "09:00+02:00", "d1-0-closes": "12:00"}, "Écrivez l’heure ainsi"),
    ],
)
def test_hours_that_cannot_be_are_said_and_kept(
    client: FlaskClient, typed: dict[str, str], said: str
) -> None:
    hub = factories.hub()
    boss = factories.log_in(client, factories.coordinator(hub))
    page = boss.post(f"/hubs/{hub.slug}/hours", data=typed)
    assert page.status_code == 422
    assert said in page.text
    assert len(queries.open_days(queries.hub(hub.slug)).week) == 7


def test_closures_and_terms_are_typed(client: FlaskClient, clock: Any) -> None:
    hub = factories.hub()
    boss = factories.log_in(client, factories.coordinator(hub))
    here = f"/hubs/{hub.slug}/closures"
    bad = boss.post(here, data={"first_day": "demain", "last_day": "2026-02-31", "why": "Congés"})
    assert bad.status_code == 422
    assert "2026-11-27" in bad.text
    dates = {"first_day": "2026-12-24", "last_day": "2027-01-02", "why": "Congés"}
    assert boss.post(here, data=dates).status_code == 302
    closure = queries.hub(hub.slug).closures[0]
    assert boss.post(f"{here}/{closure.id}/cancel").status_code == 302
    assert queries.hub(hub.slug).closures == []

    form = {
        "loan_days": "7", "max_loan_days": "21", "max_loans": "3", "max_renewals": "1", "ahead_days": "90",
        "ready_days": "5", "request_hours": "24", "min_days_before_claim": "2", "overdue_gap_days": "7",
        "suspend_after_days": "0", "time_lowest_hours": "10", "time_highest_hours": "40", "time_newcomer_hours": "3",
        "time_hub_lowest_hours": "200",
        "same_day_handover": "y",
    }  # fmt: skip
    assert boss.post(f"/hubs/{hub.slug}/policy", data=form).status_code == 302
    policy = queries.hub(hub.slug).policy
    assert (policy.loan_days, policy.verification_required, policy.same_day_handover) == (7, False, True)
    for odd in ("", "sept", "-1", "9" * 40, "7.5", "\u0667"):
        page = boss.post(f"/hubs/{hub.slug}/policy", data={**form, "loan_days": odd})
        assert page.status_code == 422, odd
    assert queries.hub(hub.slug).policy.loan_days == 7


def test_the_pages_of_hubs_cost_a_fixed_number_of_statements(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    hub = factories.hub()
    for _number in range(8):
        factories.hub()
        factories.verified_member(hub)
    boss = factories.log_in(client, factories.coordinator(hub))
    for path, most in (("/hubs", 5), (f"/hubs/{hub.slug}/members", 8)):
        with query_count() as statements:
            assert boss.get(path).status_code == 200
        assert len(statements) <= most, (path, list(statements))
