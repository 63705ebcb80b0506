"""The cable between a browser and the server: it can be cut, mended, and break in the middle of an answer."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

Fate = Literal["through", "lost", "unanswered"]
"""Of a request: it comes to the server or not; or it does, and the answer is lost on its way back."""


class Wire:
    """`url` leads to the server on `port` (which may change: a server that was killed comes back on another one).

    `watch(pattern, seen)`: `seen()` decides, in the wire's own thread, what becomes of a request that begins so.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.whole = True
        self._watched: tuple[re.Pattern[bytes], Callable[[], Fate]] | None = None
        self._ends: set[socket.socket] = set()
        self._mute: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def watch(self, pattern: str, seen: Callable[[], Fate]) -> None:
        self._watched = (re.compile(pattern.encode()), seen)

    def cut(self) -> None:
        """No connection comes through, and those that stand break."""
        self.whole = False
        self._break()

    def mend(self) -> None:
        self.whole = True

    def stop(self) -> None:
        self.cut()
        self._door.close()

    def _break(self) -> None:
        for end in list(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            self._ends.add(near)
            first = near.recv(
                65_536
            )  # browsers open connections in advance, which would keep the one worker waiting
            if not (first and self.whole):
                return
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as far:
                self._ends.add(far)
                back = threading.Thread(target=self._pour, args=(far, near), daemon=True)
                back.start()
                self._pour(near, far, first, outward=True)
                back.join()
                self._mute.discard(far)
                self._ends.discard(far)
        self._ends.discard(near)

    def _pour(
        self, source: socket.socket, sink: socket.socket, first: bytes = b"", *, outward: bool = False
    ) -> None:
        with suppress(OSError):
            while data := first or source.recv(65_536):
                first = b""
                fate = self._fate(data) if outward else "unanswered" if source in self._mute else "through"
                if fate == "lost" or (fate == "unanswered" and not outward):
                    break
                if fate == "unanswered":
                    self._mute.add(sink)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _fate(self, data: bytes) -> Fate:
        if self._watched is None or not self._watched[0].match(data):
            return "through"
        return self._watched[1]()
