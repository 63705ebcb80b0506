"""What people type is made clean, and limits are said."""

import pytest

from app.core import text
from app.core.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  Perceuse \n 18 V ", "Perceuse 18 V"),
        ("Perce\x00use", "Perceuse"),
        ("e\u0301te\u0301", "été"),
        ("مثقاب", "مثقاب"),
        ("\u202etxet", "txet"),
        ("🪚 scie", "🪚 scie"),
        ("\ud800 seul", "seul"),
        (None, ""),
    ],
)
def test_one_line(typed: str | None, clean: str) -> None:
    assert text.one_line(typed) == clean


def test_several_lines_keep_their_paragraphs() -> None:
    assert text.several_lines("Un\r\n\r\n\r\n\r\ndeux\rtrois ") == "Un\n\ndeux\ntrois"


@pytest.mark.parametrize(
    ("typed", "code"), [("", "core.required"), ("a", "core.too_short"), ("a" * 11, "core.too_long")]
)
def test_limits_are_said_for_their_field(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        text.checked("title", typed, longest=10, shortest=2)
    assert refused.value.errors["title"][0] == code
