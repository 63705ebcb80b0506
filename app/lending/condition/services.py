"""What can be done: say how an object looks, take that back, and forget it when its year has passed."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.core.images import Stored
from app.core.text import checked
from app.lending.condition import rules
from app.lending.condition.models import ConditionNote
from app.lending.models import SEEN, Loan, LoanEvent, RepairTicket
from app.lending.policy import Actor, Parties
from app.lending.services.ground import loan_held
from app.messages import services as messages
from app.messages.models import Conversation


def describe(
    *, loan_id: int, text: str | None, photo: Stored | None = None, actor_id: int, now: datetime
) -> ConditionNote:
    """How the object looks, for three days after it has left or come back: words, a photo (stored already, under the
    private ones), or both. Both sides may, and neither can change what the other said."""
    said = checked("text", text, longest=rules.TEXT_LONGEST, lines=True)
    if not said and photo is None:
        raise Invalid({"text": "lending.say_or_show"})
    loan = loan_held(loan_id, actor_id=actor_id, may=_whoever_sees)
    stage = _stage(loan, now)
    if stage is None:
        raise Conflict("lending.condition_closed", days=rules.OPEN_FOR.days)
    if _count(loan_id, stage) >= rules.MOST:
        raise Conflict("lending.condition_full", max=rules.MOST)
    note = ConditionNote(loan_id=loan_id, stage=stage, text=said, author_id=actor_id, at=now)
    if photo is not None:
        note.photo, note.width, note.height = photo.name, photo.width, photo.height
    db.session.add(note)
    db.session.flush()
    return note


def take_back(*, loan_id: int, note_id: int, actor_id: int, now: datetime) -> str | None:
    """It was the wrong photo, or the wrong loan: one's own, while one may still say another. The name of the photo,
    for its files to go after the commit."""
    loan = loan_held(loan_id, actor_id=actor_id, may=_whoever_sees)
    note = db.session.get(ConditionNote, note_id)
    if note is None or note.loan_id != loan_id or note.author_id != actor_id:
        raise NotFound
    if note.stage != _stage(loan, now):
        raise Conflict("lending.condition_closed", days=rules.OPEN_FOR.days)
    db.session.delete(note)
    return note.photo


def _whoever_sees(_people: Parties, _actor: Actor) -> list[str]:
    return []


def _stage(loan: Loan, now: datetime) -> str | None:
    return rules.stage_open(loan.status, out_at=loan.checked_out_at, in_at=loan.checked_in_at, now=now)


def _count(loan_id: int, stage: str) -> int:
    noted = select(func.count()).where(ConditionNote.loan_id == loan_id, ConditionNote.stage == stage)
    return db.session.scalar(noted) or 0


# -- when its year has passed -----------------------------------------------------------------------------


def forget_notes(*, now: datetime, limit: int) -> list[str] | None:
    """Forget how objects of loans that ended a year ago looked, a batch at a time: the names of the photos, for their
    files to go after the commit; None when nothing was left to forget."""
    old = (
        select(ConditionNote.id)
        .join(Loan, Loan.id == ConditionNote.loan_id)
        .where(ConditionNote.at < now - rules.KEPT, _over(now))
        .order_by(ConditionNote.id)
        .limit(limit)
    )
    gone = delete(ConditionNote).where(ConditionNote.id.in_(old)).returning(ConditionNote.photo)
    names = db.session.scalars(gone.execution_options(synchronize_session=False)).all()
    return [name for name in names if name] if names else None


def forget_words(*, now: datetime, limit: int) -> int:
    """Forget the notes that were written beside both scans of such loans; how many."""
    old = (
        select(LoanEvent.id)
        .join(Loan, Loan.id == LoanEvent.loan_id)
        .where(SEEN, LoanEvent.at < now - rules.KEPT, _over(now))
        .limit(limit)
    )
    ids = db.session.scalars(old).all()
    if ids:
        gone = update(LoanEvent).where(LoanEvent.id.in_(ids)).values(why=None)
        db.session.execute(gone.execution_options(synchronize_session=False))
    return len(ids)


def forget_messages(*, now: datetime, limit: int) -> list[str] | None:
    """Forget what was said about such loans: the names of the photos; None when nothing was left to forget."""
    ids = db.session.scalars(
        select(Conversation.subject_id)
        .join(Loan, Loan.id == Conversation.subject_id)
        .where(Conversation.subject_kind == "loan", Conversation.created_at < now - rules.KEPT, _over(now))
        .order_by(Conversation.id)
        .limit(limit)
    ).all()
    return messages.forget(subject_kind="loan", subject_ids=ids) if ids else None


def _over(now: datetime) -> ColumnElement[bool]:
    """The loan ended a year ago, and nothing that it broke is still being mended."""
    mending = exists().where(RepairTicket.loan_id == Loan.id, RepairTicket.closed_at.is_(None))
    return (Loan.ended_at < now - rules.KEPT) & ~mending
