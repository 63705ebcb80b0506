"""What can be done with differences: keep the list as the last comparison found it, and write down what was found out."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from app.accounts import queries as residents
from app.core import audit
from app.core.db import db, inserting, locked_one
from app.core.errors import Forbidden, NotFound
from app.core.text import checked
from app.payments.differences.models import MoneyDifference
from app.payments.ledger.audit import Fault

NOTE_LONGEST = 500


def keep(*, faults: Iterable[Fault], now: datetime) -> list[int]:
    """The list is what was found; what is not there any more is gone. The numbers of those that are new."""
    known = {
        (row.place, row.what): row.id
        for row in db.session.execute(
            select(MoneyDifference.id, MoneyDifference.place, MoneyDifference.what).where(
                MoneyDifference.gone_at.is_(None)
            )
        )
    }
    found = {(fault.where, fault.what): fault for fault in faults}
    there = [number for words, number in known.items() if words in found]
    gone = [number for words, number in known.items() if words not in found]
    for ids, values in ((there, {"last_seen_at": now}), (gone, {"gone_at": now})):
        if ids:
            db.session.execute(update(MoneyDifference).where(MoneyDifference.id.in_(ids)).values(**values))
    fresh = [
        {"place": fault.where, "what": fault.what, "first_seen_at": now, "last_seen_at": now}
        for words, fault in found.items()
        if words not in known
    ]
    if not fresh:
        return []
    added = inserting(MoneyDifference).values(fresh).on_conflict_do_nothing().returning(MoneyDifference.id)
    return list(db.session.scalars(added))


def write_down(*, difference_id: int, note: str, actor_id: int, now: datetime) -> MoneyDifference:
    """What a steward found out about it, for the next one."""
    require_steward(actor_id=actor_id)
    difference = locked_one(MoneyDifference, difference_id)
    if difference is None:
        raise NotFound("differences.unknown")
    difference.note = checked("note", note, longest=NOTE_LONGEST, shortest=3, lines=True)
    difference.noted_at, difference.noted_by_id = now, actor_id
    audit.note(
        "payments.difference_noted", now=now, actor_id=actor_id, subject_kind="money_difference",
        subject_id=difference.id, why=difference.note,
    )  # fmt: skip
    return difference


def require_steward(*, actor_id: int) -> None:
    """Differences are for those who watch over the whole installation."""
    if not residents.resident(actor_id).is_steward:
        raise Forbidden("differences.not_steward")
