"""The demo shows each state, and run twice it changes nothing."""

from __future__ import annotations

from collections import Counter

from core.sdk import imports
from plugins.invoices.demo import fill
from tests.plugins.invoices.made import stored
from tests.portal_fixtures import Portal


async def test_the_demo_has_every_state(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    await portal.customer("Beta SL")
    async with portal.work():
        await fill()
        invoices = await stored()
        problems = await imports.open_problems(kind="invoices")
        today = (await portal.snapshot()).today()
    assert Counter(each.payment_state for each in invoices) == {"collected": 14, "pending": 11, "partial": 4}
    assert {each.document_type for each in invoices} == {"invoice", "credit_note"}
    assert {each.currency for each in invoices} == {"EUR", "USD"}
    assert {each.source_format for each in invoices} == {"ubl", "cii", "facturx"}
    assert any(each.published_at is None for each in invoices)
    assert any(each.due_on and each.due_on < today and each.payment_state == "pending" for each in invoices)
    assert {each.reason for each in problems} == {
        "unknown-customer",
        "pdf-without-invoice",
        "sums",
        "conflict",
        "truncated-pdf",
    }


async def test_the_demo_made_twice_is_the_demo_made_once(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    async with portal.work():
        await fill()
        first = [(each.id, each.version, each.paid) for each in await stored()]
        problems = [each.id for each in await imports.open_problems(kind="invoices")]
        await fill()
        assert [(each.id, each.version, each.paid) for each in await stored()] == first
        assert [each.id for each in await imports.open_problems(kind="invoices")] == problems
