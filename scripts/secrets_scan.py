"""Refuse secrets in what is committed: keys, tokens, private keys, passwords written down.

Looks at every file that git knows. What looks like a secret and is none stands in `ALLOWED`, with the reason.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 2_000_000

LOOKS_SECRET: dict[str, re.Pattern[str]] = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "Stripe key": re.compile(r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "package index token": re.compile(r"\b(?:pypi-AgEIcHlwaS5vcmc|npm_)[A-Za-z0-9_-]{30,}"),
    "JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "password in an address": re.compile(
        r"\b[a-z][a-z0-9+]{2,20}://[^\s:/@'\"<>{}$]+:([^\s:/@'\"<>{}$]{3,})@"
    ),
    "secret assigned": re.compile(
        r"(?i)\b[a-z_]*(?:password|passwd|secret|token|api_?key)[a-z_]*[\"']?\s*[:=]\s*[\"']([^\"'\s{}%<>]{8,})[\"']"
    ),
}

ALLOWED: dict[str, tuple[str, str]] = {
    # the text: (where, as a path's beginning; why)
    "demo-movilab-2026": ("", "the demo's password, printed at each start and refused by production"),
    "change-me": ("", "the example's placeholder, refused by production"),
    "k3Yb7-": ("tests/", "a made-up secret that the settings accept"),
    "Nr7-2xQ_": ("tests/", "another made-up secret"),
    "correct-horse-battery": ("tests/", "the password of people who live in tests only"),
    "12345678900987654321": ("tests/", "a password that everybody has, which sign-up refuses"),
    "hunter22": ("tests/", "shows that secrets stay out of logs"),
}
NOT_OURS = ("static/vendor/", "requirements.txt", "requirements-dev.txt", "package-lock.json")
WORDS_ONLY = re.compile(r"^[a-z]+(?:[._:-][a-z]+)*$")
"""A value of small words ("confirm-email", "csrf_token") is a name, not a secret."""


def main() -> int:
    found = [line for path in committed() for line in secrets_in(path)]
    print("\n".join(found) or "no secrets")
    return 1 if found else 0


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and not name.startswith(NOT_OURS)]


def secrets_in(name: str) -> list[str]:
    path = ROOT / name
    if not path.is_file() or path.stat().st_size > LONGEST_FILE:
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    return [
        f"{name}:{number}: {kind}"
        for number, line in enumerate(text.splitlines(), start=1)
        for kind in kinds_in(line, name)
    ]


def kinds_in(line: str, name: str) -> list[str]:
    """What a line holds that looks secret; the value itself is never repeated."""
    kinds = []
    for kind, pattern in LOOKS_SECRET.items():
        for match in pattern.finditer(line):
            value = match.group(1) if pattern.groups else match.group(0)
            if not is_allowed(value, name) and not (pattern.groups and WORDS_ONLY.match(value)):
                kinds.append(kind)
    return kinds


def is_allowed(value: str, name: str) -> bool:
    return any(text in value and name.startswith(where) for text, (where, _why) in ALLOWED.items())


if __name__ == "__main__":
    sys.exit(main())
