"""Servers of one worker each, in processes of their own, on a free port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0
PORTAL = "from core.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens at `port`; `session` names its processes."""

    port: int
    session: int

    def cpu_seconds(self) -> float:
        """Return what its processes have used of the processors so far; 0 where the system does not say."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(") ")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[3]) == self.session:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Run a server for a block; what it says goes to *log*."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, log)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not listen within {START_S:.0f} s: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def portal(environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve the portal as `portico serve` does."""
    port = free_port()
    with served(["-c", PORTAL, "serve", "--no-worker", "--port", str(port)], port, environment, log) as server:
        yield server


@contextmanager
def limit(environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve the bare limit."""
    port = free_port()
    with served(["-m", "tests.benchmarks.limit", str(port)], port, environment, log) as server:
        yield server
