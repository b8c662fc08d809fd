"""
The five variants of pre-hijacking where two sign-ins become one later.

Mallory has laid out an account at another portal with an address that is Ana's by now: its mailbox was hers once, and
its password, sessions, identities and links still are. Ana proves the address from her own portal.
"""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from core.accounts.changing_email import CHANGE_REQUESTED, answer_change, find_email_change, request_email_change
from core.accounts.errors import NoSuchSignInError
from core.accounts.joining import (
    answer_joining,
    find_joining,
    join_by_link,
    join_by_password,
    joinable_accounts,
)
from core.accounts.oidc.identities import has_identity
from core.accounts.oidc.tables import SignInIdentity, SignInProvider
from core.accounts.sessions import Device, create_session
from core.accounts.tables import Account
from core.db import fetch
from core.people.actor import Actor
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD
from tests.accounts.joining import THERE, opens, two
from tests.accounts.offices import person_of, token_in, with_password
from tests.accounts.switching import actor_at
from tests.accounts.test_pre_hijacking import signed_in
from tests.portal_fixtures import Portal, World


async def anas_link(world: World, ana: Person) -> tuple[Actor, str]:
    """Ana's session, and the link that went to the mailbox."""
    actor = await actor_at(world.first, await world.first.browser(ana))
    async with world.first.work():
        await answer_joining(person=ana.id, email=THERE)
    return actor, await token_in(world.first, "join")


async def joined(world: World, actor: Actor, token: str) -> None:
    async with world.first.work():
        assert await join_by_link(token=token, password="", by=actor) is not None


async def test_classic_federated_merge(world: World) -> None:
    """The account that stays is the one whose password Ana has proved: Mallory's opens nothing any more."""
    ana, theirs = await two(world)
    await joined(world, *await anas_link(world, ana))
    assert (await person_of(world.second, theirs)).account == ana.account
    for portal in (world.first, world.second):
        assert [await opens(portal, THERE, OTHER), await opens(portal, THERE, PASSWORD)] == [False, False]


async def test_unexpired_session(world: World) -> None:
    """Sessions that Mallory has opened end, at every portal."""
    ana, theirs = await two(world)
    async with world.second.work():
        session = await create_session(person=theirs.id, account=theirs.account, kind="contact", device=Device())
    assert await signed_in(world.second, session) is not None
    await joined(world, *await anas_link(world, ana))
    assert await signed_in(world.second, session) is None


@pytest.mark.parametrize("by_password", [False, True])
async def test_trojan_identifier(world: World, by_password: bool) -> None:
    """Identities that Mallory has connected go; who proves the password as well keeps those of her own."""
    ana, theirs = await two(world)
    async with world.second.work():
        provider = SignInProvider(name="Acme ID", kind="other", issuer="https://id.example", client_id="portal")
        await SignInProvider.insert(provider)
        await SignInIdentity.insert(
            SignInIdentity(person=theirs.id, provider=provider.id, issuer="https://id.example", subject="mallory")
        )
    actor, token = await anas_link(world, ana)
    if by_password:
        async with world.first.work():
            await join_by_password(current=PASSWORD, email=THERE, password=OTHER, by=actor)
    else:
        await joined(world, actor, token)
    async with world.second.work():
        assert await has_identity(person=theirs.id) == by_password


async def test_unexpired_email_change(world: World) -> None:
    """A change of address that Mallory asked for before moves nothing after, whatever it would move."""
    ana, theirs = await two(world)
    async with world.second.work():
        session = await create_session(person=theirs.id, account=theirs.account, kind="contact", device=Device())
    mallory = await signed_in(world.second, session)
    assert mallory is not None
    async with world.second.work():
        await request_email_change(current=OTHER, email="mallory.two@acimos.example", by=mallory)
    await answered(world.second)
    pending = await token_in(world.second, "change_email")
    async with world.second.work():
        assert await find_email_change(pending) is not None
    await joined(world, *await anas_link(world, ana))
    async with world.second.work():
        assert await find_email_change(pending) is None


async def answered(portal: Portal) -> None:
    async with portal.work():
        found = "SELECT payload FROM queue WHERE kind = {} AND tenant = {} ORDER BY id"
        rows = await fetch(found, CHANGE_REQUESTED, portal.tenant.id)
        facts = json.loads(rows[-1]["payload"])
        await answer_change(person=UUID(facts["person"]), wanted=facts["email"], present=facts["from"])


async def test_non_verifying_identity_provider(world: World) -> None:
    """An account whose address nobody has proved is linked to nobody, by password or by link."""
    ana = await with_password(world.first)
    theirs = await with_password(world.second, THERE, OTHER)
    actor, token = await anas_link(world, ana)
    async with world.second.work():
        await Account.update({Account.email_verified_at: None}).where(Account.id == theirs.account)
    async with world.first.work():
        assert await joinable_accounts(email=THERE, account=UUID(str(ana.account))) == {}
        assert await find_joining(token) is None
        with pytest.raises(NoSuchSignInError):
            await join_by_password(current=PASSWORD, email=THERE, password=OTHER, by=actor)
