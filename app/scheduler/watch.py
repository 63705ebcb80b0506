"""The scheduler itself: waits for the lead, then runs the timetable until it is asked to stop or loses the lead.

Jobs are declared in `app/wiring.py` and kept in memory; what is due stands in the tables of the rooms.
"""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core import jobs as core_jobs
from app.core.db import Retry, db
from app.core.errors import Problem
from app.core.jobs import Job
from app.notifications import jobs as notifications_jobs
from app.scheduler.leadership import Leadership
from app.scheduler.runs import Runs, asked_for

log = structlog.get_logger()

TICK_SECONDS = 0.3
"""How often the lead is asked for, or looked after."""
HEARTBEAT = timedelta(seconds=10)
LISTEN = timedelta(seconds=2)
"""How often it is looked whether a steward wants something run."""
WORKERS = 4
"""Jobs at work at the same time, so that a long one keeps no mail back."""


def keep_watch(app: Flask, leadership: Leadership, *, stop: Event) -> None:
    """Lead whenever the seat is free, until `stop` is set. Whatever goes wrong is logged, and tried again."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is still at work is no news
    waiting = False
    while not stop.is_set():
        if leadership.take():
            log.info("leading")
            try:
                _lead(app, leadership, stop)
            except Exception:
                log.exception("the scheduler stumbled")
                stop.wait(1)
            finally:
                leadership.let_go()
            waiting = False
        elif not waiting:
            log.info("another scheduler leads; waiting")
            waiting = True
        stop.wait(TICK_SECONDS)


def run_all_once(app: Flask, timetable: Sequence[Job]) -> list[str]:
    """Every job once, one after the other; the names of those that failed."""
    runs = Runs()
    with app.app_context():
        runs.read()
    for job in timetable:
        run_job(app, job, runs)
    with app.app_context():
        runs.write({}, now=clock.now(), leading=False)
    names = {job.name for job in timetable}
    return [name for name in runs.failed() if name in names]


def run_job(app: Flask, job: Job, runs: Runs) -> None:
    """One run of one job; what goes wrong in it stops nothing else."""
    if not core_jobs.keep_going():
        return
    begun = time.monotonic()
    with app.app_context():
        now = clock.now()
        runs.start(job.name, now=now)
        try:
            count = job.work(now=now)
        except Exception as error:
            log.exception("job failed", job=job.name)
            runs.fail(job.name, error, duration_ms=_since(begun), now=clock.now())
        else:
            runs.succeed(job.name, count=count, duration_ms=_since(begun), now=clock.now())
            if count:
                log.info("job done", job=job.name, count=count, ms=_since(begun))


def _lead(app: Flask, leadership: Leadership, stop: Event) -> None:
    runs = Runs()
    with app.app_context():
        runs.read()
        notifications_jobs.free_leases()
    timetable: Sequence[Job] = app.extensions["movilab.timetable"]
    scheduler = _timed(app, timetable, runs)
    scheduler.start()
    beat_at = heard_at = clock.now() - HEARTBEAT
    try:
        while not stop.is_set() and leadership.holds():
            now = clock.now()
            if now - beat_at >= HEARTBEAT:
                _write(app, scheduler, runs, now=now)
                beat_at = now
            if now - heard_at >= LISTEN:
                _listen(app, scheduler, now=now)
                heard_at = now
            stop.wait(TICK_SECONDS)
    finally:
        core_jobs.ask_to_stop()
        scheduler.shutdown(wait=True)
        core_jobs.go_on()
        _write(app, scheduler, runs, now=clock.now())


def _timed(app: Flask, timetable: Sequence[Job], runs: Runs) -> BackgroundScheduler:
    """Everything runs at once at the beginning: what fell due while nobody led is caught up. A late run is never
    dropped, and several late runs are one."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(WORKERS)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in timetable:
        scheduler.add_job(
            run_job,
            "interval",
            seconds=job.every,
            id=job.name,
            args=(app, job, runs),
            next_run_time=clock.now(),
        )
    return scheduler


def _write(app: Flask, scheduler: BackgroundScheduler, runs: Runs, *, now: datetime) -> None:
    next_runs = {job.id: job.next_run_time for job in scheduler.get_jobs()}
    with app.app_context():
        try:
            runs.write(next_runs, now=now)
        except (Problem, Retry, SQLAlchemyError) as error:
            log.warning("the heartbeat was not written", error=type(error).__name__)


def _listen(app: Flask, scheduler: BackgroundScheduler, *, now: datetime) -> None:
    with app.app_context():
        try:
            names = asked_for()
        except (Problem, Retry, SQLAlchemyError) as error:
            db.session.rollback()
            log.warning("nobody could be heard", error=type(error).__name__)
            return
    for name in names:
        if scheduler.get_job(name) is not None:
            scheduler.modify_job(name, next_run_time=now)


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
