"""What pages for contacts and for staff share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from litestar import Request, Response

from core.sdk import current_actor, formats, lists, now, records
from plugins.timesheets.preferences import SHOW_RATES
from plugins.timesheets.queries import corrections_of, facts_of, last_change, revisions_of
from plugins.timesheets.states import ENTRY, CorrectionState, EntryKind, EntryState
from plugins.timesheets.values import times_of
from plugins.timesheets.words import CORRECTIONS, ENTRY_STATES, KINDS

if TYPE_CHECKING:
    from core.sdk import Actor
    from plugins.timesheets.tables import Entry

AnyRequest = Request[Any, Any, Any]


async def list_page(
    request: AnyRequest, view: lists.ListView, template: str, *, without: tuple[str, ...] = (), **context: Any
) -> Response[str]:
    """Return the page of a list *without* these columns; who belongs to one company needs no column for it."""
    shown_at = await stamp()
    one = len({place.customer for place in current_actor().places}) == 1
    if one and any(column.key == "company" for column in view.columns):
        without = (*without, "company")
    return await lists.show_list(request, view, template, without=without, shown_at=shown_at, **context)


async def stamp() -> str:
    """
    Return how far the reader has seen changes, as forms carry it: to be asked for before what is shown is read.

    The instant of the last change that is committed, not the present one: a change that is still on its way is older
    than now, and has not been shown.
    """
    actor = current_actor()
    return (await last_change(actor)).isoformat() if actor.is_contact else now().isoformat()


def read_stamp(text: str | None) -> datetime:
    """Return the instant of a form; the beginning of time where it is broken, so that nothing counts as shown."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        found = datetime(1970, 1, 1, tzinfo=UTC)
    return found if found.tzinfo is not None else datetime(1970, 1, 1, tzinfo=UTC)


def chip(known: lists.Chip) -> dict[str, Any]:
    """Return a state as templates draw it."""
    return {"label": known.label, "tone": known.tone, "icon": known.icon}


async def entry_context(entry: Entry) -> dict[str, Any]:
    """Return what every page of a loaded entry shows."""
    actor = current_actor()
    names = await facts_of(entry)
    zone = actor.tenant.zone
    return {
        **await records.context(actor=actor, kind=ENTRY, record=entry),
        "entry": entry,
        "names": names,
        "chip": chip(ENTRY_STATES[EntryState(entry.state)]),
        "kind": KINDS[EntryKind(entry.kind)],
        "times": times_of(entry.starts_at, entry.ends_at, zone),
        "rate": rate_of(entry, actor),
        "corrections": [
            {
                "chip": chip(CORRECTIONS[CorrectionState(each.state)]),
                "by": each.by,
                "at": each.at,
                "reason": each.reason,
                "answer": each.answer,
                "times": times_of(each.proposed.starts_at, each.proposed.ends_at, zone) if each.proposed else "",
                "hours": each.proposed.worked_seconds if each.proposed else None,
                "pause": each.proposed.break_seconds if each.proposed else None,
            }
            for each in await corrections_of(entry)
        ],
        "revisions": [
            {
                "at": each.at,
                "day": each.day,
                "reason": each.reason,
                "times": times_of(each.starts_at, each.ends_at, zone),
                "hours": each.worked_seconds,
                "pause": each.break_seconds,
            }
            for each in await revisions_of(entry, drafts=actor.is_staff)
        ],
    }


def rate_of(entry: Entry, actor: Actor) -> str:
    """Return the rate per hour where the reader may see it."""
    if not entry.rate or not (actor.is_staff or actor.tenant.setting(SHOW_RATES)):
        return ""
    return f"{formats.number(entry.rate, actor.language)} {entry.currency}".strip()
