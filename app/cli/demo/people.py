"""The neighbours of the demo territory, their homes and their memberships."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from app.accounts.models import Resident
from app.accounts.rules import DEMO_DOMAIN
from app.cli.demo.days import Days
from app.cli.demo.reading import Names
from app.cli.demo.rows import Rows
from app.core import codes
from app.geo import rules as geo
from app.hubs.models import Membership

PASSWORD = "demo-movilab-2026"
LOG_INS = (
    ("resident", "Nadia B."),
    ("resident2", "Samir L."),
    ("resident3", "Inès R."),
    ("volunteer", "Loïc P."),
    ("organizer", "Mona D."),
    ("coordinator", "Karim T."),
    ("steward", "Odile V."),
)
"""The seven demo log-ins, before the @, and the names they go by; their ids are 1 to 7 in this order."""
RESIDENT, RESIDENT2, RESIDENT3, VOLUNTEER, ORGANIZER, COORDINATOR, STEWARD = range(1, 8)

STAFF = (("coordinator",), ("organizer", "volunteer"), ("volunteer",), ("volunteer",))
"""The roles of the first members of each hub."""
CODE_STEP = 387_420_489
"""Odd, so that multiples of it never meet again among the 2**30 codes."""
FIRST_BORROWER_DAYS = 60
"""Who joined less than so many days ago has borrowed nothing yet."""


@dataclass(slots=True, eq=False)
class Neighbour:
    """Somebody who may own and borrow. `live` counts the loans that hold days now."""

    id: int
    name: str
    lat: float
    lon: float
    joined: date
    live: int = 0
    late: bool = False


@dataclass(slots=True, eq=False)
class HubHere:
    """One hub with its days, its people and its terms."""

    id: int
    slug: str
    name: str
    lat: float
    lon: float
    days: Days
    shelves: list[str]
    weight: int
    loan_days: int
    turnaround: int
    near: list["HubHere"] = field(default_factory=list)
    members: list[Neighbour] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)

    @property
    def coordinator(self) -> int:
        """Who answers for the place."""
        return COORDINATOR if self.id == 1 else self.staff[0]


Hashed = Callable[[str], str]
"""Turns a salt-like text into a password hash of `PASSWORD`."""


class Population:
    """Makes the residents of all hubs, the demo log-ins first."""

    def __init__(self, *, rows: Rows, rng: Random, hubs: list[HubHere], names: Names, today: date) -> None:
        self.rows = rows
        self.rng = rng
        self.hubs = hubs
        self.names = names
        self.today = today
        self.code_offset = rng.randrange(32**6)
        self.residents: list[str] = []
        """Everybody's name, in the order of their ids."""

    def settle(self, *, residents: int, spread_km: float, hashed: Hashed) -> None:
        """Write `residents` people in all: seven log-ins, the people who hold each hub, and their neighbours."""
        self._log_ins(hashed)
        shared = hashed("everybody")
        for hub in self.hubs:
            for roles in STAFF:
                self._neighbour(hub, shared, spread_km=1.5, roles=roles)
        weights = [hub.weight for hub in self.hubs]
        while self.rows.counts[Resident] < residents:
            hub = self.rng.choices(self.hubs, weights)[0]
            self._neighbour(hub, shared, spread_km=spread_km)
            self.rows.write_when_many()

    def _log_ins(self, hashed: Hashed) -> None:
        hub = self.hubs[0]
        for at, (login, name) in enumerate(LOG_INS):
            joined = self.today - timedelta(days=400 - 20 * at)
            self.residents.append(name)
            home = home_of_log_in(hub, at + 1)
            number = self.rows.add(
                Resident,
                name=name,
                email=f"{login}@{DEMO_DOMAIN}",
                email_confirmed_at=moment(joined, 9),
                password_hash=hashed(login),
                code=self._code(at),
                home_lat=home.lat,
                home_lon=home.lon,
                is_steward=login == "steward",
                created_at=moment(joined, 8),
                verified_in_person_at=moment(joined, 15),
            )
            self.rows.add(
                Membership,
                hub_id=hub.id,
                resident_id=number,
                status="verified",
                is_volunteer=login in {"volunteer", "coordinator"},
                is_organizer=login in {"organizer", "coordinator"},
                is_coordinator=login == "coordinator",
                joined_at=moment(joined, 9),
                verified_at=moment(joined, 15),
                verified_by_id=COORDINATOR if number != COORDINATOR else VOLUNTEER,
            )
        hub.staff += [VOLUNTEER, COORDINATOR]

    def _neighbour(
        self, hub: HubHere, password_hash: str, *, spread_km: float, roles: tuple[str, ...] = ()
    ) -> None:
        rng = self.rng
        newcomer = not roles and rng.random() < 0.05
        joined = self.today - timedelta(
            days=rng.randrange(6) if newcomer else rng.randrange(FIRST_BORROWER_DAYS, 780)
        )
        if roles:
            joined = self.today - timedelta(days=790)
        by_counter = not roles and not newcomer and rng.random() < 0.03
        confirmed = not by_counter and not (newcomer and rng.random() < 0.5)
        verified = not newcomer and (bool(roles) or by_counter or rng.random() < 0.93)
        suspended = verified and not roles and rng.random() < 0.015
        lat, lon = scattered(hub.lat, hub.lon, spread_km, rng)
        home = geo.cell(lat, lon, geo.HOME_M)
        first_name = rng.choice(self.names.first_names)
        number = self.rows.counts[Resident] + 1
        created = moment(joined, 8, rng.randrange(240))
        name = f"{first_name} {rng.choice(self.names.initials)}."
        self.residents.append(name)
        verified_at = moment(joined + timedelta(days=rng.randrange(1, 6)), 15) if verified else None
        self.rows.add(
            Resident,
            name=name,
            email=None if by_counter else f"{plain(first_name)}.{number}@{DEMO_DOMAIN}",
            email_confirmed_at=created + timedelta(minutes=4) if confirmed else None,
            password_hash=None if by_counter else password_hash,
            code=self._code(number),
            locale="en" if rng.random() < 0.04 else "fr",
            home_lat=home.lat,
            home_lon=home.lon,
            created_at=created,
            made_by_id=hub.staff[0] if by_counter else None,
            verified_in_person_at=verified_at,
        )
        self._join(hub, number, joined, verified_at=verified_at, suspended=suspended, roles=roles)
        if verified and not suspended:
            neighbour = Neighbour(number, name, home.lat, home.lon, joined)
            hub.members.append(neighbour)
            if not roles and hub.near and rng.random() < 0.2:
                second = rng.choice(hub.near)
                self._join(second, number, joined, verified_at=verified_at, suspended=False)
                second.members.append(neighbour)

    def _join(
        self,
        hub: HubHere,
        number: int,
        joined: date,
        *,
        verified_at: datetime | None,
        suspended: bool,
        roles: tuple[str, ...] = (),
    ) -> None:
        status = "suspended" if suspended else "verified" if verified_at else "pending"
        others = [one for one in hub.staff if one != number]
        self.rows.add(
            Membership,
            hub_id=hub.id,
            resident_id=number,
            status=status,
            is_volunteer="volunteer" in roles or "coordinator" in roles,
            is_organizer="organizer" in roles or "coordinator" in roles,
            is_coordinator="coordinator" in roles,
            joined_at=moment(joined, 12),
            verified_at=verified_at,
            verified_by_id=self.rng.choice(others) if verified_at and others else None,
            suspended_at=moment(self.today - timedelta(days=20), 16) if suspended else None,
            suspended_why="Trois objets rendus après relance, à revoir ensemble au comptoir."
            if suspended
            else None,
        )
        if "volunteer" in roles or "coordinator" in roles:
            hub.staff.append(number)

    def _code(self, number: int) -> str:
        return str(codes.numbered(codes.MEMBER, (number * CODE_STEP + self.code_offset) % 32**6))


def home_of_log_in(hub: HubHere, number: int) -> geo.Place:
    """The cell of the home of the demo log-in with this id, some minutes on foot from the hub."""
    return geo.cell(hub.lat + 0.0009 * number, hub.lon - 0.0012 * number, geo.HOME_M)


def moment(day: date, hour: int, minutes: int = 0) -> datetime:
    """So many minutes after that hour of that day, UTC."""
    return datetime.combine(day, time(hour), tzinfo=UTC) + timedelta(minutes=minutes)


def scattered(lat: float, lon: float, km: float, rng: Random) -> tuple[float, float]:
    """A point around this one, two times out of three within `km`."""
    north, east = rng.gauss(0, km / 1.5), rng.gauss(0, km / 1.5)
    per_degree = geo.METRES_PER_DEGREE / 1000
    return lat + north / per_degree, lon + east / (per_degree * math.cos(math.radians(lat)))


def plain(name: str) -> str:
    """A first name as it stands in an address: no accents, lower case."""
    accents = str.maketrans("àâäçéèêëîïôöùûüÿ", "aaaceeeeiioouuuy")
    return name.lower().translate(accents).replace("œ", "oe").replace("’", "")
