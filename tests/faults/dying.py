"""The application as gunicorn serves it, but a request can say at which point the kernel shall kill its worker.

`gunicorn tests.faults.dying:app`, header `X-Die-At`: one of `tests.faults.points`. Only tests start it.
"""

import os
import signal
from typing import Any, NoReturn

from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core import db as floor
from app.core import outbox
from wsgi import app

if "MOVILAB_TEST_BUSY_SECONDS" in os.environ:  # how long SQLite waits for another writer
    floor.BUSY_SECONDS = float(os.environ["MOVILAB_TEST_BUSY_SECONDS"])  # type: ignore[assignment]


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _asked(point: str) -> bool:
    return has_request_context() and request.headers.get("X-Die-At") == point


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if _asked("before the commit") and not session.info.get("told"):
        session.flush()
        _die()
    if _asked("before a handler commits") and session.info.get("told"):
        session.flush()
        _die()


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    if _asked("after the commit") and not session.info.get("told"):
        _die()
    if _asked("after a handler has committed") and session.info.get("told"):
        _die()


_tell = outbox._tell
_finish = outbox._finish


def _telling(*words: Any, **named: Any) -> str | None:
    floor.db.session().info["told"] = True
    try:
        return _tell(*words, **named)
    finally:
        floor.db.session().info["told"] = False


def _finishing(*words: Any, **named: Any) -> None:
    if _asked("before the event is ticked off"):
        _die()
    _finish(*words, **named)


outbox._tell = _telling
outbox._finish = _finishing

__all__ = ["app"]
