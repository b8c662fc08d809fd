"""`portico import timesheets`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.sdk import Importer, Translator, errors, imports
from plugins.timesheets.importing.plans import checked_zone, order_named, plan_for
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.reading import Options, read_grid, read_rows
from plugins.timesheets.services import KIND, Placement, receive_entries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

_ = Translator("timesheets")


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
    order = order_named(date_order)
    tenant = await imports.tenant()
    fallback = None
    if customer:
        fallback = await imports.customer_at(number=customer)
        if fallback is None:
            raise errors.InvalidInputError(_("No customer has the number “{number}”.").format(number=customer))
    placement = Placement(
        create_customers=create_customers, create_projects=True, fallback=fallback, draft=bool(tenant.setting(DRAFTS))
    )
    async with imports.running(kind=KIND, way="command") as run:
        for file in files:
            try:
                grid = await asyncio.to_thread(read_grid, file.read_bytes())
            except imports.SheetError as error:
                yield imports.ImportResult(place=file.name, outcome="refused", reason=error.message)
                continue
            plan = await plan_for(grid)
            options = Options(zone=checked_zone(zone) or plan.zone or str(tenant.zone), order=order or plan.order)
            rows = read_rows(grid, plan.columns, options)
            async for receipt in receive_entries(run=run, rows=rows, placement=placement, name=file.name):
                yield receipt.result


IMPORTER = Importer(
    key=KIND,
    label=_("Registered work"),
    run=import_files,
    suffixes=imports.SUFFIXES,
    options={
        "create_customers": "make the customers that lists name and the portal does not know",
        "date_order": "dmy, mdy or ymd, where the dates of a list do not tell",
        "zone": "time zone of the list's clocks, else the tenant's",
        "customer": "number of the customer to whom rows without one belong",
    },
)
