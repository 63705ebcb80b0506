"""A statement as a table, to take along."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.core.clock import home_zone
from app.core.i18n import _, sentence
from app.core.spreadsheets import spreadsheet
from app.skills.ledger.queries import Line


def table(lines: Iterable[Line], *, language: str, timezone: str | None = None) -> str:
    """The entries with minutes as whole numbers, the newest first; cells that a spreadsheet would take for a formula are
    shielded."""
    zone = ZoneInfo(timezone or home_zone())
    header = (
        _("Date"),
        _("Pour"),
        _("Avec"),
        _("Un mot"),
        _("Minutes"),
        _("Solde en minutes"),
        _("Écriture"),
    )
    rows = (
        (
            line.at.astimezone(zone).isoformat(timespec="minutes"),
            sentence(f"ledger.kind.{line.kind}"),
            line.other.name,
            line.note,
            line.minutes,
            line.balance,
            line.transfer_id,
        )
        for line in lines
    )
    return spreadsheet(header, rows, language=language)
