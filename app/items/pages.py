"""What all pages of objects share: their blueprint, where files are kept, how a problem is told in a form."""

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from app.core.errors import Conflict, Forbidden, Invalid, Problem, Stale
from app.core.forms import choices, show_faults
from app.core.http import spoken
from app.core.i18n import _, current_locale
from app.finding.parameters import AT_HOME
from app.items import forms, queries
from app.items.models import Item

blueprint = Blueprint("items", __name__)

Answer = str | Response | tuple[str | Response, int]
PLAIN_CONDITIONS = ("new", "good", "worn")


def folder() -> Path:
    """Where this installation keeps its files."""
    kept: Path = current_app.extensions["movilab.config"].folder
    return kept


def site() -> str:
    """The address of this installation, as it stands on labels and in what machines read."""
    return str(current_app.extensions["movilab.config"].site_url)


def say(form: Any, problem: Problem) -> int:
    """Put what is wrong where it belongs in the form; the status of the answer."""
    if isinstance(problem, Invalid):
        renamed = {"owner": "hub"}
        show_faults(form, Invalid({renamed.get(name, name): fault for name, fault in problem.errors.items()}))
    elif problem.status in (413, 415):
        show_faults(form, Invalid({"photo": (problem.code, problem.params)}))
    elif isinstance(problem, Conflict | Forbidden | Stale):
        form.form_errors.append(spoken(problem))
    else:
        raise problem
    return problem.status


def shelf_choices() -> list[SelectChoice]:
    """Every shelf that an object can stand on, below the name of those above it, in the reader's language."""
    locale = current_locale()
    return [
        SelectChoice(one.slug, one.name(locale), optgroup=top.name(locale))
        for top, below in queries.shelves()
        for one in below or [top]
    ]


def offer_choices(form: forms.ItemForm, item: Item | None = None) -> None:
    """The shelves and the places that this resident can choose from."""
    form.category.choices = [SelectChoice("", _("Choisir un rayon")), *shelf_choices()]
    form.condition.choices = choices(
        *(
            (word, text)
            for word, text in forms.CONDITION_WORDS
            if word in PLAIN_CONDITIONS or (item and item.condition == word)
        )
    )
    places = [(AT_HOME, _("Chez vous"))] if current_user.home else []
    for hub in current_user.hubs:
        if hub.status != "suspended":
            places.append((str(hub.id), _("Confié à %(hub)s", hub=hub.name)))
        if "volunteer" in hub.roles and item is None:
            places.append((f"{forms.OF_THE_HUB}{hub.id}", _("C’est un objet de %(hub)s", hub=hub.name)))
    form.hub.choices = choices(*(places or [(AT_HOME, _("Chez vous"))]))
