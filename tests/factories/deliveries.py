"""A group purchase that has just arrived, for towns that need one of each thing."""

from datetime import timedelta

from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.payments.ledger import services as ledger
from app.payments.ledger.rules import Account
from app.purchases.delivery.models import Delivery, SupplierInvoice, SupplierMail
from app.purchases.models import Campaign, Product
from app.purchases.pledging.models import Allotment, Pledge, PledgeIncrement
from tests import factories


def arrived(hub: Hub, organizer: Resident, *pledgers: Resident) -> dict[str, str]:
    """Oil and flour, two cans each, one of them short and one can left over; what names its rows in addresses."""
    now = clock.now()
    campaign = factories.campaign(
        hub=hub, organizer=organizer, status="delivered", supplier_email="coop@example.org"
    )
    oil = factories.product(campaign, packs=2, final_price_cents=2790, received=7, paid_price_cents=2790)
    flour = factories.product(
        campaign, name="Farine de blé T65", unit="sac de 5 kg", price_cents=680, pack_size=5, packs=1,
        final_price_cents=620, received=4, paid_price_cents=620,
    )  # fmt: skip
    slot = factories.pick_up_slot(campaign, starts_at=now + timedelta(days=1), taken=len(pledgers))
    with transaction():
        crates = [_crate(campaign, one, slot.id, {oil: (2, 2), flour: (3, 2)}) for one in pledgers]
        db.session.add(
            Delivery(
                campaign_id=campaign.id, ordered_at=now, ordered_by_id=organizer.id, received_at=now,
                received_by_id=organizer.id, receptions=1,
            )
        )  # fmt: skip
        db.session.add(
            SupplierMail(
                campaign_id=campaign.id, address="coop@example.org", locale="fr", status="sent", created_at=now,
                next_try_at=now, sent_at=now,
            )
        )  # fmt: skip
        invoice = SupplierInvoice(
            campaign_id=campaign.id,
            kind="pdf",
            file=f"{campaign.id:032}",
            title="Facture d’œufs.pdf",
            added_at=now,
        )
        db.session.add(invoice)
        db.session.flush()
        return {
            "arrived": str(campaign.id),
            "crate": str(crates[0].id),
            "oil": str(oil.id),
            "invoice": str(invoice.id),
            "crate_act": "pay",
        }


def _crate(campaign: Campaign, who: Resident, slot_id: int, lines: dict[Product, tuple[int, int]]) -> Pledge:
    now = clock.now()
    total = sum(came * (product.final_price_cents or 0) for product, (_ordered, came) in lines.items())
    pledge = Pledge(
        campaign_id=campaign.id, resident_id=who.id, payment="counter", status="live", ceiling_cents=20_000,
        share_cents=0, waived_cents=0, total_cents=total, slot_id=slot_id, created_at=now,
    )  # fmt: skip
    db.session.add(pledge)
    db.session.flush()
    for product, (units, came) in lines.items():
        price = product.final_price_cents or 0
        db.session.add(
            PledgeIncrement(pledge_id=pledge.id, product_id=product.id, want=units, tolerance=0, at=now)
        )
        db.session.add(
            Allotment(
                pledge_id=pledge.id, product_id=product.id, quantity=units, goods_cents=units * price,
                received_quantity=came, received_cents=came * price,
            )
        )  # fmt: skip
    lines_due = [(Account.member(who.id), total), (Account.campaign(campaign.subject), -total)]
    ledger.post(
        source=pledge.subject, kind="due", subject=pledge.subject, lines=lines_due, actor_id=None, now=now
    )
    return pledge
