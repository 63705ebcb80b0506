"""What is done about skills when time passes."""

from datetime import datetime
from functools import partial

from app.core.db import db, retrying, transaction
from app.core.jobs import keep_going
from app.finding import placing, vocabulary
from app.skills.filters import SKILLS

AT_ONCE = 500


def place_anew(*, now: datetime) -> int:  # noqa: ARG001 -- every job is told the time
    """Where those who are not logged in see what is placed by homes (`finding.placing`). How many have moved."""
    return placing.place_all_anew(SKILLS)


def count_words(*, now: datetime) -> int:  # noqa: ARG001 -- words have no hour
    """Count the words of all titles, so that slips of new words are understood; how many moved."""
    moved = vocabulary.changes(SKILLS, vocabulary.counted(SKILLS))
    db.session.rollback()  # what was read is let go before anything is written
    written = 0
    while keep_going() and (some := moved[written : written + AT_ONCE]):
        retrying(partial(_write_words, some))
        written += len(some)
    return written


def _write_words(some: list[tuple[str, int]]) -> None:
    with transaction():
        vocabulary.write(SKILLS, some)
