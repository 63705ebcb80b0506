"""Codes are read whole or not at all, however they were typed or scanned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import codes

ON_AZERTY = str.maketrans("1234567890-aqzwAQZWmM;:./,", "&é\"'(-è_çà)qawzQAWZ,?mM:!;")
numbers = st.integers(0, 32**6 - 1)


@given(numbers)
def test_a_code_is_read_back_however_it_is_written(number: int) -> None:
    code = codes.numbered("I", number)
    for written in (
        str(code),
        str(code).lower(),
        f"  {code} ",
        f"I{code.body[:4]}-{code.body[4:]}",
        f"https://movilab.example/c/{code}",
        f"http://127.0.0.1:8000/c/{code}?from=label",
        str(code).translate(ON_AZERTY),
        f"http://127.0.0.1:8000/c/{code}".translate(ON_AZERTY),
    ):
        assert codes.read(written) == code


@given(numbers, st.integers(0, 6), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_refused(number: int, place: int, other: str) -> None:
    body = codes.numbered("M", number).body
    if body[place] == other:
        return
    assert codes.read(f"M-{body[:place]}{other}{body[place + 1 :]}") is None


@given(numbers, st.integers(0, 5))
def test_two_swapped_neighbours_are_refused_or_the_one_pair_that_luhn_cannot_see(
    number: int, place: int
) -> None:
    body = codes.numbered("M", number).body
    first, second = body[place], body[place + 1]
    swapped = f"M-{body[:place]}{second}{first}{body[place + 2 :]}"
    if first == second or {first, second} == {"0", "Z"}:
        return
    assert codes.read(swapped) is None


@given(numbers, st.integers(1, 6))
def test_a_half_read_code_is_refused(number: int, kept: int) -> None:
    assert codes.read("I-" + codes.numbered("I", number).body[:kept]) is None


@pytest.mark.parametrize(
    "text", ["", "I-", "X-0000000", "I-000000U", "3017620422003", "Nadia", "I-0000000\x00", "é" * 500]
)
def test_other_things_are_no_codes(text: str) -> None:
    assert codes.read(text) is None


def test_lookalike_letters_are_what_was_meant() -> None:
    code = next(c for n in range(32**3) if {"0", "1"} <= set((c := codes.numbered("I", n)).body))
    assert (
        codes.read(str(code).replace("0", "O")[:1] + "-" + code.body.replace("0", "o").replace("1", "l"))
        == code
    )
