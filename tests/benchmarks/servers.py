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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0
PORTAL = "from core.cli import main; main()"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
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
        yield
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
def portal(environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """Serve the portal as `portico serve` does, and give the port."""
    port = free_port()
    with served(["-c", PORTAL, "serve", "--no-worker", "--port", str(port)], port, environment, log):
        yield port


@contextmanager
def limit(environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """Serve the bare limit, and give the port."""
    port = free_port()
    with served(["-m", "tests.benchmarks.limit", str(port)], port, environment, log):
        yield port
