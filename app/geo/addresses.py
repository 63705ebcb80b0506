"""Street addresses, from the State's Base Adresse Nationale through geopy, when the network is there.

Only ever asked for what the gazetteer does not know, after somebody has pressed a button, never while she types. It
may be slow, away or out of its mind: after `PATIENCE_S` its answer is no longer waited for, and after a failure it is
left alone for a minute; the gazetteer's answer stands. What was typed is written nowhere: not in the log, and here for
ten minutes, in memory only.
"""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import structlog

from app.core.text import one_line
from app.geo.rules import valid

PATIENCE_S = 2.0
LEFT_ALONE_S = 60.0
REMEMBERED_S = 600.0
MOST_REMEMBERED = 256
MOST_A_MINUTE = 60
MOST = 5
LONGEST = 200
LARGEST_ANSWER = 256 * 1024

log = structlog.get_logger()
logging.getLogger("geopy").setLevel(logging.WARNING)  # at DEBUG it writes whole addresses


@dataclass(frozen=True, slots=True)
class Address:
    """A street or a house, in degrees. `commune` is the INSEE code of its commune, "" where it was not said."""

    label: str
    lat: float
    lon: float
    commune: str = ""


class Service:
    """One geocoder that answers as the Base Adresse Nationale does, at an address such as
    https://data.geopf.fr/geocodage. Safe to ask from several threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._remembered: OrderedDict[str, tuple[float, list[Address]]] = OrderedDict()
        self._asked: list[float] = []
        self._left_alone_until = 0.0

    def find(self, text: str) -> list[Address]:
        """The best answers first; none when it does not answer, in time or with sense."""
        typed = one_line(text)[:LONGEST]
        if len(typed) < 3:  # the service refuses less
            return []
        remembered = self._recall(typed.casefold())
        if remembered is not None:
            return remembered
        if not self._may_ask():
            return []
        began = time.monotonic()
        try:
            found = self._ask(typed)
        except Exception as error:  # noqa: BLE001 -- whatever it does must not reach a neighbour
            log.warning("geocoder away", error=type(error).__name__)
            with self._lock:
                self._left_alone_until = time.monotonic() + LEFT_ALONE_S
            return []
        log.info("geocoder asked", answers=len(found), ms=round(1000 * (time.monotonic() - began)))
        self._remember(typed.casefold(), found)
        return found

    def _recall(self, typed: str) -> list[Address] | None:
        with self._lock:
            at, found = self._remembered.get(typed, (0.0, None))
            if found is None or time.monotonic() - at < REMEMBERED_S:
                return found
            del self._remembered[typed]
            return None

    def _remember(self, typed: str, found: list[Address]) -> None:
        now = time.monotonic()
        with self._lock:
            self._remembered[typed] = (now, found)
            self._remembered.move_to_end(typed)
            while self._remembered:
                oldest, (at, _) = next(iter(self._remembered.items()))
                if len(self._remembered) <= MOST_REMEMBERED and now - at < REMEMBERED_S:
                    break
                del self._remembered[oldest]

    def _may_ask(self) -> bool:
        """Not just after it failed, and not more often than its owners would like."""
        now = time.monotonic()
        with self._lock:
            self._asked = [at for at in self._asked if now - at < 60]
            if now < self._left_alone_until or len(self._asked) >= MOST_A_MINUTE:
                return False
            self._asked.append(now)
            return True

    def _ask(self, typed: str) -> list[Address]:
        """In a thread of its own: neither names of machines nor answers that drip can be timed by a socket."""
        answers: SimpleQueue[list[Address] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(_read(_geocoder(self.url).geocode(typed, limit=MOST, exactly_one=False)))
            except Exception as error:  # noqa: BLE001 -- told to who waits
                answers.put(error)

        threading.Thread(target=ask, name="geocoder", daemon=True).start()
        try:
            answer = answers.get(timeout=PATIENCE_S)
        except Empty:
            raise TimeoutError from None
        if isinstance(answer, Exception):
            raise answer
        return answer


@lru_cache(maxsize=4)
def _geocoder(url: str) -> Any:
    # geopy brings every geocoder there is: only where one is asked.
    from geopy.adapters import URLLibAdapter  # noqa: PLC0415 -- as said above
    from geopy.geocoders.banfrance import BANFrance  # noqa: PLC0415 -- likewise

    class Measured(URLLibAdapter):  # type: ignore[misc]  # geopy has no types
        """Reads no more than an answer can be long."""

        def _decode_page(self, page: Any) -> str:
            return str(page.read(LARGEST_ANSWER), encoding="utf-8")

    parts = urlsplit(url)
    return BANFrance(
        domain=parts.netloc + parts.path.rstrip("/"),
        scheme=parts.scheme,
        timeout=PATIENCE_S,
        user_agent="MoviLab",
        adapter_factory=Measured,
    )


def _read(locations: Any) -> list[Address]:
    """What makes sense of an answer. Its own numbers are read: geopy makes a point of those that are none."""
    found = []
    for location in locations or ():
        label = one_line(str(location.address or ""))[:LONGEST]
        lon, lat = (float(degrees) for degrees in location.raw["geometry"]["coordinates"][:2])
        if label and valid(lat, lon):
            code = location.raw.get("properties", {}).get("citycode")
            found.append(Address(label, lat, lon, code if isinstance(code, str) and len(code) == 5 else ""))
    return found[:MOST]


_service: Service | None = None


def use(url: str | None) -> None:
    """Which service answers for this process; None for none."""
    global _service  # noqa: PLW0603 -- a setting of the process, as the home zone is
    _service = Service(url) if url else None


def find(text: str) -> list[Address]:
    """The addresses that this text may mean; none without a service or an answer. It waits for the network: never
    inside a transaction."""
    return _service.find(text) if _service else []
