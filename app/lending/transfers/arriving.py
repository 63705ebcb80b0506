"""The object is there: whoever scans it at the hub it was sent to has received it. Known to the counter's acts, so it
knows none of them."""

from datetime import datetime

from app.core import audit, outbox
from app.core.db import db
from app.events.transfers import TransferReceived
from app.items import claims
from app.lending.transfers import queries
from app.lending.transfers.models import Transfer
from app.lending.waiting import line as waiting


def note_arrival(item_id: int, *, hub_id: int, actor_id: int, at: datetime, now: datetime) -> Transfer | None:
    """Receive this object, which the caller holds, where it is on its way to this hub; None where it is not."""
    transfer = queries.on_its_way(item_id)
    if transfer is None or transfer.to_hub_id != hub_id:
        return None
    transfer.status = "received"
    transfer.received_at = max(at, transfer.sent_at or at)
    transfer.received_by_id = actor_id
    if transfer.claim is not None and transfer.claim.live:
        claims.end(transfer.claim)
    db.session.flush()
    write_audit("lending.transfer_received", transfer, actor_id=actor_id, hub_id=hub_id, now=now)
    outbox.record(TransferReceived(transfer.id), now=now)
    waiting.serve(item_id, now=now)
    return transfer


def write_audit(act: str, transfer: Transfer, *, actor_id: int, hub_id: int, now: datetime) -> None:
    """Keep who let it go, received it or called it off, and at which of the two hubs."""
    audit.note(
        act,
        now=now,
        actor_id=actor_id,
        subject_kind="transfer",
        subject_id=transfer.id,
        hub_id=hub_id,
        item_id=transfer.item_id,
    )
