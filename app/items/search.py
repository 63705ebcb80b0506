"""Searching objects: a page costs four statements whatever its size: which objects, their columns, their claims with the
hours of their hubs; two or three more the first time where words are taken loosely (`app.finding.search`)."""

from datetime import datetime

from app.core import paging
from app.finding import search
from app.finding.search import SORTS, Results
from app.items import queries
from app.items.filters import Wanted
from app.items.queries import Line

__all__ = ["SORTS", "Results", "Wanted", "page"]


def page(
    wanted: Wanted,
    *,
    signed_in: bool,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
    now: datetime,
    strictly: bool = False,
) -> Results[Line]:
    """One page of the objects that are wanted (`finding.search.page`)."""
    return search.page(
        wanted, queries.lines, signed_in=signed_in, cursor=cursor, limit=limit, now=now, strictly=strictly
    )
