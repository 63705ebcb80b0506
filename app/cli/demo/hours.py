"""Hours of the demo that no session moved: what a hub gave those who held its counter, and gifts."""

from datetime import date, timedelta
from functools import partial

from app.cli.demo.chronicle import Chronicle
from app.cli.demo.ledger import DAY
from app.cli.demo.people import COORDINATOR, RESIDENT3, VOLUNTEER, HubHere
from app.skills.ledger import giving
from app.skills.ledger.rules import Party

WEEKS = 7


class Hours:
    """Plans them into the chronicle."""

    def __init__(self, *, chronicle: Chronicle, hub: HubHere, today: date) -> None:
        self.chronicle = chronicle
        self.hub = hub
        self.today = today

    def plan(self) -> None:
        """One shift a week, every other week a second one, and two gifts."""
        for week in range(WEEKS, 0, -1):
            day = self.hub.days.last_open(self.today - timedelta(days=7 * week))
            self._shift(VOLUNTEER, day)
            if week % 2:
                self._shift(self.hub.staff[-1], self.hub.days.last_open(day - 2 * DAY))
        self._gift(9, Party(hub_id=self.hub.id), 60, "Pour qui ne peut rien donner en ce moment.")
        self._gift(8, Party(resident_id=RESIDENT3), 30, "Pour ton déménagement. Bon courage !")

    def _shift(self, resident_id: int, day: date) -> None:
        opens = self.hub.days.at(day, 0).astimezone(self.hub.days.zone).time()

        self.chronicle.on(
            self.hub.days.at(day, 200),
            lambda now: giving.record_shift(
                hub_id=self.hub.id,
                resident_id=resident_id,
                day=day,
                begins=opens,
                minutes=120,
                actor_id=COORDINATOR,
                now=now,
            ),
        )

    def _gift(self, days_ago: int, to: Party, minutes: int, note: str) -> None:
        day = self.hub.days.last_open(self.today - timedelta(days=days_ago))
        given = partial(
            giving.give, to=to, minutes=minutes, note=note, actor_id=VOLUNTEER, once=f"demo-{days_ago}"
        )
        self.chronicle.on(self.hub.days.at(day, 90), lambda now: given(now=now))
