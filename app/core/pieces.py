"""Pieces of pages, rendered by their macros ahead of the pages that show them: what reads the same on many pages is kept by
who asks for it, by all that it says and the language (`core.i18n.language`)."""

from typing import Any

from flask import current_app

GAP = "\0"
"""Given to a macro in place of what differs from page to page. No text of ours holds it."""


def pieces(template: str, macro: str, *given: Any) -> tuple[str, ...]:
    """What a macro makes of these values, as markup: what stands before the first gap, between two, and after the last.
    It sees neither the request nor who is looking."""
    made = getattr(current_app.jinja_env.get_template(template).module, macro)
    return tuple(str(made(*given)).split(GAP))
