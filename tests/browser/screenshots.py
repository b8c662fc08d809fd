"""Photographs of the demo, for people who change how pages look: `python -m tests.browser.screenshots FOLDER`.

Every page of the inventory, at 1280 and 360 pixels, light and dark, at the portals in Spanish, French, Portuguese and
English (the French portal with English chosen). No test; nothing is compared.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.inventory import BASE_HOST, Visit, look_up, session_of, speak
from tests.browser.running import Demo, chromium, firefox, running_demo

WIDTHS = {1280: 800, 360: 740}
THEMES = ("light", "dark")
PORTALS = {
    "es": ("obrador", "marta@ferran.example", "elena@obrador.example"),
    "fr": ("lumiere", "camille@vieuxport.example", "luc@lumiere.example"),
    "pt": ("contabil", "joao@tresirmaos.example", "helena@contabil.example"),
    "en": ("lumiere", "camille@vieuxport.example", "luc@lumiere.example"),
}
LONGEST = 4000
"""Pixels of a photograph's height; lists of hundreds of rows look alike below."""


async def photograph(browser: Browser, demo: Demo, language: str, theme: str, wanted: argparse.Namespace) -> int:
    """Photograph every page in a language and a colour scheme; returns how many."""
    tenant, contact, staff = PORTALS[language]
    visit = Visit(demo, tenant, contact, staff, {})
    states = {who: await session_of(browser, visit, who) for who in ("contact", "staff")}
    contexts = {who: await browser.new_context(storage_state=state) for who, state in states.items()}
    await look_up(contexts, visit)
    if language == "en":
        for context in contexts.values():
            await speak(await context.new_page(), visit.url("/profile"), "en")
        states = {who: dict(await context.storage_state()) for who, context in contexts.items()}
    places = visit.places() + [
        ("nobody", place, f"http://localhost:{demo.site.port}{place.path}") for place in BASE_HOST[:2]
    ]
    taken = 0
    for width in wanted.widths:
        size = {"width": width, "height": WIDTHS[width]}
        options = {"viewport": size, "color_scheme": theme, "reduced_motion": "reduce", "locale": language}
        for who in ("nobody", "contact", "staff"):
            context = await browser.new_context(**options, storage_state=states.get(who))
            page = await context.new_page()
            for _, place, url in (each for each in places if each[0] == who):
                if wanted.only and place.name not in wanted.only:
                    continue
                await page.goto(url)
                tall = await page.evaluate("document.documentElement.scrollHeight")
                await page.set_viewport_size({"width": width, "height": min(max(tall, WIDTHS[width]), LONGEST)})
                await page.screenshot(path=wanted.folder / f"{place.name}.{language}.{width}.{theme}.png")
                await page.set_viewport_size(size)
                taken += 1
            await context.close()
    for context in contexts.values():
        await context.close()
    return taken


async def main(wanted: argparse.Namespace) -> None:
    """Start a demo, photograph it, stop it."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portico-screenshots-") as home:
        async with running_demo(Path(home)) as demo:
            for theme in wanted.themes:
                async with firefox(theme) if wanted.browser == "firefox" else chromium() as browser:
                    for language in wanted.languages:
                        taken = await photograph(browser, demo, language, theme, wanted)
                        print(f"{language}, {theme}: {taken} taken, in {wanted.folder}")  # noqa: T201 -- for people


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="names of pages as in tests/browser/inventory.py")
    parser.add_argument("--languages", nargs="*", default=list(PORTALS), choices=list(PORTALS))
    parser.add_argument("--widths", nargs="*", type=int, default=list(WIDTHS), choices=list(WIDTHS))
    parser.add_argument("--themes", nargs="*", default=list(THEMES), choices=THEMES)
    parser.add_argument("--browser", default="chromium", choices=["chromium", "firefox"])
    asyncio.run(main(parser.parse_args()))
