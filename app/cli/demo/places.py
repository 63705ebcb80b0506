"""The territories and hubs of the demo, and the shelves of the catalogue."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.cli.demo.days import Days
from app.cli.demo.people import HubHere, moment
from app.cli.demo.reading import Shelf
from app.cli.demo.rows import Rows
from app.geo.distance import metres
from app.geo.places import lineage
from app.hubs.models import Closure, Hub, OpeningHours, Territory
from app.hubs.rules import ClosedDays, LendingPolicy, OpenDays, Opening
from app.items.models import Category

NEAR_M = 15_000


def open_shelves(rows: Rows, shelves: tuple[Shelf, ...]) -> dict[str, int]:
    """The id of each category by its slug; those that are missing are added."""
    there = dict(iter(rows.session.execute(select(Category.slug, Category.id))))
    if there:
        missing = {shelf.slug for shelf in shelves} - there.keys()
        if missing:
            raise RuntimeError(f"the catalogue lacks {sorted(missing)}")
        return there
    for position, shelf in enumerate(shelves):
        there[shelf.slug] = rows.add(
            Category,
            slug=shelf.slug,
            name_fr=shelf.name_fr,
            name_en=shelf.name_en,
            parent_id=there[shelf.parent] if shelf.parent else None,
            drawing=shelf.drawing,
            position=position,
        )
    return there


def open_hubs(rows: Rows, hubs: list[dict[str, Any]], *, today: date) -> list[HubHere]:
    """Write the hubs with their hours, and the territories they lie in; closures count from today."""
    ids: dict[str, int] = {}
    here = [_open_hub(rows, hub, _territory(rows, hub["territory"], ids), today=today) for hub in hubs]
    for one in here:
        one.near = [
            other
            for other in here
            if other is not one and metres(one.lat, one.lon, other.lat, other.lon) < NEAR_M
        ]
    return here


def _territory(rows: Rows, insee_code: str, ids: dict[str, int]) -> int:
    """The number of this commune, written once with all it belongs to."""
    above: int | None = None
    for area in reversed(lineage(insee_code)):
        if area.code not in ids:
            ids[area.code] = rows.add(
                Territory, insee_code=area.code, name=area.name, kind=area.kind, parent_id=above
            )
        above = ids[area.code]
    if above is None:
        raise RuntimeError(f"the gazetteer knows no commune {insee_code}")
    return above


def _open_hub(rows: Rows, hub: dict[str, Any], territory_id: int, *, today: date) -> HubHere:
    week = [
        Opening(span["weekday"], time.fromisoformat(span["opens"]), time.fromisoformat(span["closes"]))
        for span in hub["opening_hours"]
    ]
    closures = [
        ClosedDays(
            today + timedelta(days=span["from_day"]), today + timedelta(days=span["to_day"]), span["why"]
        )
        for span in hub["closures"]
    ]
    number = rows.add(
        Hub,
        **{
            key: hub[key]
            for key in ("slug", "name", "kind", "description", "address", "lat", "lon", "shelves")
        },
        timezone=hub["timezone"],
        locale=hub["locale"],
        accessibility=hub["accessibility"],
        policy=hub["policy"],
        territory_id=territory_id,
        created_at=_founded(today),
    )
    for opening in week:
        rows.add(
            OpeningHours, hub_id=number, weekday=opening.weekday, opens=opening.opens, closes=opening.closes
        )
    for closure in closures:
        rows.add(
            Closure, hub_id=number, first_day=closure.first_day, last_day=closure.last_day, why=closure.why
        )
    policy = LendingPolicy.with_changes(hub["policy"])
    open_days = OpenDays(timezone=hub["timezone"], week=tuple(week), closures=tuple(closures), country="FR")
    return HubHere(
        id=number,
        slug=hub["slug"],
        name=hub["name"],
        lat=hub["lat"],
        lon=hub["lon"],
        days=Days(open_days, today=today),
        shelves=hub["shelves"],
        weight=hub["weight"],
        loan_days=policy.loan_days,
        turnaround=policy.turnaround_days,
    )


def _founded(today: date) -> datetime:
    return moment(today - timedelta(days=795), 7)
