"""A file that somebody saved from a spreadsheet, read as rows: whichever signs, separator and line ends it came with.

It is read as a stream, twice: once to see that it can be read to the end and how long it is, once for its rows.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.core.errors import Invalid, TooLarge
from app.items.imports import columns

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
SEPARATORS = (";", ",", "\t")
_PIECE = 256 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_HINT = re.compile(r'^"?sep=.{1,2}$', re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """How the file is to be read, and what its first row says."""

    encoding: str
    separator: str
    header: Sequence[str]
    header_at: int
    digest: str


def look(stream: BinaryIO) -> Table:
    """Read the file once, to its end. `TooLarge` or `Invalid` where it is no table that we can take."""
    encoding, digest = _encoding(stream)
    found = [_first_row(stream, encoding, separator) for separator in SEPARATORS]
    best = max(found, key=lambda one: (columns.known(one[1]), len(one[1])))
    table = Table(encoding, best[2], best[1], best[0], digest)
    if not any(name.strip() for name in table.header):
        raise Invalid({"file": "imports.empty"})
    if not columns.known(table.header):
        raise Invalid({"file": "imports.no_header"})
    if len(table.header) > MOST_COLUMNS:
        raise Invalid({"file": ("imports.too_many_columns", {"max": MOST_COLUMNS})})
    some = 0
    for some, _row in enumerate(rows(stream, table), start=1):
        if some > MOST_ROWS:
            raise Invalid({"file": ("imports.too_many_rows", {"max": MOST_ROWS})})
    if not some:
        raise Invalid({"file": "imports.no_rows"})
    return table


def rows(stream: BinaryIO, table: Table) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of every row that says something; the number is the spreadsheet's, the first row being 1."""
    for number, cells in _records(stream, table.encoding, table.separator):
        if number > table.header_at and any(cell.strip() for cell in cells):
            yield number, cells


def _records(stream: BinaryIO, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield from enumerate(csv.reader(text, delimiter=separator), start=1)
    except csv.Error as error:  # one cell as long as a book: a quotation mark that is never closed
        raise Invalid({"file": "imports.open_quote"}) from error
    finally:
        text.detach()


def _first_row(stream: BinaryIO, encoding: str, separator: str) -> tuple[int, list[str], str]:
    """(number, cells, separator) of the first row; Excel's own hint `sep=;` may stand above it."""
    reading = _records(stream, encoding, separator)
    try:
        for number, cells in reading:
            if number == 1 and _HINT.match(separator.join(cells)):
                continue
            return number, cells, separator
    finally:
        reading.close()  # type: ignore[attr-defined]  # a generator
    return 1, [], separator


def _encoding(stream: BinaryIO) -> tuple[str, str]:
    """Which signs these bytes are, and their SHA-256. UTF-8 is proven to the last byte; what is not UTF-8 was written
    by an older Windows."""
    stream.seek(0)
    start = stream.read(4)
    if not start:
        raise Invalid({"file": "imports.empty"})
    if start.startswith(_WORKBOOKS):
        raise Invalid({"file": "imports.workbook"})
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    digest, length = hashlib.sha256(), 0
    candidates = {name: codecs.getincrementaldecoder(name)() for name in ([marked] if marked else _UNMARKED)}
    stream.seek(0)
    while candidates:
        piece = stream.read(_PIECE)
        digest.update(piece)
        length += len(piece)
        if length > MOST_BYTES:
            raise TooLarge("imports.too_large", max=MOST_BYTES // (1024 * 1024))
        for name, decoder in list(candidates.items()):
            try:
                seen = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError:
                del candidates[name]
                continue
            if "\x00" in seen:
                raise Invalid({"file": "imports.not_text"})
        if not piece:
            break
    if not candidates:
        raise Invalid({"file": "imports.unknown_signs"})
    return next(iter(candidates)), digest.hexdigest()


_UNMARKED = ("utf-8", "cp1252")
