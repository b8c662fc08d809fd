"""The bell and the choices of a person."""

from __future__ import annotations

import asyncio

import pytest

from core.contributions import Reach
from core.db import fetch_one, transaction
from core.errors import InvalidInputError
from core.messages.bell import choices_of, choose, mark_read, notices_of, stop_mails, unread_statement
from core.messages.tables import MailChoice
from core.messages.worker import drain
from core.people.actor import Actor, ActorKind, Place, acting_as
from core.people.tables import Membership
from core.records.activity import write_activity
from core.tenancy.snapshot import load_snapshot
from tests.messages.conftest import World, publish, scoped


async def actor_of(world: World, who: str) -> Actor:
    """The actor as a request would make it, places read anew."""
    tenant = await load_snapshot(world.tenant)
    person = getattr(world, who)
    if who == "sam":
        grants = dict(tenant.roles[world.staff_role].grants)
        return Actor(
            kind=ActorKind.STAFF,
            tenant=tenant,
            person=person,
            staff_grants=grants,
            modules=tenant.modules(),
            email="sam@example.net",
        )
    rows = await Membership.select(Membership.customer, Membership.role).where(Membership.person == person)
    places = tuple(
        Place(customer=row["customer"], name="x", role=row["role"], reach=Reach.COMPANY, modules=frozenset({"papers"}))
        for row in rows
    )
    return Actor(kind=ActorKind.CONTACT, tenant=tenant, person=person, places=places, modules=tenant.modules())


async def unread(actor: Actor) -> int:
    sql, args = unread_statement(actor)
    row = await fetch_one(f"SELECT ({sql}) AS n", *args)
    assert row is not None
    return int(row["n"])


async def test_what_somebody_was_told_page_by_page(world: World) -> None:
    papers = [await publish(world, str(number)) for number in range(5)]
    await publish(world, "foreign", customer=world.other)
    await drain()
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            assert await unread(bob) == 5
            first, following = await notices_of(bob, limit=3)
            rest, end = await notices_of(bob, before=following, limit=3)
            assert [told.text for told in first + rest] == [
                f"Obrador published paper {number} · Paper {number}" for number in (4, 3, 2, 1, 0)
            ]
            assert [told.path for told in first] == [f"/papers/{paper.id}" for paper in papers[:1:-1]]
            assert end is None
            await mark_read(bob, first[0].id)
            assert await unread(bob) == 4
            await mark_read(bob)
            assert await unread(bob) == 0
        ana = await actor_of(world, "ana")
        assert await unread(ana) == 5  # hers are hers


async def test_what_may_no_longer_be_seen_is_left_out(world: World) -> None:
    await publish(world, "1")
    await drain()
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            assert len((await notices_of(bob))[0]) == 1
        async with transaction():
            await Membership.delete().where(Membership.person == world.bob)
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            assert (await notices_of(bob))[0] == []


async def test_staff_is_told_what_contacts_do(world: World) -> None:
    paper = await publish(world, "1")
    async with scoped(world.tenant):
        with acting_as(await actor_of(world, "bob")):
            await write_activity(kind="core.first_viewed", record=("paper", paper))
    await drain()
    async with scoped(world.tenant):
        sam = await actor_of(world, "sam")
        with acting_as(sam):
            (told,), _ = await notices_of(sam)
    assert told.text == "Bob Test saw this for the first time · Paper 1"
    assert told.path == f"/staff/papers/{paper.id}"


async def test_choices_start_at_the_defaults_and_are_kept(world: World) -> None:
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        assert {choice.kind: choice.channel for choice in await choices_of(bob)} == {
            "core.comment_added": "mail",
            "papers.published": "mail",
        }
        await choose(
            actor=bob,
            channels={"papers.published": "bell", "core.signed_in": "mail", "papers.accepted": "mail", "x.y": "mail"},
        )
        await choose(actor=bob, channels={"papers.published": "none"})
        assert {choice.kind: choice.channel for choice in await choices_of(bob)} == {
            "core.comment_added": "mail",
            "papers.published": "none",
        }
        rows = await MailChoice.select(MailChoice.person, MailChoice.activity_kind, MailChoice.channel)
        assert [(row["person"], row["activity_kind"], row["channel"]) for row in rows] == [
            (world.bob, "papers.published", "none")
        ]
        with pytest.raises(InvalidInputError):
            await choose(actor=bob, channels={"papers.published": "pigeon"})
        sam = await actor_of(world, "sam")
        assert "papers.accepted" in {choice.kind for choice in await choices_of(sam)}
        assert "papers.published" not in {choice.kind for choice in await choices_of(sam)}


async def test_one_click_stops_mails_but_not_the_bell(world: World) -> None:
    async with scoped(world.tenant):
        await stop_mails(person=world.bob, kind="papers.published")
        bob = await actor_of(world, "bob")
        assert ("papers.published", "bell") in {(choice.kind, choice.channel) for choice in await choices_of(bob)}


async def test_a_choice_that_is_made_twice_at_once_is_one(world: World) -> None:
    async def stop() -> None:
        async with scoped(world.tenant):
            await stop_mails(person=world.bob, kind="papers.published")

    await asyncio.gather(*(stop() for _ in range(5)))
    async with scoped(world.tenant):
        rows = await MailChoice.select(MailChoice.channel).where(MailChoice.person == world.bob)
    assert rows == [{"channel": "bell"}]
