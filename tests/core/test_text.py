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


@pytest.mark.parametrize("typed", [None, "", "-1", "1.0", " 1", "²", "١", "1" * 10, "1e3", "1_0"])
def test_what_is_no_number_of_an_address_is_none(typed: str | None) -> None:
    assert text.whole(typed) is None


def test_a_number_of_an_address() -> None:
    assert (text.whole("0"), text.whole("12"), text.whole("9" * 9)) == (0, 12, 999_999_999)
