"""The servers that are measured: gunicorn with two sync workers, as for every figure."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load
from config import PROJECT_ROOT
from scripts.processes import ask_to_stop, make_sure_gone, start

WORKERS = 2


def environ(folder: Path, database_url: str | None = None) -> dict[str, str]:
    """The settings of a measured installation: a demo without rate limits, in `folder`."""
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MOVILAB_")},
        "MOVILAB_ENV": "demo",
        "MOVILAB_DATA": str(folder),
        "MOVILAB_RATE_LIMITS": "off",
        "MOVILAB_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    return settings | ({"DATABASE_URL": database_url} if database_url else {})


@contextmanager
def gunicorn(
    target: str, settings: dict[str, str], *, config: str = "gunicorn.conf.py", quiet: bool = False
) -> Iterator["Server"]:
    """`target` under gunicorn on a free port of this machine; stopped at the end. `quiet`: the log that it writes for
    each request is read by nobody."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # One thread is said in so many words: where the configuration names threads, as ours does, gunicorn makes
    # threaded workers of sync ones, and the bare views would be measured under others than the pages.
    command = [
        sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--worker-class", "sync", "--threads", "1",
        "--preload", "--config", config, "--no-control-socket", "--bind", f"127.0.0.1:{port}", "--timeout", "120", target,
    ]  # fmt: skip
    began = time.perf_counter()
    process = start(command, environ={**settings, "PORT": str(port)}, cwd=PROJECT_ROOT, quiet=quiet)
    try:
        server = Server(process, port, began)
        yield server
    finally:
        ask_to_stop(process)
        make_sure_gone(process, seconds=15)


class Server:
    """A running gunicorn. `first_answer_s`: from its start to its first answer, in seconds."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, began: float) -> None:
        self.process = process
        self.port = port
        while True:
            try:
                load.one(port, load.get("/healthz"))
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise
                time.sleep(0.01)
        self.first_answer_s = time.perf_counter() - began

    def worker_pss_mib(self) -> float:
        """The largest proportional set size among the workers, in MiB (`/proc/<pid>/smaps_rollup`)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(_pss(pid) for pid in children)


def _pss(pid: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no Pss of {pid}")


def flask(settings: dict[str, str], *words: str) -> None:
    """A command of the house, which must succeed."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words], env=settings, cwd=PROJECT_ROOT, check=True
    )
