"""A closed loop: so many clients, each sends its next request when the last was answered, from its own process."""

import multiprocessing
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

CLIENTS = 4


@dataclass(frozen=True)
class Load:
    """What a closed loop saw: requests per second, the statuses, the median answer in milliseconds."""

    per_second: float
    statuses: dict[int, int]
    median_ms: float

    @property
    def clean(self) -> bool:
        """Whether every answer was a success."""
        return all(200 <= status < 400 for status in self.statuses)


def get(path: str, *, cookie: str = "") -> bytes:
    """One GET as it goes over the wire; sync workers close after each answer."""
    extra = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{extra}Connection: close\r\n\r\n".encode()


def post_json(path: str, body: str, *, token: str = "") -> bytes:
    """One POST of JSON as it goes over the wire."""
    return _json("POST", path, body, token)


def put_json(path: str, body: str, *, token: str = "") -> bytes:
    """One PUT of JSON as it goes over the wire."""
    return _json("PUT", path, body, token)


def _json(method: str, path: str, body: str, token: str) -> bytes:
    extra = f"Authorization: Bearer {token}\r\n" if token else ""
    raw = body.encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{extra}"
        f"Content-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + raw


def run(port: int, requests: Iterable[bytes], *, seconds: float) -> Load:
    """Send `requests` round and round from four clients for `seconds`, each beginning at another one."""
    wire = list(requests)
    return run_apart(port, [wire[n:] + wire[:n] for n in range(CLIENTS)], seconds=seconds)


def run_apart(port: int, wires: Sequence[list[bytes]], *, seconds: float) -> Load:
    """A client for each list, which sends its own requests round and round, in their order."""
    queue: multiprocessing.Queue[list[tuple[int, float]]] = multiprocessing.Queue()
    clients = [multiprocessing.Process(target=_client, args=(port, wire, seconds, queue)) for wire in wires]
    began = time.perf_counter()
    for client in clients:
        client.start()
    seen = [answer for _ in clients for answer in queue.get()]
    took = time.perf_counter() - began
    for client in clients:
        client.join()
    times = [spent for _status, spent in seen]
    return Load(
        per_second=len(seen) / min(took, seconds + 1),
        statuses=dict(Counter(status for status, _spent in seen)),
        median_ms=statistics.median(times) * 1000 if times else 0.0,
    )


def one(port: int, request: bytes) -> bytes:
    """The whole answer to one request."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(request)
        return b"".join(_received(line))


def _client(
    port: int, wire: list[bytes], seconds: float, queue: "multiprocessing.Queue[list[tuple[int, float]]]"
) -> None:
    seen: list[tuple[int, float]] = []
    until = time.perf_counter() + seconds
    for request in cycle(wire):
        began = time.perf_counter()
        if began >= until:
            break
        answer = one(port, request)
        seen.append((int(answer[9:12] or b"0"), time.perf_counter() - began))
    queue.put(seen)


def _received(line: socket.socket) -> Iterator[bytes]:
    while part := line.recv(65536):
        yield part


def median_of_three(measure: Callable[[], Load]) -> Load:
    """The run of the middle one of three."""
    runs = sorted((measure() for _ in range(3)), key=lambda load: load.per_second)
    return runs[1]
