"""The measures as people read them: `bench/results.md`."""

from collections.abc import Mapping, Sequence

from bench import blocks
from bench.blocks import Block

HEAD = """# Measures

Made by `make bench`. Figures are ratios or sizes; absolute times are of one machine only. `hello` is a bare Flask view
under the same server (2 sync workers, 4 clients), measured before and after each block: a block in which they differ
by more than 15 % is void. Pages of the search blocks are asked for by a resident who is logged in, at {points} places
where people live, with logs written and limits in force. `limit` is a bare Flask view with one hand-written statement
over the same database. Blocks can be measured one by one: `make bench ARGS="--help"`.
"""
TABLE = "| measure | figure | goal | holds | how |\n| --- | --- | --- | --- | --- |\n"
LARGEST_GROWTH, LEAST_AT_A_MILLION, LEAST_OF_NEAR = 1.4, 0.75, 0.5


def written(found: Mapping[str, Block], *, points: int) -> str:
    """The whole page."""
    parts = [HEAD.format(points=points), *map(_section, found.values())]
    for database in ("sqlite", "postgresql"):
        parts.append(_growth(database, found))
    return "\n".join(part for part in parts if part)


def _section(block: Block) -> str:
    lines = "".join(
        f"| {row.what} | {row.figure} | {row.goal} | {'yes' if row.holds else '**no**'} | {row.details} |\n"
        for row in block.found.rows
    )
    void = " **This block is void.**" if block.void else ""
    return (
        f"## {block.name}\n\n{block.when}, {block.machine}; `hello` {block.before:.0f} requests/s before,"
        f" {block.after:.0f} after.{void}\n\n{TABLE}{lines}"
    )


def _growth(database: str, found: Mapping[str, Block]) -> str:
    """How the cost of a page grows with the number of objects, from the blocks of one database."""
    sizes = {
        int(name.split()[2]): block.found.figures
        for name, block in found.items()
        if name.startswith(f"search {database} ") and not block.void
    }
    if len(sizes) < 2:
        return ""
    pages = list(next(iter(sizes.values())))
    head = f"| {database}: ÷ hello | " + " | ".join(f"{size:,}".replace(",", " ") for size in sorted(sizes))
    head += " | most ÷ least cost | goal |\n" + "| --- " * (len(sizes) + 3) + "|\n"
    lines = "".join(_line(page, [sizes[size].get(page) for size in sorted(sizes)]) for page in pages)
    return f"## growth {database}\n\n{head}{lines}{_at_a_million(sizes)}"


def _line(page: str, figures: Sequence[float | None]) -> str:
    known = [figure for figure in figures if figure]
    growth = max(known) / min(known)
    cells = " | ".join("" if figure is None else f"{figure:.3f}" for figure in figures)
    verdict = f"{growth:.2f}{'' if growth <= LARGEST_GROWTH else ' (**no**)'}"
    return f"| {page} | {cells} | {verdict} | ≤ {LARGEST_GROWTH} |\n"


def _at_a_million(sizes: Mapping[int, Mapping[str, float]]) -> str:
    if not {100_000, 1_000_000} <= sizes.keys():
        return ""
    ratio = sizes[1_000_000]["near"] / sizes[100_000]["near"]
    verdict = "yes" if ratio >= LEAST_AT_A_MILLION else "**no**"
    return f"\nNear-me page at 1 000 000 ÷ at 100 000: {ratio:.2f} (≥ {LEAST_AT_A_MILLION}: {verdict}).\n"


def write(found: Mapping[str, Block], *, points: int) -> str:
    """Write the page, and give it back."""
    text = written(found, points=points)
    blocks.RESULTS.write_text(text, encoding="utf-8")
    return text
