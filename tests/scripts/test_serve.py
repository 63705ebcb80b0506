"""`make run`: comes up, says so when it is true, mends itself, and leaves nothing behind however it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config import PROJECT_ROOT
from scripts.processes import wait_until
from tests.harness.web import children, free_port

SERVE = [sys.executable, "-m", "scripts.serve"]


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """One supervisor with its output; `family` are the processes it has started, theirs included."""

    def __init__(self, folder: Path, command: list[str] | None = None, **variables: str) -> None:
        self.folder = folder
        self.port = int(variables.pop("PORT", 0)) or free_port()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MOVILAB_", "MAKE", "MFLAGS"))
        }
        kept.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(
            command or SERVE,
            cwd=PROJECT_ROOT,
            env={
                **kept,
                "MOVILAB_DATA": str(folder),
                "PORT": str(self.port),
                "WEB_CONCURRENCY": "1",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Tests that run in the background inherit an interrupt that is ignored; a terminal's make does not.
            preexec_fn=_heed_interrupts,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_ready(self, seconds: float = 90) -> None:
        wait_until(lambda: "is ready" in self.said or self.process.poll() is not None, seconds=seconds)
        assert "is ready" in self.said, self.said

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def family(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            found += children(pid)
        return found

    def command_of(self, word: str) -> int:
        """The child whose command line holds this word, and that belongs to the supervisor itself."""
        for pid in self.family():
            with suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
                if word in line and "serve" not in line:
                    return pid
        raise AssertionError(f"no {word} among {self.family()}: {self.said}")

    def wait_end(self, seconds: float = 40) -> int:
        return self.process.wait(timeout=seconds)

    def end_by_force(self) -> None:
        for pid in reversed(self.family()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(timeout=10)


def alive(pids: list[int]) -> list[int]:
    """Those that still run; a zombie that its new parent has not yet looked at does not."""
    found = []
    for pid in pids:
        with suppress(OSError):
            if re.search(r"^State:\s+[^ZX\s]", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE):
                found.append(pid)
    return found


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[list[Run]]:
    """Every run of a test; what it forgets to end is ended by force."""
    begun: list[Run] = []
    yield begun
    for run in begun:
        if run.process.poll() is None:
            run.end_by_force()


def begin(runs: list[Run], folder: Path, command: list[str] | None = None, **variables: str) -> Run:
    runs.append(Run(folder, command, **variables))
    return runs[-1]


def test_first_start_of_a_demo(tmp_path: Path, runs: list[Run]) -> None:
    """In an empty folder and with nothing set: a demo, loaded, with its log-ins; the mode is kept for later."""
    folder = tmp_path / "var"
    run = begin(runs, folder)
    run.wait_ready(seconds=170)
    assert run.answers()
    assert f"http://127.0.0.1:{run.port}" in run.said
    for name in ("resident", "resident2", "resident3", "volunteer", "organizer", "coordinator", "steward"):
        assert f"{name}@demo.movilab.test" in run.said
    assert "demo-movilab-2026" in run.said
    assert f"{folder}/mail/*.eml" in run.said
    assert "/mailbox" in run.said
    assert (folder / "mode").read_text().strip() == "demo"
    family = run.family()
    assert len(family) >= 4  # supervisor, gunicorn and its worker, scheduler
    run.process.send_signal(signal.SIGTERM)
    assert run.wait_end() == 0, run.said
    assert alive(family) == []
    assert not run.answers()

    again = begin(runs, folder)
    again.wait_ready(seconds=40)  # five seconds on a machine that does nothing else
    again.process.send_signal(signal.SIGINT)
    assert again.wait_end() == 0, again.said


def test_killed_supervisor_takes_its_children_along(tmp_path: Path, runs: list[Run]) -> None:
    run = begin(runs, tmp_path, MOVILAB_ENV="test")
    run.wait_ready()
    family = run.family()
    run.process.kill()
    run.wait_end()
    assert wait_until(lambda: not alive(family), seconds=30), alive(family)


def test_what_dies_is_started_again(tmp_path: Path, runs: list[Run]) -> None:
    run = begin(runs, tmp_path, MOVILAB_ENV="test")
    run.wait_ready()
    scheduler, web = run.command_of("scheduler"), run.command_of("gunicorn")
    os.kill(scheduler, signal.SIGKILL)
    os.kill(web, signal.SIGKILL)
    assert wait_until(
        lambda: "The scheduler ended" in run.said and "The web server ended" in run.said, seconds=10
    )
    assert wait_until(run.answers, seconds=20), run.said
    assert run.command_of("gunicorn") != web
    assert wait_until(lambda: run.command_of("scheduler") != scheduler, seconds=10)
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    assert run.wait_end() == 0
    assert alive(family) == []


def test_interrupt_sent_to_make_alone_stops_everything(tmp_path: Path, runs: list[Run]) -> None:
    """make keeps such an interrupt to itself and waits for its child."""
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(SERVE)}\n")
    run = begin(runs, tmp_path / "var", ["make", "-f", str(makefile), "run"], MOVILAB_ENV="test")
    run.wait_ready()
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    run.wait_end()
    assert wait_until(lambda: not alive(family), seconds=5), alive(family)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_make_that_ends_takes_everything_along(
    tmp_path: Path, runs: list[Run], number: signal.Signals
) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(SERVE)}\n")
    run = begin(runs, tmp_path / "var", ["make", "-f", str(makefile), "run"], MOVILAB_ENV="test")
    run.wait_ready()
    family = run.family()
    run.process.send_signal(number)
    run.wait_end()
    assert wait_until(lambda: not alive(family), seconds=60), alive(family)


def test_interrupt_during_the_preparation(tmp_path: Path, runs: list[Run]) -> None:
    run = begin(runs, tmp_path, MOVILAB_ENV="test")
    assert wait_until(lambda: len(run.family()) > 1, seconds=20)
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    assert run.wait_end() == 0
    assert alive(family) == []
    assert "is ready" not in run.said


def test_port_in_use_is_said(tmp_path: Path, runs: list[Run]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = begin(runs, tmp_path, MOVILAB_ENV="test", PORT=str(port))
        assert run.wait_end() == 1
    run.reader.join(timeout=10)
    assert f"Port {port} is taken by another program" in run.said
    assert "Traceback" not in run.said


def test_one_folder_one_run(tmp_path: Path, runs: list[Run]) -> None:
    first = begin(runs, tmp_path, MOVILAB_ENV="test")
    first.wait_ready()
    second = begin(runs, tmp_path, MOVILAB_ENV="test")
    assert second.wait_end() == 1
    second.reader.join(timeout=10)
    assert f"already runs on {tmp_path} (process {first.process.pid})" in second.said
    assert first.answers()


def test_unmarked_database_is_not_taken_for_a_demo(tmp_path: Path, runs: list[Run]) -> None:
    """Somebody's real data, and a `make run` without MOVILAB_ENV: nothing is touched."""
    (tmp_path / "movilab.sqlite3").write_bytes(b"")
    run = begin(runs, tmp_path)
    assert run.wait_end() == 2
    run.reader.join(timeout=10)
    assert "MOVILAB_ENV=production" in run.said
    assert [entry.name for entry in tmp_path.iterdir()] == ["movilab.sqlite3"]


def test_production_without_its_secret_does_not_start(tmp_path: Path, runs: list[Run]) -> None:
    run = begin(runs, tmp_path, MOVILAB_ENV="production")
    assert run.wait_end() == 2
    run.reader.join(timeout=10)
    assert "MOVILAB_SECRET_KEY is missing" in run.said
    assert "Traceback" not in run.said


def reset(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOVILAB_")}
    kept.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "scripts.demo_reset"],
        cwd=PROJECT_ROOT,
        env={**kept, "MOVILAB_DATA": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_reset_refuses_what_is_no_demo(tmp_path: Path) -> None:
    database = tmp_path / "movilab.sqlite3"
    database.write_bytes(b"somebody's loans")
    answer = reset(tmp_path)
    assert answer.returncode == 1
    assert "not marked as a demo" in answer.stderr
    (tmp_path / "mode").write_text("demo")
    assert reset(tmp_path, MOVILAB_ENV="production").returncode == 1
    assert reset(tmp_path, DATABASE_URL="postgresql://movilab@127.0.0.1/movilab").returncode == 1
    assert database.read_bytes() == b"somebody's loans"


def test_reset_refuses_while_it_runs(tmp_path: Path, runs: list[Run]) -> None:
    (tmp_path / "mode").write_text("demo")
    run = begin(runs, tmp_path, MOVILAB_ENV="test")
    run.wait_ready()
    answer = reset(tmp_path)
    assert answer.returncode == 1
    assert f"process {run.process.pid}" in answer.stderr
    assert run.answers()
