"""Objects as a table, to take along: the same columns that are read, in the reader's language."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.core.db import db
from app.core.i18n import sentence
from app.core.spreadsheets import MARK, SEPARATOR, bare, shielded
from app.items.imports import cells, wording
from app.items.imports.columns import COLUMNS
from app.items.imports.models import ImportBatch, ImportRow
from app.items.models import Item

AT_ONCE = 200


def table(whose: ColumnElement[bool], *, language: str) -> Iterator[str]:
    """The objects that are not retired, the oldest first, some at a time. All words are looked up now; the rest is
    read while the answer is on its way, in a session of its own, when the request is over."""
    header = MARK + _line([str(wording.HEADERS[name]) for name in COLUMNS], language)
    return _pieces(header, whose, _Words(language), db.engine)


def _pieces(header: str, whose: ColumnElement[bool], words: "_Words", engine: Engine) -> Iterator[str]:
    yield header
    last = 0
    while True:
        with Session(engine) as session:  # one for each piece: a long answer holds nobody up
            found = _next(session, whose, last)
            piece = "".join(_line(words.cells(item), words.language) for item in found)
        if piece:
            yield piece
        if len(found) < AT_ONCE:
            return
        last = found[-1].id


def _next(session: Session, whose: ColumnElement[bool], last: int) -> Sequence[Item]:
    return session.scalars(
        select(Item)
        .where(whose, Item.status != "retired", Item.id > last)
        .options(joinedload(Item.category), joinedload(Item.hub), selectinload(Item.parts))
        .order_by(Item.id)
        .limit(AT_ONCE)
    ).all()


def left_out(batch: ImportBatch, rows: Iterable[ImportRow], *, language: str) -> list[str]:
    """What was not written, as it came, with what is to be mended beside it: to be mended and sent again."""
    lines = [MARK + _line([*batch.header, str(wording.PROBLEM)], language)]
    for row in rows:
        given = [bare(cell) for cell in row.cells[: len(batch.header)]]
        given += [""] * (len(batch.header) - len(given))
        lines.append(_line([*given, " ".join(said(row, batch))], language))
    return lines


def said(row: ImportRow, batch: ImportBatch) -> list[str]:
    """What is to be mended in a row, each with its column."""
    return [
        f"{wording.column(column, batch.kind)} : {sentence(code, params)}"
        if column
        else sentence(code, params)
        for column, code, params in row.faults
    ]


def _line(values: Sequence[str], language: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=SEPARATOR.get(language, ","), lineterminator="\r\n").writerow(
        [shielded(value) for value in values]
    )
    return written.getvalue()


class _Words:
    """Facts of an object as cells, with the words looked up once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.mode = {key: str(word) for key, word in wording.MODES.items()}
        self.condition = {key: str(word) for key, word in wording.CONDITIONS.items()}
        self.status = {key: str(word) for key, word in wording.STATUSES.items()}
        self.yes, self.no = str(wording.YES), str(wording.NO)

    def cells(self, item: Item) -> list[str]:
        facts: dict[str, Any] = {
            "code": item.code,
            "title": item.title,
            "category": item.category.name(self.language),
            "mode": ", ".join(self.mode[mode] for mode in item.modes),
            "description": item.description,
            "condition": self.condition[item.condition],
            "parts": cells.joined(cells.part_line(part.name, part.count) for part in item.parts),
            "notices": cells.joined(item.notices),
            "induction": item.induction or "",
            "value": self._money(item.value_cents),
            "deposit": self._money(item.deposit_cents),
            "max_days": _number(item.max_days),
            "buffer_days": _number(item.buffer_days or None),
            "asks_each_time": self.yes if item.asks_each_time else self.no,
            "shelf": item.shelf,
            "place": item.hub.name if item.hub else "",
            "status": self.status[item.status],
        }
        return [facts[name] for name in COLUMNS]

    def _money(self, cents: int | None) -> str:
        text = "" if cents is None else f"{cents // 100}.{cents % 100:02}"
        return text.replace(".", ",") if self.language == "fr" else text


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
