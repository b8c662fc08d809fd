"""Rows that stand together under headings: by project, by worker, by week, with the sums of the whole group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.lists.conditions import aggregate, named
from core.lists.query import GROUP, group_of, matching, patience
from core.lists.words import sum_text, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.lists.links import Links
    from core.lists.reading import Places, Reading

MOST_GROUPS: Final = 2_000
_ORDINARY: Final = frozenset({"money"})
"""Sums in several currencies are not written beside headings."""


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """How many rows a group has, and its sums by key: of all its rows, whatever the page shows."""

    count: int
    sums: Mapping[str, int]


async def read_groups(reading: Reading, rows: list[dict[str, Any]]) -> dict[Any, GroupTotals]:
    """Read the totals of each group: one statement where rows stand in groups, none otherwise."""
    group = group_of(reading)
    if group is None or not rows:
        return {}
    sums = [each for each in reading.view.sums if each.kind not in _ORDINARY]

    def build(places: Places) -> Any:
        columns = [aggregate("count(*)", (), "n")]
        columns += [aggregate("sum({})", (), f"sum_{each.key}", each.source) for each in sums]
        query = matching(reading, places, named(group.source, GROUP), *columns, limit=None)
        return query.group_by(group.source).limit(MOST_GROUPS)

    with patience(reading):
        found = await reading.rows(("groups", group.key), build)
    return {
        row[GROUP]: GroupTotals(row["n"], {each.key: int(row[f"sum_{each.key}"] or 0) for each in sums})
        for row in found
    }


def under_headings(
    reading: Reading, rows: list[dict[str, Any]], groups: Mapping[Any, GroupTotals], language: str
) -> None:
    """Put a heading on each first row of a group; rows that do not stand in groups stay as they are."""
    group = group_of(reading)
    if group is None:
        return
    before: Any = object()
    for row in rows:
        if row[GROUP] != before:
            before = row[GROUP]
            totals = groups.get(before)
            row["heading"] = {
                "text": group.text(row, language),
                "count": totals.count if totals else None,
                "sums": [
                    {
                        "label": word(each.label, language),
                        "text": sum_text(each, {None: totals.sums[each.key]}, language),
                    }
                    for each in reading.view.sums
                    if totals and each.key in totals.sums
                ],
            }


def group_links(reading: Reading, links: Links, language: str) -> list[dict[str, Any]]:
    """Return the ways to each grouping, and back to none."""
    if not reading.view.groups:
        return []
    present = group_of(reading)
    default = reading.view.default_sort
    ordinary = links.sort(default.removeprefix("-"), descending=default.startswith("-"))
    found: list[dict[str, Any]] = [{"label": None, "url": ordinary}]
    found += [
        {"label": word(group.label, language), "url": links.sort(f"by_{group.key}", descending=False)}
        for group in reading.view.groups
    ]
    for place, link in enumerate(found):
        link["current"] = present == (reading.view.groups[place - 1] if place else None)
    return found
