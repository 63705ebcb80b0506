"""Who borrows what and when: the past, the present and the near future of each object, as chance has it."""

from datetime import date, timedelta
from random import Random

from app.cli.demo.ledger import DAY, Ledger, planned_end
from app.cli.demo.objects import Thing
from app.cli.demo.people import Neighbour

LIVE_LOANS = 2
"""More a neighbour of the demo does not hold at a time."""


class Chance:
    """Tells objects their story, one after the other."""

    def __init__(self, *, ledger: Ledger, rng: Random, today: date) -> None:
        self.ledger = ledger
        self.rng = rng
        self.today = today

    def tell(self, thing: Thing) -> None:
        """Everything about one object."""
        if not thing.lends:
            return
        taken_from, free_from = self._now(thing)
        self.past(thing, before=taken_from)
        if thing.broken is None and self.rng.random() < 0.17:
            self._coming(thing, after=free_from)

    def past(self, thing: Thing, *, before: date) -> None:
        """Ended loans, backwards from `before`, until the object was new."""
        rng = self.rng
        edge = before - timedelta(days=rng.randrange(1, 18))
        for _ in range(min(int(rng.expovariate(1 / thing.popularity)), 9)):
            back = thing.days.last_open(edge)
            first = thing.days.last_open(
                back - timedelta(days=rng.randrange(1, max(2, min(thing.longest, 14))))
            )
            if first <= thing.created + timedelta(days=8):
                return
            borrower = self._somebody(thing, first)
            if borrower is not None:
                self._ended(thing, borrower.id, first=first, back=back)
            edge = first - timedelta(days=rng.randrange(2, 40))

    def _now(self, thing: Thing) -> tuple[date, date]:
        """The day from which the present takes the object, and the day on which it is free again."""
        rng, today = self.rng, self.today
        fate = rng.random()
        if thing.broken is not None:
            return self._broken(thing), today + DAY
        if fate < 0.19:
            return self._in_hand(thing)
        if fate < 0.22 and thing.owner is not None:
            first, end = (
                today - timedelta(days=rng.randrange(1, 4)),
                today + timedelta(days=rng.randrange(2, 9)),
            )
            self.ledger.claim(thing, "own", first, end)
            return first, end
        return today, today + DAY

    def _in_hand(self, thing: Thing) -> tuple[date, date]:
        rng, today = self.rng, self.today
        due = self._due_day(thing)
        late = due < today
        latest_first = min(due, today - DAY)
        room = max(0, thing.longest - (due - latest_first).days - 1)
        first = thing.days.last_open(latest_first - timedelta(days=rng.randrange(min(room, 9) + 1)))
        borrower = self._somebody(thing, first, for_now=True, late=late)
        if borrower is None:
            return today, today + DAY
        borrower.live += 1
        borrower.late = late
        self.ledger.in_hand(thing, borrower.id, first=first, due=due)
        return first, today + timedelta(days=8) if late else planned_end(first, due, thing)

    def _due_day(self, thing: Thing) -> date:
        days, when = thing.days, self.rng.random()
        if when < 0.11:
            return days.last_open(self.today - timedelta(days=self.rng.randrange(1, 9)))
        if when < 0.21:
            return days.next_open(self.today)
        if when < 0.31:
            return days.next_open(self.today + DAY)
        return days.next_open(
            self.today + timedelta(days=self.rng.randrange(2, max(3, min(thing.longest, 13))))
        )

    def _broken(self, thing: Thing) -> date:
        back = thing.days.last_open(self.today - timedelta(days=self.rng.randrange(1, 9)))
        first = thing.days.last_open(back - timedelta(days=self.rng.randrange(1, 6)))
        borrower = self._somebody(thing, first)
        if borrower is None:
            return self.today
        self.ledger.in_repair(thing, borrower.id, first=first, back=back)
        return first

    def _coming(self, thing: Thing, *, after: date) -> None:
        rng = self.rng
        first = thing.days.next_open(after + timedelta(days=rng.randrange(8)))
        due = thing.days.next_open(first + timedelta(days=rng.randrange(1, max(2, min(thing.longest, 7)))))
        borrower = self._somebody(thing, self.today, for_now=True)
        if borrower is None:
            return
        borrower.live += 1
        if thing.asks and rng.random() < 0.55:
            self.ledger.asked(thing, borrower.id, first=first, due=due)
        else:
            self.ledger.reserved(thing, borrower.id, first=first, due=due)

    def _ended(self, thing: Thing, borrower_id: int, *, first: date, back: date) -> None:
        rng = self.rng
        how = rng.random()
        if how < 0.9:
            due = back
            if how < 0.12:
                due = max(first, thing.days.last_open(back - timedelta(days=rng.randrange(1, 6))))
            elif how < 0.3:
                due = thing.days.next_open(back + timedelta(days=rng.randrange(1, 4)))
            self.ledger.returned(thing, borrower_id, first=first, due=due, back=back)
        elif how < 0.94 and thing.asks:
            self.ledger.declined(thing, borrower_id, first=first, due=back)
        elif how < 0.97:
            self.ledger.cancelled(thing, borrower_id, first=first, due=back)
        else:
            self.ledger.not_collected(thing, borrower_id, first=first, due=back)

    def _somebody(
        self, thing: Thing, first: date, *, for_now: bool = False, late: bool = False
    ) -> Neighbour | None:
        """A member who was there by then and, for what holds days now, has room left and brings things back."""
        for _ in range(10):
            one = self.rng.choice(thing.circle.members)
            if one is thing.owner or one.joined + timedelta(days=8) > first:
                continue
            if for_now and (one.late or one.live >= (1 if late else LIVE_LOANS)):
                continue
            return one
        return None
