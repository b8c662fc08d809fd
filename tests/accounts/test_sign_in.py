"""Signing in, forgotten passwords, invitations and own passwords, as verbs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts import rate_limits, services, setting_passwords
from core.accounts.entering import SignedIn
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.hashing import _hasher
from core.accounts.identities import SET_PASSWORD
from core.accounts.invitations import create_login, invite_person, invite_waiting, open_account, send_again
from core.accounts.sessions import Device
from core.accounts.tables import Account, Session
from core.clock import later, now
from core.db import fetch, request_scope
from core.errors import InvalidInputError, NotFoundError, TooManyAttemptsError, WrongStateError
from core.messages.queue import lease
from core.messages.running import run_item
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, link_in, mails_of, prefer, state_of
from tests.accounts.test_sessions import actor_of, who
from tests.portal_fixtures import Portal, World

HERE = Device(agent="tests", address="192.0.2.1")
THERE = Device(agent="tests", address="198.51.100.9")


async def sign_in(
    portal: Portal, email: str = "ana@acimos.example", password: str = PASSWORD, device: Device = HERE
) -> SignedIn:
    async with portal.work():
        return await services.sign_in(email=email, password=password, device=device)


async def refused(portal: Portal, email: str, password: str, device: Device = HERE) -> str:
    with pytest.raises(WrongCredentialsError) as error:
        await sign_in(portal, email, password, device)
    return str(error.value.message)


async def run_queue(kind: str) -> int:
    """Do the work of *kind* that was put down, as the worker does; how much it was."""
    async with request_scope(tenant=None):
        items = await lease(50, kinds=[kind])
    for item in items:
        await run_item(item)
    return len(items)


# -- signing in --------------------------------------------------------------------------------------------------------


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


# -- forgotten passwords -----------------------------------------------------------------------------------------------


async def ask(portal: Portal, email: str, device: Device = HERE) -> None:
    async with portal.work():
        await services.request_reset(email=email, device=device)


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


async def reset_token(portal: Portal) -> str:
    async with portal.work():
        await send_again(email="ana@acimos.example")
    path = await link_in(portal, (await mails_of(portal, "reset"))[-1])
    assert path is not None
    return path.removeprefix("/reset/")


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


# -- invitations -------------------------------------------------------------------------------------------------------


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


# -- one's own password ------------------------------------------------------------------------------------------------


async def test_changing_the_password(portal: Portal, ana: Person) -> None:
    here, elsewhere = await sign_in(portal), await sign_in(portal, device=THERE)
    actor = await actor_of(portal, here.token)
    async with portal.work():
        for current, new, field in (
            ("wrong", OTHER, "current"),
            (PASSWORD, "short", "password"),
            (PASSWORD, PASSWORD, "password"),
        ):
            with pytest.raises(InvalidInputError) as error:
                await setting_passwords.change_password(current=current, password=new, by=actor)
            assert list(error.value.fields) == [field]
        assert await mails_of(portal) == []
        token = await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)
    found = [(await who(portal, each)).person for each in (here.token, elsewhere.token, token)]
    assert found == [None, None, ana.id]
    await refused(portal, "ana@acimos.example", PASSWORD)
    assert (await sign_in(portal, password=OTHER)).kind == "contact"
    assert [(mail.template, mail.to) for mail in await mails_of(portal)] == [("password_changed", "ana@acimos.example")]


async def test_guessing_the_current_password_is_limited(portal: Portal, ana: Person) -> None:
    actor = await actor_of(portal, (await sign_in(portal)).token)
    async with portal.work():
        for _ in range(5):
            with pytest.raises(InvalidInputError):
                await setting_passwords.change_password(current="wrong", password=OTHER, by=actor)
        with pytest.raises(TooManyAttemptsError):
            await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)


async def test_an_open_reset_link_ends_with_a_changed_password(portal: Portal, ana: Person) -> None:
    token = await reset_token(portal)
    actor = await actor_of(portal, (await sign_in(portal)).token)
    async with portal.work():
        await setting_passwords.change_password(current=PASSWORD, password=OTHER, by=actor)
        with pytest.raises(LinkSpentError):
            await setting_passwords.reset_password(token=token, email=None, password="otra cosa muy larga", device=HERE)
        assert await fetch("SELECT id FROM link WHERE used_at IS NOT NULL") == []
