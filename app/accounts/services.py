"""What can be done with accounts.

Hashing a password is slow on purpose, so it is done before a transaction begins: `prepare_…` checks and hashes
without the database, and what it returns is handed to the service that writes.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import queries, rules
from app.accounts.models import ApiToken, BrowserSession, MailedLink, Resident
from app.core import audit, codes, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, Invalid, NotFound, TooMany
from app.core.i18n import LOCALES
from app.core.text import Checks, checked, one_line
from app.core.tokens import fingerprint, new_token, read_link
from app.events.accounts import (
    ConfirmationAsked,
    EmailConfirmed,
    HomeMoved,
    PasswordChanged,
    PasswordResetAsked,
    ResidentMade,
    SignedUp,
    SignUpRepeated,
)
from app.geo.rules import HOME_M, Place, cell, valid

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's minimum for argon2id: 19 MiB, two passes, one lane."""
NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$xxFPyAEmluiVIgGHwcvwNg$qV7t4Dc6SQH/RoA7U/VoKrzwm4hwiGjg0AG3YVFIOx4"
)
"""Looked at where there is no account, so that the answer takes as long."""


@dataclass(frozen=True)
class NewAccount:
    """A sign-up that was checked whole; `home` is the centre of its cell."""

    name: str
    email: str
    password_hash: str
    locale: str
    home: Place | None = None


# -- checks -----------------------------------------------------------------------------------------------


def checked_email(text: str | None) -> str:
    """The address, clean and in lower case; raises `Invalid` with what is missing."""
    email = one_line(text)
    if not email:
        raise Invalid({"email": "core.required"})
    local, at, domain = email.rpartition("@")
    if not at or not local:
        raise Invalid({"email": "accounts.email_no_at"})
    if not domain or "." not in domain.strip("."):
        raise Invalid({"email": "accounts.email_no_end"})
    if len(email) > rules.EMAIL_LONGEST:
        raise Invalid({"email": ("core.too_long", {"max": rules.EMAIL_LONGEST})})
    try:
        found = validate_email(email, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid({"email": "accounts.email_odd"}) from error
    return (found.ascii_email or found.normalized).lower()


def checked_name(text: str | None) -> str:
    """A name that neighbours can read: something besides signs and spaces."""
    name = checked("name", text, longest=rules.NAME_LONGEST, shortest=1)
    if not any(c.isalnum() for c in name):
        raise Invalid({"name": "accounts.name_odd"})
    return name


def checked_locale(text: str | None) -> str:
    """One of the site's languages."""
    if text not in LOCALES:
        raise Invalid({"locale": "core.not_a_choice"})
    return str(text)


def checked_home(lat: float, lon: float) -> Place:
    """The cell of about 200 m that holds this point; nothing finer is ever kept."""
    if not valid(lat, lon):
        raise Invalid({"home": "core.not_a_place"})
    return cell(lat, lon, HOME_M)


def hashed_password(password: str | None, *, about: Sequence[str] = (), field: str = "password") -> str:
    """The argon2id hash of a new password that will do; raises `Invalid` for `field` with what is wrong."""
    if not password:
        raise Invalid({field: "core.required"})
    plain = unicodedata.normalize("NFKC", password)
    if any(0xD800 <= ord(c) <= 0xDFFF or c == "\0" for c in plain):
        raise Invalid({field: "core.not_text"})
    weak = rules.why_weak(plain, common=_common_passwords(), about=about)
    if weak is not None:
        raise Invalid({field: (weak, {"min": rules.PASSWORD_SHORTEST, "max": rules.PASSWORD_LONGEST})})
    return _hasher.hash(plain)


def password_fits(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; as slow where there is none."""
    plain = unicodedata.normalize("NFKC", password)[: rules.PASSWORD_LONGEST * 2]
    try:
        _hasher.verify(password_hash or NOBODYS_HASH, plain.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _common_passwords() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


# -- signing up -------------------------------------------------------------------------------------------


def prepare_sign_up(
    *,
    name: str | None,
    email: str | None,
    password: str | None,
    adult: bool,
    locale: str,
    home: tuple[float, float] | None = None,
) -> NewAccount:
    """Check what was typed, all of it at once, and hash the password. `adult` is 15 years by declaration."""
    checks = Checks()
    clean_name = checks(checked_name, name)
    clean_email = checks(checked_email, email)
    language = checks(checked_locale, locale)
    place = checks(checked_home, *home) if home else None
    about = (clean_name or "", clean_email or "", (clean_email or "").partition("@")[0], "movilab")
    password_hash = checks(hashed_password, password, about=about)
    if not adult:
        checks.fault("adult", "accounts.not_adult")
    checks.done()
    return NewAccount(clean_name, clean_email, password_hash, language, place)


def sign_up(new: NewAccount, *, now: datetime) -> None:
    """Make the account, or, where the address has one already, tell that address so. Says nothing of which."""
    made = _insert(
        Resident(
            name=new.name,
            email=new.email,
            password_hash=new.password_hash,
            code=str(codes.new(codes.MEMBER)),
            locale=new.locale,
            home_lat=new.home.lat if new.home else None,
            home_lon=new.home.lon if new.home else None,
            created_at=now,
        )
    )
    if made is not None:
        link = _link(made.id, "confirm", now=now)
        outbox.record(SignedUp(resident_id=made.id, link_id=link.id), now=now)
        return
    known = queries.by_email(new.email)
    if known is not None and not _mailed_enough(known.id, "password", now=now):
        link = _link(known.id, "password", now=now)
        outbox.record(SignUpRepeated(resident_id=known.id, link_id=link.id), now=now)


def make_resident(
    *, name: str | None, email: str | None, locale: str, actor_id: int, hub_id: int, now: datetime
) -> Resident:
    """Make an account for somebody who stands at the counter of `hub_id`; the address may be missing. The caller
    has asked for the role. Raises `Conflict` where the address has an account already."""
    checks = Checks()
    clean_name = checks(checked_name, name)
    clean_email = checks(checked_email, email) if one_line(email) else None
    language = checks(checked_locale, locale)
    checks.done()
    made = _insert(
        Resident(
            name=clean_name,
            email=clean_email,
            code=str(codes.new(codes.MEMBER)),
            locale=language,
            created_at=now,
            made_by_id=actor_id,
        )
    )
    if made is None:
        raise Conflict("accounts.email_taken")
    audit.note(
        "accounts.made",
        now=now,
        actor_id=actor_id,
        on_behalf_of_id=made.id,
        subject_kind="resident",
        subject_id=made.id,
        hub_id=hub_id,
    )
    if clean_email:
        link = _link(made.id, "password", now=now, holds=rules.WELCOME_HOLDS)
        outbox.record(ResidentMade(resident_id=made.id, link_id=link.id, hub_id=hub_id), now=now)
    return made


def make_steward(new: NewAccount, *, now: datetime) -> Resident:
    """The first steward of an installation, whose address needs no confirmation: she holds the machine."""
    made = _insert(
        Resident(
            name=new.name,
            email=new.email,
            email_confirmed_at=now,
            password_hash=new.password_hash,
            code=str(codes.new(codes.MEMBER)),
            locale=new.locale,
            is_steward=True,
            created_at=now,
        )
    )
    if made is None:
        raise Conflict("accounts.email_taken")
    audit.note("accounts.steward", now=now, actor_id=None, subject_kind="resident", subject_id=made.id)
    return made


def _insert(resident: Resident) -> Resident | None:
    """The new row, or None where the address was taken, even a moment ago by somebody else."""
    if resident.email and queries.by_email(resident.email) is not None:
        return None
    try:
        with db.session.begin_nested():
            db.session.add(resident)
    except IntegrityError:
        if resident.email and queries.by_email(resident.email) is not None:
            return None
        raise
    return resident


# -- mailed links -----------------------------------------------------------------------------------------


def look_at_link(purpose: str, token: str, *, now: datetime) -> None:
    """Whether this token still opens something. Raises `NotFound` for one that was not made here, `Conflict` for
    one that was used or has run out. Reads only."""
    link_id = read_link(purpose, token)
    _still_holds(db.session.get(MailedLink, link_id) if link_id is not None else None, purpose, now=now)


def _link_in_hand(purpose: str, token: str, *, now: datetime) -> MailedLink:
    """The link that this token stands for, and nobody else's until the transaction ends."""
    link_id = read_link(purpose, token)
    return _still_holds(locked_one(MailedLink, link_id) if link_id is not None else None, purpose, now=now)


def _still_holds(link: MailedLink | None, purpose: str, *, now: datetime) -> MailedLink:
    if link is None or link.purpose != purpose:
        raise NotFound("accounts.link_unknown")
    if link.used_at is not None:
        raise Conflict("accounts.link_used")
    if link.expires_at <= now:
        raise Conflict("accounts.link_over")
    return link


def confirm_email(*, token: str, now: datetime) -> Resident:
    """The link came from the mailbox: the address answers."""
    link = _link_in_hand("confirm", token, now=now)
    link.used_at = now
    resident = queries.resident(link.resident_id)
    _confirmed(resident, now=now)
    return resident


def ask_for_confirmation(*, actor_id: int, now: datetime) -> None:
    """Send the confirmation once more."""
    resident = queries.resident(actor_id)
    if resident.email is None or resident.email_confirmed_at is not None:
        raise Conflict("accounts.already_confirmed")
    if _mailed_enough(actor_id, "confirm", now=now):
        raise TooMany("accounts.mailed_enough", retry_after=3600)
    link = _link(actor_id, "confirm", now=now)
    outbox.record(ConfirmationAsked(resident_id=actor_id, link_id=link.id), now=now)


def ask_for_password(*, email: str | None, now: datetime) -> None:
    """Mail a link to choose a new password, if the address is known. Says nothing of whether it is."""
    known = queries.by_email(checked_email(email))
    if known is None or _mailed_enough(known.id, "password", now=now):
        outbox.record(PasswordResetAsked(resident_id=None, link_id=None), now=now)
        return
    link = _link(known.id, "password", now=now)
    outbox.record(PasswordResetAsked(resident_id=known.id, link_id=link.id), now=now)


def choose_password(*, token: str, password_hash: str, now: datetime) -> Resident:
    """A new password by a mailed link, which also shows that the address answers."""
    link = _link_in_hand("password", token, now=now)
    resident = queries.resident(link.resident_id)
    db.session.execute(
        update(MailedLink)
        .where(
            MailedLink.resident_id == resident.id,
            MailedLink.purpose == "password",
            MailedLink.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session="fetch")
    )
    _confirmed(resident, now=now)
    _set_password(resident, password_hash, now=now)
    return resident


def change_password(*, actor_id: int, password_hash: str, keep: str | None, now: datetime) -> None:
    """A new password, by somebody who has just given the old one. `keep`: the hash of the browser session that
    stays; every other browser and program is shown out."""
    _set_password(queries.resident(actor_id), password_hash, now=now, keep=keep)


def _set_password(resident: Resident, password_hash: str, *, now: datetime, keep: str | None = None) -> None:
    resident.password_hash = password_hash
    others = delete(BrowserSession).where(BrowserSession.resident_id == resident.id)
    db.session.execute(others.where(BrowserSession.token_hash != keep) if keep else others)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.resident_id == resident.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    outbox.record(PasswordChanged(resident_id=resident.id), now=now)


def _confirmed(resident: Resident, *, now: datetime) -> None:
    if resident.email_confirmed_at is None:
        resident.email_confirmed_at = now
        outbox.record(EmailConfirmed(resident_id=resident.id), now=now)


def _link(resident_id: int, purpose: str, *, now: datetime, holds: timedelta | None = None) -> MailedLink:
    link = MailedLink(
        resident_id=resident_id,
        purpose=purpose,
        created_at=now,
        expires_at=now + (holds or rules.LINK_HOLDS[purpose]),
    )
    db.session.add(link)
    db.session.flush()
    return link


def _mailed_enough(resident_id: int, purpose: str, *, now: datetime) -> bool:
    sent = db.session.scalar(
        select(func.count())
        .select_from(MailedLink)
        .where(
            MailedLink.resident_id == resident_id,
            MailedLink.purpose == purpose,
            MailedLink.created_at > now - timedelta(hours=1),
        )
    )
    return (sent or 0) >= rules.LINKS_PER_HOUR


# -- coming in and going out ------------------------------------------------------------------------------


def recognise(*, email: str | None, password: str | None, production: bool) -> int | None:
    """The resident with this address and password, or None, in the same time whoever it is. In production the log-ins
    of the demo, whose password everybody knows, are nobody. Reads only, and outside any transaction: the hash takes
    its time."""
    try:
        address = checked_email(email)
    except Invalid:
        address = ""
    resident_id, password_hash = queries.lock_and_key(address) or (None, None)
    fits = password_fits(password or "", password_hash)
    return resident_id if fits and not (production and rules.is_demo_address(address)) else None


def let_browser_in(
    *, resident_id: int, user_agent: str, remember: bool, instead_of: str | None, now: datetime
) -> str:
    """A new browser session; the answer is its token, kept only hashed. `instead_of`: the hash of the session
    this browser had before, which ends."""
    token = new_token()
    if instead_of is not None:
        db.session.execute(delete(BrowserSession).where(BrowserSession.token_hash == instead_of))
    db.session.add(
        BrowserSession(
            resident_id=resident_id,
            token_hash=fingerprint(token),
            created_at=now,
            expires_at=now + (rules.REMEMBERED if remember else rules.NOT_REMEMBERED),
            browser=rules.browser_name(user_agent),
        )
    )
    return token


def show_browser_out(
    *, actor_id: int, session_id: int | None = None, session_hash: str | None = None
) -> None:
    """End one of one's own browser sessions, by its number or by its hash. `NotFound` for another's number."""
    mine = delete(BrowserSession).where(BrowserSession.resident_id == actor_id)
    which = (
        BrowserSession.id == session_id
        if session_id is not None
        else BrowserSession.token_hash == session_hash
    )
    gone = db.session.scalars(mine.where(which).returning(BrowserSession.id)).all()
    if session_id is not None and not gone:
        raise NotFound


def make_token(
    *, actor_id: int, name: str | None, now: datetime, days: int = rules.TOKEN_DAYS
) -> tuple[ApiToken, str]:
    """A key for a program: its row, and the key itself, shown once and kept only hashed."""
    checks = Checks()
    clean = checks(checked, "name", name, longest=rules.TOKEN_NAME_LONGEST, shortest=1)
    if not 1 <= days <= rules.TOKEN_LONGEST_DAYS:
        checks.fault("days", "core.out_of_range", min=1, max=rules.TOKEN_LONGEST_DAYS)
    checks.done()
    token = new_token()
    row = ApiToken(
        resident_id=actor_id,
        name=clean,
        token_hash=fingerprint(token),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(row)
    db.session.flush()
    _drop_oldest_tokens(actor_id, now=now)
    return row, token


def _drop_oldest_tokens(resident_id: int, *, now: datetime) -> None:
    """A program that logs in each time leaves keys behind: those beyond the newest `TOKENS_AT_ONCE` that open, and
    all that are older, are forgotten, so that the shelf stays short however often it comes."""
    first_too_many = (
        select(ApiToken.id)
        .where(ApiToken.resident_id == resident_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
        .order_by(ApiToken.id.desc())
        .offset(rules.TOKENS_AT_ONCE)
        .limit(1)
        .scalar_subquery()
    )
    db.session.execute(
        delete(ApiToken)
        .where(ApiToken.resident_id == resident_id, ApiToken.id <= first_too_many)
        .execution_options(synchronize_session=False)
    )


def revoke_token(*, actor_id: int, token_id: int, now: datetime) -> None:
    """This key no longer opens. `NotFound` for another's."""
    token = db.session.get(ApiToken, token_id)
    if token is None or token.resident_id != actor_id:
        raise NotFound
    token.revoked_at = token.revoked_at or now


# -- profile ----------------------------------------------------------------------------------------------


def edit_profile(*, actor_id: int, name: str | None = None, locale: str | None = None) -> Resident:
    """Change the name or the language; None leaves it as it is."""
    resident = queries.resident(actor_id)
    checks = Checks()
    clean_name = checks(checked_name, name) if name is not None else resident.name
    language = checks(checked_locale, locale) if locale is not None else resident.locale
    checks.done()
    resident.name, resident.locale = clean_name, language
    return resident


def set_home(*, actor_id: int, lat: float, lon: float, now: datetime) -> Resident:
    """Keep the cell of about 200 m around this point as one's home; what is kept there moves with it."""
    resident = queries.resident(actor_id)
    place = checked_home(lat, lon)
    if (resident.home_lat, resident.home_lon) != (place.lat, place.lon):
        resident.home_lat, resident.home_lon = place.lat, place.lon
        outbox.record(HomeMoved(resident_id=actor_id), now=now)
    return resident


def forget_home(*, actor_id: int) -> Resident:
    """Keep no home. What one keeps there stays in the square that neighbours saw."""
    resident = queries.resident(actor_id)
    resident.home_lat = resident.home_lon = None
    return resident
