"""The back office's page to bring in a list of contacts: looked at first, taken in when it is confirmed."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.datastructures import UploadFile

from core.accounts import rate_limits
from core.i18n import Translator, current_language
from core.imports import SUFFIXES, SheetError
from core.people.actor import current_actor
from core.people.importing_check import (
    FIELDS,
    MOST_ON_A_PAGE,
    check_rows,
    import_rows,
    pack_rows,
    template_sheet,
    unpack_rows,
    unread,
)
from core.people.importing_files import people_in
from core.people.new_customers import invites_main_contacts
from core.people.pages import may
from core.people.staff_people_pages import MANAGE, AnyRequest
from core.web import action, page, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.i18n import LazyString
    from core.people.importing_rows import Rows
    from core.people.importing_taking import Taken

_ = Translator("core")

PATH = "/staff/people/import"
MOST_SHOWN = 500
"""Rows of a list that a page shows; of a longer list those that cannot be taken in."""
LARGEST = 5 * 1024 * 1024
"""Bytes of a list that a page takes."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OUTCOMES: dict[str, dict[str, Any]] = {
    "created": {"label": _("New"), "tone": "success", "icon": "user-plus"},
    "updated": {"label": _("Changed"), "tone": "info", "icon": "pencil"},
    "unchanged": {"label": _("As it is"), "tone": "neutral", "icon": "check"},
    "refused": {"label": _("Cannot be taken in"), "tone": "danger", "icon": "circle-x"},
}


@page(PATH, name="people:import", permission=MANAGE)
async def show_import() -> Response[str]:
    """Ask for a list."""
    return await _import_page()


@page(f"{PATH}/template.xlsx", name="people:import_template", permission=MANAGE)
async def template() -> Response[bytes]:
    """Send an empty list to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="contacts.xlsx"'}
    return Response(await template_sheet(current_language()), media_type=XLSX, headers=headers)


@action(PATH, name="people:check_import", permission=MANAGE, request_max_body_size=2 * LARGEST)
async def check(request: AnyRequest) -> Response[str]:
    """Show what would become of each row; nothing is stored."""
    await rate_limits.take(rate_limits.UPLOAD, str(current_actor().person))
    sent = await request.form()
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _import_page(status=422, problem=_("Choose a file."))
    data = await file.read()
    if len(data) > LARGEST:
        text = _("The file is too large: at most {n} MB.").format(n=LARGEST // 1024 // 1024)
        return await _import_page(status=422, problem=text)
    create = bool(sent.get("create_customers")) and may("core:customer:manage")
    try:
        sheet = await asyncio.to_thread(people_in, data)
        rows = list(sheet.rows)
        checked = [*unread(sheet), *await check_rows(rows=rows, create_customers=create)]
    except SheetError as error:
        return await _import_page(status=422, problem=error.message)
    if not checked:
        return await _import_page(status=422, problem=_("The list has no rows."))
    checked.sort(key=lambda one: one.number)
    return await _import_page(checked=checked, rows=rows, create=create, left_out=sheet.left_out)


@action(f"{PATH}/run", name="people:run_import", permission=MANAGE, request_max_body_size=2 * LARGEST)
async def run(request: AnyRequest) -> Response[str]:
    """Take in the rows that were shown; refused ones are named again."""
    sent = await request.form()
    create = bool(sent.get("create_customers")) and may("core:customer:manage")
    try:
        rows = unpack_rows(str(sent.get("rows", "")))
    except SheetError as error:
        return await _import_page(status=422, problem=error.message)
    done = [taken async for taken in import_rows(rows=rows, create_customers=create)]
    counts = _counted(done)
    refused = [_shown(taken) for taken in done if taken.outcome == "refused"]
    return await _import_page(done=counts, create=create, refused=refused[:MOST_SHOWN])


async def _import_page(
    *,
    status: int = 200,
    problem: LazyString | None = None,
    checked: Sequence[Taken] = (),
    rows: Rows | None = None,
    create: bool = False,
    left_out: Sequence[str] = (),
    done: dict[str, int] | None = None,
    refused: Sequence[dict[str, Any]] = (),
) -> Response[str]:
    counts = _counted(checked)
    bad = [one for one in checked if one.outcome == "refused"]
    good = counts["created"] + counts["updated"]
    return await render(
        "people/import.html",
        status=status,
        title=_("Import contacts"),
        problem=problem,
        invites=await invites_main_contacts(),
        accept=",".join(SUFFIXES),
        largest=LARGEST,
        most=MOST_ON_A_PAGE,
        may_create=may("core:customer:manage"),
        checked=bool(checked),
        shown=[_shown(one) for one in (checked if len(checked) <= MOST_SHOWN else bad)[:MOST_SHOWN]],
        counts=counts,
        good=good,
        bad=len(bad),
        rows=pack_rows(rows) if rows and good else "",
        create=create,
        left_out=", ".join(left_out),
        done=done,
        outcomes=OUTCOMES,
        refused=refused,
    )


def _counted(rows: Sequence[Taken]) -> dict[str, int]:
    found = Counter[str](one.outcome for one in rows)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def _shown(taken: Taken) -> dict[str, Any]:
    """Return a row as the page shows it: all that is wrong with it, each with the field it is about."""
    faults = [
        {"field": FIELDS.get(name), "reason": reason} for name, reasons in taken.faults.items() for reason in reasons
    ]
    return {"number": taken.number, "name": taken.name, "chip": OUTCOMES[taken.outcome], "faults": faults}


HANDLERS: list[Any] = [show_import, template, check, run]
