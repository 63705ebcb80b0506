"""What is compared when time passes."""

from datetime import datetime, timedelta

from app.core.db import retrying, transaction
from app.notifications import services as notifications
from app.payments.differences import queries, services
from app.payments.differences.comparing import compare
from app.payments.ledger.audit import Fault

RECENT = timedelta(days=8)
"""What has moved with cards since then is asked of the provider each day; the command asks for more."""


def compare_all(*, now: datetime) -> int:
    """The list of differences as it is today; how many there are. Stewards are told of new ones."""
    faults = list(compare(since=now - RECENT, now=now).faults)
    retrying(lambda: _keep(faults, now=now))
    return len(faults)


def _keep(faults: list[Fault], *, now: datetime) -> None:
    with transaction():
        fresh = services.keep(faults=faults, now=now)
        if not fresh:
            return
        for resident_id in queries.stewards():
            notifications.tell(
                resident_id=resident_id,
                kind="payments.differs",
                params={"number": len(fresh)},
                path="/admin/payments",
                key=f"payments.differs:{min(fresh)}:{resident_id}",
                now=now,
                mail=False,
            )
