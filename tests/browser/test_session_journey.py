"""Two newcomers, two phones: one says what she can show, the other what he looks for; they agree on a time, meet, and both
say how long it was. Both statements show the same transfer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.db import db, transaction
from app.skills.ledger.models import TimeTransfer
from app.skills.sessions.models import SkillSession
from tests import factories
from tests.browser.test_mending_journey import opened
from tests.harness.web import WebServer


def say(phone: Page, kind: str, title: str) -> None:
    """Post what one can show or looks for, to be done at the hub."""
    phone.goto(f"/skills/new?kind={kind}")
    phone.get_by_label("Quoi, en quelques mots ?").fill(title)
    phone.get_by_label("Dans quel domaine ?").select_option("verger")
    phone.get_by_label("Dans quel lieu-relais ?").select_option(label="Maison des Tilleuls")
    phone.get_by_role("button", name="Publier").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text(title)


def test_asked_accepted_held_and_confirmed(app: Flask, pages: Any, live_server: WebServer) -> None:
    hub = factories.hub("Maison des Tilleuls")
    garden = factories.skill_category("jardin-nature", name_fr="Jardin et nature")
    factories.skill_category("verger", name_fr="Taille et verger", parent_id=garden.id)
    gilda, lena = factories.resident("Gilda T."), factories.resident("Lena P.")
    for who in (gilda, lena):
        factories.membership(hub, who, status="pending")
    hers = opened(app, pages, live_server, gilda)
    his = opened(app, pages, live_server, lena, javascript=False)

    say(hers, "offer", "Tailler un rosier")
    say(his, "need", "Tailler un rosier ancien")
    his.goto("/skills?q=rosier&kind=offer")
    his.get_by_role("link", name="Tailler un rosier", exact=True).click()
    his.get_by_role("link", name=re.compile("séance")).first.click()
    friday = datetime.now(UTC) + timedelta(days=3)
    his.get_by_label("Jour").first.fill(f"{friday:%Y-%m-%d}")
    his.get_by_label("Heure").first.fill("14:00")
    his.get_by_role("button", name="Demander cette séance").click()
    expect(his.locator("main")).to_contain_text("a jusqu’à")

    hers.goto("/notifications")
    hers.get_by_role("button", name="Lena P. voudrait apprendre avec vous").click()
    hers.get_by_role("button", name="D’accord pour ce moment").click()
    expect(hers.locator("main")).to_contain_text("Avec Lena P., c’est convenu.")
    expect(hers.get_by_role("link", name="Mettre dans mon agenda")).to_be_visible()

    session = _took_place()
    hers.goto(f"/sessions/{session}")
    hers.get_by_role("button", name="Confirmer").click()
    expect(hers.locator("main")).to_contain_text("Vous avez dit 60 minutes.")
    his.goto("/sessions")
    his.get_by_role("link", name="Dire combien de temps").click()
    his.get_by_role("button", name="C’est juste, 60 minutes").click()
    expect(his.locator("main")).to_contain_text("De Lena P. à Gilda T., 60 minutes sont passées.")

    transfer = db.session.scalars(select(TimeTransfer)).one()
    for phone, other in ((hers, "Lena P."), (his, "Gilda T.")):
        phone.goto("/time")
        expect(phone.locator("main")).to_contain_text(other)
        assert f"/time/transfers/{transfer.id}" in phone.content()


def _took_place() -> int:
    """The agreed time has passed; the server lives in the real one."""
    with transaction() as writing:
        session = writing.scalars(select(SkillSession)).one()
        session.starts_at = datetime.now(UTC) - timedelta(hours=2)
        session.ends_at = session.starts_at + timedelta(minutes=session.minutes)
        number = session.id
    db.session.rollback()
    return number
