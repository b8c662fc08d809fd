"""Approving: one entry, what is ticked, or all that the list shows; the approval's own page and sheets."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Response
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from core.sdk import (
    LazyString,
    Translator,
    action,
    current_actor,
    form,
    formats,
    lists,
    load,
    page,
    records,
    render,
    see_other,
)
from plugins.timesheets.forms import ApproveForm
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.pages import AnyRequest, chip, read_stamp, stamp
from plugins.timesheets.permissions import APPROVE, VIEW
from plugins.timesheets.queries import (
    ApprovedRow,
    company_of,
    may_undo,
    page_of_approval,
    reopened_rows,
    standing_ids,
    standing_of,
    tally_of,
)
from plugins.timesheets.services import Approved, approve_entries, undo_approval
from plugins.timesheets.services.approving import APPROVAL
from plugins.timesheets.sheet import approval_pdf, parts_of
from plugins.timesheets.states import EntryKind
from plugins.timesheets.tables import Approval
from plugins.timesheets.values import times_of
from plugins.timesheets.words import ENTRY_STATES, KINDS

_ = Translator("timesheets")


@page("/approve-all", name="timesheets:confirm-all", permission=APPROVE)
async def confirm_all(request: AnyRequest) -> Response[str]:
    """Say how many and how much "approve all" would approve; looking changes nothing."""
    filled = ApproveForm()
    filled.shown_at.data, filled.approval.data = await stamp(), uuid4()
    return await _confirm_page(request, filled)


async def _confirm_page(request: AnyRequest, filled: ApproveForm, *, status: int = 200) -> Response[str]:
    actor = current_actor()
    ids = await lists.selected(ENTRIES, {"all": "1"}, request.url.query, actor)
    return await render(
        "timesheets/approve_all.html",
        status=status,
        title=_("Approve all"),
        form=filled,
        tally=await tally_of(ids, actor),
        passed=len(ids),
        query=request.url.query,
    )


@action("/approve-all", name="timesheets:approve-all", permission=APPROVE)
async def approve_all(request: AnyRequest) -> Response[Any]:
    """Approve all that the list shows and that was shown."""
    actor = current_actor()
    filled = await form(request, ApproveForm)
    if not filled.validate():
        return await _confirm_page(request, filled, status=422)
    ids = await lists.selected(ENTRIES, {"all": "1"}, request.url.query, actor)
    done = await approve_entries(
        entries=ids,
        shown_at=read_stamp(filled.shown_at.data),
        reference=filled.reference.data,
        approval=filled.approval.data,
        by=actor,
    )
    return await _after(done, request.url.query)


@action("/approve", name="timesheets:approve", permission=APPROVE)
async def approve(request: AnyRequest) -> Response[Any]:
    """Approve what is ticked."""
    actor = current_actor()
    sent = await request.form()
    ids = await lists.selected(ENTRIES, sent, request.url.query, actor)
    if not ids:
        back = lists.back_to(ENTRIES, request.url.query)
        return see_other(back, flash_text=_("Tick at least one row first."), kind="error")
    done = await approve_entries(entries=ids, shown_at=read_stamp(str(sent.get("shown_at", ""))), by=actor)
    return await _after(done, request.url.query)


async def _after(done: Approved, query: str) -> Response[Any]:
    """Return to the list; where something was passed over, a page names it."""
    if done.changed or done.before:
        return await render(
            "timesheets/passed.html",
            status=200 if done.entries else 409,
            title=_("Not everything could be approved"),
            done=done,
            said=_said(done),
            changed=[_line(each) for each in done.changed],
            before=[_line(each) for each in done.before],
            back=_back(query, done),
        )
    if len(done.approvals) == 1:  # the list says so itself, with the way to take it back
        return see_other(_back(query, done))
    return see_other(_back(query, done), flash_text=_said(done), kind="success" if done.entries else "info")


def _line(each: Any) -> dict[str, Any]:
    return {
        "url": f"/timesheets/{each.entry}",
        "worker": each.worker,
        "day": each.day,
        "chip": chip(ENTRY_STATES[each.state]),
        "by": each.by,
        "at": each.at,
    }


def _said(done: Approved) -> LazyString:
    if not done.entries:
        return _("Nothing waited for your approval.")
    return _.plural("{n} entry approved.", "{n} entries approved.").format(n=done.entries)


def _back(query: str, done: Approved) -> str:
    back = lists.back_to(ENTRIES, query, without="approved")
    if len(done.approvals) != 1:
        return back
    return f"{back}{'&' if '?' in back else '?'}approved={done.approvals[0]}"


@action("/approvals/{approval:uuid}/undo", name="timesheets:undo", permission=APPROVE)
async def undo(approval: FromPath[UUID]) -> Response[str]:
    """Take an approval back while that is possible."""
    await undo_approval(approval=approval, by=current_actor())
    return see_other("/timesheets", flash_text=_("The approval was taken back."))


@page("/approvals/{approval:uuid}", name="timesheets:approval", permission=VIEW)
async def show_approval(request: AnyRequest, approval: FromPath[UUID]) -> Response[str]:
    """Show what was approved, when and by whom."""
    found = await load(current_actor(), Approval, approval)
    return await render("timesheets/approval.html", title=_("Approval"), **await approval_context(request, found))


async def approval_context(request: AnyRequest, found: Approval) -> dict[str, Any]:
    """Return what an approval's page shows: its facts, and the page of its entries that the address names."""
    actor = current_actor()
    asked = request.query_params
    rows, before, after = await page_of_approval(
        found, after=_id(asked.get("after", "")), before=_id(asked.get("before", ""))
    )
    standing = await standing_of(found)
    opened = await reopened_rows(found, limit=MOST_OPENED) if standing.reopened else []
    return {
        **await records.context(actor=actor, kind=APPROVAL, record=found),
        "approval": found,
        "days": formats.day_range(found.first_day, found.last_day, actor.language),
        "company": await company_of(found),
        "standing": standing,
        "parts": parts_of(found),
        "rows": [_shown(row) for row in rows],
        "opened": [_shown(row) for row in opened],
        "pager": {
            "prev_url": f"?before={before}#entries" if before else None,
            "next_url": f"?after={after}#entries" if after else None,
        },
        "may_undo": actor.is_contact and found.addressee == actor.person and may_undo(found),
    }


MOST_OPENED: Final = 20
"""Entries that were opened again that a page names; the sheet names them all."""


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _shown(row: ApprovedRow) -> dict[str, Any]:
    zone = current_actor().tenant.zone
    regular = row.kind == EntryKind.REGULAR.value
    return {
        "entry": row.entry,
        "day": row.day,
        "worker": row.worker,
        "project": row.project,
        "task": row.task,
        "kind": None if regular else KINDS[EntryKind(row.kind)],
        "times": times_of(row.starts_at, row.ends_at, zone),
        "pause": row.break_seconds,
        "hours": row.worked_seconds,
        "reopened_at": row.reopened_at,
        "reason": row.reason,
    }


@page("/approvals/{approval:uuid}/sheet.xlsx", name="timesheets:approval-xlsx", permission=VIEW)
async def approval_as_xlsx(approval: FromPath[UUID]) -> Stream:
    """Send the approval's entries as a sheet."""
    found = await load(current_actor(), Approval, approval)
    return await lists.send_rows(ENTRIES, await standing_ids(found), "xlsx")


@page("/approvals/{approval:uuid}/sheet.pdf", name="timesheets:approval-pdf", permission=VIEW)
async def approval_as_pdf(approval: FromPath[UUID], part: FromQuery[int] = 1) -> Response[bytes]:
    """Send the approval as a document to file; a very large one in parts."""
    found = await load(current_actor(), Approval, approval)
    return await approval_pdf(found, part)


HANDLERS: list[Any] = [
    confirm_all,
    approve_all,
    approve,
    undo,
    show_approval,
    approval_as_xlsx,
    approval_as_pdf,
]
