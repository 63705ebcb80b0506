"""What all pages of objects share: their blueprint, where files are kept, how a problem is told in a form."""

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app
from werkzeug.wrappers import Response

from app.core.errors import Conflict, Forbidden, Invalid, Problem, Stale
from app.core.forms import show_faults
from app.core.http import spoken

blueprint = Blueprint("items", __name__)

Answer = str | Response | tuple[str, int]


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
