"""`make bench`: measure, print, and write `bench/results.md`."""

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import house

RESULTS = Path(__file__).parent / "results.md"
LARGEST_DRIFT = 0.15
HEAD = """# Measures

Made by `make bench` on {when}, on {machine}. Figures are ratios or sizes; absolute times are of this machine only.
`hello` (a bare Flask view under the same server, 2 sync workers, 4 clients) did {before:.0f} requests/s before and
{after:.0f} after; a run in which they differ by more than 15 % is void.{void}

| measure | figure | goal | holds | how |
| --- | --- | --- | --- | --- |
"""


def main() -> int:
    """Measure everything; 1 when a goal is missed or the machine drifted."""
    before = house.hello().per_second
    rows = house.measure()
    after = house.hello().per_second
    void = abs(after - before) / before > LARGEST_DRIFT
    text = HEAD.format(
        when=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        before=before,
        after=after,
        void=" **This run is void.**" if void else "",
    ) + "".join(
        f"| {row.what} | {row.figure} | {row.goal} | {'yes' if row.holds else '**no**'} | {row.details} |\n"
        for row in rows
    )
    if not void:
        RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if not void and all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
