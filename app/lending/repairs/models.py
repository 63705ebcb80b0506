"""What was done about each repair. The ticket itself stands beside the loans: both scans at the counter know it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class RepairStep(Base):
    """One line of a repair: how far it is from then on, a word about it, what it cost (cents) and how long it took
    (minutes). Never changed: a slip is mended by the next line."""

    __tablename__ = "repair_step"
    __table_args__ = (
        CheckConstraint(
            "state IN ('assess', 'parts', 'repairing', 'back', 'retired', 'dropped')", name="state"
        ),
        CheckConstraint("cents >= 0 AND minutes >= 0", name="amounts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("repair_ticket.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    cents: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0)
