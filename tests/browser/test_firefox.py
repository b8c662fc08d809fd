"""
The same steps in Firefox: from the mail to the downloaded file, the ways in, filters, hours, pages at two widths.

The tests are those of the files beside this one, which drive Chromium; here `browser` is a Firefox.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import test_hours, test_story, test_ways_in, test_ways_of_using
from tests.browser.running import Demo, firefox
from tests.browser.test_accessibility import NARROW, WIDE, as_list, sideways, visit_of
from tests.browser.watching import watched

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Firefox, started once."""
    async with firefox() as started:
        yield started


test_from_an_empty_database_to_the_downloaded_file = test_story.test_from_an_empty_database_to_the_downloaded_file
test_the_ways_in = test_ways_in.test_the_ways_in
test_a_week_is_approved_by_keyboard_and_taken_back = test_hours.test_a_week_is_approved_by_keyboard_and_taken_back
test_the_keyboard_is_enough = test_ways_of_using.test_the_keyboard_is_enough
test_menus_shut_on_escape_and_on_a_click_beside_them = (
    test_ways_of_using.test_menus_shut_on_escape_and_on_a_click_beside_them
)
test_the_rail_opens_over_the_page_and_says_names = test_ways_of_using.test_the_rail_opens_over_the_page_and_says_names
test_filters_narrow_a_list_and_let_go_again = test_ways_of_using.test_filters_narrow_a_list_and_let_go_again


@pytest.mark.parametrize("who", ["nobody", "contact", "staff"])
async def test_no_page_is_wider_than_the_screen(who: str, browser: Browser, demo: Demo) -> None:
    visit, states = await visit_of(browser, demo, "obrador", "marta@ferran.example", "elena@obrador.example")
    found: list[str] = []
    options: dict[str, Any] = {"storage_state": states[who], "locale": "es"}
    for size in (WIDE, NARROW):
        async with watched(browser, viewport=size, **options) as context:
            page = await context.new_page()
            for whose, place, url in visit.places():
                if whose == who:
                    await page.goto(url)
                    found += await sideways(page, place.name)
    assert not found, as_list(found)
