"""What can be done: tell neighbours, take back what was not seen yet, mark as read, give a mail another chance."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, literal, select, update

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import NotFound
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
            "params": rules.kept({**telling.params, "zone": _zone(telling)}),
            "path": telling.path,
            "key": telling.key,
            "created_at": now,
        }
        for telling in batch
    ]
    fresh = _insert_new(Notification, rows)
    _post([telling for telling in batch if telling.mail and telling.key in fresh], now=now)
    return len(fresh)


_COPIED = ("resident_id", "kind", "params", "path", "key")
_ADDED = ("zone", "urgent", "to_unconfirmed", "status", "created_at", "next_try_at", "attempts")


def _post(tellings: Sequence[Telling], *, now: datetime) -> None:
    """The mails of lines that were just written, to those whose address has answered: copied in the database, one
    statement for all that leave alike."""
    alike: dict[tuple[str, bool, datetime], list[str]] = {}
    for telling in tellings:
        zone = _zone(telling)
        alike.setdefault((zone, telling.urgent, _leaves(telling, zone, now)), []).append(telling.key)
    for (zone, urgent, leaves), keys in alike.items():
        values = (zone, urgent, False, "pending", now, leaves, 0)
        added = [
            literal(value, Mail.__table__.c[name].type) for name, value in zip(_ADDED, values, strict=True)
        ]
        rows = (
            select(*(Notification.__table__.c[name] for name in _COPIED), *added)
            .join(Resident, Resident.id == Notification.resident_id)
            .where(
                Notification.key.in_(keys),
                Resident.email.is_not(None),
                Resident.email_confirmed_at.is_not(None),
            )
            .order_by(Notification.id)
        )
        insert = inserting(Mail.__table__).from_select([*_COPIED, *_ADDED], rows)
        db.session.execute(insert.on_conflict_do_nothing(index_elements=["key"]))


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
        "next_try_at": _leaves(telling, zone, now),
        "attempts": 0,
    }


def _leaves(telling: Telling, zone: str, now: datetime) -> datetime:
    """When its mail may leave first."""
    moment = max(now, telling.not_before or now)
    return moment if telling.urgent else rules.out_of_quiet_hours(moment, zone)


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
