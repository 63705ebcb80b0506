"""What the source may not say, whoever writes it."""

import ast
import re
import subprocess

import pytest

from scripts import catalogue
from tests.architecture.source import APP, ROOT, calls, modules, shown, tree

REFUSED_NAMES = re.compile(r"^(utils?|helpers?|managers?|data|process(es|ing)?|common|misc|base_?views?)$")
BASE_ALLOWED = {"app/core/common.py"}
WALL_CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today|fromtimestamp)|date\.today|time\.(time|localtime|gmtime)|clock\.now)$"
)
WITHOUT_CLOCK = ("rules", "policy", "services", "handlers", "queries", "models", "events")
TIMELESS_ENDINGS = re.compile(r"(^|\.)(now|today|utcnow)$")


def test_nobody_commits_but_transaction() -> None:
    """Half a use case in the database is the worst of all states: `app.core.db.transaction()` alone commits."""
    found = [
        shown(path, line, name)
        for path in modules()
        if path != APP / "core/db.py"
        for line, name in calls(path)
        if name.endswith((".commit", ".begin"))
    ]
    assert found == []


def test_rules_and_services_look_at_no_clock() -> None:
    """`now` is handed in by the entry point, once: two readings of a clock can disagree about the day."""
    found = [
        shown(path, line, name)
        for path in modules(*WITHOUT_CLOCK)
        for line, name in calls(path)
        if WALL_CLOCKS.search(name)
    ]
    assert found == []


def test_services_ask_for_actor_and_moment() -> None:
    """Every public function of a services.py takes `now`, or `actor_id`, by keyword and without a default."""
    found = []
    for path in modules("services"):
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            optional = {
                argument.arg
                for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                if default is not None
            }
            found += [
                shown(path, node.lineno, f"{node.name}: {name} is optional")
                for name in optional & {"now", "actor_id"}
            ]
            positional = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args)}
            found += [
                shown(path, node.lineno, f"{node.name}: {name} is not a keyword")
                for name in positional & {"now", "actor_id"}
            ]
    assert found == []


def test_services_and_handlers_open_no_transaction() -> None:
    found = [
        shown(path, line, name)
        for path in modules("services", "rules", "policy", "queries", "models")
        for line, name in calls(path)
        if name in ("transaction", "db.transaction", "retrying", "db.retrying")
    ]
    assert found == []


def test_files_are_named_by_what_they_hold() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        for name in (path.stem, path.parent.name)
        if REFUSED_NAMES.match(name) and str(path.relative_to(ROOT)) not in BASE_ALLOWED
    ]
    assert found == []


def test_every_room_says_what_it_is_for() -> None:
    """`__init__.py` holds one paragraph for the newcomer, and no code (but the application's own)."""
    found = []
    for path in sorted(APP.rglob("__init__.py")):
        body = tree(path).body
        if not ast.get_docstring(tree(path)):
            found.append(f"{path.relative_to(ROOT)} says nothing")
        elif (
            len(body) > 1
            and path.parent != APP
            and path.parent.parent == APP
            and path.parent.name != "events"
        ):
            found.append(f"{path.relative_to(ROOT)} holds code")
    assert found == []


def test_events_are_standard_library_only() -> None:
    allowed = {"dataclasses", "datetime", "typing", "collections", "uuid", "enum", "app"}
    found = []
    for path in sorted((APP / "events").glob("*.py")):
        for node in ast.walk(tree(path)):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            found += [
                shown(path, node.lineno, name)
                for name in names
                if name.split(".")[0] not in allowed
                or (name.startswith("app") and not name.startswith("app.events"))
            ]
    assert found == []


def test_no_text_is_built_inside_gettext() -> None:
    """An f-string inside `_()` is never found in a catalogue."""
    found = [
        shown(path, node.lineno, ast.unparse(node))
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1]
        in ("_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext")
        and node.args
        and any(isinstance(argument, ast.JoinedStr) for argument in node.args[:2])
    ]
    assert found == []


def test_no_event_is_wired_twice() -> None:
    """The second line for an event would silently take the place of the first, and its handlers would never hear."""
    twice = [
        shown(APP / "wiring.py", key.lineno, ast.unparse(key))
        for node in ast.walk(tree(APP / "wiring.py"))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if key is not None
        and [ast.unparse(other) for other in node.keys if other].count(ast.unparse(key)) > 1
    ]
    assert twice == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md", "LICENSE", "CONTRIBUTING.md", "CHANGES.md", ".env.example", "Makefile", ".ci/run",
        "docs/map.md", "docs/patterns.md", "docs/words.md", "docs/deploying.md", "docs/decisions",
        "bench/results.md", "migrations/.current-head",
    ],
)  # fmt: skip
def test_newcomer_finds(name: str) -> None:
    assert (ROOT / name).exists()


def test_map_names_every_room() -> None:
    told = (ROOT / "docs/map.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in APP.glob("*/__init__.py")}
    assert {room for room in rooms if room not in told} == set()


def test_requirements_hold_what_is_asked() -> None:
    """Every line of requirements*.in is in the compiled file, and every package there has a hash."""
    for name in ("requirements", "requirements-dev"):
        compiled = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
        pinned = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", compiled, re.MULTILINE))
        asked = re.findall(
            r"^([a-z0-9][a-z0-9._-]*)", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE
        )
        assert set(asked) <= pinned
        assert all(
            "--hash=sha256:" in block
            for block in re.split(r"^(?=[a-z0-9])", compiled, flags=re.MULTILINE)[1:]
        )


def test_nothing_generated_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    generated = re.compile(r"(^|/)(__pycache__|\.venv|node_modules|var|\.mypy_cache)/|\.(pyc|sqlite3)$")
    assert [name for name in listed if generated.search(name)] == []


FRENCH = re.compile(r"[éèêàâçùûîïôœ’«»]", re.IGNORECASE)
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
TRANSLATED = frozenset(catalogue.KEYWORDS)
NOT_FOR_READERS = ("app/cli/demo/", "app/core/codes.py")
"""The demo's neighbours speak French to each other; the keys of an AZERTY keyboard are no words."""


def test_no_french_outside_the_catalogues() -> None:
    """A sentence that is not inside `_()` is read in French by everybody."""
    found = []
    for path in modules():
        if str(path.relative_to(ROOT)).startswith(NOT_FOR_READERS):
            continue
        said = {
            id(inner)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in TRANSLATED
            for inner in ast.walk(node)
        }
        docstrings = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
        found += [
            shown(path, node.lineno, node.value[:60])
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and FRENCH.search(node.value)
            and len(WORDS.findall(node.value)) > 1
            and id(node) not in said | docstrings
        ]
    assert found == []
