"""Bringing lists of hours in: upload, say how they are read, look at what comes of it, take it in."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, errors, formats, imports, page, render, see_other
from plugins.timesheets.importing import (
    PREVIEW,
    SUFFIXES,
    Plan,
    checked_zone,
    keep_names,
    keep_plan,
    plan_for,
    preview_of,
)
from plugins.timesheets.pages import AnyRequest, times_of
from plugins.timesheets.permissions import ADD_CUSTOMERS, BRING_IN
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.queries import customers
from plugins.timesheets.reading import FIELDS, DateOrder, Grid, Options, date_order, read_grid, read_rows
from plugins.timesheets.reading.columns import layout_of
from plugins.timesheets.services import KIND, Placement, receive_entries
from plugins.timesheets.words import FIELD_WORDS, ORDERS, OUTCOMES

_ = Translator("timesheets")

LARGEST = 50 * 1024 * 1024


@page("/upload", name="timesheets:upload", permission=BRING_IN)
async def show_upload() -> Response[str]:
    """Ask for a list."""
    return await _upload_page()


async def _upload_page(*, problems: Any = (), status: int = 200) -> Response[str]:
    waiting = [
        {"url": f"/staff/timesheets/uploads/{problem.id}", "name": problem.place, "at": problem.created_at}
        for problem in await imports.open_problems(kind=KIND, limit=20)
    ]
    return await render(
        "timesheets/staff_upload.html",
        status=status,
        title=_("Upload hours"),
        problems=problems,
        waiting=waiting,
        accept=",".join(SUFFIXES),
        largest=LARGEST,
    )


@action("/upload", name="timesheets:take", permission=BRING_IN, request_max_body_size=LARGEST + 1024 * 1024)
async def take_upload(request: AnyRequest) -> Response[Any]:
    """Keep a list and show what would come of it; nothing is stored of it yet."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _upload_page(problems=[_("Choose a file.")], status=422)
    data = await file.read()
    try:
        await asyncio.to_thread(read_grid, data)
    except errors.InvalidInputError as error:
        return await _upload_page(problems=[error.message], status=422)
    async with imports.running(kind=KIND, way="page") as run:
        name = imports.clean_name(file.filename)
        problem = await imports.quarantine(run=run, place=name, reason=PREVIEW, data={}, content=data)
    return see_other(f"/staff/timesheets/uploads/{problem}")


async def _grid_of(problem: UUID) -> tuple[Any, Grid]:
    found = await imports.load_problem(problem, kind=KIND)
    if not imports.is_open(found):
        raise errors.NotFoundError
    return found, await asyncio.to_thread(read_grid, await imports.content_of(found))


@page("/uploads/{problem:uuid}", name="timesheets:preview", permission=BRING_IN)
async def show_preview(problem: FromPath[UUID]) -> Response[str]:
    """Show how a list is read and what would come of it."""
    found, grid = await _grid_of(problem)
    return await _preview_page(found, grid, await plan_for(grid))


async def _preview_page(
    found: Any, grid: Grid, plan: Plan, *, problems: Any = (), said: dict[str, Any] | None = None, status: int = 200
) -> Response[str]:
    actor = current_actor()
    zone = str(actor.tenant.zone)
    places = [grid.columns.index(plan.columns[name]) for name in ("day", "start", "end_day") if name in plan.columns]
    order = plan.order or date_order(row[place] for _line, row in grid.rows for place in places)
    preview = await preview_of(grid, Plan(plan.columns, plan.zone, order), zone)
    return await render(
        "timesheets/staff_preview.html",
        status=status,
        title=found.place,
        problem=found,
        problems=problems,
        layout=layout_of(grid.columns).label,
        rows=len(grid.rows),
        fields=[{"key": key, "label": str(FIELD_WORDS[key]), "column": plan.columns.get(key, "")} for key in FIELDS],
        columns=grid.columns,
        zone=plan.zone or zone,
        zones=_ZONES if zone in _ZONES else (zone, *_ZONES),
        orders=[{"key": each.value, "label": str(ORDERS[each])} for each in DateOrder],
        order=order.value if order else "",
        ask_order=order is None,
        preview=preview,
        total=formats.duration(preview.seconds, actor.language),
        entries=[
            {
                "line": each.line,
                "day": each.day,
                "worker": each.worker,
                "customer": each.customer or each.customer_number,
                "project": each.project or each.project_number,
                "task": each.task,
                "times": times_of(each.starts_at, each.ends_at, actor.tenant.zone),
                "hours": each.worked_seconds,
            }
            for each in preview.entries
        ],
        customers=await customers(),
        may_create=actor.can(ADD_CUSTOMERS),
        said=said or {"draft": bool(actor.tenant.setting(DRAFTS)), "create_customers": False, "fallback": ""},
    )


_ZONES = (
    "Europe/Madrid",
    "Atlantic/Canary",
    "Europe/Paris",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/London",
    "America/Sao_Paulo",
    "America/Mexico_City",
    "America/New_York",
    "UTC",
)


@action("/uploads/{problem:uuid}", name="timesheets:take-in", permission=BRING_IN)
async def take_in(request: AnyRequest, problem: FromPath[UUID]) -> Response[Any]:
    """Read the list as chosen: show it again, or take it in and remember the choice."""
    actor = current_actor()
    found, grid = await _grid_of(problem)
    sent = await request.form()
    said = {
        "draft": bool(sent.get("draft")),
        "create_customers": bool(sent.get("create_customers")),
        "fallback": str(sent.get("fallback", "")),
    }
    if said["create_customers"]:
        actor.require(ADD_CUSTOMERS)
    columns = {key: str(sent.get(f"column_{key}", "")) for key in FIELDS}
    order = str(sent.get("order", ""))
    plan = Plan(
        {key: column for key, column in columns.items() if column in grid.columns},
        checked_zone(str(sent.get("zone", ""))),
        DateOrder(order) if order in set(DateOrder) else None,
    )
    if sent.get("again"):
        return await _preview_page(found, grid, plan, said=said)
    known = dict(await customers())
    decided = {
        str(sent.get(f"name_{place}", "")): UUID(value)
        for place in range(100)
        if (value := str(sent.get(f"customer_{place}", ""))) and _is_known(value, known)
    }
    await keep_plan(grid, plan)
    await keep_names({name: customer for name, customer in decided.items() if name})
    placement = Placement(
        create_customers=bool(said["create_customers"]),
        fallback=UUID(str(said["fallback"])) if _is_known(str(said["fallback"]), known) else None,
        draft=bool(said["draft"]),
    )
    options = Options(zone=plan.zone or str(actor.tenant.zone), order=plan.order)
    counts: dict[str, int] = {}
    refused: list[dict[str, Any]] = []
    async with imports.running(kind=KIND, way="page") as run:
        rows = await asyncio.to_thread(lambda: list(read_rows(grid, plan.columns, options)))
        async for receipt in receive_entries(run=run, rows=rows, placement=placement, by=actor):
            counts[receipt.result.outcome] = counts.get(receipt.result.outcome, 0) + 1
            if receipt.result.outcome == "refused" and len(refused) < 200:
                refused.append({"line": receipt.result.place, "reason": receipt.result.reason})
    if not refused:
        await imports.resolve(found.id, resolution="taken")
    return await render(
        "timesheets/staff_taken.html",
        title=found.place,
        problem=found,
        counts=[
            {"label": str(OUTCOMES[key].label), "tone": OUTCOMES[key].tone, "icon": OUTCOMES[key].icon, "n": n}
            for key, n in sorted(counts.items())
        ],
        refused=refused,
        more=counts.get("refused", 0) - len(refused),
    )


def _is_known(value: str, known: dict[UUID, str]) -> bool:
    try:
        return UUID(value) in known
    except ValueError:
        return False


@action("/uploads/{problem:uuid}/discard", name="timesheets:discard", permission=BRING_IN)
async def discard(problem: FromPath[UUID]) -> Response[str]:
    """Do without a list."""
    found = await imports.load_problem(problem, kind=KIND)
    await imports.discard(found.id)
    return see_other("/staff/timesheets/upload", flash_text=_("The list was discarded."))


HANDLERS: list[Any] = [show_upload, take_upload, show_preview, take_in, discard]
