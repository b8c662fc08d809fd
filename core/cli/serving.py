"""`portico serve` and `portico worker`."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from core.cli.base import console, run
from core.config import ConfigError
from core.logs import set_up_logs
from core.messages.worker import run_worker
from core.server import WITHOUT_WORKER

if TYPE_CHECKING:
    from core.db import Database
    from core.registry import Registry


async def _nothing(_database: Database, _registry: Registry) -> None:
    """Look only whether the process can be set up and the database is up to date."""


def check_port(host: str, port: int) -> None:
    """
    Go on only if nobody listens at the port: the server would share it, and every other visitor meet the other one.

    Raises:
        ConfigError: somebody does.

    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"{host}:{port} cannot be listened at: {error.strerror}. Take another port with --port"
            raise ConfigError(message) from error


def start_server(*, host: str, port: int, workers: int) -> None:
    """Serve until told to stop; returns then."""
    # Never forked: threads stay behind in a fork, those of the file storage too, and the demo has stored files by then.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "core.server:create_app",
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=15,
    ).serve()


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Server processes; as many as there are cores.")] = 1,
    worker: Annotated[  # noqa: FBT002 -- typer takes options as parameters
        bool, typer.Option("--worker/--no-worker", help="Run a worker inside each server process.")
    ] = True,
) -> None:
    """Serve the portals. One worker for mail and other later work runs inside, unless --no-worker."""
    check_port(host, port)
    run(_nothing)
    if not worker:
        os.environ[WITHOUT_WORKER] = "1"
    console.print(f"Portico listens at http://{host}:{port}")
    start_server(host=host, port=port, workers=workers)


def worker() -> None:
    """Do the work that comes later: mail, notifications, schedules."""
    set_up_logs()

    async def work(_database: Database, _registry: Registry) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        console.print("The worker works. Stop it with Ctrl-C.")
        await run_worker(stop)

    run(work)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(worker)
