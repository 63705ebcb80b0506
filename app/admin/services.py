"""What stewards do: have a job run now, give refused mail another chance."""

from collections.abc import Collection
from datetime import datetime

from app.accounts.models import Resident
from app.admin import policy
from app.core import audit
from app.core.db import db, inserting
from app.core.errors import Forbidden, NotFound
from app.core.jobs import JobRun
from app.notifications import services as notifications


def require_steward(*, actor_id: int) -> Resident:
    """The actor, if she looks after the installation; else `Forbidden`."""
    actor = db.session.get(Resident, actor_id)
    reasons = policy.why_not_look_after(is_steward=actor is not None and actor.is_steward)
    if reasons or actor is None:
        raise Forbidden(reasons[0])
    return actor


def run_now(*, name: str, names: Collection[str], actor_id: int, now: datetime) -> None:
    """Ask the scheduler to run this job (one of `names`) within seconds; asking twice is asking once."""
    require_steward(actor_id=actor_id)
    if name not in names:
        raise NotFound("admin.no_such_job")
    asking = inserting(JobRun).values(name=name, asked_at=now, count=0, total=0, duration_ms=0, failures=0)
    db.session.execute(asking.on_conflict_do_update(index_elements=["name"], set_={"asked_at": now}))


def retry_mail(*, actor_id: int, now: datetime) -> int:
    """Let every mail that was given up try again; how many."""
    require_steward(actor_id=actor_id)
    count = notifications.retry_failed(now=now)
    audit.note(
        "admin.mail_retried",
        now=now,
        actor_id=actor_id,
        subject_kind="resident",
        subject_id=actor_id,
        count=count,
    )
    return count
