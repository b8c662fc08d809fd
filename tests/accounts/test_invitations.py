"""Invitations: from the address book to the first sign-in."""

from __future__ import annotations

import pytest

from core.accounts import setting_passwords
from core.accounts.invitations import create_login, invite_person, invite_waiting
from core.accounts.tables import Account
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.people.tables import Person
from tests.accounts.conftest import OTHER, link_in, mails_of, prefer, state_of
from tests.accounts.signing_in import HERE, refused
from tests.accounts.test_sessions import who
from tests.portal_fixtures import Portal, World


async def test_from_the_address_book_to_the_first_sign_in(portal: Portal, invited: Person) -> None:
    async with portal.work():
        account = await create_login(person=invited.id)
        assert await create_login(person=invited.id) == account
    row = await state_of(portal, invited)
    assert (row["state"], row["account"], await mails_of(portal)) == ("pending", account, [])
    async with portal.work():
        await invite_person(person=invited.id)
    mail = (await mails_of(portal))[0]
    assert (mail.template, mail.to, mail.facts) == (
        "invitation",
        "eva@prueba.example",
        {"customer": "Cliente <Prueba>"},
    )
    assert (await state_of(portal, invited))["state"] == "invited"
    await refused(portal, "eva@prueba.example", OTHER)
    path = await link_in(portal, mail)
    assert path is not None
    async with portal.work():
        done = await setting_passwords.accept_invitation(
            token=path.removeprefix("/invitation/"), email=None, password=OTHER, device=HERE
        )
    assert done is not None
    row = await state_of(portal, invited)
    assert (row["state"], (await who(portal, done.token)).person) == ("active", invited.id)
    async with portal.work():
        found = await Account.select(Account.email, Account.email_verified_at, Account.password_state).where(
            Account.id == account
        )
        with pytest.raises(WrongStateError):
            await invite_person(person=invited.id)
    assert (found[0]["email"], found[0]["password_state"]) == ("eva@prueba.example", "set")
    assert found[0]["email_verified_at"] is not None
    assert await link_in(portal, mail) is None


async def test_who_cannot_be_invited(world: World, ana: Person) -> None:
    portal = world.first
    async with portal.work():
        nameless = Person(kind="contact", given_name="Sin", name_folded="sin")
        gone = Person(kind="contact", email="x@y.example", email_folded="x@y.example", state="deactivated")
        await Person.insert(nameless, gone)
        with pytest.raises(InvalidInputError):
            await invite_person(person=nameless.id)
        with pytest.raises(WrongStateError):
            await invite_person(person=gone.id)
    async with world.second.work():
        with pytest.raises(NotFoundError):
            await invite_person(person=ana.id)
    assert await mails_of(portal) == []


async def test_a_new_address_gets_a_new_account(portal: Portal, invited: Person) -> None:
    async with portal.work():
        first = await create_login(person=invited.id)
        await Person.update({Person.email_folded: "nueva@prueba.example"}).where(Person.id == invited.id)
        await invite_person(person=invited.id)
    row = await state_of(portal, invited)
    assert row["account"] != first
    assert (await mails_of(portal))[0].to == "nueva@prueba.example"


async def test_the_first_document_invites_once_where_the_tenant_wants_that(
    portal: Portal, ana: Person, invited: Person
) -> None:
    people = [ana.id, invited.id]
    async with portal.work():
        assert await invite_waiting(people=people) == []
    await prefer(portal, "accounts.auto_invite_on", "first_document")
    async with portal.work():
        assert await invite_waiting(people=people) == [invited.id]
        assert await invite_waiting(people=people) == []
    assert [(mail.template, mail.person) for mail in await mails_of(portal)] == [("invitation", invited.id)]
