"""Linking and the switcher in a browser, as the demo offers them: from the mail to the other portal, and back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.running import Demo
from tests.browser.test_accessibility import AXE, WIDE, as_list, look_at
from tests.browser.watching import watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROSA = "rosa@bahiaazul.example"
LINK = re.compile(r"http://contabil\.[^\"\s<]*?/invitation/[\w-]+")


async def invitation(page: Page, demo: Demo) -> str:
    """The link in the mail by which the second portal invites Rosa."""
    await page.goto(f"http://localhost:{demo.site.port}/mailbox")
    for mail in await page.locator("a", has_text=ROSA).or_(page.locator("li, tr", has_text=ROSA).locator("a")).all():
        address = await mail.get_attribute("href")
        inside = await page.context.request.get(f"http://localhost:{demo.site.port}{address}")
        if found := LINK.search(await inside.text()):
            return found[0]
    raise AssertionError


async def switch(page: Page) -> None:
    """Choose the other portal at the top right."""
    await page.locator("#office-menu > summary").click()
    await page.locator('#office-menu form button[aria-pressed="false"]').first.click()


async def test_rosa_links_and_switches(browser: Browser, demo: Demo) -> None:
    assert AXE.is_file(), "axe-core is missing. Installing makes it: uv sync --inexact --reinstall-package portico"
    password = demo.login(ROSA, "obrador")["password"]
    found: list[str] = []
    async with watched(browser, locale="pt-BR", viewport=WIDE) as context:
        await context.add_init_script(path=AXE)
        page = await context.new_page()
        link = await invitation(page, demo)
        await page.goto(link)
        found += await look_at(page, "linking")
        await page.locator('input[name="password"]').fill("not the one at all")
        await page.keyboard.press("Enter")
        await page.locator(".error-summary").wait_for()
        found += await look_at(page, "linking refused")
        await page.locator('input[name="password"]').fill(password)
        await page.keyboard.press("Enter")
        await page.locator("#office-menu").wait_for()
        await page.locator("#office-menu > summary").click()
        found += await look_at(page, "switcher")
        await page.locator('#office-menu a[href="/account/offices"]').click()
        found += await look_at(page, "my portals")
        await page.locator('a[href$="/unlink"]').last.click()
        found += await look_at(page, "unlink")
        await switch(page)
        await expect(page).to_have_url(re.compile(r"http://obrador\.[^/]+/"))
        await expect(page.locator("#office-menu .menu-text")).to_have_text("Obrador Trabajo Temporal")
        state = await context.storage_state()
    assert not found, as_list(found)
    async with watched(browser, locale="pt-BR", java_script_enabled=False, storage_state=state) as context:
        page = await context.new_page()
        await page.goto(demo.login(ROSA, "obrador")["url"])
        await switch(page)
        await expect(page).to_have_url(re.compile(r"http://contabil\.[^/]+/hand-over/"))
        await page.locator("main form button").click()
        await expect(page.locator("#office-menu .menu-text")).to_have_text("Contábil Ipê Assessoria")
