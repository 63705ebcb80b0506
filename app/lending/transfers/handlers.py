"""Who hears of transfers: the coordinators of the other hub, and the owner. Those whose reservation goes along are told
by lending itself."""

from datetime import datetime

from app.core.db import db
from app.events.transfers import TransferCancelled, TransferReceived, TransferRequested, TransferSent
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.lending.handlers import tell_next
from app.lending.transfers.models import Transfer
from app.notifications import services as notifications


def tell_requested(event: TransferRequested, *, now: datetime) -> None:
    """The hub that has it learns who would like it."""
    transfer = db.session.get(Transfer, event.transfer_id)
    if transfer is not None and transfer.status == "requested":
        _tell_hub(transfer, transfer.from_hub, transfer.to_hub, "lending.transfer_requested", now=now)


def tell_sent(event: TransferSent, *, now: datetime) -> None:
    """The hub that it goes to can expect it."""
    transfer = db.session.get(Transfer, event.transfer_id)
    if transfer is None:
        return
    notifications.withdraw(key_prefix=f"lending.transfer_requested:{transfer.id}:")
    if transfer.status == "sent":
        _tell_hub(transfer, transfer.to_hub, transfer.from_hub, "lending.transfer_sent", now=now)


def tell_received(event: TransferReceived, *, now: datetime) -> None:
    """It is there: its owner knows where it is kept, and who has it reserved can come."""
    transfer = db.session.get(Transfer, event.transfer_id)
    if transfer is None or transfer.status != "received":
        return
    notifications.withdraw(key_prefix=f"lending.transfer_sent:{transfer.id}:")
    owner_id = transfer.item.owner_resident_id
    if owner_id is not None:
        _tell(transfer, owner_id, transfer.to_hub, "lending.transfer_owner", now=now)
    tell_next(transfer.item, f"transfer-{transfer.id}", now=now)


def tell_cancelled(event: TransferCancelled, *, now: datetime) -> None:
    """It stays where it was; what was told is taken back, and who expected it on its way learns that it will not come."""
    transfer = db.session.get(Transfer, event.transfer_id)
    if transfer is None:
        return
    for kind in ("lending.transfer_requested", "lending.transfer_sent"):
        notifications.withdraw(key_prefix=f"{kind}:{transfer.id}:")
    if event.called_back:
        _tell_hub(transfer, transfer.to_hub, transfer.from_hub, "lending.transfer_called_back", now=now)


def _tell_hub(transfer: Transfer, hub: Hub, other: Hub, kind: str, *, now: datetime) -> None:
    """The coordinators of `hub`, on the site: the van list tells the rest."""
    for resident_id in hubs.coordinators(hub.id):
        _tell(transfer, resident_id, other, kind, now=now, path=f"/hubs/{hub.slug}/transfers")


def _tell(
    transfer: Transfer, resident_id: int, hub: Hub, kind: str, *, now: datetime, path: str | None = None
) -> None:
    notifications.tell(
        resident_id=resident_id,
        kind=kind,
        params={"item": transfer.item.title, "hub": hub.name},
        path=path or f"/items/{transfer.item_id}",
        key=f"{kind}:{transfer.id}:{resident_id}",
        now=now,
        mail=False,
    )
