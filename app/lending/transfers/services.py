"""What can be done with transfers: ask for one, let the object go, receive it, call it off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core import outbox
from app.core.db import db, locked, locked_one
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.jobs import Walked
from app.core.text import checked
from app.events.transfers import ReservationMoved, TransferCancelled, TransferRequested, TransferSent
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.items import claims
from app.items import services as items
from app.items.models import Item
from app.lending import queries as lending
from app.lending import rules
from app.lending.models import Loan
from app.lending.services.desk import at_desk, item_id_of
from app.lending.services.ground import item_held, loans_held, write_down
from app.lending.services.taking_back import WhereNext, where_next
from app.lending.transfers import policy, queries
from app.lending.transfers.arriving import note_arrival, write_audit
from app.lending.transfers.models import MovedReservation, Transfer
from app.lending.waiting import line as waiting

NOTE_LONGEST = 300


def request(
    *, item_id: int, to_hub_id: int, actor_id: int, note: str | None = None, now: datetime
) -> Transfer:
    """Ask that an object go to another hub. It may be out: it leaves when it is back. One at a time."""
    said = checked("note", note, longest=NOTE_LONGEST, lines=True)
    to_hub = db.session.get(Hub, to_hub_id)
    if to_hub is None or to_hub.status != "published":
        raise NotFound("hubs.not_found")
    item = item_held(item_id)
    if item.hub_id is None or item.status != "active":
        raise NotFound("items.unknown")
    way = policy.Way(item.hub_id, to_hub.id, item.owner_resident_id)
    _refuse(policy.why_not_request(way, queries.actor(actor_id)))
    if item.hub_id == to_hub.id:
        raise Conflict("lending.transfer_there_already")
    _refuse_second(item, actor_id=actor_id, now=now)
    transfer = Transfer(
        item_id=item.id,
        from_hub_id=item.hub_id,
        to_hub_id=to_hub.id,
        note=said,
        requested_at=now,
        requested_by_id=actor_id,
    )
    db.session.add(transfer)
    db.session.flush()
    write_audit("lending.transfer_requested", transfer, actor_id=actor_id, hub_id=item.hub_id, now=now)
    outbox.record(TransferRequested(transfer.id), now=now)
    return transfer


def _refuse_second(item: Item, *, actor_id: int, now: datetime) -> None:
    """One way at a time; what was to leave a hub where the object is no longer kept (its owner took it elsewhere) is
    called off."""
    waits = queries.open_transfer(item.id)
    if waits is None:
        return
    if waits.status == "sent" or waits.from_hub_id == item.hub_id:
        raise Conflict("lending.transfer_open")
    _call_off(waits, actor_id=actor_id, now=now)


def send(*, transfer_id: int, actor_id: int, with_reservations: bool = False, now: datetime) -> Transfer:
    """Let it go: it is in house, and from now on kept at the hub it goes to. 409 `reservations_stand` names what is
    reserved here; `with_reservations` takes that along, and each borrower is told. Said twice, it holds once."""
    transfer = _held(transfer_id, actor_id)
    _refuse(policy.why_not_send(queries.way(transfer), queries.actor(actor_id)))
    if transfer.status == "sent":
        return transfer
    if transfer.status != "requested":
        raise Conflict("lending.transfer_over")
    _refuse_away(transfer, now)
    ahead = lending.reservations_ahead(transfer.item_id)
    if ahead and not with_reservations:
        coming = [one.as_json() for one in queries.coming(ahead, transfer.to_hub)]
        raise Conflict("lending.reservations_stand", reservations=coming, transfer=transfer.id)
    transfer.status = "sent"
    transfer.sent_at = now
    transfer.sent_by_id = actor_id
    _keep_at(transfer.item_id, transfer.from_hub_id, transfer.to_hub, now=now)
    hold_on_the_way(transfer, now=now)
    _move(ahead, transfer.to_hub, transfer, actor_id=actor_id, now=now)
    write_audit("lending.transfer_sent", transfer, actor_id=actor_id, hub_id=transfer.from_hub_id, now=now)
    outbox.record(TransferSent(transfer.id), now=now)
    return transfer


def _keep_at(item_id: int, left_id: int, hub: Hub, *, now: datetime) -> None:
    """A kit goes with all that it is made of."""
    for one in claims.held(item_id):
        if one.hub_id == left_id:
            items.keep_at(one, hub, now=now)


def _refuse_away(transfer: Transfer, now: datetime) -> None:
    """What is not on the shelf, or waits there for somebody, does not leave."""
    item = transfer.item
    if item.hub_id != transfer.from_hub_id or item.status != "active":
        raise Conflict("lending.transfer_gone")
    if transfer.to_hub.status != "published":
        raise Conflict("lending.transfer_no_door", hub=transfer.to_hub.name)
    if lending.out_of_house(item.id):
        raise Conflict("lending.transfer_not_here")
    today = hubs.open_days(transfer.from_hub).today(now)
    if any(claim.kind == "hold" for claim in claims.live_claims(item.id, from_day=today)):
        raise Conflict("lending.transfer_kept_for")


def hold_on_the_way(transfer: Transfer, *, now: datetime) -> bool:
    """Take today for the way, unless somebody has it reserved: that claim stands. Whether it was taken."""
    today = hubs.open_days(transfer.to_hub).today(now)
    covered = any(one.first_day <= today for one in claims.live_claims(transfer.item_id, from_day=today))
    if not covered:
        end = today + rules.ONE_DAY
        transfer.claim_id = claims.take(transfer.item_id, "transfer", today, end, uncertain=True).id
    return not covered


def _move(
    loans: Sequence[Loan], hub: Hub, transfer: Transfer, *, actor_id: int, now: datetime, back: bool = False
) -> None:
    """These reservations are collected at another hub now, on the days they have; whoever comes is told."""
    for loan in loans_held([loan.id for loan in loans]):
        loan.hub_id = hub.id
        loan.pick_up_until = None
        db.session.flush()
        db.session.expire(loan, ["hub"])
        line = write_down(loan, "moved", at=now, actor_id=actor_id)
        if not back:
            db.session.merge(MovedReservation(transfer_id=transfer.id, loan_id=loan.id))
        outbox.record(ReservationMoved(loan.id, line.id), now=now)


@dataclass(frozen=True)
class Received:
    """The transfer that has ended, whether the same scan had ended it before, and where the object goes."""

    transfer: Transfer
    repeated: bool
    next: WhereNext


def receive(
    *, item_code: str, hub_id: int, actor_id: int, at: datetime | None = None, now: datetime
) -> Received | None:
    """One scan at the hub it was sent to: it is there, and free. None where it is not on its way here, nor was received
    here by the same scan ten minutes ago. `at`: the moment of a scan that was kept while offline."""
    desk = at_desk(hub_id=hub_id, actor_id=actor_id, at=at, now=now)
    item = item_held(item_id_of(item_code))
    arrived = note_arrival(item.id, hub_id=hub_id, actor_id=actor_id, at=desk.at, now=now)
    transfer = arrived or queries.just_received(item.id, hub_id=hub_id, at=desk.at)
    return Received(transfer, arrived is None, where_next(item, desk)) if transfer is not None else None


def scan(*, item_code: str, hub_id: int, actor_id: int, now: datetime) -> Transfer:
    """The van stands at the door: what is asked for elsewhere leaves, what was sent here is received."""
    arrived = receive(item_code=item_code, hub_id=hub_id, actor_id=actor_id, now=now)
    if arrived is not None:
        return arrived.transfer
    waits = queries.open_transfer(item_id_of(item_code))
    if waits is None or waits.from_hub_id != hub_id:
        raise Conflict("lending.no_transfer")
    return send(transfer_id=waits.id, actor_id=actor_id, now=now)


def cancel(*, transfer_id: int, actor_id: int, now: datetime) -> Transfer:
    """It stays where it is; or, already on its way, it comes back, and what was reserved comes back with it. Said
    twice, it holds once."""
    transfer = _held(transfer_id, actor_id)
    sent = transfer.status == "sent"
    _refuse(policy.why_not_cancel(queries.way(transfer), queries.actor(actor_id), sent=sent))
    if transfer.status == "cancelled":
        return transfer
    if transfer.status == "received":
        raise Conflict("lending.transfer_over")
    _call_off(transfer, actor_id=actor_id, now=now)
    if sent:
        _bring_back(transfer, actor_id=actor_id, now=now)
    return transfer


def _call_off(transfer: Transfer, *, actor_id: int, now: datetime) -> None:
    sent = transfer.status == "sent"
    transfer.status = "cancelled"
    transfer.cancelled_at = now
    transfer.cancelled_by_id = actor_id
    db.session.flush()
    write_audit(
        "lending.transfer_cancelled", transfer, actor_id=actor_id, hub_id=transfer.from_hub_id, now=now
    )
    outbox.record(TransferCancelled(transfer.id, actor_id, called_back=sent), now=now)


def _bring_back(transfer: Transfer, *, actor_id: int, now: datetime) -> None:
    if transfer.claim is not None and transfer.claim.live:
        claims.end(transfer.claim)
    _keep_at(transfer.item_id, transfer.to_hub_id, transfer.from_hub, now=now)
    ahead = lending.reservations_ahead(transfer.item_id)
    _move(ahead, transfer.from_hub, transfer, actor_id=actor_id, now=now, back=True)
    waiting.serve(transfer.item_id, now=now)


def push(*, now: datetime, after_id: int, limit: int) -> Walked:
    """What is on its way stays so for today too, as far as the next claim; what found no free day takes one when it
    can."""
    rows = db.session.execute(
        select(Transfer.id, Transfer.item_id)
        .where(Transfer.status == "sent", Transfer.id > after_id)
        .order_by(Transfer.id)
        .limit(limit)
    ).all()
    claims.held(*(row.item_id for row in rows))
    count = sum(_push(transfer, now=now) for transfer in locked(Transfer, *(row.id for row in rows)))
    return Walked(count, rows[-1].id if len(rows) == limit else None)


def _push(transfer: Transfer, *, now: datetime) -> int:
    if transfer.status != "sent":
        return 0
    if transfer.claim is None or not transfer.claim.live:
        return int(hold_on_the_way(transfer, now=now))
    return int(claims.push(transfer.claim, hubs.open_days(transfer.to_hub).today(now)))


def _held(transfer_id: int, actor_id: int) -> Transfer:
    """The transfer with its object, both held; `NotFound` for whom it does not concern."""
    seen = queries.transfer_for(transfer_id, actor_id)
    item_held(seen.item_id)
    transfer = locked_one(Transfer, transfer_id)
    if transfer is None:
        raise NotFound
    return transfer


def _refuse(reasons: Collection[str]) -> None:
    for reason in reasons:
        raise Forbidden(reason)
