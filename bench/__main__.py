"""`make bench`: measure, print, and write `bench/results.md`. `make bench ARGS="search --objects 100000"`: one part."""

import argparse
import sys
from collections.abc import Callable, Iterator

from bench import blocks, counter, house, lending, purchases, report, search, weight
from bench.blocks import Block, Found

PARTS = ("house", "search", "lending", "purchases", "weight", "counter")


def main() -> int:
    """Measure what was asked for; 1 when a goal is missed or the machine drifted."""
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all when none is named")
    words.add_argument(
        "--objects", type=int, nargs="+", default=search.SIZES, help="sizes of the search part"
    )
    words.add_argument(
        "--filled", action="store_true", help="of the search part: only what the environment names, as it is"
    )
    words.add_argument("--loans", type=int, default=1_000_000, help="loans that the reminders are swept over")
    words.add_argument("--database", nargs="+", choices=search.DATABASES, default=search.DATABASES)
    asked = words.parse_args()
    if not set(asked.parts) <= set(PARTS):
        words.error(f"parts are {', '.join(PARTS)}")
    known = blocks.kept()
    measured = []
    found = iter([search.filled(asked.objects[0])]) if asked.filled else _measured(asked)
    for one in found:
        measured.append(one)
        if not one.void or one.name not in known or known[one.name].void:
            known[one.name] = one
        blocks.keep(known.values())
        sys.stdout.write(report.write(known, points=search.POINTS) + "\n")
    return 0 if all(one.holds for one in measured) else 1


def _measured(asked: argparse.Namespace) -> Iterator[Block]:
    parts = asked.parts or PARTS
    if "house" in parts:
        yield _block("house", house.measure)
    if "weight" in parts:
        yield _block("first visit", weight.measure)
    if "counter" in parts:
        yield _block("counter", counter.measure)
    if "search" in parts:
        for database in asked.database:
            yield from search.blocks(database, tuple(asked.objects))
    if "lending" in parts:
        objects = search.MEASURED if search.MEASURED in asked.objects else max(asked.objects)
        for database in asked.database:
            yield from lending.blocks(database, objects, asked.loans)
    if "purchases" in parts:
        for database in asked.database:
            yield from purchases.blocks(database)


def _block(name: str, measure: Callable[[], Found]) -> Block:
    before = blocks.hello()
    found = measure()
    return blocks.block(name, before=before, after=blocks.hello(), found=found)


if __name__ == "__main__":
    raise SystemExit(main())
