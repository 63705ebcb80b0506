"""Residents, the browsers and programs they let in, and the one-time links that were mailed to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, constraint_says


class Resident(Base):
    """A neighbour. No address is kept, only the centre of a cell about 200 m wide around the home.

    `email` is lower case and may be missing: somebody whose account a volunteer made at the counter.
    """

    __tablename__ = "resident"
    __table_args__ = (
        CheckConstraint("(home_lat IS NULL) = (home_lon IS NULL)", name="home_whole"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("ix_resident_name", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    email_confirmed_at: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    code: Mapped[str] = mapped_column(unique=True)
    locale: Mapped[str] = mapped_column(default="fr")
    home_lat: Mapped[float | None]
    home_lon: Mapped[float | None]
    is_steward: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    verified_in_person_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A browser that is logged in; logging out ends it here, not only in the cookie. The token is kept hashed."""

    __tablename__ = "browser_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    browser: Mapped[str]


class ApiToken(Base):
    """A program that a resident lets in, by a name she gave it. The token is kept hashed."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class MailedLink(Base):
    """A one-time link that was mailed: `confirm` an address, or choose a `password`. The link itself is kept nowhere:
    it is this row's number, signed when the mail is written (`app.core.tokens.link_token`)."""

    __tablename__ = "mailed_link"
    __table_args__ = (CheckConstraint("purpose IN ('confirm', 'password')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


constraint_says("uq_resident_email", "accounts.email_taken")
constraint_says("resident.email", "accounts.email_taken")
