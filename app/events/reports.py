"""What happens to what neighbours report."""

from dataclasses import dataclass

from app.events.base import Event


@dataclass(frozen=True)
class ItemReported(Event):
    """Somebody says that something is wrong with an object."""

    report_id: int


@dataclass(frozen=True)
class ReportSettled(Event):
    """Somebody who looks after the place has looked at it and written down what was done."""

    report_id: int
