"""Ticked rows, or all that match: which of them the reader may act upon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from piccolo.columns.combination import WhereRaw

from core.db import current, each, long_reads
from core.errors import StaleError
from core.lists.query import matching
from core.lists.reading import Reading
from core.lists.state import ListState, first_page, pairs_of, parse_state
from core.people.companies import SHOWN_FOR, shown_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.lists.spec import ListView
    from core.lists.state import Query
    from core.people.actor import Actor

MOST_TICKED: Final = 10_000
ALL, IDS = "all", "id"
_OF_ACTIONS: Final = (ALL, SHOWN_FOR)
"""What the address of an action says beside the list's own state."""


async def selected(view: ListView, form: Query, query: Query, actor: Actor) -> list[UUID]:
    """
    Return ids of the rows that a selection form names, of those that *actor* sees: what is ticked, or all that match.

    *form* is the posted body, *query* the query string of its URL, which holds the list's state.

    Raises:
        StaleError: the page was shown for another customer than the one that is active now.

    """
    posted, state_query = pairs_of(form), pairs_of(query)
    if state_query.get(SHOWN_FOR, [shown_for(actor)])[-1] != shown_for(actor):
        raise StaleError
    if posted.get(ALL, [""])[-1] == "1":
        state = parse_state(view, state_query, today=actor.tenant.today(), language=actor.language)
        reading = Reading.of(view, first_page(state), actor)
        with long_reads():
            found = await reading.rows("ids", lambda places: matching(reading, places, limit=None))
        return [row["id"] for row in found]
    return await visible(view, ticked(posted.get(IDS, [])), actor)


def back_to(view: ListView, query: Query, *, without: str = "") -> str:
    """Return the address of the list that ticked rows were posted from, as it was filtered: *query* is the post's."""
    left_out = {*_OF_ACTIONS, without}
    kept = [(name, value) for name, values in pairs_of(query).items() if name not in left_out for value in values]
    return f"{view.path}?{urlencode(kept)}" if kept else view.path


def ticked(values: list[str]) -> list[UUID]:
    """Return the ids among *values*, each once."""
    found: dict[UUID, None] = {}
    for value in values[:MOST_TICKED]:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)


async def visible(view: ListView, ids: list[UUID], actor: Actor) -> list[UUID]:
    """Return those of *ids* that the list could show to *actor*, in their order."""
    if not ids:
        return []
    reading = Reading.of(view, ListState(), actor)
    reading.values["ids"] = [str(row) for row in ids]
    key = view.table._meta.primary_key
    rows = await reading.rows(
        "among", lambda places: matching(reading, places, limit=None).where(key.is_in(each("ids", "uuid")))
    )
    seen = {row["id"] for row in rows}
    return [row for row in ids if row in seen]


def among(column: Any, ids: Sequence[UUID]) -> Any:
    """Return the condition that *column* is one of *ids*, of which there may be any number."""
    values = [str(id) for id in ids]
    if current().dialect == "sqlite":
        return WhereRaw("{} IN (SELECT value FROM json_each({}))", column, msgspec.json.encode(values).decode())
    return WhereRaw("{} = ANY({}::uuid[])", column, values)
