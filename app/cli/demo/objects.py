"""The objects of the demo territory: the shelves of each hub, and what neighbours lend, swap and give."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.cli.demo.days import Days
from app.cli.demo.people import CODE_STEP, HubHere, Neighbour, moment
from app.cli.demo.reading import Template, Written
from app.cli.demo.rows import Rows
from app.core import codes
from app.finding.words import search_text
from app.geo import places
from app.geo import rules as geo
from app.hubs.rules import OpenDays
from app.items.models import Item, Part

VARIANTS = ("", "-2", "-3", "-4")
"""What follows the name of a category's drawing, so that many alike objects do not look the same."""
OLDEST_DAYS, NEWEST_DAYS = 720, 70


@dataclass(slots=True, eq=False)
class Thing:
    """An object as far as its loans care. `hub` is where it is kept, None at its owner's home; `circle` the hub
    whose members borrow it."""

    id: int
    title: str
    hub: HubHere | None
    circle: HubHere
    owner: Neighbour | None
    days: Days
    turnaround: int
    longest: int
    deposit_cents: int | None
    asks: bool
    lends: bool
    buffer: int
    induction: str | None
    broken: tuple[str, str] | None
    created: date
    popularity: float


class Inventory:
    """Makes the objects one by one; the first are the ones that the demo log-ins meet."""

    def __init__(
        self,
        *,
        rows: Rows,
        rng: Random,
        hubs: list[HubHere],
        written: Written,
        shelves: dict[str, int],
        today: date,
    ) -> None:
        self.rows = rows
        self.rng = rng
        self.hubs = hubs
        self.written = written
        self.shelves = shelves
        self.today = today
        self.drawings = {shelf.slug: shelf.drawing for shelf in written.shelves}
        self.by_slug = {shelf.slug: shelf for shelf in written.shelves}
        self._prepared: dict[str, str] = {}
        self.code_offset = rng.randrange(32**6)
        self._any_day = Days(OpenDays(), today=today)
        self._hub_deck = self._deck([t for t in written.templates if t.suits_hubs])
        self._deck_of_all = self._deck(list(written.templates))

    def _deck(self, templates: list[Template]) -> Iterator[Template]:
        while True:
            yield from self.rng.sample(templates, len(templates))

    def at_hub(self, hub: HubHere, title: str, *, shelf: str, broken: tuple[str, str] | None = None) -> Thing:
        """A given object of a hub."""
        template = self.written.by_title[title]
        return self._make(template, kept_at=hub, circle=hub, owner=None, shelf=shelf, broken=broken)

    def kit(self, hub: HubHere, title: str, *, like: str, description: str, shelf: str) -> Thing:
        """What is made of objects of the hub, on their shelf of categories; they are put in later."""
        template = replace(
            self.written.by_title[like],
            title=title,
            description=description,
            parts=(),
            notices=(),
            deposit_cents=0,
        )
        return self._make(template, kept_at=hub, circle=hub, owner=None, shelf=shelf)

    def of_neighbour(self, owner: Neighbour, circle: HubHere, title: str, *, left: bool = False) -> Thing:
        """A given object of somebody, at home or left at the hub; it is lent, whatever else is offered."""
        template = replace(self.written.by_title[title], modes=("lend",))
        return self._make(template, kept_at=circle if left else None, circle=circle, owner=owner)

    def drawn(self, *, share_at_hubs: float) -> Thing:
        """The next object by chance: of a hub, of a neighbour at a hub, of a neighbour at home."""
        rng = self.rng
        hub = rng.choices(self.hubs, [one.weight for one in self.hubs])[0]
        at_hub = rng.random() < share_at_hubs
        if at_hub and rng.random() < 0.5:
            broken = rng.choice(self.written.names.repair_notes) if rng.random() < 0.05 else None
            return self._make(next(self._hub_deck), kept_at=hub, circle=hub, owner=None, broken=broken)
        owner = rng.choice(hub.members)
        return self._make(
            next(self._deck_of_all),
            kept_at=hub if at_hub else None,
            circle=hub,
            owner=owner,
            asks=at_hub and rng.random() < 0.2,
        )

    def _make(
        self,
        template: Template,
        *,
        kept_at: HubHere | None,
        circle: HubHere,
        owner: Neighbour | None,
        shelf: str | None = None,
        asks: bool = False,
        broken: tuple[str, str] | None = None,
    ) -> Thing:
        rng = self.rng
        created = self.today - timedelta(days=rng.randrange(NEWEST_DAYS, OLDEST_DAYS))
        lends, swaps, gives = self._modes(template, owner)
        if kept_at is not None and shelf is None:
            shelf = rng.choice(kept_at.shelves)
        deposit = template.deposit_cents if lends and (owner is None or rng.random() < 0.3) else None
        thing = Thing(
            id=self.rows.counts[Item] + 1,
            title=template.title,
            hub=kept_at,
            circle=circle,
            owner=owner,
            days=kept_at.days if kept_at else self._any_day,
            turnaround=kept_at.turnaround if kept_at else 1,
            longest=template.max_days,
            deposit_cents=deposit or None,
            asks=asks or (owner is not None and kept_at is None),
            lends=lends,
            buffer=1 if any("lavé" in notice for notice in template.notices) and rng.random() < 0.4 else 0,
            induction=template.title if template.needs_induction and owner is None else None,
            broken=broken,
            created=max(created, owner.joined + timedelta(days=1)) if owner else created,
            popularity=2.6 if owner is None else 1.3,
        )
        self._write(thing, template, shelf or "", swaps=swaps, gives=gives)
        return thing

    def _write(self, thing: Thing, template: Template, shelf: str, *, swaps: bool, gives: bool) -> None:
        rng = self.rng
        created_at = moment(thing.created, 10, rng.randrange(400))
        self.rows.add(
            Item,
            code=str(codes.numbered(codes.ITEM, (thing.id * CODE_STEP + self.code_offset) % 32**6)),
            title=template.title,
            description=template.description,
            category_id=self.shelves[template.category],
            owner_resident_id=thing.owner.id if thing.owner else None,
            owner_hub_id=None if thing.owner else thing.circle.id,
            hub_id=thing.hub.id if thing.hub else None,
            shelf=shelf,
            lends=thing.lends,
            swaps=swaps,
            gives=gives,
            asks_each_time=thing.asks and thing.hub is not None,
            condition=thing.broken[0] if thing.broken else rng.choice(template.conditions),
            value_cents=template.value_cents,
            deposit_cents=thing.deposit_cents,
            max_days=template.max_days,
            buffer_days=thing.buffer,
            notices=list(template.notices),
            induction=thing.induction,
            picture=self.drawings[template.category] + rng.choice(VARIANTS),
            search_text=self._found_by(template),
            **self._place(thing),
            created_at=created_at,
            updated_at=created_at,
        )
        for position, (name, count) in enumerate(template.parts):
            self.rows.add(Part, item_id=thing.id, name=name, count=count, position=position)

    def _found_by(self, template: Template) -> str:
        """The words of its title and of its shelves, prepared once."""
        if template.title not in self._prepared:
            names: list[str] = []
            shelf = self.by_slug.get(template.category)
            while shelf is not None:
                names += [shelf.name_fr, shelf.name_en]
                shelf = self.by_slug.get(shelf.parent) if shelf.parent else None
            self._prepared[template.title] = search_text(template.title, *names)
        return self._prepared[template.title]

    def _modes(self, template: Template, owner: Neighbour | None) -> tuple[bool, bool, bool]:
        """Lent, swapped, given. Hubs only lend; half of what could be given or swapped is lent as well."""
        if owner is None or len(template.modes) == 1:
            return True, False, False
        swaps, gives = "swap" in template.modes, "give" in template.modes
        if swaps and gives:
            swaps, gives = self.rng.choice(((True, False), (False, True)))
        return self.rng.random() < 0.5, swaps, gives

    @staticmethod
    def _place(thing: Thing) -> dict[str, float]:
        """The published place: a hub's own point, or cells around a home."""
        if thing.hub is not None or thing.owner is None:
            hub = thing.hub or thing.circle
            return {
                "lat": hub.lat,
                "lon": hub.lon,
                "precision_m": 0,
                "coarse_lat": hub.lat,
                "coarse_lon": hub.lon,
            }
        near = geo.cell(thing.owner.lat, thing.owner.lon, geo.PUBLISHED_M)
        far = places.coarse(near.lat, near.lon)
        return {
            "lat": near.lat,
            "lon": near.lon,
            "precision_m": near.precision_m,
            "coarse_lat": far.lat,
            "coarse_lon": far.lon,
        }
