"""A small town whose every id a test can name: `{drill}`, `{loan}`, `{hub}` in a path or a body."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Resident
from app.core import clock
from app.core.db import Base, db
from tests import factories

_NAME = re.compile(r"{([\w+-]+)}")
CLOSED = 30
"""The hub is closed on the day so many days from today, and on the two after it."""


@dataclass
class Town:
    """Ids and codes by name, and a token for each person."""

    names: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, Resident] = field(default_factory=dict)

    def told(self, thing: Any) -> Any:
        """`thing` with every `{name}` and `{day+3}` replaced, in texts, lists and objects."""
        if isinstance(thing, str):
            return _NAME.sub(lambda found: self.names.get(found[1], found[0]), thing)
        if isinstance(thing, list):
            return [self.told(part) for part in thing]
        if isinstance(thing, dict):
            return {name: self.told(part) for name, part in thing.items()}
        return thing


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    db.session.rollback()
    tables = Base.metadata.sorted_tables
    counts = select(*(select(func.count()).select_from(table).scalar_subquery() for table in tables))
    return dict(zip((table.name for table in tables), db.session.execute(counts).one(), strict=True))


def town() -> Town:
    """Two hubs, six people, six objects, three loans. Needs an application context."""
    built = Town()
    today = clock.day_at(clock.now(), "Europe/Paris")
    for away in range(-10, 200):
        built.names[f"day{away:+}"] = (today + timedelta(days=away)).isoformat()
    hub, other = factories.hub("La Maison"), factories.hub("L’Atelier")
    factories.closure(hub, _in(today, CLOSED), _in(today, CLOSED + 2))
    anna = factories.verified_member(hub, "Anna B.")
    basil = factories.verified_member(hub, "Basil C.")
    vera = factories.volunteer(hub, "Véra D.")
    cora = factories.coordinator(hub, "Cora E.")
    zoe = factories.resident("Zoé F.")
    pia = factories.resident("Pia G.", confirmed=False)
    tools = factories.category("outils")
    things = {
        "drill": factories.item(hub=hub, category_id=tools.id),
        "saw": factories.item("Scie sauteuse", hub=hub, category_id=tools.id),
        "tent": factories.item("Tente", owner=basil, category_id=tools.id),
        "ladder": factories.item("Échelle", owner=anna, category_id=tools.id),
        "retired": factories.item("Vieille chose", hub=hub, category_id=tools.id, status="retired"),
        "far": factories.item("Loin", hub=other, category_id=tools.id),
        "safe": factories.item(
            "Machine", hub=hub, category_id=tools.id, induction="Machine", notices=["Lunettes"]
        ),
    }
    loans = {
        "reserved": factories.loan(things["drill"], anna, first_day=_in(today, 3), due=_in(today, 6)),
        "out": factories.loan(things["saw"], basil, status="checked_out"),
        "asked": factories.loan(
            things["ladder"], basil, status="requested", first_day=_in(today, 3), answer_by=clock.now()
        ),
    }
    built.people = {"anna": anna, "basil": basil, "vera": vera, "cora": cora, "zoe": zoe, "pia": pia}
    built.tokens = {name: factories.bearer(who) for name, who in built.people.items()}
    built.tokens["expired"] = factories.bearer(anna, expires_at=clock.now() - timedelta(seconds=1))
    built.tokens["revoked"] = factories.bearer(anna, revoked_at=clock.now())
    built.tokens["nonsense"] = {"Authorization": "Bearer nonsense"}
    built.tokens["nobody"] = {}
    for name, thing in things.items():
        built.names |= {name: str(thing.id), f"{name}_code": thing.code}
    built.names |= {f"{name}_loan": str(loan.id) for name, loan in loans.items()}
    built.names |= factories.meetings(basil, anna, hub)
    built.names |= {f"{name}_id": str(who.id) for name, who in built.people.items()}
    built.names |= {f"{name}_card": who.code for name, who in built.people.items()}
    built.names |= {"hub": str(hub.id), "other": str(other.id), "slug": hub.slug}
    return built


def _in(today: date, days: int) -> date:
    return today + timedelta(days=days)
