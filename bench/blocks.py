"""What a run finds: rows in blocks, each with the yardstick before and after it, kept until it is measured again."""

import json
import platform
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import load, servers

KEPT = Path(__file__).parent / "results.json"
RESULTS = Path(__file__).parent / "results.md"
LARGEST_DRIFT = 0.15


@dataclass(frozen=True)
class Row:
    """One line of the results: what, the figure, the goal, whether it holds, and how it came about."""

    what: str
    figure: str
    goal: str
    holds: bool
    details: str


@dataclass(frozen=True)
class Found:
    """What one block found: its rows, and `figures` (÷ hello) that are compared with those of other blocks."""

    rows: list[Row]
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """A block as it is kept. `before`, `after`: requests per second of `hello`."""

    name: str
    when: str
    machine: str
    before: float
    after: float
    found: Found

    @property
    def void(self) -> bool:
        """Whether the machine did something else meanwhile."""
        return abs(self.after - self.before) / self.before > LARGEST_DRIFT

    @property
    def holds(self) -> bool:
        """Whether every goal was reached on a machine that was quiet."""
        return not self.void and all(row.holds for row in self.found.rows)


def hello() -> float:
    """The yardstick, measured now: requests per second of a bare Flask view."""
    settings = servers.environ(Path(tempfile.gettempdir()))
    with servers.gunicorn("bench.hello:app", settings, config="python:bench.hello") as server:
        return load.median_of_three(lambda: load.run(server.port, [load.get("/")], seconds=2)).per_second


def block(name: str, *, before: float, after: float, found: Found) -> Block:
    """A block that was measured just now."""
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    return Block(name, datetime.now(UTC).date().isoformat(), machine, before, after, found)


def kept() -> dict[str, Block]:
    """The blocks of earlier runs, by name."""
    if not KEPT.exists():
        return {}
    return {each["name"]: _read(each) for each in json.loads(KEPT.read_text(encoding="utf-8"))}


def keep(blocks: Iterable[Block]) -> None:
    """Keep these blocks for the next run."""
    text = json.dumps([asdict(one) for one in blocks], ensure_ascii=False, indent=1)
    KEPT.write_text(text + "\n", encoding="utf-8")


def _read(each: dict[str, object]) -> Block:
    found = each.pop("found")
    assert isinstance(found, dict)
    rows = [Row(**row) for row in found["rows"]]
    return Block(**each, found=Found(rows, found["figures"]))  # type: ignore[arg-type]  # as `asdict` wrote it
