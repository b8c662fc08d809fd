"""Documents of approvals: typesetting takes a while, so a reader gets a few of them in a minute."""

from __future__ import annotations

import pytest

from core.accounts import rate_limits
from core.clock import now
from core.people.actor import acting_as
from plugins.timesheets.services import approve_entries
from tests.plugins.timesheets.made import actor_of, works
from tests.portal_fixtures import Portal


@pytest.mark.parametrize("suffix", ["pdf", "xlsx"])
async def test_sheets_of_approvals_count_as_downloads(portal: Portal, suffix: str) -> None:
    made = await works(portal)
    async with portal.work():
        entries = await made.entries(2)
        by = await actor_of(made.manager)
        with acting_as(by):
            (approval,) = (await approve_entries(entries=entries, shown_at=now(), by=by)).approvals
    browser = await portal.browser(made.manager)
    path = f"/timesheets/approvals/{approval}/sheet.{suffix}"
    answers = [(await browser.get(path)).status_code for _ in range(rate_limits.EXPORT.burst + 1)]
    assert answers == [*[200] * rate_limits.EXPORT.burst, 429]
