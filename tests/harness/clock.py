"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

PARIS = ZoneInfo("Europe/Paris")
A_WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
"""A working day without holidays around it, in winter time."""


class Clock:
    """The time of this test process. Other processes keep the real one."""

    def __init__(self, start: datetime = A_WEDNESDAY) -> None:
        self._travel = time_machine.travel(start, tick=False)
        self._at = self._travel.start()

    @property
    def now(self) -> datetime:
        """Aware, in UTC, as `app.core.clock.now()` gives it."""
        return datetime.now(UTC)

    def at(self, moment: datetime) -> datetime:
        """Go to `moment`, which must be aware."""
        assert moment.tzinfo is not None
        self._at.move_to(moment)
        return self.now

    def forward(self, **parts: float) -> datetime:
        """Go on: `clock.forward(days=3, minutes=1)`."""
        return self.at(self.now + timedelta(**parts))

    def stop(self) -> None:
        self._travel.stop()
