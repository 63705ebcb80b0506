"""What the counter answers, as plain values that the templates put in words."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.counter.queries import Person
from app.items.models import Item
from app.lending.models import Loan, RepairTicket
from app.lending.rules import Period
from app.lending.services import WhereNext
from app.lending.transfers.models import Transfer
from app.lending.waiting.shown import Wait


@dataclass(frozen=True)
class Ticks:
    """What was ticked and typed about one hand-out; every further form of it carries this along."""

    code: str
    due: date | None = None
    parts: tuple[str, ...] = ()
    acknowledged: bool = False
    deposit_cents: int | None = None
    override: tuple[str, ...] = ()
    reason: str = ""


@dataclass
class Said:
    """What the counter answers to a scan. `kind` chooses the words in `counter/_answer.html`, `chime` the sound."""

    kind: str
    chime: str = ""
    status: int = 200
    item: Item | None = None
    loan: Loan | None = None
    next: WhereNext | None = None
    next_name: str = ""
    detail: str = ""
    word: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    site: str = ""
    shortened: bool = False
    blockers: list[Any] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)
    override_codes: list[str] = field(default_factory=list)
    ticks: Ticks | None = None
    copies: list[Item] = field(default_factory=list)
    later: Period | None = None
    holder: Loan | None = None
    out_elsewhere: bool = False
    expected: Loan | None = None
    ticket: RepairTicket | None = None
    transfer: Transfer | None = None
    people: list[Person] = field(default_factory=list)
    things: list[Item] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    days_late: int = 0
    note: str = ""
    wait: Wait | None = None
