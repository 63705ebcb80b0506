"""Gather the category drawings on one sheet, so that a list of twenty objects asks for one picture and not for twenty.

`<use href="/static/drawings/categories.svg#perceuse-2">` shows one of them. The single files stay: mails, previews and
pages with one drawing use those.

    python scripts/draw_sheet.py            write the sheet
    python scripts/draw_sheet.py --check    fail when the committed sheet differs
"""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static" / "drawings"
SHEET = FOLDER / "categories.svg"
DRAWING = re.compile(
    r'<svg [^>]*viewBox="0 0 160 120"[^>]*>(?:<title>[^<]*</title>)?(.*)</svg>\s*', re.DOTALL
)


def symbol(name: str, source: str) -> str:
    """One drawing under its name; it fills its frame, whatever the frame's form."""
    found = DRAWING.fullmatch(source)
    if found is None:
        raise ValueError(f"{name} is not a drawing of 160 × 120")
    attributes = f'id="{name}" viewBox="0 0 160 120" preserveAspectRatio="xMidYMid slice"'
    return f"<symbol {attributes}>{found[1]}</symbol>\n"


def sheet() -> str:
    files = sorted((FOLDER / "categories").glob("*.svg"))
    symbols = "".join(symbol(file.stem, file.read_text(encoding="utf-8")) for file in files)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'


def main() -> int:
    drawn = sheet()
    if "--check" not in sys.argv[1:]:
        SHEET.write_text(drawn, encoding="utf-8")
        return 0
    if SHEET.read_text(encoding="utf-8") == drawn:
        return 0
    print("static/drawings/categories.svg differs from its drawings: run scripts/draw_sheet.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
