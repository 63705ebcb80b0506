"""Child processes that end with their parent, and the one lock of a data folder."""

import ctypes
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to send SIGTERM to this process when its parent dies, however it dies. Elsewhere: nothing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _bound_to(parent: int) -> Callable[[], None]:
    def before_exec() -> None:
        end_with_parent()
        if os.getppid() != parent:  # it died between fork and the line above
            os._exit(1)

    return before_exec


def start(
    command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, quiet: bool = False
) -> subprocess.Popen[bytes]:
    """Start `command` as the head of a process group of its own: Ctrl-C in the terminal reaches only the
    supervisor, which then stops its children in order. `quiet`: what it prints is thrown away."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environ),
        stdout=subprocess.DEVNULL if quiet else None,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_bound_to(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
    )


def ask_to_stop(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        child.send_signal(signal.SIGTERM)


def make_sure_gone(child: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Wait for `child`, then end by force what is left of it and of its process group.

    The group is asked again every second: a worker of gunicorn that is only just born does not hear the first.
    """
    until = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=min(1.0, max(0.0, until - time.monotonic())))
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def wait_until(true: Callable[[], bool], *, seconds: float, step: float = 0.1) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= until:
            return False
        time.sleep(step)
    return True


class AlreadyRunning(Exception):
    """Another process holds the data folder; `str()` is its process id, or empty."""


def hold(folder: Path) -> IO[str]:
    """Hold the data folder until this process ends; whoever comes second gets `AlreadyRunning`."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "run.lock", "a+", encoding="utf-8")  # noqa: SIM115 - open as long as we live
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise AlreadyRunning(holder) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
