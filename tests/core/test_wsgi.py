"""What the web server runs: visitors behind a declared proxy keep their own address, nobody can make one up."""

import runpy
from pathlib import Path

import pytest
from flask import request
from werkzeug.test import Client

from config import PROJECT_ROOT


@pytest.mark.parametrize(
    ("proxies", "seen"), [("0", "127.0.0.1"), ("1", "198.51.100.7"), ("2", "203.0.113.9")]
)
def test_only_declared_proxies_are_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str, seen: str
) -> None:
    monkeypatch.setenv("MOVILAB_ENV", "test")
    monkeypatch.setenv("MOVILAB_DATA", str(tmp_path))
    monkeypatch.setenv("MOVILAB_PROXIES", proxies)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    app = runpy.run_path(str(PROJECT_ROOT / "wsgi.py"))["app"]
    addresses: list[str | None] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: addresses.append(request.remote_addr))
    Client(app).get(
        "/healthz",
        environ_base={"REMOTE_ADDR": "127.0.0.1"},
        headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"},
    )
    assert addresses == [seen]
