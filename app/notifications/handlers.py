"""The mails that accounts ask for: each carries a one-time link, or says that something was changed.

Other rooms tell their neighbours themselves, see `services.tell`.
"""

from datetime import datetime

from app.core.db import db
from app.events.accounts import (
    ConfirmationAsked,
    PasswordChanged,
    PasswordResetAsked,
    ResidentMade,
    SignedUp,
    SignUpRepeated,
)
from app.hubs.models import Hub
from app.notifications import services


def ask_to_confirm(happened: SignedUp | ConfirmationAsked, *, now: datetime) -> None:
    """The address answers when its link is opened."""
    services.mail(
        resident_id=happened.resident_id,
        kind="accounts.confirm",
        path="/confirm?token=",
        link=("confirm", happened.link_id),
        key=f"accounts.confirm:{happened.link_id}",
        now=now,
    )


def remind_of_account(happened: SignUpRepeated, *, now: datetime) -> None:
    """Only the mailbox learns that there is an account already."""
    services.mail(
        resident_id=happened.resident_id,
        kind="accounts.known",
        path="/reset-password?token=",
        link=("password", happened.link_id),
        key=f"accounts.known:{happened.link_id}",
        now=now,
    )


def welcome(happened: ResidentMade, *, now: datetime) -> None:
    """A volunteer made the account at the counter; its password is chosen at home."""
    hub = db.session.get(Hub, happened.hub_id)
    services.mail(
        resident_id=happened.resident_id,
        kind="accounts.welcome",
        params={"hub": hub.name if hub else ""},
        path="/reset-password?token=",
        link=("password", happened.link_id),
        key=f"accounts.welcome:{happened.link_id}",
        now=now,
    )


def send_password_link(happened: PasswordResetAsked, *, now: datetime) -> None:
    """Where the address is known; where it is not, nothing is written and nobody can tell."""
    if happened.resident_id is None or happened.link_id is None:
        return
    services.mail(
        resident_id=happened.resident_id,
        kind="accounts.password",
        path="/reset-password?token=",
        link=("password", happened.link_id),
        key=f"accounts.password:{happened.link_id}",
        now=now,
    )


def tell_password_changed(happened: PasswordChanged, *, now: datetime) -> None:
    """So that she notices when it was somebody else."""
    services.mail(
        resident_id=happened.resident_id,
        kind="accounts.password_changed",
        path="/forgot-password",
        key=f"accounts.password_changed:{happened.resident_id}:{now:%Y%m%dT%H%M%S%f}",
        now=now,
    )
