"""A small town with somebody for every role of `addresses`, two hubs, and one thing of each kind."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, select
from werkzeug.test import TestResponse

from app.accounts.models import ApiToken, BrowserSession, Resident
from app.core import clock
from app.core.db import Base, db
from app.geo.rules import HOME_M, cell
from app.items.models import Photo
from app.notifications.models import Notification
from tests import factories
from tests.factories import deliveries, money
from tests.harness.databases import Database
from tests.security.addresses import Address, path_of, told

PASSWORD = "un-tres-long-mot-de-passe"
SECRET = "k" * 8 + "3f9c1e7ab2d84056" * 3
"""With which production starts."""


class Town:
    """`people` by role, `names` for the addresses' arguments, a browser or a program for anybody."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        hub, far = factories.hub("La Maison"), factories.hub("L’Atelier")
        self.hub, self.far = hub, far
        self.people: dict[str, Resident] = {
            "newcomer": factories.resident("Yanis M.", home=None, confirmed=False),
            "resident": factories.verified_member(hub, "Anna B."),
            "owner": factories.verified_member(hub, "Basil C."),
            "volunteer": factories.volunteer(hub, "Véra D."),
            "coordinator": factories.coordinator(hub, "Cora E."),
            "steward": factories.steward("Odile V."),
            "far_resident": factories.verified_member(far, "Farid G."),
            "far_volunteer": factories.volunteer(far, "Flora H."),
            "far_coordinator": factories.coordinator(far, "Fanny I."),
        }
        for at, (person, who) in enumerate(self.people.items()):
            if person != "newcomer":
                home = cell(44.71 + 0.0123 * at, 5.21 + 0.0123 * at, HOME_M)
                self.people[person] = factories.changed(who, home_lat=home.lat, home_lon=home.lon)
        self.ids = {person: who.id for person, who in self.people.items()}
        self.emails = {person: str(who.email) for person, who in self.people.items()}
        self.cookies: dict[str, str] = {}
        self.keys: dict[str, dict[str, str]] = {}
        self.names = self._names(hub)
        db.session.rollback()

    def browser(self, person: str) -> FlaskClient:
        """A new browser of this person, logged in; a stranger's is not."""
        browser = self.app.test_client()
        if person == "stranger":
            return browser
        if person not in self.cookies:
            kept = factories.log_in(self.app.test_client(), self.people[person]).get_cookie("movilab")
            assert kept is not None
            self.cookies[person] = kept.value
        browser.set_cookie("movilab", self.cookies[person])
        return browser

    def key(self, person: str) -> dict[str, str]:
        """The header of this person's program; a stranger has none."""
        if person == "stranger":
            return {}
        if person not in self.keys:
            self.keys[person] = factories.bearer(self.people[person])
        return self.keys[person]

    def _names(self, hub: Any) -> dict[str, str]:
        resident, owner = self.people["resident"], self.people["owner"]
        pending = factories.resident("Paul J.")
        factories.membership(hub, pending, status="pending")
        today = clock.day_at(clock.now(), hub.timezone)
        closure = factories.closure(hub, today + timedelta(days=300))
        category = factories.category("outils").id
        drill = factories.item("Perceuse", hub=hub, category_id=category)
        saw = factories.item("Scie", hub=hub, category_id=category)
        laser = factories.item("Découpe laser", hub=hub, category_id=category, induction="Découpe laser")
        carpet = factories.item("Tapis", hub=hub, category_id=category)
        pot = factories.item("Caquelon", hub=hub, category_id=category)
        kit = factories.kit(of=(pot,), category_id=category)
        broken = factories.item("Enceinte", hub=hub, category_id=category)
        ladder = factories.item("Échelle", owner=owner, category_id=category)
        kept = factories.item("Diable", hub=hub, category_id=category)
        factories.place_in_line(kept, resident, status="ready")
        loan = factories.loan(saw, resident, status="checked_out", checked_out_by_id=self.ids["volunteer"])
        asked = factories.loan(
            ladder,
            resident,
            status="requested",
            first_day=today + timedelta(days=3),
            due=today + timedelta(days=6),
            answer_by=clock.now() + timedelta(days=2),
        )
        own = factories.claim(ladder, today + timedelta(days=100), today + timedelta(days=102))
        came_back = factories.loan(broken, resident, status="returned", deposit_received_cents=2000)
        ticket = factories.repair(broken, self.people["volunteer"], loan_id=came_back.id)
        seen = factories.condition_note(loan, resident)
        photo = factories.stored(
            Photo(item_id=drill.id, file="0" * 32, width=640, height=480, created_at=clock.now())
        )
        told = factories.stored(
            Notification(
                resident_id=resident.id,
                kind="lending.checked_out",
                params={"item": "Scie", "due": (today + timedelta(days=7)).isoformat()},
                path=f"/loans/{loan.id}",
                key="told",
                created_at=clock.now(),
            )
        )
        branch = factories.skill_category("couture-tricot", name_fr="Couture et tricot").id
        hem = factories.skill(owner, "Recoudre un ourlet", hub=hub, category_id=branch)
        zip_, bread, loaf = (
            factories.skill(who, title, kind=kind, category_id=branch, times=((2, 1080, 1200),))
            for who, title, kind in (
                (resident, "Poser une fermeture", "need"),
                (resident, "Faire son pain", "offer"),
                (owner, "Pain au levain", "need"),
            )
        )
        ring = factories.ring((hem, loaf), (bread, zip_))
        for person in (*self.people, "stranger"):
            self.browser(person), self.key(person)
        table, done = _tables(hub.id, self.ids["volunteer"])
        sticker = factories.blank_sticker(hub, self.people["volunteer"])
        late = factories.scan_to_settle(saw, resident, self.people["volunteer"])
        repair = factories.workshop(hub, self.people["coordinator"], rule="FREQ=WEEKLY")
        need = factories.workshop_need(
            repair, factories.item("Fer", hub=hub, owner=owner, category_id=category)
        )
        return {
            **factories.meetings(owner, resident, hub),
            **deliveries.arrived(hub, self.people["coordinator"], resident, owner),
            "workshop": str(repair.id),
            **factories.campaigns(hub, self.people["coordinator"]),
            **factories.card_of(resident),
            "need": str(need.id),
            "table": str(table),
            "table_done": str(done),
            "sheet": str(sticker.sheet_id),
            "sticker": sticker.code,
            **{f"day{away:+}": (today + timedelta(days=away)).isoformat() for away in range(60)},
            "slug": hub.slug,
            "skill": str(hem.id),
            "skill_of_resident": str(bread.id),
            "ring": str(ring.id),
            "hub_id": str(hub.id),
            "resident_id": str(resident.id),
            "resident_card": resident.code,
            "pending_id": str(pending.id),
            "pending_card": pending.code,
            "served_card": factories.served(hub).code,
            "served_act": "skill",
            "session_id": str(_only(BrowserSession.id, BrowserSession.resident_id == resident.id)),
            "token_id": str(_only(ApiToken.id, ApiToken.resident_id == resident.id)),
            "report_id": str(factories.report(saw, owner).id),
            "search_id": str(factories.saved_search(resident).id),
            "notification_id": str(told.id),
            "closure_id": str(closure.id),
            "item_of_hub": str(drill.id),
            "item_taken": str(saw.id),
            "item_kept": str(kept.id),
            "item_shown": str(laser.id),
            "item_of_owner": str(ladder.id),
            "kit": str(kit.id),
            "object": str(pot.id),
            "claim_id": str(own.id),
            "photo_id": str(photo.id),
            "ticket_id": str(ticket.id),
            "far_slug": self.far.slug,
            "transfer": str(factories.transfer(carpet, self.far, self.people["volunteer"]).id),
            "minutes": str(factories.minutes(resident, owner).id),
            "receipt": str(money.paid(resident, hub, self.people["volunteer"]).id),
            "difference": str(money.difference().id),
            "note_id": str(seen.id),
            "scan_id": str(late.id),
            "label": drill.code,
            "label_out": saw.code,
            "no_code": "I-AAAA",
            "loan": str(loan.id),
            "loan_asked": str(asked.id),
            "loan_carded": str(factories.contested_deposit(saw, resident, self.people["coordinator"]).id),
            "photo": photo.file,
            "size": "s",
            "act": "renew",
            "file": "css/movilab.css",
            "job": "core.purge",
            "mail": "nothing.eml",
            "confirm_token": "nothing",
            "calendar_token": factories.calendar_link(pending),
            "password_token": "nothing",
        }


def _tables(hub_id: int, made_by_id: int) -> tuple[int, int]:
    """Two tables of the hub: one that waits to be agreed to, with a row to mend, and one that was written."""
    waits = factories.import_batch(hub_id, made_by_id, good=1, bad=1)
    done = factories.import_batch(hub_id, made_by_id, status="done", good=0, bad=1)
    return waits.id, done.id


def _only(column: Any, *where: Any) -> int:
    return int(db.session.scalars(select(column).where(*where)).one())


class KeptTown:
    """The town built once, on a database of its own; each test finds it as it was built."""

    def __init__(self, database: Database) -> None:
        self.file = make_url(database.url).database or ""
        self.app = database.app_with(MOVILAB_ENV="demo")
        """A demo, because it has pages that others lack."""
        with self.app.app_context():
            self.town = Town(self.app)
            db.session.remove()
        self.copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.file)) as live:
            live.backup(self.copy)

    def restore(self) -> None:
        """Forget what was done to it."""
        db.session.rollback()
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as live:
            self.copy.backup(live)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: what was not written shows here."""
    db.session.rollback()
    found = {
        table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return found


def written_since(before: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """The tables that are not as they were."""
    after = everything()
    return [name for name in before if before[name] != after[name]]


def ask(town: Town, address: Address, person: str, names: dict[str, str] | None = None) -> TestResponse:
    """This person at this address, with a form or as a program."""
    names = names or town.names
    path = path_of(town.app, address, names)
    typed = told(address.typed, names)
    if address.kind != "json":
        return town.browser(person).open(path, method=address.method, data=typed)
    body: dict[str, Any] = {} if address.method == "GET" else {"json": typed}
    return town.app.test_client().open(path, method=address.method, headers=town.key(person), **body)
