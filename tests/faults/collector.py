"""The scheduler's work on group purchases in a process of its own, which the kernel kills at a point that was asked for.

`python -m tests.faults.collector SECONDS [POINT NUMBER]`: as if it was so many seconds later, until nothing is left to
do; at the POINT (one of `collecting_points.KINDS`), when it is passed for the NUMBERth time, SIGKILL. Only tests start it.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app import create_app
from app.core import clock
from app.payments.cards import carrying
from app.payments.cards import jobs as cards
from app.purchases.collecting import jobs as collecting
from app.purchases.pledging import jobs as pledging
from app.scheduler import jobs as scheduler
from config import Config

ROUNDS = 12
BETWEEN = timedelta(seconds=20)
passed: Counter[str] = Counter()


def dies_at(point: str, number: int) -> Callable[[str], None]:
    def passing(here: str) -> None:
        passed[here] += 1
        if (here, passed[here]) == (point, number):
            os.kill(os.getpid(), signal.SIGKILL)

    return passing


def watch(passing: Callable[[str], None]) -> None:
    """Every commit, every word with the provider, and the moment between its answer and our note of it."""
    ask = carrying.answered

    def asked(gateway: Any, about: Any) -> Any:
        passing("before the call")
        answer = ask(gateway, about)
        passing("after the call")
        return answer

    carrying.answered = asked

    @event.listens_for(Session, "before_commit")
    def _before(session: Session) -> None:
        session.flush()
        passing("before the commit")

    @event.listens_for(Session, "after_commit")
    def _after(_session: Session) -> None:
        passing("after the commit")


def work(seconds: int) -> None:
    for turn in range(ROUNDS):
        now = clock.now() + timedelta(seconds=seconds) + turn * BETWEEN
        for job in (pledging.close, scheduler.deliver_events, cards.carry_out, collecting.collect):
            job(now=now)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        watch(dies_at(sys.argv[2], int(sys.argv[3])))
    with create_app(Config.from_environ(os.environ)).app_context():
        work(int(sys.argv[1]))
