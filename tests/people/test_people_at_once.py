"""Two of the staff at the same moment, on two connections, about the same person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.contributions import Reach
from core.db import outside, transaction
from core.errors import DomainError, WrongStateError
from core.people.contact_options import ONE_CUSTOMER
from core.people.persons import Details, Seat, add_contact, deactivate_person, send_invitation, set_seat
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from tests.portal_fixtures import Portal


async def together(*works: Callable[[], Awaitable[object]]) -> list[str]:
    """Do all of it at once, each on a connection of its own; what became of each, sorted."""

    async def one(work: Callable[[], Awaitable[object]]) -> str:
        try:
            await work()
        except DomainError as error:
            return type(error).__name__
        return "done"

    return sorted(await asyncio.gather(*(asyncio.create_task(one(work), context=outside()) for work in works)))


async def test_an_invitation_lets_nobody_in_who_is_being_shut_out(portal: Portal) -> None:
    async with portal.work():
        ana = await add_contact(details=Details(given_name="Ana", family_name="Ruiz", email="ana@n.example"))
        await send_invitation(person=ana)
    shut, invites = asyncio.Event(), asyncio.Event()

    async def shut_out() -> None:
        async with portal.work(), transaction():
            await deactivate_person(person=ana)
            shut.set()
            await asyncio.wait_for(invites.wait(), 20)
            await asyncio.sleep(0.3)  # the other one has read what it reads, and waits

    async def invite() -> None:
        await shut.wait()
        async with portal.work():
            invites.set()
            with pytest.raises(WrongStateError):
                await send_invitation(person=ana)

    await asyncio.gather(*(asyncio.create_task(each(), context=outside()) for each in (shut_out, invite)))
    async with portal.work():
        found = await Person.objects().where(Person.id == ana).first()
    assert found is not None
    assert found.state == "deactivated"


@pytest.mark.parametrize("only_one", [True, False])
async def test_two_who_give_places(portal: Portal, only_one: bool) -> None:
    customers = [await portal.customer(name) for name in ("Acme", "Nuñez")]
    async with portal.work():
        ana = await add_contact(details=Details(given_name="Ana", family_name="Ruiz", email="ana@n.example"))
        if only_one:
            await save_settings({ONE_CUSTOMER: True})
    role = portal.roles["viewer"].id

    def giving(customer: int, reach: Reach) -> Callable[[], Awaitable[object]]:
        async def give() -> None:
            async with portal.work():
                await set_seat(person=ana, seat=Seat(customer=customers[customer].id, role=role, reach=reach))

        return give

    same = await together(giving(0, Reach.COMPANY), giving(0, Reach.OWN), giving(0, Reach.COMPANY))
    assert same == ["done"] * 3
    async with portal.work():
        await Membership.delete().where(Membership.person == ana)
    other = await together(giving(0, Reach.COMPANY), giving(1, Reach.COMPANY))
    assert other == (["OneCustomerError", "done"] if only_one else ["done", "done"])
    async with portal.work():
        assert await Membership.count() == (1 if only_one else 2)


async def test_two_customers_with_one_number(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    token = await admin.form_token("/staff/customers/new")
    answers = await asyncio.gather(
        *(
            admin.client.post("/staff/customers/new", data={"csrf_token": token, "name": name, "number": "K-1"})
            for name in ("Acme", "Nuñez", "Ferrán")
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 303
    assert set(statuses[1:]) <= {409, 422}
    async with portal.work():
        assert await Customer.count() == 1
