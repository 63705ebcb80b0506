"""What can be done with loans. Every service takes the actor and the moment, asks the policy for the hub of the object,
holds the rows it changes, and records what happened; it never commits."""

from app.lending.services.asking import approve, cancel, decline, post_message, reserve
from app.lending.services.chasing import note_contact, write_to_late
from app.lending.services.describing import describe_return
from app.lending.services.finding_again import find_again
from app.lending.services.handing_out import CheckedOut, Override, check_out
from app.lending.services.mending import close_repair, mark_lost, return_deposit
from app.lending.services.neighbours import contest, hand_back, hand_over
from app.lending.services.rearranging import change_days
from app.lending.services.renewing import Kept, renew, renew_several
from app.lending.services.taking_back import CheckedIn, WhereNext, check_in
from app.lending.services.undoing import undo
from app.lending.services.until import choose_due

__all__ = [
    "CheckedIn",
    "CheckedOut",
    "Kept",
    "Override",
    "WhereNext",
    "approve",
    "cancel",
    "change_days",
    "check_in",
    "check_out",
    "choose_due",
    "close_repair",
    "contest",
    "decline",
    "describe_return",
    "find_again",
    "hand_back",
    "hand_over",
    "mark_lost",
    "note_contact",
    "post_message",
    "renew",
    "renew_several",
    "reserve",
    "return_deposit",
    "undo",
    "write_to_late",
]
