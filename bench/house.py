"""The rows marked "house": log-in, memory of a worker, start-up, and the statements of a list page."""

import json
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

from bench import load, servers, statements
from bench.blocks import Found, Row

SECONDS = 6.0
OBJECTS = 600


def measure(database_url: str | None = None) -> Found:
    """All rows, on the embedded database unless told another (which must be empty)."""
    with tempfile.TemporaryDirectory(prefix="movilab-bench-") as name:
        settings = servers.environ(Path(name), database_url)
        servers.flask(settings, "db", "upgrade")
        servers.flask(settings, "demo", "load", "--objects", str(OBJECTS))
        return Found([*_log_in(settings), *_memory_and_start(settings), *_statements(settings)])


def hashes_per_second() -> float:
    """How many password hashes a core makes, with the parameters in force, while as many cores hash as workers will:
    they share the memory that argon2 is about. The median of three."""
    with multiprocessing.Pool(servers.WORKERS) as cores:
        runs = [sum(cores.map(_hash_for, [SECONDS / 3] * servers.WORKERS, chunksize=1)) for _ in range(3)]
    return statistics.median(runs) / servers.WORKERS


def _hash_for(seconds: float) -> float:
    from app.accounts import services  # noqa: PLC0415 -- the house is read only when it is measured

    services.hashed_password(statements.PASSWORD)
    began, made = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        services.hashed_password(statements.PASSWORD)
        made += 1
    return made / took


def _log_in(settings: dict[str, str]) -> list[Row]:
    body = json.dumps({"email": statements.EMAIL.format(who="resident"), "password": statements.PASSWORD})
    alone = hashes_per_second()
    with servers.gunicorn("wsgi:app", settings) as server:
        seen = load.median_of_three(
            lambda: load.run(server.port, [load.post_json("/api/v1/tokens", body)], seconds=SECONDS)
        )
    ratio = seen.per_second / (servers.WORKERS * alone)
    return [
        Row(
            "log-in ÷ (2 × hashes per core)",
            f"{ratio:.2f}",
            "≥ 0.7",
            ratio >= 0.7 and seen.clean,
            f"{seen.per_second:.1f} log-ins/s; {alone:.1f} hashes/s on each of two cores; statuses {seen.statuses}",
        )
    ]


def _memory_and_start(settings: dict[str, str]) -> list[Row]:
    starts = []
    for _ in range(3):
        with servers.gunicorn("wsgi:app", settings) as server:
            starts.append(server.first_answer_s)
    with servers.gunicorn("wsgi:app", settings) as server:
        paths = ["/", "/items", "/items/1", "/hubs", "/api/v1/items", "/log-in"]
        seen = load.run(server.port, [load.get(path) for path in paths], seconds=SECONDS)
        pss = server.worker_pss_mib()
    start = statistics.median(starts)
    return [
        Row("memory of a worker after load (PSS, --preload)", f"{pss:.0f} MiB", "≤ 110 MiB", pss <= 110,
            f"after {sum(seen.statuses.values())} requests over {len(paths)} pages; statuses {seen.statuses}"),
        Row("start-up to first answer", f"{start:.2f} s", "≤ 2.5 s", start <= 2.5, "median of three"),
    ]  # fmt: skip


def _statements(settings: dict[str, str]) -> list[Row]:
    """One row for all lists, whose goal is the worst of them, and one for the pages that are no lists."""
    counted = statements.counts(settings)
    lists = {page: found for page, found in counted.items() if page in statements.LISTS}
    others = {page: found for page, found in counted.items() if page not in statements.LISTS}
    worst = max(max(found) for found in lists.values())
    grows = [page for page, found in counted.items() if len(set(found)) > 1]
    sizes = f"the same with {' and '.join(map(str, statements.SIZES))} lines a page"
    return [
        Row("SQL statements of a list page, the most", str(worst), "≤ 5", worst <= 5,
            "; ".join(f"{max(found)} {page} ({who})" for (who, page), found in lists.items())),
        Row("SQL statements that grow with the page size", str(len(grows)), "0 pages", not grows,
            "; ".join(page for _who, page in grows) or sizes),
        Row("SQL statements of the other pages", str(max(max(found) for found in others.values())), "–", True,
            "; ".join(f"{max(found)} {page} ({who})" for (who, page), found in others.items())),
    ]  # fmt: skip
