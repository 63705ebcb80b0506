"""What neighbours did with their time these months, each by the service that they would have used, in the order in which
it happened: so accounts tell a history that could have been."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.cli.demo.people import moment
from app.core.outbox import StoredEvent

Act = Callable[[datetime], object]
TOLD_DAYS = 3
"""What is older was told long ago, and nobody is told it again by the first scheduler that comes."""


class Chronicle:
    """Acts with their moments; nothing is dated after yesterday evening, whatever the hour of loading."""

    def __init__(self, *, session: Session, today: date) -> None:
        self.session = session
        self.today = today
        self._acts: list[tuple[datetime, int, Act]] = []
        self._named = count()

    def on(self, at: datetime, act: Act) -> None:
        """`act(at)` when its turn comes; of two at the same moment the one that was named first."""
        if at >= moment(self.today, 0):
            raise ValueError(f"{at} has not been yet")
        heappush(self._acts, (at, next(self._named), act))

    def play(self) -> None:
        """All of it. An act may add others that come later."""
        before = self.session.scalar(select(func.coalesce(func.max(StoredEvent.id), 0)))
        while self._acts:
            at, _number, act = heappop(self._acts)
            act(at)
        self.session.flush()
        old = moment(self.today - timedelta(days=TOLD_DAYS), 0)
        self.session.execute(delete(StoredEvent).where(StoredEvent.id > before, StoredEvent.at < old))
