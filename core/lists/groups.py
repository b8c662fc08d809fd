"""Rows that stand together under headings: by project, by worker, by week, with the sums of the whole group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from core.lists.conditions import named
from core.lists.query import CAP, GROUP, group_of, matching, patience
from core.lists.words import sum_text, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.lists.links import Links
    from core.lists.reading import Places, Reading

_ORDINARY: Final = frozenset({"money"})
"""Sums in several currencies are not written beside headings."""


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """How many rows a group has, and its sums by key: of all its rows, whatever the page shows; none where capped."""

    count: int
    capped: bool
    sums: Mapping[str, int]


async def read_groups(reading: Reading, rows: list[dict[str, Any]]) -> dict[Any, GroupTotals]:
    """Read the totals of the groups of a page's *rows*: one statement where they stand in groups, none otherwise."""
    group = group_of(reading)
    if group is None or not rows:
        return {}
    found = list(dict.fromkeys(row[GROUP] for row in rows))
    known = [place for place, value in enumerate(found) if value is not None]
    reading.values.update({f"{reading.prefix}group_{place}": found[place] for place in known})
    sums = [each for each in reading.view.sums if each.kind not in _ORDINARY]

    def build(places: Places) -> Any:
        parts = []
        for place in range(len(found)):
            mine = "{} = {}" if place in known else "{} IS NULL"
            values = (places(f"group_{place}"),) if place in known else ()
            sources = [named(each.source, f"sum_{each.key}") for each in sums]
            query = matching(reading, places, *sources, limit=None).where(WhereRaw(mine, group.source, *values))
            outputs = "".join(f', sum("sum_{each.key}") AS "sum_{each.key}"' for each in sums)
            text = f"SELECT {place} AS place, count(*) AS n{outputs} FROM ({{}}) AS part{place}"  # noqa: S608 -- names of ours
            parts.append(QueryString(text, query.limit(CAP + 1).querystrings[0]))
        return QueryString(" UNION ALL ".join("{}" for _ in parts), *parts)

    with patience(reading):
        totals = await reading.rows(("groups", group.key, len(found), tuple(known)), build)
    return {
        found[row["place"]]: GroupTotals(
            min(row["n"], CAP),
            row["n"] > CAP,
            {} if row["n"] > CAP else {each.key: int(row[f"sum_{each.key}"] or 0) for each in sums},
        )
        for row in totals
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
                "capped": totals.capped if totals else False,
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
