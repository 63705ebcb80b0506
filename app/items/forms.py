"""What is typed about objects: forms, the parameters of a search, a photo that waits while the rest is mended."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from app.core.errors import Invalid, Problem
from app.core.forms import EuroField, Form, QueryForm, WholeField, choices
from app.core.forms import Wanted as Required
from app.core.i18n import _, _l
from app.core.images import SIZES, Stored
from app.core.text import one_line
from app.finding import parameters
from app.finding.parameters import AT_HOME, Faults
from app.items.filters import CONDITIONS, MODES, OWNERS, Wanted
from app.items.models import Item

OTHER = "other"
"""None of the shelves that were guessed."""
OF_THE_HUB = "own-"
STAGED_SECONDS = 24 * 3600
MOST_DAYS = 366

MODE_WORDS = choices(("lend", _l("Prêter")), ("swap", _l("Troquer")), ("give", _l("Donner")))
OFFERED_WORDS = (("lend", _l("À emprunter")), ("swap", _l("À troquer")), ("give", _l("Donné")))
SORT_WORDS = {
    "near": _l("les plus proches d’abord"),
    "new": _l("les derniers arrivés d’abord"),
    "relevance": _l("les plus ressemblants d’abord"),
}
OWNER_WORDS = (("hub", _l("D’un lieu-relais")), ("resident", _l("D’un voisin")))
RADII_KM = ("1", "3", "10", "30")
CONDITION_WORDS = (
    ("new", _l("Comme neuf")),
    ("good", _l("Bon état")),
    ("worn", _l("A vécu, mais marche bien")),
    ("damaged", _l("Abîmé")),
    ("incomplete", _l("Incomplet")),
)
_PART = re.compile(r"^(\d{1,4})\s*[x×]\s*(.+)$", re.IGNORECASE)


class PartsField(TextAreaField):  # type: ignore[misc]  # WTForms has no types
    """One part a line; several alike as "2 × batterie"."""

    def parts(self) -> list[dict[str, Any]]:
        """The lines as the service takes them."""
        found: list[dict[str, Any]] = []
        for line in (self.data or "").splitlines():
            clean = one_line(line)
            counted = _PART.match(clean)
            if counted:
                found.append({"name": counted[2], "count": int(counted[1])})
            elif clean:
                found.append({"name": clean, "count": 1})
        return found


class PhotoField(FileField):  # type: ignore[misc]  # likewise
    """A photo. `within`: the measures that the largest kept size fits into, so that no more need be sent."""

    within = (SIZES[-1], 2 * SIZES[-1])


class ItemForm(Form):
    """An object. Fields are named as the service names them; `hub` says where it is kept and whose it is:
    "home", a hub's number, or "own-" and the number where it is the hub's own.

    `once` makes one object of a form however often it is sent; `staged` is the photo that waits; `later` keeps it as
    a draft, `publish` ends that. The shelf is one of those that were guessed (`guess`; `guessed` is the one that was
    chosen for her) or else any (`category`).
    """

    photo = PhotoField(_l("Une photo"))
    staged = HiddenField()
    version = HiddenField()
    once = HiddenField()
    later = BooleanField()
    publish = BooleanField()
    guess = RadioField(_l("Rayon"), validate_choice=False)
    guessed = HiddenField()
    title = StringField(_l("C’est quoi ?"), [Required()])
    category = SelectField(_l("Rayon"), [Required()], validate_choice=False)
    mode = SelectMultipleField(
        _l("Vous voulez…"), choices=MODE_WORDS, default=("lend",), validate_choice=False
    )
    hub = RadioField(_l("Où le prend-on ?"), validate_choice=False)
    max_days = WholeField(_l("Combien de jours au plus ?"))
    asks_each_time = BooleanField(_l("Me demander à chaque fois"))
    description = TextAreaField(_l("Quelques mots"))
    condition = SelectField(_l("État"), default="good", validate_choice=False)
    parts = PartsField(_l("Ce qui va avec"))
    notices = TextAreaField(_l("À savoir avant de s’en servir"))
    deposit_cents = EuroField(_l("Caution, en euros"))
    value_cents = EuroField(_l("Valeur, en euros"))
    buffer_days = WholeField(_l("Jours de repos entre deux prêts"))
    induction = StringField(_l("À montrer d’abord"))
    shelf = StringField(_l("Étagère"))

    def said(self) -> dict[str, Any]:
        """What was typed, as the services take it; `Invalid` for what cannot be read at all."""
        faults = {field.name: field.fault for field in self if getattr(field, "fault", "")}
        if faults:
            raise Invalid(faults)
        plain = ("title", "max_days", "asks_each_time", "description", "condition")
        more = ("deposit_cents", "value_cents", "buffer_days", "induction", "shelf")
        return {
            "category": self.chosen_shelf(),
            **{name: self[name].data for name in (*plain, *more)},
            "mode": self.mode.data or [],
            "parts": self.parts.parts(),
            "notices": [line for line in map(one_line, (self.notices.data or "").splitlines()) if line],
        }

    def chosen_shelf(self) -> str | None:
        """The shelf's name in addresses: guessed and not corrected, or picked from all."""
        return self.guess.data if self.guess.data not in (None, "", OTHER) else self.category.data or None

    def guess_shelf(self, likely: Sequence[str]) -> None:
        """Offer these shelves, the first one chosen; what was picked by hand stays picked. The shelves that there are
        stand in `category.choices`."""
        there = {choice.value: choice.label for choice in self.category.choices}
        picked = self.chosen_shelf()
        kept = [picked] if picked and picked != self.guessed.data else []
        found = [slug for slug in dict.fromkeys([*kept, *likely]) if slug in there]
        self.guess.choices = choices(*((slug, there[slug]) for slug in found), (OTHER, _("Un autre…")))
        self.guess.data = found[0] if found else None
        self.guessed.data = "" if kept else self.guess.data

    def with_guess(self, problem: Problem) -> Problem:
        """A missing shelf that could be guessed is not missing: it asks whether the guess is right."""
        if not isinstance(problem, Invalid) or not self.guess.data:
            return problem
        missing = problem.errors.get("category") == ("core.required", {})
        return Invalid({**problem.errors, "category": "items.is_it_this_shelf"}) if missing else problem

    def whose_and_where(self) -> dict[str, Any]:
        """`owner` and `hub`, out of the one choice."""
        chosen = self.hub.data or AT_HOME
        if chosen == AT_HOME:
            return {"owner": "me", "hub": None}
        if chosen.startswith(OF_THE_HUB):
            return {"owner": "hub", "hub": chosen.removeprefix(OF_THE_HUB)}
        return {"owner": "me", "hub": chosen}


class PhotoForm(Form):
    photo = PhotoField(_l("Une photo de plus"), [Required()])
    staged = HiddenField()


class OwnDaysForm(Form):
    """Days that the owner keeps; named as in the address of the page."""

    first = DateField(_l("Du"), [Required()], name="from")
    last = DateField(_l("Au"), [Required()], name="to")


class InductionForm(Form):
    code = StringField(_l("Carte de membre"), [Required()])


def as_typed(item: Item) -> dict[str, Any]:
    """The object as its form shows it."""
    plain = ("title", "max_days", "asks_each_time", "description", "condition", "deposit_cents")
    more = ("value_cents", "buffer_days", "induction", "shelf", "version")
    return {
        **{name: getattr(item, name) for name in (*plain, *more)},
        "category": item.category.slug,
        "mode": item.modes,
        "hub": str(item.hub_id) if item.hub_id else AT_HOME,
        "parts": typed_parts([(part.name, part.count) for part in item.parts if part.object_id is None]),
        "notices": "\n".join(item.notices),
    }


def typed_parts(parts: list[tuple[str, int]]) -> str:
    """Parts as they are typed, one a line."""
    return "\n".join(name if count == 1 else f"{count} × {name}" for name, count in parts)


# -- a photo that waits -----------------------------------------------------------------------------------


def _waiting() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="items:staged-photo")


def stage(photo: Stored, *, resident_id: int) -> str:
    """A sign for a photo that was stored while something else of the form must be mended."""
    return str(_waiting().dumps([photo.name, photo.width, photo.height, resident_id]))


def staged(sign: str | None, *, resident_id: int) -> Stored | None:
    """The photo behind the sign; None for a sign that is old, foreign or not ours."""
    if not sign:
        return None
    try:
        name, width, height, whose = _waiting().loads(sign, max_age=STAGED_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return Stored(name, width, height) if whose == resident_id else None


# -- what a search is asked for ---------------------------------------------------------------------------


class SearchForm(QueryForm):
    """The choices of a search, as its address names them. Nothing is checked here: `wanted` reads them."""

    q = HiddenField()
    near = HiddenField()
    place = HiddenField()
    view = HiddenField()
    first = DateField(_l("Du"), name="from")
    last = DateField(_l("Au"), name="to")
    radius_km = RadioField(_l("À quelle distance ?"), validate_choice=False)
    mode = RadioField(_l("Vous voulez…"), validate_choice=False)
    owner = RadioField(_l("À qui est-ce ?"), validate_choice=False)
    condition = RadioField(_l("Dans quel état ?"), validate_choice=False)
    hub = RadioField(_l("Où le prendre ?"), validate_choice=False)
    sort = RadioField(_l("Dans quel ordre ?"), validate_choice=False)

    def __init__(
        self, given: MultiDict[str, str], *, asked: Mapping[str, str], hubs: Sequence[tuple[str, str]]
    ) -> None:
        """`asked`: what holds where the address says nothing; `hubs`: those that may be chosen."""
        super().__init__(given, data=dict(asked))
        any_of = ("", _l("Peu importe"))
        radius = asked.get("radius_km", "")
        radii = sorted({*RADII_KM, radius} - {""}, key=_as_number)
        self.radius_km.choices = choices(
            any_of, *((km, _("%(km)s km", km=km.replace(".", ","))) for km in radii)
        )
        self.mode.choices = choices(any_of, *OFFERED_WORDS)
        self.owner.choices = choices(any_of, *OWNER_WORDS)
        self.condition.choices = choices(any_of, *CONDITION_WORDS)
        hub = asked.get("hub", "")
        known = {*hubs} if not hub or hub in dict(hubs) else {*hubs, (hub, hub)}
        self.hub.choices = choices(("", _l("Partout")), *sorted(known, key=lambda one: one[1]))
        orders = [
            name
            for name in SORT_WORDS
            if (name != "near" or asked.get("near")) and (name != "relevance" or asked.get("q"))
        ]
        self.sort.choices = choices(("", _l("Au mieux")), *((name, SORT_WORDS[name]) for name in orders))
        for field in (self.radius_km, self.mode, self.owner, self.condition, self.hub, self.sort):
            field.data = field.data or ""


def _as_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.inf


def wanted(asked: Mapping[str, str | None], *, home: tuple[float, float] | None, known: bool) -> Wanted:
    """The parameters of `/items`, page and API alike, as a search; `Invalid` with every fault. `home` of who asks;
    `known`: whether that is somebody who is logged in."""
    faults: Faults = {}
    first_day, due = _days(asked.get("from") or "", asked.get("to") or "", faults)
    choices = {"mode": MODES, "owner": OWNERS, "condition": CONDITIONS}
    said = parameters.said(asked, faults, home=home, known=known, choices=choices)
    if faults:
        raise Invalid(faults)
    return Wanted(**said, first_day=first_day, due=due)


def day(text: str | None) -> date | None:
    """A day as addresses write it; None for nothing and for anything else."""
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def _days(first: str, last: str, faults: Faults) -> tuple[date | None, date | None]:
    if not first and not last:
        return None, None
    first_day, due = day(first), day(last)
    for name, text, read in (("from", first, first_day), ("to", last, due)):
        if not text:
            faults[name] = "items.half_days"
        elif read is None:
            faults[name] = "core.not_a_date"
    if first_day and due and due < first_day:
        faults["to"] = "items.days_reversed"
    elif first_day and due and (due - first_day).days > MOST_DAYS:
        faults["to"] = "items.days_apart"
    return first_day, due
