"""What neighbours can teach and want to learn, and when they have time for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Resident
from app.core.db import Base
from app.finding.words import of_new_item
from app.hubs.models import Hub

OPEN = text("state = 'open'")
_FOUND: dict[str, Any] = {"sqlite_where": OPEN, "postgresql_where": OPEN}
_PLACES: dict[str, Any] = {**_FOUND, "postgresql_include": ["id"]}
"""With the number, as SQLite's indexes have it: which are near is answered by the index alone."""


class SkillCategory(Base):
    """A branch of the tree of skills (`catalogue.json`); `drawing` is shown with what belongs to it."""

    __tablename__ = "skill_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name_fr: Mapped[str]
    name_en: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("skill_category.id"), index=True)
    drawing: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    def name(self, locale: str) -> str:
        """The branch's name in the reader's language."""
        return self.name_en if locale == "en" else self.name_fr


class Skill(Base):
    """What a resident can teach or help with (`offer`), or wants to learn or be helped with (`need`).

    It takes place at a hub (`hub_id`, or any that suits both where it is empty), at somebody's home, or online. `lat`,
    `lon`, `precision_m` and `coarse_lat`, `coarse_lon` are the two published points, by the rule of `Item`: the hub's
    where it is at that hub and at no home, else cells around the resident's own home.
    `languages` are codes of ISO 639; `search_text` follows title and category, as that of an object does.
    `registered_by_id`: the volunteer who wrote it down at the counter for somebody without e-mail.
    """

    __tablename__ = "skill"
    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'need')", name="kind"),
        CheckConstraint("level IN ('beginner', 'intermediate', 'expert')", name="level"),
        CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
        CheckConstraint("at_hub OR at_home OR online", name="somewhere"),
        CheckConstraint("hub_id IS NULL OR at_hub", name="hub_named"),
        Index("ix_skill_place", "lat", "lon", **_PLACES),
        Index("ix_skill_coarse_place", "coarse_lat", "coarse_lon", **_PLACES),
        Index("ix_skill_category_place", "category_id", "lat", "lon", **_FOUND),
        Index("ix_skill_new", "created_at", "id", **_FOUND),
        Index("ix_skill_hub", "hub_id", "state"),
        Index("ix_skill_resident", "resident_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[str]
    title: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("skill_category.id"))
    level: Mapped[str] = mapped_column(default="beginner")
    at_hub: Mapped[bool] = mapped_column(default=True)
    at_home: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=False)
    hub_id: Mapped[int | None] = mapped_column(ForeignKey("hub.id"))
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["fr"])
    state: Mapped[str] = mapped_column(default="open")
    search_text: Mapped[str] = mapped_column(default=of_new_item)
    lat: Mapped[float]
    lon: Mapped[float]
    precision_m: Mapped[int] = mapped_column(default=0)
    coarse_lat: Mapped[float]
    coarse_lon: Mapped[float]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    category: Mapped[SkillCategory] = relationship()
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id])
    registered_by: Mapped[Resident | None] = relationship(foreign_keys=[registered_by_id])
    hub: Mapped[Hub | None] = relationship()
    availability: Mapped[list["Availability"]] = relationship(
        order_by="(Availability.weekday, Availability.opens)", cascade="all, delete-orphan"
    )

    @property
    def modes(self) -> list[str]:
        """Which of hub, home, online suit."""
        places = (("hub", self.at_hub), ("home", self.at_home), ("online", self.online))
        return [mode for mode, suits in places if suits]


class Availability(Base):
    """A time of the week that suits: minutes of the day on the clock of the hub, or of the installation where no hub is
    named. `weekday` 0 is Monday. A skill without any suits at any time (`rules.fits`)."""

    __tablename__ = "skill_availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="minutes"),
    )

    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closes: Mapped[int]


class KnownSkillWord(Base):
    """A word of the titles of skills, as `KnownWord` keeps those of objects."""

    __tablename__ = "known_skill_word"

    word: Mapped[str] = mapped_column(primary_key=True)
    items: Mapped[int]


class KnownSkillSlip(Base):
    """A way to write such a word wrong."""

    __tablename__ = "known_skill_slip"
    __table_args__ = (Index("ix_known_skill_slip_word", "word"),)

    slip: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(
        ForeignKey("known_skill_word.word", ondelete="CASCADE"), primary_key=True
    )
