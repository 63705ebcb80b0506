"""A process of its own that moves minutes: `python -m tests.concurrency.minutes`, told on its standard input.

One line holds its acts as JSON; at the next line all of them begin at once, a thread each. It answers with a line of
JSON: for each act "done", or the code of what was refused.
"""

import json
import os
import sys
from typing import Any

from flask import Flask

from app import create_app
from app.core import clock
from app.core.db import db, retrying, transaction
from app.core.errors import Problem
from app.skills.ledger import services
from app.skills.ledger.rules import Party
from config import Config
from tests.concurrency.crowd import at_once

SERVICES = {
    "reserve": services.reserve,
    "release": services.release,
    "settle": services.settle,
    "pay": services.pay,
}


def done(app: Flask, act: str, words: dict[str, Any]) -> str:
    """Try one act as an entry point does."""
    given = {name: Party(**value) if name in ("payer", "payee") else value for name, value in words.items()}

    def once() -> None:
        with transaction():
            SERVICES[act](now=clock.now(), **given)

    with app.app_context():
        try:
            retrying(once)
        except Problem as problem:
            return problem.code
        finally:
            db.session.remove()
    return "done"


def main() -> None:
    app = create_app(Config.from_environ(os.environ))
    for line in sys.stdin:
        acts = json.loads(line)
        print("ready", flush=True)
        sys.stdin.readline()
        found = at_once([lambda one=one: done(app, one["act"], one["words"]) for one in acts])  # type: ignore[misc]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
