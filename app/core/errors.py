"""What can go wrong for a neighbour: a code and its parameters here, the sentence once, in `wording.py` of each room.

Pages, JSON and the command line all catch `Problem` and say the same sentence in the reader's language.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Problem(Exception):
    """Something that must be told to the person who asked. `code` is a stable word, e.g. "lending.already_reserved"."""

    status = 500

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def word(self) -> str:
        """The machine word of the JSON API: the code without its room."""
        return self.code.rpartition(".")[2]


class Malformed(Problem):
    """The request itself cannot be read."""

    status = 400


class Unauthenticated(Problem):
    """Nobody is logged in, or the token no longer holds."""

    status = 401


class Forbidden(Problem):
    """A role is missing."""

    status = 403


class NotFound(Problem):
    """Unknown, or not for these eyes; the two are never told apart, whatever the sentence."""

    status = 404

    def __init__(self, code: str = "core.not_found", **params: Any) -> None:
        super().__init__(code, **params)

    @property
    def word(self) -> str:
        return "not_found"


class Gone(Problem):
    """It was there, and waited too long."""

    status = 410


class Conflict(Problem):
    """The state of things, or another person's act, forbids it."""

    status = 409


class Stale(Problem):
    """Somebody changed it since it was read."""

    status = 412

    def __init__(self, code: str = "core.stale", **params: Any) -> None:
        super().__init__(code, **params)


class TooLarge(Problem):
    """More bytes than we take."""

    status = 413


class Unsupported(Problem):
    """A kind of file that we do not read."""

    status = 415


class Invalid(Problem):
    """Fields that are wrong: `errors` maps a field to the codes (with parameters) of what to mend."""

    status = 422

    def __init__(
        self,
        errors: Mapping[str, "str | tuple[str, dict[str, Any]]"],
        code: str = "core.invalid",
        **params: Any,
    ) -> None:
        super().__init__(code, **params)
        self.errors: dict[str, tuple[str, dict[str, Any]]] = {
            field: (what, {}) if isinstance(what, str) else what for field, what in errors.items()
        }


class TooMany(Problem):
    """Too many tries; `retry_after` in seconds."""

    status = 429


class Unavailable(Problem):
    """Not now; the same request may pass in a moment."""

    status = 503

    def __init__(self, code: str = "core.busy", retry_after: int = 2, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after


class Blocked(Conflict):
    """A loan that cannot be: every reason at once, each with its way out."""

    def __init__(self, blockers: Sequence[Any]) -> None:
        super().__init__("lending.blocked")
        self.blockers = list(blockers)
