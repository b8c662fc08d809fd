"""The back office's log: what happened, by whom, to what; whether it is whole; and a copy to take away."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromQuery

from core.accounts import rate_limits
from core.formats import dates
from core.i18n import Translator, current_language
from core.messages.log import Asked, Entry, as_csv, chain_state, entries
from core.people.actor import current_actor
from core.people.pages import choice_filter, column, list_view, nothing_found
from core.people.queries import Page
from core.records.audit import check_chain
from core.registry import CORE, registry
from core.web import Download, action, page, render, see_other, visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.people.actor import Actor

_ = Translator("core")

VIEW = "core:audit:view"
PATH = "/staff/log"


def _day(text: str) -> date | None:
    """Read a day; None for what is none, or so far off that no instant of it can be reckoned with."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date.min.year < found.year < date.max.year else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _record(text: str) -> tuple[str, UUID] | None:
    """Read `kind:id`; None for what no module knows."""
    kind, _colon, id = text.partition(":")
    found = _id(id)
    return (kind, found) if found is not None and kind in registry().record_kinds else None


def _asked(given: Mapping[str, str], after: str = "") -> Asked:
    return Asked(
        who=given["q"].strip(),
        person=_id(given["person"]),
        kind=given["kind"] if given["kind"] in registry().activity_kinds else "",
        first=_day(given["day_from"]),
        last=_day(given["day_to"]),
        record=_record(given["record"]),
        after=_id(after),
    )


@page(PATH, name="messages:log", permission=VIEW)
async def show_log(  # noqa: PLR0917 -- one parameter per filter in the address
    q: FromQuery[str] = "",
    person: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    day_from: FromQuery[str] = "",
    day_to: FromQuery[str] = "",
    record: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Show the log, newest first, as far as the filters ask for it."""
    actor = current_actor()
    given = {"q": q, "person": person, "kind": kind, "day_from": day_from, "day_to": day_to, "record": record}
    asked = _asked(given, after)
    found, last = await entries(actor, asked)
    return await render(
        "messages/log.html",
        title=_("Log"),
        frame="layouts/staff.html",
        view=_view(actor, asked, given, found, last),
        chain=await chain_state(actor.tenant.id),
        subject=next(({"url": entry.url, "title": entry.title} for entry in found if entry.url), None)
        if asked.record is not None
        else None,
    )


def _view(
    actor: Actor, asked: Asked, given: Mapping[str, str], found: list[Entry], last: Entry | None
) -> dict[str, Any]:
    rows = [
        {
            "id": entry.id,
            "at": entry.at,
            "what": entry.what,
            "who": entry.who,
            "about": entry.title,
            "url": f"{PATH}?{urlencode({'record': f'{entry.event.record_kind}:{entry.event.record}'})}",
            "customer": entry.customer,
            "number": entry.sequence,
        }
        for entry in found
    ]
    kinds = sorted(
        (
            (key, str(owned.item.label))
            for key, owned in registry().activity_kinds.items()
            if _is_on(owned.owner, actor)
        ),
        key=lambda pair: pair[1].casefold(),
    )
    days = {key: given[f"day_{key}"] for key, day in (("from", asked.first), ("to", asked.last)) if day is not None}
    kept = {
        "kind": asked.kind,
        **{f"day_{key}": text for key, text in days.items()},
        "person": given["person"] if asked.person else "",
        "record": given["record"] if asked.record else "",
    }
    view = list_view(
        title=_("Log"),
        path=PATH,
        page=Page(rows, str(last.id) if last is not None else None),
        columns=[
            column("at", _("Time"), "instant"),
            column("what", _("What happened")),
            column("about", _("Record"), "title"),
            column("who", _("Person")),
            column("customer", _("Customer")),
            column("number", _("No.")),
        ],
        search=given["q"],
        search_label=_("Person"),
        empty=nothing_found(_("Nothing of the kind has happened.")),
        chosen=kept,
        filters=[
            choice_filter("kind", _("What happened"), [("", _("Everything")), *kinds], asked.kind),
            {
                "key": "day",
                "label": _("Period"),
                "kind": "date_range",
                "options": [],
                "from": None,
                "to": None,
                **days,
            },
        ],
        first=asked.after is None,
    )
    view["keep"] = [{"name": key, "value": kept[key]} for key in ("person", "record") if kept[key]]
    view["active"] += _chips(asked, given, kept, found)
    query = {key: value for key, value in {**kept, "q": given["q"]}.items() if value}
    view["export_urls"] = {"csv": f"{PATH}/export.csv" + (f"?{urlencode(query)}" if query else ""), "xlsx": None}
    return view


def _is_on(owner: str, actor: Actor) -> bool:
    return owner == CORE or owner in actor.modules


def _chips(asked: Asked, given: Mapping[str, str], kept: Mapping[str, str], found: list[Entry]) -> list[dict[str, Any]]:
    """Return what is filtered by besides the kind, each with the way to take it off."""
    language = current_language()

    def without(key: str) -> str:
        query = {name: value for name, value in {**kept, "q": given["q"]}.items() if value and name != key}
        return f"{PATH}?{urlencode(query)}" if query else PATH

    chips: list[dict[str, Any]] = []
    if asked.first is not None:
        label = _("From {day} on").format(day=dates.day(asked.first, language))
        chips.append({"label": label, "remove_url": without("day_from")})
    if asked.last is not None:
        label = _("Until {day}").format(day=dates.day(asked.last, language))
        chips.append({"label": label, "remove_url": without("day_to")})
    if asked.person is not None:
        chips.append({"label": _("One person"), "remove_url": without("person")})
    if asked.record is not None:
        titles = [entry.title for entry in found if entry.title]
        chips.append({"label": titles[0] if titles else _("One record"), "remove_url": without("record")})
    return chips


@page(f"{PATH}/export.csv", name="messages:export_log", permission=VIEW)
async def export_log(  # noqa: PLR0917 -- as above
    q: FromQuery[str] = "",
    person: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    day_from: FromQuery[str] = "",
    day_to: FromQuery[str] = "",
    record: FromQuery[str] = "",
) -> Download:
    """Send all that the filters ask for as a text table."""
    actor = current_actor()
    if visit().scope["method"] != "HEAD":
        await rate_limits.take(rate_limits.EXPORT, str(actor.person))
    given = {"q": q, "person": person, "kind": kind, "day_from": day_from, "day_to": day_to, "record": record}
    name = f"log-{actor.tenant.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Download(as_csv(actor, _asked(given)), media_type="text/csv", headers=headers)


@action(f"{PATH}/check", name="messages:check_log", permission=VIEW)
async def check_log() -> Response[str]:
    """Check the whole chain now."""
    result = await check_chain()
    if result.holds:
        return see_other(
            PATH, flash_text=_("The log is whole: nothing in it was changed, removed or added afterwards.")
        )
    return see_other(PATH, flash_text=_("The log does not hold. Ask whoever runs the portal."), kind="error")


HANDLERS: list[Any] = [show_log, export_log, check_log]
