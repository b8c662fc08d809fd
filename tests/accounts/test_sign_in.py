"""Signing in and out, as verbs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts import rate_limits, services, setting_passwords
from core.accounts.errors import LinkSpentError
from core.accounts.hashing import _hasher
from core.accounts.identities import SET_PASSWORD
from core.accounts.invitations import open_account
from core.accounts.tables import Account
from core.clock import later, now
from core.errors import InvalidInputError, TooManyAttemptsError
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, prefer, state_of
from tests.accounts.signing_in import HERE, THERE, refused, sign_in
from tests.accounts.test_sessions import actor_of, who
from tests.portal_fixtures import Portal, World


@pytest.mark.parametrize("typed", ["ana@acimos.example", "  ANA@Acimos.Example ", "Ana@acimos.example\t"])
async def test_the_address_is_trimmed_and_folded(portal: Portal, ana: Person, typed: str) -> None:
    done = await sign_in(portal, typed)
    assert (await who(portal, done.token)).person == ana.id
    assert (done.kind, done.restricted) == ("contact", False)
    assert (await state_of(portal, ana))["last_sign_in_at"] is not None


async def test_every_wrong_pair_gets_the_same_answer(world: World, ana: Person) -> None:
    portal = world.first
    invited = await portal.contact("eva@acimos.example", state="invited")
    gone = await portal.contact("leo@acimos.example")
    disabled = await portal.contact("mar@acimos.example")
    async with portal.work():
        for person in (invited, gone, disabled):
            await open_account(person=person.id, password=PASSWORD)
        await Person.update({Person.state: "deactivated"}).where(Person.id == gone.id)
        await Person.update({Person.state: "invited"}).where(Person.id == invited.id)
        await Account.update({Account.disabled_at: now()}).where(Account.id == disabled.account)
    answers = {
        await refused(portal, "ana@acimos.example", "not the password"),
        await refused(portal, "nobody@acimos.example", PASSWORD),
        await refused(portal, "not an address", PASSWORD),
        await refused(portal, "eva@acimos.example", PASSWORD),
        await refused(portal, "leo@acimos.example", PASSWORD),
        await refused(portal, "mar@acimos.example", PASSWORD),
        await refused(world.second, "ana@acimos.example", PASSWORD),
        await refused(portal, "ana@acimos.example", PASSWORD.upper()),
        await refused(portal, "ana@acimos.example", f" {PASSWORD}"),
    }
    assert len(answers) == 1
    assert "spelling" in answers.pop()


async def test_each_portal_has_its_own_password(world: World, ana: Person) -> None:
    there = await world.second.contact("ana@acimos.example")
    async with world.second.work():
        await open_account(person=there.id, password=OTHER)
    assert (await who(world.first, (await sign_in(world.first)).token)).person == ana.id
    assert (await who(world.second, (await sign_in(world.second, password=OTHER)).token)).person == there.id
    await refused(world.second, "ana@acimos.example", PASSWORD)


async def test_five_wrong_attempts_stop_this_network_only(portal: Portal, ana: Person) -> None:
    for _ in range(5):
        await refused(portal, "ana@acimos.example", "wrong")
    with pytest.raises(TooManyAttemptsError) as error:
        await sign_in(portal)
    assert 170 <= error.value.retry_after <= 180
    assert (await who(portal, (await sign_in(portal, device=THERE)).token)).person == ana.id
    with later(timedelta(minutes=4)):
        assert (await sign_in(portal)).kind == "contact"


async def test_unknown_addresses_are_stopped_alike(portal: Portal, ana: Person) -> None:
    for _ in range(5):
        await refused(portal, "nobody@acimos.example", "wrong")
    with pytest.raises(TooManyAttemptsError):
        await sign_in(portal, "NOBODY@acimos.example", "wrong")


async def test_twenty_addresses_a_minute_stop_a_network(portal: Portal, ana: Person) -> None:
    async with portal.work():
        for _ in range(20):  # the same bucket, without the seconds that hashing takes on a busy machine
            await rate_limits.take(rate_limits.SIGN_IN_ADDRESS, rate_limits.prefix_of(HERE.address))
    with pytest.raises(TooManyAttemptsError):
        await sign_in(portal)
    assert (await sign_in(portal, device=THERE)).kind == "contact"


async def test_signing_in_rightly_costs_no_attempts(portal: Portal, ana: Person) -> None:
    for _ in range(25):
        await sign_in(portal)
    for _ in range(4):
        await refused(portal, "ana@acimos.example", "wrong")
    await sign_in(portal)
    for _ in range(4):
        await refused(portal, "ana@acimos.example", "wrong")
    await sign_in(portal)


async def test_a_weaker_hash_is_replaced_at_sign_in(portal: Portal, ana: Person) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 -- to make a weak one

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with portal.work():
        account = (await state_of(portal, ana))["account"]
        await Account.update({Account.password_hash: weak}).where(Account.id == account)
    await sign_in(portal)
    async with portal.work():
        row = await Account.select(Account.password_hash).where(Account.id == account).first()
    assert row is not None
    assert not _hasher.check_needs_rehash(row["password_hash"])
    assert (await sign_in(portal)).kind == "contact"


async def test_a_password_too_weak_for_the_portal_opens_the_box_alone(portal: Portal, ana: Person) -> None:
    async with portal.work():
        await open_account(person=ana.id, password="Abcde!")
    done = await sign_in(portal, password="Abcde!")
    actor = await actor_of(portal, done.token)
    assert (done.restricted, actor.restricted) == (True, SET_PASSWORD)
    with later(timedelta(minutes=31)):
        assert (await who(portal, done.token)).person is None
    async with portal.work():
        for unacceptable in ("Abcde!", "Password1!Password", "ana prueba acimos"):
            with pytest.raises(InvalidInputError) as error:
                await setting_passwords.set_new_password(password=unacceptable, by=actor)
            assert list(error.value.fields) == ["password"]
        token = await setting_passwords.set_new_password(password=OTHER, by=actor)
    assert (await who(portal, done.token)).person is None
    assert (await actor_of(portal, token)).restricted is None
    assert (await sign_in(portal, password=OTHER)).restricted is False
    await prefer(portal, "accounts.password_policy", "link")
    assert (await sign_in(portal, password=OTHER)).restricted is True
    async with portal.work():
        with pytest.raises(LinkSpentError):
            await setting_passwords.set_new_password(password="Abcde!", by=await actor_of(portal, token))


async def test_signing_out_ends_the_session_at_the_server(portal: Portal, ana: Person) -> None:
    done = await sign_in(portal)
    actor = await actor_of(portal, done.token)
    async with portal.work():
        await services.sign_out(by=actor)
        await services.sign_out(by=actor)
    assert (await who(portal, done.token)).person is None
