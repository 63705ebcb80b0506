"""What does not come back: writing to who has it, noting that somebody called, and the terms' own consequence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotFound
from app.core.text import checked
from app.hubs import suspending
from app.hubs.models import Hub, Membership
from app.hubs.queries import membership
from app.hubs.services import require_role
from app.lending.models import Loan
from app.lending.services.ground import loans_held, write_down
from app.messages import services as messages

NOTE_LONGEST = 300


def write_to_late(
    *, hub_id: int, resident_id: int, text: str | None, actor_id: int, now: datetime
) -> list[Loan]:
    """One message about all that this person should have brought back here, from whoever holds the counter; each of
    the loans remembers that it was sent."""
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    said = messages.checked_text(text)
    loans = _late_loans(hub_id, resident_id, now)
    messages.post(subject_kind="loan", subject_id=loans[0].id, actor_id=actor_id, text=said, now=now)
    for loan in loans:
        write_down(loan, "written_to", at=now, actor_id=actor_id)
    return loans


def note_contact(
    *, hub_id: int, resident_id: int, note: str | None, actor_id: int, now: datetime
) -> list[Loan]:
    """Somebody called or met this person: what was said, in a few words that she can read too."""
    require_role("volunteer", actor_id=actor_id, hub_id=hub_id)
    said = checked("note", note, longest=NOTE_LONGEST, shortest=2)
    loans = _late_loans(hub_id, resident_id, now)
    for loan in loans:
        write_down(loan, "called", at=now, actor_id=actor_id, why=said)
    return loans


def _late_loans(hub_id: int, resident_id: int, now: datetime) -> list[Loan]:
    """What this person should have brought back here, the longest waiting first, held."""
    hub = db.session.get_one(Hub, hub_id)
    ids = db.session.scalars(
        _late(hub, clock.day_at(now, hub.timezone)).where(Loan.borrower_id == resident_id)
    ).all()
    if not ids:
        raise (
            Conflict("lending.nothing_late")
            if membership(resident_id, hub_id)
            else NotFound("hubs.not_member")
        )
    return sorted(loans_held(ids), key=lambda loan: (loan.due, loan.id))


def _late(hub: Hub, before: date) -> Select[int]:
    return select(Loan.id).where(Loan.hub_id == hub.id, Loan.status == "checked_out", Loan.due < before)


# -- by the terms of a hub --------------------------------------------------------------------------------


def hubs_that_suspend() -> Sequence[int]:
    """The hubs whose terms stop loans after so many days of lateness."""
    hubs = db.session.execute(select(Hub.id, Hub.policy_changes).where(Hub.status == "published"))
    return [row.id for row in hubs if (row.policy_changes or {}).get("suspend_after_days")]


def suspend_late(*, hub_id: int, now: datetime) -> int:
    """Stop the loans of those who are later than this hub's terms bear, and lift what has come to its end; how many."""
    hub = db.session.get(Hub, hub_id)
    if hub is None or not hub.policy.suspend_after_days:
        return 0
    days = hub.policy.suspend_after_days
    last = clock.day_at(now, hub.timezone) - timedelta(days=days - 1)
    late = select(Loan.borrower_id).where(Loan.id.in_(_late(hub, last)))
    stopped = db.session.scalars(
        select(Membership.resident_id)
        .where(
            Membership.hub_id == hub_id, Membership.status != "suspended", Membership.resident_id.in_(late)
        )
        .order_by(Membership.resident_id)
    ).all()
    count = sum(
        suspending.suspend_until_back(hub_id=hub_id, resident_id=resident_id, days=days, now=now)
        for resident_id in stopped
    )
    waiting = db.session.scalars(
        select(Membership.resident_id)
        .where(
            Membership.hub_id == hub_id, Membership.status == "suspended", Membership.lifts_itself.is_(True)
        )
        .order_by(Membership.resident_id)
    ).all()
    return count + sum(lift_when_back(hub_id=hub_id, resident_id=one, now=now) for one in waiting)


def lift_when_back(*, hub_id: int, resident_id: int, now: datetime) -> bool:
    """End a suspension that the terms made once nothing late is out any more; what was given up as lost since is for
    the coordination to settle."""
    hub = db.session.get_one(Hub, hub_id)
    lost, held = aliased(Loan), aliased(Membership)
    still = _late(hub, clock.day_at(now, hub.timezone)).where(Loan.borrower_id == resident_id)
    given_up = exists().where(
        lost.hub_id == hub_id,
        lost.borrower_id == resident_id,
        lost.status == "lost",
        held.hub_id == hub_id,
        held.resident_id == resident_id,
        lost.ended_at >= held.suspended_at,
    )
    if db.session.scalar(still.limit(1)) is not None or db.session.scalar(select(given_up)):
        return False
    return suspending.lift_what_lifts_itself(hub_id=hub_id, resident_id=resident_id, now=now)
