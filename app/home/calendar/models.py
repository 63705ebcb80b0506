"""The one secret link of each resident's calendar."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class CalendarLink(Base):
    """The link under which programs read a resident's calendar; one at most, so that a new one ends the old one. Its
    token is kept hashed."""

    __tablename__ = "calendar_link"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
