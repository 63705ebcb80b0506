"""What can be done with scans that were kept: put down what was refused, settle it, take over somebody's device."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.accounts.models import Resident
from app.core import audit, codes
from app.core.db import db, inserting, locked_one
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import checked
from app.counter.offline import rules
from app.counter.offline.models import ScanToSettle
from app.hubs.services import require_role
from app.lending import services as lending
from app.lending.services.desk import CONDITIONS, MOST_CENTS

KEY_LONGEST, WHY_LONGEST, SAID_LONGEST, NOTE_LONGEST, NAME_LONGEST = 128, 60, 1000, 300, 200
MOST_PARTS = 200
ACTS = ("check-out", "check-in")
SETTLED_KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Refused:
    """What a device kept and was told about it. `ticked`: parts, acknowledged, deposit_received_cents,
    condition."""

    key: str
    act: str
    item_code: str
    at: datetime
    why: str
    said: str
    member_code: str = ""
    ticked: Mapping[str, Any] = field(default_factory=dict)


def put_down(refused: Refused, *, hub_id: int, actor_id: int, now: datetime) -> None:
    """Write down a scan that was refused, once for its key, however often the device sends it."""
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    if refused.act not in ACTS:
        raise Invalid({"act": "core.not_a_choice"})
    item = codes.read(refused.item_code)
    member = codes.read(refused.member_code)
    if item is None or item.kind != codes.ITEM:
        raise Invalid({"item_code": "lending.not_an_item_code"})
    if refused.act == "check-out" and (member is None or member.kind != codes.MEMBER):
        raise Invalid({"member_code": "lending.not_a_member_code"})
    values = {
        "hub_id": hub_id,
        "kept_by_id": actor_id,
        "key": checked("key", refused.key, shortest=1, longest=KEY_LONGEST),
        "act": refused.act,
        "item_code": str(item),
        "member_code": str(member) if refused.act == "check-out" else "",
        "ticked": _ticked(refused.ticked),
        "at": refused.at,
        "why": checked("why", refused.why, longest=WHY_LONGEST),
        "said": checked("said", refused.said, longest=SAID_LONGEST, lines=True),
        "received_at": now,
        "done": False,
        "note": "",
    }
    db.session.execute(inserting(ScanToSettle).values(values).on_conflict_do_nothing())


def _ticked(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a scan can say besides its codes, in its shape."""
    parts, cents, condition = (sent.get(name) for name in ("parts", "deposit_received_cents", "condition"))
    kept: dict[str, Any] = {}
    if isinstance(parts, list):
        kept["parts"] = [name[:NAME_LONGEST] for name in parts[:MOST_PARTS] if isinstance(name, str)]
    if sent.get("acknowledged") is True:
        kept["acknowledged"] = True
    if isinstance(cents, int) and not isinstance(cents, bool) and 0 < cents <= MOST_CENTS:
        kept["deposit_received_cents"] = cents
    if condition in CONDITIONS:
        kept["condition"] = condition
    return kept


def settle(*, scan_id: int, hub_id: int, actor_id: int, note: str | None, now: datetime) -> ScanToSettle:
    """Somebody has looked at it and put things right; a word of how is kept. Settled twice, it holds once."""
    scan = _held(scan_id, hub_id=hub_id, actor_id=actor_id)
    if scan.settled_at is None:
        scan.note = checked("note", note, longest=NOTE_LONGEST)
        _end(scan, actor_id=actor_id, now=now)
    return scan


def try_again(*, scan_id: int, hub_id: int, actor_id: int, now: datetime) -> ScanToSettle:
    """The same act once more, now that what stood in the way may be gone. It keeps its own moment, but for one that
    the counter cannot take: then it counts from now."""
    scan = _held(scan_id, hub_id=hub_id, actor_id=actor_id)
    if scan.settled_at is not None:
        return scan
    at = scan.at if rules.can_be_dated(scan.at, now=now) else None
    if scan.act == "check-out":
        lending.check_out(
            item_code=scan.item_code,
            member_code=scan.member_code,
            hub_id=scan.hub_id,
            actor_id=actor_id,
            parts=scan.ticked.get("parts"),
            acknowledged=scan.ticked.get("acknowledged", False),
            deposit_received_cents=scan.ticked.get("deposit_received_cents"),
            at=at,
            now=now,
        )
    else:
        lending.check_in(
            item_code=scan.item_code,
            hub_id=scan.hub_id,
            actor_id=actor_id,
            condition=scan.ticked.get("condition", "good"),
            at=at,
            now=now,
        )
    scan.done = True
    _end(scan, actor_id=actor_id, now=now)
    return scan


def _held(scan_id: int, *, hub_id: int, actor_id: int) -> ScanToSettle:
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    scan = locked_one(ScanToSettle, scan_id)
    if scan is None or scan.hub_id != hub_id:
        raise NotFound
    return scan


def _end(scan: ScanToSettle, *, actor_id: int, now: datetime) -> None:
    scan.settled_at = now
    scan.settled_by_id = actor_id
    audit.note(
        "counter.scan_settled",
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=scan.kept_by_id,
        subject_kind="scan_to_settle",
        subject_id=scan.id,
        hub_id=scan.hub_id,
        scan=scan.act,
        item=scan.item_code,
        done=scan.done,
    )


def take_over(*, hub_id: int, resident_id: int, scans: int, actor_id: int, now: datetime) -> Resident:
    """A coordinator sends what somebody else kept on this device, under her own name; both names are kept."""
    require_role("coordinator", actor_id=actor_id, hub_id=hub_id)
    kept_by = db.session.get(Resident, resident_id)
    if kept_by is None:
        raise NotFound
    if resident_id == actor_id or scans < 1:
        raise Conflict("counter.nothing_to_take_over")
    audit.note(
        "counter.scans_taken_over",
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=resident_id,
        subject_kind="resident",
        subject_id=resident_id,
        hub_id=hub_id,
        scans=scans,
    )
    return kept_by


def forget_settled(*, now: datetime, limit: int) -> int:
    """Let go of what was settled long ago; how many."""
    old = db.session.scalars(
        select(ScanToSettle.id).where(ScanToSettle.settled_at < now - SETTLED_KEPT_FOR).limit(limit)
    ).all()
    if old:
        db.session.execute(delete(ScanToSettle).where(ScanToSettle.id.in_(old)))
    return len(old)
