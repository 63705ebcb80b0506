"""Draws on paper: sheets of labels, and the list of what stands on the shelves, as PDF.

fpdf2 and its fonts cost 20 MiB and half a second: this module is imported only where a PDF is asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import segno
from fpdf import FPDF

from app.core.paper import FONT, PAGE, POINT, document, lines, one_line, write, write_before
from app.items.labels.formats import Sheet

INSET = 1.6
"""Millimetres kept free inside a label's edge: sheets are never fed quite straight."""
QUIET = 2
"""Modules kept white inside a QR's square; with the label's own white around it that makes the four of its standard
(ISO/IEC 18004)."""
CLOSING = 1.02
"""Rows of a QR lap over each other by a hair, so that no line shines through between them."""
USUAL_CODE = "I-M0M0M0M"
"""As wide as most codes are, so that they are of one size all over a sheet."""


@dataclass(frozen=True)
class Label:
    """What one label says: the code, where its QR leads, a title and whose it is. Blank ones have no title."""

    code: str
    link: str
    title: str = ""
    place: str = ""


def labels(sheet: Sheet, wanted: Iterable[Label], *, start: int = 1, made_at: datetime) -> bytes:
    """The labels on sheets, from the `start`-th place of the first one on."""
    pdf = document(made_at)
    pages = 0
    for label, (page, x, y) in zip(wanted, sheet.places(start), strict=False):
        while pages <= page:
            pdf.add_page()
            pages += 1
        if sheet.cut:
            pdf.set_draw_color(170)
            pdf.set_line_width(0.1)
            pdf.rect(x, y, sheet.width, sheet.height)
        _label(pdf, label, x, y, sheet)
    return bytes(pdf.output())


def _label(pdf: FPDF, label: Label, x: float, y: float, sheet: Sheet) -> None:
    side = sheet.height - 2 * INSET
    side = min(side, sheet.width * 0.42)
    _qr(pdf, label.link, x + INSET, y + (sheet.height - side) / 2, side)
    left = x + INSET + side + INSET * 0.6
    width = x + sheet.width - INSET - left
    room = sheet.height - 2 * INSET
    code_size = _fitting(pdf, (USUAL_CODE, label.code), width, most=min(14.0, room / POINT / 3))
    small = max(4.5, min(8.0, code_size * 0.68))
    line = small * POINT * 1.22
    title = lines(
        pdf, label.title, width, size=small, most=max(1, int((room - code_size * POINT * 1.3) / line) - 1)
    )
    place = lines(pdf, label.place, width, size=small * 0.9, most=1)
    height = code_size * POINT * 1.3 + line * len(title) + (line * len(place) if label.place else 0)
    top = y + (sheet.height - height) / 2
    top = write(pdf, label.code, left, top, size=code_size, style="B", step=code_size * POINT * 1.3)
    for text in title:
        top = write(pdf, text, left, top, size=small, step=line)
    for text in place:
        write(pdf, text, left, top, size=small * 0.9, step=line, grey=70)


def _fitting(pdf: FPDF, texts: Sequence[str], width: float, *, most: float) -> float:
    """The largest size at which each of these stands in one bold line."""
    pdf.set_font(FONT, "B", 10)
    return min(most, 10 * width / max(pdf.get_string_width(text) for text in texts))


def _qr(pdf: FPDF, link: str, x: float, y: float, side: float) -> None:
    """The square code, drawn as rows of ink: sharp on any printer."""
    rows = segno.make(link, error="m", micro=False).matrix
    module = side / (len(rows) + 2 * QUIET)
    pdf.set_fill_color(0)
    for at, row in enumerate(rows):
        across = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                left, top = x + (across + QUIET) * module, y + (at + QUIET) * module
                pdf.rect(left, top, length * module, module * CLOSING, style="F")
            across += length


# -- the list to walk along the shelves with --------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """An object on the list: its code, what it is, and why it may not be in its place today."""

    code: str
    title: str
    kind: str
    where: str


@dataclass(frozen=True)
class Words:
    """What stands on every page of the list, in the reader's language."""

    title: str
    made: str
    code: str
    thing: str
    today: str
    page: str


MARGIN = 14.0
STEP = 7.2
TICK = 4.0
AT = (MARGIN, MARGIN + 9, MARGIN + 36, MARGIN + 134)
"""Where the columns begin: the box to tick, the code, the object, where it is today."""


def stock_list(words: Words, shelves: Sequence[tuple[str, Sequence[Row]]], *, made_at: datetime) -> bytes:
    """One box to tick for each object, shelf by shelf: `shelves` are (name of the shelf, its objects)."""
    pdf = document(made_at)
    y = _list_page(pdf, words)
    for shelf, rows in shelves:
        if y + 3 * STEP > PAGE[1] - MARGIN:
            y = _list_page(pdf, words)
        y = write(
            pdf,
            one_line(pdf, shelf, 120, size=12, style="B"),
            MARGIN,
            y + 2,
            size=12,
            style="B",
            step=STEP + 1,
        )
        for row in rows:
            if y + STEP > PAGE[1] - MARGIN:
                y = _list_page(pdf, words)
            _list_row(pdf, row, y)
            y += STEP
    return bytes(pdf.output())


def _list_page(pdf: FPDF, words: Words) -> float:
    pdf.add_page()
    write(
        pdf, one_line(pdf, words.title, 150, size=14, style="B"), MARGIN, MARGIN, size=14, style="B", step=8
    )
    write(pdf, words.made, MARGIN, MARGIN + 8, size=9, step=5, grey=70)
    number = words.page.replace("#", str(pdf.page_no()))
    write_before(pdf, number, PAGE[0] - MARGIN, MARGIN + 8, size=9, step=5, grey=70)
    for x, head in zip(AT[1:], (words.code, words.thing, words.today), strict=True):
        write(pdf, head, x, MARGIN + 15, size=8, step=4, grey=70)
    pdf.set_draw_color(0)
    pdf.set_line_width(0.25)
    pdf.line(MARGIN, MARGIN + 20, PAGE[0] - MARGIN, MARGIN + 20)
    return MARGIN + 21


def _list_row(pdf: FPDF, row: Row, y: float) -> None:
    pdf.set_draw_color(0)
    pdf.set_line_width(0.25)
    pdf.rect(AT[0], y + (STEP - TICK) / 2, TICK, TICK)
    write(pdf, row.code, AT[1], y, size=9, style="B", step=STEP)
    write(pdf, one_line(pdf, row.title, AT[3] - AT[2] - 3, size=9.5), AT[2], y, size=9.5, step=STEP)
    said = row.where or row.kind
    width = PAGE[0] - MARGIN - AT[3]
    write(
        pdf, one_line(pdf, said, width, size=8.5), AT[3], y, size=8.5, step=STEP, grey=0 if row.where else 90
    )
    pdf.set_draw_color(190)
    pdf.set_line_width(0.1)
    pdf.line(MARGIN, y + STEP, PAGE[0] - MARGIN, y + STEP)
