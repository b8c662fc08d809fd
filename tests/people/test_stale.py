from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from core.db import outside
from core.errors import DomainError, StaleError
from core.people import customers
from core.people.company import Address, Invoicing
from core.people.customers import CustomerDetails, ProjectDetails
from core.people.tables import Customer, CustomerModule, Project
from tests.portal_fixtures import Portal, World


def version_in(html: str) -> str:
    found = re.search(r'<input[^>]*name="version"[^>]*value="(\d*)"', html)
    assert found
    return found[1]


async def versions(portal: Portal) -> dict[str, int]:
    async with portal.work():
        rows = [*await Customer.select(Customer.name, Customer.version)]
        rows += await Project.select(Project.name, Project.version)
    return {row["name"]: row["version"] for row in rows}


async def test_each_change_raises_the_version_and_nothing_else_does(portal: Portal) -> None:
    customer = await portal.customer("Acme")
    async with portal.work():
        project = await customers.add_project(customer=customer.id, details=ProjectDetails(name="Works"))
    assert await versions(portal) == {"Acme": 1, "Works": 1}
    async with portal.work():
        for _twice in range(2):
            await customers.edit_customer(customer=customer.id, details=CustomerDetails(name="Acme", number="K-1"))
        await customers.edit_company(
            customer=customer.id, address=Address(city="Madrid"), invoicing=Invoicing(), version=2
        )
        await customers.close_customer(customer=customer.id, closed=True)
        await customers.close_customer(customer=customer.id, closed=False)
        await customers.edit_project(project=project, details=ProjectDetails(name="Works", number="P-1"), version=1)
        for stale in (
            customers.edit_customer(customer=customer.id, details=CustomerDetails(name="x"), version=4),
            customers.edit_company(customer=customer.id, address=Address(), invoicing=Invoicing(), version=2),
            customers.edit_project(project=project, details=ProjectDetails(name="x"), version=1),
        ):
            with pytest.raises(StaleError):
                await stale
    assert await versions(portal) == {"Acme": 5, "Works": 2}


async def test_a_customer_that_changed_meanwhile_keeps_what_was_typed(portal: Portal) -> None:
    customer = await portal.customer("Acme", number="K-1")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/customers/{customer.id}/edit"
    shown = version_in((await admin.get(path)).text)
    async with portal.work():
        await customers.edit_customer(customer=customer.id, details=CustomerDetails(name="Acme", number="K-2"))
    data = {"id": str(customer.id), "version": shown, "name": "Acme SL", "number": "K-1"}
    refused = await admin.post(path, data, page=path)
    assert refused.status_code == 409
    assert 'value="Acme SL"' in refused.text
    cell = r"<td[^>]*><span[^>]*>([^<]*)</span></td>"
    rows = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>' + cell + cell, refused.text)
    assert rows == [("Name", "Acme", "Acme SL"), ("Customer number", "K-2", "K-1")]
    assert (await admin.post(path, data | {"version": version_in(refused.text)}, page=path)).status_code == 303
    async with portal.work():
        found = await customers.find_customer(customer.id)
    assert (found.name, found.number) == ("Acme SL", "K-1")


async def test_a_project_that_changed_meanwhile_keeps_what_was_typed(portal: Portal) -> None:
    customer = await portal.customer("Acme")
    project = await portal.project(customer, "Works")
    ana = await portal.contact("ana@acme.example", customer, name="Ana Gil")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/customers/{customer.id}/projects/{project.id}"
    shown = version_in((await admin.get(path)).text)
    async with portal.work():
        await customers.edit_project(project=project.id, details=ProjectDetails(name="Works"), people={ana.id})
    data = {"id": str(project.id), "version": shown, "name": "Works", "state": "closed"}
    refused = await admin.post(path, data, page=path)
    assert refused.status_code == 409
    assert "Ana Gil" in refused.text
    assert (await admin.post(path, data | {"version": version_in(refused.text)}, page=path)).status_code == 303
    async with portal.work():
        assert await customers.people_on(project.id) == set()
        assert (await customers.find_project(project.id)).state == "closed"


async def test_the_companys_own_people_do_not_overwrite_either(portal: Portal) -> None:
    customer = await portal.customer("Acme")
    ana = await portal.browser(await portal.contact("ana@acme.example", customer))
    shown = version_in((await ana.get("/company")).text)
    async with portal.work():
        await customers.edit_company(customer=customer.id, address=Address(city="Vigo"), invoicing=Invoicing())
    data = {"customer": str(customer.id), "for": "all", "version": shown, "city": "Madrid"}
    refused = await ana.post("/company", data, page="/company")
    assert refused.status_code == 409
    assert "Vigo" in refused.text
    assert 'value="Madrid"' in refused.text
    saved = await ana.post("/company", data | {"version": version_in(refused.text)}, page="/company")
    assert saved.status_code == 303


async def test_two_customers_do_not_become_each_others_parent(portal: Portal) -> None:
    first, second = await portal.customer("First"), await portal.customer("Second")

    async def under(child: Customer, parent: Customer) -> str:
        try:
            async with portal.work():
                details = CustomerDetails(name=child.name, parent=parent.id)
                await customers.edit_customer(customer=child.id, details=details)
        except DomainError as error:
            return type(error).__name__
        return "saved"

    pairs = ((first, second), (second, first))
    tasks = [asyncio.create_task(under(*pair), context=outside()) for pair in pairs]
    assert sorted(await asyncio.gather(*tasks)) == ["InvalidInputError", "saved"]
    async with portal.work():
        assert await Customer.count().where(Customer.parent.is_not_null()) == 1


async def test_modules_of_a_customer_that_is_not_there_are_not_switched(world: World) -> None:
    foreign = await world.second.customer("Autre")
    own = await world.first.customer("Acme")
    admin = await world.first.browser(await world.first.staff("pilar@obrador.example"))
    data: dict[str, Any] = {}
    answers = [
        (await admin.post(f"/staff/customers/{one.id}/modules", data, page="/staff/customers/new")).status_code
        for one in (own, foreign)
    ]
    assert answers == [303, 404]
    async with world.second.work():
        assert await CustomerModule.count() == 0


async def test_a_form_shown_for_another_company_is_refused_and_records_are_not(portal: Portal) -> None:
    acme, zeta = await portal.customer("Acme"), await portal.customer("Zeta")
    ana = await portal.browser(await portal.contact("ana@acme.example", acme, zeta))
    data = {"customer": str(acme.id), "city": "Madrid"}
    await ana.post("/company/switch", {"company": str(zeta.id)}, page="/profile")
    for shown in ({"for": "all"}, {"for": acme.id.hex}, {}):
        assert (await ana.post("/company", {**data, **shown}, page="/profile")).status_code == 409
    page = f"/company?customer={acme.id}"
    assert (await ana.get(page)).status_code == 200
    assert (await ana.post("/company", {**data, "for": zeta.id.hex}, page=page)).status_code == 303
    await ana.post("/company/switch", {"company": "all"}, page="/profile")
    assert (await ana.post("/company", {**data, "for": "all"}, page=page)).status_code == 303
