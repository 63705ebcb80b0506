"""`flask demo load`: the demo territory into an empty database."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts.models import Resident
from app.accounts.rules import DEMO_DOMAIN
from app.cli.demo.loader import FEWEST, Refused, load
from app.core import clock
from app.core.db import db

demo = AppGroup("demo", help="The demo territory.")


@demo.command("load")
@click.option(
    "--objects", type=click.IntRange(min=FEWEST), default=600, show_default=True, help="How many objects."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed on the same day: the same rows."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where the demo territory already is.")
def load_command(objects: int, seed: int, if_empty: bool) -> None:
    """Fill an empty database with places, neighbours, objects and a year of loans. Never in production."""
    if if_empty and _is_there():
        return
    try:
        loaded = load(objects=objects, seed=seed, now=clock.now())
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(
        f"{loaded.hubs} hubs, {loaded.residents} residents, {loaded.objects} objects, {loaded.loans} loans."
    )


def _is_there() -> bool:
    """Whether this database holds the demo's own people; somebody else's rows are not taken for a demo."""
    found = db.session.scalar(select(Resident.id).where(Resident.email == f"steward@{DEMO_DOMAIN}"))
    db.session.rollback()
    return found is not None
