"""Headings say how much their whole group is, on every page, however many groups there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.contributions import Reach
from core.db import forget_statements
from core.i18n import Translator
from core.lists import groups, list_view
from core.lists.query import GROUP
from core.lists.spec import Group
from core.people.actor import Actor
from tests.lists.sample import PAPERS, Office, Paper, contact

_ = Translator("core")
Acting = Callable[[Actor], Any]
BY_PROJECT = Group(
    key="project",
    label=_("Project"),
    source=Paper.project,
    order=(Paper.project.name_folded, Paper.project),
    text=lambda row, _language: row["project_name"] or "–",
)
BY_NUMBER = Group(
    key="number",
    label=_("Number"),
    source=Paper.number,
    order=(Paper.number,),
    text=lambda row, _language: row["number"],
)
GROUPED = replace(PAPERS, groups=(BY_PROJECT, BY_NUMBER), page_size=7)


def everything(office: Office) -> Actor:
    return contact(office, office.people[0], *((customer, Reach.COMPANY) for customer in office.customers))


async def pages(query: str, actor: Actor) -> list[dict[str, Any]]:
    """All pages' rows."""
    rows: list[dict[str, Any]] = []
    while True:
        view = await list_view(GROUPED, query, actor)
        rows += view["rows"]
        if not view["pager"]["next_url"]:
            return rows
        query = view["pager"]["next_url"].partition("?")[2]


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize(("key", "column"), [("project", "project"), ("number", "number")])
async def test_headings_are_of_their_whole_group(
    office: Office, acting: Acting, key: str, column: str, way: str
) -> None:
    mine = [row for row in office.papers if row["published_at"]]
    counts = Counter(row[column] for row in mine)
    seconds = Counter({row[column]: 0 for row in mine})
    for row in mine:
        seconds[row[column]] += row["seconds"] or 0
    async with acting(everything(office)):
        rows = await pages(f"period=all&sort={way}by_{key}", everything(office))
        assert len(rows) == len(mine)
        headings = [(row[GROUP], row["heading"]) for row in rows if "heading" in row]
        assert {value for value, _heading in headings} == set(counts)
        for value, heading in headings:
            assert (heading["count"], heading["capped"]) == (counts[value], False)
            hours, minutes = divmod(seconds[value] // 60, 60)
            wanted = "\N{NO-BREAK SPACE}".join
            parts = [wanted((str(hours), "h"))] if hours else []
            parts += [wanted((str(minutes), "min"))] if minutes or not hours else []
            assert heading["sums"] == [{"label": "Hours", "text": " ".join(parts)}]


async def test_very_large_groups_are_counted_so_far(
    office: Office, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "CAP", 5)
    forget_statements()
    mine = Counter(row["project"] for row in office.papers if row["published_at"])
    assert {count > 5 for count in mine.values()} == {True, False}
    async with acting(everything(office)):
        rows = await pages("period=all&sort=by_project&q=", everything(office))
        for row in rows:
            if "heading" in row:
                large = mine[row[GROUP]] > 5
                assert (row["heading"]["count"], row["heading"]["capped"]) == (min(mine[row[GROUP]], 5), large)
                assert bool(row["heading"]["sums"]) != large
    forget_statements()  # they count to five
