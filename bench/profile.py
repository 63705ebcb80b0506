"""`python -m bench.profile`: where the time of a page goes, inside one process, without a server or a network.

Reads the installation that the environment names (`bench.fill` makes one). Processor time per request, the least of many
batches, beside that of a bare Flask view; with `--functions 30` also which functions it goes to.
"""

import argparse
import cProfile
import io
import math
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bench import statements

PAGES = ("/items?near=home", "/api/v1/items?near=home", "/items/601", "/loans", "/")
BATCHES, REQUESTS = 40, 6


class Visitor:
    """A resident who is logged in, asking the application itself (WSGI), with nothing in between."""

    def __init__(self, app: Any, who: str) -> None:
        self.app = app
        browser = app.test_client()
        if who != "nobody":
            statements.log_in(browser, who)
        self.cookie = statements.cookies(browser)

    def asks(self, path: str) -> Callable[[], int]:
        """One GET of this path; its status."""
        address, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query, "HTTP_COOKIE": self.cookie,
            "SCRIPT_NAME": "", "SERVER_NAME": "bench", "SERVER_PORT": "80", "HTTP_HOST": "bench",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
            "wsgi.multithread": False, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip

        def ask() -> int:
            status = 0

            def begin(line: str, _headers: Any, _error: Any = None) -> Callable[[bytes], Any]:
                nonlocal status
                status = int(line[:3])
                return lambda _part: None

            answer = self.app.wsgi_app(dict(environ), begin)
            for _ in answer:
                pass
            getattr(answer, "close", lambda: None)()
            return status

        return ask


def costs(asks: Mapping[str, Callable[[], int]]) -> dict[str, float]:
    """Processor seconds of one request of each, warm: the least of many small batches, taken in turns, so that what
    else the machine does meets all of them alike."""
    for page, ask in asks.items():
        status = ask()
        if status != 200:
            raise RuntimeError(f"{page} answered {status}")
    found = dict.fromkeys(asks, math.inf)
    for _ in range(BATCHES):
        for page, ask in asks.items():
            found[page] = min(found[page], _batch(ask, REQUESTS) / REQUESTS)
    return found


def _batch(ask: Callable[[], int], requests: int) -> float:
    began = time.process_time()
    for _ in range(requests):
        ask()
    return time.process_time() - began


def functions(ask: Callable[[], int], most: int, *, requests: int = 300) -> str:
    """Which functions the time goes to, by their own time."""
    ask()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(requests):
        ask()
    profile.disable()
    told = io.StringIO()
    pstats.Stats(profile, stream=told).sort_stats("tottime").print_stats(most)
    return told.getvalue()


def measure(app: Any, pages: Iterable[str], *, who: str = "resident") -> dict[str, float]:
    """Seconds of processor for each page, and under "hello" those of the yardstick."""
    from bench.hello import app as hello  # noqa: PLC0415 -- only what is measured is loaded

    visitor = Visitor(app, who)
    asks = {"hello": Visitor(hello, "nobody").asks("/")} | {page: visitor.asks(page) for page in pages}
    return costs(asks)


def main() -> int:
    """Print a line for each page."""
    from app import create_app  # noqa: PLC0415
    from config import Config  # noqa: PLC0415

    words = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    words.add_argument("pages", nargs="*", default=PAGES)
    words.add_argument("--who", default="resident")
    words.add_argument("--functions", type=int, default=0)
    asked = words.parse_args()
    app = create_app(Config.from_environ({**os.environ, "MOVILAB_ENV": "demo", "MOVILAB_RATE_LIMITS": "off"}))
    found = measure(app, asked.pages, who=asked.who)
    for page, seconds in found.items():
        sys.stdout.write(f"{1e3 * seconds:8.3f} ms  {seconds / found['hello']:6.0f} times hello  {page}\n")
    if asked.functions:
        for page in asked.pages:
            sys.stdout.write(f"\n{page}\n{functions(Visitor(app, asked.who).asks(page), asked.functions)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
