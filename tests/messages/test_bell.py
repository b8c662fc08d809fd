"""The bell and the choices of a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from core.contributions import Reach
from core.db import fetch_one, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import text_in
from core.messages.bell import choices_of, choose, mark_read, notices_of, stop_mails, unread_statement
from core.messages.recipients import Event
from core.messages.tables import MailChoice
from core.messages.texts import known_facts
from core.messages.worker import drain
from core.people.actor import Actor, ActorKind, Place, acting_as
from core.people.tables import Membership
from core.records.activity import write_activity
from core.records.base import beyond_reach
from core.tenancy.snapshot import load_snapshot
from tests.messages.conftest import Paper, World, publish, scoped


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


GONE = ("This is no longer available to you.", "/notifications", "eye-off")


async def test_of_what_may_no_longer_be_seen_only_that_is_said(world: World) -> None:
    paper = await publish(world, "1")
    await publish(world, "2")
    await drain()
    async with scoped(world.tenant):
        with beyond_reach("test: takes it back"):
            await Paper.update({Paper.published_at: None}).where(Paper.id == paper.id)
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            newest, gone = (await notices_of(bob))[0]
            assert (gone.text, gone.path, gone.icon) == GONE
            assert newest.text == "Obrador published paper 2 · Paper 2"
        async with transaction():
            await Membership.delete().where(Membership.person == world.bob)
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            told = (await notices_of(bob))[0]
            assert [(one.text, one.path, one.icon) for one in told] == [GONE, GONE]
            assert await unread(bob) == len([one for one in told if one.unread]) == 2
            await mark_read(bob, told[0].id)
            assert await unread(bob) == len([one for one in (await notices_of(bob))[0] if one.unread]) == 1


async def test_a_module_that_is_off_is_neither_listed_nor_counted(world: World) -> None:
    await publish(world, "1")
    await drain()
    async with scoped(world.tenant):
        bob = replace(await actor_of(world, "bob"), modules=frozenset())
        with acting_as(bob):
            assert ((await notices_of(bob))[0], await unread(bob)) == ([], 0)
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            assert (len((await notices_of(bob))[0]), await unread(bob)) == (1, 1)


async def test_nobody_reads_another_one_s(world: World) -> None:
    await publish(world, "1")
    await drain()
    async with scoped(world.tenant):
        bob, ana = await actor_of(world, "bob"), await actor_of(world, "ana")
        with acting_as(bob):
            (told,), _ = await notices_of(bob)
        with pytest.raises(NotFoundError):
            await mark_read(ana, told.id)
        assert (await unread(ana), await unread(bob)) == (1, 1)


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


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2026-01-05", "05/01/2026"),
        ("2026-02-30", "2026-02-30"),
        ("2026-01-05T10:00:00+00:00", "05/01/2026 11:00"),
        ("2026-01-05T10:00", "2026-01-05T10:00"),
        ("2026-01-05T10:00 Acme", "2026-01-05T10:00 Acme"),
        ("0001-01-01T00:00+14:00", "0001-01-01T00:00+14:00"),
    ],
)
async def test_what_only_looks_like_a_day_is_told_as_it_was_typed(world: World, typed: str, shown: str) -> None:
    async with scoped(world.tenant):
        tenant = await load_snapshot(world.tenant)
        event = Event(
            id=uuid4(), kind="x", by_kind="staff", by=None, record_kind=None, record=None, customer=None,
            data={"title": typed},
        )  # fmt: skip
        facts = known_facts(tenant, event, names={}, subject=None)
    assert text_in(facts["title"], "es") == shown
