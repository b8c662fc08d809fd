"""Every page for everybody: WCAG 2.2 AA as far as a program can tell, light and dark, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

import core.app
from core.bootstrap import set_up
from tests.architecture.tree import ROOT
from tests.browser.inventory import BASE_HOST, MODULES, Visit, look_up, session_of, speak
from tests.browser.places import State, send_nothing, suggestions
from tests.browser.running import Demo
from tests.browser.watching import watched
from tests.portal_fixtures import settings_for_tests

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = ROOT / "core" / "static" / "dev" / "axe.js"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 640}
EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What the dark looks can change; everything else is the same document."""
_RUN = """async (only) => {
  const { violations } = await axe.run(document, { runOnly: only, resultTypes: ["violations"], preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => {
    const why = node.any.map((one) => one.message).join("; ");
    return `${id}: ${node.target.join(" ")}: ${node.html.slice(0, 160)} ${why}`;
  }));
}"""
_TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [`${document.documentElement.scrollWidth}`, ...[...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))] : []"""

_visits: dict[tuple[str, str], tuple[Visit, dict[str, Any]]] = {}


async def visit_of(browser: Browser, demo: Demo, tenant: str, contact: str, staff: str) -> tuple[Visit, dict[str, Any]]:
    """Sign in at a portal of the demo, once for all tests."""
    if (tenant, contact) not in _visits:
        visit = Visit(demo, tenant, contact, staff, {})
        states: dict[str, Any] = {who: await session_of(browser, visit, who) for who in ("contact", "staff")}
        contexts = {who: await browser.new_context(storage_state=state) for who, state in states.items()}
        await look_up(contexts, visit)
        for context in contexts.values():
            await context.close()
        _visits[tenant, contact] = visit, {**states, "nobody": None}
    return _visits[tenant, contact]


@pytest_asyncio.fixture(loop_scope="session")
async def obrador(browser: Browser, demo: Demo) -> tuple[Visit, dict[str, Any]]:
    """The Spanish portal."""
    assert AXE.is_file(), "axe-core is missing. Installing makes it: uv sync --inexact --reinstall-package portico"
    return await visit_of(browser, demo, "obrador", "marta@ferran.example", "elena@obrador.example")


async def complaints(page: Page, name: str, only: dict[str, Any] = EVERYTHING) -> list[str]:
    """What axe finds on the page as it is."""
    return [f"{name}: {found}" for found in await page.evaluate(_RUN, only)]


async def sideways(page: Page, name: str) -> list[str]:
    """What makes the page wider than the screen."""
    return [f"{name}: wider than {page.viewport_size}: {found}" for found in await page.evaluate(_TOO_WIDE)]


def as_list(found: list[str]) -> str:
    """Complaints, one a line; the first of many."""
    return "\n".join(["", *found[:40], f"{len(found)} in all"])


async def fit(page: Page, size: Any) -> None:
    """
    Give the window a width, and the height that the page has there.

    As high as the page is: what happens to lie half under a bar that stays in view can be scrolled, and is no fault.
    """
    await page.set_viewport_size(size)
    tall: int = await page.evaluate("() => document.documentElement.scrollHeight")
    await page.set_viewport_size({**size, "height": min(max(size["height"], tall), 6_000)})


async def light_up(page: Page, scheme: Any) -> None:
    """Give the system a colour scheme; axe reads colours off the styles, so nothing need be painted."""
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way to another
    await page.evaluate("() => getComputedStyle(document.body).color")


async def look_at(page: Page, name: str) -> list[str]:
    """All looks of a page, each size once: a page laid out anew costs more than one in other colours."""
    found: list[str] = []
    for size, where, schemes in ((NARROW, "narrow", ("light", "dark")), (WIDE, "wide", ("dark", "light"))):
        await fit(page, size)
        for scheme in schemes:
            await light_up(page, scheme)
            if scheme == "light":
                found += await complaints(page, f"{name}, {where}")
                found += await sideways(page, f"{name}, {where}")
            else:
                found += await complaints(page, f"{name}, {where}, dark", COLOURS)
    return found


@pytest.mark.parametrize("who", ["nobody", "contact", "staff"])
async def test_every_page_is_accessible_in_every_look(
    who: str, browser: Browser, obrador: tuple[Visit, dict[str, Any]]
) -> None:
    visit, states = obrador
    found: list[str] = []
    places = [(place.name, url) for whose, place, url in visit.places() if whose == who]
    if who == "nobody":
        places += [(place.name, f"http://localhost:{visit.demo.site.port}{place.path}") for place in BASE_HOST[:2]]
    async with watched(browser, storage_state=states[who], locale="es", viewport=WIDE) as context:
        await context.add_init_script(path=AXE)
        page = await context.new_page()
        for name, url in places:
            await page.goto(url)
            found += await look_at(page, name)
    assert not found, as_list(found)


async def forgot(page: Page) -> None:
    await page.locator('[data-dialog="forgot"]').click()


async def failed_sign_in(page: Page) -> None:
    await page.locator('form[action="/sign-in"] [name="email"]').fill("nobody@example.net")
    await page.locator('form[action="/sign-in"] [name="password"]').fill("wrong wrong wrong")
    await page.keyboard.press("Enter")
    await page.locator(".error-summary").wait_for()


async def own_menu(page: Page) -> None:
    await page.locator("#person-menu > summary").click()


async def company_menu(page: Page) -> None:
    await page.locator("#company-menu > summary").click()


async def open_rail(page: Page) -> None:
    await page.locator(".rail-toggle").click()


STATES: tuple[State, ...] = (
    ("nobody", "/", forgot),
    ("nobody", "/", failed_sign_in),
    ("contact", "/", own_menu),
    ("contact", "/", company_menu),
    ("staff", "/staff", open_rail),
    ("staff", "/staff/customers/new", send_nothing),
    ("staff", "/staff/people/new", suggestions),
    ("staff", "/staff/people/new", send_nothing),
    *(state for module in MODULES for state in module.states),
)


async def test_what_opens_on_pages_is_accessible_too(browser: Browser, obrador: tuple[Visit, dict[str, Any]]) -> None:
    visit, states = obrador
    found: list[str] = []
    for who in ("nobody", "contact", "staff"):
        async with watched(browser, storage_state=states[who], locale="es", viewport=WIDE) as context:
            await context.add_init_script(path=AXE)
            page = await context.new_page()
            for _, path, act in (state for state in STATES if state[0] == who):
                for size in (WIDE, NARROW):
                    await page.set_viewport_size(size)
                    await page.goto(visit.url(path))
                    await act(page)
                    name = f"{path} {act.__name__} {size['width']}"
                    found += await complaints(page, name)
                    found += await sideways(page, name)
    assert not found, as_list(found)


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "tenant", "contact", "staff"),
    [
        ("fr", "lumiere", "camille@vieuxport.example", "luc@lumiere.example"),
        ("pt", "contabil", "joao@tresirmaos.example", "helena@contabil.example"),
        ("en", "lumiere", "carlos@bahiaazul.example", "luc@lumiere.example"),
    ],
)
async def test_a_phone_is_wide_enough_in_every_language(
    *, language: str, tenant: str, contact: str, staff: str, browser: Browser, demo: Demo
) -> None:
    visit, states = await visit_of(browser, demo, tenant, contact, staff)
    found: list[str] = []
    # the one member of staff there speaks French
    for who in ("nobody", "contact", "staff") if language != "en" else ("nobody", "contact"):
        async with watched(browser, storage_state=states[who], locale=language, viewport=NARROW) as context:
            page = await context.new_page()
            if who == "contact":
                await speak(page, visit.url("/profile"), language)
            await page.goto(visit.url("/staff" if who == "staff" else "/"))
            assert await page.locator("html").get_attribute("lang") in {language, "pt-BR"}
            for whose, place, url in visit.places():
                if whose == who:
                    await page.goto(url)
                    found += await sideways(page, f"{place.name}, {language}")
    assert not found, as_list(found)


async def test_the_inventory_has_every_page(
    obrador: tuple[Visit, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new page is looked at too."""
    built: list[Any] = []
    monkeypatch.setattr(core.app, "check_routes", built.extend)
    set_up(settings_for_tests(tmp_path))
    core.app.build_app()
    visit, _ = obrador
    seen = [url.removeprefix(visit.url("")).partition("?")[0] for _, _, url in visit.places()]
    missing = set()
    for route in built:
        pattern = re.sub(r"{[^}]+}", "[^/]+", route.path)
        methods = {method for handler in route.route_handlers for method in handler.http_methods}
        if (
            "GET" in methods
            and not route.path.startswith(("/api/", "/_/"))
            and not any(re.fullmatch(pattern, path) for path in seen)
        ):
            missing.add(route.path)
    assert missing == NO_PAGES


NO_PAGES = {
    "/customer/login",
    "/sign-in",
    "/theme.css",
    "/files/{file:uuid}",
    "/staff/customers/suggest",
    "/staff/log/export.csv",
    "/staff/people/import/template.xlsx",
    "/account/offices/{office:uuid}/unlink",
    *(path for module in MODULES for path in module.no_pages),
}
"""Files, data, and addresses that only lead elsewhere; the unlinking of an office takes somebody who has linked one."""
