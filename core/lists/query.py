"""The rows of a list: by key (seek) paging, in its order."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from core.db import long_reads
from core.lists.conditions import conditions, named
from core.lists.order import is_sorted, may_be_null, sort_sources, tenant_of, usable
from core.lists.state import Cursor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from piccolo.query import Select

    Rows = Select[Any]

    from core.lists.reading import Places, Reading
    from core.lists.spec import Column, Group

CAP: Final = 10_000
"""Counted exactly up to here; beyond, "10,000+"."""
_SORT = "_sort"
CURRENCY: Final = "currency"
"""Under this name a row holds its currency, where the list has amounts."""
GROUP: Final = "_group"
"""Under this name a row holds what tells its group apart."""


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, their ids as text, and the places before and behind it, None at the ends."""

    rows: list[dict[str, Any]]
    before: Cursor | None
    after: Cursor | None


def sort_column(reading: Reading) -> Column | None:
    """Return the column by which a reading is sorted."""
    sort = reading.state.sort
    return next((column for column in reading.view.sortable if sort and column.key == sort.key), None)


def group_of(reading: Reading) -> Group | None:
    """Return what the rows stand together by, if anything."""
    if not reading.view.groups:
        return None
    sort = reading.state.sort
    return next((group for group in reading.view.groups if sort and sort.key == f"by_{group.key}"), None)


def patience(reading: Reading) -> AbstractContextManager[None]:
    """Let staff's searches through everything, and what is to be sorted, run in a thread; a customer's rows are few."""
    at_once = reading.actor.is_contact or not (reading.state.narrowed or is_sorted(sort_sources(sort_column(reading))))
    return nullcontext() if at_once else long_reads()


def selected_sources(reading: Reading, columns: Sequence[Column]) -> list[Any]:
    """Return what is read for *columns*: their sources, the view's fields, the currency, the id."""
    view = reading.view
    found: dict[str, Any] = {"id": view.table._meta.primary_key}
    if view.currency is not None:
        found[CURRENCY] = view.currency
    found |= view.fields
    found |= {column.key: column.source for column in columns if column.source is not None}
    return [named(source, key) for key, source in found.items()]


def _order(query: Rows, sources: Sequence[Any], *, nullable: bool, descending: bool, backwards: bool) -> Rows:
    """NULLs come last either way; ties go by id, so that every row has its place."""
    key = query.table._meta.primary_key
    for source in sources:
        if nullable:
            query = query.order_by(
                QueryString("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", source), ascending=not backwards
            )
        query = query.order_by(source, ascending=descending == backwards)
    return query.order_by(key, ascending=descending == backwards)


def _beyond(reading: Reading, places: Places, cursor: Cursor) -> Any:
    """Return the condition "behind (or before) this row in the list's order"."""
    key = reading.view.table._meta.primary_key
    column, sort = sort_column(reading), reading.state.sort
    forwards = cursor.way == "after"
    descending = bool(sort and sort.descending)
    sign = ">" if forwards != descending else "<"
    row = places("cursor_id")
    if column is None:
        return WhereRaw(f"{{}} {sign} {{}}", key, row)
    sources = sort_sources(column)
    if cursor.value is None:
        same = WhereRaw(f"({{}} IS NULL AND {{}} {sign} {{}})", sources[0], key, row)
        return same if forwards else WhereRaw("{} IS NOT NULL", sources[0]) | same
    marks = ", ".join("{}" for _ in (*sources, key))
    values = [places(f"cursor_value_{number}") for number in range(len(sources))]
    beyond = WhereRaw(f"({marks}) {sign} ({marks})", *sources, key, *values, row)
    return beyond | WhereRaw("{} IS NULL", sources[0]) if forwards and may_be_null(column) else beyond


def rows_query(
    reading: Reading,
    places: Places,
    columns: Sequence[Column],
    *,
    cursor: Cursor | None = None,
    limit: int | None = None,
) -> Rows:
    """
    Build the query for the rows of *columns* in the list's order.

    Where no index of the table has that order, the rows of a page are found first, by what they are sorted by alone,
    and the rest is read for these: else all that a page shows would be worked out for whatever is sorted. So are those
    of a search: how many it finds nobody knows, and PostgreSQL reads a joined table once for each where it expects one.
    """
    column = sort_column(reading)
    by = sort_sources(column)
    sources = selected_sources(reading, columns)
    names = _sorted_by(column, columns)
    sources += [named(source, name) for source, name in zip(by, names, strict=True) if name.startswith(_SORT)]
    if (group := group_of(reading)) is not None:
        sources.append(named(group.source, GROUP))
    query = _ordered(reading, reading.view.table.select(*sources), cursor)
    if limit is None or not (is_sorted(by) or reading.state.search):
        query = _among(reading, places, query, cursor)
        return query if limit is None else query.limit(limit)
    key = reading.view.table._meta.primary_key
    own = [named(source, f"{_SORT}{number}") for number, source in enumerate(by)]
    found = _ordered(reading, reading.view.table.select(key.as_alias("id"), *own), cursor)
    found = _among(reading, places, found, cursor).limit(limit)
    if column is not None and not may_be_null(column) and (tenant := tenant_of(by[0])) is not None:
        # true of every row: it lets the database walk through what is joined in its order, instead of sorting all
        found = found.where(WhereRaw("{} = {}", tenant, places.shared("tenant")))
    return query.where(WhereRaw('{} IN (SELECT "id" FROM ({}) AS found)', key, found.querystrings[0]))


def _among(reading: Reading, places: Places, query: Rows, cursor: Cursor | None) -> Rows:
    wanted = conditions(reading, places)
    if cursor is not None:
        wanted.append(_beyond(reading, places, cursor))
    for condition in wanted:
        query = query.where(condition)
    return query


def _ordered(reading: Reading, query: Rows, cursor: Cursor | None) -> Rows:
    sort, column = reading.state.sort, sort_column(reading)
    return _order(
        query,
        sort_sources(column),
        nullable=column is not None and may_be_null(column),
        descending=bool(sort and sort.descending),
        backwards=cursor is not None and cursor.way == "before",
    )


def _sorted_by(column: Column | None, columns: Sequence[Column]) -> list[str]:
    """Return the names in a row of what it is sorted by: that of the column itself where it is read anyway."""
    if column is not None and column.sort is True and any(each is column for each in columns):
        return [column.key]
    return [f"{_SORT}{number}" for number in range(len(sort_sources(column)))]


def _cursor(way: Literal["after", "before"], row: Mapping[str, Any], sorted_by: Sequence[str]) -> Cursor:
    values = tuple(row[name] for name in sorted_by)
    return Cursor(way, values if len(values) > 1 else values[0] if values else None, UUID(row["id"]))


@dataclass(frozen=True, slots=True)
class _Ask:
    """What of a page's statement does not depend on the page."""

    columns: Sequence[Column]
    keys: tuple[str, ...]
    sort: Column | None
    sorted_by: list[str]


def _ask(reading: Reading, columns: Sequence[Column]) -> _Ask:
    known: _Ask | None = reading.kept.get("rows")
    if known is None or known.columns is not columns:
        sort = sort_column(reading)
        keys = tuple(column.key for column in columns)
        known = reading.kept["rows"] = _Ask(columns, keys, sort, _sorted_by(sort, columns))
    return known


async def read_page(reading: Reading, columns: Sequence[Column], *, size: int | None = None) -> Page:
    """Read one page of *columns*: one statement; of others nothing is read or joined."""
    view, ask = reading.view, _ask(reading, columns)
    column, sorted_by = ask.sort, ask.sorted_by
    cursor = reading.state.cursor if usable(reading.state.cursor, column) else None
    if cursor is not None:
        reading.values[reading.prefix + "cursor_id"] = cursor.id
        values = cursor.value if isinstance(cursor.value, tuple) else (cursor.value,)
        reading.values.update({f"{reading.prefix}cursor_value_{number}": each for number, each in enumerate(values)})
    size = size or view.page_size
    place = cursor and (cursor.way, cursor.value is None)
    key = ("rows", reading.state.sort, size, place, ask.keys)
    with patience(reading):
        rows = await reading.rows(
            key, lambda places: rows_query(reading, places, columns, cursor=cursor, limit=size + 1), texts=("id",)
        )
    more, rows = len(rows) > size, rows[:size]
    backwards = cursor is not None and cursor.way == "before"
    if backwards:
        rows.reverse()
    before = (more if backwards else cursor is not None) and bool(rows)
    after = (backwards or more) and bool(rows)
    return Page(
        rows=rows,
        before=_cursor("before", rows[0], sorted_by) if before else None,
        after=_cursor("after", rows[-1], sorted_by) if after else None,
    )


def matching(
    reading: Reading, places: Places, *sources: Any, choices: bool = True, limit: int | None = CAP + 1
) -> Rows:
    """Build the query for the rows that match, in no order."""
    query = reading.view.table.select(*(sources or (reading.view.table._meta.primary_key,)))
    for condition in conditions(reading, places, choices=choices):
        query = query.where(condition)
    return query if limit is None or reading.small else query.limit(limit)
