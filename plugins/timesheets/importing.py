"""`portico import timesheets`, and what the upload page shares with it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.sdk import Importer, Translator, errors, fold, imports, transaction
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.reading import (
    DateOrder,
    Grid,
    GridError,
    Mapping,
    Options,
    ReadEntry,
    RowProblem,
    read_grid,
    read_rows,
    signature,
    suggest,
)
from plugins.timesheets.services import KIND, Placement, receive_entries
from plugins.timesheets.services.receiving import known_customer
from plugins.timesheets.tables import ColumnPlan, KnownName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

_ = Translator("timesheets")

SUFFIXES: Final = (".csv", ".xlsx", ".txt", ".tsv")
PREVIEW: Final = "preview"
"""The reason of lists that wait to be taken in."""


async def import_files(  # noqa: PLR0913, RUF100 -- one option of the command each
    *,
    files: Sequence[Path],
    create_customers: bool = False,
    date_order: str = "",
    zone: str = "",
    customer: str = "",
) -> AsyncIterator[imports.ImportResult]:
    """
    Read lists of hours, with the columns that staff has chosen for such lists, or else those that their names tell.

    Raises:
        InvalidInputError: an option that says nothing.

    """
    order = _order(date_order)
    tenant = await imports.tenant()
    fallback = None
    if customer:
        fallback = await imports.customer_at(number=customer)
        if fallback is None:
            raise errors.InvalidInputError(_("No customer has the number “{number}”.").format(number=customer))
    placement = Placement(create_customers=create_customers, fallback=fallback, draft=bool(tenant.setting(DRAFTS)))
    async with imports.running(kind=KIND, way="command") as run:
        for file in files:
            try:
                grid = read_grid(file.read_bytes())
            except GridError as error:
                yield imports.ImportResult(place=file.name, outcome="refused", reason=error.message)
                continue
            plan = await plan_for(grid)
            options = Options(zone=checked_zone(zone) or plan.zone or str(tenant.zone), order=order or plan.order)
            rows = read_rows(grid, plan.columns, options)
            async for receipt in receive_entries(run=run, rows=rows, placement=placement, name=file.name):
                yield receipt.result


def _order(text: str) -> DateOrder | None:
    if not text:
        return None
    try:
        return DateOrder(text)
    except ValueError as error:
        raise errors.InvalidInputError(
            _("“{text}” is no order of dates. Say dmy, mdy or ymd.").format(text=text)
        ) from error


def checked_zone(text: str) -> str:
    """
    Return the name of a time zone.

    Raises:
        InvalidInputError: there is none of that name.

    """
    try:
        return str(ZoneInfo(text)) if text else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise errors.InvalidInputError(_("“{text}” is no time zone.").format(text=text)) from error


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list is read: the column of each field, its zone and the order of its dates where somebody has said so."""

    columns: Mapping
    zone: str = ""
    order: DateOrder | None = None


async def plan_for(grid: Grid) -> Plan:
    """Return how a list with these columns is read: as staff has decided once, else as their names tell."""
    kept = await ColumnPlan.objects().where(ColumnPlan.signature == signature(grid.columns)).first()
    if kept is None:
        return Plan(suggest(grid.columns))
    stored: Any = kept.columns
    columns = msgspec.json.decode(stored, type=dict[str, str]) if isinstance(stored, str) else dict(stored)
    return Plan(columns, kept.zone, DateOrder(kept.date_order) if kept.date_order else None)


async def keep_plan(grid: Grid, plan: Plan) -> None:
    """Remember how lists with these columns are read."""
    mark = signature(grid.columns)
    row = ColumnPlan(
        signature=mark,
        columns=msgspec.json.encode(dict(plan.columns)).decode(),
        zone=plan.zone,
        date_order=plan.order.value if plan.order else "",
    )
    async with transaction():
        await ColumnPlan.delete().where(ColumnPlan.signature == mark)
        await ColumnPlan.insert(row)


async def keep_names(customers: dict[str, UUID]) -> None:
    """Remember which customers names in lists stand for."""
    async with transaction():
        for name, customer in sorted(customers.items()):
            folded = fold(name)
            await KnownName.delete().where(KnownName.kind == "customer", KnownName.name_folded == folded)
            await KnownName.insert(KnownName(kind="customer", name_folded=folded, customer=customer))


MOST_NAMED = 50


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
    """Read a list without storing anything."""
    found, names = Preview(), Counter[str]()
    placement = Placement()
    options = Options(zone=plan.zone or zone, order=plan.order)
    rows = await asyncio.to_thread(lambda: list(read_rows(grid, plan.columns, options)))
    for row in rows:
        if isinstance(row, RowProblem):
            found.refused += 1
            if len(found.problems) < MOST_NAMED:
                found.problems.append(row)
            continue
        found.readable += 1
        found.seconds += row.worked_seconds
        if len(found.entries) < 10:
            found.entries.append(row)
        if not (row.customer or row.customer_number):
            found.nameless += 1
            continue
        key = (row.customer_number, row.customer)
        if key not in placement.customers:
            placement.customers[key] = await known_customer(row, placement)
        if placement.customers[key] is None:
            names[row.customer or row.customer_number] += 1
    found.unknown = names.most_common(MOST_NAMED)
    return found


IMPORTER = Importer(
    key=KIND,
    label=_("Registered work"),
    run=import_files,
    suffixes=SUFFIXES,
    options={
        "create_customers": "make the customers that lists name and the portal does not know",
        "date_order": "dmy, mdy or ymd, where the dates of a list do not tell",
        "zone": "time zone of the list's clocks, else the tenant's",
        "customer": "number of the customer to whom rows without one belong",
    },
)
