"""Two of the staff at the same moment, on two connections, about the same person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from core.accounts.links import Purpose, consume_link, issue_link
from core.contributions import Reach
from core.db import outside, transaction
from core.errors import DomainError, WrongStateError
from core.people.contact_options import ONE_CUSTOMER
from core.people.persons import (
    Details,
    Seat,
    add_contact,
    deactivate_person,
    delete_person,
    find_person,
    reset_person_access,
    send_invitation,
    set_seat,
)
from core.people.roles import lock_tenant
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from tests.portal_fixtures import Portal

Verb = Callable[..., Awaitable[Any]]


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


@pytest.mark.parametrize("verb", [send_invitation, reset_person_access, deactivate_person, delete_person])
async def test_who_accepts_and_who_invites_or_shuts_out_follow_one_another(portal: Portal, verb: Verb) -> None:
    """Each takes the person before her links: with one order, nobody waits for who waits for her."""
    async with portal.work():
        ana = await add_contact(details=Details(given_name="Ana", family_name="Ruiz", email="ana@n.example"))
        await send_invitation(person=ana)
    async with portal.work():
        account = (await find_person(ana)).account
        path, _expires_at = await issue_link(
            purpose=Purpose.INVITATION, person=ana, account=account, email="ana@n.example"
        )
    used, begun = asyncio.Event(), asyncio.Event()

    async def accept() -> None:
        async with portal.work(), transaction():
            await consume_link(path.rpartition("/")[2], Purpose.INVITATION)
            used.set()
            await asyncio.wait_for(begun.wait(), 20)
            await asyncio.sleep(0.3)  # the other one has taken what it takes first, and waits
            await Person.update({Person.state: "active"}).where(Person.id == ana)

    async def other() -> None:
        await used.wait()
        async with portal.work():
            begun.set()
            with suppress(WrongStateError):  # who has signed in meanwhile is invited no more
                await verb(person=ana)

    await asyncio.gather(*(asyncio.create_task(each(), context=outside()) for each in (accept, other)))


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


async def test_who_loses_a_tie_may_try_again(portal: Portal, dialect: str) -> None:
    """Of two that wait for each other the database ends one: that is no fault of the portal's, and its page says so."""
    if dialect == "sqlite":
        pytest.skip("one writer at a time waits for nobody")
    acme = await portal.customer("Acme")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    path = f"/staff/customers/{acme.id}/edit"
    sent = {"csrf_token": await admin.form_token(path), "name": "Acme & Co.", "version": str(acme.version)}
    async with portal.work(), transaction():
        await Customer.update({Customer.number: "K-1"}).where(Customer.id == acme.id)
        answer = asyncio.create_task(admin.client.post(path, data=sent), context=outside())
        await asyncio.sleep(0.4)  # it holds the tenant by now, and waits for the customer
        await lock_tenant()
    assert (await answer).status_code == 409
