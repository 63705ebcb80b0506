"""The columns of a table of objects, by all the names they go by. Pure: plain text in and out.

Two kinds of tables are known: our own, with names in French or English, and those of Lend Engine: its page "Bulk
update items" takes tab-separated text with `Code` or `Id`, its export writes commas and a few names more
(github.com/lend-engine/lend-engine-app, `ItemImportController.php`, `ItemExportController.php`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import Invalid
from app.core.text import folded, one_line

COLUMNS = (
    "code",
    "title",
    "category",
    "mode",
    "description",
    "condition",
    "parts",
    "notices",
    "induction",
    "value",
    "deposit",
    "max_days",
    "buffer_days",
    "asks_each_time",
    "shelf",
    "place",
    "status",
)
"""What an export writes, in this order; each name in the reader's language is in `wording.HEADERS`."""

OWN_NAMES: Mapping[str, Sequence[str]] = {
    "code": ("code", "etiquette", "label"),
    "reference": ("reference", "ref", "ancien code", "old code", "numero", "number"),
    "title": ("titre", "title", "nom", "name", "objet", "item", "object"),
    "category": ("rayon", "category", "categorie"),
    "mode": ("propose pour", "offered for", "pour", "for", "mode", "modes"),
    "description": ("description", "quelques mots"),
    "condition": ("etat", "condition"),
    "parts": ("pieces", "parts", "ce qui va avec", "accessoires"),
    "notices": ("consignes", "notices", "conseils", "notes"),
    "induction": ("initiation", "induction"),
    "value": ("valeur", "value", "prix", "price"),
    "deposit": ("caution", "deposit"),
    "max_days": ("jours de pret", "loan days", "max days", "jours au plus"),
    "buffer_days": ("jours de pause", "rest days", "buffer days", "buffer"),
    "asks_each_time": ("demander a chaque fois", "ask each time", "asks each time", "me demander"),
    "shelf": ("etagere", "shelf"),
    "place": ("lieu", "place", "lieu relais", "hub"),
    "status": ("statut", "status"),
    "problems": ("probleme", "problem", "problemes", "problems"),
}
LEND_ENGINE_NAMES: Mapping[str, Sequence[str]] = {
    "code": ("code",),
    "id": ("id",),
    "title": ("name",),
    "short": ("short description",),
    "long": ("long description",),
    "parts": ("components",),
    "condition": ("condition",),
    "notices": ("care information",),
    "serial": ("serial", "serial number"),
    "brand": ("brand",),
    "value": ("value", "value (rrp)"),
    "max_days": ("loan period",),
    "category": ("category", "tags"),
}
ONLY_LEND_ENGINE = frozenset(
    ("short description", "long description", "care information", "loan period", "components", "value (rrp)")
)
"""A table with one of these is Lend Engine's."""


def _by_name(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: key for key, several in names.items() for name in several}


_OWN, _LEND_ENGINE = _by_name(OWN_NAMES), _by_name(LEND_ENGINE_NAMES)


@dataclass(frozen=True)
class Columns:
    """The columns of one file: `kind` of table, how many there are, `at` which place each of ours stands, and the names
    that mean nothing here."""

    kind: str
    width: int
    at: Mapping[int, str]
    ignored: Sequence[str]


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return folded(one_line(name)).replace("*", "").rstrip(" :")


def known(header: Sequence[str]) -> int:
    """How many of these names we know: what is not read with its own separator has none."""
    return sum(name in _OWN or name in _LEND_ENGINE for name in map(plain, header))


def of_header(header: Sequence[str], *, shelf_chosen: bool) -> Columns:
    """What each column means; `Invalid` where one is missing without which no row can be posted, or stands twice."""
    names = [plain(name) for name in header]
    foreign = any(name in ONLY_LEND_ENGINE for name in names)
    meant = _LEND_ENGINE if foreign else _OWN
    at: dict[int, str] = {}
    for place, name in enumerate(names):
        key = meant.get(name)
        if key is not None and key in at.values():
            raise Invalid({"file": ("imports.column_twice", {"column": one_line(header[place])[:60]})})
        if key is not None:
            at[place] = key
    there = set(at.values())
    if "title" not in there:
        raise Invalid({"file": "imports.lend_engine_name_missing" if foreign else "imports.title_missing"})
    if foreign and not there & {"code", "id"}:
        raise Invalid({"file": "imports.lend_engine_code_missing"})
    if "category" not in there and not shelf_chosen:
        raise Invalid({"file": "imports.category_missing", "category": "imports.choose_a_shelf"})
    ignored = [one_line(name)[:60] for place, name in enumerate(header) if place not in at and one_line(name)]
    return Columns("lend_engine" if foreign else "own", len(header), at, ignored)
