"""What all pages of skills share: their blueprint, how a problem is told in a form."""

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from app.core.errors import Conflict, Forbidden, Invalid, Problem
from app.core.forms import show_faults
from app.core.http import spoken
from app.core.i18n import current_locale
from app.skills.catalogue import TREE

blueprint = Blueprint("skills", __name__)

Answer = str | Response | tuple[str | Response, int]


def say(form: Any, problem: Problem) -> int:
    """Put what is wrong where it belongs in the form; the status of the answer."""
    if isinstance(problem, Invalid):
        show_faults(form, problem)
    elif isinstance(problem, Conflict | Forbidden):
        form.form_errors.append(spoken(problem))
    else:
        raise problem
    return problem.status


def category_choices() -> list[SelectChoice]:
    """Every branch that a skill can belong to, below the name of the one it grows from, in the reader's language."""
    locale = current_locale()
    names = {one.slug: one.name(locale) for one in TREE.shelves}
    return [
        SelectChoice(one.slug, names[one.slug], optgroup=names[one.parent])
        for one in TREE.shelves
        if one.parent is not None
    ]
