"""`make run`: migrate, load the demo at the first start, then keep web server and scheduler running.

One process with one thread that starts two others, restarts what dies, and takes all of it along when it is
asked to stop: Ctrl-C, SIGINT, SIGTERM, SIGHUP, or the death of `make`. It says "ready" only after the web
server has answered.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config import MARKER_NAME, PROJECT_ROOT, Config, ConfigError, data_folder, marked_environment
from scripts.processes import AlreadyRunning, ask_to_stop, end_with_parent, hold, make_sure_gone, start

STOP_SECONDS = 30
"""What a running request, or a job of the scheduler, may still take when everything stops."""
READY_SECONDS = 90
STEADY_SECONDS = 60
LONGEST_PAUSE = 30.0

PREPARE = [sys.executable, "-m", "scripts.prepare", "--if-empty"]
WEB = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--limit-request-line", "8190", "wsgi:app"]
SCHEDULER = [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler", "run"]
DEMO_NAMES = ("resident", "resident2", "resident3", "volunteer", "organizer", "coordinator", "steward")
DEMO_PASSWORD = "demo-movilab-2026"


class Stop(Exception):
    """The end, with the exit status: 0 when somebody asked for it."""


class Keeper:
    """One child that is wanted all the time: started again when it ends, later each time."""

    def __init__(self, name: str, command: list[str], environ: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.environ = environ
        self.child: subprocess.Popen[bytes] | None = None
        self.pause = 0.5
        self.started_at = 0.0
        self.start_again_at = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.child = start(self.command, environ=self.environ, cwd=PROJECT_ROOT)

    def look_after(self) -> None:
        """Notice an end, and start again when its pause is over."""
        now = time.monotonic()
        if self.child is None:
            if now >= self.start_again_at:
                self.start()
            return
        status = self.child.poll()
        if status is None:
            return
        make_sure_gone(self.child, seconds=0)
        self.child = None
        self.pause = 0.5 if now - self.started_at > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.start_again_at = now + self.pause
        say(f"The {self.name} ended ({status}); it starts again in {self.pause:.0f} s.")

    def has_ended(self) -> bool:
        return self.child is not None and self.child.poll() is not None


class Supervisor:
    """All processes of one installation on one machine."""

    def __init__(self, config: Config, environ: dict[str, str]) -> None:
        self.config = config
        self.environ = environ
        self.host = environ.get("MOVILAB_HOST", "").strip() or "127.0.0.1"
        self.web = Keeper("web server", WEB, environ)
        self.scheduler = Keeper("scheduler", SCHEDULER, environ)
        self.step: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        status = 1
        try:
            self.prepare()
            self.begin()
            while True:
                time.sleep(0.25)
                stop_if_asked()
                self.web.look_after()
                self.scheduler.look_after()
        except Stop as asked:
            status = int(str(asked))
            if status == 0:
                say("Stopping.")
        finally:
            self.end()
        return status

    def prepare(self) -> None:
        """The port, the schema, and in a demo something to show; an interruption ends this too."""
        if not port_is_free(self.host, self.config.port):
            fail(
                f"Port {self.config.port} is taken by another program. "
                f"Stop that one, or choose another: PORT={self.config.port + 1} make run"
            )
        self.step = start(PREPARE, environ=self.environ, cwd=PROJECT_ROOT)
        while self.step.poll() is None:
            time.sleep(0.05)
            stop_if_asked()
        status, self.step = self.step.returncode, None
        if status != 0:
            fail("The database could not be prepared (see above).")

    def begin(self) -> None:
        self.web.start()
        self.scheduler.start()
        until = time.monotonic() + READY_SECONDS
        while not answers(self.host, self.config.port):
            stop_if_asked()
            if self.web.has_ended() or time.monotonic() > until:
                fail("The web server did not come up (see above).")
            time.sleep(0.1)
        say(self.welcome())

    def welcome(self) -> str:
        lines = ["", f"{self.config.site_name} is ready: http://{self.host}:{self.config.port}", ""]
        if self.config.is_demo:
            lines += [f"Demo log-ins (password {DEMO_PASSWORD}):"]
            lines += [f"  {name}@demo.movilab.test" for name in DEMO_NAMES]
            lines += [""]
        if self.config.smtp_url is None:
            lines += [f"Outgoing mail is written to {self.config.folder}/mail/*.eml"]
            if self.config.is_demo:
                lines += [f"and can be read at http://{self.host}:{self.config.port}/mailbox"]
        lines += ["Ctrl-C stops everything; what was done is kept.", ""]
        return "\n".join(lines)

    def end(self) -> None:
        """Ask all to stop at once, wait for each, and leave nothing behind."""
        children = [child for child in (self.web.child, self.scheduler.child, self.step) if child is not None]
        for child in children:
            ask_to_stop(child)
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            make_sure_gone(child, seconds=until - time.monotonic())


def choose_mode(environ: dict[str, str]) -> None:
    """With nothing said, `make run` begins a demo: it marks a new data folder, and only a new one."""
    folder = data_folder(environ)
    if environ.get("MOVILAB_ENV", "").strip() or marked_environment(folder):
        return
    if folder.exists() and any(entry.suffix == ".sqlite3" for entry in folder.iterdir()):
        raise ConfigError(
            f"{folder} holds a database, but nothing says that it is a demo. For a real installation set "
            f"MOVILAB_ENV=production; if it is a demo, write the word demo into {folder / MARKER_NAME}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER_NAME).write_text("demo\n", encoding="utf-8")


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Whether /healthz says 200."""
    with suppress(OSError, http.client.HTTPException):
        asking = http.client.HTTPConnection(host, port, timeout=5)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status == 200
        finally:
            asking.close()
    return False


def stop_if_asked() -> None:
    """Raise `Stop` when a signal came, to us or to the `make` that started us.

    A terminal's Ctrl-C reaches both; `kill -INT` of make alone does not reach us: make takes note and waits
    for us without a word. But at that moment it puts the signal's handling back to its default, and that can
    be seen from outside.
    """
    if SIGNALS or (MAKE is not None and not handles_interrupt(MAKE)):
        raise Stop(0)


def handles_interrupt(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return True
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), "f")
    return bool(int(caught, 16) & (1 << (signal.SIGINT - 1)))


def parent_make() -> int | None:
    """The process id of the `make` that started us, if one did and it can be interrupted."""
    parent = os.getppid()
    try:
        name = Path(f"/proc/{parent}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return parent if name in ("make", "gmake") and handles_interrupt(parent) else None


MAKE = parent_make()
SIGNALS: list[int] = []


def heed_signals() -> None:
    """Only note what came: a child that is just being started is never lost halfway."""

    def note(number: int, _frame: FrameType | None) -> None:
        SIGNALS.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)


def say(sentence: str) -> None:
    with suppress(OSError):
        print(sentence, flush=True)


def fail(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    raise Stop(1)


def main() -> int:
    heed_signals()
    if MAKE is not None:
        end_with_parent()
    environ = dict(os.environ)
    try:
        choose_mode(environ)
        config = Config.from_environ(environ)
        lock = hold(config.folder)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except AlreadyRunning as running:
        print(f"MoviLab already runs on {data_folder(environ)} (process {running}).", file=sys.stderr)
        return 1
    environ |= {"MOVILAB_ENV": config.env, "PYTHONUNBUFFERED": "1"}
    with lock:
        return Supervisor(config, environ).run()


if __name__ == "__main__":
    sys.exit(main())
