"""The list as a file: XLSX with typed cells, or CSV. Streamed from the database into a temporary file, memory flat."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from core.db import long_reads, stream
from core.errors import InvalidInputError, NotFoundError, StaleError
from core.i18n import Translator, current_language
from core.lists import choosing
from core.lists.query import rows_query
from core.lists.reading import Reading
from core.lists.selection import ALL, IDS, among, ticked
from core.lists.sheets import CsvSheet, Sheet, XlsxSheet
from core.lists.state import ListState, first_page, pairs_of, parse_state
from core.people.companies import SHOWN_FOR, shown_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from core.lists.spec import ListView, Unit
    from core.lists.state import Query
    from core.people.actor import Actor

_ = Translator("core")

Suffix = Literal["xlsx", "csv"]
MEDIA_TYPES: Final[dict[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_PORTION = 1_000
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Export:
    """A written file; `chunks()` hands it out and removes it."""

    path: Path
    filename: str
    media_type: str
    rows: int

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes; the file is gone afterwards, also when the reader has gone away."""
        try:
            with self.path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk
        finally:
            self.remove()

    def remove(self) -> None:
        """Remove the file, where nobody is to get it."""
        with suppress(FileNotFoundError):
            self.path.unlink()


async def export(
    view: ListView,
    query: Query,
    actor: Actor,
    *,
    suffix: Suffix,
    ids: Sequence[UUID] | None = None,
    remembered: Unit | None = None,
    whole: bool = False,
) -> Export:
    """
    Write the whole filtered list that *query* describes, or exactly the rows *ids*, as far as *actor* sees them.

    The columns are those that she has chosen for the list; all of them with *whole*, or where the query says so.

    Raises:
        NotPermittedError: the reader may not see this list.
        NotFoundError: this list has no exports.

    """
    actor.require(view.permission)
    if view.export_name is None or suffix not in MEDIA_TYPES:
        raise NotFoundError
    language = current_language()
    today = actor.tenant.today()
    given = pairs_of(query)
    state = first_page(parse_state(view, given, today=today, language=language, remembered=remembered))
    if ids is not None:
        state = ListState(sort=state.sort)
    reading = Reading.of(view, state, actor)
    whole = whole or given.get(choosing.COLUMNS, [""])[-1] == choosing.ALL
    columns, read = choosing.export_columns(view, actor, whole=whole)
    key = view.table._meta.primary_key

    def build(places: Any) -> Any:
        found = rows_query(reading, places, read)
        return found if ids is None else found.where(among(key, ids))

    with tempfile.NamedTemporaryFile(prefix="portico-export-", suffix=f".{suffix}", delete=False) as file:
        path = Path(file.name)
    kind = XlsxSheet if suffix == "xlsx" else CsvSheet
    sheet: Sheet = kind(path, reading, columns, language)
    written = 0
    try:
        if ids is None or ids:
            with long_reads():
                async for rows in stream(reading.built(build, compiled=False), size=_PORTION):
                    await asyncio.to_thread(sheet.write, rows)
                    written += len(rows)
        await asyncio.to_thread(sheet.close)
    except BaseException:
        sheet.abandon()
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    stamp = state.span.key if state.span is not None and state.span.first is not None else today.isoformat()
    return Export(path, f"{view.export_name}-{stamp}.{suffix}", MEDIA_TYPES[suffix], written)


async def export_selected(
    view: ListView, form: Query, query: Query, actor: Actor, *, suffix: Suffix = "xlsx"
) -> Export:
    """
    Write what a selection form names: the ticked rows, or all that match the state in its URL.

    Raises:
        InvalidInputError: nothing is ticked.
        StaleError: the page was shown for another customer than the one that is active now.

    """
    posted, state = pairs_of(form), pairs_of(query)
    if state.get(SHOWN_FOR, [shown_for(actor)])[-1] != shown_for(actor):
        raise StaleError
    if posted.get(ALL, [""])[-1] == "1":
        return await export(view, state, actor, suffix=suffix)
    ids = ticked(posted.get(IDS, []))
    if not ids:
        raise InvalidInputError(_("Tick at least one row first."))
    return await export(view, state, actor, suffix=suffix, ids=ids)
