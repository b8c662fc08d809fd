"""Comments as they are written, and as timelines show them."""

from __future__ import annotations

import asyncio

from core.db import uuid7
from core.messages.timeline import record_context
from core.people.actor import acting_as
from core.records.comments import add_comment
from core.records.kinds import load
from core.records.tables import Comment
from tests.messages.conftest import Paper, World, publish, scoped
from tests.messages.test_bell import actor_of


async def test_a_comment_that_is_sent_twice_stands_once(world: World) -> None:
    paper = await publish(world, "1")
    new = uuid7()

    async def send(text: str) -> None:
        async with scoped(world.tenant):
            bob = await actor_of(world, "bob")
            await add_comment(actor=bob, kind="paper", record=paper, text=text, comment=new)

    await asyncio.gather(*(send("Is this right?") for _ in range(3)))
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            shown = await record_context(actor=bob, kind="paper", record=await load(bob, Paper, paper.id))
    said = [event["comment"]["text"] for event in shown["timeline"] if event["comment"]]
    assert said == ["Is this right?"]


async def test_each_page_offers_a_comment_of_its_own(world: World) -> None:
    paper = await publish(world, "1")
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        with acting_as(bob):
            pages = [await record_context(actor=bob, kind="paper", record=paper) for _ in range(2)]
    assert len({page["comment_url"] for page in pages}) == 2


async def test_control_characters_never_reach_the_database(world: World) -> None:
    paper = await publish(world, "1")
    async with scoped(world.tenant):
        bob = await actor_of(world, "bob")
        await add_comment(actor=bob, kind="paper", record=paper, text="\x00 One\r\ntwo\x1b \n")
        rows = await Comment.select(Comment.body)
    assert rows == [{"body": "One\ntwo"}]
