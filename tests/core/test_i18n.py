"""Days, money and distances as neighbours say them."""

from datetime import UTC, date, datetime, time

import pytest
from flask import Flask

from app.core import i18n

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "fr",
            [
                "vendredi 27 novembre",
                "mardi 1er décembre",
                "14 h",
                "14 h 30",
                "40 €",
                "3,50 €",
                "350 m",
                "1,2 km",
            ],
        ),
        (
            "en",
            ["Friday 27 November", "Tuesday 1 December", "14:00", "14:30", "€40", "€3.50", "350 m", "1.2 km"],
        ),
    ],
)
def test_days_money_and_distances(app: Flask, locale: str, said: list[str]) -> None:
    with app.test_request_context(), i18n.in_language(locale):
        heard = [
            i18n.format_day(FRIDAY),
            i18n.format_day(date(2026, 12, 1)),
            i18n.format_clock(time(14)),
            i18n.format_clock(datetime(2026, 11, 27, 13, 30, tzinfo=UTC)),
            i18n.format_money(4000),
            i18n.format_money(350),
            i18n.format_distance(362),
            i18n.format_distance(1230),
        ]
        assert [words.replace("\u202f", " ").replace("\xa0", " ") for words in heard] == said


def test_a_sentence_puts_days_in_words(app: Flask) -> None:
    i18n.describe({"tests.until": i18n._l("jusqu’au %(day)s")})
    with app.test_request_context():
        assert i18n.sentence("tests.until", {"day": FRIDAY}) == "jusqu’au vendredi 27 novembre"
