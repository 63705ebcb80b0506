"""Who is looking: read in one statement per request, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import ApiToken, BrowserSession, Resident
from app.core.db import UtcDateTime, plain_rows
from app.core.tokens import fingerprint
from app.hubs.models import Hub, Membership
from app.notifications.models import Notification


@dataclass(frozen=True)
class HubOfViewer:
    """One hub that the viewer belongs to, and as what."""

    id: int
    slug: str
    name: str
    status: str
    roles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Viewer(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A resident who is logged in, by browser (`session_hash`) or by token (`api_token_id`). Not a table row:
    nothing that is shown about her costs another statement."""

    id: int
    name: str
    code: str
    locale: str
    email_confirmed: bool
    is_steward: bool
    home: tuple[float, float] | None
    unread: int
    hubs: tuple[HubOfViewer, ...] = ()
    session_hash: str | None = None
    api_token_id: int | None = None
    token: str = field(default="", repr=False)

    @property
    def hub(self) -> HubOfViewer | None:
        """The hub whose plate is shown: where she holds the counter, else where she is verified, else the first."""
        ranked = sorted(self.hubs, key=lambda h: (not h.roles, h.status != "verified", h.id))
        return ranked[0] if ranked else None

    @property
    def counter_hubs(self) -> tuple[HubOfViewer, ...]:
        """The hubs whose counter she may hold."""
        return tuple(h for h in self.hubs if "volunteer" in h.roles)

    @property
    def counter_hub(self) -> HubOfViewer | None:
        """The hub of her counter."""
        return next(iter(self.counter_hubs), None)

    def get_id(self) -> str:
        """What the signed cookie holds: the browser session's token, never the resident's number."""
        return self.token


class Stranger(AnonymousUserMixin):  # type: ignore[misc]  # flask-login has no types
    """Somebody who is not logged in."""

    id = None
    name = ""
    unread = 0
    hub = None
    hubs: tuple[HubOfViewer, ...] = ()
    counter_hub = None
    counter_hubs: tuple[HubOfViewer, ...] = ()
    is_steward = False
    home = None
    email_confirmed = False


def _viewers(key: InstrumentedAttribute[int]) -> Select[Any]:
    unread = (
        select(func.count())
        .where(Notification.resident_id == Resident.id, Notification.read_at.is_(None))
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        key.label("key"),
        Resident.id.label("resident_id"),
        Resident.name,
        Resident.code,
        Resident.locale,
        Resident.email_confirmed_at,
        Resident.is_steward,
        Resident.home_lat,
        Resident.home_lon,
        unread.label("unread"),
        Hub.id.label("hub_id"),
        Hub.slug,
        Hub.name.label("hub_name"),
        Membership.status,
        Membership.is_volunteer,
        Membership.is_organizer,
        Membership.is_coordinator,
    )
    return (
        select(*columns)
        .select_from(Resident)
        .outerjoin(Membership, Membership.resident_id == Resident.id)
        .outerjoin(Hub, Hub.id == Membership.hub_id)
    )


_BY_BROWSER = _viewers(BrowserSession.id).join(
    BrowserSession,
    and_(
        BrowserSession.resident_id == Resident.id,
        BrowserSession.token_hash == bindparam("hashed"),
        BrowserSession.expires_at > bindparam("now", type_=UtcDateTime()),
    ),
)
_BY_API_TOKEN = _viewers(ApiToken.id).join(
    ApiToken,
    and_(
        ApiToken.resident_id == Resident.id,
        ApiToken.token_hash == bindparam("hashed"),
        ApiToken.expires_at > bindparam("now", type_=UtcDateTime()),
        ApiToken.revoked_at.is_(None),
    ),
)


def by_browser(token: str, *, now: datetime) -> Viewer | None:
    """The viewer behind a browser session that was neither ended nor left to expire."""
    hashed = fingerprint(token)
    return _read(plain_rows(_BY_BROWSER, {"hashed": hashed, "now": now}), session_hash=hashed, token=token)


def by_api_token(token: str, *, now: datetime) -> Viewer | None:
    """The viewer behind a token that was neither revoked nor left to expire."""
    return _read(plain_rows(_BY_API_TOKEN, {"hashed": fingerprint(token), "now": now}), by_token=True)


def _read(
    rows: Sequence[Any], *, session_hash: str | None = None, token: str = "", by_token: bool = False
) -> Viewer | None:
    if not rows:
        return None
    first = rows[0]
    return Viewer(
        id=first.resident_id,
        name=first.name,
        code=first.code,
        locale=first.locale,
        email_confirmed=first.email_confirmed_at is not None,
        is_steward=first.is_steward,
        home=None if first.home_lat is None else (first.home_lat, first.home_lon),
        unread=first.unread,
        hubs=tuple(
            HubOfViewer(
                row.hub_id,
                row.slug,
                row.hub_name,
                row.status,
                tuple(
                    Membership(
                        status=row.status,
                        is_volunteer=row.is_volunteer,
                        is_organizer=row.is_organizer,
                        is_coordinator=row.is_coordinator,
                    ).roles
                ),
            )
            for row in rows
            if row.hub_id is not None
        ),
        session_hash=session_hash,
        api_token_id=first.key if by_token else None,
        token=token,
    )
