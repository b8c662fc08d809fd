"""What a list would bring, before anything of it is stored."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from plugins.timesheets.reading import Grid, Options, ReadEntry, RowProblem, read_rows
from plugins.timesheets.services.placing import known_customer

if TYPE_CHECKING:
    from plugins.timesheets.importing.plans import Plan

MOST_NAMED: Final = 50
SHOWN: Final = 10
MOST_LOOKED_UP: Final = 500
PREVIEWED: Final = 1_000
"""Rows of a list that are read to be looked at."""


@dataclass(slots=True)
class Preview:
    """What a list would bring: the first entries as they are read, all problems, and names that nobody knows."""

    entries: list[ReadEntry] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    readable: int = 0
    refused: int = 0
    seconds: int = 0
    unknown: list[tuple[str, int]] = field(default_factory=list)
    nameless: int = 0
    """Rows that name no customer."""


async def preview_of(grid: Grid, plan: Plan, zone: str) -> Preview:
    """Read a list without storing anything: its first rows, and whose all of them are."""
    found, names = Preview(), Counter[str]()
    options = Options(zone=plan.zone or zone, order=plan.order)
    rows, whose = await asyncio.to_thread(_look, grid, plan, options)
    for row in rows:
        if isinstance(row, RowProblem):
            found.refused += 1
            if len(found.problems) < MOST_NAMED:
                found.problems.append(row)
            continue
        found.readable += 1
        found.seconds += row.worked_seconds
        if len(found.entries) < SHOWN:
            found.entries.append(row)
    found.nameless = whose.pop(("", ""), 0)
    for (number, name), count in whose.most_common(MOST_LOOKED_UP):
        if await known_customer(number=number, name=name) is None:
            names[name or number] += count
    found.unknown = names.most_common(MOST_NAMED)
    return found


def _look(grid: Grid, plan: Plan, options: Options) -> tuple[list[ReadEntry | RowProblem], Counter[tuple[str, str]]]:
    """Return the first rows of a list, and number and name of the customers of all of them with how many each has."""
    rows = list(islice(read_rows(grid, plan.columns, options), PREVIEWED))
    places = [
        grid.columns.index(plan.columns[field]) if plan.columns.get(field) in grid.columns else None
        for field in ("customer_number", "customer")
    ]
    number, name = places
    whose = Counter(
        (
            " ".join(cells[number].split()) if number is not None else "",
            " ".join(cells[name].split()) if name is not None else "",
        )
        for _line, cells in grid.rows
    )
    return rows, whose
