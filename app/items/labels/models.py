"""Stickers that were printed before there was an object to put them on."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, constraint_says
from app.hubs.models import Hub
from app.items.models import Item


class StickerSheet(Base):
    """Blank stickers that a hub's volunteer had made at one time; `count` of them."""

    __tablename__ = "sticker_sheet"
    __table_args__ = (
        CheckConstraint("count BETWEEN 1 AND 1000", name="count"),
        Index("ix_sticker_sheet_hub", "hub_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("hub.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    made_at: Mapped[datetime]
    count: Mapped[int]

    hub: Mapped[Hub] = relationship()


class BlankSticker(Base):
    """One sticker: its code is no other object's, now or later (`app.core.codes.new_blank`). Once it is stuck on an
    object, the object's code is the sticker's; `former_code` is what it wore before, and still opens it."""

    __tablename__ = "blank_sticker"
    __table_args__ = (
        CheckConstraint("(item_id IS NULL) = (stuck_at IS NULL)", name="stuck"),
        Index("ix_blank_sticker_sheet", "sheet_id", "code"),
        Index("ix_blank_sticker_item", "item_id"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sticker_sheet.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    former_code: Mapped[str | None] = mapped_column(unique=True)
    stuck_at: Mapped[datetime | None]
    stuck_by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    sheet: Mapped[StickerSheet] = relationship()
    item: Mapped[Item | None] = relationship()


constraint_says("blank_sticker.code", "labels.try_again")
constraint_says("pk_blank_sticker", "labels.try_again")
