"""`flask demo load`: the demo territory into an empty database."""

import click
from flask.cli import AppGroup

from app.cli.demo.loader import FEWEST, Refused, load
from app.core import clock

demo = AppGroup("demo", help="The demo territory.")


@demo.command("load")
@click.option(
    "--objects", type=click.IntRange(min=FEWEST), default=600, show_default=True, help="How many objects."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed on the same day: the same rows."
)
def load_command(objects: int, seed: int) -> None:
    """Fill an empty database with places, neighbours, objects and a year of loans. Never in production."""
    try:
        loaded = load(objects=objects, seed=seed, now=clock.now())
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(
        f"{loaded.hubs} hubs, {loaded.residents} residents, {loaded.objects} objects, {loaded.loans} loans."
    )
