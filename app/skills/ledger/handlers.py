"""Who hears of minutes that moved. Sessions and workshops tell of their own; here it is gifts, shifts, mistakes that were
put right, and limits that have come near."""

from datetime import datetime
from typing import Any

from app.core import clock
from app.core.db import db
from app.core.i18n import format_hours
from app.events.time import MinutesMoved, MinutesReversed, TimeLimitNear
from app.hubs import queries as hubs
from app.notifications import services as notifications
from app.skills.ledger import accounts, queries
from app.skills.ledger.models import TimeAccount
from app.skills.ledger.queries import Line, Other


def tell_moved(event: MinutesMoved, *, now: datetime) -> None:
    """Who was given hours learns from whom, with the words that came along."""
    paid = queries.entry(event.transfer_id, -1)
    if paid.kind in ("gift", "shift"):
        payer = queries.entry(event.transfer_id, 1).other
        _tell(paid.other, payer, f"time.{paid.kind}", paid, now=now, mail=paid.kind == "gift")


def tell_reversed(event: MinutesReversed, *, now: datetime) -> None:
    """Both learn that it was put right, and why."""
    paid, received = queries.entry(event.transfer_id, -1), queries.entry(event.transfer_id, 1)
    _tell(received.other, paid.other, "time.taken_back", paid, now=now)
    _tell(paid.other, received.other, "time.given_back", paid, now=now)


def tell_near(event: TimeLimitNear, *, now: datetime) -> None:
    """A limit is near: how to come back from it. Once a month at most, however often the account goes to and fro."""
    account = db.session.get_one(TimeAccount, event.account_id)
    standing = accounts.standing(account)
    if account.resident_id is None or event.side not in standing.near:
        return
    room = standing.can_pay if event.side == "paying" else standing.can_receive
    notifications.tell(
        resident_id=account.resident_id,
        kind=f"time.near_{event.side}",
        params={"hours": format_hours(max(0, room))},
        path="/time",
        key=f"time.near_{event.side}:{account.id}:{clock.day_at(now, clock.home_zone()):%Y-%m}",
        now=now,
        mail=False,
    )


def _tell(to: Other, other: Other, kind: str, paid: Line, *, now: datetime, mail: bool = True) -> None:
    """A resident herself; of a hub its coordinators, on the site."""
    whole: dict[str, Any] = {
        "params": {
            "other": other.name,
            "hours": format_hours(-paid.minutes),
            "why": paid.note,
            "hub": to.name,
        },
        "now": now,
    }
    if to.kind == "resident":
        notifications.tell(
            resident_id=to.id,
            kind=kind,
            path=f"/time/transfers/{paid.transfer_id}",
            key=f"{kind}:{paid.transfer_id}:{to.id}",
            mail=mail,
            **whole,
        )
        return
    for resident_id in hubs.coordinators(to.id):
        notifications.tell(
            resident_id=resident_id,
            kind=f"{kind}_hub",
            path=f"/hubs/{to.slug}/time",
            key=f"{kind}_hub:{paid.transfer_id}:{resident_id}",
            mail=False,
            **whole,
        )
