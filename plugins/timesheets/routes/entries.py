"""Registered work as its customer sees it: the list, one entry, what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.sdk import (
    LazyString,
    Translator,
    action,
    current_actor,
    errors,
    form,
    forms,
    lists,
    load,
    page,
    render,
    see_other,
)
from plugins.timesheets.forms import CorrectForm, DisputeForm
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.pages import AnyRequest, entry_context, list_page
from plugins.timesheets.permissions import APPROVE, CHANGE, DISPUTE, VIEW
from plugins.timesheets.preferences import DISPUTES, PROCEDURE
from plugins.timesheets.queries import register_at, undoable, within
from plugins.timesheets.services import correct_entry, dispute_entry
from plugins.timesheets.states import EntryState, Step, after
from plugins.timesheets.tables import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_ = Translator("timesheets")

_CORRECT = "correct-"
"""What tells the fields of one form on the page from those of the other."""


@page("/", name="timesheets:list", permission=VIEW)
async def list_entries(request: AnyRequest) -> Response[str]:
    """Show the reader's registered work; after an approval with the way to take it back."""
    actor = current_actor()
    takes = bool(actor.tenant.setting(DISPUTES))
    done, at = None, register_at(actor)
    approved = request.query_params.get("approved", "")
    if approved:
        try:
            done = await undoable(UUID(approved), actor)
        except ValueError:
            done = None
    return await list_page(
        request,
        ENTRIES,
        "timesheets/list.html",
        undoable=done,
        without=() if takes else ("comments",),
        may_approve=actor.can(APPROVE),
        may_register=actor.active_customer in at if actor.active_customer is not None else bool(at),
    )


@page("/{entry:uuid}", name="timesheets:show", permission=VIEW)
async def show_entry(entry: FromPath[UUID]) -> Response[str]:
    """Show an entry: what it says, what it said before, what was written about it."""
    return await _entry_page(await load(current_actor(), Entry, entry))


async def _entry_page(
    found: Entry,
    *,
    filled: DisputeForm | None = None,
    correct: CorrectForm | None = None,
    status: int = 200,
    stale: LazyString | None = None,
) -> Response[str]:
    actor = current_actor()
    waits = found.state == EntryState.FOR_APPROVAL.value
    takes = bool(actor.tenant.setting(DISPUTES))
    may_approve = waits and await within(found, actor, APPROVE)
    may_dispute = waits and takes and await within(found, actor, DISPUTE)
    may_change = after(Step.CORRECT, EntryState(found.state)) is not None and await within(found, actor, CHANGE)
    opened = "correct" if correct is not None else "dispute" if filled is not None else ""
    if filled is None and may_dispute:
        filled = DisputeForm()
        filled.fill_in(found, actor.tenant.zone)
    if correct is None and may_change:
        correct = CorrectForm(prefix=_CORRECT)
        correct.fill_in(found, actor.tenant.zone)
    context = await entry_context(found)
    return await render(
        "timesheets/show.html",
        status=status,
        title=context["names"].worker,
        may_approve=may_approve,
        dispute=filled if may_dispute else None,
        correct=correct if may_change else None,
        opened=opened,
        procedure=None if takes else str(actor.tenant.setting(PROCEDURE)),
        shown_at=found.changed_at.isoformat(),
        stale=stale,
        **context,
    )


@action("/{entry:uuid}/dispute", name="timesheets:dispute", permission=DISPUTE)
async def dispute(request: AnyRequest, entry: FromPath[UUID]) -> Response[Any]:
    """Say that an entry is wrong; what was typed stays in the form where it is refused."""
    actor = current_actor()
    found = await load(actor, Entry, entry)
    filled = await form(request, DisputeForm)
    if filled.validate():
        try:
            await dispute_entry(
                entry=entry,
                version=filled.shown_version(),
                reason=filled.reason.data,
                proposed=filled.values(found.day, actor.tenant.zone, found),
                by=actor,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, by_field(error))
        except errors.StaleError as error:  # what was typed is kept beside what it says now
            found = await load(actor, Entry, entry)
            filled.version.data = str(found.version)
            return await _entry_page(found, filled=filled, status=409, stale=error.message)
        else:
            return see_other(
                f"/timesheets/{entry}", flash_text=_("Thank you. We look at it and come back to you here.")
            )
    return await _entry_page(found, filled=filled, status=422)


@action("/{entry:uuid}/correct", name="timesheets:change", permission=CHANGE)
async def change(request: AnyRequest, entry: FromPath[UUID]) -> Response[Any]:
    """Put an entry right, as a contact who may."""
    actor = current_actor()
    found = await load(actor, Entry, entry)
    if not await within(found, actor, CHANGE):
        raise errors.NotPermittedError
    return await correct_by(request, found, "/timesheets", _entry_page, prefix=_CORRECT)


async def correct_by(
    request: AnyRequest,
    found: Entry,
    base: str,
    entry_page: Callable[..., Awaitable[Response[str]]],
    *,
    prefix: str = "",
) -> Response[Any]:
    """Correct a loaded entry by the form on its page; what was typed stays in it where it is refused."""
    actor = current_actor()
    filled = await form(request, CorrectForm, prefix=prefix)
    if filled.validate() and filled.day.data is not None:
        try:
            values = filled.values(filled.day.data, actor.tenant.zone, found)
            if values is None:
                said = _("Say when the work began and ended, or how long.")
                raise errors.InvalidInputError(fields={"worked_seconds": [said]})  # noqa: TRY301 -- as the service says
            await correct_entry(
                entry=found.id,
                version=filled.shown_version(),
                values=values,
                reason=filled.reason.data,
                day=filled.day.data,
                task=filled.task.data,
                note=filled.note.data,
                by=actor,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, by_field(error))
        except errors.StaleError as error:  # what was typed is kept beside what it says now
            found = await load(actor, Entry, found.id)
            filled.version.data = str(found.version)
            return await entry_page(found, correct=filled, status=409, stale=error.message)
        else:
            return see_other(f"{base}/{found.id}", flash_text=_("The entry is corrected."))
    return await entry_page(found, correct=filled, status=422)


FIELDS = {"worked_seconds": "hours", "break_seconds": "pause", "ends_at": "ends", "starts_at": "starts"}
"""How forms call what the services check."""


def by_field(error: errors.InvalidInputError) -> dict[str, Any]:
    """Return what the services refuse by the names of the forms' fields."""
    return {FIELDS.get(name, name): messages for name, messages in error.fields.items()}


HANDLERS: list[Any] = [
    list_entries,
    *lists.downloads(ENTRIES, name="timesheets:", permission=VIEW),
    show_entry,
    dispute,
    change,
]
