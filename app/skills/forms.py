"""What is typed about skills: the parameters of a search, the form of an offer or a need."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from app.core.errors import Invalid
from app.core.forms import Form, QueryForm, choices
from app.core.forms import Wanted as Required
from app.core.i18n import _, _l
from app.finding import parameters
from app.finding.parameters import Faults
from app.finding.wanted import Place
from app.skills import fields
from app.skills.filters import Wanted
from app.skills.models import Skill

ANY_HUB = ""
ROWS = 4
"""Times of the week that a form has room for; more come with each saving."""
RADII_KM = ("1", "3", "10", "30")
KIND_WORDS = (("offer", _l("On vous l’apprend")), ("need", _l("On le cherche")))
MODE_WORDS = (("hub", _l("Dans un lieu-relais")), ("home", _l("À domicile")), ("online", _l("En ligne")))
LEVEL_WORDS = (
    ("beginner", _l("Pour débuter")),
    ("intermediate", _l("Pour progresser")),
    ("expert", _l("Pour aller loin")),
)
SORT_WORDS = {
    "near": _l("les plus proches d’abord"),
    "new": _l("les derniers arrivés d’abord"),
    "relevance": _l("les plus ressemblants d’abord"),
}
WEEKDAYS = (
    _l("Lundi"), _l("Mardi"), _l("Mercredi"), _l("Jeudi"), _l("Vendredi"), _l("Samedi"), _l("Dimanche"),
)  # fmt: skip
LANGUAGE_WORDS = {
    "fr": _l("français"), "en": _l("anglais"), "ar": _l("arabe"), "ber": _l("berbère"), "br": _l("breton"),
    "ca": _l("catalan"), "co": _l("corse"), "de": _l("allemand"), "es": _l("espagnol"), "eu": _l("basque"),
    "fsl": _l("langue des signes"), "it": _l("italien"), "nl": _l("néerlandais"), "oc": _l("occitan"),
    "pl": _l("polonais"), "pt": _l("portugais"), "ro": _l("roumain"), "ru": _l("russe"), "tr": _l("turc"),
    "uk": _l("ukrainien"), "vi": _l("vietnamien"), "zh": _l("chinois"),
}  # fmt: skip
OFTEN_SPOKEN = ("fr", "en", "ar", "es", "pt", "it", "de", "tr", "uk", "fsl")
"""What a form shows at once; a skill may be in any other too."""
_ANY = ("", _l("Peu importe"))


def wanted(asked: Mapping[str, str | None], *, home: Place | None, known: bool) -> Wanted:
    """The parameters of `/skills`, page and API alike, as a search; `Invalid` with every fault."""
    faults: Faults = {}
    chosen = {
        "kind": fields.KINDS,
        "mode": fields.MODES,
        "level": fields.LEVELS,
        "language": fields.LANGUAGES,
    }
    said = parameters.said(asked, faults, home=home, known=known, choices=chosen)
    if faults:
        raise Invalid(faults)
    return Wanted(**said)


class SearchForm(QueryForm):
    """The choices of a search."""

    kind = RadioField(_l("Que cherchez-vous ?"), validate_choice=False)
    radius_km = RadioField(_l("À quelle distance ?"), validate_choice=False)
    mode = RadioField(_l("Où ?"), validate_choice=False)
    level = RadioField(_l("À quel niveau ?"), validate_choice=False)
    language = SelectField(_l("En quelle langue ?"), validate_choice=False)
    sort = RadioField(_l("Dans quel ordre ?"), validate_choice=False)

    def __init__(self, given: MultiDict[str, str], *, asked: Mapping[str, str]) -> None:
        """`asked`: what holds where the address says nothing."""
        super().__init__(given, data=dict(asked))
        self.radius_km.choices = choices(_ANY, *((km, _("%(km)s km", km=km)) for km in RADII_KM))
        self.kind.choices = choices(_ANY, *KIND_WORDS)
        self.mode.choices = choices(_ANY, *MODE_WORDS)
        self.level.choices = choices(_ANY, *LEVEL_WORDS)
        self.language.choices = choices(_ANY, *LANGUAGE_WORDS.items())
        orders = [
            name
            for name in SORT_WORDS
            if (name != "near" or asked.get("near")) and (name != "relevance" or asked.get("q"))
        ]
        self.sort.choices = choices(("", _l("Au mieux")), *((name, SORT_WORDS[name]) for name in orders))
        for field in (self.kind, self.radius_km, self.mode, self.level, self.language, self.sort):
            field.data = field.data or ""


class SkillForm(Form):
    """What one can teach or wants to learn. Its times are rows of a day and two times, whatever their number."""

    kind = RadioField(
        _l("Vous voulez…"), choices=choices(("offer", _l("Apprendre à d’autres")), ("need", _l("Apprendre")))
    )
    title = StringField(_l("Quoi, en quelques mots ?"), [Required()])
    category = SelectField(_l("Dans quel domaine ?"), [Required()], validate_choice=False)
    mode = SelectMultipleField(_l("Où ?"), validate_choice=False)
    hub = SelectField(_l("Dans quel lieu-relais ?"), validate_choice=False)
    level = RadioField(_l("À quel niveau ?"), choices=choices(*LEVEL_WORDS), default="beginner")
    languages = SelectMultipleField(_l("En quelles langues ?"), validate_choice=False)
    description = TextAreaField(_l("Un mot de plus"))

    def __init__(self, *args: Any, hubs: Sequence[tuple[str, str]], spoken: str, **kwargs: Any) -> None:
        """`hubs`: (slug, name) of those that may be chosen; `spoken`: the language to begin with."""
        super().__init__(*args, **kwargs)
        self.mode.choices = choices(*MODE_WORDS)
        self.hub.choices = choices((ANY_HUB, _("N’importe lequel, près de chez moi")), *hubs)
        likely = dict.fromkeys((spoken, *OFTEN_SPOKEN, *(self.languages.data or ())))
        self.languages.choices = choices(
            *((code, LANGUAGE_WORDS[code]) for code in likely if code in LANGUAGE_WORDS)
        )

    def said(self, given: MultiDict[str, str]) -> fields.Fields:
        """The fields as services take them."""
        modes = self.mode.data or []
        return {
            "title": self.title.data,
            "category": self.category.data,
            "mode": modes,
            "hub": (self.hub.data or None) if "hub" in modes else None,
            "level": self.level.data or "beginner",
            "languages": self.languages.data or [],
            "description": self.description.data,
            "availability": list(typed_times(given)),
        }


def typed_times(given: MultiDict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of times that something was typed into; half a row is told as wrong."""
    rows = zip(given.getlist("weekday"), given.getlist("opens"), given.getlist("closes"), strict=False)
    for weekday, opens, closes in rows:
        if opens or closes:
            day = int(weekday) if weekday in "0123456" and len(weekday) == 1 else -1
            # Midnight as the end of a day is written 00:00 where a clock is picked.
            yield {
                "weekday": day,
                "opens": opens[:5],
                "closes": "24:00" if closes[:5] == "00:00" else closes[:5],
            }


def as_typed(skill: Skill) -> dict[str, Any]:
    """A skill as its form shows it."""
    return {
        "kind": skill.kind,
        "title": skill.title,
        "category": skill.category.slug,
        "mode": skill.modes,
        "hub": skill.hub.slug if skill.hub else ANY_HUB,
        "level": skill.level,
        "languages": skill.languages,
        "description": skill.note,
    }


def window_as_typed(window: Any) -> dict[str, Any]:
    """A time of the week as its row shows it."""
    opens, closes = (f"{at // 60 % 24:02}:{at % 60:02}" for at in (window.opens, window.closes))
    return {"weekday": window.weekday, "opens": opens, "closes": closes}
