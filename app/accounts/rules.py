"""What holds for accounts: how long things last, which passwords will do, what a browser is called."""

import re
from collections.abc import Collection, Sequence
from datetime import timedelta

NAME_LONGEST = 60
EMAIL_LONGEST = 254
PASSWORD_SHORTEST = 10
PASSWORD_LONGEST = 200
"""The longest is only there so that nobody makes the server hash a book."""
TOKEN_NAME_LONGEST = 60
TOKENS_AT_ONCE = 50

REMEMBERED = timedelta(days=60)
"""How long a browser of one's own stays logged in."""
NOT_REMEMBERED = timedelta(hours=12)
LINK_HOLDS = {"confirm": timedelta(days=7), "password": timedelta(hours=2)}
"""How long a mailed link may be used."""
WELCOME_HOLDS = timedelta(days=7)
"""How long the first link of an account made at the counter may be used."""
LINKS_PER_HOUR = 5
"""More than so many mails of one purpose in an hour to one address are not sent: nobody fills another's mailbox."""
DEMO_DOMAIN = "demo.movilab.test"
"""Where the log-ins of the demo seem to live; their password stands in the README."""
TOKEN_DAYS = 90
TOKEN_LONGEST_DAYS = 365


def is_demo_address(email: str) -> bool:
    """Whether this is one of the log-ins that everybody knows."""
    return email.endswith(f"@{DEMO_DOMAIN}")


def why_weak(password: str, *, common: Collection[str], about: Sequence[str]) -> str | None:
    """The code of what is wrong with a new password, or None. `about`: words anybody would try on this person
    (name, address). Length says most; only what is tried first is refused besides."""
    if len(password) < PASSWORD_SHORTEST:
        return "accounts.password_short"
    if len(password) > PASSWORD_LONGEST:
        return "accounts.password_long"
    plain = password.casefold()
    if plain in common or plain.rstrip("0123456789!?.") in common or _is_a_walk(plain):
        return "accounts.password_common"
    if any(plain == word.casefold() or plain == word.casefold() * 2 for word in about if word):
        return "accounts.password_about_you"
    return None


_WALKS = tuple(
    row * 3
    for rows in (
        "1234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "azertyuiopqsdfghjklmwxcvbn",
        "qwertyuiopasdfghjklzxcvbnm",
    )
    for row in (rows, rows[::-1])
)


def _is_a_walk(plain: str) -> bool:
    """Along the keys or the alphabet, or the same few signs again and again."""
    again_after = (plain + plain).find(plain, 1)
    return len(set(plain)) < 4 or again_after <= 6 or any(plain in walk for walk in _WALKS)


_BROWSERS = (
    ("Edge", re.compile(r"Edg(e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/")),
    ("Safari", re.compile(r"Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)


def browser_name(user_agent: str) -> str:
    """ "Firefox, Android": enough to know one's own again, and nothing more is kept. Empty for a stranger thing."""
    names = [
        next((name for name, mark in table if mark.search(user_agent)), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, names))
