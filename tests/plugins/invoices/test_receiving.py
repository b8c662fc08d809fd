"""Taking files in: what becomes of each, and that nothing else changes."""

from __future__ import annotations

from tests.plugins.invoices.made import deliver_ubl, stored
from tests.portal_fixtures import Portal


async def test_an_invoice_is_read_and_published(portal: Portal) -> None:
    customer = await portal.customer("Acme SA", tax_id="A58818501")
    async with portal.work():
        received = await deliver_ubl()
        (found,) = await stored()
    assert received.result.outcome == "created"
    assert received.invoice == found.id
    assert (found.customer, found.number, found.gross, found.due, found.payment_state) == (
        customer.id,
        "F-1",
        121_000,
        121_000,
        "pending",
    )
    assert found.published_at is not None


async def test_the_page_of_an_invoice(portal: Portal) -> None:
    customer = await portal.customer("Acme SA", tax_id="A58818501")
    ana = await portal.contact("ana@acme.test", customer)
    async with portal.work():
        received = await deliver_ubl()
    browser = await portal.browser(ana)
    page = await browser.get(f"/invoices/{received.invoice}")
    assert page.status_code == 200, page.text
    assert "F-1" in page.text
    listed = await browser.get("/invoices?period=all")
    assert listed.status_code == 200
    assert "F-1" in listed.text
