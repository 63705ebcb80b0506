"""The supplier's bill is kept with the campaign."""

from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import Conflict
from app.core.text import one_line
from app.purchases.delivery.models import SupplierInvoice
from app.purchases.delivery.services.ground import campaign_held, require, write_down

AT_MOST = 10
TITLE_LONGEST = 100


def add_invoice(
    *, campaign_id: int, kind: str, file: str, title: str, actor_id: int, now: datetime
) -> SupplierInvoice:
    """A PDF or a photo that stands in the private folder under the name `file`; `title` is what it was called."""
    campaign = campaign_held(campaign_id, actor_id=actor_id)
    require(campaign, "ordered", "delivered", "closed")
    count = db.session.scalar(select(func.count()).where(SupplierInvoice.campaign_id == campaign.id))
    if (count or 0) >= AT_MOST:
        raise Conflict("delivery.invoices_enough", max=AT_MOST)
    invoice = SupplierInvoice(
        campaign_id=campaign.id,
        kind=kind,
        file=file,
        title=one_line(title)[:TITLE_LONGEST],
        added_at=now,
        added_by_id=actor_id,
    )
    db.session.add(invoice)
    db.session.flush()
    write_down("purchases.invoice_added", campaign, actor_id=actor_id, now=now, invoice=invoice.id)
    return invoice
