"""Mailed links: once, in time, the newest, at their portal, for their purpose; looking spoils nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.accounts.errors import LinkSpentError
from core.accounts.invitations import detach_account, end_access, invite_person, send_again
from core.accounts.links import Purpose, consume_link, find_link
from core.accounts.sessions import Device
from core.accounts.setting_passwords import accept_invitation, reset_password
from core.clock import later
from core.db import outside, transaction
from core.people.tables import Person
from tests.accounts.conftest import OTHER, link_in, mails_of, state_of, whole_database
from tests.portal_fixtures import Portal, World


async def invitation_of(portal: Portal, person: Person) -> str:
    """A fresh invitation's token."""
    async with portal.work():
        await invite_person(person=person.id)
    path = await link_in(portal, (await mails_of(portal, "invitation"))[-1])
    assert path is not None
    return path.removeprefix("/invitation/")


async def works(portal: Portal, token: str, purpose: Purpose = Purpose.INVITATION) -> bool:
    async with portal.work():
        return await find_link(token, purpose) is not None


async def test_of_ten_new_passwords_at_once_one_is_set(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)

    async def redeem(number: int) -> int | None:
        try:
            async with portal.work():
                await accept_invitation(token=token, email=None, password=f"{OTHER} {number}", device=Device())
                return number
        except LinkSpentError:
            return None

    tasks = [asyncio.create_task(redeem(number), context=outside()) for number in range(10)]
    done = [number for number in await asyncio.gather(*tasks) if number is not None]
    assert len(done) == 1
    assert not await works(portal, token)


async def test_of_twenty_bare_redeems_one_wins(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)

    async def redeem() -> bool:
        try:
            async with portal.work(), transaction():
                await consume_link(token, Purpose.INVITATION)
                return True
        except LinkSpentError:
            return False

    tasks = [asyncio.create_task(redeem(), context=outside()) for _ in range(20)]
    assert sorted(await asyncio.gather(*tasks)) == [False] * 19 + [True]


async def test_an_invitation_holds_a_week_and_no_longer(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)
    with later(timedelta(days=6, hours=23)):
        assert await works(portal, token)
    with later(timedelta(days=7, minutes=1)):
        assert not await works(portal, token)
        async with portal.work():
            with pytest.raises(LinkSpentError):
                await accept_invitation(token=token, email=None, password=OTHER, device=Device())


async def test_inviting_again_ends_the_earlier_invitation_at_once(portal: Portal, invited: Person) -> None:
    first = await invitation_of(portal, invited)
    async with portal.work():
        await invite_person(person=invited.id)
    assert not await works(portal, first)
    second = await link_in(portal, (await mails_of(portal))[-1])
    third = await link_in(portal, (await mails_of(portal))[-1])
    assert second is not None
    assert third is not None
    assert not await works(portal, second.removeprefix("/invitation/"))
    assert await works(portal, third.removeprefix("/invitation/"))


async def test_a_link_opens_nothing_elsewhere(world: World, invited: Person) -> None:
    token = await invitation_of(world.first, invited)
    assert await works(world.first, token)
    assert not await works(world.second, token)
    assert not await works(world.first, token, Purpose.RESET)
    assert not await works(world.first, token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not await works(world.first, "")
    async with world.second.work():
        with pytest.raises(LinkSpentError):
            await accept_invitation(token=token, email=None, password=OTHER, device=Device())
    assert await works(world.first, token)


async def test_a_dump_of_the_database_opens_nothing(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)
    async with portal.work():
        done = await accept_invitation(token=token, email=None, password=OTHER, device=Device())
    assert done is not None
    dump = await whole_database(("link", "queue", "session", "account", "mail", "rate_limit"))
    assert "eva@prueba.example" in dump
    assert [secret for secret in (token, done.token, OTHER) if secret in dump] == []


async def test_another_address_parts_her_from_account_and_links(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)
    async with portal.work():
        await detach_account(person=invited.id)
    assert not await works(portal, token)
    row = await state_of(portal, invited)
    assert (row["account"], row["state"]) == (None, "address_book")
    assert await link_in(portal, (await mails_of(portal))[-1]) is None


async def test_ending_access_ends_links(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)
    async with portal.work():
        await end_access(person=invited.id)
    assert not await works(portal, token)


async def test_a_deactivated_persons_link_is_dead(portal: Portal, invited: Person) -> None:
    token = await invitation_of(portal, invited)
    async with portal.work():
        await Person.update({Person.state: "deactivated"}).where(Person.id == invited.id)
    assert not await works(portal, token)
    assert await link_in(portal, (await mails_of(portal))[-1]) is None


async def test_a_reset_holds_one_hour(portal: Portal, ana: Person) -> None:
    async with portal.work():
        await send_again(email="ana@acimos.example")
    path = await link_in(portal, (await mails_of(portal, "reset"))[0])
    assert path is not None
    token = path.removeprefix("/reset/")
    with later(timedelta(minutes=59)):
        assert await works(portal, token, Purpose.RESET)
    with later(timedelta(minutes=61)):
        assert not await works(portal, token, Purpose.RESET)
    async with portal.work():
        done = await reset_password(token=token, email=None, password=OTHER, device=Device())
    assert done is not None
    assert not await works(portal, token, Purpose.RESET)
