"""Hours: approved by keyboard alone, taken back, disputed without scripts, put right by the office."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.running import Demo
from tests.browser.test_ways_of_using import tab_to
from tests.browser.watching import sign_in, watched

pytest.importorskip("plugins.timesheets", reason="the module of registered work is not installed")
pytestmark = pytest.mark.asyncio(loop_scope="session")

HERS, STAFF = "rosa@bahiaazul.example", "elena@obrador.example"
"""The basic role: what is registered on her own projects; and the office, which sees all."""
WAITING, APPROVED = '.chip[data-tone="info"]', '.chip[data-tone="success"]'


async def seen(page: Page, site: str, path: str) -> set[str]:
    """The paths of the entries that a list shows, on all its pages."""
    found: set[str] = set()
    await page.goto(site + path)
    while True:
        for link in await page.locator(".list .row-link").all():
            found.add(str(await link.get_attribute("href")).removeprefix("/staff"))
        onward = page.locator('.pager a[rel="next"]')
        if not await onward.count():
            return found
        await page.goto(site + str(await onward.get_attribute("href")))


async def test_a_week_is_approved_by_keyboard_and_taken_back(browser: Browser, demo: Demo) -> None:
    login, office = demo.login(HERS, "obrador"), demo.login(STAFF, "obrador")
    site = login["url"].rstrip("/")
    async with watched(browser, locale="es") as hers, watched(browser, locale="es") as theirs:
        page, desk = await hers.new_page(), await theirs.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await sign_in(desk, office["url"], office["email"], office["password"])
        own = await seen(page, site, "/timesheets?period=all&state=for_approval")
        everything = await seen(desk, site, "/staff/timesheets?period=all&state=for_approval")
        assert own
        assert own < everything
        foreign = min(everything - own)
        answer = await page.goto(site + foreign)
        assert answer is not None
        assert answer.status == 404

        # the week of the newest entry, as the mail's button and the arrows lead to it
        await page.bring_to_front()  # of two windows one has the keyboard
        await page.goto(f"{site}/timesheets?period=all&state=for_approval")
        weeks = page.locator(".segments a").nth(1)
        await page.goto(site + str(await weeks.get_attribute("href")))
        while not await page.locator(WAITING).count():
            await page.goto(site + str(await page.locator('.period a[rel="prev"]').get_attribute("href")))
        waiting = await page.locator(f".list {WAITING}").count()
        await tab_to(page, ".skip")
        await page.keyboard.press("Enter")
        await tab_to(page, '.list-whole a[href*="approve-all"]')
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page.locator(".stat-value").first).to_have_text(str(waiting))
        await tab_to(page, '[name="reference"]')
        await page.keyboard.type("PO-7")
        await tab_to(page, '.form-actions button[data-kind="primary"]')
        async with page.expect_navigation():
            await page.keyboard.press("Space")
        assert await page.locator(f".list {WAITING}").count() == 0
        await tab_to(page, 'form[action$="/undo"] button')
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert await seen(page, site, "/timesheets?period=all&state=for_approval") == own

        # ticked by the space bar, approved by the bar that comes up: for good
        await page.goto(f"{site}/timesheets?period=all&state=for_approval")
        first = str(await page.locator(".list .row-link").first.get_attribute("href"))
        await tab_to(page, '.tick input[name="id"]')
        await page.keyboard.press("Space")
        await page.locator('.selection-bar button[formaction*="/timesheets/approve"]').focus()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await page.goto(site + first)
        await expect(page.locator(APPROVED).first).to_be_visible()
        await expect(page.locator('form[action="/timesheets/approve"]')).to_have_count(0)


async def test_an_entry_is_disputed_without_scripts_and_the_office_takes_it_over(browser: Browser, demo: Demo) -> None:
    login, office = demo.login(HERS, "obrador"), demo.login(STAFF, "obrador")
    site = login["url"].rstrip("/")
    async with (
        watched(browser, locale="es", java_script_enabled=False) as hers,
        watched(browser, locale="es", java_script_enabled=False) as theirs,
    ):
        page, desk = await hers.new_page(), await theirs.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(f"{site}/timesheets?period=all&state=for_approval")
        entry = str(await page.locator(".list .row-link").last.get_attribute("href"))
        await page.goto(site + entry)
        form = page.locator(f'form[action="{entry}/dispute"]')
        await page.locator("details", has=form).locator("summary").click()
        await form.locator('[name="reason"]').fill("Ese día no hubo <b>pausa</b>.")
        await form.locator('[name="starts"]').fill("9.00")
        await form.locator('[name="ends"]').fill("13h30")
        await form.locator('[name="pause"]').fill("")
        await form.locator("button").click()
        await page.wait_for_load_state()
        said = page.locator(".lines", has_text="Ese día no hubo <b>pausa</b>.")
        await expect(said).to_contain_text(re.compile(r"4\s+h\s+30\s+min · 09:00 – 13:30"))
        await expect(page.locator('form[action="/timesheets/approve"]')).to_have_count(0)

        await sign_in(desk, office["url"], office["email"], office["password"])
        await desk.goto(f"{site}/staff/timesheets?period=all&state=disputed")
        await desk.locator(f'.list .row-link[href="/staff{entry}"]').click()
        await desk.locator(f'form[action="/staff{entry}/accept"] button').click()
        await desk.wait_for_load_state()
        await page.goto(site + entry)
        await expect(page.locator(".document")).to_contain_text("09:00 – 13:30")
        await expect(page.locator("del").first).to_be_visible()
        await expect(page.locator('form[action="/timesheets/approve"]')).to_have_count(1)
