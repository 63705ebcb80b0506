"""Everything `make check` looks at, one after another; each failure is shown and all are counted."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("style", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("layers", [str(BIN / "lint-imports")]),
    ("templates", [str(BIN / "djlint"), "--lint", "--quiet", "templates"]),
    ("catalogues", [sys.executable, "-m", "scripts.catalogue", "--check"]),
    ("vendored files", [sys.executable, "scripts/vendor_assets.py", "--check"]),
    ("drawings", [sys.executable, "scripts/draw_sheet.py", "--check"]),
    ("gazetteer", [sys.executable, "-m", "scripts.gazetteer", "--check"]),
    ("secrets", [sys.executable, "-m", "scripts.secrets_scan"]),
)


def main(wanted: list[str]) -> int:
    failed = []
    for name, command in CHECKS:
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        verdict = "ok" if run.returncode == 0 else "FAILED"
        print(f"{name:<16}{verdict:<8}{time.monotonic() - began:5.1f} s", flush=True)
        if run.returncode != 0:
            failed.append(name)
            print(run.stdout, flush=True)
    print(f"check: {'failed: ' + ', '.join(failed) if failed else 'all is well'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
