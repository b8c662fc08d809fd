"""Papers of every kind, taken in through the front door: published with their figures, and their pages can be drawn."""

from __future__ import annotations

from dataclasses import replace

from core.sdk import imports
from plugins.invoices.services import KIND, receive_file
from tests.plugins.invoices.made import stored
from tests.plugins.invoices.reading.suite.as_cii import cii
from tests.plugins.invoices.reading.suite.as_facturae import facturae
from tests.plugins.invoices.reading.suite.as_ubl import ubl
from tests.plugins.invoices.reading.suite.paper import minor
from tests.plugins.invoices.reading.suite.test_suite_en16931 import PAPERS
from tests.plugins.invoices.reading.suite.test_suite_facturae import PAPERS as SPANISH
from tests.portal_fixtures import Portal


async def test_all_are_published_and_drawn(portal: Portal) -> None:
    files: dict[str, tuple[bytes, int]] = {}
    for number, (name, paper) in enumerate(PAPERS.items()):
        mine = replace(paper, number=f"P-{number}")
        write = cii if number % 2 else ubl
        files[name] = write(mine), minor(mine.gross, mine.currency)
    for number, (name, (paper, spanish)) in enumerate(SPANISH.items()):
        mine = replace(paper, number=f"S-{number}")
        files[f"{name} in Spain"] = facturae((mine, spanish)), minor(spanish.gross(mine), mine.currency)
    outcomes = {}
    async with portal.work(), imports.running(kind=KIND, way="command") as run:
        for name, (data, _) in files.items():
            (received,) = await receive_file(run=run, name=f"{name}.xml", data=data, create_customers=True)
            outcomes[name] = (received.result.outcome, received.invoice)
    assert {name: outcome for name, (outcome, _) in outcomes.items() if outcome != "created"} == {}
    async with portal.work():
        gross = {invoice.id: invoice.gross for invoice in await stored()}
    assert {name: gross[id] for name, (_, id) in outcomes.items() if id} == {
        name: stated for name, (_, stated) in files.items()
    }
    desk = await portal.browser(await portal.staff("pilar@obrador.test"), language="es")
    for _, invoice in outcomes.values():
        page = await desk.get(f"/staff/invoices/{invoice}")
        assert page.status_code == 200, page.text
