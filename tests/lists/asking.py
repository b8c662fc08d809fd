"""Asking a list, and what the sample holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.contributions import Reach
from core.lists.query import read_page
from core.lists.reading import Reading
from core.lists.state import ListState, parse_state
from core.people.actor import Actor
from tests.lists.sample import (
    PAPERS,
    Office,
    contact,
)

Acting = Callable[[Actor], Any]
ALL = "period=all"


def everything(office: Office) -> Actor:
    """A contact of all customers, who sees what is published."""
    return contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))


def published(office: Office) -> list[dict[str, Any]]:
    return [row for row in office.papers if row["published_at"]]


def state_of(query: str, actor: Actor) -> ListState:
    return parse_state(PAPERS, query, today=actor.tenant.today())


async def page_of(reading: Reading, *, size: int | None = None) -> Any:
    """A page of the standard columns."""
    return await read_page(reading, [column for column in reading.view.columns if column.page], size=size)


async def ids(query: str, actor: Actor) -> set[UUID]:
    page = await page_of(Reading.of(PAPERS, state_of(query, actor), actor), size=1000)
    return {UUID(row["id"]) for row in page.rows}
