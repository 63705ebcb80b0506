"""Accounts as an act holds them: opened when they are first needed, locked in the order of their numbers, looked at
against their limits. Nothing else reads a balance that it goes by."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.core import outbox
from app.core.db import db, inserting, locked
from app.core.errors import Conflict
from app.events.time import TimeLimitNear
from app.hubs import queries as hubs
from app.hubs.models import Hub
from app.skills.ledger import rules
from app.skills.ledger.models import TimeAccount
from app.skills.ledger.rules import Party, Standing


def held(payer: Party, payee: Party) -> tuple[TimeAccount, TimeAccount]:
    """Both accounts, nobody else's until the transaction ends."""
    if payer == payee:
        raise Conflict("ledger.same_account")
    known = _known(payer, payee)
    if len(known) < 2:
        _open(payer, payee)
        known = _known(payer, payee)
    held_now = by_number(known.values())
    return held_now[known[payer]], held_now[known[payee]]


def by_number(account_ids: Iterable[int]) -> dict[int, TimeAccount]:
    """These accounts, held."""
    return {account.id: account for account in locked(TimeAccount, *account_ids)}


def _known(*parties: Party) -> dict[Party, int]:
    residents = [party.resident_id for party in parties if party.resident_id is not None]
    hub_ids = [party.hub_id for party in parties if party.hub_id is not None]
    found = db.session.execute(
        select(TimeAccount.id, TimeAccount.resident_id, TimeAccount.hub_id).where(
            or_(TimeAccount.resident_id.in_(residents), TimeAccount.hub_id.in_(hub_ids))
        )
    )
    return {Party(row.resident_id, row.hub_id): row.id for row in found}


def _open(*parties: Party) -> None:
    """At zero; always in one order, so that two who open the same ones do not wait for each other."""
    order = sorted(parties, key=lambda party: (party.hub_id or 0, party.resident_id or 0))
    db.session.execute(
        inserting(TimeAccount.__table__).on_conflict_do_nothing(),
        [{"resident_id": party.resident_id, "hub_id": party.hub_id} for party in order],
    )


def standing(account: TimeAccount) -> Standing:
    """Where it stands now, against the limits that hold for it."""
    return Standing(account.balance, account.going_out, account.coming_in, limits(account))


def limits(account: TimeAccount) -> rules.Limits:
    """Of a hub by its own terms, of a resident by those of the hubs she belongs to."""
    if account.resident_id is not None:
        return rules.limits_of_resident(hubs.terms_of_member(account.resident_id), given=account.given)
    return rules.limits_of_hub(hubs.lending_policy(db.session.get_one(Hub, account.hub_id)))


def refuse_beyond(
    paying: TimeAccount, receiving: TimeAccount, minutes: int, before: Sequence[Standing]
) -> None:
    """Neither account may pass its limit by these minutes."""
    payer, payee = before
    if payer.can_pay < minutes:
        raise Conflict("ledger.limit_reached", **_whose(paying), room_minutes=max(0, payer.can_pay))
    if payee.can_receive < minutes:
        raise Conflict("ledger.giver_full", **_whose(receiving), room_minutes=max(0, payee.can_receive))


def _whose(account: TimeAccount) -> dict[str, object]:
    return {"resident_id": account.resident_id, "hub_id": account.hub_id}


def warn(accounts: Sequence[TimeAccount], before: Sequence[Standing], *, now: datetime) -> None:
    """Who has just come near a limit is told, once on the way there."""
    for account, earlier in zip(accounts, before, strict=True):
        for side in sorted(standing(account).near - earlier.near):
            outbox.record(TimeLimitNear(account.id, side), now=now)
