"""What stewards see and do; nobody else does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.admin import rules
from app.core import clock as house_clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.i18n import has_sentence
from app.core.jobs import Heartbeat, JobRun
from app.notifications.models import Mail
from tests.factories import coordinator, hub, log_in, resident, steward, stored

NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)


def failed_mail(who: Any, **values: Any) -> Mail:
    return stored(
        Mail(
            **{
                "resident_id": who.id, "kind": "lending.due_soon", "params": {}, "path": "/", "key": "k:1",
                "zone": "Europe/Paris", "status": "failed", "attempts": 8, "created_at": NOW,
                "next_try_at": NOW, "last_error": "SMTPDataError 451", **values,
            }
        )
    )  # fmt: skip


@pytest.mark.parametrize("address", ["/steward/jobs/core.purge/run", "/steward/mail/retry"])
def test_only_stewards_act(client, address):
    here = hub()
    assert log_in(client, coordinator(here)).post(address).status_code == 403
    assert log_in(client, resident()).post(address).status_code == 403
    assert log_in(client, steward()).post(address).status_code == 302


def test_only_stewards_look(client):
    assert client.get("/steward/jobs").status_code == 302
    assert log_in(client, coordinator(hub())).get("/steward/jobs").status_code == 403
    assert log_in(client, steward()).get("/steward/jobs").status_code == 200


def test_what_fails_stands_first_in_a_sentence(client):
    now = house_clock.now()
    stored(Heartbeat(name="scheduler", at=now))
    stored(
        JobRun(
            name="notifications.send_mail",
            started_at=now,
            finished_at=now,
            failures=3,
            last_error="OperationalError",
        )
    )
    page = log_in(client, steward()).get("/steward/jobs").text
    assert "Envoi du courrier : 3 échecs de suite." in page.replace("\u00a0", " ")
    assert "Le planificateur ne répond pas" not in page


def test_silence_is_said(client):
    stored(Heartbeat(name="scheduler", at=house_clock.now() - timedelta(minutes=5)))
    assert "Le planificateur ne répond pas" in log_in(client, steward()).get("/steward/jobs").text


def test_refused_mail_gets_another_chance_and_names_nobody(client):
    nadia = resident("Nadia Dupuis-Test", email="nadia.test@example.org")
    failed_mail(nadia)
    browser = log_in(client, steward())
    page = browser.get("/steward/jobs").text
    assert "SMTPDataError 451" in page
    assert "Nadia Dupuis-Test" not in page
    assert "nadia.test" not in page
    browser.post("/steward/mail/retry")
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.status, mail.attempts) == ("pending", 0)
    assert db.session.scalars(select(AuditEntry.act)).all() == ["admin.mail_retried"]


def test_a_job_is_asked_for(client):
    browser = log_in(client, steward())
    assert browser.post("/steward/jobs/core.purge/run").status_code == 302
    assert browser.post("/steward/jobs/core.purge/run").status_code == 302
    assert db.session.scalars(select(JobRun.name).where(JobRun.asked_at.is_not(None))).all() == ["core.purge"]
    assert "Demandé" in browser.get("/steward/jobs").text


@pytest.mark.parametrize("name", ["no.such.job", "x" * 500, "é", "<b>"])
def test_an_unknown_job_is_not_there(client, name):
    assert log_in(client, steward()).post(f"/steward/jobs/{name}/run").status_code == 404


def test_every_job_has_a_name_for_people(app):
    unnamed = [job.name for job in app.extensions["movilab.timetable"] if not has_sentence(f"job.{job.name}")]
    assert unnamed == []


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (rules.LastRun(), "never"),
        (rules.LastRun(started_at=NOW, finished_at=NOW), "ok"),
        (rules.LastRun(started_at=NOW), "at_work"),
        (rules.LastRun(started_at=NOW, finished_at=NOW - timedelta(seconds=5)), "at_work"),
        (rules.LastRun(started_at=NOW, finished_at=NOW, asked_at=NOW), "asked"),
        (rules.LastRun(started_at=NOW, finished_at=NOW, asked_at=NOW, failures=1), "failing"),
        (
            rules.LastRun(started_at=NOW - timedelta(minutes=5), finished_at=NOW - timedelta(minutes=5)),
            "late",
        ),
    ],
)
def test_how_a_job_stands(last, state):
    assert rules.state(last, every=60, now=NOW) == state
