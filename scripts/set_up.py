"""Make `.venv` and install one hashed file into it: `python3 scripts/set_up.py requirements.txt`.

Runs before anything is installed, so it uses the standard library only. A stamp in `.venv` holds what was
installed; when nothing changed the second call costs a few milliseconds.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
INCLUDES = {"requirements-dev.txt": ("requirements.txt",)}
"""What comes along: the developers' file is compiled from the other one and holds all of it."""


def main(wanted: str) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be what runs this first
        return _fail(f"MoviLab needs Python 3.11 or later; this is {sys.version.split()[0]}. Set PYTHON=.")
    with open(ROOT / ".venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _line(wanted) in _installed():
            return 0
        began = time.monotonic()
        if not _usable() and not _make():
            return _fail("The virtual environment could not be made. On Debian: apt-get install python3-venv")
        print(f"Installing {wanted} into .venv (about a minute)", flush=True)
        if _install(wanted) != 0:
            return _fail(f"{wanted} could not be installed; the lines above say why. Then run make again.")
        lines = [_line(name) for name in (wanted, *INCLUDES.get(wanted, ()))]
        STAMP.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"Installed in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _line(name: str) -> str:
    return f"{hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}  {name}"


def _installed() -> list[str]:
    """What the stamp says, but only while the interpreter it was made with is still there."""
    if not _usable() or not STAMP.exists():
        return []
    return STAMP.read_text(encoding="utf-8").splitlines()


def _usable() -> bool:
    return (VENV / "bin" / "python").exists() and (VENV / "bin" / "pip").exists()


def _make() -> bool:
    shutil.rmtree(VENV, ignore_errors=True)
    return subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode == 0


def _install(wanted: str) -> int:
    STAMP.unlink(missing_ok=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    environ = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    return subprocess.run(
        [*pip, "--quiet", "--require-hashes", "-r", str(ROOT / wanted)], check=False, env=environ
    ).returncode


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
