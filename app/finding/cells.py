"""Cells of the earth as words: what an object is called and where it is stand in the same index.

A grid of a 64th of a degree, and eight more, each twice as wide as the one before. The index of words knows an object by
its cell on each of them too, for both of its published points; the databases work these words out by themselves, so that
they never are behind. A box is then looked for by the few cells that cover it, together with what is typed.
Everything here is pure.
"""

from functools import lru_cache

from app.geo.rules import Box

FINEST = 64
"""Cells of the finest grid in a degree: those are about 1.7 km high."""
LEVELS = 9
MOST_ACROSS = 6
FINE, COARSE = "p", "q"
"""What the cells of the two published points begin with. A figure and a "_" follow: no word that is typed looks so."""
COLUMNS = {FINE: ("lat", "lon"), COARSE: ("coarse_lat", "coarse_lon")}


@lru_cache(maxsize=4096)
def covering(box: Box, point: str) -> tuple[str, ...]:
    """The cells that together hold this box, of the finest grid on which they are few; none where it is too large."""
    rows = _steps(box.south, 90), _steps(box.north, 90)
    spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180.0), (-180.0, box.east)]
    columns = [(_steps(west, 180), _steps(east, 180)) for west, east in spans]
    for level in range(LEVELS):
        high = range(rows[0] >> level, (rows[1] >> level) + 1)
        wide = [range(west >> level, (east >> level) + 1) for west, east in columns]
        if max(len(high), sum(map(len, wide))) <= MOST_ACROSS:
            return tuple(f"{point}{level}_{row}_{column}" for row in high for part in wide for column in part)
    return ()


def _steps(degrees: float, zero: int) -> int:
    """To the letter what the databases reckon (`for_sqlite`, `for_postgresql`)."""
    return int((degrees + zero) * FINEST)


def for_sqlite(row: str) -> str:
    """The cells of a row of `item` ("NEW", "OLD", "item"), as SQLite works them out: each with a space before it."""
    return _worked_out(f"{row}.", "CAST(({column} + {zero}) * {finest} AS INTEGER)")


def for_postgresql() -> str:
    """The same for PostgreSQL, which rounds where SQLite cuts off; by the names of the columns alone."""
    return _worked_out("", "CAST(floor(({column} + {zero}) * {finest}) AS integer)")


def _worked_out(row: str, steps: str) -> str:
    found = []
    for point, (lat, lon) in COLUMNS.items():
        north = steps.format(column=f"{row}{lat}", zero=90, finest=FINEST)
        east = steps.format(column=f"{row}{lon}", zero=180, finest=FINEST)
        found += [
            f"' {point}{level}_' || CAST({north} >> {level} AS text) || '_' || CAST({east} >> {level} AS text)"
            for level in range(LEVELS)
        ]
    return " || ".join(found)
