"""A browser, a mail server and a running demo for the tests in `tests/browser`.

They live as long as the session, on its event loop: tests that use them are marked `asyncio(loop_scope="session")`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.running import Demo, Postbox, chromium, mail_server, running_demo

expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def post() -> AsyncIterator[Postbox]:
    """A mail server of the test's own."""
    async with mail_server() as box:
        yield box


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """`portico demo`, filled and serving."""
    async with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running
