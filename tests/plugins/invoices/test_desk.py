"""The desk of the back office: comments that nobody answered, few statements however many there are."""

from __future__ import annotations

import httpx
import pytest

from core.accounts.sessions import COOKIE
from core.db import count_queries
from core.people.actor import acting_as
from core.people.tables import Customer, Person, Role
from core.records.tables import Comment
from core.sdk import beyond_reach
from core.shell import home
from core.tenancy.snapshot import raise_version
from plugins.invoices.tables import Invoice
from tests.plugins.invoices.made import deliver_ubl
from tests.portal_fixtures import Portal, World


async def comment(portal: Portal, invoice: Invoice, by: Person, text: str, *, internal: bool = False) -> None:
    async with portal.work():
        await Comment.insert(Comment(record_kind="invoice", record=invoice.id, by=by.id, body=text, internal=internal))


async def delivered(portal: Portal, number: str) -> Invoice:
    async with portal.work():
        received = await deliver_ubl(number)
        with acting_as(None), beyond_reach("tests look behind"):
            found = await Invoice.objects().where(Invoice.id == received.invoice).first()
    assert found is not None
    return found


@pytest.fixture
async def acme(portal: Portal) -> Customer:
    return await portal.customer("Acme SA", tax_id="A58818501")


async def test_unanswered_comments_and_what_answers_them(portal: Portal, acme: Customer) -> None:
    ana, boss = await portal.contact("ana@a.example", acme), await portal.staff("boss@a.example")
    invoices = [await delivered(portal, f"F-{number}") for number in range(3)]
    for number, invoice in enumerate(invoices):
        await comment(portal, invoice, ana, f"question {number}")
    await comment(portal, invoices[1], boss, "answered")
    await comment(portal, invoices[2], boss, "a note among us", internal=True)
    browser = await portal.browser(boss)
    page = (await browser.get("/staff")).text
    assert [f"question {number}" in page for number in range(3)] == [True, False, True]


async def test_they_cost_no_statement_each(world: World, acme: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = world.first
    ana, boss = await portal.contact("ana@a.example", acme), await portal.staff("boss@a.example")
    browser = await portal.browser(boss)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=world.app),
        base_url=f"http://{portal.host}",
        headers={"host": portal.host, "cookie": f"{COOKIE}={browser.token}"},
    )
    counted = []
    async with client:
        for number in range(4):
            invoice = await delivered(portal, f"F-{number}")
            for _ in range(3):
                await comment(portal, invoice, ana, f"question {number}")
            await client.get("/staff")
            with count_queries() as counter:
                assert (await client.get("/staff")).text.count("question") == min(3 * (number + 1), 10)
            counted.append(counter.value)
        assert max(counted) <= 8
        assert len(set(counted)) == 1
        monkeypatch.setattr(home, "LOOKED_AT", 2)
        assert (await client.get("/staff")).text.count("question") == 2


async def test_the_log_of_one_record(portal: Portal, acme: Customer) -> None:
    invoice = await delivered(portal, "F-1")
    await delivered(portal, "F-2")
    browser = await portal.browser(await portal.staff("boss@a.example"))
    everything = (await browser.get("/staff/log")).text
    assert ("F-1" in everything, "F-2" in everything) == (True, True)
    page = (await browser.get(f"/staff/log?record=invoice:{invoice.id}")).text
    assert ("Open F-1" in page, f'href="/staff/invoices/{invoice.id}"' in page, "F-2" in page) == (True, True, False)
    auditor = await portal.browser(await portal.staff("only@a.example", role=await _auditor(portal)))
    page = (await auditor.get(f"/staff/log?record=invoice:{invoice.id}")).text
    assert ("F-1" in page, f'href="/staff/invoices/{invoice.id}"' in page) == (True, False)


async def _auditor(portal: Portal) -> str:
    """Make a role that sees the log alone."""
    async with portal.work():
        role = Role(key="auditor", label="Auditor", audience="staff", grants='{"core:audit:view": "group"}')
        await Role.insert(role)
        await raise_version(portal.tenant.id)
    portal.roles["auditor"] = role
    return "auditor"
