"""Draws the lists of a group purchase on A4: the order for the supplier, what to pack for whom, what to pack of what.

fpdf2 costs half a second: this module is imported only where a PDF is asked for.
"""

from collections.abc import Sequence
from datetime import datetime

from fpdf import FPDF

from app.core.paper import PAGE, document, drawable, lines, one_line, write, write_before
from app.purchases.delivery.sheets import MARGIN, RIGHT, Section, Sheet

BOTTOM = PAGE[1] - MARGIN
STEP = 5.2
"""Millimetres between the lines of a row."""
AIR = 1.8
TICK = 4.0
TEXT = 9.5
NAME = 8.0
SUM = STEP + 0.5
SHORTEST = 40.0
"""So much of a section that is longer than a page begins on a page that is not new."""


def drawn(sheet: Sheet, *, made_at: datetime) -> bytes:
    """The list as a PDF. A section stands on one page where it fits on one; where it goes on, its name stands again. A row
    is never torn."""
    pdf = document(made_at)
    y = top = _page(pdf, sheet)
    for section in sheet.sections:
        rows = [_cells(pdf, sheet, row) for row in section.rows]
        height = NAME * bool(section.name) + sum(map(_height, rows)) + SUM * len(section.sums)
        if y > top and y + min(height, SHORTEST if height > BOTTOM - top else height) > BOTTOM:
            y = _page(pdf, sheet)
        y = _name(pdf, section, y)
        for number, cells in enumerate(rows):
            with_sums = SUM * len(section.sums) if number == len(rows) - 1 else 0.0
            if y + _height(cells) + with_sums > BOTTOM:
                y = _name(pdf, section, _page(pdf, sheet))
            y = _row(pdf, sheet, cells, y)
        for word, figure in section.sums:
            y = _sum(pdf, word, figure, y)
        y += 2 if section.name else 0
    _foot(pdf, sheet, y)
    return bytes(pdf.output())


def _page(pdf: FPDF, sheet: Sheet) -> float:
    pdf.add_page()
    number = sheet.page.replace("#", str(pdf.page_no()))
    write_before(pdf, number, RIGHT, MARGIN, size=9, step=8, grey=70)
    title = one_line(pdf, sheet.title, RIGHT - MARGIN - 26, size=14, style="B")
    y = write(pdf, title, MARGIN, MARGIN, size=14, style="B", step=8)
    for fact in sheet.facts if pdf.page_no() == 1 else sheet.facts[:1]:
        for line in lines(pdf, fact, RIGHT - MARGIN, size=9, most=4):
            y = write(pdf, line, MARGIN, y, size=9, step=4.6, grey=70)
    y += 3
    for column in sheet.columns:
        put = write_before if column.right else write
        put(pdf, column.head, column.x, y, size=8, step=4, grey=70)
    pdf.set_draw_color(0)
    pdf.set_line_width(0.25)
    pdf.line(MARGIN, y + 5, RIGHT, y + 5)
    return y + 5.6


def _name(pdf: FPDF, section: Section, y: float) -> float:
    if not section.name:
        return y
    told = drawable(pdf, section.told)
    pdf.set_font_size(9)
    width = pdf.get_string_width(told) if told else 0.0
    name = one_line(pdf, section.name, RIGHT - MARGIN - width - 6, size=11.5, style="B")
    write(pdf, name, MARGIN, y + 1, size=11.5, style="B", step=7)
    if told:
        write_before(pdf, told, RIGHT, y + 1, size=9, step=7)
    return y + NAME


def _cells(pdf: FPDF, sheet: Sheet, row: Sequence[str]) -> list[list[str]]:
    return [
        lines(pdf, text, column.width, size=TEXT, most=1 if column.right else 3) or [""]
        for column, text in zip(sheet.columns, row, strict=True)
    ]


def _height(cells: Sequence[Sequence[str]]) -> float:
    return max(len(cell) for cell in cells) * STEP + AIR


def _row(pdf: FPDF, sheet: Sheet, cells: Sequence[Sequence[str]], y: float) -> float:
    if sheet.ticks:
        pdf.set_draw_color(0)
        pdf.set_line_width(0.25)
        pdf.rect(MARGIN, y + (STEP + AIR - TICK) / 2, TICK, TICK)
    for column, texts in zip(sheet.columns, cells, strict=True):
        at = y + AIR / 2
        put = write_before if column.right else write
        for text in texts:
            at = put(pdf, text, column.x, at, size=TEXT, step=STEP, style="B" if column.strong else "")
    end = y + _height(cells)
    pdf.set_draw_color(190)
    pdf.set_line_width(0.1)
    pdf.line(MARGIN, end, RIGHT, end)
    return end


def _sum(pdf: FPDF, word: str, figure: str, y: float) -> float:
    write_before(pdf, figure, RIGHT, y + 0.5, size=TEXT, step=STEP, style="B")
    width = pdf.get_string_width(figure)
    write_before(pdf, word, RIGHT - width - 3, y + 0.5, size=TEXT, step=STEP)
    return y + SUM


def _foot(pdf: FPDF, sheet: Sheet, y: float) -> None:
    y += 4
    for text in sheet.foot:
        for line in lines(pdf, text, RIGHT - MARGIN, size=9, most=6):
            if y + 4.6 > BOTTOM:
                y = _page(pdf, sheet)
            y = write(pdf, line, MARGIN, y, size=9, step=4.6)
