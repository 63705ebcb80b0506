"""The acts of the counter through a real browser: scans, clicks, and milliseconds until the answer is on the screen."""

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from bench import servers
from bench.blocks import Found, Row
from bench.statements import EMAIL, PASSWORD
from tests.harness.acts import Act, Cast, Hands, cast, play
from tests.harness.browser import DESK, BrowserDriver

RUNS = 5
OBJECTS = 600
GOALS = {
    "three objects lent to one person": (4, 0),
    "one object taken back": (1, 0),
    "taken back by mistake, and undone": (1, 1),
    "a conflict, and the other copy lent": (2, 1),
    "an unknown label put on an object": (1, 2),
}
"""Scans and clicks that an act takes, at most."""


def measure() -> Found:
    """Each act as often as `RUNS`, at the counter of the demo; the median of its time."""
    with TemporaryDirectory(prefix="movilab-bench-") as name:
        settings = servers.environ(Path(name))
        servers.flask(settings, "db", "upgrade")
        servers.flask(settings, "demo", "load", "--objects", str(OBJECTS))
        with servers.gunicorn("wsgi:app", settings) as server:
            played = _played(f"http://127.0.0.1:{server.port}", settings)
    return Found([_row(name, [run[at] for run in played]) for at, name in enumerate(GOALS)])


def _app(settings: dict[str, str]) -> Flask:
    from app import create_app  # noqa: PLC0415 -- the house is read only when it is measured
    from config import Config  # noqa: PLC0415

    return create_app(Config.from_environ(settings))


def _cast(app: Flask) -> Cast:
    from app.hubs.queries import hub  # noqa: PLC0415

    with app.app_context():
        return cast(hub("maison-des-tilleuls"))


def _played(url: str, settings: dict[str, str]) -> list[list[Act]]:
    app = _app(settings)
    driver = BrowserDriver()
    try:
        context = driver.browser.new_context(base_url=url, viewport=DESK, locale="fr-FR")
        page = context.new_page()
        page.goto("/log-in")
        page.get_by_label("Votre adresse e-mail").fill(EMAIL.format(who="volunteer"))
        page.get_by_label("Votre mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(f"{url}/")
        return [play(Hands(page), _cast(app)) for _ in range(RUNS)]
    finally:
        driver.stop()


def _row(name: str, runs: list[Act]) -> Row:
    scans, clicks = max(act.scans for act in runs), max(act.clicks for act in runs)
    times = sorted(act.ms for act in runs)
    most = GOALS[name]
    return Row(
        name,
        f"{scans} scans, {clicks} clicks",
        f"≤ {most[0]}, ≤ {most[1]}",
        (scans, clicks) <= most and clicks <= most[1],
        f"{statistics.median(times):.0f} ms from the first key to the answer on the screen"
        f" ({times[0]:.0f} to {times[-1]:.0f}, {len(runs)} times)",
    )
