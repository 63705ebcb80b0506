"""Each row of a table, looked at before anything is written: what would be posted, and what is to be mended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from app.core import codes
from app.core.i18n import _
from app.core.spreadsheets import bare
from app.core.text import folded, one_line, several_lines
from app.items import services as items
from app.items.imports import cells, queries
from app.items.imports.columns import Columns

LONGEST_SHOWN = 60
LONGEST_REFERENCE = 100
COLUMN_OF = {"value_cents": "value", "deposit_cents": "deposit", "hub": "place"}
"""Where posting calls a fact otherwise than the table does."""


@dataclass
class Row:
    """One row as it was understood. `faults`: `(column, code, params)`."""

    number: int
    cells: Sequence[str]
    fields: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    reference: str | None = None
    faults: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def fault(self, column: str, fault: str, /, **params: Any) -> None:
        """Something to be mended; one for each column is enough."""
        if all(known != column for known, _code, _params in self.faults):
            self.faults.append((column, fault, params))


class Shelves:
    """Finds a category by its name in addresses or in either language; one that is not known is told with the one
    that it resembles most."""

    def __init__(self, language: str) -> None:
        self.names: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.above: dict[str, list[str]] = {}
        for top, below in queries.catalogue():
            if below:
                for name in (top.slug, top.name_fr, top.name_en):
                    self.above[folded(name)] = [one.name(language) for one in below]
            for one in below or [top]:
                self.shown[one.slug] = one.name(language)
                for name in (one.slug, one.name_fr, one.name_en):
                    self.names.setdefault(folded(name), one.slug)
        self.nearest = cache(self._nearest)

    def find(self, text: str) -> str | None:
        """Its name in addresses; also for a path ("Bricolage > Perceuses"), or the first of several that is known."""
        last = text.replace("›", ">").rsplit(">", maxsplit=1)[-1]
        return next(
            (slug for one in (text, last, *text.split(",")) if (slug := self.names.get(folded(one)))), None
        )

    def _nearest(self, plain: str) -> str:
        from rapidfuzz import process  # noqa: PLC0415 -- only where a shelf is unknown

        found = process.extractOne(plain, list(self.names), score_cutoff=60)
        return self.shown[self.names[found[0]]] if found else ""


class Checker:
    """Looks at the rows of one file, some at a time, and remembers what it has seen: a code stands in it once."""

    def __init__(
        self,
        columns: Columns,
        *,
        hub_id: int | None,
        actor_id: int,
        at_home: bool,
        shelf: str,
        language: str,
    ) -> None:
        """For a hub's shelves, or (`hub_id` empty) for one's own objects; `at_home`: whether they can be kept there."""
        self.columns, self.hub_id, self.actor_id, self.shelf = columns, hub_id, actor_id, shelf
        self.at_home = at_home
        self.shelves = Shelves(language)
        self.seen: dict[str, int] = {}
        self.places: dict[str, str | None] = {}

    def check(self, rows: Sequence[tuple[int, list[str]]]) -> list[Row]:
        """These rows, understood; two statements for all of them together."""
        found = [self._row(number, cells) for number, cells in rows]
        taken = queries.codes_taken([row.code for row in found if row.code], hub_id=self.hub_id)
        known = queries.items_of_references(
            [row.reference for row in found if row.reference],
            hub_id=self.hub_id,
            maker_id=self.actor_id,
        )
        for row in found:
            if row.code in taken:
                row.fault("code", "imports.code_taken", code=row.code)
            if row.reference in known:
                row.fault("code", "imports.came_before", reference=row.reference, code=known[row.reference])
        return found

    def _row(self, number: int, given: list[str]) -> Row:
        row = Row(number, given)
        if any(cell.strip() for cell in given[self.columns.width :]):
            row.fault("", "imports.too_many_cells", count=len(given), max=self.columns.width)
        said = {
            key: bare(given[place].strip(" ")) for place, key in self.columns.at.items() if place < len(given)
        }
        (self._lend_engine if self.columns.kind == "lend_engine" else self._own)(row, said)
        self._shelf(row, one_line(said.get("category"))[:200])
        for name, (code, params) in items.faults_in(
            **{name: value for name, value in row.fields.items() if name not in ("category", "status", "hub")}
        ).items():
            row.fault(COLUMN_OF.get(name, name), code, **params)
        self._once(row, "code", row.code)
        self._once(row, "reference", row.reference)
        return row

    def _once(self, row: Row, kind: str, value: str | None) -> None:
        if value is None:
            return
        before = self.seen.setdefault(f"{kind} {value}", row.number)
        if before != row.number:
            row.fault("code", "imports.twice_in_the_file", code=value[:LONGEST_SHOWN], row=before)

    def _shelf(self, row: Row, text: str) -> None:
        slug = self.shelves.find(text) if text else None
        if slug or self.shelf:
            row.fields["category"] = slug or self.shelf
            return
        if not text:
            row.fault("category", "core.required")
            return
        below = self.shelves.above.get(folded(text))
        nearest = "" if below else self.shelves.nearest(folded(text)[:LONGEST_SHOWN])
        shown = text[:LONGEST_SHOWN]
        if below:
            row.fault("category", "imports.category_too_wide", category=shown, below=", ".join(below[:3]))
        elif nearest:
            row.fault("category", "imports.category_unknown_near", category=shown, nearest=nearest)
        else:
            row.fault("category", "imports.category_unknown", category=shown)

    # -- our own columns ----------------------------------------------------------------------------------

    def _own(self, row: Row, said: Mapping[str, str]) -> None:
        row.fields["title"] = said.get("title", "")
        for name in ("description", "induction", "shelf"):
            row.fields[name] = said.get(name, "")
        row.fields["parts"] = cells.parts(said.get("parts", ""))
        row.fields["notices"] = cells.lines(said.get("notices", ""))
        self._read(row, said, "mode", cells.modes, "imports.unknown_mode", always=True)
        self._read(row, said, "condition", cells.condition, "imports.unknown_condition", always=True)
        self._read(row, said, "status", cells.status, "imports.unknown_status", always=True)
        self._read(row, said, "asks_each_time", cells.yes, "imports.not_yes_or_no")
        self._read(row, said, "value", cells.cents, "items.not_money", name="value_cents")
        self._read(row, said, "deposit", cells.cents, "items.not_money", name="deposit_cents")
        self._read(row, said, "max_days", cells.whole, "items.not_a_number")
        self._read(row, said, "buffer_days", cells.whole, "items.not_a_number")
        self._place(row, one_line(said.get("place"))[:100])
        typed = one_line(said.get("code"))
        code = codes.read(typed)
        if code is not None and code.kind == codes.ITEM:
            row.code = str(code)
        elif typed:
            row.fault("code", "imports.not_a_code", code=typed[:LONGEST_SHOWN])
        row.reference = one_line(said.get("reference"))[:LONGEST_REFERENCE] or None

    def _read(
        self,
        row: Row,
        said: Mapping[str, str],
        column: str,
        read: Callable[[str], Any],
        fault: str,
        *,
        name: str | None = None,
        always: bool = False,
    ) -> None:
        """One cell by its reader; an empty one is left to posting's own default unless the reader knows it (`always`)."""
        text = one_line(said.get(column))
        if not text and not always:
            return
        value = read(text)
        if value is None:
            row.fault(column, fault, typed=text[:LONGEST_SHOWN])
        else:
            row.fields[name or column] = value

    def _place(self, row: Row, text: str) -> None:
        """For a hub all stays there. One's own objects are at home, or at a hub that one belongs to."""
        if self.hub_id is not None:
            return
        if not text:
            if not self.at_home:
                row.fault("place", "imports.place_missing")
            return
        if text not in self.places:
            self.places[text] = queries.hub_of_member(text, resident_id=self.actor_id)
        if self.places[text] is None:
            row.fault("place", "imports.place_unknown", place=text[:LONGEST_SHOWN])
        row.fields["hub"] = self.places[text]

    # -- Lend Engine's ------------------------------------------------------------------------------------

    def _lend_engine(self, row: Row, said: Mapping[str, str]) -> None:
        typed = one_line(said.get("code")) or one_line(said.get("id"))
        row.reference = typed[:LONGEST_REFERENCE] or None
        if not typed:
            row.fault("code", "imports.lend_engine_row_without_code")
        code = codes.read(typed)
        row.code = str(code) if code is not None and code.kind == codes.ITEM else None
        row.fields["title"] = said.get("title", "")
        row.fields["description"] = self._told(said, typed if row.code is None else "")
        self._place(row, "")
        row.fields["mode"] = ["lend"]
        row.fields["status"] = "active"
        row.fields["parts"] = cells.parts(cells.without_tags(said.get("parts", "")))
        row.fields["notices"] = cells.lines(cells.without_tags(said.get("notices", "")))
        self._read(row, said, "condition", cells.condition, "imports.unknown_condition", always=True)
        self._read(row, said, "value", cells.cents, "items.not_money", name="value_cents")
        self._read(row, said, "max_days", cells.whole, "items.not_a_number")
        if row.fields.get("max_days") == 0:
            row.fields["max_days"] = None

    def _told(self, said: Mapping[str, str], old_code: str) -> str:
        """All that is said of it there and has no place of its own here."""
        brand, serial = one_line(said.get("brand")), one_line(said.get("serial"))
        told = (
            cells.without_tags(said.get("short", "")),
            cells.without_tags(said.get("long", "")),
            _("Marque : %(brand)s", brand=brand) if brand else "",
            _("Numéro de série : %(serial)s", serial=serial) if serial else "",
            _("Ancien code : %(code)s", code=old_code) if old_code else "",
        )
        return several_lines("\n".join(line for line in told if line))
