"""Which statements reached the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")


class Statements(list[str]):
    """The SQL of one stretch of a test, in order."""

    def writes(self) -> list[str]:
        verbs = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "CREATE", "ALTER", "DROP")
        return [text for text in self if text.lstrip().upper().startswith(verbs)]


@contextmanager
def counted() -> Iterator[Statements]:
    """Gather every statement of every engine in this process; transaction marks are left out."""
    seen = Statements()

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.lstrip().upper().startswith(NOT_COUNTED):
            seen.append(text)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
