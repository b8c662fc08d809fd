"""Registered work of all customers: asking for approval, correcting, answering, opening again, invoicing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from core.sdk import (
    LazyString,
    Translator,
    action,
    current_actor,
    errors,
    form,
    lists,
    load,
    page,
    render,
    see_other,
)
from plugins.timesheets.forms import AnswerForm, CorrectForm, ReasonForm, read_version
from plugins.timesheets.lists import STAFF_ENTRIES
from plugins.timesheets.pages import AnyRequest, entry_context, list_page
from plugins.timesheets.permissions import BRING_IN, MANAGE, STAFF_VIEW
from plugins.timesheets.queries import standing_ids
from plugins.timesheets.routes.approvals import approval_context
from plugins.timesheets.routes.entries import correct_by
from plugins.timesheets.services import (
    accept_correction,
    answer_dispute,
    invoice_entries,
    remind_now,
    reopen_entries,
    submit_entries,
)
from plugins.timesheets.sheet import approval_pdf
from plugins.timesheets.states import EntryState, Step, after
from plugins.timesheets.tables import Approval, Entry

_ = Translator("timesheets")


@page("/", name="timesheets:staff-list", permission=STAFF_VIEW)
async def list_entries(request: AnyRequest) -> Response[str]:
    """Show the registered work of all customers."""
    actor = current_actor()
    return await list_page(
        request,
        STAFF_ENTRIES,
        "timesheets/staff_list.html",
        without=("kind",),  # as wide as it is with the companies; filters and sheets have it
        may_bring_in=actor.can(BRING_IN),
        may_manage=actor.can(MANAGE),
    )


# -- with ticked rows --------------------------------------------------------------------------------------------------


async def _ticked(request: AnyRequest) -> list[UUID]:
    return await lists.selected(STAFF_ENTRIES, await request.form(), request.url.query, current_actor())


def _nothing_ticked(request: AnyRequest) -> Response[str]:
    return see_other(_back(request), flash_text=_("Tick at least one row first."), kind="error")


def _back(request: AnyRequest) -> str:
    """Return the list that the rows were ticked in, filtered as it was."""
    return lists.back_to(STAFF_ENTRIES, request.url.query)


@action("/submit", name="timesheets:submit", permission=MANAGE)
async def submit(request: AnyRequest) -> Response[str]:
    """Ask for the approval of ticked drafts."""
    if not (ids := await _ticked(request)):
        return _nothing_ticked(request)
    n = await submit_entries(entries=ids, by=current_actor())
    said = _.plural("{n} entry waits for approval now.", "{n} entries wait for approval now.")
    return see_other(_back(request), flash_text=said.format(n=n))


@action("/invoice", name="timesheets:invoice", permission=MANAGE)
async def invoice(request: AnyRequest) -> Response[str]:
    """Mark ticked approved entries as invoiced."""
    if not (ids := await _ticked(request)):
        return _nothing_ticked(request)
    n = await invoice_entries(entries=ids, by=current_actor())
    said = _.plural("{n} entry is invoiced now.", "{n} entries are invoiced now.")
    return see_other(_back(request), flash_text=said.format(n=n))


@action("/reopen", name="timesheets:ask-reason", permission=MANAGE)
async def ask_reason(request: AnyRequest) -> Response[str]:
    """Ask why ticked entries are to be opened again."""
    if not (ids := await _ticked(request)):
        return _nothing_ticked(request)
    return await _reason_page(ids, ReasonForm())


async def _reason_page(ids: list[UUID], filled: ReasonForm, *, status: int = 200) -> Response[str]:
    return await render(
        "timesheets/staff_reopen.html", status=status, title=_("Open again"), form=filled, ids=[str(id) for id in ids]
    )


@action("/reopened", name="timesheets:reopen", permission=MANAGE)
async def reopen(request: AnyRequest) -> Response[str]:
    """Open entries again, with the reason."""
    if not (ids := await _ticked(request)):
        return _nothing_ticked(request)
    filled = await form(request, ReasonForm)
    if not filled.validate():
        return await _reason_page(ids, filled, status=422)
    n = await reopen_entries(entries=ids, reason=filled.reason.data, by=current_actor())
    said = _.plural("{n} entry waits for approval again.", "{n} entries wait for approval again.")
    return see_other("/staff/timesheets", flash_text=said.format(n=n))


@action("/remind", name="timesheets:remind", permission=MANAGE)
async def remind() -> Response[str]:
    """Remind everybody for whom something waits."""
    n = await remind_now()
    said = _.plural("{n} person was reminded.", "{n} people were reminded.").format(n=n)
    return see_other("/staff/timesheets", flash_text=said if n else _("Nobody has to be reminded today."))


# -- one entry ---------------------------------------------------------------------------------------------------------


@page("/{entry:uuid}", name="timesheets:staff-show", permission=STAFF_VIEW)
async def show_entry(entry: FromPath[UUID]) -> Response[str]:
    """Show an entry with what can be done about it."""
    return await _entry_page(await load(current_actor(), Entry, entry))


async def _entry_page(
    found: Entry,
    *,
    correct: CorrectForm | None = None,
    answer: AnswerForm | None = None,
    status: int = 200,
    stale: LazyString | None = None,
) -> Response[str]:
    actor = current_actor()
    state = EntryState(found.state)
    may = actor.can(MANAGE)
    if correct is None:
        correct = CorrectForm()
        correct.fill_in(found, actor.tenant.zone)
    if answer is None:
        answer = AnswerForm()
        answer.version.data = str(found.version)
    context = await entry_context(found)
    proposed = next((each for each in context["corrections"] if each["hours"] is not None), None)
    return await render(
        "timesheets/staff_show.html",
        status=status,
        title=context["names"].worker,
        correct=correct if may and after(Step.CORRECT, state) else None,
        answer=answer if may and after(Step.ANSWER, state) else None,
        acceptable=proposed if may and state is EntryState.DISPUTED else None,
        may_submit=may and state is EntryState.DRAFT,
        may_reopen=may and state is EntryState.APPROVED,
        stale=stale,
        **context,
    )


@action("/{entry:uuid}/correct", name="timesheets:correct", permission=MANAGE)
async def correct(request: AnyRequest, entry: FromPath[UUID]) -> Response[Any]:
    """Put an entry right."""
    return await correct_by(request, await load(current_actor(), Entry, entry), "/staff/timesheets", _entry_page)


@action("/{entry:uuid}/accept", name="timesheets:accept", permission=MANAGE)
async def accept(request: AnyRequest, entry: FromPath[UUID]) -> Response[Any]:
    """Take over what the customer proposes."""
    version = str((await request.form()).get("version", ""))
    await accept_correction(entry=entry, version=read_version(version), by=current_actor())
    return see_other(f"/staff/timesheets/{entry}", flash_text=_("The entry is corrected as proposed."))


@action("/{entry:uuid}/answer", name="timesheets:answer", permission=MANAGE)
async def answer(request: AnyRequest, entry: FromPath[UUID]) -> Response[Any]:
    """Explain why an entry stays as it is."""
    filled = await form(request, AnswerForm)
    version = str(filled.version.data or "")
    actor = current_actor()
    if filled.validate():
        try:
            await answer_dispute(entry=entry, version=read_version(version), answer=filled.answer.data, by=actor)
        except errors.StaleError as error:
            found = await load(actor, Entry, entry)
            filled.version.data = str(found.version)
            return await _entry_page(found, answer=filled, status=409, stale=error.message)
        return see_other(f"/staff/timesheets/{entry}", flash_text=_("Your answer is there for the customer."))
    return await _entry_page(await load(actor, Entry, entry), answer=filled, status=422)


# -- approvals ---------------------------------------------------------------------------------------------------------


@page("/approvals/{approval:uuid}", name="timesheets:staff-approval", permission=STAFF_VIEW)
async def show_approval(request: AnyRequest, approval: FromPath[UUID]) -> Response[str]:
    """Show what was approved, when and by whom."""
    found = await load(current_actor(), Approval, approval)
    context = await approval_context(request, found)
    return await render("timesheets/staff_approval.html", title=_("Approval"), **context)


@page("/approvals/{approval:uuid}/sheet.xlsx", name="timesheets:staff-approval-xlsx", permission=STAFF_VIEW)
async def approval_as_xlsx(approval: FromPath[UUID]) -> Stream:
    """Send the approval's entries as a sheet."""
    found = await load(current_actor(), Approval, approval)
    return await lists.send_rows(STAFF_ENTRIES, await standing_ids(found), "xlsx")


@page("/approvals/{approval:uuid}/sheet.pdf", name="timesheets:staff-approval-pdf", permission=STAFF_VIEW)
async def approval_as_pdf(approval: FromPath[UUID], part: FromQuery[int] = 1) -> Response[bytes]:
    """Send the approval as a document to file; a very large one in parts."""
    found = await load(current_actor(), Approval, approval)
    return await approval_pdf(found, part)


HANDLERS: list[Any] = [
    list_entries,
    *lists.downloads(STAFF_ENTRIES, name="timesheets:staff-", permission=STAFF_VIEW),
    submit,
    invoice,
    ask_reason,
    reopen,
    remind,
    show_entry,
    correct,
    accept,
    answer,
    show_approval,
    approval_as_xlsx,
    approval_as_pdf,
]
