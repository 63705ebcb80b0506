"""What must be true before the first request, in one process: the schema, and in a demo something to show."""

import sys

import click
import flask_migrate

from wsgi import app, config


def main(words: list[str]) -> int:
    """`words` go to `flask demo load`, e.g. `--objects 60`."""
    with app.app_context():
        flask_migrate.upgrade()
        if not config.is_demo:
            return 0
        load = app.cli.commands["demo"]
        try:
            load.main(["load", *words], prog_name="flask demo", standalone_mode=False)
        except click.ClickException as refused:
            refused.show()
            return refused.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
