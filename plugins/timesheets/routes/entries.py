"""Registered work as its customer sees it: the list, one entry, what is wrong with it."""

from __future__ import annotations

from typing import Any
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
from plugins.timesheets.forms import DisputeForm
from plugins.timesheets.lists import ENTRIES
from plugins.timesheets.pages import AnyRequest, entry_context, list_page
from plugins.timesheets.permissions import APPROVE, DISPUTE, VIEW
from plugins.timesheets.preferences import DISPUTES, PROCEDURE
from plugins.timesheets.queries import undoable
from plugins.timesheets.services import dispute_entry
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry

_ = Translator("timesheets")


@page("/", name="timesheets:list", permission=VIEW)
async def list_entries(request: AnyRequest) -> Response[str]:
    """Show the reader's registered work; after an approval with the way to take it back."""
    actor = current_actor()
    takes = bool(actor.tenant.setting(DISPUTES))
    done = None
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
    )


@page("/{entry:uuid}", name="timesheets:show", permission=VIEW)
async def show_entry(entry: FromPath[UUID]) -> Response[str]:
    """Show an entry: what it says, what it said before, what was written about it."""
    return await _entry_page(await load(current_actor(), Entry, entry))


async def _entry_page(
    found: Entry, *, filled: DisputeForm | None = None, status: int = 200, stale: LazyString | None = None
) -> Response[str]:
    actor = current_actor()
    waits = found.state == EntryState.FOR_APPROVAL.value
    takes = bool(actor.tenant.setting(DISPUTES))
    may_approve = waits and await _within(found, APPROVE)
    may_dispute = waits and takes and await _within(found, DISPUTE)
    if filled is None and may_dispute:
        filled = DisputeForm()
        filled.fill_in(found, actor.tenant.zone)
    context = await entry_context(found)
    return await render(
        "timesheets/show.html",
        status=status,
        title=context["names"].worker,
        may_approve=may_approve,
        dispute=filled if may_dispute else None,
        procedure=None if takes else str(actor.tenant.setting(PROCEDURE)),
        shown_at=found.changed_at.isoformat(),
        stale=stale,
        **context,
    )


async def _within(entry: Entry, permission: str) -> bool:
    """Whether a right of the reader reaches an entry that she sees."""
    actor = current_actor()
    sees, reach = actor.reach(VIEW, entry.customer), actor.reach(permission, entry.customer)
    if actor.person is None or reach is None:
        return False
    if sees is not None and sees <= reach:  # as far as she sees: then it reaches what she sees
        return True
    within = Entry.within_reach(actor.reaches(permission), actor.person)
    return bool(await Entry.exists().where(Entry.id == entry.id).where(within))


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
            forms.add_problems(filled, _by_field(error))
        except errors.StaleError as error:  # what was typed is kept beside what it says now
            found = await load(actor, Entry, entry)
            filled.version.data = str(found.version)
            return await _entry_page(found, filled=filled, status=409, stale=error.message)
        else:
            return see_other(
                f"/timesheets/{entry}", flash_text=_("Thank you. We look at it and come back to you here.")
            )
    return await _entry_page(found, filled=filled, status=422)


FIELDS = {"worked_seconds": "hours", "break_seconds": "pause", "ends_at": "ends", "starts_at": "starts"}
"""How forms call what the services check."""


def _by_field(error: errors.InvalidInputError) -> dict[str, Any]:
    return {FIELDS.get(name, name): messages for name, messages in error.fields.items()}


HANDLERS: list[Any] = [
    list_entries,
    *lists.downloads(ENTRIES, name="timesheets:", permission=VIEW),
    show_entry,
    dispute,
]
