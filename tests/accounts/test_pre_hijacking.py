"""
Accounts laid out for somebody before she comes: the five variants of pre-hijacking.

Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022). Portico has no open accounts: Mallory's way is an
invitation that staff sent to the wrong address, or staff of another tenant that works with her.
"""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from core.accounts.changing_email import (
    CHANGE_REQUESTED,
    answer_change,
    confirm_email,
    find_email_change,
    request_email_change,
)
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.invitations import create_login
from core.accounts.linking import link_accounts, offer_for
from core.accounts.links import Purpose, find_link
from core.accounts.services import sign_in
from core.accounts.sessions import Device, build_actor, create_session, identify
from core.accounts.setting_passwords import accept_invitation
from core.accounts.tables import Account, Session
from core.clock import now
from core.db import fetch
from core.errors import DomainError, InvalidInputError
from core.people.actor import Actor
from core.people.persons import Details, edit_person
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, mails_of
from tests.accounts.offices import EMAIL, invitation_of, known_contact, person_of, token_in, with_password
from tests.portal_fixtures import Portal, World

MALLORY = "mallory@acimos.example"
HERS = "nueve sapos saltan alto"


async def opens(portal: Portal, email: str, password: str) -> bool:
    try:
        async with portal.work():
            await sign_in(email=email, password=password, device=Device())
    except WrongCredentialsError:
        return False
    return True


async def signed_in(portal: Portal, token: str) -> Actor | None:
    async with portal.work():
        identity = await identify(host=portal.host.split(":")[0], token=token, tenant=portal.tenant.id)
        assert identity is not None
        return await build_actor(identity, await portal.snapshot())


async def moved_to_ana(portal: Portal, person: Person) -> None:
    """Staff sees that the address was Mallory's, and writes Ana's."""
    async with portal.work():
        await edit_person(
            person=person.id,
            details=Details(given_name="Ana", family_name="Prueba", email=EMAIL, phone="+34 600 000 000"),
        )


async def test_classic_federated_merge(world: World) -> None:
    """An account that Mallory made elsewhere with Ana's address is not merged with Ana's, in neither direction."""
    mallorys = await with_password(world.first, EMAIL, HERS)
    async with world.first.work():
        await Account.update({Account.email_verified_at: None}).where(Account.id == mallorys.account)
    anas = await known_contact(world.second)
    token = await invitation_of(world.second, anas)
    async with world.second.work():
        link = await find_link(token, Purpose.INVITATION)
        assert link is not None
        assert await offer_for(link) is None
        await accept_invitation(token=token, email=None, password=PASSWORD, device=Device())
    assert (await person_of(world.second, anas)).account != mallorys.account
    assert (await opens(world.second, EMAIL, HERS), await opens(world.second, EMAIL, PASSWORD)) == (False, True)
    assert not await opens(world.first, EMAIL, PASSWORD)


async def test_unexpired_session(world: World) -> None:
    """A session that Mallory opened ends when Ana takes the person over, or links her."""
    person = await known_contact(world.first, MALLORY)
    token = await invitation_of(world.first, person)
    async with world.first.work():
        mallory = await accept_invitation(token=token, email=None, password=HERS, device=Device())
    assert mallory is not None
    await moved_to_ana(world.first, person)
    assert await signed_in(world.first, mallory.token) is None
    async with world.first.work():
        await accept_invitation(
            token=await token_in(world.first, "invitation"), email=None, password=PASSWORD, device=Device()
        )
    assert await signed_in(world.first, mallory.token) is None
    assert not await opens(world.first, MALLORY, HERS)

    second = await known_contact(world.second)
    invitation = await invitation_of(world.second, second)
    fresh = await person_of(world.second, second)
    assert fresh.account is not None
    async with world.second.work():
        early = await create_session(person=second.id, account=fresh.account, kind="contact", device=Device())
        await link_accounts(token=invitation, password=PASSWORD, device=Device())
        assert await Session.count().where(Session.account == fresh.account) == 0
    assert await signed_in(world.second, early) is None


async def test_trojan_identifier(world: World) -> None:
    """Mallory's password and address go with the account that Ana does not take over."""
    second = await known_contact(world.second)
    await with_password(world.first)
    token = await invitation_of(world.second, second)
    fresh = (await person_of(world.second, second)).account
    async with world.second.work():
        laid_out = await Account.objects().get(Account.id == (await with_password(world.first, MALLORY, HERS)).account)
        assert laid_out is not None
        await Account.update({Account.password_hash: laid_out.password_hash}).where(Account.id == fresh)
        await link_accounts(token=token, password=PASSWORD, device=Device())
        assert not await Account.exists().where(Account.id == fresh)
    assert not await opens(world.second, EMAIL, HERS)
    assert not await opens(world.second, MALLORY, HERS)
    async with world.second.work():
        await create_login(person=second.id)
    assert await opens(world.second, EMAIL, PASSWORD)


async def test_unexpired_email_change(world: World) -> None:
    """A change of address that Mallory asked for before opens nothing after Ana has come, nor Ana's mailbox for her."""
    person = await with_password(world.first, MALLORY, HERS)
    async with world.first.work():
        session = await create_session(person=person.id, account=person.account, kind="contact", device=Device())
    mallory = await signed_in(world.first, session)
    assert mallory is not None
    async with world.first.work():
        await request_email_change(current=HERS, email="mallory.two@acimos.example", by=mallory)
    await answered(world.first)
    pending = await token_in(world.first, "change_email")
    await moved_to_ana(world.first, person)
    async with world.first.work():
        assert await find_email_change(pending) is None
        await accept_invitation(
            token=await token_in(world.first, "invitation"), email=None, password=PASSWORD, device=Device()
        )
    async with world.first.work():
        with pytest.raises(LinkSpentError):
            await confirm_email(token=pending, password=HERS, by=None)
    assert (await person_of(world.first, person)).email == EMAIL

    other = await with_password(world.second, MALLORY, HERS)
    async with world.second.work():
        session = await create_session(person=other.id, account=other.account, kind="contact", device=Device())
    mallory = await signed_in(world.second, session)
    assert mallory is not None
    async with world.second.work():
        await request_email_change(current=HERS, email=EMAIL, by=mallory)
    await answered(world.second)
    to_ana = await token_in(world.second, "change_email")
    async with world.second.work():
        with pytest.raises(InvalidInputError):
            await confirm_email(token=to_ana, password=PASSWORD, by=None)
    assert (await person_of(world.second, other)).email == MALLORY


async def answered(portal: Portal) -> None:
    """Let the worker see whether the wanted address is free."""
    async with portal.work():
        rows = await fetch(
            "SELECT payload FROM queue WHERE kind = {} AND tenant = {} ORDER BY id", CHANGE_REQUESTED, portal.tenant.id
        )
        facts = json.loads(rows[-1]["payload"])
        await answer_change(person=UUID(facts["person"]), wanted=facts["email"], present=facts["from"])


async def test_non_verifying_identity_provider(world: World) -> None:
    """Whoever says that an address is Mallory's: an account whose address nobody proved is offered to nobody."""
    first = await with_password(world.first, EMAIL, HERS)
    second = await known_contact(world.second)
    token = await invitation_of(world.second, second)
    async with world.first.work():
        await Account.update({Account.email_verified_at: None}).where(Account.id == first.account)
    async with world.second.work():
        with pytest.raises(LinkSpentError):
            await link_accounts(token=token, password=HERS, device=Device())
    async with world.first.work():
        await Account.update({Account.email_verified_at: now(), Account.disabled_at: now()}).where(
            Account.id == first.account
        )
    async with world.second.work():
        with pytest.raises(DomainError):
            await link_accounts(token=token, password=HERS, device=Device())
    assert [mail.template for mail in await mails_of(world.second)] == ["invitation"]
    assert not await opens(world.second, EMAIL, HERS)
    assert not await opens(world.second, EMAIL, OTHER)
