"""Tables for spreadsheets: the separator and the mark that programs of each language expect, and cells that stay text.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read without:
https://owasp.org/www-community/attacks/CSV_Injection.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

SEPARATOR = {"fr": ";", "en": ","}
"""What spreadsheets of that language open without asking; read again, either is understood."""
MARK = "\ufeff"
"""With it, spreadsheets take the file for UTF-8."""

_RUNS = re.compile(r"^'*[=+\-@\t\r＝＋－＠]")
_QUOTED = re.compile(r"^'+[=+\-@\t\r＝＋－＠]")


def shielded(text: str) -> str:
    """The cell as it is written: text stays text, whatever program opens it."""
    return f"'{text}" if _RUNS.match(text) else text


def bare(text: str) -> str:
    """The cell as it was before it was shielded."""
    return text[1:] if _QUOTED.match(text) else text


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[object]], *, language: str) -> str:
    """A whole table. Texts are shielded; numbers are not: they cannot be taken for anything else."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=SEPARATOR.get(language, ","), lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([shielded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return MARK + written.getvalue()
