"""A whole country of objects, clustered as its towns are: from 1,000 to 1,000,000 objects, on both databases.

On top of the demo territory, whose people log in. The same seed, day and number give the same rows. Objects stand
where people live, half of them at hubs where a town has one; a third has days that are taken, now or soon.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from app.accounts.models import Resident
from app.cli.demo.people import CODE_STEP, scattered
from app.cli.demo.reading import Shelf, Template, written
from app.core import codes
from app.finding.words import search_text
from app.geo import rules as geo
from app.hubs.models import Hub, OpeningHours
from app.items.models import Item, ItemClaim
from app.lending.models import Loan
from bench import bulk
from bench.bulk import plain
from bench.towns import Town, towns

OBJECTS_FOR_A_RESIDENT, OBJECTS_FOR_A_HUB = 4, 300
MOST_HUBS = 3_000
AT_A_HUB = 0.5
OLDEST_DAYS = 720
DAY = timedelta(days=1)
BRANDS = (
    "Bosch", "Makita", "Ryobi", "Einhell", "Dexter", "Parkside", "Hilti", "Metabo", "Stanley", "Facom", "Kärcher",
    "Gardena", "Husqvarna", "Stihl", "Moulinex", "Seb", "Tefal", "Magimix", "Kenwood", "Lagrange", "Quechua",
    "Decathlon", "Btwin", "Lafuma", "Canon", "Nikon", "Epson", "Yamaha", "Casio", "Singer", "Pfaff", "Brother",
)  # fmt: skip
QUALITIES = (
    "vert",
    "bleu",
    "en bois",
    "en métal",
    "compact",
    "pour enfant",
    "presque neuf",
    "ancien",
    "grand modèle",
)
RARE = (
    "Alambic en cuivre", "Baratte à beurre", "Carottier de sol", "Clarinette basse", "Dameuse à plaque",
    "Épinette des Vosges", "Forge de campagne", "Girouette à monter", "Herse étrille",
    "Jumelles astronomiques", "Kayak gonflable", "Lithographie (presse)", "Métier à tisser",
    "Nébuliseur à essaims", "Ocarina en terre", "Pantographe", "Quadrant solaire", "Rouet de fileuse",
    "Sarbacane", "Théodolite", "Ulu inuit", "Vielle à roue", "Xylographe", "Yourte de jardin", "Zootrope",
)  # fmt: skip
"""Words that stand on one object in two hundred, and most of them on far fewer."""
HOURS = ((1, "14:00", "19:00"), (2, "10:00", "18:00"), (4, "14:00", "19:00"), (5, "10:00", "13:00"))


@dataclass(slots=True)
class Here:
    """A town with what stands in it: hubs as (id, lat, lon), residents as (id, published cell)."""

    town: Town
    hubs: list[tuple[int, float, float]] = field(default_factory=list)
    residents: list[tuple[int, geo.Place]] = field(default_factory=list)


class Territory:
    """Draws everything from one seed."""

    def __init__(self, *, objects: int, seed: int, today: date, there: dict[str, int]) -> None:
        self.rng = Random(f"{seed}/{there['item']}")
        self.objects, self.today, self.there = objects, today, there
        self.here = [Here(town) for town in towns()]
        self.weights = list(accumulate(place.town.people for place in self.here))
        self.shelves: dict[str, int] = {}
        self.loans: list[tuple[Any, ...]] = []
        self.code_offset = self.rng.randrange(32**6)

    def _place(self) -> Here:
        return self.rng.choices(self.here, cum_weights=self.weights)[0]

    def _spot(self, town: Town, share: float = 1.0) -> tuple[float, float]:
        return scattered(town.lat, town.lon, town.spread_km * share, self.rng)

    # -- hubs and people ---------------------------------------------------------------------------------------

    def hubs(self) -> Iterator[tuple[Any, ...]]:
        """More where more people live, in the middle of their town."""
        founded = plain(datetime.combine(self.today - timedelta(days=790), time(7), tzinfo=UTC))
        for number in range(min(MOST_HUBS, self.objects // OBJECTS_FOR_A_HUB)):
            place = self._place()
            lat, lon = (round(degrees, 5) for degrees in self._spot(place.town, 0.4))
            hub_id = self.there["hub"] + number + 1
            place.hubs.append((hub_id, lat, lon))
            name = f"Maison de {place.town.name} {len(place.hubs)}"
            yield hub_id, f"relais-{hub_id}", name, "community_house", place.town.name, lat, lon, founded

    def hours(self, hubs: int) -> Iterator[tuple[Any, ...]]:
        """Every hub opens on four days."""
        for number in range(hubs):
            for weekday, opens, closes in HOURS:
                yield self.there["hub"] + number + 1, weekday, f"{opens}:00.000000", f"{closes}:00.000000"

    def residents(self) -> Iterator[tuple[Any, ...]]:
        """A neighbour for every few objects, without e-mail or password."""
        names = written().names
        for number in range(max(20, self.objects // OBJECTS_FOR_A_RESIDENT)):
            place = self._place()
            resident_id = self.there["resident"] + number + 1
            lat, lon = self._spot(place.town)
            home = geo.cell(lat, lon, geo.HOME_M)
            place.residents.append((resident_id, geo.cell(lat, lon, geo.PUBLISHED_M)))
            joined = self.today - timedelta(days=self.rng.randrange(60, 780))
            name = f"{self.rng.choice(names.first_names)} {self.rng.choice(names.initials)}."
            code = self._code(codes.MEMBER, resident_id)
            yield resident_id, name, code, home.lat, home.lon, plain(datetime.combine(joined, time(8)))

    # -- objects and their days --------------------------------------------------------------------------------

    def items(self) -> Iterator[tuple[Any, ...]]:
        """The objects, each with a title of its own making."""
        rng, templates = self.rng, written().templates
        by_popularity = list(accumulate(1 / (3 + rank) for rank in range(len(templates))))
        order = rng.sample(templates, len(templates))
        drawings = {shelf.slug: shelf.drawing for shelf in written().shelves}
        for number in range(self.objects):
            item_id = self.there["item"] + number + 1
            template = rng.choices(order, cum_weights=by_popularity)[0]
            title = self._title(template)
            place, owner, keeper, where = self._keeping()
            lends = owner is None or "lend" in template.modes
            created = self.today - timedelta(days=rng.randrange(1, OLDEST_DAYS))
            made = f"{created.isoformat()} {rng.randrange(6, 21):02}:{rng.randrange(60):02}:00.000000"
            self._days(item_id, template, place, owner, keeper[0] if keeper else None, lends=lends)
            yield (
                item_id, self._code(codes.ITEM, item_id), title, template.description,
                self.shelves[template.category], owner, keeper[0] if keeper and owner is None else None,
                keeper[0] if keeper else None, lends, "swap" in template.modes and owner is not None,
                not lends, rng.choice(template.conditions), template.value_cents, template.max_days,
                _json(template.notices), drawings[template.category], searched(title, template.category), *where, made, made,
            )  # fmt: skip

    def _title(self, template: Template) -> str:
        """As people write them: some name the maker, some what it looks like; a few are things nobody else has."""
        chance = self.rng.random()
        if chance < 0.005:
            return RARE[min(int(self.rng.expovariate(0.35)), len(RARE) - 1)]
        if chance < 0.35:
            return template.title
        if chance < 0.75:
            return f"{template.title} {self.rng.choice(BRANDS)}"
        return f"{template.title} {self.rng.choice(QUALITIES)}"

    def _keeping(self) -> tuple[Here, int | None, tuple[int, float, float] | None, tuple[Any, ...]]:
        """The town; whose (None: the hub's own); the hub where it is kept (None: at home); the published places."""
        rng, place = self.rng, self._place()
        while not place.residents:
            place = self._place()
        hub = rng.choice(place.hubs) if place.hubs and rng.random() < AT_A_HUB else None
        owner, near = rng.choice(place.residents)
        if hub is None:
            return place, owner, None, (near.lat, near.lon, near.precision_m, place.town.lat, place.town.lon)
        _, lat, lon = hub
        return place, None if rng.random() < 0.6 else owner, hub, (lat, lon, 0, lat, lon)

    def _days(
        self,
        item_id: int,
        template: Template,
        place: Here,
        owner: int | None,
        hub: int | None,
        *,
        lends: bool,
    ) -> None:
        """What takes its days: a loan long over, one that is out, one that is to come."""
        if not lends:
            return
        rng, longest = self.rng, max(2, min(template.max_days, 14))
        if rng.random() < 0.5:
            back = self.today - timedelta(days=rng.randrange(20, 400))
            self._loan(
                item_id, place, owner, hub, "returned", back - timedelta(days=rng.randrange(1, longest)), back
            )
        after = self.today + DAY
        if rng.random() < 0.2:
            due = self.today + timedelta(days=rng.randrange(longest))
            self._loan(
                item_id,
                place,
                owner,
                hub,
                "checked_out",
                self.today - timedelta(days=rng.randrange(1, 6)),
                due,
            )
            after = due + 2 * DAY
        if rng.random() < 0.15:
            first = after + timedelta(days=rng.randrange(1, 12))
            self._loan(
                item_id,
                place,
                owner,
                hub,
                "reserved",
                first,
                first + timedelta(days=rng.randrange(1, longest)),
            )

    def _loan(
        self,
        item_id: int,
        place: Here,
        owner: int | None,
        hub: int | None,
        status: str,
        first: date,
        due: date,
    ) -> None:
        borrower = self.rng.choice(place.residents)[0]
        number = len(self.loans) + 1
        asked = f"{(min(first, self.today) - DAY).isoformat()} 12:00:00.000000"
        out = f"{first.isoformat()} 15:00:00.000000" if status != "reserved" else None
        back = f"{due.isoformat()} 15:00:00.000000" if status == "returned" else None
        self.loans.append(
            (
                self.there["loan"] + number, item_id, borrower, owner, hub, self.there["item_claim"] + number,
                status, first.isoformat(), due.isoformat(), asked, asked, out, back, back,
            )
        )  # fmt: skip

    def claims(self) -> Iterator[tuple[Any, ...]]:
        """The days that the loans take."""
        for _, item_id, _, _, _, claim_id, status, first, due, *_ in self.loans:
            end = date.fromisoformat(due) + DAY
            yield claim_id, item_id, "loan", first, end.isoformat(), status != "returned"

    def _code(self, kind: codes.Kind, number: int) -> str:
        return str(codes.numbered(kind, (number * CODE_STEP + self.code_offset) % 32**6))


@cache
def searched(title: str, category: str) -> str:
    """What an object of this title on this shelf is found by, worked out once."""
    names: list[str] = []
    shelf = _shelves().get(category)
    while shelf is not None:
        names += [shelf.name_fr, shelf.name_en]
        shelf = _shelves().get(shelf.parent) if shelf.parent else None
    return search_text(title, *names)


@cache
def _shelves() -> dict[str, Shelf]:
    return {shelf.slug: shelf for shelf in written().shelves}


@cache
def _json(texts: tuple[str, ...]) -> str:
    return json.dumps(texts, ensure_ascii=False)


def fill(database_url: str, *, objects: int, seed: int, today: date) -> None:
    """Add as many objects as are missing to `objects`, with the hubs, people and loans that belong to them."""
    with bulk.filling(database_url, Hub, OpeningHours, Resident, Item, ItemClaim, Loan) as (asked, put):
        there = {
            table: asked.ask(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]
            for table in ("hub", "resident", "item", "item_claim", "loan")
        }
        missing = objects - asked.ask("SELECT count(*) FROM item")[0][0]
        if missing <= 0:
            return
        made = Territory(objects=missing, seed=seed, today=today, there=there)
        made.shelves = dict(asked.ask("SELECT slug, id FROM category"))
        hubs = list(made.hubs())
        put(Hub, ("id", "slug", "name", "kind", "address", "lat", "lon", "created_at"), hubs)
        put(OpeningHours, ("hub_id", "weekday", "opens", "closes"), made.hours(len(hubs)))
        put(Resident, ("id", "name", "code", "home_lat", "home_lon", "created_at"), made.residents())
        put(Item, ITEM_COLUMNS, made.items())
        put(ItemClaim, ("id", "item_id", "kind", "first_day", "end_day", "live"), made.claims())
        put(Loan, LOAN_COLUMNS, made.loans)
    if database_url.startswith("sqlite"):
        bulk.rebuilt(database_url)


ITEM_COLUMNS = (
    "id", "code", "title", "description", "category_id", "owner_resident_id", "owner_hub_id", "hub_id", "lends",
    "swaps", "gives", "condition", "value_cents", "max_days", "notices", "picture", "search_text", "lat", "lon",
    "precision_m", "coarse_lat", "coarse_lon", "created_at", "updated_at",
)  # fmt: skip
LOAN_COLUMNS = (
    "id", "item_id", "borrower_id", "owner_id", "hub_id", "claim_id", "status", "first_day", "due", "requested_at",
    "reserved_at", "checked_out_at", "checked_in_at", "ended_at",
)  # fmt: skip
