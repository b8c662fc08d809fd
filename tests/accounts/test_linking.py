"""Linking: told only behind the link, proved by the password, never by the address alone, and nobody else learns it."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts.errors import LinkSpentError, WrongCredentialsError, WrongLinkingPasswordError
from core.accounts.invitations import detach_account, end_access, open_account
from core.accounts.linking import LinkingOffer, link_accounts, offer_for
from core.accounts.linking_password import find_linking_password, request_linking_password, set_linking_password
from core.accounts.links import Purpose, find_link
from core.accounts.services import sign_in
from core.accounts.sessions import Device
from core.accounts.setting_passwords import accept_invitation
from core.db import outside
from core.errors import DomainError, InvalidInputError, TooManyAttemptsError
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, mails_of, prefer
from tests.accounts.offices import (
    EMAIL,
    accounts,
    everything_of,
    invitation_of,
    known_contact,
    linked,
    office_rows,
    person_of,
    token_in,
    with_password,
)
from tests.portal_fixtures import Portal, World, make_portal

THIRD = "cinco peces rojos nadan"


async def offered(portal: Portal, token: str) -> LinkingOffer | None:
    async with portal.work():
        link = await find_link(token, Purpose.INVITATION)
        assert link is not None
        return await offer_for(link)


async def opens(portal: Portal, password: str, email: str = EMAIL) -> bool:
    try:
        async with portal.work():
            await sign_in(email=email, password=password, device=Device())
    except WrongCredentialsError:
        return False
    return True


async def test_the_same_password_links(world: World) -> None:
    first = await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    before = await everything_of(world.first)
    fresh = (await person_of(world.second, second)).account
    assert await offered(world.second, token) == LinkingOffer(
        person=second.id, email=EMAIL, own_account=fresh, accounts=(first.account,)
    )

    async with world.second.work():
        done = await link_accounts(token=token, password=PASSWORD, device=Device())

    assert (done.kind, done.restricted) == ("contact", False)
    now_second = await person_of(world.second, second)
    assert (now_second.account, now_second.state, now_second.sign_ins) == (first.account, "active", 1)
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 2}]
    tenants = (world.first.tenant.id, world.second.tenant.id)
    assert await office_rows() == {(str(first.account), str(tenant)) for tenant in tenants}
    assert [mail.template for mail in await mails_of(world.second)] == ["invitation", "linked"]
    assert await opens(world.second, PASSWORD)
    assert await everything_of(world.first) == before


async def test_a_wrong_password_changes_nothing_and_the_link_stays(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    before = await person_of(world.second, second)
    async with world.second.work():
        with pytest.raises(WrongLinkingPasswordError):
            await link_accounts(token=token, password=OTHER, device=Device())
    after = await person_of(world.second, second)
    assert after.to_dict() == before.to_dict()
    assert await office_rows() == set()
    assert await offered(world.second, token) is not None


async def test_guessing_is_stopped_over_all_invitations_to_the_address(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    for _attempt in range(5):
        token = await invitation_of(world.second, second)
        async with world.second.work():
            with pytest.raises(WrongLinkingPasswordError):
                await link_accounts(token=token, password=OTHER, device=Device())
    async with world.second.work():
        with pytest.raises(TooManyAttemptsError):
            await link_accounts(token=token, password=PASSWORD, device=Device())
    assert await office_rows() == set()


async def test_declining_sets_a_separate_password(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.second.work():
        await accept_invitation(token=token, email=None, password=OTHER, device=Device())
    assert (await opens(world.first, PASSWORD), await opens(world.first, OTHER)) == (True, False)
    assert (await opens(world.second, PASSWORD), await opens(world.second, OTHER)) == (False, True)
    assert [account["offices"] for account in await accounts()] == [1, 1]


@pytest.mark.parametrize("side", ["first", "second"])
async def test_either_tenant_may_insist_on_separate_passwords(world: World, side: str) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    await prefer(getattr(world, side), "accounts.linking", False)
    assert await offered(world.second, token) is None
    async with world.second.work():
        with pytest.raises(LinkSpentError):
            await link_accounts(token=token, password=PASSWORD, device=Device())


async def test_an_unverified_account_elsewhere_is_not_offered(world: World) -> None:
    first = await known_contact(world.first)
    await invitation_of(world.first, first)
    second = await known_contact(world.second)
    assert await offered(world.second, await invitation_of(world.second, second)) is None


async def test_who_was_shut_out_elsewhere_has_nothing_to_link(world: World) -> None:
    first = await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.first.work():
        await end_access(person=first.id)
        await Person.update({Person.state: "deactivated"}).where(Person.id == first.id)
    assert await offered(world.second, token) is None


async def test_staff_keep_an_account_for_each_portal(world: World) -> None:
    staff = await world.first.staff(EMAIL)
    async with world.first.work():
        await open_account(person=staff.id, password=PASSWORD)
    second = await known_contact(world.second)
    assert await offered(world.second, await invitation_of(world.second, second)) is None


async def test_another_address_is_another_person(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second, "eva@acimos.example")
    assert await offered(world.second, await invitation_of(world.second, second)) is None


async def test_of_twenty_at_once_one_links(world: World) -> None:
    await with_password(world.first)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)

    async def link() -> bool:
        try:
            async with world.second.work():
                await link_accounts(token=token, password=PASSWORD, device=Device())
        except DomainError:
            return False
        return True

    tasks = [asyncio.create_task(link(), context=outside()) for _number in range(20)]
    assert sum(await asyncio.gather(*tasks)) == 1
    assert [account["offices"] for account in await accounts()] == [2]


async def test_a_weak_password_has_to_be_replaced_at_the_stricter_portal(world: World) -> None:
    await prefer(world.first, "accounts.password_policy", "link")
    await with_password(world.first, password="Perro-1")
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.second.work():
        done = await link_accounts(token=token, password="Perro-1", device=Device())
    assert done.restricted


async def test_of_two_accounts_elsewhere_the_one_with_the_password_is_linked(world: World) -> None:
    third = await make_portal(world.app, "Third", portal_name="third", country="ES", zone="Europe/Madrid")
    await with_password(world.first)
    other = await with_password(third, password=OTHER)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.second.work():
        await link_accounts(token=token, password=OTHER, device=Device())
    assert (await person_of(world.second, second)).account == other.account
    assert sorted(account["offices"] for account in await accounts()) == [1, 2]


async def test_leaving_one_office_leaves_the_other(world: World) -> None:
    first, second = await linked(world)
    async with world.second.work():
        await detach_account(person=second.id)
    assert await office_rows() == set()
    assert await accounts() == [{"id": first.account, "email": EMAIL, "offices": 1}]
    assert (await opens(world.first, PASSWORD), await opens(world.second, PASSWORD)) == (True, False)


# -- a password forgotten in the middle --------------------------------------------------------------------------------


async def forgotten(world: World) -> tuple[Person, Person, str, str]:
    first = await with_password(world.first)
    second = await known_contact(world.second)
    invitation = await invitation_of(world.second, second)
    async with world.second.work():
        assert await request_linking_password(token=invitation, device=Device()) == EMAIL
    return first, second, invitation, await token_in(world.second, "linking_password")


async def test_a_forgotten_password_leads_back_to_linking(world: World) -> None:
    _first, second, invitation, token = await forgotten(world)
    async with world.first.work():
        at_first = await sign_in(email=EMAIL, password=PASSWORD, device=Device())
    async with world.second.work():
        again = await set_linking_password(token=token, password=OTHER)
    assert again is not None
    offers = [await offered(world.second, one) for one in (invitation, again)]
    assert offers[0] is not None
    assert offers[0] == offers[1]
    assert (await opens(world.first, PASSWORD), await opens(world.first, OTHER)) == (False, True)
    browser = await world.first.browser()
    browser.client.cookies.set("portico_session", at_first.token, domain=world.first.host.split(":")[0])
    assert (await browser.get("/profile")).status_code == 303
    async with world.second.work():
        await link_accounts(token=invitation, password=OTHER, device=Device())
        assert await find_link(again, Purpose.INVITATION) is None
    assert (await person_of(world.second, second)).state == "active"


async def test_the_link_for_a_forgotten_password_works_once(world: World) -> None:
    *_people, token = await forgotten(world)
    async with world.second.work():
        await set_linking_password(token=token, password=OTHER)
    async with world.second.work():
        assert await find_linking_password(token) is None
        with pytest.raises(LinkSpentError):
            await set_linking_password(token=token, password=THIRD)


async def test_a_weak_new_password_is_refused_and_the_link_stays(world: World) -> None:
    *_people, token = await forgotten(world)
    async with world.second.work():
        with pytest.raises(InvalidInputError):
            await set_linking_password(token=token, password="kurz")
        assert await find_linking_password(token) is not None
    assert await opens(world.first, PASSWORD)


async def test_after_linking_the_link_for_a_forgotten_password_is_dead(world: World) -> None:
    _first, _second, invitation, token = await forgotten(world)
    async with world.second.work():
        await link_accounts(token=invitation, password=PASSWORD, device=Device())
    async with world.second.work():
        with pytest.raises(LinkSpentError):
            await set_linking_password(token=token, password=OTHER)
    assert await opens(world.first, PASSWORD)
