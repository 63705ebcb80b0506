"""What was written by hand for the demo territory, read from `content/` as plain values."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "content"
CATALOGUE = Path(__file__).resolve().parents[2] / "items" / "catalogue.json"


@dataclass(frozen=True)
class Shelf:
    """One category of the catalogue; `parent` is empty for the top ones."""

    slug: str
    name_fr: str
    name_en: str
    parent: str | None
    drawing: str
    default_days: int


@dataclass(frozen=True)
class Template:
    """An object as somebody described it. Money in cents; `parts` are (name, count)."""

    category: str
    title: str
    description: str
    parts: tuple[tuple[str, int], ...]
    notices: tuple[str, ...]
    value_cents: int
    deposit_cents: int
    max_days: int
    modes: tuple[str, ...]
    conditions: tuple[str, ...]
    suits_hubs: bool
    needs_induction: bool


@dataclass(frozen=True)
class Names:
    """First names and the short sentences of neighbours. A conversation is (who, text) in order, who being
    "b" for the borrower or "o" for the owner; a step of a repair is (state, note, cents, minutes)."""

    first_names: tuple[str, ...]
    initials: str
    conversations: tuple[tuple[tuple[str, str], ...], ...]
    request_messages: tuple[str, ...]
    return_notes: tuple[str, ...]
    repair_notes: tuple[tuple[str, str], ...]
    repair_steps: tuple[tuple[str, str, int, int], ...]
    decline_reasons: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """All of it. Territories and hubs keep the shape of their file."""

    hubs: list[dict[str, Any]]
    names: Names
    templates: tuple[Template, ...]
    shelves: tuple[Shelf, ...]
    by_title: dict[str, Template] = field(default_factory=dict)


def catalogue() -> tuple[Shelf, ...]:
    """The shelves of every installation, parents before their children."""
    return tuple(Shelf(**row) for row in json.loads(CATALOGUE.read_text(encoding="utf-8")))


@cache
def written() -> Written:
    """Everything that was written by hand, read once."""
    places = _json("hubs.json")
    templates = tuple(_templates(_json("items.json")))
    return Written(
        hubs=places["hubs"],
        names=_names(_json("people.json")),
        templates=templates,
        shelves=catalogue(),
        by_title={template.title: template for template in templates},
    )


def _json(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def _names(people: dict[str, Any]) -> Names:
    return Names(
        first_names=tuple(people["first_names"]),
        initials=people["initials"],
        conversations=tuple(tuple((who, text) for who, text in talk) for talk in people["conversations"]),
        request_messages=tuple(people["request_messages"]),
        return_notes=tuple(people["return_notes"]),
        repair_notes=tuple((condition, note) for condition, note in people["repair_notes"]),
        repair_steps=tuple(
            (state, note, cents, minutes) for state, note, cents, minutes in people["repair_steps"]
        ),
        decline_reasons=tuple(people["decline_reasons"]),
    )


def _templates(items: dict[str, Any]) -> list[Template]:
    notices = items["notices"]
    return [
        Template(
            category=category,
            title=row["title"],
            description=row["description"],
            parts=tuple((part["name"], part["count"]) for part in row["parts"]),
            notices=tuple(notices[key] for key in row["notices"]),
            value_cents=row["value_cents"],
            deposit_cents=row["deposit_cents"],
            max_days=row["max_days"],
            modes=tuple(row["modes"]),
            conditions=tuple(row["conditions"]),
            suits_hubs=row.get("hub", False),
            needs_induction=row.get("induction", False),
        )
        for category, rows in items["templates"].items()
        for row in rows
    ]
