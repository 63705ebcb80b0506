"""What can be seen of a deposit by card."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.core.errors import NotFound
from app.lending import policy as lending_policy
from app.lending import queries as lending
from app.lending.card_deposits import policy
from app.lending.card_deposits.damage import settler_of, ticket_of
from app.lending.card_deposits.models import DamageClaim
from app.lending.card_deposits.services import why_not_leave
from app.lending.card_deposits.standing import WAITS_FOR_HER, Standing, of_loan
from app.lending.models import Loan


@dataclass(frozen=True)
class Shown:
    """How the deposit of a loan stands, and what this viewer can do: leave (a card), answer_bank (`attempt_id`), claim,
    accept, contest, settle (`confirm`: the sum too, not only drop it), let_go. `state` names the sentence."""

    loan: Loan
    state: str
    acts: Collection[str]
    last4: str = ""
    claim: DamageClaim | None = None
    claimed_by: str = ""
    decided_by: str = ""
    attempt_id: int | None = None
    held_until: object = None
    owed_cents: int = 0


def page_of(loan_id: int, *, viewer_id: int) -> Shown:
    """The deposit's own page: for the borrower, those who decide, and stewards; `NotFound` for all others, and where
    there is no card to speak of."""
    loan = db.session.get(Loan, loan_id)
    if loan is None or not policy.sees(lending.parties(loan), settler_of(viewer_id, loan.hub_id)):
        raise NotFound
    found = shown(loan, viewer_id=viewer_id)
    if found is None:
        raise NotFound
    return found


def shown(loan: Loan, *, viewer_id: int) -> Shown | None:
    """As the loan's page shows it; None where no card is concerned. Nothing is asked where there is no deposit."""
    if loan.hub_id is None or not loan.deposit_cents:
        return None
    found = of_loan(loan.id)
    acts = _acts(loan, found, viewer_id)
    if found is None:
        return Shown(loan, "offered", acts) if acts else None
    claim = found.claim
    names = _names(claim)
    waits = next((one for one in (found.taken, found.asked) if one and one.status == WAITS_FOR_HER), None)
    return Shown(
        loan=loan,
        state=_state(found),
        acts=acts,
        last4=found.card.last4 if found.card else "",
        claim=claim,
        claimed_by=names.get(claim.claimed_by_id, "") if claim else "",
        decided_by=names.get(claim.decided_by_id or 0, "") if claim else "",
        attempt_id=waits.id if waits and viewer_id == loan.borrower_id else None,
        held_until=found.hold.lapses_at if found.hold else None,
        owed_cents=max(0, found.owed_cents),
    )


def _state(found: Standing) -> str:
    claim, over = found.claim, found.deposit.over_at is not None
    if claim is not None:
        return ("owed" if found.owed_cents > 0 else "paid") if over and claim.state == "due" else claim.state
    if over:
        return "over"
    if found.hold is not None:
        return "held"
    if found.asked is not None and found.asked.status == WAITS_FOR_HER:
        return "waits"
    if found.asked is not None and found.asked.status == "declined":
        return "refused"
    if found.card is None:
        return "offered"
    return "kept_on" if found.deposit.hold_ended_at else "to_hold" if found.short else "kept"


def _acts(loan: Loan, found: Standing | None, viewer_id: int) -> frozenset[str]:
    settler = settler_of(viewer_id, loan.hub_id)
    people, actor = lending.parties(loan), settler.actor
    acts: set[str] = set()
    hers = viewer_id == loan.borrower_id
    claim = found.claim if found else None
    if hers and why_not_leave(loan, found) is None:
        acts.add("leave")
    if hers and claim is not None and claim.state == "open":
        acts |= {"accept", "contest"}
    over = found is None or found.deposit.over_at is not None
    back = loan.status in ("returned", "lost")
    if not over and back and claim is None and not lending_policy.why_not_decide(people, actor):
        acts.add("let_go")
        if not policy.why_not_claim(people, actor) and (loan.status == "lost" or ticket_of(loan)):
            acts.add("claim")
    if claim is not None and claim.state in ("open", "contested"):
        others = not policy.why_not_settle(people, settler, claimed_by_id=claim.claimed_by_id)
        if others and claim.state == "contested":
            acts |= {"settle", "confirm"}
        elif others or viewer_id == claim.claimed_by_id:
            acts.add("settle")
    return frozenset(acts)


def _names(claim: DamageClaim | None) -> dict[int, str]:
    if claim is None:
        return {}
    ids = [claim.claimed_by_id, *([claim.decided_by_id] if claim.decided_by_id else [])]
    rows = db.session.execute(select(Resident.id, Resident.name).where(Resident.id.in_(ids)))
    return {row.id: row.name for row in rows}
