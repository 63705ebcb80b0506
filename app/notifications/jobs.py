"""What happens when time passes: mail leaves, and what has left is forgotten.

Claim, send, note: three steps, and no transaction is open while a mail server is asked. A claim is a lease, so that
two senders never hold one mail; the mail of one that died is taken up by the next leader, or when its lease is over.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.accounts.models import Resident
from app.core.db import db, retrying, transaction
from app.core.jobs import keep_going, until_empty
from app.notifications import letters, rules, senders
from app.notifications.letters import Letter
from app.notifications.models import Mail
from app.notifications.senders import Sender, SenderAway
from config import Config

log = structlog.get_logger()

BATCH = 20
LEASE = timedelta(seconds=30)
"""How long a batch may take; what is not sent by then, less the time one mail may need, is let go."""
MARGIN = timedelta(seconds=senders.SMTP_TIMEOUT)
KEPT = timedelta(days=30)
HALF_WRITTEN_KEPT = timedelta(days=1)
PURGED_AT_ONCE = 1000


def send_mail(*, now: datetime) -> int:
    """Send every mail that is due; how many left."""
    config: Config = current_app.extensions["movilab.config"]
    return send_due(senders.sender_for(config), now=now)


def send_due(sender: Sender, *, now: datetime) -> int:
    """Send through `sender` what is due at `now` or becomes so meanwhile. Nobody at the other end: the rest waits."""
    if not _anything_due(now=now):
        return 0
    sent = 0
    moments = _moments(now)
    with sender:
        while keep_going():
            taken, batch = retrying(lambda: _claim(now=next(moments)))
            if not taken:
                break
            left, away = _send_batch(sender, batch, moments)
            sent += left
            if away:
                break
    return sent


def free_leases() -> int:
    """Let go of what a sender that is gone had in hand; said by whoever takes the lead after it. How many mails."""

    def once() -> int:
        with transaction() as session:
            held = (Mail.status == "pending", Mail.leased_until.is_not(None))
            freed = session.execute(update(Mail).where(*held).values(leased_until=None).returning(Mail.id))
            return len(freed.all())

    return retrying(once)


def forget_old(*, now: datetime) -> int:
    """Forget mail that left, or was called off, more than 30 days ago, and its file; how many."""
    forgotten = until_empty(lambda: _forget_batch(now - KEPT), PURGED_AT_ONCE)
    config: Config = current_app.extensions["movilab.config"]
    _forget_files(config.folder / "mail", now=now)
    return forgotten


def _moments(now: datetime) -> Iterator[datetime]:
    """`now`, and later what the watch says, so that leases and waits count from when they begin."""
    begun = time.monotonic()
    while True:
        yield now + timedelta(seconds=time.monotonic() - begun)


def _due(now: datetime) -> ColumnElement[bool]:
    return (
        (Mail.status == "pending")
        & (Mail.next_try_at <= now)
        & or_(Mail.leased_until.is_(None), Mail.leased_until <= now)
    )


def _anything_due(*, now: datetime) -> bool:
    """Looked up before the write lock is asked for: most of the time nothing is due."""
    return db.session.scalar(select(Mail.id).where(_due(now)).limit(1)) is not None


def _claim(*, now: datetime) -> tuple[int, list[Letter]]:
    """How many rows were taken, and those of them that can leave now: the others wait for the morning, or were
    for somebody who has no address any more."""
    with transaction() as session:
        ids = list(
            session.scalars(
                select(Mail.id)
                .where(_due(now))
                .order_by(Mail.next_try_at, Mail.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
        )
        if not ids:
            return 0, []
        rows = session.execute(
            select(Mail, Resident.name, Resident.locale, Resident.email, Resident.email_confirmed_at)
            .join(Resident, Resident.id == Mail.resident_id)
            .where(Mail.id.in_(ids))
            .order_by(Mail.next_try_at, Mail.id)
        ).all()
        claimed = []
        for mail, name, locale, address, confirmed_at in rows:
            morning = now if mail.urgent else rules.out_of_quiet_hours(now, mail.zone)
            if address is None or not (confirmed_at or mail.to_unconfirmed):
                mail.status, mail.last_error = "cancelled", "no_address"
            elif morning > now:
                mail.next_try_at = morning
            else:
                mail.leased_until = now + LEASE
                claimed.append(_letter(mail, name, locale, address))
        return len(ids), claimed


def _letter(mail: Mail, name: str, locale: str, address: str) -> Letter:
    return Letter(
        id=mail.id,
        key=mail.key,
        kind=mail.kind,
        params=mail.params,
        path=mail.path,
        attempts=mail.attempts,
        name=name,
        locale=locale,
        address=address,
    )


def _send_batch(sender: Sender, batch: Sequence[Letter], moments: Iterator[datetime]) -> tuple[int, bool]:
    """How many left, and whether there was nobody to take the others."""
    claimed_at = next(moments)
    left: list[Letter] = []
    noted = 0
    for place, letter in enumerate(batch):
        now = next(moments)
        if now > claimed_at + LEASE - MARGIN or not keep_going():
            _note([waiting.id for waiting in batch[place:]])
            break
        try:
            sender.send(letters.written(letter, now=now), key=letter.key)
        except SenderAway as away:
            log.warning("nobody takes mail", error=str(away), waiting=len(batch) - place)
            _note_sent(sender, left[noted:], now=now)
            for waiting in batch[place:]:
                _note_failure(waiting, f"away: {away}", now=now)
            return len(left), True
        except Exception as error:
            log.exception("a mail was refused", mail_id=letter.id, kind=letter.kind)
            _note_failure(letter, _in_a_word(error), now=now)
        else:
            left.append(letter)
        if len(left) - noted >= sender.noted_together:
            _note_sent(sender, left[noted:], now=now)
            noted = len(left)
    _note_sent(sender, left[noted:], now=next(moments))
    return len(left), False


def _in_a_word(error: Exception) -> str:
    """What went wrong, without what the mail or the address said."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _note_sent(sender: Sender, sent: Sequence[Letter], *, now: datetime) -> None:
    if sent:
        sender.settle()
        ids = [letter.id for letter in sent]
        _note(ids, status="sent", sent_at=now, attempts=Mail.attempts + 1, last_error=None)


def _note_failure(letter: Letter, why: str, *, now: datetime) -> None:
    attempts = letter.attempts + 1
    again = rules.next_try(attempts, now=now)
    if again is None:
        _note([letter.id], status="failed", attempts=attempts, last_error=why)
    else:
        _note([letter.id], next_try_at=again, attempts=attempts, last_error=why)


def _note(mail_ids: Sequence[int], **values: object) -> None:
    """Write down how it went and end the lease. A mail that was called off meanwhile and has not left stays so."""

    def write() -> None:
        with transaction() as session:
            change = update(Mail).where(Mail.id.in_(mail_ids)).execution_options(synchronize_session=False)
            if values.get("status") != "sent":
                change = change.where(Mail.status == "pending")
            session.execute(change.values(leased_until=None, **values))

    retrying(write)


def _forget_batch(before: datetime) -> int:
    old = (
        select(Mail.id)
        .where(Mail.status.in_(("sent", "cancelled")), func.coalesce(Mail.sent_at, Mail.created_at) < before)
        .limit(PURGED_AT_ONCE)
    )
    return len(db.session.execute(delete(Mail).where(Mail.id.in_(old)).returning(Mail.id)).all())


def _forget_files(folder: Path, *, now: datetime) -> None:
    """Files of mails that left long ago, and what a sender that died in the act left behind."""
    kept = {".eml": KEPT, ".tmp": HALF_WRITTEN_KEPT}
    for place in folder.iterdir() if folder.is_dir() else ():
        limit = kept.get(place.suffix)
        if limit is not None and place.stat().st_mtime < (now - limit).timestamp():
            place.unlink(missing_ok=True)
