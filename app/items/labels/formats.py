"""Sheets of labels as they are sold, in millimetres on A4. Pure.

Makers publish a label's size and number on the box, and where the first one begins only inside their templates. These
are the templates' figures as gLabels keeps them (github.com/jimevins/glabels-qt, `templates/avery-iso-templates.xml`),
with columns that the maker centres centred to the hundredth; a printer's own drift is larger.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.errors import Invalid


@dataclass(frozen=True)
class Sheet:
    """`columns` by `rows` labels of `width` by `height`; `left`, `top` of the first one, `step_x`, `step_y` from one to
    the next. `cut`: plain paper, with lines to cut along."""

    name: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    step_x: float
    step_y: float
    cut: bool = False

    @property
    def count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows

    def places(self, start: int) -> Iterator[tuple[int, float, float]]:
        """(page, x, y) of one label after the other, without end: from the `start`-th of the first sheet on, row by row."""
        at = start - 1
        while True:
            page, on_it = divmod(at, self.count)
            row, column = divmod(on_it, self.columns)
            yield page, self.left + column * self.step_x, self.top + row * self.step_y
            at += 1


SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet("L7160", 3, 7, 63.5, 38.1, 7.21, 15.15, 66.04, 38.1),
        Sheet("L7163", 2, 7, 99.06, 38.1, 4.67, 15.15, 101.6, 38.1),
        Sheet("L4736REV", 4, 12, 45.7, 21.2, 9.85, 21.3, 48.2, 21.2),
        Sheet("L7651", 5, 13, 38.1, 21.2, 4.7, 10.9, 40.6, 21.2),
        Sheet("L4732REV", 5, 16, 35.6, 16.9, 11.0, 13.3, 38.1, 16.9),
        Sheet("A4", 3, 9, 63.0, 29.0, 10.5, 18.0, 63.0, 29.0, cut=True),
    )
}
"""By the maker's number; "A4" is plain paper to cut, in the size of our tags."""
USUAL = "L7160"


def begun(name: str | None, start: int | None) -> tuple[Sheet, int]:
    """The sheet that lies in the printer, and its first free label; `Invalid` for a format that is not known and a
    label that the sheet does not have."""
    sheet = SHEETS.get(name or "")
    if sheet is None:
        raise Invalid({"sheet": "labels.unknown_sheet"})
    if start is None or not 1 <= start <= sheet.count:
        raise Invalid({"start": ("core.out_of_range", {"min": 1, "max": sheet.count})})
    return sheet, start
