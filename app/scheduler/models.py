"""What each job did last, and that the scheduler lives."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class JobRun(Base):
    """The last run of a job by its name; durations in milliseconds, `count` of things done, `failures` in a row."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    duration_ms: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class Heartbeat(Base):
    """When the leading scheduler last said that it lives."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
