"""Files that arrive in parts, over a network that comes and goes.

What has come is kept at once, and whoever sends asks how far it got and goes on from there (the manner of the tus
protocol: create, offset, append). Each resident has a folder under the data folder, `uploads/<number>/`; a file in it
is called `<name>-<length>.part` while it comes, and its size is how far it got. Nothing of it is in the database.
"""

import errno
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from app.core.errors import Conflict, Gone, Invalid, NotFound, TooLarge, Unavailable

KEPT = timedelta(hours=24)
AT_ONCE = 12
"""Uploads that one resident may have begun; the oldest gives way to the next."""
_BLOCK = 64 * 1024
_NAME = re.compile(r"^[0-9a-f]{32}$")
_FILE = re.compile(r"^([0-9a-f]{32})-(\d{1,10})\.(part|done)$")


@dataclass(frozen=True)
class Upload:
    """A file on its way: how long it is, and how much of it is there. `outcome` is what became of it."""

    name: str
    length: int
    offset: int
    file: Path
    outcome: Any = None

    @property
    def whole(self) -> bool:
        """Whether all of it has come."""
        return self.offset == self.length


def start(*, owner_id: int, length: int, largest: int, folder: Path, now: datetime) -> Upload:
    """Make room for a file of so many bytes. `TooLarge` above `largest`, `Invalid` for nothing at all."""
    if length <= 0:
        raise Invalid({"Upload-Length": "core.photo_missing"})
    if length > largest:
        raise TooLarge("core.too_large")
    home = folder / "uploads" / str(owner_id)
    home.mkdir(parents=True, exist_ok=True)
    for old in sorted(home.iterdir(), key=_written)[: -(AT_ONCE - 1)]:
        old.unlink(missing_ok=True)
    name = secrets.token_hex(16)
    file = home / f"{name}-{length}.part"
    file.touch()
    _stamp(file, now)
    return Upload(name, length, 0, file)


def find(name: str, *, owner_id: int, folder: Path, now: datetime) -> Upload:
    """How far this file of this resident got. `NotFound` for what is not hers, `Gone` for what waited too long."""
    known = _NAME.match(name)
    found = next((folder / "uploads" / str(owner_id)).glob(f"{name}-*"), None) if known else None
    match = _FILE.match(found.name) if found else None
    if found is None or match is None:
        raise NotFound("core.upload_unknown")
    if _written(found) < (now - KEPT).timestamp():
        raise Gone("core.upload_unknown")
    length = int(match[2])
    if match[3] == "done":
        return Upload(name, length, length, found, json.loads(found.read_text(encoding="utf-8")))
    return Upload(name, length, found.stat().st_size, found)


def append(upload: Upload, stream: IO[bytes], *, offset: int, now: datetime) -> Upload:
    """Add what the stream holds, from `offset` on. Every block is kept as it comes, so that a stream that breaks off
    loses nothing. `Conflict` when another offset is due: another request was quicker, or an answer was lost."""
    with _room_on_disk():
        at = offset
        while at < upload.length and (block := stream.read(min(_BLOCK, upload.length - at))):
            _write(upload, block, at, now)
            at += len(block)
        if at == offset:  # nothing was sent: it only asks, and must know what it asks for
            _check(upload.file.stat().st_size if upload.outcome is None else upload.length, at)
    return Upload(upload.name, upload.length, at, upload.file, upload.outcome)


def finish(upload: Upload, outcome: Any, *, now: datetime) -> None:
    """Keep what became of the file instead of the file, so that a lost answer can be given again."""
    done = upload.file.with_suffix(".done")
    aside = upload.file.with_name(f".{done.name}")
    aside.write_text(json.dumps(outcome), encoding="utf-8")
    _stamp(aside, now)
    aside.replace(done)
    upload.file.unlink(missing_ok=True)


def forget(upload: Upload) -> None:
    """Remove it; what is gone already is no matter."""
    upload.file.unlink(missing_ok=True)


def sweep(*, folder: Path, now: datetime) -> int:
    """Forget what waited too long; how many files."""
    swept = 0
    for file in (folder / "uploads").glob("*/*"):
        with suppress(OSError):
            if _written(file) < (now - KEPT).timestamp():
                file.unlink()
                swept += 1
    return swept


def _write(upload: Upload, block: bytes, at: int, now: datetime) -> None:
    """One block, where nobody else wrote meanwhile."""
    try:
        with upload.file.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _check(file.seek(0, os.SEEK_END), at)
            try:
                file.write(block)
                file.flush()
            except OSError:
                file.truncate(at)
                raise
    except FileNotFoundError as error:
        raise NotFound("core.upload_unknown") from error
    _stamp(upload.file, now)


def _check(due: int, given: int) -> None:
    if due != given:
        raise Conflict("core.upload_elsewhere", offset=due)


@contextmanager
def _room_on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable("core.no_room", retry_after=60) from error


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _stamp(file: Path, now: datetime) -> None:
    """By the house's clock, not the disk's."""
    with suppress(FileNotFoundError):
        os.utime(file, (now.timestamp(), now.timestamp()))
