"""The order goes to the supplier: by mail where he has an address, else on paper or by telephone."""

from datetime import datetime

from app.core import outbox
from app.core.db import db
from app.core.errors import Conflict
from app.core.text import checked
from app.events.purchases import CampaignOrdered
from app.purchases.delivery.models import Delivery, SupplierMail
from app.purchases.delivery.services.ground import campaign_held, require, write_down
from app.purchases.models import Campaign

WORDS_LONGEST = 2000
MAILS = 5
"""So often the order of one campaign can be sent."""


def order(*, campaign_id: int, actor_id: int, mail: bool = True, words: str = "", now: datetime) -> Delivery:
    """It is ordered: from now on nobody cancels. With `mail` the order leaves for the supplier, with a word of the
    organizer's, where he has an address. Said twice, it is ordered once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    if campaign.status == "ordered":
        return db.session.get_one(Delivery, campaign.id)
    require(campaign, "succeeded")
    text = checked("words", words, longest=WORDS_LONGEST, lines=True)
    delivery = Delivery(
        campaign_id=campaign.id,
        ordered_at=now,
        ordered_by_id=actor_id,
        transport_cents=0,
        fees_cents=0,
    )
    db.session.add(delivery)
    campaign.status = "ordered"
    campaign.version += 1
    if mail and campaign.supplier_email:
        _write(campaign, text, actor_id=actor_id, now=now)
    db.session.flush()
    outbox.record(CampaignOrdered(campaign.id), now=now)
    write_down("purchases.ordered", campaign, actor_id=actor_id, now=now)
    return delivery


def write_to_supplier(*, campaign_id: int, actor_id: int, words: str = "", now: datetime) -> SupplierMail:
    """The order leaves once more: the first mail was lost, or something was to be said."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    require(campaign, "ordered")
    if not campaign.supplier_email:
        raise Conflict("delivery.no_address")
    text = checked("words", words, longest=WORDS_LONGEST, lines=True)
    return _write(campaign, text, actor_id=actor_id, now=now)


def _write(campaign: Campaign, words: str, *, actor_id: int, now: datetime) -> SupplierMail:
    before = db.session.query(SupplierMail).filter_by(campaign_id=campaign.id).count()
    if before >= MAILS:
        raise Conflict("delivery.written_enough", max=MAILS)
    mail = SupplierMail(
        campaign_id=campaign.id,
        address=campaign.supplier_email,
        words=words,
        locale=campaign.hub.locale,
        by_id=actor_id,
        created_at=now,
        next_try_at=now,
    )
    db.session.add(mail)
    db.session.flush()
    return mail
