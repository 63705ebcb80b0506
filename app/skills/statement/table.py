"""A statement as a table, to take along."""

import csv
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.core.clock import home_zone
from app.core.i18n import _, sentence
from app.items.imports.cells import shielded
from app.items.imports.exporting import MARK, SEPARATOR
from app.skills.ledger.queries import Line


def table(lines: Iterable[Line], *, language: str, timezone: str | None = None) -> str:
    """The entries with minutes as whole numbers, the newest first; cells that a spreadsheet would take for a formula are
    shielded."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=SEPARATOR.get(language, ","), lineterminator="\r\n")
    header = (
        _("Date"),
        _("Pour"),
        _("Avec"),
        _("Un mot"),
        _("Minutes"),
        _("Solde en minutes"),
        _("Écriture"),
    )
    writer.writerow(header)
    zone = ZoneInfo(timezone or home_zone())
    for line in lines:
        writer.writerow(
            [
                line.at.astimezone(zone).isoformat(timespec="minutes"),
                sentence(f"ledger.kind.{line.kind}"),
                shielded(line.other.name),
                shielded(line.note),
                line.minutes,
                line.balance,
                line.transfer_id,
            ]
        )
    return MARK + written.getvalue()
