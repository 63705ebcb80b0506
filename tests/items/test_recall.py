"""Whether people find what they hope for by what they type: two sets of queries over every object of the demo, one
written before anything was tuned, the other afterwards and never tuned to. Recall at 10 is asserted, and that both
databases answer alike; precision of the first 5 is printed (`pytest -s tests/items/test_recall.py`)."""

import pytest
from flask import Flask

from tests.harness.databases import Database
from tests.items.asked import held_out, measure, written_before, written_between

SETS = {
    "written before": (written_before.QUERIES, 60, 0.95),
    "written between": (written_between.QUERIES, 30, 0.9),
    "held out": (held_out.QUERIES, 30, 0.9),
}
_answers: dict[str, dict[str, list[str]]] = {}


@pytest.mark.parametrize("name", SETS)
def test_people_find_what_they_hope_for(app: Flask, database: Database, name: str) -> None:
    queries, at_least, goal = SETS[name]
    assert len({typed for typed, _, _ in queries}) >= at_least
    measure.fill()
    seen = measure.measured(queries)
    print(f"\n{database.kind}, {name}: {seen}")
    assert seen.recall >= goal, str(seen)
    other = _answers.setdefault(name, seen.answers)
    assert seen.answers == other, "the two databases answer differently"
