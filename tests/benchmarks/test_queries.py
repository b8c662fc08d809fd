"""A page costs at most eight statements, however many rows, companies, modules and tenants there are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.accounts.sessions import COOKIE
from core.db import count_queries
from tests.portal_fixtures import Portal, World, make_portal

data = pytest.importorskip("tests.benchmarks.data", reason="the module of invoices is not installed")

MOST = 8
"""Statements of a page; the tenant's configuration, read again only when it has changed, is not among them."""
CONTACT = (
    "/",
    "/invoices",
    "/invoices?period=all",
    "/invoices?period=all&payment=pending&due=overdue",
    "/invoices/{invoice}",
)
STAFF = (
    "/staff",
    "/staff/invoices",
    "/staff/invoices?period=all",
    "/staff/invoices/{invoice}",
    "/staff/customers",
    "/staff/people",
    "/staff/registrations",
    "/staff/log",
    "/staff/log?q=pilar&kind=core.first_viewed&day_from=2020-01-01",
)


async def statements(
    world: World, portal: Portal, person: Any, paths: tuple[str, ...], **ids: object
) -> dict[str, list[str]]:
    """Return the SQL of each page, asked for a second time: the first compiles, and reads the configuration."""
    browser = await portal.browser(person)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=world.app),
        base_url=f"http://{portal.host}",
        headers={"host": portal.host, "cookie": f"{COOKIE}={browser.token}"},
    )
    found: dict[str, list[str]] = {}
    async with client:
        for path in paths:
            address = path.format(**ids)
            assert (await client.get(address)).status_code == httpx.codes.OK, address
            with count_queries(keep=True) as counter:
                await client.get(address)
            found[path] = counter.statements or []
    return found


async def _invoices(portal: Portal, customer: Any, number: int) -> str:
    rows = list(data.invoices_of(portal, customer, [], number))
    async with portal.work():
        await data.insert_invoices(rows)
    return str(rows[0]["id"])


async def test_pages_cost_few_statements_whatever_there_is(world: World) -> None:
    portal = world.first
    customer = await portal.customer("Uno")
    person, member = await portal.contact("ana@example.org", customer), await portal.staff("pilar@example.org")
    invoice = await _invoices(portal, customer, 3)
    few = {
        **await statements(world, portal, person, CONTACT, invoice=invoice),
        **await statements(world, portal, member, STAFF, invoice=invoice),
    }
    assert {path: found for path, found in few.items() if len(found) > MOST} == {}

    await make_portal(world.app, "Another", portal_name="another")
    await _invoices(portal, customer, 60)
    others = [await portal.customer(f"Customer {number}") for number in range(12)]
    for other in others:
        await _invoices(portal, other, 2)
    await portal.contact("eva@example.org", *others)
    for number in range(6):  # who could see an invoice is asked at once, however narrow everybody's reach
        reach = ("own", "projects")[number % 2]
        await portal.contact(f"narrow{number}@example.org", customer, reach=reach)
    everywhere = await portal.contact("eve@example.org", customer, *others)
    many = {
        **await statements(world, portal, everywhere, CONTACT, invoice=invoice),
        **await statements(world, portal, member, STAFF, invoice=invoice),
    }
    assert {path: len(found) for path, found in many.items()} == {path: len(found) for path, found in few.items()}
