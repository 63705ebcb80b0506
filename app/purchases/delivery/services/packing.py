"""Crates are packed: each line is ticked, by whoever packs, on as many phones as there are hands."""

from datetime import datetime

from sqlalchemy import delete

from app.core.db import db, inserting
from app.core.errors import NotFound
from app.purchases.delivery.models import PackedLine
from app.purchases.delivery.services.ground import campaign_held, require
from app.purchases.pledging.models import Allotment, Pledge


def pack(
    *, campaign_id: int, pledge_id: int, product_id: int, packed: bool, actor_id: int, now: datetime
) -> None:
    """This lies in her crate, or does not after all. Said twice, it holds once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    require(campaign, "delivered", "ordered", "closed")
    allotment = db.session.get(Allotment, (pledge_id, product_id))
    pledge = db.session.get(Pledge, pledge_id)
    if allotment is None or pledge is None or pledge.campaign_id != campaign.id:
        raise NotFound("delivery.no_such_line")
    if packed:
        db.session.execute(
            inserting(PackedLine)
            .values(pledge_id=pledge_id, product_id=product_id, at=now, by_id=actor_id)
            .on_conflict_do_nothing()
        )
    else:
        db.session.execute(
            delete(PackedLine).where(PackedLine.pledge_id == pledge_id, PackedLine.product_id == product_id)
        )
