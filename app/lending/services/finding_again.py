"""What was given up as lost, and is here again."""

from datetime import datetime

from app.core.errors import Conflict
from app.lending import kits, policy
from app.lending.models import Loan
from app.lending.services import neighbours
from app.lending.services.ground import loan_held, write_on_behalf
from app.lending.services.taking_back import check_in


def find_again(*, loan_id: int, actor_id: int, now: datetime) -> Loan:
    """It turned up: the loan is over, and the object can be lent again. At a hub it is a return like any other, as if
    it had been scanned; at home the owner says so. Said twice, it holds once."""
    loan = loan_held(loan_id, actor_id=actor_id, may=policy.why_not_find, count_borrower=True)
    if loan.status == "returned":
        return loan
    if loan.status != "lost":
        raise Conflict("lending.not_lost")
    if loan.hub_id is not None:
        return check_in(item_code=loan.item.code, hub_id=loan.hub_id, actor_id=actor_id, now=now).loan
    if loan.item.status == "lost":
        kits.set_status(loan.item, "active")
    neighbours.come_back(loan, actor_id=actor_id, at=now, now=now)
    write_on_behalf("lending.found", loan, actor_id=actor_id, now=now)
    return loan
