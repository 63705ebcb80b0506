"""How a place in line is told to whoever holds it: as which one, until when it is kept aside, by when it may be free.
Plain values for pages and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core.i18n import _, format_day
from app.items import rules as item_rules
from app.items.rules import Taken
from app.items.whole import Whole
from app.lending import lines
from app.lending import rules as lending_rules
from app.lending.policy import Blocker
from app.lending.waiting import queries, rules


@dataclass(frozen=True)
class Wait:
    """One place in line. `likely`: by when it may be free, None where nobody can say, and while it is kept aside."""

    place: queries.Stands
    likely: rules.Likely | None
    picture: str

    @property
    def position(self) -> int:
        """As which one, from 1."""
        return self.place.position

    @property
    def ready(self) -> bool:
        """Whether it is kept aside now."""
        return self.place.status == "ready"

    @property
    def item(self) -> queries.Waited:
        """What is waited for."""
        return self.place.item

    @property
    def where(self) -> str:
        """Where it is kept."""
        return _where(self.place.item)

    @property
    def tag(self) -> tuple[str, str, str]:
        """Kind, words and sign."""
        if self.ready and self.place.ready_until is not None:
            return "warn", _("Pour vous, jusqu’au %(day)s", day=format_day(self.place.ready_until)), "shelf"
        if self.place.passed_at is not None:
            return "", _("Tour passé"), "hourglass"
        if self.position == 1:
            return "", _("En tête de la file"), "people"
        return "", _("%(n)se dans la file", n=self.position), "people"

    @property
    def words(self) -> str:
        """What can be said honestly of the day."""
        if self.ready:
            return ""
        if self.place.passed_at is not None:
            return _("C’est de nouveau votre tour quand il revient.")
        return likely_words(self.likely, first=self.position == 1)


def likely_words(likely: rules.Likely | None, *, first: bool) -> str:
    """The likely day in words; `first`: nobody is before."""
    if likely is None:
        return _("On ne sait pas encore quand il revient.")
    day = format_day(likely.day)
    if likely.usual:
        return _("Libre vers le %(day)s, d’après les prêts passés.", day=day)
    return (
        _("Retour prévu le %(day)s.", day=day) if first else _("Libre vers le %(day)s, peut-être.", day=day)
    )


def _where(item: queries.Waited) -> str:
    if item.hub is not None:
        return item.hub.name
    return _("chez %(name)s", name=item.owner) if item.owner else ""


def waits(resident_id: int, *, now: datetime, item_id: int | None = None) -> list[Wait]:
    """All that this resident waits for, what is kept aside first; three statements however long."""
    found = queries.open_places(resident_id, item_id=item_id)
    if not found:
        return []
    return waits_of(found, lines.around((), now=now, waited=[one.item for one in found]))


def waits_of(stands: Sequence[queries.Stands], around: lines.Around) -> list[Wait]:
    """The same, of what is known already; one statement more."""
    waiting = {one.item_id for one in stands if one.status == "waiting"}
    away = queries.away(waiting) if waiting else queries.Away({}, {})
    foreseen = _Foresight(around.places, around.taken, away.out, away.days)
    return [
        Wait(
            one,
            foreseen.likely(one.item, ahead=one.position - 1) if one.item_id in waiting else None,
            lines.picture_url(one.item.photo, one.item.drawing),
        )
        for one in stands
    ]


@dataclass(frozen=True)
class _Foresight:
    """What is known of several objects: their places, claims, who has them, how long they are usually away."""

    places: Mapping[int | None, lines.Place]
    taken: Mapping[int, Sequence[Taken]]
    out: Mapping[int, Any]
    past: Mapping[int, Sequence[int]]

    def likely(self, item: Any, *, ahead: int) -> rules.Likely | None:
        place, out = self.places[item.hub_id], self.out.get(item.id)
        terms = lending_rules.Terms(place.days, place.policy, item.buffer_days, item.max_days)
        return rules.likely(
            terms,
            [one for one in self.taken.get(item.id, ()) if one.end_day > place.today or one.uncertain],
            past=self.past.get(item.id, ()),
            away=rules.Away(_day_out(out, place), out.due) if out is not None else None,
            ahead=ahead,
            today=place.today,
        )


def _day_out(loan: Any, place: lines.Place) -> date:
    return place.days.today(loan.checked_out_at) if loan.checked_out_at else loan.first_day


@dataclass(frozen=True)
class AtItem:
    """The line as an object's page shows it to one neighbour: her own place, or how many would be before her."""

    wait: Wait | None
    before: int
    words: str


def at_item(
    whole: Whole,
    resident_id: int,
    *,
    stands: bool,
    blockers: Sequence[Blocker],
    taken: Sequence[Taken],
    now: datetime,
) -> AtItem | None:
    """Her place in the line, where she `stands` in it; else the way into it, where she may wait and the object is not
    free for her now. `taken`: its claims, as far as they reach into today or later."""
    item, place = whole.item, whole.place
    own = waits(resident_id, now=now, item_id=item.id) if stands else []
    if own:
        return AtItem(own[0], own[0].position - 1, "")
    before = next((int(one.params["count"]) for one in blockers if one.code == "lending.queue"), 0)
    free = item_rules.free_today(taken, today=place.today)
    if any(one.code not in rules.MAY_PASS for one in blockers) or (free and not before):
        return None
    away = queries.away([item.id])
    foreseen = _Foresight(
        {item.hub_id: lines.Place(place.days, place.policy, place.today)},
        {item.id: taken},
        away.out,
        away.days,
    )
    likely = foreseen.likely(item, ahead=before)
    return AtItem(None, before, likely_words(likely, first=not before))
