"""How lists are read: what staff has decided once for lists with the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.sdk import Translator, errors, fold, transaction
from plugins.timesheets.reading import DateOrder, Grid, Mapping, signature, suggest
from plugins.timesheets.tables import ColumnPlan, KnownName

_ = Translator("timesheets")


def order_named(text: str) -> DateOrder | None:
    """
    Return the order of dates that an option names; None where it names none.

    Raises:
        InvalidInputError: it is no order.

    """
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
