"""The row marked "purchases": neighbours pledge over HTTP while the scheduler closes other campaigns, on both databases."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench import load, servers
from bench.blocks import Block, Found, Row, block, hello
from bench.search import database
from config import PROJECT_ROOT
from scripts.processes import ask_to_stop, make_sure_gone, start, wait_until

SECONDS = 4.0
GOAL = 0.06
HANDS = 4
NEIGHBOURS_EACH = 25
ROUNDS = 6
"""So often each neighbour says something else before she begins anew."""
RUNS = 3
CLOSED_EACH_RUN = 6
PLEDGES_OF_CLOSED = 40
CLOSED = "SELECT count(*) FROM campaign WHERE status = 'succeeded'"
RAN = "SELECT count(*) FROM job_run WHERE name = 'purchases.close' AND finished_at IS NOT NULL"


def blocks(kind: str) -> Iterator[Block]:
    """Pledges during closings, on one database."""
    with database(kind) as settings:
        servers.flask(settings, "db", "upgrade")
        town = _town(settings)
        before = hello()
        runs, closed = _pledges(settings, town)
        after = hello()
        seen = sorted(runs, key=lambda run: run.per_second)[1]
        answered = sum(sum(run.statuses.values()) for run in runs)
        written = _asked(settings, f"SELECT version FROM campaign WHERE id = {town.open_id}")
        left = _asked(settings, "SELECT count(*) FROM campaign WHERE status IN ('open', 'closing')")
        whole = written == answered and left == 1 and closed == RUNS * CLOSED_EACH_RUN
        figure = seen.per_second / ((before + after) / 2)
        row = Row(
            "pledge through HTTP during a closing ÷ hello",
            f"{figure:.3f}",
            f"≥ {GOAL}",
            figure >= GOAL and seen.clean and whole,
            f"{seen.per_second:.0f}/s, median {seen.median_ms:.1f} ms, statuses {seen.statuses};"
            f" {answered} answered, {written} written, {closed} campaigns of {PLEDGES_OF_CLOSED} pledges closed"
            " meanwhile",
        )
        yield block(f"purchases {kind}", before=before, after=after, found=Found([row]))


@dataclass(frozen=True)
class Town:
    """A campaign that stays open with its products, whoever pledges in it, and those that close meanwhile."""

    open_id: int
    products: list[int]
    tokens: list[str]
    closing: list[int]


def _pledges(settings: dict[str, str], town: Town) -> tuple[list[load.Load], int]:
    """Three runs, each with closings of its own; how many campaigns were decided."""
    runs = []
    with servers.gunicorn("wsgi:app", settings, quiet=True) as server, _scheduler(settings):
        for run in range(RUNS):
            _fall_due(settings, town.closing[run * CLOSED_EACH_RUN : (run + 1) * CLOSED_EACH_RUN])
            runs.append(load.run_apart(server.port, _wires(town), seconds=SECONDS))
            _wait_for(settings, (run + 1) * CLOSED_EACH_RUN)
    return runs, _asked(settings, CLOSED)


@contextmanager
def _scheduler(settings: dict[str, str]) -> Iterator[None]:
    """The house's own, which has been at work for a moment: it takes what falls due."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler", "run"]
    process = start(command, environ=settings, cwd=PROJECT_ROOT, quiet=True)
    try:
        wait_until(lambda: _asked(settings, RAN) > 0, seconds=30)
        yield
    finally:
        ask_to_stop(process)
        make_sure_gone(process, seconds=15)


def _wait_for(settings: dict[str, str], closed: int) -> None:
    wait_until(lambda: _asked(settings, CLOSED) >= closed, seconds=60)


def _wires(town: Town) -> list[list[bytes]]:
    """For each pair of hands the pledges of her neighbours, each of them another one than before."""
    share = len(town.tokens) // HANDS
    return [
        [
            load.put_json(f"/api/v1/campaigns/{town.open_id}/pledge", _json(town, turn), token=token)
            for turn in range(ROUNDS)
            for token in town.tokens[hand * share : (hand + 1) * share]
        ]
        for hand in range(HANDS)
    ]


def _json(town: Town, turn: int) -> str:
    lines = [
        f'{{"product": "{product}", "quantity": {1 + (turn + place) % 3}, "tolerance": 1}}'
        for place, product in enumerate(town.products)
    ]
    return f'{{"lines": [{", ".join(lines)}]}}'


def _town(settings: dict[str, str]) -> Town:
    from app import create_app  # noqa: PLC0415 -- the house is read only when it is measured
    from config import Config  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    with create_app(Config.from_environ(settings)).app_context():
        hub = factories.hub()
        organizer = factories.coordinator(hub)
        one, products = _campaign(hub, organizer, sizes=(6, 5, 1))
        people = [factories.resident() for _ in range(HANDS * NEIGHBOURS_EACH)]
        tokens = [factories.bearer(who)["Authorization"].removeprefix("Bearer ") for who in people]
        closing = []
        for _ in range(RUNS * CLOSED_EACH_RUN):
            other, [goods] = _campaign(hub, organizer, sizes=(1,))
            _pledge_all(other, goods, people[:PLEDGES_OF_CLOSED])
            closing.append(other)
        return Town(one, products, tokens, closing)


def _campaign(hub: Any, organizer: Any, *, sizes: tuple[int, ...]) -> tuple[int, list[int]]:
    from tests import factories  # noqa: PLC0415

    one = factories.campaign(hub=hub, organizer=organizer, minimum_cents=1_000, transport_cents=2_400)
    return one.id, [factories.product(one, pack_size=size, tiers={20: 2790}).id for size in sizes]


def _pledge_all(campaign_id: int, product_id: int, people: list[Any]) -> None:
    from app.core import clock  # noqa: PLC0415
    from app.core.db import transaction  # noqa: PLC0415
    from app.purchases.pledging import services  # noqa: PLC0415
    from app.purchases.pledging.rules import Wish  # noqa: PLC0415

    with transaction():
        for who in people:
            services.pledge(
                campaign_id=campaign_id, actor_id=who.id, wishes=[Wish(product_id, 2)], now=clock.now()
            )


def _fall_due(settings: dict[str, str], campaign_ids: list[int]) -> None:
    from sqlalchemy import update  # noqa: PLC0415

    from app import create_app  # noqa: PLC0415
    from app.core import clock  # noqa: PLC0415
    from app.core.db import transaction  # noqa: PLC0415
    from app.core.jobs import JobRun  # noqa: PLC0415
    from app.purchases.models import Campaign  # noqa: PLC0415
    from config import Config  # noqa: PLC0415

    now = clock.now()
    with create_app(Config.from_environ(settings)).app_context(), transaction() as session:
        session.execute(
            update(Campaign).where(Campaign.id.in_(campaign_ids)).values(closes_at=now - timedelta(hours=1))
        )
        session.execute(update(JobRun).where(JobRun.name == "purchases.close").values(asked_at=now))


def _asked(settings: dict[str, str], statement: str) -> int:
    from sqlalchemy import text  # noqa: PLC0415

    from app import create_app  # noqa: PLC0415
    from app.core.db import db  # noqa: PLC0415
    from config import Config  # noqa: PLC0415

    with create_app(Config.from_environ(settings)).app_context():
        return int(db.session.scalar(text(statement)) or 0)
