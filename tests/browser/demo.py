"""The demo territory behind a real server, to be looked at: one for all browser tests of a test process."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from app.accounts.models import Resident
from app.accounts.rules import DEMO_DOMAIN
from app.cli.demo.loader import load
from app.core import clock, images
from app.core.db import db, transaction
from app.hubs.models import Hub, Membership
from app.items.models import Item, Photo
from app.lending.models import Loan, RepairTicket
from app.notifications.jobs import send_mail
from app.notifications.models import Notification
from app.skills.ledger.models import TimeAccount, TimeEntry, TimeTransfer
from app.skills.models import SkillCategory
from tests import factories
from tests.factories import deliveries, money
from tests.harness.databases import Database
from tests.harness.web import WebServer

LOG_INS = {
    "resident": "resident3",
    "owner": "resident",
    "volunteer": "volunteer",
    "coordinator": "coordinator",
    "steward": "steward",
}
"""Which demo log-in plays whom."""


class Demo:
    """`url`, `cookies[person]` to be that person, `names` of things for addresses."""

    def __init__(self, database: Database, log: Path) -> None:
        self.folder = database.folder
        self.app: Flask = database.app_with(MOVILAB_ENV="demo")
        with self.app.app_context():
            load(objects=600, seed=1, now=clock.now())
            self.people = self._people()
            self.ids = {person: who.id for person, who in self.people.items()}
            self.cookies = {person: self.cookie_of(who) for person, who in self.people.items()}
            self.names = self._names() | self._written_mail()
            db.session.remove()
        self.spoken: dict[str, str] = {}
        self.server = WebServer({**database.environ, "MOVILAB_ENV": "demo"}, workers=1, log=log)
        self.url = self.server.url

    def stop(self) -> None:
        self.server.stop()

    def speak(self, person: str, language: str) -> None:
        """Let this person read the site in this language."""
        if person in self.ids and self.spoken.get(person, "fr") != language:
            with self.app.app_context(), transaction() as session:
                session.execute(
                    update(Resident).where(Resident.id == self.ids[person]).values(locale=language)
                )
            self.spoken[person] = language

    def hub(self) -> Hub:
        """The hub around which the demo log-ins live. Needs the application's context."""
        return db.session.scalars(select(Hub).where(Hub.slug == "maison-des-tilleuls")).one()

    def _people(self) -> dict[str, Resident]:
        found = {
            person: db.session.scalars(
                select(Resident).where(Resident.email == f"{login}@{DEMO_DOMAIN}")
            ).one()
            for person, login in LOG_INS.items()
        }
        found["newcomer"] = factories.resident("Yanis M.", home=None, confirmed=False)
        return found

    def cookie_of(self, who: Resident) -> str:
        """The signed cookie of a new browser session of this resident."""
        browser: FlaskClient = factories.log_in(self.app.test_client(), who)
        kept = browser.get_cookie("movilab")
        assert kept is not None
        return kept.value

    def _names(self) -> dict[str, str]:
        """What the addresses' examples are here; a loan, a closure and a photo are added to the territory."""
        hub = self.hub()
        resident, owner = self.people["resident"], self.people["owner"]
        today = clock.day_at(clock.now(), hub.timezone)
        mixer, steps = _item("Robot pâtissier", hub), _item("Escabeau 3 marches pliant", hub)
        tent, case = _item("Tente 4 places", hub), _item("Grande valise 90 litres")
        loan = factories.loan(
            mixer, resident, status="checked_out", first_day=today, due=today + timedelta(days=6)
        )
        kept = factories.item("Diable pliant", hub=hub, category_id=steps.category_id)
        factories.place_in_line(kept, resident, status="ready")
        factories.place_in_line(tent, resident)
        factories.bearer(resident)
        factories.closure(
            hub, today + timedelta(days=200), today + timedelta(days=207), "Travaux dans la cuisine"
        )
        volunteer = self.people["volunteer"]
        table = factories.import_batch(hub.id, volunteer.id, good=3, bad=2)
        done = factories.import_batch(hub.id, volunteer.id, status="done", good=0, bad=1)
        sticker = factories.blank_sticker(hub, volunteer)
        factories.condition_note(loan, resident)
        broken = _item("Wattmètre de prise", hub)
        ticket = select(RepairTicket.id).where(RepairTicket.item_id == broken.id)
        factories.scan_to_settle(mixer, owner, volunteer, ticked={"deposit_received_cents": 4000})
        factories.scan_to_settle(
            tent, owner, volunteer, settled_at=clock.now(), settled_by_id=volunteer.id, note="Rendu à Karim."
        )
        asked = select(Loan.id).where(Loan.item_id == case.id, Loan.status == "requested")
        far = db.session.scalars(select(Hub).where(Hub.id != hub.id).order_by(Hub.id).limit(1)).one()
        saw = factories.item("Scie à onglet", hub=hub, parts=(("Lame", 2),), notices=["Lunettes !"])
        newcomer = (
            select(Resident.id)
            .join(Membership, Membership.resident_id == Resident.id)
            .where(Membership.hub_id == hub.id, Membership.status == "pending")
        )
        told = select(Notification.id).where(Notification.resident_id == owner.id)
        repair = factories.workshop(
            hub,
            self.people["coordinator"],
            title="Réparer sa lampe de chevet",
            text="Apportez une lampe qui ne marche plus.",
            learn=["À trouver la panne", "À souder deux fils"],
            rule="FREQ=WEEKLY",
            newcomer_places=2,
            induction="Fer à souder",
        )
        factories.attendee(repair, resident)
        iron = factories.item("Fer à souder", hub=hub, owner=owner, category_id=steps.category_id)
        need = factories.workshop_need(repair, iron)
        branch = _branch("couture-tricot").id
        hem, pan = (
            factories.skill(who, title, hub=hub, category_id=branch, times=((2, 1080, 1200), (5, 600, 720)))
            for who, title in ((owner, "Recoudre un ourlet"), (resident, "Tricoter des moufles"))
        )
        wool, zip_ = (
            factories.skill(who, title, kind="need", category_id=branch)
            for who, title in ((owner, "Apprendre le tricot"), (resident, "Raccourcir un ourlet"))
        )
        return {
            "workshop": str(repair.id),
            **factories.campaigns(hub, self.people["coordinator"]),
            **factories.card_of(resident),
            "need": str(need.id),
            **{f"day{away:+}": (today + timedelta(days=away)).isoformat() for away in range(60)},
            **factories.meetings(owner, resident, hub),
            **deliveries.arrived(hub, self.people["coordinator"], resident, owner),
            "slug": hub.slug,
            "skill": str(hem.id),
            "skill_of_resident": str(pan.id),
            "ring": str(factories.ring((hem, wool), (pan, zip_)).id),
            "table": str(table.id),
            "table_done": str(done.id),
            "sheet": str(sticker.sheet_id),
            "sticker": sticker.code,
            "resident_id": str(resident.id),
            "resident_card": resident.code,
            "served_card": factories.served(hub, "Odette R.").code,
            "served_act": "skill",
            "pending_id": str(db.session.scalars(newcomer.limit(1)).one()),
            "report_id": str(factories.report(steps, owner).id),
            "search_id": str(factories.saved_search(resident, "q=sorbeti%C3%A8re&near=home&radius_km=5").id),
            "notification_id": str(db.session.scalars(told.limit(1)).one()),
            "item_of_hub": str(steps.id),
            "item_taken": str(tent.id),
            "item_kept": str(kept.id),
            "kit": str(factories.kit(of=(steps, mixer)).id),
            "object": str(steps.id),
            "item_of_owner": str(_item("Vélo enfant 20 pouces").id),
            "far_slug": far.slug,
            "transfer": str(factories.transfer(_item("Sorbetière", hub), far, volunteer).id),
            "minutes": self._minutes(resident, owner),
            "receipt": str(money.paid(resident, hub, volunteer).id),
            "difference": str(money.difference().id),
            "label": steps.code,
            "label_out": tent.code,
            "label_parts": saw.code,
            "label_broken": broken.code,
            "ticket_id": str(db.session.scalars(ticket).one()),
            "label_free": factories.item("Serre-joint", hub=hub).code,
            "no_code": "I-AAAA",
            "loan": str(loan.id),
            "loan_carded": str(factories.contested_deposit(steps, resident, self.people["coordinator"]).id),
            "loan_asked": str(db.session.scalars(asked.limit(1)).one()),
            "photo": self._photo_of(_item("Sorbetière", hub)),
            "size": "s",
            "act": "renew",
            "file": "css/movilab.css",
        }

    def _minutes(self, payer: Resident, payee: Resident) -> str:
        """Minutes that went between two; where the territory has none of theirs yet."""
        known = db.session.scalars(
            select(TimeTransfer.id)
            .join(TimeEntry, TimeEntry.transfer_id == TimeTransfer.id)
            .join(TimeAccount, TimeAccount.id == TimeEntry.account_id)
            .where(TimeAccount.resident_id == payer.id)
            .limit(1)
        ).first()
        return str(known or factories.minutes(payer, payee, 90).id)

    def _photo_of(self, item: Item) -> str:
        """Give this object a photo; the name of its file."""
        picture = BytesIO()
        Image.new("RGB", (1200, 900), "#c9b8a8").save(picture, "JPEG")
        stored = images.store(BytesIO(picture.getvalue()), self.folder)
        factories.stored(
            Photo(
                item_id=item.id,
                file=stored.name,
                width=stored.width,
                height=stored.height,
                created_at=clock.now(),
            )
        )
        return stored.name

    def _written_mail(self) -> dict[str, str]:
        """Let the house write to two people, and read the links of those mails."""
        visitor: FlaskClient = self.app.test_client()
        visitor.post("/forgot-password", data={"email": f"resident2@{DEMO_DOMAIN}"})
        visitor.post(
            "/sign-up",
            data={
                "name": "Maya",
                "email": "maya@example.org",
                "password": "un-long-mot-de-passe",
                "adult": "y",
            },
        )
        send_mail(now=clock.now())
        names = {}
        for mail in (self.folder / "mail").glob("*.eml"):
            link = re.search(r"/(confirm|reset-password)\?token=([\w.-]+)", mail.read_text())
            if link:
                names["confirm_token" if link[1] == "confirm" else "password_token"] = link[2]
                names["mail"] = mail.name
        return names


def _item(title: str, hub: Hub | None = None) -> Item:
    query = select(Item).where(Item.title == title).order_by(Item.id).limit(1)
    return db.session.scalars(query.where(Item.hub_id == hub.id) if hub else query).one()


def _branch(slug: str) -> SkillCategory:
    """That branch of the tree of skills; made where the territory has none yet."""
    found = db.session.scalars(select(SkillCategory).where(SkillCategory.slug == slug)).first()
    return found or factories.skill_category(slug, name_fr="Couture et tricot", drawing="machine-a-coudre")
