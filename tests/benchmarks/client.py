"""
The load: keep-alive connections that each ask for the next page as soon as the last one is there.

A process of its own, so that it shares nothing with what it measures but the machine:
`python -m tests.benchmarks.client PORT SECONDS CONNECTIONS FILE`, where FILE is a JSON list of {host, token, path}.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from typing_extensions import override

ROOT = Path(__file__).resolve().parents[2]
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    host: str
    token: str
    path: str

    def encoded(self) -> bytes:
        """Return it as it goes over the wire."""
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}:8000\r\nCookie: portico_session={self.token}\r\n"
            "User-Agent: benchmark\r\nAccept: text/html\r\nAccept-Language: en\r\n\r\n"
        ).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it. Times in milliseconds; at so many connections they are mostly waiting for a turn."""

    answered: int
    failed: int
    seconds: float
    bytes: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, asks: Iterator[bytes], times: list[float], wrong: list[bytes], sizes: list[int]) -> None:
        self._asks, self._times, self._wrong, self._sizes = asks, times, wrong, sizes
        self._transport: asyncio.Transport | None = None
        self._got = bytearray()
        self._expected = 0
        self._began = 0.0
        self.closed = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._got.clear()
        self._expected = 0
        self._began = time.perf_counter()
        cast("asyncio.Transport", self._transport).write(next(self._asks))

    @override
    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._expected:
            end = self._got.find(_END)
            if end < 0:
                return
            head = bytes(self._got[:end]).lower()
            length = head.partition(_LENGTH)[2].partition(b"\r\n")[0]
            self._expected = end + len(_END) + int(length)
            if not head.startswith(b"http/1.1 200"):
                self._wrong.append(head.partition(b"\r\n")[0])
        if len(self._got) >= self._expected:
            self._times.append(time.perf_counter() - self._began)
            self._sizes.append(self._expected)
            self._ask()

    def leave(self) -> None:
        cast("asyncio.Transport", self._transport).abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def ask_for(port: int, asks: Sequence[Ask], *, seconds: float, connections: int = 8) -> Load:
    """Ask a server on this machine for *asks*, over and over."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    wrong: list[bytes] = []
    sizes: list[int] = []
    turn = itertools.cycle([ask.encoded() for ask in asks])
    began = time.perf_counter()
    opened = [
        (await loop.create_connection(lambda: _Connection(turn, times, wrong, sizes), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.wait([connection.closed for connection in opened], timeout=seconds)
    taken = time.perf_counter() - began
    answered = len(times)
    for connection in opened:
        connection.leave()
    if not times:
        raise RuntimeError("the server answered nothing")
    parts = statistics.quantiles(times, n=100) if answered > 1 else [times[0]] * 99
    return Load(
        answered=answered,
        failed=len(wrong),
        seconds=taken,
        bytes=sum(sizes) // answered,
        p50=parts[49] * 1000,
        p99=parts[98] * 1000,
    )


def load(port: int, asks: Path, *, seconds: float, connections: int = 8) -> Load:
    """Run the client in its own process."""
    command = [sys.executable, "-m", "tests.benchmarks.client", str(port), str(seconds), str(connections), str(asks)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Load(**json.loads(done.stdout))


def write_asks(path: Path, asks: Sequence[Ask]) -> None:
    """Leave *asks* for the client."""
    path.write_text(json.dumps([asdict(ask) for ask in asks]))


def main(arguments: list[str]) -> None:
    """Ask, and print what came of it as JSON."""
    port, seconds, connections, file = arguments
    asks = [Ask(**cast("dict[str, Any]", each)) for each in json.loads(Path(file).read_text())]
    found = asyncio.run(ask_for(int(port), asks, seconds=float(seconds), connections=int(connections)))
    print(json.dumps(asdict(found)))  # noqa: T201 -- read by the process that started it


if __name__ == "__main__":
    main(sys.argv[1:])
