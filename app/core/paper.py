"""What everything that is drawn on paper shares: a document with our own fonts, and text that fits where it stands.

fpdf2 and its fonts cost 20 MiB and half a second: this module is imported only where a PDF is asked for. Lengths are
millimetres, sizes points.
"""

from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONTS = Path(__file__).resolve().parent / "fonts"
FONT = "DejaVu"
POINT = 25.4 / 72
PAGE = (210.0, 297.0)
"""A4."""


def document(made_at: datetime) -> FPDF:
    """An empty document that draws every sign of a European language, œ and € among them."""
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_creation_date(made_at)
    pdf.set_creator("MoviLab")
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    pdf.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
    pdf.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.viewer_preferences = None
    return pdf


def write(
    pdf: FPDF, text: str, x: float, y: float, *, size: float, step: float, style: str = "", grey: int = 0
) -> float:
    """One line from here on; where the next one would begin."""
    pdf.set_font(FONT, style, size)
    pdf.set_text_color(grey)
    pdf.set_xy(x, y)
    pdf.cell(w=0, h=step, text=text, new_x=XPos.LEFT, new_y=YPos.TOP)
    return y + step


def write_before(
    pdf: FPDF, text: str, x: float, y: float, *, size: float, step: float, style: str = "", grey: int = 0
) -> float:
    """One line that ends here, as figures stand under each other."""
    pdf.set_font(FONT, style, size)
    begins = x - pdf.get_string_width(text) - 2 * pdf.c_margin
    return write(pdf, text, begins, y, size=size, step=step, style=style, grey=grey)


def lines(pdf: FPDF, text: str, width: float, *, size: float, most: int, style: str = "") -> list[str]:
    """The text in at most so many lines, broken between words where that can be, cut with an ellipsis where it is
    longer."""
    pdf.set_font(FONT, style, size)
    rest = drawable(pdf, text)
    found: list[str] = []
    while rest and len(found) < most:
        fits = _how_many_fit(pdf, rest, width)
        if fits < len(rest) and len(found) == most - 1:
            while fits and pdf.get_string_width(f"{rest[:fits].rstrip()}…") > width:
                fits -= 1
            return [*found, f"{rest[:fits].rstrip()}…"]
        if fits < len(rest) and rest[fits] != " " and " " in rest[:fits]:
            fits = rest.rindex(" ", 0, fits)
        found.append(rest[:fits].rstrip())
        rest = rest[fits:].lstrip()
    return found


def one_line(pdf: FPDF, text: str, width: float, *, size: float, style: str = "") -> str:
    """As much of the text as stands in one line of this width."""
    return next(iter(lines(pdf, text, width, size=size, most=1, style=style)), "")


def drawable(pdf: FPDF, text: str) -> str:
    """The text without signs that our font cannot draw."""
    known = pdf.fonts[FONT.lower()].cmap  # type: ignore[union-attr]  # a font of our own, whose letters are known
    return " ".join("".join(sign if ord(sign) in known else " " for sign in text).split())


def _how_many_fit(pdf: FPDF, text: str, width: float) -> int:
    """How many signs from the start stand side by side in this width; one at least."""
    return (
        next((n for n in range(2, len(text) + 1) if pdf.get_string_width(text[:n]) > width), len(text) + 1)
        - 1
        or 1
    )
