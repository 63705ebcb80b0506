"""What can be done: tell neighbours, take back what was not seen yet, mark as read, give a mail another chance."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select, update

from app.accounts.models import Resident
from app.core import clock
from app.core.db import UtcDateTime, db, inserting, one_of, plain_rows
from app.core.errors import NotFound
from app.core.given import given_rows
from app.notifications import rules
from app.notifications.models import Mail, Notification
from app.notifications.rules import Telling

BATCH = 500
"""Rows that one statement carries."""


def tell(
    *,
    resident_id: int,
    kind: str,
    params: Mapping[str, Any],
    path: str,
    key: str,
    now: datetime,
    not_before: datetime | None = None,
    mail: bool = True,
    urgent: bool = False,
    timezone: str | None = None,
) -> bool:
    """Tell one resident, on the site at once and by mail out of quiet hours, in the transaction of the act.

    Once per `key`: whether it was told now. See `rules.Telling` for the words. Nobody without a confirmed address
    gets a mail.
    """
    telling = Telling(resident_id, kind, params, path, key, not_before, mail, urgent, timezone)
    return tell_many([telling], now=now) == 1


def tell_many(tellings: Iterable[Telling], *, now: datetime) -> int:
    """`tell` for many at once; how many were told now. The caller keeps its transactions short: a thousand or so."""
    told = 0
    remaining = iter(tellings)
    while batch := list(islice(remaining, BATCH)):
        told += _tell_batch(batch, now=now)
    return told


def mail(
    *,
    resident_id: int,
    kind: str,
    path: str,
    key: str,
    now: datetime,
    params: Mapping[str, Any] | None = None,
    link: tuple[str, int] | None = None,
) -> bool:
    """A mail alone, that leaves at once, also to an address that has not answered yet: to confirm it, to choose
    a new password. With `link` (purpose, number), `path` ends where the signed token of that link begins, which
    is made when the mail is written and kept nowhere. Once per `key`: whether it is new."""
    held = dict(rules.kept(params or {}))
    if link is not None:
        held["link"] = {"purpose": link[0], "id": link[1]}
    row = {
        **_mail_row(Telling(resident_id, kind, {}, path, key, urgent=True), now=now),
        "params": held,
        "to_unconfirmed": True,
    }
    return len(_insert_new(Mail, [row])) == 1


def withdraw(*, key_prefix: str) -> None:
    """Take back what was told under keys that begin so: unread lines go, mail that has not left stays here.
    End the prefix with its separator: "loan:1:" and "loan:1" are not the same."""
    if not key_prefix:
        raise ValueError("that would take back everything")
    for model in (Notification, Mail):
        within = (model.key >= key_prefix, model.key < _after_all(key_prefix))
        if model is Notification:
            db.session.execute(delete(Notification).where(*within, Notification.read_at.is_(None)))
        else:
            db.session.execute(
                update(Mail).where(*within, Mail.status == "pending").values(status="cancelled")
            )


def reinstate(*, key_prefix: str) -> None:
    """Let the mail leave after all that `withdraw` had kept here under keys that begin so."""
    if not key_prefix:
        raise ValueError("that would send everything")
    db.session.execute(
        update(Mail)
        .where(Mail.key >= key_prefix, Mail.key < _after_all(key_prefix), Mail.status == "cancelled")
        .values(status="pending")
    )


def mark_read(*, notification_id: int, actor_id: int, now: datetime) -> Notification:
    """She has seen it; `NotFound` where it is not hers."""
    found = db.session.scalar(
        select(Notification).where(Notification.id == notification_id, Notification.resident_id == actor_id)
    )
    if found is None:
        raise NotFound
    found.read_at = found.read_at or now
    return found


def mark_all_read(*, actor_id: int, up_to: int, now: datetime) -> None:
    """She has seen all her lines up to and with this number; what came meanwhile stays new."""
    db.session.execute(
        update(Notification)
        .where(
            Notification.resident_id == actor_id,
            Notification.read_at.is_(None),
            Notification.id <= up_to,
        )
        .values(read_at=now)
    )


def retry_failed(*, now: datetime) -> int:
    """Give every mail that was given up another round of tries; how many. Who may is asked by the caller."""
    again = db.session.execute(
        update(Mail)
        .where(Mail.status == "failed")
        .values(status="pending", attempts=0, next_try_at=now, leased_until=None)
        .returning(Mail.id)
    )
    return len(again.all())


def _tell_batch(batch: Sequence[Telling], *, now: datetime) -> int:
    rows = [
        {
            "resident_id": telling.resident_id,
            "kind": telling.kind,
            "params": {**rules.kept(telling.params), "zone": _zone(telling)},
            "path": telling.path,
            "key": telling.key,
        }
        for telling in batch
    ]
    written = _written(db.session.get_bind().dialect.name)
    fresh = {line.key: line.id for line in plain_rows(written, {"rows": rows, "now": now})}
    _post(
        ((telling, fresh[telling.key]) for telling in batch if telling.mail and telling.key in fresh), now=now
    )
    return len(fresh)


@cache
def _written(database: str) -> Executable:  # noqa: ARG001 -- each database has its own words for it
    """Write the lines whose keys are new, and say their numbers."""
    table = Notification.__table__
    given = given_rows("rows", {name: table.c[name].type for name in _COPIED})
    rows = select(*(given.c[name] for name in _COPIED), bindparam("now", type_=UtcDateTime()))
    insert = inserting(table).from_select([*_COPIED, "created_at"], rows.where(given.c.key.is_not(None)))
    fresh: Executable = insert.on_conflict_do_nothing(index_elements=["key"]).returning(
        table.c.id, table.c.key
    )
    return fresh


_COPIED = ("resident_id", "kind", "params", "path", "key")
_ADDED = ("zone", "urgent", "to_unconfirmed", "status", "created_at", "next_try_at", "attempts")


def _post(fresh: Iterable[tuple[Telling, int]], *, now: datetime) -> None:
    """The mails of lines that were just written, to those whose address has answered: copied in the database, one
    statement for all that leave alike."""
    alike: dict[tuple[str, bool, datetime | None], list[int]] = {}
    for telling, line_id in fresh:
        alike.setdefault((_zone(telling), telling.urgent, telling.not_before), []).append(line_id)
    for (zone, urgent, not_before), line_ids in alike.items():
        leaves = _leaves(zone, urgent, not_before, now)
        values = (zone, urgent, False, "pending", now, leaves, 0)
        posted = _posted(db.session.get_bind().dialect.name)
        db.session.execute(posted, {"line_ids": line_ids, **dict(zip(_ADDED, values, strict=True))})


@cache
def _posted(database: str) -> Executable:  # noqa: ARG001 -- as `_written`
    mail, line = Mail.__table__, Notification.__table__
    rows = (
        select(
            *(line.c[name] for name in _COPIED),
            *(bindparam(name, type_=mail.c[name].type) for name in _ADDED),
        )
        .join(Resident, Resident.id == line.c.resident_id)
        .where(
            one_of(line.c.id, "line_ids"),
            Resident.email.is_not(None),
            Resident.email_confirmed_at.is_not(None),
        )
        .order_by(line.c.id)
    )
    insert = inserting(mail).from_select([*_COPIED, *_ADDED], rows)
    posted: Executable = insert.on_conflict_do_nothing(index_elements=["key"])
    return posted


def _mail_row(telling: Telling, *, now: datetime) -> dict[str, Any]:
    zone = _zone(telling)
    return {
        "resident_id": telling.resident_id,
        "kind": telling.kind,
        "path": telling.path,
        "key": telling.key,
        "zone": zone,
        "urgent": telling.urgent,
        "to_unconfirmed": False,
        "status": "pending",
        "created_at": now,
        "next_try_at": _leaves(zone, telling.urgent, telling.not_before, now),
        "attempts": 0,
    }


def _leaves(zone: str, urgent: bool, not_before: datetime | None, now: datetime) -> datetime:
    """When a mail may leave first."""
    moment = max(now, not_before or now)
    return moment if urgent else rules.out_of_quiet_hours(moment, zone)


def _zone(telling: Telling) -> str:
    return telling.timezone or clock.home_zone()


def _insert_new(model: type[Notification] | type[Mail], rows: Sequence[dict[str, Any]]) -> set[str]:
    """The keys that had no row yet."""
    table = model.__table__
    insert = inserting(table).on_conflict_do_nothing(index_elements=["key"]).returning(table.c.key)
    return set(db.session.scalars(insert, list(rows)))


def _after_all(prefix: str) -> str:
    """The first text, in the order of its code points, that comes after everything beginning with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
