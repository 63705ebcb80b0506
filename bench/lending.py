"""The rows marked "lending": loans and the counter over HTTP at 100,000 objects, and the sweep of reminders over a
million loans, on both databases."""

from collections.abc import Iterator
from typing import Any

from bench import fill, load, servers, statements, sweep
from bench.blocks import Block, Found, Row, block, hello
from bench.search import database

SECONDS = 4.0
PAGES_GOAL = 0.12
HANDS = 4
"""Pairs of hands at the counter: each has a neighbour and objects of her own."""
OBJECTS_EACH = 60
RUNS = 3


def blocks(kind: str, objects: int, loans: int) -> Iterator[Block]:
    """The pages and the counter at this many objects; then the sweep over this many loans."""
    with database(kind) as settings:
        fill.fill(settings, objects=objects)
        before = hello()
        found = [*_pages(settings), *_scans(settings)]
        after = hello()
        rows = [_row(*one, yardstick=(before + after) / 2) for one in found]
        yield block(f"lending {kind} {objects}", before=before, after=after, found=Found(rows))
    with database(kind) as settings:
        servers.flask(settings, "db", "upgrade")
        before = hello()
        rows = sweep.measure(settings, loans=loans, due=loans // 10)
        yield block(f"reminders {kind} {loans}", before=before, after=hello(), found=Found(rows))


Measure = tuple[str, load.Load, float, str]
"""What, what the loop saw, the goal (0: none), and how it came about."""


def _row(what: str, seen: load.Load, goal: float, details: str, *, yardstick: float) -> Row:
    figure = seen.per_second / yardstick
    told = f"{seen.per_second:.0f}/s, median {seen.median_ms:.1f} ms, statuses {seen.statuses}"
    return Row(
        f"{what} ÷ hello",
        f"{figure:.3f}",
        f"≥ {goal}" if goal else "–",
        figure >= goal and seen.clean and not details.startswith("not"),
        f"{told}{'; ' if details else ''}{details}",
    )


# -- pages ------------------------------------------------------------------------------------------------


def _pages(settings: dict[str, str]) -> Iterator[Measure]:
    names, cookies = _at_the_counter(settings), {}
    for who in ("resident", "volunteer"):
        cookies[who] = statements.cookie_of(settings, who)
    asked = {
        "loans page": [load.get("/loans", cookie=cookies["resident"])],
        "a hub's late loans": [load.get(f"/hubs/{names['slug']}/late", cookie=cookies["volunteer"])],
        "counter lookup": [
            load.get(f"/api/v1/counter/lookup?code={code}&hub={names['hub']}", cookie=cookies["volunteer"])
            for code in (*names["members"], *(item for hand in names["items"] for item in hand))
        ],
    }
    with servers.gunicorn("wsgi:app", settings, quiet=True) as server:
        for what, wire in asked.items():
            for request in wire:
                load.one(server.port, request)  # what is kept after the first visit is kept
            seen = load.median_of_three(lambda wire=wire: load.run(server.port, wire, seconds=SECONDS))  # type: ignore[misc]
            yield what, seen, PAGES_GOAL if what != "a hub's late loans" else 0.0, ""


# -- two scans and one ------------------------------------------------------------------------------------


def _scans(settings: dict[str, str]) -> Iterator[Measure]:
    """Out and in again, each act once: what was answered is what the histories say, and every event was heard."""
    names = _at_the_counter(settings)
    hands = [
        [
            load.post_json(
                f"/api/v1/counter/{act}", _json(act, item, member, names["hub"]), token=names["token"]
            )
            for item in items
            for act in ("check-out", "check-in")
        ]
        for member, items in zip(names["members"], names["items"], strict=True)
    ]
    share = 2 * OBJECTS_EACH // RUNS
    began = _counted(settings)
    with servers.gunicorn("wsgi:app", settings, quiet=True) as server:
        # Each run has objects of its own: what one leaves out when its time is up is no repeated scan of the next.
        runs = [
            load.run_apart(
                server.port, [hand[run * share : (run + 1) * share] for hand in hands], seconds=SECONDS
            )
            for run in range(RUNS)
        ]
    servers.flask(
        settings, "scheduler", "run", "--once"
    )  # events that found the database busy are heard a moment later
    ended = _counted(settings)
    answered = sum(sum(run.statuses.values()) for run in runs)
    acts, waiting = ended["acts"] - began["acts"], ended["waiting"]
    once = acts == answered and waiting == 0
    seen = sorted(runs, key=lambda run: run.per_second)[1]
    yield (
        "check-out and check-in, with their event handlers",
        seen,
        0.0,
        f"{'' if once else 'not '}each once: {answered} answered, {acts} written, {waiting} events not heard",
    )


def _json(act: str, item: str, member: str, hub: str) -> str:
    named = f'"item_code": "{item}", "hub": "{hub}"'
    return f'{{{named}, "member_code": "{member}"}}' if act == "check-out" else f"{{{named}}}"


def _at_the_counter(settings: dict[str, str]) -> dict[str, Any]:
    """The demo's hub with a volunteer's token, a few neighbours, and objects that nobody has reserved."""
    from app import create_app  # noqa: PLC0415 -- the house is read only when it is measured
    from app.accounts.models import Resident  # noqa: PLC0415
    from app.core.db import db  # noqa: PLC0415
    from app.hubs.models import Hub, Membership  # noqa: PLC0415
    from config import Config  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    with create_app(Config.from_environ(settings)).app_context():
        volunteer = db.session.query(Resident).filter_by(email=statements.EMAIL.format(who="volunteer")).one()
        tied = db.session.query(Membership).filter_by(resident_id=volunteer.id, is_volunteer=True).first()
        hub = db.session.get_one(Hub, tied.hub_id if tied else 1)
        token = factories.bearer(volunteer)["Authorization"].removeprefix("Bearer ")
        return {
            "hub": str(hub.id),
            "slug": hub.slug,
            "token": token,
            "members": [factories.verified_member(hub).code for _ in range(HANDS)],
            "items": [[factories.item(hub=hub).code for _ in range(OBJECTS_EACH)] for _ in range(HANDS)],
        }


def _counted(settings: dict[str, str]) -> dict[str, int]:
    """How many acts the histories tell, and how many events nobody has heard to the end."""
    from sqlalchemy import func, select  # noqa: PLC0415

    from app import create_app  # noqa: PLC0415
    from app.core.db import db  # noqa: PLC0415
    from app.core.outbox import StoredEvent  # noqa: PLC0415
    from app.lending.models import LoanEvent  # noqa: PLC0415
    from config import Config  # noqa: PLC0415

    acts = select(func.count()).where(LoanEvent.kind.in_(("checked_out", "returned")))
    waiting = select(func.count()).where(StoredEvent.delivered_at.is_(None))
    with create_app(Config.from_environ(settings)).app_context():
        return {"acts": db.session.scalar(acts) or 0, "waiting": db.session.scalar(waiting) or 0}
