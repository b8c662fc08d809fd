"""Forgotten passwords: who gets a link, what it opens, and how often."""

from __future__ import annotations

import pytest

from core.accounts import services, setting_passwords
from core.accounts.invitations import create_login, invite_person, send_again
from core.accounts.sessions import Device
from core.accounts.tables import Account, Session
from core.clock import now
from core.db import fetch
from core.errors import InvalidInputError, TooManyAttemptsError
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, mails_of, prefer, state_of
from tests.accounts.signing_in import HERE, THERE, ask, refused, reset_token, run_queue, sign_in
from tests.accounts.test_sessions import who
from tests.portal_fixtures import Portal, World


async def test_only_the_worker_finds_out_who_is_known(world: World, ana: Person) -> None:
    portal = world.first
    for email in ("Ana@Acimos.example ", "nobody@acimos.example"):
        await ask(portal, email)
    await ask(world.second, "ana@acimos.example")
    assert await mails_of(portal) == []
    assert await run_queue(services.RESET_REQUESTED) == 3
    assert [(mail.template, mail.person, mail.to) for mail in await mails_of(portal)] == [
        ("reset", ana.id, "ana@acimos.example")
    ]
    assert await mails_of(world.second) == []
    async with portal.work():
        assert await fetch("SELECT id FROM queue WHERE kind = {} AND done_at IS NULL", services.RESET_REQUESTED) == []


async def test_people_without_a_login_get_nothing(portal: Portal, invited: Person) -> None:
    async with portal.work():
        await send_again(email="eva@prueba.example")
        await create_login(person=invited.id)
        await send_again(email="eva@prueba.example")
    assert await mails_of(portal) == []


async def test_who_was_invited_gets_the_invitation_again(portal: Portal, invited: Person) -> None:
    async with portal.work():
        await invite_person(person=invited.id)
        await send_again(email="eva@prueba.example")
    assert [mail.template for mail in await mails_of(portal)] == ["invitation", "invitation"]


@pytest.mark.parametrize("what", ["unverified", "disabled", "deactivated", "another address"])
async def test_a_reset_goes_to_the_accounts_own_verified_address_alone(portal: Portal, ana: Person, what: str) -> None:
    account = (await state_of(portal, ana))["account"]
    async with portal.work():
        if what == "unverified":
            await Account.update({Account.email_verified_at: None}).where(Account.id == account)
        elif what == "disabled":
            await Account.update({Account.disabled_at: now()}).where(Account.id == account)
        elif what == "deactivated":
            await Person.update({Person.state: "deactivated"}).where(Person.id == ana.id)
        else:
            await Person.update({Person.email_folded: "new@acimos.example"}).where(Person.id == ana.id)
        await send_again(email="ana@acimos.example")
        await send_again(email="new@acimos.example")
    signs_in_with = ["ana@acimos.example"] if what == "another address" else []
    assert [mail.to for mail in await mails_of(portal)] == signs_in_with


async def test_reset_requests_are_limited_per_address_and_per_network(portal: Portal, ana: Person) -> None:
    for number in range(3):
        await ask(portal, "ana@acimos.example", Device(address=f"192.0.2.{number}"))
    with pytest.raises(TooManyAttemptsError):
        await ask(portal, "ANA@acimos.example", THERE)
    with pytest.raises(InvalidInputError):
        await ask(portal, "not an address", THERE)
    for number in range(9):
        await ask(portal, f"nobody{number}@acimos.example", THERE)
    with pytest.raises(TooManyAttemptsError):
        await ask(portal, "nobody@acimos.example", THERE)


async def test_a_reset_ends_all_sessions_and_signs_in(portal: Portal, ana: Person) -> None:
    before = await sign_in(portal)
    token = await reset_token(portal)
    async with portal.work():
        done = await setting_passwords.reset_password(token=token, email=None, password=OTHER, device=HERE)
    assert done is not None
    assert [(await who(portal, each)).person for each in (before.token, done.token)] == [None, ana.id]
    await refused(portal, "ana@acimos.example", PASSWORD)
    assert (await sign_in(portal, password=OTHER)).kind == "contact"
    assert [mail.template for mail in await mails_of(portal)] == ["reset", "password_changed"]


async def test_an_unacceptable_password_does_not_use_the_link_up(portal: Portal, ana: Person) -> None:
    token = await reset_token(portal)
    async with portal.work():
        for bad in ("short", "x" * 300, "obrador temporal obrador"):
            with pytest.raises(InvalidInputError) as error:
                await setting_passwords.reset_password(token=token, email=None, password=bad, device=HERE)
            assert list(error.value.fields) == ["password"]
        assert await setting_passwords.reset_password(token=token, email=None, password=OTHER, device=HERE)


async def test_the_address_is_asked_again_where_the_tenant_wants_that(portal: Portal, ana: Person) -> None:
    await prefer(portal, "accounts.reset_mode", "confirm_email")
    token = await reset_token(portal)
    async with portal.work():
        for wrong in ("other@acimos.example", "", "ana"):
            with pytest.raises(InvalidInputError) as error:
                await setting_passwords.reset_password(token=token, email=wrong, password=OTHER, device=HERE)
            assert list(error.value.fields) == ["email"]
        done = await setting_passwords.reset_password(
            token=token, email=" ANA@acimos.example", password=OTHER, device=HERE
        )
        assert done is None
        assert await Session.count().where(Session.person == ana.id) == 0
    assert (await sign_in(portal, password=OTHER)).kind == "contact"


async def test_guessing_the_address_behind_a_link_is_limited(portal: Portal, ana: Person) -> None:
    await prefer(portal, "accounts.reset_mode", "confirm_email")
    token = await reset_token(portal)
    async with portal.work():
        for number in range(10):
            with pytest.raises(InvalidInputError):
                await setting_passwords.reset_password(
                    token=token, email=f"a{number}@x.example", password=OTHER, device=HERE
                )
        with pytest.raises(TooManyAttemptsError):
            await setting_passwords.reset_password(token=token, email="ana@acimos.example", password=OTHER, device=HERE)
