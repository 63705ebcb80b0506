"""Who may lend, borrow, answer, call off, and what stands in the way. Pure: lists of reasons, empty means yes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from app.hubs.rules import LendingPolicy

OVERRIDES: Mapping[str, Literal["volunteer", "coordinator"]] = {
    "lending.overdue_elsewhere": "volunteer",
    "lending.too_many": "volunteer",
    "lending.queue": "volunteer",
    "lending.deposit_due": "volunteer",
    "lending.induction_missing": "coordinator",
    "lending.not_verified": "coordinator",
}
"""What can be passed over at the counter with a written reason, and the role it takes. All else stands."""


@dataclass(frozen=True)
class Blocker:
    """One reason why a loan cannot be. `code` names its sentences; `overridable`: whether the volunteer who asked
    may pass over it (before the counter: whether a volunteer may)."""

    code: str
    overridable: bool
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The machine word: the code without its room."""
        return self.code.rpartition(".")[2]


@dataclass(frozen=True)
class Standing:
    """How a borrower stands towards one object. `membership`: the status at the object's hub. `late`: overdue loans,
    `holding`: requested, reserved and checked-out ones; both without the loan acted on."""

    email_confirmed: bool
    membership: str | None
    verified_elsewhere: bool
    suspended_somewhere: bool
    late: int
    holding: int
    inductions: Collection[str]


@dataclass(frozen=True)
class Wanted:
    """What of an object can stand in the way. `deposit_open_cents`: what is still to be paid, at check-out only.
    `before`: how many neighbours wait in line before the borrower."""

    active: bool
    at_hub: bool
    induction: str | None
    deposit_open_cents: int = 0
    before: int = 0


def blockers(standing: Standing, wanted: Wanted, policy: LendingPolicy) -> list[Blocker]:
    """Every reason at once, the weightiest first."""
    return [
        Blocker(
            f"lending.{word}", OVERRIDES.get(f"lending.{word}") == "volunteer", says(standing, wanted, policy)
        )
        for word, holds, says in _REASONS
        if holds(standing, wanted, policy)
    ]


_Facts = tuple[Standing, Wanted, LendingPolicy]
_Holds = Callable[[Standing, Wanted, LendingPolicy], bool]
_Says = Callable[[Standing, Wanted, LendingPolicy], Mapping[str, Any]]


def _nothing(_standing: Standing, _wanted: Wanted, _policy: LendingPolicy) -> Mapping[str, Any]:
    return {}


def _suspended(standing: Standing, wanted: Wanted, _policy: LendingPolicy) -> bool:
    return standing.membership == "suspended" if wanted.at_hub else standing.suspended_somewhere


def _not_verified(standing: Standing, wanted: Wanted, policy: LendingPolicy) -> bool:
    if not wanted.at_hub or not policy.verification_required:
        return False
    known = policy.accepts_other_hubs and standing.verified_elsewhere
    return standing.membership in (None, "pending") and not known


_REASONS: tuple[tuple[str, _Holds, _Says], ...] = (
    ("item_inactive", lambda _s, w, _p: not w.active, _nothing),
    ("suspended", _suspended, _nothing),
    ("email_unconfirmed", lambda s, _w, _p: not s.email_confirmed, _nothing),
    ("not_member", lambda s, w, _p: w.at_hub and s.membership is None, _nothing),
    ("not_verified", _not_verified, _nothing),
    ("overdue_elsewhere", lambda s, _w, _p: s.late > 0, lambda s, _w, _p: {"count": s.late}),
    ("too_many", lambda s, _w, p: s.holding >= p.max_loans, lambda _s, _w, p: {"max": p.max_loans}),
    ("queue", lambda _s, w, _p: w.before > 0, lambda _s, w, _p: {"count": w.before}),
    (
        "induction_missing",
        lambda s, w, _p: w.induction is not None and w.induction not in s.inductions,
        lambda _s, w, _p: {"induction": w.induction},
    ),
    (
        "deposit_due",
        lambda _s, w, _p: w.deposit_open_cents > 0,
        lambda _s, w, _p: {"cents": w.deposit_open_cents},
    ),
)


def for_roles(blocker: Blocker, roles: Collection[str]) -> Blocker:
    """The blocker as somebody with these roles at the hub meets it."""
    return replace(blocker, overridable=OVERRIDES.get(blocker.code) in roles)


def left_over(found: Collection[Blocker], overridden: Collection[str]) -> list[Blocker]:
    """What still stands after these words or codes were passed over by somebody who may (`for_roles` first)."""
    return [
        blocker
        for blocker in found
        if not (blocker.overridable and {blocker.code, blocker.word} & set(overridden))
    ]


# -- who may ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parties:
    """The people of a loan, and where it stands."""

    borrower_id: int
    owner_id: int | None
    hub_id: int | None
    status: str


@dataclass(frozen=True)
class Actor:
    """Somebody, with the roles held at the loan's hub."""

    id: int
    roles: Collection[str] = ()


def sees(parties: Parties, actor: Actor) -> bool:
    """Only the borrower, the owner, and the volunteers of the hub know of a loan."""
    return actor.id in (parties.borrower_id, parties.owner_id) or "volunteer" in actor.roles


def why_not_answer(parties: Parties, actor: Actor) -> list[str]:
    """Only the owner says yes or no."""
    return [] if actor.id == parties.owner_id else ["lending.only_the_owner"]


def why_not_cancel(parties: Parties, actor: Actor) -> list[str]:
    """The borrower, the owner, or a volunteer of the hub."""
    return [] if sees(parties, actor) else ["lending.not_a_party"]


def why_not_renew(parties: Parties, actor: Actor) -> list[str]:
    """The borrower; at the counter a volunteer for somebody who stands there."""
    allowed = actor.id == parties.borrower_id or "volunteer" in actor.roles
    return [] if allowed else ["lending.only_the_borrower"]


def why_not_change_days(parties: Parties, actor: Actor) -> list[str]:
    """The borrower; a volunteer for somebody who asks, or whom a closing hits."""
    return why_not_renew(parties, actor)


def why_not_find(parties: Parties, actor: Actor) -> list[str]:
    """What was lost and is here again: whoever holds the counter says so, or the owner where there is no hub."""
    if parties.hub_id is None:
        return [] if actor.id == parties.owner_id else ["lending.only_the_owner"]
    return [] if "volunteer" in actor.roles else ["hubs.not_volunteer"]


def why_not_hand_over(parties: Parties, actor: Actor) -> list[str]:
    """Between neighbours, only the two of them."""
    return [] if actor.id in (parties.borrower_id, parties.owner_id) else ["lending.not_a_party"]


def why_not_decide(parties: Parties, actor: Actor) -> list[str]:
    """Lost or not, and what becomes of a deposit: a coordinator, or the owner where there is no hub."""
    if parties.hub_id is None:
        return [] if actor.id == parties.owner_id else ["lending.only_the_owner"]
    return [] if "coordinator" in actor.roles else ["hubs.not_coordinator"]


def acts(
    parties: Parties, actor: Actor, *, given: bool, back_given: bool, renewable: bool, late: bool = False
) -> frozenset[str]:
    """What this actor can do with the loan now, in the words of its page: approve, decline, cancel, change_days, renew,
    lose (say that it is lost, once it is late), find; between neighbours give, receive, bring_back, take_back, and
    contest_give, contest_back what the other one said."""
    found: set[str] = set()
    borrows, lends = actor.id == parties.borrower_id, actor.id == parties.owner_id
    between_neighbours = parties.hub_id is None
    if parties.status == "requested" and lends:
        found |= {"approve", "decline"}
    if parties.status in ("requested", "reserved") and not (lends and parties.status == "requested"):
        found |= set() if why_not_cancel(parties, actor) or given else {"cancel"}
        found |= set() if why_not_change_days(parties, actor) or given else {"change_days"}
    if parties.status == "checked_out" and renewable and not why_not_renew(parties, actor):
        found.add("renew")
    if parties.status == "checked_out" and late and not why_not_decide(parties, actor):
        found.add("lose")
    if parties.status == "lost" and not why_not_find(parties, actor):
        found.add("find")
    if between_neighbours and parties.status == "reserved":
        found |= _giving(borrows, lends, given)
    if between_neighbours and parties.status == "checked_out":
        found |= _giving_back(borrows, lends, back_given)
    return frozenset(found)


def _giving(borrows: bool, lends: bool, given: bool) -> set[str]:
    if borrows:
        return {"receive", "contest_give"} if given else {"receive"}
    return {"give"} if lends and not given else set()


def _giving_back(borrows: bool, lends: bool, back_given: bool) -> set[str]:
    if lends:
        return {"take_back", "contest_back"} if back_given else {"take_back"}
    return {"bring_back"} if borrows and not back_given else set()
