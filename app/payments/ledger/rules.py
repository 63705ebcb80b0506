"""What is true of money in the ledger: whose an account is, what a transaction may say, and the seal it is written under.
Cents are whole numbers in the least unit of their currency."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import NamedTuple

MOST = 1_000_000_000
"""More cents than this no line of a transaction says."""

OF_RESIDENT = ("member",)
OF_HUB = ("cash", "bank", "hub")
OF_SUBJECT = ("supplier", "campaign")
ALONE = ("stripe", "fees", "deposits", "carried", "rounding", "bad_debt")
KINDS = (*OF_RESIDENT, *OF_HUB, *OF_SUBJECT, *ALONE)


@dataclass(frozen=True)
class Account:
    """One account, in any currency: its kind, and whose it is where there are many of the kind."""

    kind: str
    holder: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.holder == "") != (self.kind in ALONE):
            raise ValueError(f"no such account: {self.kind} of {self.holder!r}")

    def __str__(self) -> str:
        return f"{self.kind} {self.holder}".rstrip()

    @classmethod
    def member(cls, resident_id: int) -> "Account":
        """What she owes (above zero), or what is hers (below)."""
        return cls("member", str(resident_id))

    @classmethod
    def cash(cls, hub_id: int) -> "Account":
        """The notes and coins in the hub's cash box."""
        return cls("cash", str(hub_id))

    @classmethod
    def bank(cls, hub_id: int) -> "Account":
        """The hub's cheques and transfers."""
        return cls("bank", str(hub_id))

    @classmethod
    def hub(cls, hub_id: int) -> "Account":
        """What the hub itself bears (above zero) or has gained (below)."""
        return cls("hub", str(hub_id))

    @classmethod
    def supplier(cls, subject: str) -> "Account":
        """What is owed to the supplier of this subject (below zero)."""
        return cls("supplier", subject)

    @classmethod
    def campaign(cls, subject: str) -> "Account":
        """What a campaign has been promised and has not spent yet (below zero)."""
        return cls("campaign", subject)

    @classmethod
    def stripe(cls) -> "Account":
        """What was collected by card."""
        return cls("stripe")

    @classmethod
    def fees(cls) -> "Account":
        """What payments by card cost."""
        return cls("fees")

    @classmethod
    def deposits(cls) -> "Account":
        """What is kept for objects that are lent (below zero)."""
        return cls("deposits")

    @classmethod
    def carried(cls) -> "Account":
        """Money of a member on its way from one subject to another; at rest it is zero."""
        return cls("carried")

    @classmethod
    def rounding(cls) -> "Account":
        """Cents that no division gives to anybody."""
        return cls("rounding")

    @classmethod
    def bad_debt(cls) -> "Account":
        """What will never be paid."""
        return cls("bad_debt")


Line = tuple[Account, int]


class Entry(NamedTuple):
    """A line in its place: the sum of the lines before it, and with it. After the last it is zero."""

    number: int
    account: Account
    amount: int
    before: int
    after: int


def entries_of(lines: Sequence[Line]) -> list[Entry]:
    """Lines as they are written: one an account, in the order of the accounts. Raises `ValueError` where they do not
    sum to zero, or say nothing."""
    sums: dict[Account, int] = {}
    for account, cents in lines:
        if type(cents) is not int or abs(cents) > MOST:
            raise ValueError(f"no sum of cents: {cents!r}")
        sums[account] = sums.get(account, 0) + cents
    if total := sum(sums.values()):
        raise ValueError(f"the lines sum to {total}, not to zero")
    kept = sorted(
        ((account, cents) for account, cents in sums.items() if cents), key=lambda line: str(line[0])
    )
    if not kept:
        raise ValueError("nothing moves")
    afters = list(accumulate(cents for _account, cents in kept))
    return [
        Entry(number, account, cents, after - cents, after)
        for number, ((account, cents), after) in enumerate(zip(kept, afters, strict=True), start=1)
    ]


def seal(
    *,
    source: str,
    kind: str,
    subject: str,
    currency: str,
    actor_id: int | None,
    at: datetime,
    lines: Sequence[Line],
) -> str:
    """What is written, as one number: whoever changes any of it behind the ledger's back is found."""
    said = [
        source,
        kind,
        subject,
        currency,
        str(actor_id),
        at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    said += [f"{account}={cents}" for account, cents in sorted(lines, key=lambda line: str(line[0]))]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
