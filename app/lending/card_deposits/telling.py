"""Who is told of a deposit by card."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.hubs import queries as hubs
from app.lending.card_deposits.standing import Standing
from app.notifications import services as notifications
from app.notifications.rules import Telling


def tell_borrower(found: Standing, what: str, *, now: datetime, mail: bool = True, **more: Any) -> None:
    """One thing to her whose card it is, once for a loan."""
    telling = _telling(found, found.loan.borrower_id, what, mail=mail, **{**_sum(found), **more})
    notifications.tell_many([telling], now=now)


def tell_card(found: Standing, what: str, attempt_id: int, *, now: datetime, **more: Any) -> None:
    """Her card waits for her: each time that it was asked."""
    back = f"/loans/{found.loan.id}"
    telling = _telling(
        found,
        found.loan.borrower_id,
        what,
        path=back if what == "removed" else f"/payments/{attempt_id}/card?path={back}",
        key=str(attempt_id),
        **{**_sum(found), **more},
    )
    notifications.tell_many([telling], now=now)


def tell_hold_ended(found: Standing, *, now: datetime) -> None:
    """She, and those who coordinate the hub."""
    told = [_telling(found, found.loan.borrower_id, "hold_ended")]
    told += [
        _telling(found, resident_id, "hold_ended_hub", mail=False) for resident_id in _coordinators(found)
    ]
    notifications.tell_many(told, now=now)


def tell_unsecured(found: Standing, *, now: datetime) -> None:
    """Nothing stands in for the deposit any more while the object is out: those who coordinate the hub know it."""
    key = str(found.asked.id if found.asked else 0)
    notifications.tell_many(
        [_telling(found, resident_id, "unsecured", key=key) for resident_id in _coordinators(found)], now=now
    )


def ask_settlers(found: Standing, *, besides: Collection[int], now: datetime) -> None:
    """Those who could settle it: who coordinates the hub; where that is nobody else, the stewards."""
    others = [one for one in _coordinators(found) if one not in besides]
    if not others:
        stewards = db.session.scalars(select(Resident.id).where(Resident.is_steward)).all()
        others = [one for one in stewards if one not in besides]
    notifications.tell_many(
        [_telling(found, resident_id, "contested") for resident_id in sorted(others)], now=now
    )


def _coordinators(found: Standing) -> list[int]:
    return sorted(hubs.coordinators(found.loan.hub_id)) if found.loan.hub_id is not None else []


def _sum(found: Standing) -> dict[str, Any]:
    claim = found.claim
    cents = (claim.due_cents or claim.cents) if claim else found.loan.deposit_cents or 0
    return {"cents": cents}


def _telling(
    found: Standing,
    resident_id: int,
    what: str,
    *,
    path: str | None = None,
    key: str = "",
    mail: bool = True,
    **params: Any,
) -> Telling:
    loan = found.loan
    return Telling(
        resident_id=resident_id,
        kind=f"card_deposits.{what}",
        params={"item": loan.item.title, "borrower": loan.borrower.name, "currency": loan.currency, **params},
        path=path or f"/loans/{loan.id}/deposit",
        key=f"card_deposits.{what}:{loan.id}:{key}:{resident_id}",
        mail=mail,
        timezone=loan.hub.timezone if loan.hub else None,
    )
