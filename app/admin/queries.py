"""What stewards see: the jobs, the heartbeat, events that wait. Never whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.admin import rules
from app.core.db import db
from app.core.jobs import Heartbeat, Job, JobRun
from app.core.outbox import StoredEvent

SHOWN = 10


@dataclass(frozen=True)
class JobLine:
    """One job and its last run."""

    name: str
    every: int
    state: rules.State
    started_at: datetime | None
    next_run_at: datetime | None
    count: int
    total: int
    duration_ms: int
    failures: int
    last_error: str


def jobs(timetable: Sequence[Job], *, now: datetime) -> list[JobLine]:
    """Every job of the timetable, those that fail first."""
    runs = {run.name: run for run in db.session.scalars(select(JobRun))}
    lines = [_line(job, runs.get(job.name), now) for job in timetable]
    return sorted(lines, key=lambda line: (line.state != "failing", line.state != "late"))


def heartbeat() -> datetime | None:
    """When the leading scheduler last said that it lives."""
    return db.session.scalar(select(func.max(Heartbeat.at)))


@dataclass(frozen=True)
class WaitingEvents:
    """Events that not every room has been told of; `stumbling` kinds with how often a handler failed, and how."""

    waiting: int
    stumbling: Sequence[tuple[str, int, str]]


def events() -> WaitingEvents:
    """What is left of the outbox."""
    undelivered = StoredEvent.delivered_at.is_(None)
    waiting = db.session.scalar(select(func.count()).select_from(StoredEvent).where(undelivered)) or 0
    rows = db.session.execute(
        select(StoredEvent.kind, func.count(), func.max(StoredEvent.last_error))
        .where(undelivered, StoredEvent.attempts > 0)
        .group_by(StoredEvent.kind)
        .order_by(func.count().desc(), StoredEvent.kind)
        .limit(SHOWN)
    ).all()
    return WaitingEvents(waiting, [(kind, count, error or "") for kind, count, error in rows])


def _line(job: Job, run: JobRun | None, now: datetime) -> JobLine:
    if run is None:
        return JobLine(job.name, job.every, "never", None, None, 0, 0, 0, 0, "")
    last = rules.LastRun(run.started_at, run.finished_at, run.asked_at, run.failures)
    return JobLine(
        name=job.name,
        every=job.every,
        state=rules.state(last, every=job.every, now=now),
        started_at=run.started_at,
        next_run_at=run.next_run_at,
        count=run.count,
        total=run.total,
        duration_ms=run.duration_ms,
        failures=run.failures,
        last_error=run.last_error or "",
    )
