"""A search as its address says it, and the choices above its list."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from urllib.parse import urlencode


@dataclass(frozen=True)
class Chip:
    """A choice above the list: its words, where it leads, and what a screen reader hears where that is more."""

    text: str
    href: str
    on: bool = False
    label: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Asked:
    """A search as its address says it: only what says something."""

    given: Mapping[str, str]

    def get(self, name: str) -> str:
        """What was said of this, or nothing."""
        return self.given.get(name, "")

    def but(self, **changes: str | None) -> dict[str, str]:
        """The same with changes; what is None or empty is left out."""
        return {name: value for name, value in {**self.given, **changes}.items() if value}

    def at(self, path: str, **changes: str | None) -> str:
        """The address of the same search on this page, with changes."""
        return address(path, self.but(**changes))


def address(path: str, parts: Mapping[str, str]) -> str:
    """The page with these parameters, in this order."""
    return f"{path}?{'&'.join(starmap(_part, parts.items()))}" if parts else path


@lru_cache(maxsize=4096)
def _part(name: str, value: str) -> str:
    """A page names the same place in ten addresses."""
    return urlencode({name: value})
