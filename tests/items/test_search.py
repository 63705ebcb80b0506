"""Finding objects: every page of every order against a plain walk over the whole catalogue."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock, codes
from app.core.db import db, transaction
from app.core.errors import Malformed
from app.finding.words import folded, told
from app.geo.distance import metres
from app.geo.rules import COARSE_M, PUBLISHED_M, Place, cell
from app.hubs.models import Hub
from app.items import queries, search
from app.items.filters import Wanted
from app.items.models import Category, Item, ItemClaim
from tests import factories as make

TOWNS = (
    (44.9334, 4.8924),
    (44.7275, 5.0214),
    (44.6975, 5.1965),
    (45.1885, 5.7245),
    (-0.01, 0.01),
    (64.15, -21.94),
)
EDGE = ((-16.8, 179.95), (-16.8, -179.96), (89.7, 10.0))
TITLES = (
    "Perceuse 18 V",
    "Échelle double",
    "Scie à onglet",
    "Tente 4 places",
    "Cœur d’artichaut",
    "L’ÉCHELLE",
    "Mini-perceuse",
)


@pytest.fixture
def catalogue(app: Flask) -> list[Item]:
    """Objects in heaps around towns, some alone far away, across the date line and near the pole."""
    rng = random.Random(7)
    shelves = [make.category("bricolage"), make.category("jardin")]
    shelves.append(make.category("perceuses", parent_id=shelves[0].id))
    hubs = [make.hub(place=town, policy={"same_day_handover": i == 0}) for i, town in enumerate(TOWNS[:3])]
    owner = make.resident()
    now = clock.now()
    objects = []
    for n in range(260):
        town = rng.choice(TOWNS + EDGE)
        hub = rng.choice(hubs) if rng.random() < 0.3 else None
        lat = max(-89.9, min(89.9, town[0] + rng.gauss(0, 0.03)))
        here = (hub.lat, hub.lon) if hub else (lat, (town[1] + rng.gauss(0, 0.05) + 180) % 360 - 180)
        fine = cell(*here, PUBLISHED_M)
        coarse = Place(*here) if hub else cell(*here, COARSE_M)
        objects.append(
            Item(
                code=str(codes.numbered(codes.ITEM, n)),
                title=rng.choice(TITLES),
                category_id=rng.choice(shelves).id,
                owner_resident_id=owner.id,
                hub_id=hub.id if hub else None,
                lends=(lends := rng.random() < 0.8),
                gives=not lends,
                buffer_days=rng.choice((0, 0, 2)),
                status="active" if rng.random() < 0.95 else "retired",
                lat=here[0] if hub else fine.lat,
                lon=here[1] if hub else fine.lon,
                precision_m=0 if hub else PUBLISHED_M,
                coarse_lat=coarse.lat,
                coarse_lon=coarse.lon,
                created_at=now - timedelta(hours=rng.randrange(40)),
                updated_at=now,
            )
        )
    with transaction() as session:
        session.add_all(objects)
        session.flush()
        for thing in objects:
            day = now.date() + timedelta(days=rng.randrange(8))
            if rng.random() < 0.6:
                session.add(
                    ItemClaim(
                        item_id=thing.id,
                        kind="own",
                        first_day=day,
                        end_day=day + timedelta(days=rng.randrange(1, 4)),
                    )
                )
    return objects


def walk(
    wanted: Wanted, *, limit: int = 17, signed_in: bool = True, now: datetime | None = None
) -> list[Any]:
    """Every line of every page."""
    found: list[Any] = []
    cursor = None
    while True:
        page = search.page(wanted, signed_in=signed_in, cursor=cursor, limit=limit, now=now or clock.now())
        assert len(page.lines) <= limit
        found += page.lines
        cursor = page.next
        if cursor is None:
            return found
        assert len(page.lines) == limit


def far(thing: Item, place: tuple[float, float], *, signed_in: bool = True) -> int:
    return metres(*place, *((thing.lat, thing.lon) if signed_in else (thing.coarse_lat, thing.coarse_lon)))


def places(count: int) -> list[tuple[float, float]]:
    rng = random.Random(11)
    near = [(t[0] + rng.gauss(0, 0.05), t[1] + rng.gauss(0, 0.05)) for t in rng.choices(TOWNS, k=count - 8)]
    far_away = [(rng.uniform(-85, 85), rng.uniform(-180, 180)) for _ in range(5)]
    return [(round(lat, 3), round(lon, 3)) for lat, lon in [*near, *EDGE, *far_away]]


@pytest.mark.parametrize("signed_in", [True, False])
def test_near_is_the_whole_catalogue_in_order_of_distance(catalogue: list[Item], signed_in: bool) -> None:
    for number, place in enumerate(places(50)):
        radius = (None, 0.5, 3.0, 40.0, 900.0, 20_000.0)[number % 6]
        expected = sorted(
            (far(thing, place, signed_in=signed_in), thing.id)
            for thing in catalogue
            if thing.status == "active"
        )
        expected = [hit for hit in expected if radius is None or hit[0] <= 1000 * radius]
        wanted = Wanted(near=place, radius_km=radius, sort="near")
        lines = walk(
            wanted, signed_in=signed_in, limit=(1, 7, 20, 100)[number % 4] if len(expected) < 60 else 50
        )
        assert [(line.metres, line.id) for line in lines] == expected


def test_what_others_see_is_coarser(catalogue: list[Item]) -> None:
    wanted = Wanted(near=TOWNS[0], sort="near")
    by_id = {thing.id: thing for thing in catalogue}
    for line in walk(wanted, signed_in=False, limit=100):
        thing = by_id[line.id]
        width = 0 if thing.hub_id else COARSE_M
        assert (line.lat, line.lon, line.precision_m) == (thing.coarse_lat, thing.coarse_lon, width)
    for line in walk(wanted, signed_in=True, limit=100):
        assert (line.lat, line.lon) == (by_id[line.id].lat, by_id[line.id].lon)


def test_newest_first_also_inside_a_circle(catalogue: list[Item]) -> None:
    active = sorted(
        (thing for thing in catalogue if thing.status == "active"),
        key=lambda t: (t.created_at, t.id),
        reverse=True,
    )
    assert [line.id for line in walk(Wanted())] == [thing.id for thing in active]
    place = TOWNS[1]
    near = [thing.id for thing in active if far(thing, place) <= 12_000]
    lines = walk(Wanted(near=place, radius_km=12, sort="new"), limit=3)
    assert [line.id for line in lines] == near
    assert all(line.metres == far(next(t for t in catalogue if t.id == line.id), place) for line in lines)


def matches(thing: Item, q: str) -> bool:
    words = folded(thing.title).split()
    return all(any(word.startswith(typed) for word in words) for typed in told(q))


@pytest.mark.parametrize(
    "q", ["perceuse", "ECHELLE", "éch", "coeur", "18 perc", "l'échelle", "mini", "18", "perceuse mini"]
)
def test_the_beginnings_of_words_are_found_whatever_the_accents(catalogue: list[Item], q: str) -> None:
    expected = {thing.id for thing in catalogue if thing.status == "active" and matches(thing, q)}
    assert expected
    place = TOWNS[0]
    for wanted in (
        Wanted(q=q, sort="new"),
        Wanted(q=q, near=place, sort="near"),
        Wanted(q=q, sort="relevance"),
    ):
        lines = walk(wanted)
        assert len(lines) == len({line.id for line in lines})
        assert {line.id for line in lines} == expected


@pytest.mark.parametrize("q", ["zzz", "%", "_", "???", "'; DROP TABLE item;--", "\\"])
def test_words_that_nobody_wrote_find_nothing(catalogue: list[Item], q: str) -> None:
    assert walk(Wanted(q=q, sort="relevance")) == []


def test_relevance_ends_somewhere(catalogue: list[Item], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.finding.search.MOST_RELEVANT", 10)
    assert len(walk(Wanted(q="p", sort="relevance"), limit=4)) == 10
    nearest = walk(Wanted(q="p", near=TOWNS[0], sort="relevance"), limit=4)
    assert {line.id for line in nearest} == {
        line.id for line in walk(Wanted(q="p", near=TOWNS[0], sort="near"), limit=100)[:10]
    }


def test_filters_narrow_it_down(catalogue: list[Item]) -> None:
    active = [thing for thing in catalogue if thing.status == "active"]
    shelves = {shelf.slug: shelf.id for shelf in db.session.query(Category)}
    hub = db.session.query(Hub).first()

    def ids(**what: Any) -> set[int]:
        return {line.id for line in walk(Wanted(**what))}

    assert hub is not None
    assert ids(mode="give") == {t.id for t in active if t.gives}
    assert ids(mode="swap") == set()
    assert ids(category="jardin") == {t.id for t in active if t.category_id == shelves["jardin"]}
    assert ids(category="bricolage") == {
        t.id for t in active if t.category_id in (shelves["bricolage"], shelves["perceuses"])
    }
    assert ids(category="nobody-has-this") == set()
    assert ids(hub=hub.slug) == ids(hub=str(hub.id)) == {t.id for t in active if t.hub_id == hub.id}
    assert ids(hub="nowhere") == ids(hub="999999") == set()


@pytest.mark.parametrize(("first", "length"), [(0, 0), (1, 0), (2, 3), (9, 1), (0, 12)])
def test_free_days_meet_no_claim_with_each_objects_own_margin(
    catalogue: list[Item], first: int, length: int
) -> None:
    first_day = clock.now().date() + timedelta(days=first)
    due = first_day + timedelta(days=length)
    claims: dict[int, list[ItemClaim]] = {}
    for claim in db.session.query(ItemClaim):
        claims.setdefault(claim.item_id, []).append(claim)
    same_day = {hub.id for hub in db.session.query(Hub) if hub.policy.same_day_handover}

    def free(thing: Item) -> bool:
        margin = timedelta(days=thing.buffer_days + (0 if thing.hub_id in same_day else 1))
        end = max(first_day + timedelta(days=1), due + margin)
        return all(end <= c.first_day or c.end_day <= first_day for c in claims.get(thing.id, ()))

    expected = {thing.id for thing in catalogue if thing.status == "active" and free(thing)}
    assert {line.id for line in walk(Wanted(first_day=first_day, due=due))} == expected
    near = Wanted(first_day=first_day, due=due, near=TOWNS[2], sort="near")
    assert {line.id for line in walk(near)} == expected


def test_nothing_comes_twice_and_nothing_is_left_out_while_neighbours_post(
    catalogue: list[Item], clock: Any
) -> None:
    for wanted in (Wanted(near=TOWNS[0], sort="near"), Wanted(), Wanted(q="perceuse", sort="relevance")):
        clock.forward(hours=1)
        expected = {line.id for line in walk(wanted, now=clock.now)}
        seen: list[int] = []
        cursor = None
        while True:
            page = search.page(wanted, signed_in=True, cursor=cursor, limit=40, now=clock.now)
            seen += [line.id for line in page.lines]
            clock.forward(minutes=5)
            make.item("Perceuse toute neuve", owner=make.resident(home=TOWNS[0]))
            cursor = page.next
            if cursor is None:
                break
        assert len(seen) == len(set(seen))
        assert set(seen) == expected


def test_a_cursor_of_another_order_or_of_ones_own_making_is_refused(catalogue: list[Item]) -> None:
    cursor = search.page(Wanted(), signed_in=True, limit=2, now=clock.now()).next
    assert cursor
    for wanted, wrong in (
        (Wanted(near=TOWNS[0], sort="near"), cursor),
        (Wanted(), cursor + "x"),
        (Wanted(), "x"),
    ):
        with pytest.raises(Malformed):
            search.page(wanted, signed_in=True, cursor=wrong, now=clock.now())


@pytest.mark.parametrize("sort", ["near", "new", "relevance"])
def test_a_page_costs_four_statements_whatever_its_size(
    catalogue: list[Item], sort: str, query_count: Callable[..., Any]
) -> None:
    today = clock.now().date()
    wanted = Wanted(q="perceuse", near=TOWNS[0], sort=sort, first_day=today, due=today)
    for wished, most in (
        (wanted, 4),
        (replace(wanted, first_day=None, due=None), 4),
        (replace(wanted, q="", near=None, sort="new"), 4),
        (replace(wanted, q="perc"), 4),
        (replace(wanted, q="perseuse"), 4),
    ):
        with query_count() as statements:
            search.page(wished, signed_in=True, now=clock.now())
        assert len(statements) <= 6  # what it comes to is remembered
        for limit in (1, 20, 100):
            with query_count() as statements:
                search.page(wished, signed_in=True, limit=limit, now=clock.now())
            assert len(statements) <= most


def test_lines_say_whether_it_is_free_and_from_when(app: Flask, clock: Any) -> None:
    today = date(2026, 11, 25)  # a Wednesday, 10:00
    hub = make.hub(weekdays=(2, 4))  # Wednesdays and Fridays
    make.closure(hub, date(2026, 11, 27))
    free = make.item(hub=hub)
    out = make.item(hub=hub)
    make.claim(out, today, date(2026, 11, 28), "loan")
    late = make.item(hub=hub)
    make.claim(late, today - timedelta(days=9), today, "loan", uncertain=True)
    given = make.item(hub=hub, lends=False, gives=True)
    buffered = make.item(hub=hub, buffer_days=3)
    make.claim(buffered, date(2026, 11, 26), date(2026, 11, 27))
    at_home = make.item(owner=make.resident())
    retired = make.item(hub=hub, status="retired")

    def lines() -> dict[int, tuple[bool, date | None]]:
        all_ids = [thing.id for thing in (free, out, late, given, buffered, at_home, retired)]
        return {
            line.id: (line.free_now, line.next_free)
            for line in queries.lines(all_ids, signed_in=True, now=clock.now)
        }

    found = lines()
    assert found[free.id] == (True, today)
    assert found[out.id] == (False, date(2026, 12, 2))
    assert found[late.id] == (False, date(2026, 12, 2))
    assert found[given.id] == (True, None)
    assert found[buffered.id] == (True, date(2026, 12, 2))
    assert found[at_home.id] == (True, today)
    assert found[retired.id] == (False, None)
    clock.forward(hours=9)  # 19:00, the door is shut
    found = lines()
    assert found[free.id] == (True, date(2026, 12, 2))
    assert found[at_home.id] == (True, today)
