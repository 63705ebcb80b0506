"""Who may do what with a deposit by card. Pure: lists of reasons, empty means yes."""

from dataclasses import dataclass

from app.lending.policy import Actor, Parties, why_not_decide


@dataclass(frozen=True)
class Settler:
    """Somebody who would settle what was contested. `steward`: looks after the whole installation."""

    actor: Actor
    steward: bool


def why_not_borrower(parties: Parties, actor: Actor) -> list[str]:
    """Her card, her word."""
    return [] if actor.id == parties.borrower_id else ["lending.only_the_borrower"]


def why_not_claim(parties: Parties, actor: Actor) -> list[str]:
    """Those who decide on deposits; nobody against herself."""
    return ["card_deposits.own_loan"] if actor.id == parties.borrower_id else why_not_decide(parties, actor)


def why_not_settle(parties: Parties, settler: Settler, *, claimed_by_id: int) -> list[str]:
    """Another one than who asked for it, and not the borrower: a coordinator of the hub, or a steward."""
    if settler.actor.id in (parties.borrower_id, claimed_by_id):
        return ["card_deposits.not_alone"]
    return [] if settler.steward else why_not_decide(parties, settler.actor)


def sees(parties: Parties, settler: Settler) -> bool:
    """The borrower, those who decide, and stewards."""
    is_hers = settler.actor.id == parties.borrower_id
    return is_hers or settler.steward or not why_not_decide(parties, settler.actor)
