"""Which passwords will do, and what a browser is called."""

import pytest

from app.accounts.rules import browser_name, why_weak
from app.accounts.services import _common_passwords

ABOUT = ("Nadia Benali", "nadia.benali@example.org")


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("demo-movilab-2026", None),
        ("trois mots simples", None),
        ("пароль из слов", None),
        ("court", "accounts.password_short"),
        ("123456789", "accounts.password_short"),
        ("1234567890", "accounts.password_common"),
        ("Azertyuiop", "accounts.password_common"),
        ("Motdepasse2026", "accounts.password_common"),
        ("aaaaaaaaaaaa", "accounts.password_common"),
        ("123456789012", "accounts.password_common"),
        ("mlkjhgfdsqpo", "accounts.password_common"),
        ("abc123abc123", "accounts.password_common"),
        ("nadia benali", "accounts.password_about_you"),
        ("nadia.benali@example.org", "accounts.password_about_you"),
        ("x" * 201, "accounts.password_long"),
    ],
)
def test_a_password_is_long_and_not_what_is_tried_first(password: str, wrong: str | None) -> None:
    assert why_weak(password, common=_common_passwords(), about=ABOUT) == wrong


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_no_finer_than_needed(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
