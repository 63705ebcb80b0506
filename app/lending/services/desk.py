"""What both scans at the counter ask first: who stands behind it, when, what was scanned, and whether it belongs here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.core import audit, codes
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import checked
from app.hubs.models import Hub
from app.hubs.services import require_role
from app.items.labels import queries as labels
from app.items.models import Item
from app.lending import rules
from app.lending.models import Loan

NOTE_LONGEST = 1000
CONDITIONS = ("good", "worn", "damaged", "incomplete")
BROKEN = ("damaged", "incomplete")
MOST_CENTS = 10_000_000


@dataclass(frozen=True)
class Desk:
    """Who scans where and when; `at` is the scan's own moment."""

    hub_id: int
    actor_id: int
    roles: Collection[str]
    at: datetime
    now: datetime

    def today(self, terms: rules.Terms) -> date:
        """The civil day of the scan where the object is lent."""
        return terms.days.today(self.at)


def checked_fields(
    condition: str | None, note: str | None, cents: int | None, field: str = "received"
) -> str:
    """The clean note; `Invalid` for what is no condition or no sum."""
    if condition is not None and condition not in (*CONDITIONS, "new"):
        raise Invalid({"condition": "core.not_a_choice"})
    if cents is not None and not 0 <= cents <= MOST_CENTS:
        raise Invalid({f"deposit_{field}_cents": "lending.negative"})
    return checked("note", note, longest=NOTE_LONGEST, lines=True)


def at_desk(*, hub_id: int, actor_id: int, at: datetime | None, now: datetime) -> Desk:
    """The desk of a volunteer at this hub. A scan that was kept for too long, or is dated in the future, is for a
    person to settle (409)."""
    if at is not None and at.tzinfo is None:
        raise Invalid({"at": "lending.moment_without_zone"})
    held = require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    if at is not None and at > now + rules.CLOCKS_DIFFER_BY:
        raise Conflict("lending.from_the_future")
    if at is not None and at < now - rules.SCANS_KEPT_FOR:
        raise Conflict("lending.too_old")
    return Desk(hub_id, actor_id, tuple(held.roles), min(at or now, now), now)


def item_id_of(text: str) -> int:
    """The object of a label; `NotFound` for a code that is half read or unknown."""
    code = codes.read(text)
    if code is not None and code.kind != codes.ITEM:
        raise Invalid({"item_code": "lending.not_an_item_code"})
    found = _item_id_wearing(str(code)) if code else None
    if found is None:
        raise NotFound("lending.unknown_code")
    return found


def _item_id_wearing(code: str) -> int | None:
    """The object that wears this label, or wore it before it got another."""
    found = db.session.scalar(select(Item.id).where(Item.code == code))
    if found is None and (current := labels.current_code(code)) != code:
        found = db.session.scalar(select(Item.id).where(Item.code == current))
    return found


def refuse_elsewhere(at_hub: int | None, desk: Desk) -> None:
    """What belongs to another hub, or is lent between neighbours, is not this desk's affair."""
    if at_hub == desk.hub_id:
        return
    if at_hub is None:
        raise Conflict("lending.kept_at_home")
    hub = db.session.get(Hub, at_hub)
    raise Conflict("lending.other_hub", hub=hub.name if hub else "")


def loan_out(item_id: int) -> Loan | None:
    """The loan that has this object now."""
    return db.session.scalar(select(Loan).where(Loan.item_id == item_id, Loan.status == "checked_out"))


def write_audit(act: str, loan: Loan, desk: Desk, **details: Any) -> None:
    """Keep both names: who stood at the desk, and for whom."""
    audit.note(
        act,
        now=desk.now,
        actor_id=desk.actor_id,
        on_behalf_of_id=loan.borrower_id,
        subject_kind="loan",
        subject_id=loan.id,
        hub_id=desk.hub_id,
        **details,
    )
