"""What somebody may mean who types where: a place of the gazetteer, or, when she asks for it, a street."""

from dataclasses import dataclass

from app.core.db import db
from app.geo import addresses, places
from app.geo.places import Commune


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing to choose. `detail` tells it from its namesakes; `code` is the INSEE code of the place or of the
    street's commune; `approximate`: its position is an estimate, and the page must say so."""

    name: str
    detail: str
    lat: float
    lon: float
    code: str
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Spots:
    """What there is to choose from. `instead`: the street was not found, these are the communes it names."""

    found: list[Spot]
    instead: bool = False


def while_typing(text: str | None) -> Spots:
    """From the gazetteer alone, at once."""
    return Spots([_of_place(place) for place in places.find(text)])


def asked_for(text: str | None) -> Spots:
    """Places, and where there is none of this name, streets and houses, if the network is there. It may wait for it:
    never inside a transaction; what was read before is let go."""
    known = while_typing(text)
    if known.found or not text:
        return known
    db.session.rollback()
    streets = [
        Spot(one.label, "", one.lat, one.lon, one.commune)
        for one in addresses.find(text[: places.LONGEST * 2])
    ]
    if streets:
        return Spots(streets)
    return Spots([_of_place(place) for place in places.written_in(text)], instead=True)


def _of_place(place: Commune) -> Spot:
    assert place.at is not None
    whole = places.by_code(place.commune) if place.kind == "former" else None
    detail = f"{whole.name}, {place.department_name}" if whole else place.department_name
    if place.postcodes:
        detail = f"{place.postcodes[0]}{' …' if len(place.postcodes) > 1 else ''}, {detail}"
    return Spot(place.name, detail, *place.at, place.code, place.approximate)
