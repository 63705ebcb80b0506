"""Days that move, by hand and without a script: other days on a phone, a closing seen before it is announced."""

from datetime import date, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app.accounts import services as accounts
from app.core import clock
from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.browser.test_loan_journey import PASSWORD, log_in
from tests.harness.web import WebServer


def again(loan: Loan) -> Loan:
    db.session.rollback()
    db.session.refresh(loan)
    return loan


def ahead(days: int) -> date:
    return clock.day_at(clock.now(), "Europe/Paris") + timedelta(days=days)


def test_days_move_on_a_phone_and_with_a_closing(app: Flask, pages: Any, live_server: WebServer) -> None:
    secret = accounts.hashed_password(PASSWORD)
    hub = factories.hub("Maison des Tilleuls")
    anna = factories.verified_member(hub, "Anna B.", email="anna@example.org", password_hash=secret)
    factories.coordinator(hub, "Paul C.", email="paul@example.org", password_hash=secret)
    drill = factories.item("Perceuse", hub=hub)
    loan = factories.loan(drill, anna, first_day=ahead(2), due=ahead(4))
    factories.loan(drill, factories.verified_member(hub), first_day=ahead(7), due=ahead(9))
    kept = [
        factories.loan(factories.item(title, hub=hub), anna, status="checked_out", due=ahead(3))
        for title in ("Tente", "Ponceuse")
    ]

    phone: Page = pages.open(live_server.url, javascript=False)
    phone.goto("/log-in")
    log_in(phone, "anna@example.org")
    phone.goto(f"/loans/{loan.id}")
    phone.get_by_text("Changer les jours").first.click()
    phone.get_by_label("À prendre").fill(ahead(6).isoformat())
    phone.get_by_label("À rendre").fill(ahead(8).isoformat())
    phone.get_by_role("button", name="Changer les jours").click()
    expect(phone.get_by_role("alert")).to_contain_text("Quelqu’un vient de le prendre")
    assert again(loan).first_day == ahead(2)
    phone.get_by_role("group").get_by_role("button").first.click()
    expect(phone.locator("body")).to_contain_text("C’est changé")
    assert again(loan).first_day != ahead(2)

    phone.goto("/loans")
    phone.get_by_text("En prolonger plusieurs à la fois").click()
    phone.get_by_role("checkbox", name="Ponceuse").uncheck()
    phone.get_by_role("button", name="Prolonger ceux-ci").click()
    expect(phone.locator("body")).to_contain_text("Prolongé")
    assert [again(one).renewals for one in kept] == [1, 0]

    desk: Page = pages.open(live_server.url, javascript=False)
    desk.goto("/log-in")
    log_in(desk, "paul@example.org")
    desk.goto(f"/hubs/{hub.slug}/closures")
    desk.get_by_label("Premier jour fermé").fill(again(kept[1]).due.isoformat())
    desk.get_by_label("Dernier jour fermé").fill(ahead(4).isoformat())
    desk.get_by_label("Pourquoi").fill("Travaux")
    desk.get_by_role("button", name="Voir ce qui change").click()
    expect(desk.get_by_role("table")).to_contain_text("Ponceuse")
    assert again(kept[1]).due == ahead(3)
    desk.get_by_role("button", name="Annoncer la fermeture").click()
    expect(desk.locator("body")).to_contain_text("La fermeture est annoncée.")
    assert again(kept[1]).due == ahead(5)
