"""`flask time audit`: the proof that no minute was made, lost or changed."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.skills.ledger.audit import audit

time = AppGroup("time", help="The time accounts.")


@time.command("audit")
def prove() -> None:
    """Prove the whole ledger: every transfer is two entries that sum to zero, every balance the sum of its entries, all
    accounts together zero. Names what does not hold, and ends with 1."""
    audited = audit()
    for fault in audited.faults:
        click.echo(f"{fault.where}: {fault.what}", err=True)
    if audited.faults:
        sys.exit(f"{len(audited.faults)} things do not hold.")
    click.echo(f"{audited.accounts} accounts, {audited.transfers} transfers: all of it holds.")


def start(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.add_command(time)
