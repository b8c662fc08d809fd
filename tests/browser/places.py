"""What a page of the inventory is, and what people do on pages: for the inventory and for those of the modules."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from playwright.async_api import Page

UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

State: TypeAlias = "tuple[str, str, Callable[[Page], Awaitable[None]]]"
"""Who looks, at which path, and what she does there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page; `{name}` in its path is looked up in the demo."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What a module shows: `tests/plugins/<id>/places.py` holds it as `PAGES`."""

    contact: tuple[Place, ...]
    staff: tuple[Place, ...]
    look_up: Mapping[str, tuple[str, str, str]]
    """Where an id is found: as whom, at which page, by which link."""
    look_further: Callable[[Mapping[str, Page], Any], Awaitable[None]] | None = None
    """Finds ids that take more than a link; takes the pages of who is signed in, and the visit."""
    states: tuple[State, ...] = ()
    """What opens on its pages."""
    no_pages: frozenset[str] = field(default_factory=frozenset)
    """Paths of routes that are no pages: files, data, addresses that only lead elsewhere."""


async def linked(page: Page, url: str, link: str) -> list[str]:
    """Return what *link* finds on a page, each once."""
    await page.goto(url)
    found: list[str] = re.findall(link, await page.content())
    assert found, f"{url} links nothing like {link}"
    return list(dict.fromkeys(found))


async def open_filters(page: Page) -> None:
    """Open the panel of filters."""
    await page.locator("#filter-details > summary").click()


async def tick(page: Page) -> None:
    """Tick the first row; back at the top, so that nothing lies half under the bar there."""
    await page.locator("tbody .tick input").first.check()
    await page.evaluate("scrollTo(0, 0)")


async def ask_again(page: Page) -> None:
    """Press what asks again first."""
    await page.locator("[data-confirm]").first.click()
    await page.locator("#confirm[open]").wait_for()


async def send_nothing(page: Page) -> None:
    """Send a form without what it needs."""
    form = page.locator("main form.form, main form.stack").first
    await form.evaluate("form => { form.noValidate = true; }")
    await form.locator(".form-actions button").first.click()
    await page.locator(".error-summary").wait_for()


async def suggestions(page: Page) -> None:
    """Open a type-ahead."""
    await page.locator("combo-box input").first.click()
    await page.locator("combo-box [role=option]").first.wait_for()
