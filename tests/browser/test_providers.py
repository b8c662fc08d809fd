"""Signing in and registering with a provider in a browser: the demo's own, with a script and without."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.running import Demo
from tests.browser.watching import sign_in, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARTA = "marta@ferran.example"


async def through(page: Page, who: str) -> None:
    """Press the provider's button, and be somebody there."""
    await page.locator(".ways button").click()
    await page.wait_for_url(re.compile("/demo-id/authorize"))
    await page.locator("main a", has_text=who).click()


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
async def test_signing_in(browser: Browser, demo: Demo, script: bool) -> None:
    async with watched(browser, java_script_enabled=script, locale="en") as context:
        page = await context.new_page()
        await page.goto(demo.site.url("obrador", "/?next=%2Fprofile"))
        await through(page, "Marta")
        await page.wait_for_url(demo.site.url("obrador", "/profile"))
        await page.goto(demo.site.url("obrador", "/account/sign-in"))
        await expect(page.locator("main")).to_contain_text("Demo ID")


async def test_who_is_known_nowhere_registers(browser: Browser, demo: Demo) -> None:
    async with watched(browser, locale="en", viewport={"width": 360, "height": 740}) as context:
        page = await context.new_page()
        await page.goto(demo.site.url("obrador", "/register?lang=en"))
        await through(page, "Alex")
        await page.wait_for_url(re.compile(r"/register\?with="))
        names = ("given_name", "family_name", "email")
        assert [await page.locator(f'[name="{name}"]').input_value() for name in names] == [
            "Alex",
            "Nova",
            "alex@nova.example",
        ]
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_connecting_and_taking_away(browser: Browser, demo: Demo) -> None:
    async with watched(browser, locale="en") as context:
        page = await context.new_page()
        login = demo.login("nuria@ferran.example", "obrador")
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(demo.site.url("obrador", "/account/sign-in"))
        await page.locator('main button[name="provider"]').click()
        await page.wait_for_url(re.compile("/demo-id/authorize"))
        await page.locator("main a", has_text="Camille").click()
        await page.wait_for_url(demo.site.url("obrador", "/account/sign-in"))
        taken_away = page.locator('main button[formaction$="/disconnect"]')
        await expect(taken_away).to_have_count(1)
        await taken_away.click()
        await page.locator("dialog[open] button[data-kind]").first.click()
        await expect(page.locator('main button[formaction$="/disconnect"]')).to_have_count(0)
