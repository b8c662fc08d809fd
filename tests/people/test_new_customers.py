"""What a new customer finds: one rule, however it comes."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from core.contributions import Reach
from core.people.actor import Actor
from core.people.customers import CustomerDetails, add_customer
from core.people.importing import import_people
from core.people.new_customers import is_portal_closed, open_portal
from core.people.persons import Details, Seat, add_contact, find_person
from core.people.seen import as_person
from core.people.tables import Customer, CustomerModule, Person
from core.preferences.values import save_settings
from core.registry import registry
from tests.accounts.conftest import mails_of
from tests.portal_fixtures import Portal


async def prefers(portal: Portal, **answers: str) -> None:
    async with portal.work():
        await save_settings({f"people.{key}": value for key, value in answers.items()})


async def made(portal: Portal, name: str = "Nueva SL") -> UUID:
    async with portal.work():
        return await add_customer(details=CustomerDetails(name=name))


async def contact_of(portal: Portal, customer: UUID) -> UUID:
    async with portal.work():
        seat = Seat(customer=customer, role=portal.roles["manager"].id, reach=Reach.COMPANY)
        details = Details(given_name="Ana", family_name="Nueva", email="ana@nueva.example", phone="+34 600")
        return await add_contact(details=details, seats=[seat])


async def actor_of(portal: Portal, person: UUID) -> Actor:
    async with portal.work():
        found = await as_person(await find_person(person), await portal.snapshot())
    assert found is not None
    return found


async def test_a_new_customer_has_what_all_have(portal: Portal) -> None:
    customer = await made(portal)
    async with portal.work():
        assert not await is_portal_closed(customer=customer)
        assert await CustomerModule.count() == 0
    tenant = await portal.snapshot()
    granted = {module for module in tenant.modules() if tenant.enabled[module]}
    assert (await actor_of(portal, await contact_of(portal, customer))).modules == granted


async def test_closed_until_staff_opens_it(portal: Portal) -> None:
    await prefers(portal, new_customers="closed")
    customer = await made(portal)
    person = await contact_of(portal, customer)
    assert (await actor_of(portal, person)).modules == frozenset()
    async with portal.work():
        assert await is_portal_closed(customer=customer) == bool(registry().modules)
    boss = await portal.browser(await portal.staff("boss@a.example"))
    page = f"/staff/customers/{customer}"
    assert "The portal is closed for this customer" in (await boss.get(page)).text
    for _twice in range(2):
        assert (await boss.post(f"{page}/portal", {}, page=page)).status_code == 303
    assert "The portal is closed for this customer" not in (await boss.get(page)).text
    tenant = await portal.snapshot()
    granted = {module for module in tenant.modules() if tenant.enabled[module]}
    assert (await actor_of(portal, person)).modules == granted


async def test_opening_leaves_a_choice_of_modules_alone(portal: Portal) -> None:
    customer = await made(portal)
    first = next(iter(registry().modules))
    async with portal.work():
        await CustomerModule.insert(CustomerModule(customer=customer, module=first, granted=False))
        await open_portal(customer=customer)
        assert await CustomerModule.count() == (0 if len(registry().modules) == 1 else 1)


@pytest.mark.parametrize(
    ("new_customers", "invitation", "invited"),
    [
        ("open", "on_save", ["ana@n.example", "eva@o.example"]),
        ("open", "by_hand", []),
        ("open", "ask", []),
        ("closed", "on_save", []),
    ],
)
async def test_a_list_invites_the_first_contact_of_each_customer_it_makes(
    portal: Portal, tmp_path: Path, new_customers: str, invitation: str, invited: list[str]
) -> None:
    await portal.customer("Conocida SA")
    await prefers(portal, new_customers=new_customers, invitation=invitation)
    file = tmp_path / "people.csv"
    rows = ("Ana Uno,ana@n.example,N SL", "Bea Dos,bea@n.example,N SL", "Leo,,O SL", "Eva Tres,eva@o.example,O SL")
    file.write_text("name,email,customer\n" + "\n".join((*rows, "Kim Vier,kim@c.example,Conocida SA")) + "\n")
    async with portal.work():
        results = [one.outcome async for one in import_people(files=[file], create_customers=True)]
    assert results == ["created"] * 5
    assert [mail.to for mail in await mails_of(portal)] == invited
    async with portal.work():
        assert await Customer.count() == 3
        states = await Person.select(Person.email, Person.state).where(Person.state == "invited")
    assert sorted(row["email"] for row in states) == sorted(invited)
