"""The gazetteer: every French commune, by name, by postcode, by its INSEE code, near a point. It needs no network.

It is one small read-only file (`gazetteer/`, made by `scripts/gazetteer.py`), beside the real database and the same
on each: no table, no migration, no memory of a worker's own. Each thread of each process opens it when it first asks.
Positions come in four qualities (`Commune.precision`); what is not exact says so on the page.
"""

import os
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.core.text import one_line
from app.geo import rules
from app.geo.distance import from_here
from app.geo.spelling import keys, looked_for, words

FOLDER = Path(__file__).parent / "gazetteer"
FILE = FOLDER / "communes.db"
PARTS = 100_000
"""Of a degree, in the file: about a metre."""
KINDS = ("commune", "borough", "former")
"""A commune; a borough of Paris, Lyon or Marseille; a commune that has joined another and whose name people use."""
PRECISIONS = ("exact", "postcode", "district", "commune", "none")
"""Where a place's point comes from: its own; the middle of its neighbours with the same postcode (half of them within
4.4 km), of its district (14 km), of the commune it is a part of; or it has none."""
COUNTRIES = frozenset(("FR", "GF", "GP", "MQ", "RE", "YT", "BL", "MF", "NC", "PF", "PM", "WF"))
"""Whose communes are known, by the codes of ISO 3166."""
CREDITS = (
    ("INSEE, La Poste, Etalab", "https://github.com/datagouv/decoupage-administratif", "Licence Ouverte"),
    ("GeoNames", "https://www.geonames.org/", "CC BY 4.0"),
    ("Base Adresse Nationale", "https://adresse.data.gouv.fr/", "Licence Ouverte"),
)
"""Who is named at the foot of every page, as their licences ask: names, addresses, licences. The texts of the
licences, and what was changed, stand in `gazetteer/README.md`."""
LONGEST = 100
"""Nobody types more to name a place; the rest is not looked at."""
SUGGESTED = 8
NAMED_WITHIN_KM = 15.0
"""Farther from any commune a point has no name."""
ADDRESS_WITHIN_M = 60_000
"""A commune that an address names and that is farther from its point is a namesake."""
ROUNDED_M = 200
"""Addresses keep three decimals of a degree."""
STEPS_KM = (3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, or a part of one that people name: a borough, a former commune. `code` is INSEE's; `commune` the code
    of the whole (its own for a commune); degrees; `kind` one of `KINDS`, `precision` of `PRECISIONS`."""

    code: str
    name: str
    kind: str
    commune: str
    department: str
    department_name: str
    postcodes: tuple[str, ...]
    people: int
    lat: float | None
    lon: float | None
    precision: str

    @property
    def approximate(self) -> bool:
        """Whether the page must say that its position is not exact."""
        return self.precision != "exact"

    @property
    def at(self) -> tuple[float, float] | None:
        """Its point, where it has one; everything that is found by name, postcode or point has."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    @property
    def label(self) -> str:
        """ "Saillans (26)": with its department, that tells namesakes apart."""
        return f"{self.name} ({self.department})"


@dataclass(frozen=True, slots=True)
class Area:
    """A commune or a grouping, on the way from a commune to its region. `kind`: commune, intercommunality,
    department, region (whose code is written R84, because 84 is a department)."""

    code: str
    name: str
    kind: str


# -- looking up -------------------------------------------------------------------------------------------


def find(text: str | None, *, limit: int = SUGGESTED) -> list[Commune]:
    """The places that somebody may mean who has typed this so far: a name or its beginning, with or without accents,
    hyphens, article ("saint etienne", "St Etienne", "isle d'abeau"), a postcode or its beginning, or both ("26340
    Saillans", "Saillans (26)", "Saillans, Drôme"). Whole names before beginnings, then the biggest first."""
    parts = words(one_line((text or "")[: 4 * LONGEST])[:LONGEST])
    figures = next((part for part in parts if _is_figures(part)), "")
    name = [part for part in parts if part != figures] if figures else parts
    if figures and not name:
        return _by_postcode(figures, limit)
    found = _by_name(looked_for(name), figures, limit)
    if not found and figures:
        found = _by_name(looked_for(parts), "", limit)  # "Paris 11"
    return found or _by_name_and_department(name, limit)


def written_in(text: str) -> list[Commune]:
    """The commune that ends an address ("12 rue Haute, 26340 Saillans"), whole names only."""
    said = [word for word in words(one_line(text[: 4 * LONGEST])[: 2 * LONGEST]) if word != "cedex"]
    for cut in range(1, len(said)):
        meant = {"".join(part for part in said[cut:] if not _is_figures(part)), *said[cut : cut + 1]}
        found = [
            place
            for place in find(" ".join(said[cut:]))
            if meant & (keys(place.name).keys() | {*place.postcodes})
        ]
        if found:
            return found
    return []


def by_code(code: str) -> Commune | None:
    """The place with this INSEE code; where a former commune has kept it, the commune of today."""
    rows = _rows(_CODED, (code,))
    return rows[0] if rows else None


def nearest(lat: float, lon: float, *, within_km: float = NAMED_WITHIN_KM) -> Commune | None:
    """The commune whose own, exact point is nearest; None where there is none within so many kilometres."""
    found = _nearest(lat, lon, within_km, centres=False)
    rows = _rows(_ONE, (found,)) if found else []
    return rows[0] if rows else None


def named(lat: float, lon: float, code: str | None = None) -> str:
    """What neighbours call this spot, for "Autour de Saillans": the place with this INSEE code, if it lies here, else
    the nearest commune; "" far from any."""
    if code:
        meant = by_code(code[:5])
        if meant and meant.at and from_here(lat, lon)(*meant.at) < ROUNDED_M:
            return meant.name
    found = nearest(lat, lon)
    return found.name if found else ""


def coarse(lat: float, lon: float) -> rules.Place:
    """What those who are not logged in see of an object kept at home, from its published point (the centre of its
    1 km cell): the centre of the commune, and the 10 km cell where no commune is near.

    It tells nothing that the published point does not tell. Centres stand 2 km apart at least, so that nobody can be
    found in a narrow strip between two, and never farther than a corner of a 10 km cell is from its middle: the width
    said, `COARSE_M`, is true of both, and the same for every object."""
    found = _centre(lat, lon)
    return found or rules.cell(lat, lon, rules.COARSE_M)


def lineage(code: str) -> list[Area]:
    """A commune and all it belongs to, the smallest first: commune, intercommunality where there is one, department,
    region. A borough and a former commune belong to their commune. Empty for an unknown code."""
    place = by_code(code)
    if place is not None and place.kind != "commune":
        place = by_code(place.commune)
    if place is None:
        return []
    above = _connection().execute(_LINEAGE, {"code": place.code}).fetchall()
    return [Area(place.code, place.name, "commune"), *(Area(*row) for row in above)]


def commune_of(address: str, lat: float, lon: float) -> Commune | None:
    """The commune of a postal address ("12 rue Haute, 26340 Saillans") that stands at this point: the one that is
    written there, if it is not far, else the nearest."""
    here = from_here(lat, lon)
    for place in written_in(address):
        if place.kind == "commune" and place.at and here(*place.at) < ADDRESS_WITHIN_M:
            return place
    return nearest(lat, lon, within_km=30)


# -- statements -------------------------------------------------------------------------------------------

_SELECT = """
SELECT place.code, place.name, place.kind, coalesce(place.commune, place.code), place.department, area.name,
       place.postcodes, place.people, place.lat, place.lon, place.precision
FROM place JOIN area ON area.code = place.department
"""
_ONE = f"{_SELECT} WHERE place.id = ?"
_CODED = f"{_SELECT} WHERE place.code = ? ORDER BY place.kind LIMIT 1"
# Which places are meant is decided on the indexes alone; only those that are shown are read.
_SPELLED = """
SELECT place AS id, min(2 * later + (key <> :key)) AS match FROM spelled
WHERE key >= :key AND key < :key || '~' {there} GROUP BY place ORDER BY match, place LIMIT :limit
"""
_THERE = """
AND place IN (SELECT place FROM postcode WHERE postcode >= :figures AND postcode < :figures || '~'
              UNION ALL SELECT id FROM place WHERE department = upper(:figures))
"""
_POSTED = """
SELECT postcode.place AS id, min(2 * (postcode <> :figures) + (place.kind <> 1)) AS match
FROM postcode JOIN place ON place.id = postcode.place
WHERE postcode >= :figures AND postcode < :figures || '~' GROUP BY postcode.place ORDER BY match, id LIMIT :limit
"""
_MEANT = f"{_SELECT} JOIN ({{meant}}) AS meant ON meant.id = place.id ORDER BY meant.match, place.id"
_BY_NAME = _MEANT.format(meant=_SPELLED.format(there=""))
_BY_NAME_THERE = _MEANT.format(meant=_SPELLED.format(there=_THERE))
_BY_POSTCODE = _MEANT.format(meant=_POSTED)
_KNOWN = """
SELECT lat, lon, place FROM known WHERE lat BETWEEN ?1 AND ?2 AND lon BETWEEN ?3 AND ?4 AND centre >= ?5
"""
_KNOWN_ACROSS = """
SELECT lat, lon, place FROM known WHERE lat BETWEEN ?1 AND ?2 AND (lon >= ?3 OR lon <= ?4) AND centre >= ?5
"""
_LINEAGE = """
WITH RECURSIVE up (code, name, kind, parent, step) AS (
    SELECT area.code, area.name, area.kind, area.parent, 1 FROM area JOIN place ON place.parent = area.id
    WHERE place.code = :code AND place.kind = 0
    UNION ALL SELECT area.code, area.name, area.kind, area.parent, up.step + 1 FROM area JOIN up ON area.id = up.parent
)
SELECT code, name, kind FROM up ORDER BY step
"""


def _is_figures(part: str) -> bool:
    """A postcode or its beginning, or the number of a department (2A and 2B in Corsica)."""
    return (part.isdigit() and 2 <= len(part) <= 5) or part in ("2a", "2b")


def _by_postcode(figures: str, limit: int) -> list[Commune]:
    """A borough before its city, where both have the postcode."""
    return _rows(_BY_POSTCODE, {"figures": figures, "limit": limit})


def _by_name(keys: Sequence[str], figures: str, limit: int) -> list[Commune]:
    """By each spelling; `figures` is a department or the beginning of a postcode that it must have."""
    found: dict[tuple[str, str], Commune] = {}
    for key in keys:
        sql = _BY_NAME_THERE if figures else _BY_NAME
        for place in _rows(sql, {"key": key, "figures": figures, "limit": limit}):
            found.setdefault((place.code, place.name), place)
    return list(found.values())[:limit]


def _by_name_and_department(name: list[str], limit: int) -> list[Commune]:
    """ "Saillans, Drôme": the last words are those of a department."""
    for cut in range(1, len(name)):
        code = _departments().get("".join(name[cut:]))
        if code:
            return _by_name(looked_for(name[:cut]), code, limit)
    return []


@lru_cache(maxsize=1)
def _departments() -> dict[str, str]:
    rows = _connection().execute("SELECT code, name FROM area WHERE kind = 'department'")
    return {"".join(words(name)): code for code, name in rows}


@lru_cache(maxsize=4096)
def _centre(lat: float, lon: float) -> rules.Place | None:
    reach_km = rules.COARSE_M / 1000 / 2**0.5
    number = _nearest(lat, lon, reach_km, centres=True)
    if number is None:
        return None
    at = _connection().execute("SELECT lat, lon FROM place WHERE id = ?", (number,)).fetchone()
    return rules.Place(at[0] / PARTS, at[1] / PARTS, rules.COARSE_M)


def _nearest(lat: float, lon: float, within_km: float, *, centres: bool) -> int | None:
    """The number of the nearest known commune, by the growing box; the farthest box reaches to the limit."""
    if not rules.valid(lat, lon):
        return None
    distance = from_here(lat, lon)
    for km in [*(step for step in STEPS_KM if step < within_km), within_km]:
        best = min(
            ((distance(row[0] / PARTS, row[1] / PARTS), row[2]) for row in _known_in(lat, lon, km, centres)),
            default=None,
        )
        if best is not None and best[0] <= 1000 * km:
            return best[1]
    return None


def _known_in(lat: float, lon: float, km: float, centres: bool) -> list[tuple[int, int, int]]:
    box = rules.box_around(lat, lon, km)
    edges = [round(PARTS * degrees) for degrees in (box.south, box.north, box.west, box.east)]
    sql = _KNOWN if box.west <= box.east else _KNOWN_ACROSS
    return _connection().execute(sql, (*edges, int(centres))).fetchall()


def _rows(sql: str, values: Any) -> list[Commune]:
    return [_commune(row) for row in _connection().execute(sql, values)]


def _commune(row: Sequence[Any]) -> Commune:
    code, name, kind, commune, department, department_name, postcodes, people, lat, lon, precision = row
    return Commune(
        code=code,
        name=name,
        kind=KINDS[kind],
        commune=commune,
        department=department,
        department_name=department_name,
        postcodes=tuple(postcodes.split()),
        people=people,
        lat=None if lat is None else lat / PARTS,
        lon=None if lon is None else lon / PARTS,
        precision=PRECISIONS[precision],
    )


# -- the file ---------------------------------------------------------------------------------------------

_here = threading.local()


def _connection() -> sqlite3.Connection:
    """This thread's own, opened again in a process that was forked since: SQLite's connections may not cross a fork."""
    mine: tuple[int, sqlite3.Connection] | None = getattr(_here, "opened", None)
    if mine is None or mine[0] != os.getpid():
        connection = sqlite3.connect(f"{FILE.as_uri()}?mode=ro&immutable=1", uri=True)
        connection.execute("PRAGMA cache_size = -256")
        connection.execute(f"PRAGMA mmap_size = {FILE.stat().st_size}")
        mine = _here.opened = (os.getpid(), connection)
    return mine[1]
