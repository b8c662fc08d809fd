"""What a browser complains about: errors of scripts, the content security policy, what does not load."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response

PAGES_ANSWER = (403, 404, 409, 410, 413, 422, 429)
"""Statuses of pages that tests provoke; Chromium reports each on the console."""
_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


@dataclass  # without slots: Playwright puts its wrappers on the object
class Watch:
    """Complaints of all pages of a browser context."""

    complaints: list[str] = field(default_factory=list)

    def page(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        url = message.location.get("url", "")
        status = _STATUS.match(message.text)
        if status and int(status[1]) in PAGES_ANSWER and "/static/" not in url:
            return
        self.complaints.append(f"{url}: {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")


@asynccontextmanager
async def watched(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """Somebody's browser: cookies of its own; nothing may have gone wrong in it at the end."""
    watch = Watch()
    context = await browser.new_context(**{"reduced_motion": "reduce", **options})
    context.set_default_timeout(30_000)
    context.on("page", watch.page)
    try:
        yield context
    finally:
        await context.close()
    assert watch.complaints == [], "\n".join(watch.complaints)


async def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Sign in at a portal's front page."""
    await page.goto(url)
    form = page.locator('form[action="/sign-in"]')
    await form.locator('[name="email"]').fill(email)
    await form.locator('[name="password"]').fill(password)
    await form.locator('button:not([type="button"])').click()
    await page.wait_for_load_state()
