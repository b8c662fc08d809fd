"""Entries under headings, page by page: each is shown once, those of no project too."""

from __future__ import annotations

import re

from core.records.base import beyond_reach
from plugins.timesheets.tables import Entry
from tests.plugins.timesheets.made import works
from tests.portal_fixtures import Portal

ENTRY = re.compile(r'href="/timesheets/([0-9a-f-]{36})"')
NEXT = re.compile(r'href="([^"]*after=[^"]*)"')


async def test_pages_of_groups_leave_nothing_out(portal: Portal) -> None:
    made = await works(portal)
    async with portal.work():
        wanted = {str(entry) for entry in await made.entries(15)}
        wanted |= {str(await made.entry(project=made.other)) for _ in range(15)}
        more = [await made.entry() for _ in range(15)]
        with beyond_reach("tests: entries of no project"):
            await Entry.update({Entry.project: None}).where(Entry.id.is_in(more))
        wanted |= {str(entry) for entry in more}
    browser = await portal.browser(made.manager)
    for group in ("project", "worker", "day", "week"):
        path, seen = f"/timesheets?period=all&sort=by_{group}", list[str]()
        while path:
            page = (await browser.get(path)).text
            seen += dict.fromkeys(ENTRY.findall(page))
            further = NEXT.search(page)
            path = further[1].replace("&amp;", "&") if further else ""
        assert (sorted(seen), len(seen)) == (sorted(wanted), 45), group
