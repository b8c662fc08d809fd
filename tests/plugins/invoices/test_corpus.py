"""Real files of others, taken into an empty tenant: shown on a page, or kept with a true reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.sdk import imports
from plugins.invoices.importing import SUFFIXES, import_files
from plugins.invoices.services import KIND
from tests.plugins.invoices.made import stored
from tests.portal_fixtures import Portal

CORPUS = Path(os.environ.get("PORTICO_CORPUS", "")) / "invoices"
FILES = sorted(path for path in CORPUS.rglob("*") if path.suffix.lower() in SUFFIXES) if CORPUS.is_dir() else []


@pytest.mark.skipif(not FILES, reason="PORTICO_CORPUS names no folder of real files")
async def test_every_file_is_published_or_kept_with_its_reason(portal: Portal) -> None:
    async with portal.work():
        results = [result async for result in import_files(files=FILES, create_customers=True)]
        invoices = await stored()
        waiting = await imports.open_problems(kind=KIND)
    assert {result.outcome for result in results} <= {"created", "unchanged", "quarantined"}, [
        (result.place, str(result.reason)) for result in results if result.outcome == "refused"
    ]
    assert len(invoices) + len(waiting) + sum(result.outcome == "unchanged" for result in results) == len(results)
    assert all(str(result.reason) for result in results if result.outcome == "quarantined")
    for problem in waiting:
        print(f"{problem.place}: {problem.reason}")  # noqa: T201 -- for whoever runs it to judge
    desk = await portal.browser(await portal.staff("pilar@obrador.test"), language="es")
    for invoice in invoices:
        for path in (f"/staff/invoices/{invoice.id}", f"/staff/invoices/{invoice.id}/print"):
            page = await desk.get(path)
            assert page.status_code == 200, (invoice.number, page.text)
    for problem in waiting:
        page = await desk.get(f"/staff/invoices/quarantine/{problem.id}")
        assert page.status_code == 200, (problem.place, page.text)
