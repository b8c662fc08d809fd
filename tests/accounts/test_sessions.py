"""Who is signed in: limits, revocation, rotation, and whose session opens what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.accounts.identities import Identity
from core.accounts.invitations import end_access
from core.accounts.services import sign_in
from core.accounts.sessions import (
    Device,
    build_actor,
    create_session,
    end_other_sessions,
    end_session,
    forget_expired_sessions,
    identify,
    new_token,
    open_sessions,
    rotate_session,
    touch,
)
from core.accounts.setting_passwords import change_password
from core.accounts.tables import Account, Session
from core.clock import later, now
from core.contributions import Reach
from core.db import count_queries, query_count
from core.errors import NotFoundError, NotSignedInError
from core.people.actor import Actor, ActorKind
from core.people.tables import Customer, CustomerModule, Membership, Person
from core.tenancy.snapshot import load_snapshot
from tests.accounts.conftest import OTHER, PASSWORD
from tests.portal_fixtures import Portal, World

DEVICE = Device(agent="tests", address="192.0.2.1")


def host_of(portal: Portal) -> str:
    return portal.host.split(":")[0]


async def signed_in(portal: Portal, email: str = "ana@acimos.example") -> str:
    async with portal.work():
        return (await sign_in(email=email, password=PASSWORD, device=DEVICE)).token


async def who(portal: Portal, token: str | None) -> Identity:
    async with portal.work():
        found = await identify(host=host_of(portal), token=token, tenant=portal.tenant.id)
    assert found is not None
    return found


async def actor_of(portal: Portal, token: str) -> Actor:
    async with portal.work():
        identity = await identify(host=host_of(portal), token=token, tenant=portal.tenant.id)
        assert identity is not None
        actor = await build_actor(identity, await load_snapshot(portal.tenant.id))
    assert actor is not None
    return actor


async def test_a_session_says_who_it_is(portal: Portal, ana: Person) -> None:
    identity = await who(portal, await signed_in(portal))
    assert (identity.person, identity.kind, identity.name, identity.email, identity.status) == (
        ana.id,
        "contact",
        "Ana Prueba",
        "ana@acimos.example",
        "active",
    )


async def test_made_up_tokens_are_nobodys(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)
    for wrong in (None, "", new_token(), token[:-1], token + "A", token.swapcase(), "é" * 43):
        assert (await who(portal, wrong)).person is None
    assert (await who(portal, token)).person == ana.id


async def test_a_session_is_nobodys_at_another_portal(world: World, ana: Person) -> None:
    token = await signed_in(world.first)
    assert (await who(world.second, token)).person is None
    async with world.second.work():
        foreign = await identify(host=host_of(world.first), token=token, tenant=world.second.tenant.id)
    assert foreign is None


async def test_an_unknown_host_is_nobodys(portal: Portal, ana: Person) -> None:
    async with portal.work():
        assert await identify(host="elsewhere.test", token=None, tenant=portal.tenant.id) is None


@pytest.mark.parametrize(
    ("kind", "idle", "absolute"),
    [
        ("contact", timedelta(hours=24), timedelta(days=30)),
        ("staff", timedelta(minutes=30), timedelta(hours=12)),
    ],
)
async def test_idle_and_absolute_limits(
    world: World, ana: Person, kind: str, idle: timedelta, absolute: timedelta
) -> None:
    portal = world.first
    token = await signed_in(portal)
    async with portal.work():
        if kind == "staff":
            await Person.update({Person.kind: "staff"}).where(Person.id == ana.id)
            await Session.delete().where(Session.person == ana.id)
    token = await signed_in(portal)
    with later(idle - timedelta(seconds=30)):
        assert (await who(portal, token)).person == ana.id
    with later(idle + timedelta(seconds=1)):
        assert (await who(portal, token)).person is None
    step, passed = idle - timedelta(minutes=1), timedelta(0)
    while passed + step < absolute:
        passed += step
        with later(passed):
            identity = await who(portal, token)
            assert identity.person == ana.id
            async with portal.work():
                await touch(identity)
    with later(absolute + timedelta(seconds=1)):
        assert (await who(portal, token)).person is None
        async with portal.work():
            await forget_expired_sessions()
            assert await Session.count().where(Session.person == ana.id) == 0


async def test_its_use_is_written_down_at_most_every_five_minutes(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)

    async def writes(after: timedelta) -> int:
        with later(after):
            identity = await who(portal, token)
            async with portal.work():
                with count_queries():
                    await touch(identity)
                    return query_count()

    assert [await writes(timedelta(minutes=minutes)) for minutes in (0, 4, 6, 10, 12)] == [0, 0, 1, 0, 1]


@pytest.mark.parametrize("what", ["disabled", "deactivated", "deleted", "detached"])
async def test_a_session_ends_with_what_it_stands_on(portal: Portal, ana: Person, what: str) -> None:
    token = await signed_in(portal)
    assert (await who(portal, token)).person == ana.id
    async with portal.work():
        if what == "disabled":
            await Account.update({Account.disabled_at: now()}).where(Account.id == ana.account)
        elif what == "deactivated":
            await Person.update({Person.state: "deactivated"}).where(Person.id == ana.id)
        elif what == "deleted":
            await Person.update({Person.deleted_at: now()}).where(Person.id == ana.id)
        else:
            await Person.update({Person.account: None}).where(Person.id == ana.id)
    assert (await who(portal, token)).person is None


async def test_rotating_ends_the_old_token(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)
    actor = await actor_of(portal, token)
    async with portal.work():
        fresh = await rotate_session(by=actor)
    assert (await who(portal, token)).person is None
    assert (await who(portal, fresh)).person == ana.id
    async with portal.work():
        await end_session(session=actor.session, by=actor)
        with pytest.raises(NotSignedInError):
            await rotate_session(by=actor)


async def test_own_sessions_are_listed_and_ended(portal: Portal, ana: Person) -> None:
    other = await portal.contact("bea@acimos.example")
    foreign = await portal.browser(other)
    first, second, third = [await signed_in(portal) for _ in range(3)]
    actor = await actor_of(portal, first)
    async with portal.work():
        listed = await open_sessions(by=actor)
        assert [(session.current, session.agent) for session in listed] == [(True, "tests")] + [(False, "tests")] * 2
        theirs = await Session.select(Session.id).where(Session.person == other.id).first()
        assert theirs is not None
        with pytest.raises(NotFoundError):
            await end_session(session=theirs["id"], by=actor)
        await end_session(session=listed[1].id, by=actor)
    assert [(await who(portal, token)).person for token in (second, third)].count(None) == 1
    async with portal.work():
        assert await end_other_sessions(by=actor) == 1
    assert [(await who(portal, token)).person for token in (first, second, third)] == [ana.id, None, None]
    assert (await who(portal, foreign.token)).person == other.id


async def test_the_actor_of_a_contact(portal: Portal) -> None:
    parent = await portal.customer("Matriz")
    child = await portal.customer("Filial", parent=parent.id)
    other = await portal.customer("Ajena")
    person = await portal.contact("ana@acimos.example", parent, reach="group", language="pt")
    async with portal.work():
        await Membership.insert(
            Membership(person=person.id, customer=child.id, role=portal.roles["basic"].id, reach="own")
        )
    browser = await portal.browser(person)
    actor = await actor_of(portal, browser.token)
    assert [(place.customer, place.reach, place.inherited) for place in actor.places] == [
        (child.id, Reach.OWN, False),
        (child.id, Reach.GROUP, True),
        (parent.id, Reach.GROUP, False),
    ]
    assert other.id not in {place.customer for place in actor.places}
    assert actor.kind is ActorKind.CONTACT
    assert actor.language in (await portal.snapshot()).languages
    assert actor.modules == (await portal.snapshot()).modules()


async def test_modules_of_a_customer_are_what_the_tenant_grants(portal: Portal, world: World) -> None:
    snapshot = await portal.snapshot()
    if not snapshot.modules():
        pytest.skip("no module is installed")
    module = min(snapshot.modules())
    customer = await portal.customer("Con")
    without = await portal.customer("Sin")
    person = await portal.contact("ana@acimos.example", customer, without)
    async with portal.work():
        await CustomerModule.insert(CustomerModule(customer=without.id, module=module, granted=False))
    actor = await actor_of(portal, (await portal.browser(person)).token)
    assert {place.name: module in place.modules for place in actor.places} == {"Con": True, "Sin": False}
    assert module in actor.modules
    async with portal.work():
        await CustomerModule.insert(CustomerModule(customer=customer.id, module=module, granted=False))
    actor = await actor_of(portal, (await portal.browser(person)).token)
    assert module not in actor.modules


async def test_the_actor_of_staff(portal: Portal) -> None:
    person = await portal.staff("pilar@obrador.example")
    browser = await portal.browser(person)
    async with portal.work():
        identity = await identify(host=host_of(portal), token=browser.token, tenant=portal.tenant.id)
        assert identity is not None
        snapshot = await load_snapshot(portal.tenant.id)
        with count_queries():
            actor = await build_actor(identity, snapshot)
            assert query_count() == 0
        assert actor is not None
        assert (actor.kind, actor.places, actor.modules) == (ActorKind.STAFF, (), snapshot.modules())
        assert actor.staff_grants == snapshot.roles[portal.roles["administrator"].id].grants
        assert await build_actor(replace(identity, staff_role=portal.roles["manager"].id), snapshot) == replace(
            actor, staff_grants={}
        )


async def test_the_active_customer_counts_only_where_she_has_a_place(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)
    foreign = await portal.customer("Ajena")
    async with portal.work():
        own = await Customer.select(Customer.id).where(Customer.name == "Alimentos Ácimos").first()
        assert own is not None
        await Session.update({Session.active_customer: own["id"]}).where(Session.person == ana.id)
    assert (await actor_of(portal, token)).active_customer == own["id"]
    async with portal.work():
        await Session.update({Session.active_customer: foreign.id}).where(Session.person == ana.id)
    assert (await actor_of(portal, token)).active_customer is None


async def test_one_statement_and_no_more(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)
    async with portal.work():
        snapshot = await load_snapshot(portal.tenant.id)
        with count_queries():
            identity = await identify(host=host_of(portal), token=token, tenant=portal.tenant.id)
            assert identity is not None
            await build_actor(identity, snapshot)
            assert query_count() == 1


async def test_the_customers_of_a_group_take_a_second_statement(portal: Portal, ana: Person) -> None:
    token = await signed_in(portal)
    group = await portal.customer("Group")
    for name in ("Daughter", "Another"):
        child = await portal.customer(name)
        async with portal.work():
            await Customer.update({Customer.parent: group.id}).where(Customer.id == child.id)
            await CustomerModule.insert(CustomerModule(customer=child.id, module="bookings", granted=False))
    async with portal.work():
        role = portal.roles["manager"].id
        await Membership.insert(Membership(person=ana.id, customer=group.id, role=role, reach="group"))
        snapshot = await load_snapshot(portal.tenant.id)
        with count_queries():
            identity = await identify(host=host_of(portal), token=token, tenant=portal.tenant.id)
            assert identity is not None
            actor = await build_actor(identity, snapshot)
            assert query_count() == 2
        assert actor is not None
        assert {place.name for place in actor.places} >= {"Group", "Daughter", "Another"}
        assert await build_actor(replace(identity, held=None), snapshot) == actor  # as previews ask, without a session


async def _linked(world: World, ana: Person) -> str:
    """Give somebody at the second portal the same account, signed in; returns the token."""
    customer = await world.second.customer("Éditions du Port")
    other = await world.second.contact("ana@port.example", customer)
    async with world.second.work():
        await Person.update({Person.account: ana.account}).where(Person.id == other.id)
        return await create_session(person=other.id, account=ana.account, kind="contact", device=DEVICE)


async def _is_signed_in(portal: Portal, token: str) -> bool:
    async with portal.work():
        found = await identify(host=host_of(portal), token=token, tenant=portal.tenant.id)
    return found is not None and found.person is not None


async def test_a_new_password_ends_sessions_at_every_portal_of_the_account(world: World, ana: Person) -> None:
    async with world.first.work():
        ana = await Person.objects().get(Person.id == ana.id)  # type: ignore[assignment]  # she is there
        own, elsewhere = [
            await create_session(person=ana.id, account=ana.account, kind="contact", device=DEVICE) for _ in range(2)
        ]
    abroad = await _linked(world, ana)
    async with world.first.work():
        identity = await identify(host=host_of(world.first), token=own, tenant=world.first.tenant.id)
        assert identity is not None
        actor = await build_actor(identity, await load_snapshot(world.first.tenant.id))
        assert actor is not None
        token = await change_password(current=PASSWORD, password=OTHER, by=actor)
    opens = [await _is_signed_in(world.first, each) for each in (token, own, elsewhere)]
    assert (opens, await _is_signed_in(world.second, abroad)) == ([True, False, False], False)


async def test_ending_access_at_one_portal_leaves_the_other_alone(world: World, ana: Person) -> None:
    async with world.first.work():
        ana = await Person.objects().get(Person.id == ana.id)  # type: ignore[assignment]  # she is there
    abroad = await _linked(world, ana)
    async with world.first.work():
        await end_access(person=ana.id)
    assert await _is_signed_in(world.second, abroad)
