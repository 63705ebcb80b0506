"""What was pledged is picked up: in a slot that its owner chose, with her card, or by somebody who brings her code; what is
still owed is paid there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Resident
from app.core import codes, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, NotFound
from app.core.tokens import fingerprint
from app.events.purchases import PledgePickedUp
from app.payments.cash import services as cash
from app.payments.ledger.subjects import key_of
from app.purchases.delivery import sums
from app.purchases.delivery.services.ground import campaign_held, require, write_down
from app.purchases.models import Campaign, PickUpSlot
from app.purchases.pledging.models import Pledge

SLOTS_OPEN = ("succeeded", "ordered", "delivered")
CODES_OPEN = ("succeeded", "ordered", "delivered", "closed")


# -- her own acts -----------------------------------------------------------------------------------------


def choose_slot(*, campaign_id: int, slot_id: int | None, actor_id: int, now: datetime) -> Pledge:
    """She comes at this time; None: at any time. A full one is refused, and the one she had stays hers."""
    campaign, pledge = _her_own(campaign_id, actor_id, *SLOTS_OPEN)
    slot = None if slot_id is None else db.session.get(PickUpSlot, slot_id)
    if slot_id is not None and (slot is None or slot.campaign_id != campaign.id):
        raise NotFound("delivery.no_such_slot")
    if slot is not None and slot.ends_at <= now:
        raise Conflict("delivery.slot_over")
    if pledge.slot_id == slot_id:
        return pledge
    if slot is not None:
        if slot.taken >= slot.capacity:
            raise Conflict("purchases.slot_full")
        slot.taken += 1
    before = db.session.get(PickUpSlot, pledge.slot_id) if pledge.slot_id else None
    if before is not None:
        before.taken -= 1
    pledge.slot_id = slot_id
    db.session.flush()
    return pledge


def make_code(*, campaign_id: int, actor_id: int, now: datetime) -> str:
    """The code with which somebody else picks up what is hers, told once: we keep its fingerprint alone. A new one ends
    the one before."""
    campaign, pledge = _her_own(campaign_id, actor_id, *CODES_OPEN)
    body = codes.new(codes.ITEM).body
    pledge.pick_up_code_hash = _hashed(campaign.id, body)
    db.session.flush()
    write_down("purchases.code_made", campaign, actor_id=actor_id, now=now, pledge=pledge.id)
    return f"{body[:4]} {body[4:]}"


def _her_own(campaign_id: int, actor_id: int, *states: str) -> tuple[Campaign, Pledge]:
    campaign = locked_one(Campaign, campaign_id)
    pledge = db.session.scalar(
        select(Pledge).where(Pledge.campaign_id == campaign_id, Pledge.resident_id == actor_id)
    )
    if campaign is None or pledge is None or pledge.status not in ("live", "holding"):
        raise NotFound("delivery.no_pledge")
    if campaign.status not in states:
        raise Conflict("delivery.not_now")
    if pledge.picked_up_at is not None:
        raise Conflict("delivery.picked_up_already")
    return campaign, pledge


# -- at the hub -------------------------------------------------------------------------------------------


def pledge_by_code(campaign: Campaign, text: str) -> Pledge | None:
    """Whose crate this opens: a member's card, or the code that she gave to somebody. None for neither."""
    of_campaign = select(Pledge).where(Pledge.campaign_id == campaign.id, Pledge.status == "live")
    card = codes.read(text)
    if card is not None and card.kind == codes.MEMBER:
        return db.session.scalar(
            of_campaign.join(Resident, Resident.id == Pledge.resident_id).where(Resident.code == str(card))
        )
    given = codes.read(f"{codes.ITEM}-{text.strip()}")
    if given is None:
        return None
    return db.session.scalar(of_campaign.where(Pledge.pick_up_code_hash == _hashed(campaign.id, given.body)))


def _hashed(campaign_id: int, body: str) -> str:
    return fingerprint(f"pick-up:{campaign_id}:{body}")


@dataclass(frozen=True)
class PickedUp:
    """Who has what was hers; `repeated`: since an earlier scan. `paid_cents` were taken with it."""

    pledge: Pledge
    repeated: bool
    paid_cents: int


def pick_up(
    *,
    campaign_id: int,
    pledge_id: int,
    actor_id: int,
    code: str = "",
    means: str | None = None,
    cents: int | None = None,
    now: datetime,
) -> PickedUp:
    """She has what is hers, or somebody with her code has; `code` is what was shown, "" where the volunteer knows her.
    With `means` ("cash", "cheque", "transfer") what she owes for it is taken there, or `cents` of it; without, it stays
    owed. Said twice, it is handed out and paid once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    pledge = pledge_of(campaign, pledge_id)
    require(campaign, "delivered", "closed")
    if code and pledge_by_code(campaign, code) is not pledge:
        raise Conflict("delivery.wrong_code")
    if pledge.picked_up_at is not None:
        return PickedUp(pledge, repeated=True, paid_cents=0)
    card = codes.read(code)
    paid = 0
    if means:
        key = f"pick-up:{pledge.id}:{pledge.version}"
        paid = _take(campaign, pledge, key=key, means=means, cents=cents, actor_id=actor_id, now=now)
    pledge.picked_up_at, pledge.picked_up_by_id = now, actor_id
    pledge.pick_up_code_hash = None if card is None and code else pledge.pick_up_code_hash
    db.session.flush()
    outbox.record(PledgePickedUp(pledge.id, actor_id, now), now=now)
    by = "card" if card is not None else "code" if code else "name"
    write_down("purchases.picked_up", campaign, actor_id=actor_id, now=now, pledge=pledge.id, by=by)
    return PickedUp(pledge, repeated=False, paid_cents=paid)


def undo_pick_up(*, campaign_id: int, pledge_id: int, actor_id: int, now: datetime) -> Pledge:
    """It was somebody else's crate. What was paid stays paid: a receipt is reversed at the cash box."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    pledge = pledge_of(campaign, pledge_id)
    require(campaign, "delivered")
    if pledge.picked_up_at is not None:
        pledge.picked_up_at = pledge.picked_up_by_id = None
        pledge.version += 1  # what is paid at the next picking up is a receipt of its own
        db.session.flush()
        write_down("purchases.pick_up_undone", campaign, actor_id=actor_id, now=now, pledge=pledge.id)
    return pledge


def pay(
    *,
    campaign_id: int,
    pledge_id: int,
    means: str,
    cents: int | None = None,
    once: str,
    actor_id: int,
    now: datetime,
) -> int:
    """She pays what she owes, or `cents` of it, before or after she picks up; how much was taken. `once` is the form's
    own key: sent twice, it is taken once."""
    campaign = campaign_held(campaign_id, actor_id=actor_id, look_after=False)
    pledge = pledge_of(campaign, pledge_id)
    require(campaign, "succeeded", "ordered", "delivered", "closed")
    return _take(
        campaign,
        pledge,
        key=key_of("pledge-paid", once),
        means=means,
        cents=cents,
        actor_id=actor_id,
        now=now,
    )


def pledge_of(campaign: Campaign, pledge_id: int) -> Pledge:
    """One that counts, of this campaign."""
    pledge = db.session.get(Pledge, pledge_id)
    if pledge is None or pledge.campaign_id != campaign.id or pledge.status != "live":
        raise NotFound("delivery.no_pledge")
    return pledge


def _take(
    campaign: Campaign,
    pledge: Pledge,
    *,
    key: str,
    means: str,
    cents: int | None,
    actor_id: int,
    now: datetime,
) -> int:
    """What she owes, or `cents` of it; where she owes nothing, nothing."""
    if cents is None:
        cents = sums.of_pledges(campaign, [pledge.id])[pledge.id].owed_cents
        if cents <= 0:
            return 0
    receipt = cash.take(
        key=key,
        hub_id=campaign.hub_id,
        resident_id=pledge.resident_id,
        subject=pledge.subject,
        cents=cents,
        means=means,
        currency=campaign.currency,
        actor_id=actor_id,
        now=now,
    )
    return receipt.cents
