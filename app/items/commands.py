"""`flask items prepare`: what objects are found by, made anew from their titles."""

from functools import partial

import click
from flask import Flask
from flask.cli import AppGroup

from app.core import clock
from app.core.db import retrying, transaction
from app.items import jobs, services

items = AppGroup("items", help="The objects.")


@items.command("prepare")
def prepare() -> None:
    """Prepare every title anew, after shelves were renamed or words are compared in another way. Others may go on
    working meanwhile, and a second run finds nothing to do."""
    changed, last = 0, 0
    while True:
        done = retrying(partial(_some, last))
        changed += done.changed
        if done.last is None:
            break
        last = done.last
    known = jobs.count_words(now=clock.now())
    click.echo(f"{changed} objects are found by other words now; {known} words were counted anew.")


def _some(after_id: int) -> services.Prepared:
    with transaction():
        return services.prepare_words(after_id=after_id)


def start(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.add_command(items)
