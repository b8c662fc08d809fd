"""A file whose bytes are gone: the reader gets a sentence, the staff is told."""

from __future__ import annotations

import re
from pathlib import Path

from core.config import settings
from core.records.tables import Activity
from tests.plugins.invoices.made import deliver_ubl
from tests.portal_fixtures import Portal

SENTENCE = "This file cannot be opened at the moment. We have been told and are looking into it."


def contents() -> list[Path]:
    folder = Path(settings().storage_url.removeprefix("file://"))
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_missing_file_is_said_kindly_and_noted_for_staff(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id="A58818501")
    browser = await portal.browser(await portal.contact("ana@acme.test", acme))
    async with portal.work():
        received = await deliver_ubl()
    page = (await browser.get(f"/invoices/{received.invoice}")).text
    file = re.findall(r'href="(/files/[^"]+)"', page)[0]
    assert (await browser.get(file)).status_code == 200
    stored = contents()
    assert len(stored) == 1
    stored[0].write_bytes(b"something else")
    for _ in ("damaged", "gone"):
        answer = await browser.get(file)
        assert (answer.status_code, SENTENCE in answer.text, "<h1>Not available</h1>" in answer.text) == (
            410,
            True,
            True,
        )
        assert "Something went wrong" not in answer.text
        stored[0].unlink(missing_ok=True)
    async with portal.work():
        assert await Activity.count().where(Activity.kind == "core.file_missing") == 1
