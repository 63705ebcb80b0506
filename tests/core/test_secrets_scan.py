"""The scan finds what it is there for, and leaves alone what only looks alike."""

import pytest

from scripts.secrets_scan import kinds_in


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-----BEGIN RSA PRIVATE " + "KEY-----", "private key"),
        ("-----BEGIN PRIVATE " + "KEY-----", "private key"),
        ("key = AKIA" + "IOSFODNN7EXAMPLE", "AWS key"),
        ("ghp_" + "a1B2" * 10, "GitHub token"),
        ("stripe: sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "Stripe key"),
        ("DATABASE_URL=postgresql://movilab:" + "s3cr3tw0rd@db/movilab", "password in an address"),
        ("PASSWORD = '" + "Tr0ub4dor&3'", "secret assigned"),
        ('"api_key": "' + '9f8e7d6c5b4a3210"', "secret assigned"),
    ],
)
def test_secret_is_found(line: str, kind: str) -> None:
    assert kinds_in(line, "app/anything.py") == [kind]


@pytest.mark.parametrize(
    "line",
    [
        'DEMO_PASSWORD = "demo-movilab-2026"',
        "DATABASE_URL=postgresql://movilab:change-me@127.0.0.1/movilab",
        'name="csrf_token" value="{{ csrf_token() }}"',
        'SECRET_NAME = "secret_key"',
        "https://example.org/a:b",
        'token = tokens.new("confirm-email")',
    ],
)
def test_what_is_no_secret_passes(line: str) -> None:
    assert kinds_in(line, "app/anything.py") == []
