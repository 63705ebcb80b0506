"""The source as trees, for tests that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def modules(*names: str) -> list[Path]:
    """All modules of the house, or those with one of these file names ("rules" also finds rules/anything.py)."""
    found = sorted(APP.rglob("*.py"))
    if not names:
        return found
    return [path for path in found if path.stem in names or path.parent.name in names]


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Every call as written, with its line: (12, "session.commit")."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def shown(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"
