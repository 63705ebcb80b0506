"""The routes of a counter without a network: what a device keeps, and what people settle by hand."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.counter.offline import jobs, services
from app.counter.offline.models import ScanToSettle
from app.lending.models import Loan
from tests import factories
from tests.harness.clock import Clock


class Counter:
    """A volunteer's browser at the counter of a hub with a drill, and what its device would send."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.clock = clock
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.nadia = factories.verified_member(self.hub, "Nadia B.")
        self.karim = factories.verified_member(self.hub, "Karim S.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3")
        self.client = factories.log_in(client, self.vera)

    def get(self, what: str) -> TestResponse:
        return self.client.get(f"/counter/{what}?hub={self.hub.slug}")

    def refused(self, **values: Any) -> TestResponse:
        """A scan that was kept at 9 and refused."""
        sent = {
            "key": "a-key",
            "act": "check-out",
            "item_code": self.drill.code,
            "member_code": self.nadia.code,
            "at": (self.clock.now - timedelta(hours=1)).isoformat(),
            "why": "already_out",
            "said": "Cet objet est chez Karim S.",
            "ticked": {},
            **values,
        }
        return self.client.post(f"/counter/to-settle?hub={self.hub.slug}", json=sent)

    def act(self, act: str, **form: Any) -> TestResponse:
        return self.client.post(f"/counter/{act}", data={"hub": self.hub.slug, **form}, follow_redirects=True)

    def waiting(self) -> list[ScanToSettle]:
        return list(db.session.scalars(select(ScanToSettle).where(ScanToSettle.settled_at.is_(None))))

    def loan(self) -> Loan:
        return db.session.scalars(select(Loan).order_by(Loan.id.desc()).limit(1)).one()


@pytest.fixture
def counter(client: FlaskClient, clock: Clock) -> Counter:
    return Counter(client, clock)


# -- what a device keeps ----------------------------------------------------------------------------------


def test_the_desk_that_is_put_aside_knows_nobody(counter: Counter) -> None:
    page = counter.client.application.test_client().get("/counter/without-network")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert 'name="csrf_token" value=""' in text
    assert "hx-headers" not in text
    for name in ("Véra", "Nadia", counter.hub.name, counter.drill.code):
        assert name not in text
    for module in ("line.js", "offline-store.js", "answer.js"):
        assert f"js/counter/{module}" in text  # what desk.js and offline.js import is put aside as well


def test_the_worker_stands_before_the_whole_counter(counter: Counter) -> None:
    worker = counter.client.application.test_client().get("/counter/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/counter"
    assert worker.headers["Cache-Control"] == "no-cache"
    assert "javascript" in worker.content_type


def test_a_device_learns_who_it_is_and_what_time_it_is(counter: Counter) -> None:
    told = counter.get("standing").get_json()
    assert told["account"] == str(counter.vera.id)
    assert told["now"] == "2026-11-25T09:00:00.000+00:00"
    assert told["hub"] == {
        "slug": counter.hub.slug,
        "name": "Maison des Tilleuls",
        "timezone": "Europe/Paris",
    }
    assert (told["may_take_over"], told["to_settle"]) == (False, 0)
    late = {"hub": counter.hub.slug, "item_code": counter.drill.code, "member_code": counter.nadia.code}
    lent = counter.client.post(
        "/api/v1/counter/check-out", json=late, headers={"X-CSRFToken": told["csrf"], "Idempotency-Key": "1"}
    )
    assert lent.status_code == 201


def test_the_day_holds_names_and_codes_and_nothing_else_of_people(counter: Counter) -> None:
    saw = factories.item(
        "Scie", hub=counter.hub, parts=(("Lame", 2),), notices=["Lunettes !"], deposit_cents=4000
    )
    factories.loan(counter.drill, counter.karim, status="checked_out")
    factories.loan(saw, counter.nadia)
    factories.item("Tente", hub=factories.hub("Ailleurs"))
    answer = counter.get("day")
    told = answer.get_json()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert told["until"] == "2026-11-26T00:00:00+01:00"
    assert sorted(told["cards"]) == sorted(
        [p.code, p.name] for p in (counter.vera, counter.nadia, counter.karim)
    )
    assert told["things"] == [
        {"code": saw.code, "title": "Scie", "shelf": "", "parts": [{"name": "Lame", "count": 2}],
         "notices": ["Lunettes !"], "deposit_cents": 4000, "currency": "EUR", "for": counter.nadia.code},
        {"code": counter.drill.code, "title": "Perceuse", "shelf": "B3", "parts": [], "notices": [],
         "deposit_cents": 0, "currency": "EUR", "with": counter.karim.code},
    ]  # fmt: skip
    assert "@" not in answer.get_data(as_text=True)


def test_the_page_says_which_account_it_was_made_for(counter: Counter) -> None:
    page = counter.client.get("/counter").get_data(as_text=True)
    assert f'data-account="{counter.vera.id}"' in page
    assert 'data-say="check-out-kept"' in page


# -- what was refused -------------------------------------------------------------------------------------


def test_what_was_refused_is_put_down_once(counter: Counter) -> None:
    ticked = {"parts": ["Lame", 7], "acknowledged": True, "deposit_received_cents": 4000, "note": "x"}
    for _ in range(2):
        assert counter.refused(ticked=ticked).status_code == 201
    (scan,) = counter.waiting()
    assert (scan.kept_by_id, scan.why, scan.said) == (
        counter.vera.id,
        "already_out",
        "Cet objet est chez Karim S.",
    )
    assert scan.ticked == {"parts": ["Lame"], "acknowledged": True, "deposit_received_cents": 4000}
    assert counter.get("standing").get_json()["to_settle"] == 1
    page = counter.get("to-settle").get_data(as_text=True)
    assert "<strong>Perceuse</strong> prêté à Nadia B." in page
    assert "Cet objet est chez Karim S." in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "renew"},
        {"item_code": "M-0"},
        {"item_code": None},
        {"member_code": ""},
        {"at": "hier"},
        {"at": "2026-11-25T09:00:00"},
        {"at": 17},
        {"key": ""},
        {"key": "k" * 129},
        {"said": "x" * 1001},
    ],
)
def test_what_no_device_sends_is_refused(counter: Counter, wrong: dict[str, Any]) -> None:
    assert counter.refused(**wrong).status_code == 422
    assert counter.client.post(f"/counter/to-settle?hub={counter.hub.slug}", json=[1]).status_code == 422
    assert counter.waiting() == []


def test_it_is_tried_again_with_its_own_moment(counter: Counter) -> None:
    in_the_way = factories.loan(counter.drill, counter.karim, status="checked_out")
    counter.refused()
    (scan,) = counter.waiting()
    page = counter.act(f"to-settle/{scan.id}/again").get_data(as_text=True)
    assert "Toujours pas." in page
    assert len(counter.waiting()) == 1
    factories.changed(in_the_way, status="cancelled")
    factories.changed(in_the_way.claim, live=False)
    page = counter.act(f"to-settle/{scan.id}/again").get_data(as_text=True)
    assert "C’est prêté." in page
    assert counter.waiting() == []
    assert counter.loan().borrower_id == counter.nadia.id
    assert counter.loan().checked_out_at == counter.clock.now - timedelta(hours=1)
    counter.act(f"to-settle/{scan.id}/again")  # tapped twice
    assert db.session.query(Loan).count() == 2


def test_what_is_too_old_counts_from_the_day_it_is_settled(counter: Counter) -> None:
    factories.loan(counter.drill, counter.karim, status="checked_out")
    counter.refused(act="check-in", at=(counter.clock.now - timedelta(days=9)).isoformat(), why="too_old")
    (scan,) = counter.waiting()
    assert "C’est rendu." in counter.act(f"to-settle/{scan.id}/again").get_data(as_text=True)
    assert counter.loan().checked_in_at == counter.clock.now


def test_somebody_puts_things_right_and_says_how(counter: Counter) -> None:
    counter.refused()
    (scan,) = counter.waiting()
    page = counter.act(f"to-settle/{scan.id}/settled", note="Karim l’avait passé à Nadia.")
    assert "Rien à régler" in page.get_data(as_text=True)
    assert "Karim l’avait passé à Nadia." in page.get_data(as_text=True)
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "counter.scan_settled")).one()
    assert (kept.actor_id, kept.on_behalf_of_id, kept.details["done"]) == (
        counter.vera.id,
        counter.vera.id,
        False,
    )
    counter.clock.forward(days=89)
    assert jobs.forget_settled(now=counter.clock.now) == 0
    counter.clock.forward(days=2)
    assert jobs.forget_settled(now=counter.clock.now) == 1
    assert jobs.forget_settled(now=counter.clock.now) == 0


def test_another_counter_s_scans_are_not_found(counter: Counter) -> None:
    counter.refused()
    (scan,) = counter.waiting()
    away = factories.hub("Ailleurs")
    factories.membership(away, counter.vera, roles=("volunteer",))
    assert (
        counter.client.post(f"/counter/to-settle/{scan.id}/settled", data={"hub": away.slug}).status_code
        == 404
    )
    assert len(counter.waiting()) == 1


def test_a_long_list_goes_on(counter: Counter) -> None:
    for number in range(51):
        factories.scan_to_settle(counter.drill, counter.nadia, counter.vera, key=str(number))
    page = counter.get("to-settle").get_data(as_text=True)
    onward = re.search(r'href="(/counter/to-settle\?[^"]*cursor=[^"]*)"', page)
    assert onward is not None
    assert page.count("Essayer encore") == 50
    assert (
        counter.client.get(onward.group(1).replace("&amp;", "&"))
        .get_data(as_text=True)
        .count("Essayer encore")
        == 1
    )


def test_the_list_costs_few_statements(counter: Counter, query_count: Any) -> None:
    for number in range(20):
        factories.scan_to_settle(counter.drill, counter.nadia, counter.vera, key=str(number))
    path = f"/counter/to-settle?hub={counter.hub.slug}"
    with query_count() as statements:
        counter.client.get(path)
    assert len(statements) <= 5


# -- taking over ------------------------------------------------------------------------------------------


def test_only_a_coordinator_sends_what_somebody_else_kept(counter: Counter) -> None:
    asked = {"from": str(counter.vera.id), "scans": "3"}
    other = factories.volunteer(counter.hub, "Loïc P.")
    chief = factories.resident("Rosa T.")
    factories.membership(counter.hub, chief, roles=("volunteer", "coordinator"))
    factories.log_in(counter.client, other)
    assert counter.act("take-over", **asked).status_code == 403
    factories.log_in(counter.client, chief)
    assert counter.get("standing").get_json()["may_take_over"] is True
    assert counter.act("take-over", **asked).get_json() == {"name": "Véra K."}
    assert counter.act("take-over", **{**asked, "from": str(chief.id)}).status_code == 409
    assert counter.act("take-over", **{**asked, "from": "99999"}).status_code == 404
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "counter.scans_taken_over")).one()
    assert (kept.actor_id, kept.on_behalf_of_id, kept.details) == (chief.id, counter.vera.id, {"scans": 3})


def test_settled_twice_holds_once(counter: Counter) -> None:
    scan = factories.scan_to_settle(counter.drill, counter.nadia, counter.vera)
    for note in ("Réglé au téléphone.", "Encore."):
        with transaction():
            services.settle(
                scan_id=scan.id,
                hub_id=counter.hub.id,
                actor_id=counter.vera.id,
                note=note,
                now=counter.clock.now,
            )
    db.session.rollback()
    assert db.session.get_one(ScanToSettle, scan.id).note == "Réglé au téléphone."
