"""Two schedulers, one killed in the middle of its work: each mail leaves exactly once, none is lost."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from app.core import clock, codes
from app.core.db import db, transaction
from app.lending.models import Loan
from app.notifications import services
from app.notifications.models import Mail
from app.notifications.rules import Telling
from app.notifications.senders import file_name
from config import PROJECT_ROOT
from scripts.processes import end_with_parent, wait_until
from tests.factories import hub, item, loan, resident
from tests.harness.databases import Database
from tests.harness.sizes import sized

LONG_ENOUGH = 180


class Scheduler:
    """One `flask scheduler run` with its log."""

    def __init__(self, database: Database, log: Path) -> None:
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler", "run"],
                env={**database.environ, "MOVILAB_LOG_LEVEL": "INFO"},
                cwd=PROJECT_ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=end_with_parent,
            )  # fmt: skip

    def leads(self) -> bool:
        return '"leading"' in self.log.read_text(errors="replace")

    def listens(self) -> bool:
        """Whether it has begun, and ends when it is asked to."""
        return self.leads() or "waiting" in self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture
def schedulers(database: Database, tmp_path: Path) -> Iterator["Schedulers"]:
    all_of_them = Schedulers(database, tmp_path)
    yield all_of_them
    for each in all_of_them.started:
        if each.process.poll() is None:
            each.kill()


class Schedulers:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.started: list[Scheduler] = []

    def start(self) -> Scheduler:
        self.started.append(Scheduler(self.database, self.folder / f"scheduler-{len(self.started)}.log"))
        return self.started[-1]

    def leader(self) -> Scheduler:
        """The one that works; the others wait."""
        running = [each for each in self.started if each.process.poll() is None]
        assert wait_until(lambda: any(each.leads() for each in running), seconds=30), self.said()
        [leader] = [each for each in running if each.leads()]
        return leader

    def said(self) -> str:
        return "\n".join(each.log.read_text(errors="replace") for each in self.started)


def mail_folder(app: Flask) -> Path:
    folder: Path = app.extensions["movilab.config"].folder / "mail"
    return folder


def written(app: Flask) -> set[str]:
    folder = mail_folder(app)
    return {place.name for place in folder.glob("*.eml")} if folder.is_dir() else set()


def by_status() -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(select(Mail.status, func.count()).group_by(Mail.status)).all()
    db.session.rollback()
    return {str(status): int(count) for status, count in rows}


def check_each_once(app: Flask, expected: set[str]) -> None:
    assert written(app) == expected
    ids = [
        message_from_bytes((mail_folder(app) / name).read_bytes(), policy=modern)["Message-ID"]
        for name in sorted(expected)
    ]
    assert len(set(ids)) == len(expected)


def test_reminders_leave_once_though_their_scheduler_is_killed(app: Flask, schedulers: Schedulers) -> None:
    """From loans that are a day late, through the sweep and the outbox, to files."""
    expected = {file_name(key) for key in loans_a_day_late(sized(2000))}
    kill_one_in_the_middle(app, schedulers, expected)


def test_mail_leaves_once_though_its_sender_is_killed(app: Flask, schedulers: Schedulers) -> None:
    """The outbox alone, so that the kill falls between two mails of one batch."""
    who = resident()
    keys = [f"test.due:{n}" for n in range(sized(2000))]
    with transaction():
        services.tell_many(
            [Telling(who.id, "test.due", {}, "/loans", key, urgent=True) for key in keys], now=clock.now()
        )
    kill_one_in_the_middle(app, schedulers, {file_name(key) for key in keys})


def loans_a_day_late(number: int) -> list[str]:
    """So many objects in one neighbour's hands since yesterday's due day, where it is noon now; the keys of their
    reminders."""
    zone = where_it_is_noon()
    today = clock.day_at(clock.now(), zone)
    due = today - timedelta(days=1)
    long_ago = clock.now() - timedelta(days=15)
    first_one = loan(
        item(hub=hub(timezone=zone)), resident(), status="checked_out",
        first_day=due - timedelta(days=10), due=due, due_set_at=long_ago, checked_out_at=long_ago,
    )  # fmt: skip
    late = [first_one, *like(first_one, number - 1)]
    return [f"lending.reminder:{each.id}:{due}:overdue_1" for each in late]


def like(pattern: Loan, number: int) -> list[Loan]:
    """So many loans of as many objects, written in one go."""
    with transaction() as session:
        items = [copied(pattern.item, code=str(codes.new(codes.ITEM))) for _ in range(number)]
        session.add_all(items)
        session.flush()
        claims = [copied(pattern.claim, item_id=each.id) for each in items]
        session.add_all(claims)
        session.flush()
        loans = [copied(pattern, item_id=claim.item_id, claim_id=claim.id) for claim in claims]
        session.add_all(loans)
    return loans


def copied(row: Any, **changes: Any) -> Any:
    kept = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return type(row)(**{name: value for name, value in (kept | changes).items() if name != "id"})


def where_it_is_noon() -> str:
    """A zone that is wide awake, so that no reminder waits for the morning."""
    away = clock.now().hour - 12
    return f"Etc/GMT{away:+d}" if away else "Etc/GMT"


def kill_one_in_the_middle(app: Flask, schedulers: Schedulers, expected: set[str]) -> None:
    number = len(expected)
    db.session.rollback()
    schedulers.start()
    schedulers.start()
    leader = schedulers.leader()
    assert wait_until(lambda: len(written(app)) >= number // 4, seconds=LONG_ENOUGH, step=0.02), (
        schedulers.said()
    )
    leader.kill()
    assert len(written(app)) < number, "it was over before it was killed"
    last = schedulers.start()
    assert wait_until(lambda: by_status() == {"sent": number}, seconds=LONG_ENOUGH, step=0.5), by_status()
    check_each_once(app, expected)
    assert wait_until(last.listens, seconds=30), schedulers.said()
    assert [each.stop() for each in schedulers.started if each is not leader] == [0, 0]


def test_the_one_that_waits_takes_over_at_once(app: Flask, schedulers: Schedulers) -> None:
    first = schedulers.start()
    assert schedulers.leader() is first
    second = schedulers.start()
    assert wait_until(lambda: "waiting" in second.log.read_text(), seconds=20)
    first.kill()
    assert wait_until(second.leads, seconds=3)
    assert second.stop() == 0
