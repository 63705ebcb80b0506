"""What each job did last, gathered in memory and written down every few seconds, so that looking after idle jobs
costs the database next to nothing."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update

from app.core.db import db, inserting, transaction
from app.core.jobs import Heartbeat, JobRun

LEADER = "scheduler"


@dataclass(frozen=True)
class Run:
    """The last run of one job; see `app.core.jobs.JobRun`. `finished_at` before `started_at`: it is at work."""

    name: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    count: int = 0
    total: int = 0
    duration_ms: int = 0
    failures: int = 0
    last_error: str | None = None


class Runs:
    """All jobs' last runs. Several threads report; one writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._changed: set[str] = set()

    def read(self) -> None:
        """Begin with what was written down before, so that failures go on being counted after a restart."""
        rows = db.session.scalars(select(JobRun)).all()
        with self._lock:
            self._runs = {
                row.name: Run(
                    name=row.name,
                    started_at=row.started_at,
                    finished_at=row.finished_at,
                    count=row.count,
                    total=row.total,
                    duration_ms=row.duration_ms,
                    failures=row.failures,
                    last_error=row.last_error,
                )
                for row in rows
            }
        db.session.rollback()

    def start(self, name: str, *, now: datetime) -> None:
        """The job is at work since `now`."""
        with self._lock:
            self._note(replace(self._run(name), started_at=now))

    def succeed(self, name: str, *, count: int, duration_ms: int, now: datetime) -> None:
        """It ended at `now`, with so many things done."""
        with self._lock:
            run = self._run(name)
            self._note(
                replace(
                    run,
                    finished_at=now,
                    count=count,
                    total=run.total + count,
                    duration_ms=duration_ms,
                    failures=0,
                    last_error=None,
                )
            )

    def fail(self, name: str, error: Exception, *, duration_ms: int, now: datetime) -> None:
        """It ended with an error; its class is kept, not its words, which may hold names."""
        with self._lock:
            run = self._run(name)
            self._note(
                replace(
                    run,
                    finished_at=now,
                    count=0,
                    duration_ms=duration_ms,
                    failures=run.failures + 1,
                    last_error=type(error).__name__,
                )
            )

    def failed(self) -> list[str]:
        """The jobs whose last run ended with an error."""
        with self._lock:
            return sorted(name for name, run in self._runs.items() if run.failures)

    def write(self, next_runs: Mapping[str, datetime | None], *, now: datetime, leading: bool = True) -> None:
        """Write down what changed, when each job runs next, and, as the leader, that we live; one transaction."""
        with self._lock:
            changed, self._changed = self._changed, set()
            rows = [self._row(self._runs[name], next_runs.get(name)) for name in sorted(changed)]
        try:
            with transaction() as session:
                if rows:
                    insert = inserting(JobRun)
                    kept = {
                        column: insert.excluded[column]
                        for column in rows[0]
                        if column not in ("name", "asked_at")
                    }
                    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=kept), rows)
                if leading:
                    beat = inserting(Heartbeat).values(name=LEADER, at=now)
                    session.execute(beat.on_conflict_do_update(index_elements=["name"], set_={"at": now}))
        except Exception:
            with self._lock:
                self._changed |= changed
            raise

    def _run(self, name: str) -> Run:
        return self._runs.get(name) or Run(name)

    def _note(self, run: Run) -> None:
        self._runs[run.name] = run
        self._changed.add(run.name)

    @staticmethod
    def _row(run: Run, next_run_at: datetime | None) -> dict[str, object]:
        return {**vars(run), "next_run_at": next_run_at}


def asked_for() -> list[str]:
    """Jobs that a steward wants run now; asking is taken back by being heard."""
    if db.session.scalar(select(JobRun.name).where(JobRun.asked_at.is_not(None)).limit(1)) is None:
        return []
    with transaction() as session:
        heard = session.scalars(
            update(JobRun).where(JobRun.asked_at.is_not(None)).values(asked_at=None).returning(JobRun.name)
        )
        return list(heard)
