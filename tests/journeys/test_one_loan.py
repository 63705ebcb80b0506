"""One loan from the first search to the shelf, told once and lived twice: through the pages and through JSON, on both
databases. Whatever the clothes, the same things happen and the same people are told the same."""

import html
import re
from datetime import date, timedelta
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import clock as house_clock
from app.core import outbox
from app.core.db import db
from app.hubs.models import Hub
from app.items.models import Item, ItemClaim
from app.lending import jobs
from app.lending.models import Loan, LoanEvent
from app.notifications.models import Mail, Notification
from app.scheduler.jobs import deliver_events
from tests import factories
from tests.harness.clock import Clock


class Face(Protocol):
    """How somebody meets the house."""

    def find(self, words: str) -> int: ...
    def reserve(self, item_id: int, first: date, last: date) -> int: ...
    def says_reserved(self, loan_id: int) -> bool: ...
    def hand_out(self, card: str, label: str) -> str: ...
    def take_back(self, label: str) -> str: ...
    def overdue_days(self, loan_id: int) -> int: ...


class Pages:
    """By the forms of the pages, without a script."""

    def __init__(self, app: Flask, hub: Hub, anna: Resident, vera: Resident) -> None:
        self.hub = hub
        self.anna: FlaskClient = factories.log_in(app.test_client(), anna)
        self.vera: FlaskClient = factories.log_in(app.test_client(), vera)

    def find(self, words: str) -> int:
        page = self._text(self.anna.get("/items", query_string={"q": words}))
        return int(re.findall(r'href="/items/(\d+)"', page)[0])

    def reserve(self, item_id: int, first: date, last: date) -> int:
        page = self._text(
            self.anna.get(f"/items/{item_id}", query_string={"from": str(first), "to": str(last)})
        )
        form = re.search(r'<form id="reserve" action="([^"]+)" method="post">(.*?)</form>', page, re.DOTALL)
        assert form is not None
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group(2)))
        assert (fields["from"], fields["to"]) == (str(first), str(last))
        answer = self.anna.post(form.group(1), data=fields)
        assert answer.status_code == 302
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    def says_reserved(self, loan_id: int) -> bool:
        return "C’est réservé, Anna !" in self._text(self.anna.get(f"/loans/{loan_id}"))

    def hand_out(self, card: str, label: str) -> str:
        self._scan(card, member="")
        return self._scan(label, member=card)

    def take_back(self, label: str) -> str:
        return self._scan(label, member="")

    def overdue_days(self, loan_id: int) -> int:
        found = re.search(r"En retard de (\d+) jour", self._text(self.vera.get(f"/loans/{loan_id}")))
        return int(found.group(1)) if found else 0

    def _scan(self, code: str, *, member: str) -> str:
        answer = self.vera.post("/counter/scan", data={"hub": self.hub.slug, "member": member, "code": code})
        word = re.search(r'<p class="word">(.*?)</p>', self._text(answer))
        assert word is not None
        return {"Prêté": "lent", "Rendu": "shelf"}.get(word.group(1), word.group(1))

    @staticmethod
    def _text(answer: Any) -> str:
        assert answer.status_code == 200, answer.status_code
        return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


class Programs:
    """By the JSON API, with a token."""

    def __init__(self, app: Flask, hub: Hub, anna: Resident, vera: Resident) -> None:
        self.hub = hub
        self.client = app.test_client()
        self.anna, self.vera = factories.bearer(anna), factories.bearer(vera)

    def find(self, words: str) -> int:
        found = self.client.get("/api/v1/items", query_string={"q": words}, headers=self.anna).get_json()
        return int(found["items"][0]["id"])

    def reserve(self, item_id: int, first: date, last: date) -> int:
        body = {"from": str(first), "to": str(last)}
        answer = self.client.post(f"/api/v1/items/{item_id}/loans", json=body, headers=self.anna)
        assert answer.status_code == 201, answer.get_json()
        return int(answer.get_json()["id"])

    def says_reserved(self, loan_id: int) -> bool:
        return bool(self._loan(loan_id)["status"] == "reserved")

    def hand_out(self, card: str, label: str) -> str:
        body = {"item_code": label, "member_code": card, "hub": self.hub.slug}
        answer = self.client.post("/api/v1/counter/check-out", json=body, headers=self.vera)
        return "lent" if answer.status_code == 201 else str(answer.get_json())

    def take_back(self, label: str) -> str:
        body = {"item_code": label, "hub": self.hub.slug}
        answer = self.client.post("/api/v1/counter/check-in", json=body, headers=self.vera)
        return str(answer.get_json()["next"]["kind"])

    def overdue_days(self, loan_id: int) -> int:
        return int(self._loan(loan_id)["overdue_days"])

    def _loan(self, loan_id: int) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"/api/v1/loans/{loan_id}", headers=self.anna).get_json()
        return answer


class Street:
    """Where it happens."""

    def __init__(self, app: Flask, face: type) -> None:
        self.hub = factories.hub("Maison des Tilleuls")
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.drill: Item = factories.item("Perceuse-visseuse 18 V", hub=self.hub, shelf="B3")
        factories.item("Tente 4 places", hub=self.hub)
        self.face: Face = face(app, self.hub, self.anna, self.vera)

    def told(self) -> list[str]:
        """The kinds of what Anna was told so far, and the mails that go with them."""
        db.session.rollback()
        site = db.session.scalars(
            select(Notification.kind)
            .where(Notification.resident_id == self.anna.id)
            .order_by(Notification.id)
        ).all()
        mail = db.session.scalars(
            select(Mail.kind)
            .where(Mail.resident_id == self.anna.id, Mail.status != "cancelled")
            .order_by(Mail.id)
        ).all()
        assert list(mail) == list(site)
        return list(site)


def time_passes() -> None:
    """What the scheduler does, again and again, whatever it has done already."""
    for _ in range(2):
        now = house_clock.now()
        jobs.turn_pick_up_clocks(now=now)
        jobs.push_uncertain_claims(now=now)
        jobs.send_reminders(now=now)
        deliver_events(now=now + outbox.GRACE)


@pytest.fixture(params=[Pages, Programs], ids=["pages", "json"])
def street(request: pytest.FixtureRequest, app: Flask, clock: Clock) -> Street:
    return Street(app, request.param)


def test_one_loan_from_search_to_shelf(street: Street, clock: Clock) -> None:
    face, today = street.face, clock.now.date()

    # Wednesday: Anna finds the drill and reserves it from tomorrow to Monday.
    item_id = face.find("perceuse")
    assert item_id == street.drill.id
    loan_id = face.reserve(item_id, today + timedelta(days=1), today + timedelta(days=5))
    assert face.says_reserved(loan_id)
    assert street.told() == ["lending.reserved"]

    # Thursday, 10:00: Véra hands it out with two scans.
    clock.forward(days=1)
    time_passes()
    assert face.hand_out(street.anna.code, street.drill.code) == "lent"
    after_hand_out = street.told()

    # Saturday: two days before. Monday: the same morning. Each is told once.
    clock.forward(days=2)
    time_passes()
    assert street.told() == [*after_hand_out, "lending.due_soon"]
    clock.forward(days=2)
    time_passes()
    assert street.told() == [*after_hand_out, "lending.due_soon", "lending.due_today"]
    assert face.overdue_days(loan_id) == 0

    # Tuesday: it was due yesterday, and its days are taken on until it is back.
    clock.forward(days=1)
    time_passes()
    assert face.overdue_days(loan_id) == 1
    reminders = ["lending.due_soon", "lending.due_today", "lending.overdue"]
    assert street.told() == [*after_hand_out, *reminders]
    claim = db.session.scalars(select(ItemClaim)).one()
    assert (claim.live, claim.uncertain) == (True, True)
    assert claim.end_day > clock.now.date()

    # One scan, nobody needed: back on the shelf, and free for the next one.
    assert face.take_back(street.drill.code) == "shelf"
    loan = db.session.get(Loan, loan_id)
    assert loan is not None
    assert (loan.status, loan.checked_out_by_id, loan.checked_in_by_id) == (
        "returned",
        street.vera.id,
        street.vera.id,
    )
    assert not db.session.scalars(select(ItemClaim)).one().live
    kinds = db.session.scalars(select(LoanEvent.kind).order_by(LoanEvent.id)).all()
    assert list(kinds) == ["reserved", "checked_out", "overdue", "returned"]
    assert street.told()[-1] == "lending.returned"

    # And nothing more is said about it, however long one waits.
    quiet = street.told()
    clock.forward(days=40)
    time_passes()
    assert street.told() == quiet


def test_a_loan_that_nobody_collects(street: Street, clock: Clock) -> None:
    face, today = street.face, clock.now.date()
    loan_id = face.reserve(street.drill.id, today + timedelta(days=1), today + timedelta(days=5))

    # Thursday evening: it is kept until Friday evening, with a word.
    clock.forward(days=1, hours=10)
    time_passes()
    assert street.told() == ["lending.reserved", "lending.pick_up_kept"]

    # Friday evening: it is for others again.
    clock.forward(days=1)
    time_passes()
    assert street.told()[-1] == "lending.not_collected"
    assert db.session.get(Loan, loan_id).status == "expired"  # type: ignore[union-attr]
    again = face.reserve(street.drill.id, today + timedelta(days=4), today + timedelta(days=6))
    assert face.says_reserved(again)
