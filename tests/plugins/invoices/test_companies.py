"""A contact of two companies: the one chosen narrows lists and cards; records stay open; forms carry it."""

from __future__ import annotations

import re
from uuid import UUID

from tests.plugins.invoices.made import ACME, deliver_ubl, stored
from tests.plugins.invoices.test_pages import TAX_ID
from tests.portal_fixtures import Browser, Portal

ZETA_TAX_ID = "B58378431"


async def two_companies(portal: Portal) -> tuple[Browser, UUID, UUID]:
    """Ana belongs to both; each has one overdue invoice, F-1 at Acme and Z-1 at Zeta."""
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    zeta = await portal.customer("Zeta SL", tax_id=ZETA_TAX_ID)
    async with portal.work():
        await deliver_ubl("F-1")
        await deliver_ubl("Z-1", buyer=ACME.__class__(name="Zeta SL", tax_id=f"ES{ZETA_TAX_ID}", city="Madrid"))
        assert {one.number: one.customer for one in await stored()} == {"F-1": acme.id, "Z-1": zeta.id}
    return await portal.browser(await portal.contact("ana@acme.test", acme, zeta)), acme.id, zeta.id


async def ids(portal: Portal) -> dict[str, UUID]:
    async with portal.work():
        return {one.number: one.id for one in await stored()}


async def listed(browser: Browser) -> set[str]:
    html = (await browser.get("/invoices?period=all")).text
    return set(re.findall(r'class="row-link"[^>]*>([^<]+)<', html))


async def counted(browser: Browser) -> dict[str, str]:
    """The numbers on the cards of the home page, by label."""
    html = (await browser.get("/")).text
    return dict(re.findall(r'class="card-label">([^<]+)</span>\s*<span class="card-value">([^<]+)<', html))


async def choose(browser: Browser, company: UUID | str) -> None:
    answer = await browser.post("/company/switch", {"company": str(company)}, page="/profile")
    assert answer.status_code == 303


async def test_the_chosen_company_narrows_lists_and_cards_and_records_ignore_it(portal: Portal) -> None:
    browser, acme, zeta = await two_companies(portal)
    invoices = await ids(portal)
    counts = []
    for company, seen in (("all", {"F-1", "Z-1"}), (acme, {"F-1"}), (zeta, {"Z-1"})):
        await choose(browser, company)
        assert await listed(browser) == seen
        for invoice in invoices.values():
            assert (await browser.get(f"/invoices/{invoice}")).status_code == 200
        counts.append((await counted(browser))["Unpaid invoices"])
    assert counts == ["2", "1", "1"]


async def test_the_menu_offers_companies_to_who_has_several(portal: Portal) -> None:
    browser, acme, zeta = await two_companies(portal)
    html = (await browser.get("/")).text
    assert set(re.findall(r'name="company" value="([^"]+)"', html)) == {"all", str(acme), str(zeta)}
    only = await portal.customer("Solo SL")
    alone = await portal.browser(await portal.contact("solo@solo.test", only))
    assert 'action="/company/switch"' not in (await alone.get("/")).text


async def test_a_bulk_action_shown_for_another_company_is_refused(portal: Portal) -> None:
    browser, acme, zeta = await two_companies(portal)
    await choose(browser, zeta)
    ticked = {"id": [str(one) for one in (await ids(portal)).values()]}
    for shown, status in ((zeta.hex, 200), (acme.hex, 409), ("all", 409)):
        posted = await browser.post(f"/invoices/export.xlsx?period=all&for={shown}", ticked, page="/profile")
        assert (shown, posted.status_code) == (shown, status)
