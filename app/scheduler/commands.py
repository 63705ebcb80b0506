"""`flask scheduler run`: the process that keeps time for the house."""

import gc
import signal
import sys
from collections.abc import Sequence
from threading import Event

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.core.jobs import Job, ask_to_stop

scheduler = AppGroup("scheduler", help="What the house does by itself when time passes.")


@scheduler.command("run")
@click.option("--once", is_flag=True, help="Run every job once, one after the other, and end.")
def run(once: bool) -> None:
    """Run the timetable. Of several on one database one works, the others wait to take over."""
    from app.scheduler import watch  # noqa: PLC0415 -- APScheduler and psycopg are for this process alone
    from app.scheduler.leadership import leadership_for  # noqa: PLC0415 -- likewise

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # other threads need it itself
    stop = Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()
        ask_to_stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    gc.collect()
    gc.freeze()  # as `gunicorn.conf.py`: what stays is not looked through again in the middle of a batch
    if once:
        failed = watch.run_all_once(app, _timetable(app))
        if failed:
            sys.exit(f"failed: {', '.join(failed)}")
        return
    watch.keep_watch(app, leadership_for(app.extensions["movilab.config"]), stop=stop)


@scheduler.command("jobs")
def jobs() -> None:
    """List the timetable."""
    for job in _timetable(current_app):
        click.echo(f"{job.name:32} every {job.every} s")


def _timetable(app: Flask) -> Sequence[Job]:
    timetable: Sequence[Job] = app.extensions["movilab.timetable"]
    return timetable


def start(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.add_command(scheduler)
