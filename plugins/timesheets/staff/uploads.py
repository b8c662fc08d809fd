"""Bringing lists of hours in: upload, say how they are read, look at what comes of it, take it in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, errors, formats, imports, page, render, see_other
from plugins.timesheets.importing import (
    AT_ONCE,
    PREVIEW,
    PREVIEWED,
    Plan,
    Wanted,
    begin_intake,
    checked_zone,
    keep_names,
    keep_plan,
    latest_intakes,
    plan_for,
    preview_of,
    rows_in,
    take_now,
)
from plugins.timesheets.pages import AnyRequest, chip
from plugins.timesheets.permissions import ADD_CUSTOMERS, BRING_IN
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.queries import open_customer
from plugins.timesheets.reading import FIELDS, DateOrder, Grid, Options, order_of, read_grid
from plugins.timesheets.reading.columns import layout_of
from plugins.timesheets.services import KIND
from plugins.timesheets.staff.choosing import offered
from plugins.timesheets.values import times_of
from plugins.timesheets.words import FIELD_WORDS, INTAKES, ORDERS

_ = Translator("timesheets")

LARGEST = 50 * 1024 * 1024
MOST_NAMES = 100
"""Names of customers that a page asks about."""


@page("/upload", name="timesheets:upload", permission=BRING_IN)
async def show_upload() -> Response[str]:
    """Ask for a list."""
    return await _upload_page()


async def _upload_page(*, problems: Any = (), status: int = 200) -> Response[str]:
    latest = await latest_intakes()
    begun = {each.problem for each in latest}
    waiting = [
        {"url": f"/staff/timesheets/uploads/{problem.id}", "name": problem.place, "at": problem.created_at}
        for problem in await imports.open_problems(kind=KIND, limit=20)
        if problem.id not in begun
    ]
    return await render(
        "timesheets/staff_upload.html",
        status=status,
        title=_("Upload hours"),
        problems=problems,
        waiting=waiting,
        latest=[
            {
                "url": f"/staff/timesheets/intakes/{each.id}",
                "name": each.name,
                "at": each.at,
                "refused": each.counts["refused"],
                "chip": chip(INTAKES[each.state]),
            }
            for each in latest
        ],
        accept=",".join(imports.SUFFIXES),
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
    draft = bool(current_actor().tenant.setting(DRAFTS))
    return await _preview_page(found, grid, await plan_for(grid), {"draft": draft})


async def _preview_page(
    found: Any, grid: Grid, plan: Plan, said: Mapping[str, Any], *, problems: Any = (), status: int = 200
) -> Response[str]:
    actor = current_actor()
    zone = str(actor.tenant.zone)
    order = order_of(grid, plan.columns, Options(zone=zone, order=plan.order))
    preview = await preview_of(grid, Plan(plan.columns, plan.zone, order), zone)
    search = str(said.get("search", ""))
    rows = rows_in(grid)
    return await render(
        "timesheets/staff_preview.html",
        status=status,
        title=found.place,
        problem=found,
        problems=problems,
        layout=layout_of(grid.columns).label,
        rows=rows,
        looked_at=PREVIEWED if rows > PREVIEWED else None,
        later=rows > AT_ONCE,
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
        names=[await _asked(name, count, said, search) for name, count in preview.unknown],
        nobody=await _asked("", preview.nameless, said, search) if preview.nameless else None,
        search=search,
        may_create=actor.can(ADD_CUSTOMERS),
        said=said,
    )


async def _asked(name: str, count: int, said: Mapping[str, Any], search: str) -> dict[str, Any]:
    """Return a name of a customer to ask about: who it may be, and who was chosen; "" are rows without a name."""
    whose: tuple[UUID, str] | None = said.get("names", {}).get(name) if name else said.get("fallback")
    options = await offered(search, likely=name)
    if whose is not None and str(whose[0]) not in dict(options):
        options = [(str(whose[0]), whose[1]), *options]
    return {"name": name, "count": count, "options": options, "chosen": str(whose[0]) if whose else ""}


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
    """Read the list as chosen: show it again, or take it in and remember the choice; a long one is the worker's."""
    actor = current_actor()
    found, grid = await _grid_of(problem)
    said = await _said(await request.form())
    if said["create_customers"]:
        actor.require(ADD_CUSTOMERS)
    plan = Plan(
        {key: column for key, column in said["columns"].items() if column in grid.columns},
        checked_zone(said["zone"]),
        DateOrder(said["order"]) if said["order"] in set(DateOrder) else None,
    )
    if said["again"] or said["search"]:
        return await _preview_page(found, grid, plan, said)
    await keep_plan(grid, plan)
    await keep_names({name: whose[0] for name, whose in said["names"].items()})
    wanted = Wanted(
        columns=dict(plan.columns),
        head=list(grid.columns),
        zone=plan.zone or str(actor.tenant.zone),
        order=plan.order.value if plan.order else "",
        create_customers=said["create_customers"],
        create_projects=actor.can(ADD_CUSTOMERS),
        fallback=said["fallback"][0] if said["fallback"] else None,
        draft=said["draft"],
    )
    later = rows_in(grid) > AT_ONCE
    intake = await begin_intake(problem=found, wanted=wanted, by=actor, later=later)
    if not later:
        await take_now(intake, by=actor)
    return see_other(f"/staff/timesheets/intakes/{intake}")


async def _said(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a preview says; customers that are none are not chosen."""

    def text(name: str) -> str:
        return str(sent.get(name, ""))

    names = {}
    for place in range(MOST_NAMES):
        name, whose = text(f"name_{place}"), await open_customer(text(f"customer_{place}"))
        if name and whose is not None:
            names[name] = whose
    return {
        "columns": {key: text(f"column_{key}") for key in FIELDS},
        "zone": text("zone"),
        "order": text("order"),
        "names": names,
        "fallback": await open_customer(text("fallback")),
        "draft": bool(sent.get("draft")),
        "create_customers": bool(sent.get("create_customers")),
        "again": bool(sent.get("again")),
        "search": text("search") if sent.get("find") else "",
    }


@action("/uploads/{problem:uuid}/discard", name="timesheets:discard", permission=BRING_IN)
async def discard(problem: FromPath[UUID]) -> Response[str]:
    """Do without a list."""
    found = await imports.load_problem(problem, kind=KIND)
    await imports.discard(found.id)
    return see_other("/staff/timesheets/upload", flash_text=_("The list was discarded."))


HANDLERS: list[Any] = [show_upload, take_upload, show_preview, take_in, discard]
