"""Pages of a list, forth and back, in any order."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.lists.reading import Reading
from core.lists.state import Cursor
from core.people.actor import Actor
from core.records.base import beyond_reach
from tests.lists.asking import ALL, Acting, everything, page_of, published, state_of
from tests.lists.sample import (
    PAPERS,
    Office,
    Paper,
)

SORTS = [
    "number",
    "subject",
    "issued_on",
    "due_on",
    "sent_at",
    "customer_name",
    "project_name",
    "total",
    "seconds",
    "urgent",
]


async def leafed(actor: Actor, sort: str) -> tuple[list[list[UUID]], list[list[UUID]]]:
    """All pages forth and back."""
    forth: list[list[UUID]] = []
    page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}", actor), actor))
    assert page.before is None
    while True:
        forth.append([UUID(row["id"]) for row in page.rows])
        if page.after is None:
            break
        page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&after={page.after.text}", actor), actor))
    back = [forth[-1]]
    while page.before is not None:
        page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&before={page.before.text}", actor), actor))
        back.insert(0, [UUID(row["id"]) for row in page.rows])
    return forth, back


async def test_paging_loses_and_doubles_no_row_and_goes_back_the_same_way(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        for sort in [*SORTS, *(f"-{key}" for key in SORTS)]:
            forth, back = await leafed(actor, sort)
            found = [row for rows in forth for row in rows]
            assert sorted(found) == sorted(row["id"] for row in published(office)), sort
            assert [row for rows in back for row in rows] == found, sort


async def test_rows_that_go_between_two_pages_disturb_no_other(office: Office, acting: Acting) -> None:
    actor = everything(office)
    async with acting(actor):
        first = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort=due_on", actor), actor))
        assert first.after is not None
        following = state_of(f"{ALL}&sort=due_on&after={first.after.text}", actor)
        before = await page_of(Reading.of(PAPERS, following, actor))
        with beyond_reach("test: somebody deletes what the reader has just seen"):
            await Paper.delete().where(Paper.id.is_in([UUID(row["id"]) for row in first.rows]))
        after = await page_of(Reading.of(PAPERS, following, actor))
    assert [row["id"] for row in after.rows] == [row["id"] for row in before.rows]


async def test_order_has_nulls_last_either_way_and_ties_by_id(office: Office, acting: Acting) -> None:
    actor = everything(office)
    rows = [(row["due_on"], row["id"]) for row in published(office)]
    rising = [*sorted(row for row in rows if row[0]), *sorted(row for row in rows if not row[0])]
    falling = [
        *sorted((row for row in rows if row[0]), reverse=True),
        *sorted((row for row in rows if not row[0]), reverse=True),
    ]
    async with acting(actor):
        for sort, expected in (("due_on", rising), ("-due_on", falling)):
            page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}", actor), actor), size=1000)
            assert [UUID(row["id"]) for row in page.rows] == [row for _, row in expected]


async def test_a_cursor_of_another_order_is_left_out(office: Office, acting: Acting) -> None:
    actor = everything(office)
    values = ["a", None, 7, True, date(2026, 1, 1), "a\x00", 2**70, datetime(2026, 1, 1)]  # noqa: DTZ001 -- naive on purpose
    async with acting(actor):
        for sort in SORTS:
            for value in values:
                cursor = Cursor("after", value, office.papers[0]["id"]).text
                page = await page_of(Reading.of(PAPERS, state_of(f"{ALL}&sort={sort}&after={cursor}", actor), actor))
                assert isinstance(page.rows, list)
