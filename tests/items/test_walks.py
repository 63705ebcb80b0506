"""Searches at random places with random wishes, page by page while neighbours post, against a plain walk over the
whole catalogue: which objects, in which order, how far. 200 of them with MOVILAB_FULL."""

import math
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock, codes
from app.core.db import transaction
from app.finding import near, near_words, plans
from app.finding.asked import asked
from app.finding.search import MOST_RELEVANT
from app.finding.words import forms, told
from app.geo.distance import metres
from app.items import search
from app.items.filters import Wanted
from app.items.models import Item, ItemClaim
from tests import factories as make
from tests.harness.databases import FEW
from tests.harness.sizes import sized

TOWNS = (
    (44.9334, 4.8924),
    (44.7275, 5.0214),
    (44.6975, 5.1965),
    (45.1885, 5.7245),
    (-16.8, 179.97),
    (89.6, 10.0),
)
TITLES = (
    "Perceuse 18 V", "Perceuse à colonne", "Échelle double", "Échelles de toit (la paire)", "Scie à onglet",
    "Scies cloches", "Tente 4 places", "Tentes", "Cœur d’artichaut", "L’ÉCHELLE", "Mini-perceuse", "Vélo pliant",
    "Remorque à vélo",
)  # fmt: skip
QUERIES = (
    "",
    "",
    "perceuse",
    "echelles",
    "scie",
    "l'échelle",
    "tente",
    "velos",
    "perceuses 18v",
    "remorque vélo",
)
OBJECTS = 450


@dataclass
class Town:
    """The catalogue as the test knows it: plain rows beside those of the database."""

    rng: random.Random
    owner: Any
    hub: Any
    shelf: int
    things: list[Item]
    claims: dict[int, ItemClaim]

    def post(self, count: int, *, at: datetime, oldest_hours: int = 0) -> None:
        """Some more objects, some of them out."""
        made = [self._object(at, oldest_hours) for _ in range(count)]
        with transaction() as session:
            session.add_all(made)
            session.flush()
            for thing in made:
                if self.rng.random() < 0.4:
                    day = at.date() + timedelta(days=self.rng.randrange(-3, 3))
                    claim = ItemClaim(
                        item_id=thing.id,
                        kind="own",
                        first_day=day,
                        end_day=day + timedelta(days=self.rng.choice((1, 4, 15))),
                        uncertain=self.rng.random() < 0.2,
                    )
                    session.add(claim)
                    self.claims[thing.id] = claim
        self.things += made

    def _object(self, at: datetime, oldest_hours: int) -> Item:
        rng = self.rng
        town = rng.choice(TOWNS)
        lat = max(-89.9, min(89.9, town[0] + rng.gauss(0, 0.05)))
        lon = (town[1] + rng.gauss(0, 0.07) + 180) % 360 - 180
        here = (self.hub.lat, self.hub.lon) if rng.random() < 0.2 else (lat, lon)
        of_hub = rng.random() < 0.3
        return Item(
            code=str(codes.new(codes.ITEM)),
            title=rng.choice(TITLES),
            category_id=self.shelf,
            owner_resident_id=None if of_hub else self.owner.id,
            owner_hub_id=self.hub.id if of_hub else None,
            condition=rng.choice(("new", "good", "good", "worn")),
            status="active" if rng.random() < 0.95 else "retired",
            lat=here[0],
            lon=here[1],
            coarse_lat=round(here[0], 1),
            coarse_lon=round(here[1], 1),
            created_at=at - timedelta(hours=rng.randrange(oldest_hours + 1)),
            updated_at=at,
        )


@pytest.fixture
def town(app: Flask) -> Town:
    made = Town(random.Random(21), make.resident(), make.hub(), make.category().id, [], {})
    made.post(OBJECTS, at=clock.now(), oldest_hours=2000)
    return made


def holds(title: str, q: str) -> bool:
    """Every word by some form of its own: what is looked for has no other names here."""
    kept = {form for word in told(title) for form in forms(word)}
    kept |= set(forms("miniperceuse")) if title == "Mini-perceuse" else set()
    return all(kept & set(forms(word)) for word in told(q))


def expected(
    town: Town, wanted: Wanted, *, signed_in: bool, moment: datetime
) -> list[tuple[int, int | None]]:
    """(id, metres) in order, by looking at every object."""
    found = []
    for thing in town.things:
        at = (thing.lat, thing.lon) if signed_in else (thing.coarse_lat, thing.coarse_lon)
        far = metres(*wanted.near, *at) if wanted.near else None
        fits = (
            thing.status == "active"
            and thing.created_at <= moment
            and (not wanted.q or holds(thing.title, wanted.q))
            and (far is None or wanted.radius_km is None or far <= 1000 * wanted.radius_km)
            and (not wanted.owner or (thing.owner_hub_id is not None) == (wanted.owner == "hub"))
            and (not wanted.condition or thing.condition == wanted.condition)
        )
        if fits:
            found.append((thing, far))
    newest = sorted(found, key=lambda one: (one[0].created_at, one[0].id), reverse=True)
    nearest = sorted(found, key=lambda one: (one[1] or 0, one[0].id))
    if wanted.sort == "new":
        return [(thing.id, far) for thing, far in newest]
    if wanted.sort == "near":
        return [(thing.id, far) for thing, far in nearest]
    candidates = (nearest if wanted.near else newest)[:MOST_RELEVANT]
    words = asked(wanted.q)
    alike = {thing.id: -words.fit(thing.search_text).unlike if wanted.q else 1.0 for thing, _ in candidates}
    best = max(alike.values(), default=1.0)

    def score(thing: Item, far: int | None) -> float:
        age = (moment - thing.created_at).total_seconds() / 86_400
        near = math.exp(-far / 3000) if far is not None else 0.0
        parts = 0.4 * near + 0.25 * alike[thing.id] / best + 0.15 * 0.5 + 0.1 * 0.5 + 0.1 * 2 ** (-age / 30)
        return free(town.claims.get(thing.id), clock.day_at(moment, "Europe/Paris")) * parts

    ranked = sorted(candidates, key=lambda one: (-score(*one), one[0].id))
    return [(thing.id, far) for thing, far in ranked]


def free(claim: ItemClaim | None, today: date) -> float:
    if claim is None or claim.first_day > today or (claim.end_day <= today and not claim.uncertain):
        return 1.0
    return 0.25 if claim.uncertain or (claim.end_day - today).days > 7 else 0.6


def wish(rng: random.Random) -> tuple[Wanted, bool]:
    town = rng.choice(TOWNS)
    place = (
        round(max(-89.9, min(89.9, town[0] + rng.gauss(0, 0.1))), 3),
        round(town[1] + rng.gauss(0, 0.02), 3),
    )
    if rng.random() < 0.1:
        place = (round(rng.uniform(-85, 85), 3), round(rng.uniform(-180, 180), 3))
    sort = rng.choice(("near", "near", "relevance", "new"))
    near = None if sort != "near" and rng.random() < 0.2 else place
    radius = rng.choice((None, 0.4, 2.0, 8.0, 30.0, 700.0, 20_000.0)) if near else None
    wanted = Wanted(
        q=rng.choice(QUERIES),
        near=near,
        radius_km=radius,
        owner=rng.choice(("", "", "", "hub", "resident")),
        condition=rng.choice(("", "", "", "", "good")),
        sort=sort,
    )
    return wanted, rng.random() < 0.7


@pytest.mark.parametrize("rare", [plans.RARE, 20, 0], ids=["rare words", "both", "common words"])
def test_pages_are_those_of_a_plain_walk(town: Town, rare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are looked at first, as a set or along the way, as they are rare or common, near a place by cells of it;
    nothing else may change."""
    monkeypatch.setattr(plans, "RARE", rare)
    monkeypatch.setattr(plans, "SHARE", 3 if rare else 10**9)
    monkeypatch.setattr(near_words, "FEW", min(near_words.FEW, rare))
    plans.Remembered.forget_all()
    rng = random.Random(rare)
    now = clock.now()
    for number in range(sized(200) if rare == plans.RARE else sized(100)):
        wanted, signed_in = wish(rng)
        now += timedelta(minutes=7)
        hoped = expected(town, wanted, signed_in=signed_in, moment=now)
        limit = max(rng.choice((7, 20, 100)), len(hoped) // 6)
        seen: list[tuple[int, int | None]] = []
        cursor = None
        later = now
        while True:
            page = search.page(
                wanted, signed_in=signed_in, cursor=cursor, limit=limit, now=later, strictly=True
            )
            seen += [(line.id, line.metres) for line in page.lines]
            cursor = page.next
            if cursor is None:
                break
            later += timedelta(minutes=1)
            town.post(1, at=later)
        assert seen == hoped, (number, wanted)
    plans.Remembered.forget_all()


@pytest.mark.parametrize("database", FEW, indirect=True)
def test_how_far_one_had_to_look_a_moment_ago_changes_nothing(town: Town) -> None:
    """The same wish from another door of the neighbourhood, with new objects in between: nearer ones than before are
    found first, and what was remembered is made use of."""
    plans.Remembered.forget_all()
    rng, now, spared = random.Random(5), clock.now(), 0
    for number in range(24):
        lat, lon = rng.choice(TOWNS)
        lat, lon = round(lat + rng.gauss(0, 0.3) if lat < 80 else lat, 2), round(lon, 2)
        signed_in = rng.random() < 0.5
        for _ in range(3):
            here = (lat + rng.uniform(-0.004, 0.004), lon + rng.uniform(-0.004, 0.004))
            wanted = Wanted(near=here, sort="near")
            hoped = expected(town, wanted, signed_in=signed_in, moment=now)[:20]
            page = search.page(wanted, signed_in=signed_in, limit=20, now=now)
            assert [(line.id, line.metres) for line in page.lines] == hoped, (number, here)
            now += timedelta(minutes=1)
            town.post(4, at=now)
        spared += any(km > 0 for _, km in near._too_small._kept.values())
    assert spared == 24
    plans.Remembered.forget_all()
