"""What the ledger says of a campaign: what each pledge comes to, what is still owed for it, what leftovers brought."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from app.core.db import db
from app.payments.ledger.models import MoneyAccount, MoneyEntry, MoneyTransaction
from app.payments.ledger.rules import Account
from app.purchases.models import Campaign


@dataclass(frozen=True)
class Sums:
    """Of one pledge, in cents: what she is to pay (`due`), and what of it she still owes (`owed`; below zero it is
    hers)."""

    due_cents: int = 0
    owed_cents: int = 0


def of_pledges(campaign: Campaign, pledge_ids: Collection[int]) -> dict[int, Sums]:
    """Of each of these, in one statement."""
    subjects = {f"pledge:{pledge_id}": pledge_id for pledge_id in pledge_ids}
    if not subjects:
        return {}
    rows = db.session.execute(
        select(MoneyTransaction.subject, MoneyAccount.kind, func.sum(MoneyEntry.amount))
        .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .join(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
        .where(
            MoneyTransaction.subject.in_(subjects),
            MoneyTransaction.currency == campaign.currency,
            MoneyAccount.kind.in_(("member", "campaign")),
        )
        .group_by(MoneyTransaction.subject, MoneyAccount.kind)
    ).all()
    found: dict[int, dict[str, int]] = {pledge_id: {} for pledge_id in pledge_ids}
    for subject, kind, cents in rows:
        found[subjects[subject]][kind] = int(cents)
    return {
        pledge_id: Sums(due_cents=-kinds.get("campaign", 0), owed_cents=kinds.get("member", 0))
        for pledge_id, kinds in found.items()
    }


@dataclass(frozen=True)
class Promised:
    """What the campaign's account was promised, in cents, by whom."""

    members_cents: int
    leftovers_cents: int
    hub_cents: int


def promised(campaign: Campaign) -> Promised:
    """By members for their pledges, by buyers of leftovers, and by the hub, which covered what cards did not."""
    account = Account.campaign(campaign.subject)
    rows = db.session.execute(
        select(MoneyTransaction.subject, func.sum(MoneyEntry.amount))
        .join(MoneyEntry, MoneyEntry.transaction_id == MoneyTransaction.id)
        .join(MoneyAccount, MoneyAccount.id == MoneyEntry.account_id)
        .where(
            MoneyAccount.kind == account.kind,
            MoneyAccount.holder == account.holder,
            MoneyAccount.currency == campaign.currency,
        )
        .group_by(MoneyTransaction.subject)
    ).all()
    by_kind = {"pledge": 0, "leftover": 0, "campaign": 0}
    for subject, cents in rows:
        by_kind[subject.partition(":")[0]] -= int(cents)
    return Promised(by_kind["pledge"], by_kind["leftover"], by_kind["campaign"])
