"""What the counter makes of what is scanned or typed."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import codes
from app.counter import rules

DRILL = str(codes.numbered(codes.ITEM, 123_456_789))
CARD = str(codes.numbered(codes.MEMBER, 987_654_321))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (DRILL, "item"),
        (DRILL.lower(), "item"),
        (f"https://movilab.example/c/{DRILL}", "item"),
        (f"  {CARD} ", "member"),
        (DRILL[:-1] + ("0" if DRILL[-1] != "0" else "1"), "half_read"),
        (DRILL[:5], "half_read"),
        ("M-7QK", "half_read"),
        ("m7qk42", "half_read"),
        ("https://movilab.example/c/I-1", "half_read"),
        ("MI--TC2KXQYZZK", "half_read"),  # two scanners at once
        ("I7-93KM1-TC22KX4Y0", "half_read"),
        ("Marie-Anne-Lise", "words"),
        ("Perceuse18V", "words"),
        ("Nadia", "words"),
        ("Malik", "words"),
        ("Imen B.", "words"),
        ("perceuse 18 V", "words"),
        ("Inès", "words"),
        ("", "nothing"),
        (" \t ", "nothing"),
        ("😀", "words"),
        ("محمد", "words"),
    ],
)
def test_what_was_scanned(text: str, kind: str) -> None:
    assert rules.read(text).kind == kind


def test_a_us_scanner_on_an_azerty_computer_is_read() -> None:
    keys = dict(zip("1234567890-", "&é\"'(-è_çà)", strict=True)) | {"M": "?", "m": ","}
    swapped = {"A": "Q", "Q": "A", "Z": "W", "W": "Z"}
    typed = "".join(keys.get(sign, swapped.get(sign, sign)) for sign in DRILL)
    assert rules.read(typed).code == DRILL


def test_far_too_much_is_not_read_whole() -> None:
    assert len(rules.read("a" * 5000).words) == rules.LONGEST


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        *(("40", 4000), ("3,5", 350), ("3,50", 350), ("3.50 €", 350), ("0", 0)),
        *((wrong, None) for wrong in ("", "-4", "quatre", "1e9", "3,505")),
    ],
)
def test_sums_as_people_write_them(text: str, cents: int | None) -> None:
    assert rules.cents(text) == cents


def test_a_scan_long_after_the_first_brings_back() -> None:
    out = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert not rules.means_return(out, now=out + timedelta(minutes=10))
    assert rules.means_return(out, now=out + timedelta(minutes=11))
    assert not rules.means_return(None, now=out)
