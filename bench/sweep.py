"""The sweep of reminders: how fast it is beside one statement that writes the same lines, how long it holds others up,
and what it costs when there is nothing to do."""

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.accounts.models import Resident
from app.core import codes
from app.core.i18n import LOCALES
from app.hubs.models import Hub, OpeningHours
from app.items.models import Category, Item, ItemClaim
from app.lending.models import LOOK_NOW, Loan
from bench import bulk
from bench.blocks import Row
from bench.bulk import plain

HUBS, LOANS_EACH = 1_000, 25
DAY = timedelta(days=1)
IDLE_TICKS = 20
FASTEST, LONGEST_MS, IDLE_MS = 0.10, 150.0, 5.0
ONE_STATEMENT = """
INSERT INTO notification (resident_id, kind, params, path, key, created_at)
SELECT loan.borrower_id, 'lending.due_today',
  {object}('item', item.title, 'due', {object}('day', loan.due), 'borrower', resident.name, 'place', hub.name),
  '/loans/' || loan.id, 'lending.reminder:' || loan.id || ':' || loan.due || ':due', '{now}'
FROM loan JOIN item ON item.id = loan.item_id JOIN resident ON resident.id = loan.borrower_id
  JOIN hub ON hub.id = loan.hub_id
WHERE loan.status = 'checked_out' AND loan.remind_at <= '{now}'
"""
"""What a sweep tells, written by the database alone: nobody is told twice, in no language, and no mail leaves."""


def measure(settings: dict[str, str], *, loans: int, due: int) -> list[Row]:
    """All rows; the database is migrated and otherwise empty. Three sweeps, the middle one counts."""
    from app import create_app  # noqa: PLC0415 -- the house is read only when it is measured
    from config import Config  # noqa: PLC0415

    config = Config.from_environ(settings)
    now = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    _fill(config.database_url, loans=loans, due=due, today=now.date())
    app = create_app(config)
    gc.collect()
    gc.freeze()  # as `flask scheduler run` does
    with app.app_context():
        sweeps = sorted(_sweep(now, due) for _ in range(3))
        idle = statistics.median(_idle(now) for _ in range(IDLE_TICKS))
        limit = statistics.median(_one_statement(now, due) for _ in range(3))
    seconds, longest = sweeps[1][0], max(one[1] for one in sweeps)
    ratio = limit / seconds
    return [
        Row("reminders: rows/s ÷ one set-based statement", f"{ratio:.2f}", f"≥ {FASTEST}", ratio >= FASTEST,
            f"{due} due of {loans}: {due / seconds:.0f} rows/s, told on the site and by mail; the statement"
            f" {due / limit:.0f} rows/s"),
        Row("reminders: longest transaction", f"{1e3 * longest:.0f} ms", f"≤ {LONGEST_MS:.0f} ms",
            1e3 * longest <= LONGEST_MS, "of three sweeps"),
        Row("reminders: idle tick", f"{1e3 * idle:.1f} ms", f"≤ {IDLE_MS:.0f} ms", 1e3 * idle <= IDLE_MS,
            f"median of {IDLE_TICKS}"),
    ]  # fmt: skip


# -- what is measured -------------------------------------------------------------------------------------


def _sweep(now: datetime, due: int) -> tuple[float, float]:
    """Seconds of one whole sweep, and of its longest transaction; all is as before it afterwards."""
    from app.lending import jobs  # noqa: PLC0415

    _forget(now)
    with _transactions() as lasted:
        began = time.perf_counter()
        looked_at = jobs.send_reminders(now=now)
        took = time.perf_counter() - began
    told = _ask("SELECT count(*) FROM notification")
    if (looked_at, told) != (due, due):
        raise RuntimeError(f"looked at {looked_at}, told {told}, due {due}")
    return took, max(lasted)


def _idle(now: datetime) -> float:
    from app.lending import jobs  # noqa: PLC0415

    began = time.perf_counter()
    jobs.send_reminders(now=now)
    return time.perf_counter() - began


def _one_statement(now: datetime, due: int) -> float:
    from sqlalchemy import text  # noqa: PLC0415

    from app.core.db import db, transaction  # noqa: PLC0415

    _forget(now)
    maker = "json_object" if db.engine.dialect.name == "sqlite" else "json_build_object"
    moment = plain(now) if maker == "json_object" else f"{plain(now)}+00"
    statement = ONE_STATEMENT.format(object=maker, now=moment).replace(":", r"\:")
    began = time.perf_counter()
    with transaction() as session:
        session.execute(text(statement))
    took = time.perf_counter() - began
    if _ask("SELECT count(*) FROM notification") != due:
        raise RuntimeError("the statement told others than the sweep")
    return took


def _forget(now: datetime) -> None:
    """Nothing was told yet, and what is due today is due again."""
    from sqlalchemy import delete, update  # noqa: PLC0415

    from app.core.db import transaction  # noqa: PLC0415
    from app.lending.models import ReminderSent  # noqa: PLC0415
    from app.notifications.models import Mail, Notification  # noqa: PLC0415

    with transaction() as session:
        for table in (ReminderSent, Mail, Notification):
            session.execute(delete(table))
        session.execute(
            update(Loan)
            .where(Loan.due == now.date())
            .values(remind_at=LOOK_NOW)
            .execution_options(synchronize_session=False)
        )
    _tidy()


def _tidy() -> None:
    """What was forgotten costs nobody else: as autovacuum leaves a database, and SQLite after its checkpoint."""
    from sqlalchemy import text  # noqa: PLC0415

    from app.core.db import db  # noqa: PLC0415

    words = "PRAGMA wal_checkpoint(TRUNCATE)" if db.engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(words))


def _ask(question: str) -> int:
    from sqlalchemy import text  # noqa: PLC0415

    from app.core.db import db  # noqa: PLC0415

    found = int(db.session.scalar(text(question)) or 0)
    db.session.rollback()
    return found


@contextmanager
def _transactions() -> Iterator[list[float]]:
    """How long each transaction lasts, from when it has begun until its commit is done, in seconds."""
    from sqlalchemy import Engine, event  # noqa: PLC0415
    from sqlalchemy.orm import Session  # noqa: PLC0415

    lasted: list[float] = []
    since: list[float] = []

    def begins(_connection: Any) -> None:
        since[:] = [time.perf_counter()]

    def ends(_session: Any) -> None:
        lasted.append(time.perf_counter() - since[0])

    heard = ((Engine, "begin", begins), (Session, "after_commit", ends), (Session, "after_rollback", ends))
    for whose, name, hears in heard:
        event.listen(whose, name, hears)
    try:
        yield lasted
    finally:
        for whose, name, hears in heard:
            event.remove(whose, name, hears)


# -- what there is ----------------------------------------------------------------------------------------


def _fill(database_url: str, *, loans: int, due: int, today: date) -> None:
    """So many objects, each with somebody; some of them due today, the others in the weeks that follow."""
    people = max(1, loans // LOANS_EACH)
    made = plain(datetime.combine(today - 30 * DAY, datetime.min.time()))
    out = plain(datetime.combine(today - 9 * DAY, datetime.min.time()))
    first = (today - 9 * DAY).isoformat()

    def due_day(number: int) -> date:
        return today if number % (loans // due) == 0 else today + DAY * (3 + number % 25)

    def reminded(number: int) -> str:
        day = due_day(number)
        return str(plain(LOOK_NOW if day == today else datetime.combine(day - 2 * DAY, datetime.min.time())))

    def dues() -> Iterator[tuple[int, str, str, str]]:
        for number in range(loans):
            day = due_day(number)
            yield number + 1, day.isoformat(), (day + DAY).isoformat(), reminded(number)

    with bulk.filling(database_url, Hub, OpeningHours, Resident, Category, Item, ItemClaim, Loan) as (_, put):
        put(
            Category,
            ("id", "slug", "name_fr", "name_en", "drawing"),
            [(1, "outils", "Outils", "Tools", "perceuse")],
        )
        put(Hub, ("id", "slug", "name", "kind", "address", "lat", "lon", "created_at"), (
            (hub, f"lieu-{hub}", f"Lieu {hub}", "community_house", "1 place", 44.7, 5.2, made)
            for hub in range(1, HUBS + 1)
        ))  # fmt: skip
        put(OpeningHours, ("hub_id", "weekday", "opens", "closes"), (
            (hub, weekday, "09:00:00.000000", "19:00:00.000000")
            for hub in range(1, HUBS + 1) for weekday in range(7)
        ))  # fmt: skip
        put(Resident, ("id", "name", "email", "email_confirmed_at", "code", "locale", "created_at"), (
            (one, f"Voisin {one}", f"voisin-{one}@example.org", made, str(codes.numbered(codes.MEMBER, one)),
             LOCALES[one % len(LOCALES)], made)
            for one in range(1, people + 1)
        ))  # fmt: skip
        put(Item, ("id", "code", "title", "category_id", "owner_hub_id", "hub_id", "search_text", "lat", "lon",
                   "coarse_lat", "coarse_lon", "created_at", "updated_at"), (
            (one, str(codes.numbered(codes.ITEM, one)), f"Perceuse {one}", 1, one % HUBS + 1, one % HUBS + 1, "",
             44.7, 5.2, 44.7, 5.2, made, made)
            for one in range(1, loans + 1)
        ))  # fmt: skip
        put(ItemClaim, ("id", "item_id", "kind", "first_day", "end_day", "live"), (
            (one, one, "loan", first, end, True) for one, _, end, _ in dues()
        ))  # fmt: skip
        put(Loan, ("id", "item_id", "borrower_id", "hub_id", "claim_id", "status", "first_day", "due", "requested_at",
                   "reserved_at", "checked_out_at", "due_set_at", "remind_at"), (
            (one, one, one % people + 1, one % HUBS + 1, one, "checked_out", first, day, out, out, out, out, again)
            for one, day, _, again in dues()
        ))  # fmt: skip
