"""Where those who are not logged in see what is kept at homes, by the gazetteer of today."""

from collections.abc import Collection
from functools import partial

from sqlalchemy import select, update

from app.core.db import db
from app.core.jobs import in_one, keep_going
from app.finding.searched import Searched
from app.geo import places

AT_ONCE = 500


def place_all_anew(of: Searched) -> int:
    """After the gazetteer was changed, and for what was placed before there was one. How many have moved."""
    moved = 0
    after_id: int | None = 0
    while after_id is not None and keep_going():
        stale, after_id = _placed_otherwise(of, after_id=after_id)
        db.session.rollback()  # nothing is held while the next are read
        if stale:
            in_one(partial(_place_anew, of, stale))
            moved += len(stale)
    return moved


def _placed_otherwise(of: Searched, *, after_id: int) -> tuple[list[int], int | None]:
    """Of the next kept at homes, after the one with this number: those that people who are not logged in see elsewhere
    than the gazetteer has them now. And the number to go on after, None at the end."""
    one = of.table
    query = select(one.id, one.lat, one.lon, one.coarse_lat, one.coarse_lon)
    query = query.where(one.precision_m > 0, one.id > after_id).order_by(one.id).limit(AT_ONCE)
    rows = db.session.execute(query).all()
    stale = []
    for row in rows:
        far = places.coarse(row.lat, row.lon)
        if (far.lat, far.lon) != (row.coarse_lat, row.coarse_lon):
            stale.append(row.id)
    return stale, rows[-1].id if len(rows) == AT_ONCE else None


def _place_anew(of: Searched, ids: Collection[int]) -> None:
    """Work out again what those who are not logged in see. A gazetteer that knows more changes nothing that anybody said:
    versions stay."""
    one = of.table
    at = select(one.id, one.lat, one.lon).where(one.id.in_(ids), one.precision_m > 0)
    for row in db.session.execute(at.with_for_update()).all():
        far = places.coarse(row.lat, row.lon)
        there = {"coarse_lat": far.lat, "coarse_lon": far.lon}
        db.session.execute(update(one).where(one.id == row.id).values(there))
