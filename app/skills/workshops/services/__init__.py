"""What can be done with workshops. Locks are taken in one order: series, dates, objects, then what the ledger holds."""

from app.skills.workshops.services.attending import Attended, attend, undo_attendance
from app.skills.workshops.services.cancelling import cancel, restore
from app.skills.workshops.services.editing import edit
from app.skills.workshops.services.making import create
from app.skills.workshops.services.needing import answer
from app.skills.workshops.services.places import accept, leave, register, undo_leave

__all__ = [
    "Attended",
    "accept",
    "answer",
    "attend",
    "cancel",
    "create",
    "edit",
    "leave",
    "register",
    "restore",
    "undo_attendance",
    "undo_leave",
]
