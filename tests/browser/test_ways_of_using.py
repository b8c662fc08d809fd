"""Other ways to use the portal: by keyboard alone, without scripts, on paper."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from core.clock import now
from plugins.invoices.demo_files import DemoInvoice, DemoLine, DemoParty, as_ubl
from tests.browser.running import Demo
from tests.browser.watching import sign_in, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTACT, STAFF = "marta@ferran.example", "elena@obrador.example"
MOST_STEPS = 40
_FOCUS = """() => {
  const one = document.activeElement, look = getComputedStyle(one);
  const after = getComputedStyle(one, "::after");
  return [look, after].some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
}"""
_IN_VIEW = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


async def tab_to(page: Page, selector: str) -> int:
    """Press Tab until an element has the focus; on the way each stop shows that it has it. Returns the key presses."""
    for presses in range(1, MOST_STEPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            continue
        assert await page.evaluate(_FOCUS), await page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        assert await page.evaluate(_IN_VIEW), await page.evaluate(
            "() => document.activeElement.outerHTML.slice(0, 200)"
        )
        if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return presses
    raise AssertionError(f"the keyboard does not reach {selector} at {page.url}")


async def test_on_a_phone_an_invoice_has_its_amounts_in_view(browser: Browser, demo: Demo) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es", viewport={"width": 360, "height": 740}) as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(f"{login['url'].rstrip('/')}/invoices?period=all")
        await page.locator(".list .row-link").first.click()
        await expect(page.locator(".doc-brief").first).to_be_visible()
        assert await page.locator(".doc-scroll").evaluate_all(
            "all => all.map(one => one.scrollWidth <= one.clientWidth)"
        ) == [True, True]


async def test_the_keyboard_is_enough(browser: Browser, demo: Demo) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es") as context:
        page = await context.new_page()
        await page.goto(login["url"])
        await tab_to(page, '[name="email"]')
        await page.keyboard.type(login["email"])
        await tab_to(page, '[name="password"]')
        await page.keyboard.type(login["password"])
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await tab_to(page, '.rail-list a[href="/invoices"]')
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        # the first stop of a page leads past its frame
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await tab_to(page, ".row-link")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await tab_to(page, ".page-actions a[download]")
        async with page.expect_download() as waiting:
            await page.keyboard.press("Enter")
        assert (await waiting.value).suggested_filename.endswith((".pdf", ".xml"))
        # the way out
        await page.evaluate("() => document.activeElement.blur()")
        await page.reload()
        await tab_to(page, "#person-menu > summary")
        await page.keyboard.press("Enter")
        await expect(page.locator("#person-menu")).to_have_attribute("open", "")
        await tab_to(page, '#person-menu form[action="/logout"] button')
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page.locator('form[action="/sign-in"]')).to_be_visible()
        await page.go_back()
        await expect(page.locator(".topbar")).to_have_count(0)


async def test_menus_shut_on_escape_and_on_a_click_beside_them(browser: Browser, demo: Demo) -> None:
    login = demo.login("carlos@bahiaazul.example", "obrador")
    async with watched(browser, locale="es") as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await expect(page.locator("#person-menu > summary")).to_contain_text("Carlos Méndez")
        await expect(page.locator("#company-menu > summary")).to_be_visible()
        for name in ("#person-menu", "#company-menu"):
            menu = page.locator(name)
            await menu.locator("summary").press("Enter")
            await expect(menu).to_have_attribute("open", "")
            await expect(menu.locator(".menu-item").first).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(menu).not_to_have_attribute("open", "")
            await expect(menu.locator("summary")).to_be_focused()
            await menu.locator("summary").click()
            await expect(menu).to_have_attribute("open", "")
            await page.locator("h1").click()
            await expect(menu).not_to_have_attribute("open", "")


async def test_the_rail_opens_over_the_page_and_says_names(browser: Browser, demo: Demo) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es", viewport={"width": 1280, "height": 800}) as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        rail, heading = page.locator("#rail"), page.locator("h1")
        name = page.locator('.rail-list a[href="/invoices"] .rail-label')

        async def width() -> float:
            box = await rail.bounding_box()
            assert box is not None
            return box["width"]

        at = await heading.bounding_box()
        assert await width() == 64
        await rail.hover()
        await expect(name).to_have_css("opacity", "1")
        assert await width() > 200
        assert await heading.bounding_box() == at
        await page.mouse.move(900, 600)
        await expect(name).to_have_css("opacity", "0")
        await page.locator('.rail-list a[href="/invoices"]').focus()
        await expect(name).to_have_css("opacity", "1")
        await expect(name).to_have_text("Facturas")
        assert await heading.bounding_box() == at
        await page.keyboard.press("Escape")
        await expect(name).to_have_css("opacity", "0")
        assert await width() == 64
        # its name is there for who does not see it
        await expect(page.get_by_role("link", name="Facturas").first).to_be_attached()


async def test_the_rail_opens_by_a_tap(browser: Browser, demo: Demo) -> None:
    login = demo.login(STAFF, "obrador")
    options = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True, "locale": "es"}
    async with watched(browser, **options) as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        last = page.locator(".rail-list a").last
        await expect(last).to_be_hidden()
        await page.locator(".rail-toggle").tap()
        await expect(page.locator(".rail-toggle")).to_have_attribute("aria-expanded", "true")
        await expect(last).to_be_visible()
        await last.tap()
        await expect(page).to_have_url(re.compile("/staff/preferences"))


async def test_scripts_are_not_needed(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es", java_script_enabled=False) as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.locator('.rail-list a[href="/invoices"]').click()
        await page.locator(".segment").last.click()
        everything = await page.locator(".row-link").count()
        await page.locator("#filter-details > summary").click()
        await page.locator("#filter-details .filter-panel input[type=checkbox]").first.check()
        await page.locator("#filter-details .filter-panel button").first.click()
        await expect(page.locator(".filter-chip")).to_have_count(1)
        assert 0 < await page.locator(".row-link").count() < everything
        await page.locator(".row-link").first.click()
        async with page.expect_download() as waiting:
            await page.locator(".page-actions a[download]").click()
        assert (await (await waiting.value).path()).stat().st_size > 1000
        said = "¿Pueden enviarnos el detalle de las horas?"
        await page.locator('.comment-box [name="text"]').fill(said)
        await page.locator(".comment-box button").last.click()
        await expect(page.locator(".timeline blockquote").last).to_contain_text(said)

    login = demo.login(STAFF, "obrador")
    seller = DemoParty(name="Obrador Trabajo Temporal", tax_id="B86561412")
    buyer = DemoParty(name="Talleres Ferrán e Hijos, S.L.", tax_id="B58378431")
    line = DemoLine(name="Horas", quantity="1", price="10")
    sent = DemoInvoice(number="SIN-JS-1", seller=seller, buyer=buyer, issued_on=now().date(), lines=(line,))
    (tmp_path / "SIN-JS-1.xml").write_bytes(as_ubl(sent))
    async with watched(browser, locale="es", java_script_enabled=False) as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(f"{login['url']}/staff/invoices/upload")
        await page.locator('input[type="file"]').set_input_files(tmp_path / "SIN-JS-1.xml")
        await page.locator("form[data-upload] .form-actions button").click()
        await expect(page.locator(".result .chip")).to_have_attribute("data-tone", "success")


async def test_filters_narrow_a_list_and_let_go_again(browser: Browser, demo: Demo) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es") as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(f"{login['url'].rstrip('/')}/invoices?period=all")
        rows, chips = page.locator(".row-link"), page.locator(".filter-chip")
        everything = await rows.count()
        await page.locator("#filter-details > summary").click()
        panel = page.locator("#filter-details .filter-panel")
        option = panel.locator("label.choice:has(input[type=checkbox]):has(.count)").first
        told = int(str(await option.locator(".count").text_content()))
        assert 0 < told < everything
        await option.locator("input").check()
        await panel.locator('button:not([type="button"])').first.click()
        await expect(chips).to_have_count(1)
        await expect(rows).to_have_count(told)
        await chips.click()
        await expect(chips).to_have_count(0)
        await expect(rows).to_have_count(everything)


async def test_print_is_a_document(browser: Browser, demo: Demo) -> None:
    login = demo.login(CONTACT, "obrador")
    async with watched(browser, locale="es") as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        await page.goto(f"{login['url']}/invoices?period=all")
        await page.locator(".row-link").first.click()
        await expect(page.locator("h1")).to_be_visible()
        number = await page.locator(".doc-title").text_content()
        await page.emulate_media(media="print")
        for part in (".topbar", ".rail", ".comment-box", ".page-actions"):
            await expect(page.locator(part)).to_be_hidden()
        await expect(page.locator(".document")).to_be_visible()
        paper = PdfReader(io.BytesIO(await page.pdf(format="A4")))
        assert len(paper.pages) <= 2
        assert str(number) in paper.pages[0].extract_text()


async def test_the_looks_are_a_switch_that_is_kept(browser: Browser, demo: Demo) -> None:
    login = demo.login("beatriz@boavista.example", "contabil")
    async with watched(browser, color_scheme="light") as context:
        page = await context.new_page()
        await sign_in(page, login["url"], login["email"], login["password"])
        bright = await page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
        await page.locator("#person-menu > summary").click()
        async with page.expect_response(lambda answer: answer.url.endswith("/theme")):
            await page.locator('.theme-switch button[value="dark"]').click()
        assert await page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") != bright
        await page.reload()
        assert await page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") != bright
