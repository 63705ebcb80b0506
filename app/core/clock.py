"""The one clock of the house. Entry points read it once and hand `now` on; nothing below them looks at a clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def day_at(moment: datetime, timezone: str) -> date:
    """The civil day that neighbours in `timezone` (an IANA name) live at `moment` (aware)."""
    return moment.astimezone(ZoneInfo(timezone)).date()


_installation = {"zone": "Europe/Paris"}


def home_zone() -> str:
    """The installation's time zone (an IANA name): where there is no hub, its civil days hold."""
    return _installation["zone"]


def set_home_zone(timezone: str) -> None:
    """Said once, when the application is made."""
    _installation["zone"] = timezone
