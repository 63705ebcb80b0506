"""The rows that are open at the desk: objects scanned for whoever stands there, which leave once their parts and notices
are ticked. They are carried from form to form, and nowhere else."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.counter import queries
from app.counter.queries import Person
from app.counter.said import Said, Ticks
from app.items.models import Item
from app.lending.card_deposits.standing import Standing, securing_of

MOST = 12


@dataclass(frozen=True)
class Row:
    """An object that waits to be ticked, for the holder of a card. `secured`: what stands in for its deposit in cash."""

    card: str
    item: Item
    ticks: Ticks
    secured: Standing | None = None

    @property
    def mark(self) -> str:
        """As a form carries it."""
        return f"{self.card} {self.item.code}"


@dataclass(frozen=True)
class Rows:
    """`open`: of whoever stands there, the newest first. `left`: what stayed unticked of somebody who has gone, whether
    another card came or the desk was cleared."""

    open: list[Row]
    left: list[Item]


def after(form: MultiDict[str, str], said: Said, person: Person | None) -> Rows:
    """The rows once this was said. A row ends when its object was handed out, refused, or set aside."""
    waiting = [mark.partition(" ") for mark in dict.fromkeys(form.getlist("open")[:MOST])]
    scanned = said.item.code if said.item is not None else None
    mine = [code for card, _, code in waiting if person and card == person.code and code != scanned]
    if person and said.kind == "to_tick" and scanned is not None:
        mine.insert(0, scanned)
    gone = [code for card, _, code in waiting if person is None or card != person.code]
    gone += form.getlist("left")[:MOST]
    found = {item.code: item for item in queries.items_by_code({*mine, *gone})}
    out = {loan.item.code for loan in person.in_hand} if person else set()
    asks = [found[code].id for code in mine if code in found and found[code].deposit_cents]
    secured = securing_of(person.id, asks) if person else {}
    return Rows(
        open=[
            Row(person.code, found[code], _ticks(said, code), secured.get(found[code].id))
            for code in mine
            if person and code in found and code not in out
        ],
        left=[found[code] for code in gone if code in found],
    )


def _ticks(said: Said, code: str) -> Ticks:
    return said.ticks if said.ticks is not None and said.ticks.code == code else Ticks(code)
