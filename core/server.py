"""The server process: what granian starts, once per worker process."""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.app import build_app
from core.bootstrap import set_up
from core.config import load_settings, settings
from core.db import Database, outside
from core.logs import set_up_logs
from core.messages.worker import run_worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Litestar
    from litestar.types import ASGIApp

WITHOUT_WORKER = "PORTICO_WITHOUT_WORKER"
DEMO = "PORTICO_DEMO"
COLLECTED_AFTER = 20_000
"""So many more things made than freed start a collection; Python's own 700 are for programs that allocate little."""


@asynccontextmanager
async def database_lifespan(_app: Litestar) -> AsyncIterator[None]:
    """Open the database for as long as the process serves."""
    database = await Database.open(settings().database_url)
    try:
        yield
    finally:
        await database.close()


@asynccontextmanager
async def settled_lifespan(_app: Litestar) -> AsyncIterator[None]:
    """
    Leave what was made at the start out of garbage collection: it stays, and looking at it is 3 % of a page.

    What a page makes is gone with it, without the collector: it need not look after every 700 things made, which is
    seven times a page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)
    yield


@asynccontextmanager
async def worker_lifespan(_app: Litestar) -> AsyncIterator[None]:
    """Run a worker inside the server process."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(stop), name="worker", context=outside())
    try:
        yield
    finally:
        stop.set()
        await task


def create_app() -> ASGIApp:
    """Set this process up from its environment, and return the application."""
    set_up_logs()
    set_up(load_settings(demo=os.environ.get(DEMO) == "1"))
    parts = [database_lifespan, settled_lifespan]
    if os.environ.get(WITHOUT_WORKER) != "1":
        parts.append(worker_lifespan)
    return build_app(lifespan=parts)
