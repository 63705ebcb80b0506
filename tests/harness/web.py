"""Real processes: gunicorn as in production, and commands of the house."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from config import PROJECT_ROOT
from scripts.processes import ask_to_stop, make_sure_gone, start, wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebServer:
    """gunicorn on a free port; `url` answers when this exists, `stop()` leaves nothing behind."""

    def __init__(
        self, environ: dict[str, str], *, workers: int, log: Path, options: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        command = [
            sys.executable, "-c", _WITH_LOG, str(log), "-m", "gunicorn", "--workers", str(workers),
            "--bind", f"127.0.0.1:{self.port}", *options, "wsgi:app",
        ]  # fmt: skip
        # No test asks a foreign server for the ground of a map.
        environ = {
            "MOVILAB_TILE_URL": "none",
            **environ,
            "MOVILAB_SITE_URL": self.url,
            "PORT": str(self.port),
        }
        self.process = start(command, environ=environ, cwd=PROJECT_ROOT)
        if not wait_until(lambda: self.answers() or self.process.poll() is not None, seconds=60):
            self.stop()
            raise RuntimeError(f"gunicorn did not answer:\n{self.said()}")
        wait_until(lambda: len(self.workers()) >= workers, seconds=10)
        if self.process.poll() is not None:
            raise RuntimeError(f"gunicorn ended:\n{self.said()}")

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                asking.request("GET", "/healthz")
                return asking.getresponse().status == 200
            finally:
                asking.close()
        return False

    def workers(self) -> list[int]:
        """The process ids of the workers now."""
        return children(self.pid)

    def kill_a_worker(self) -> int | None:
        """SIGKILL for one worker, as the kernel does when memory runs out; gunicorn starts another."""
        for pid in self.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return pid
        return None

    def begin_anew(self) -> None:
        """Workers that remember nothing, in the place of those that are there: in a tenth of the time of a new server."""
        old = self.workers()
        for pid in old:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        born = wait_until(lambda: len(set(self.workers()) - set(old)) >= len(old), seconds=20, step=0.02)
        if not born or not wait_until(self.answers, seconds=20, step=0.02):
            raise RuntimeError(f"gunicorn did not begin anew:\n{self.said()}")

    def stop(self) -> None:
        """At once: connections that a browser keeps open are not waited for."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGQUIT)
        make_sure_gone(self.process, seconds=15)


class Command:
    """A command of the house that goes on: `flask scheduler run`. Its output goes to a file."""

    def __init__(self, environ: dict[str, str], *words: str, log: Path) -> None:
        self.log = log
        command = [sys.executable, "-c", _WITH_LOG, str(log), "-m", "flask", "--app", "wsgi", *words]
        self.process = start(command, environ=environ, cwd=PROJECT_ROOT)

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to stop and wait; its exit status."""
        if self.process.poll() is None:
            ask_to_stop(self.process)
        make_sure_gone(self.process, seconds=20)
        return int(self.process.returncode)


_WITH_LOG = (
    "import os, sys;"
    "file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND);"
    "os.dup2(file, 1); os.dup2(file, 2);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


def children(pid: int) -> list[int]:
    """The direct children of a process, oldest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return sorted(found)


def flask(environ: dict[str, str], *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """One command of the house as a process of its own: `flask(environ, "demo", "load")`."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        env=environ, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
