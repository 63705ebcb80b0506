"""What can be seen of differences."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.payments.differences.models import MoneyDifference

LONGEST_LIST = 200


def there() -> Sequence[MoneyDifference]:
    """Those that stand, the newest first."""
    return db.session.scalars(
        select(MoneyDifference)
        .where(MoneyDifference.gone_at.is_(None))
        .order_by(MoneyDifference.id.desc())
        .limit(LONGEST_LIST)
    ).all()


def gone(*, limit: int = 20) -> Sequence[MoneyDifference]:
    """The last that went."""
    return db.session.scalars(
        select(MoneyDifference)
        .where(MoneyDifference.gone_at.is_not(None))
        .order_by(MoneyDifference.gone_at.desc(), MoneyDifference.id.desc())
        .limit(limit)
    ).all()


def stewards() -> Sequence[int]:
    """Who is told of new ones."""
    return db.session.scalars(
        select(Resident.id).where(Resident.is_steward.is_(True)).order_by(Resident.id)
    ).all()
