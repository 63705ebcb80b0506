"""Words as they are compared: small letters, no accents, no punctuation."""

import unicodedata
from typing import Any

_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}


def folded(text: str) -> str:
    """Words in their plain form, one space between; letters and figures only, so that nothing in it means
    something to LIKE."""
    for ligature, two in _LIGATURES.items():
        text = text.replace(ligature, two)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.casefold()).split())


def search_text(title: str) -> str:
    """What is kept of an object to find it by: a space before each word of its title."""
    return f" {folded(title)}"


def of_new_item(context: Any) -> str:
    """The same for a row that is being written without it (a column default of SQLAlchemy)."""
    return search_text(context.get_current_parameters()["title"]) if context else ""
