"""`flask payments audit`: the proof that no cent was made, lost or changed."""

import sys
from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup

from app.core import clock
from app.payments.differences.comparing import compare

payments = AppGroup("payments", help="Money: the ledger, the cash boxes, cards.")


@payments.command("audit")
@click.option("--days", type=int, help="At the provider, only what has moved in so many days.")
def prove(days: int | None) -> None:
    """Prove the whole ledger: every transaction is a chain that ends at zero under the seal it was written with, receipts
    and attempts with cards say what the ledger says, and so does the provider of cards, where there is one, and it moved
    nothing that is not known here. Names what does not hold, and ends with 1; also where the provider did not answer."""
    now = clock.now()
    compared = compare(since=None if days is None else now - timedelta(days=days), now=now)
    for fault in compared.faults:
        click.echo(f"{fault.where}: {fault.what}", err=True)
    if compared.faults:
        sys.exit(f"{len(compared.faults)} things do not hold.")
    if compared.unheard:
        sys.exit(
            f"What is here holds; the provider left {compared.unheard} questions unanswered. Ask again later."
        )
    click.echo(
        f"{compared.transactions} transactions, {compared.asked} asked of the provider: all of it holds."
    )


def start(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.add_command(payments)
