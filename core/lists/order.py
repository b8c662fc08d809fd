"""By what a list is sorted, and which cursors, which come from URLs, fit that."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from piccolo.columns import Column as PiccoloColumn

from core.lists.periods import YEARS
from core.lists.spec import may_be_null as source_may_be_null

if TYPE_CHECKING:
    from core.lists.spec import Column, Source
    from core.lists.state import Cursor

_INTEGERS = range(-(2**63), 2**63)
_TYPE_OF_KIND = {"day": date, "instant": datetime, "money": int, "number": int, "duration": int, "bool": bool}


def sort_sources(column: Column | None) -> tuple[Source, ...]:
    """Return what a column is sorted by: one source, or several of which none is ever NULL; none without a column."""
    if column is None:
        return ()
    source = column.source if column.sort is True else column.sort
    return source if isinstance(source, tuple) else (source,)


def may_be_null(column: Column) -> bool:
    """Whether what a column is sorted by can be NULL."""
    if column.nullable is not None:
        return column.nullable
    return source_may_be_null(sort_sources(column)[0])


def is_sorted(sources: tuple[Source, ...]) -> bool:
    """Whether the database has to sort: by anything but one column of the list's own table, which an index may have."""
    return bool(sources) and not (
        len(sources) == 1 and isinstance(sources[0], PiccoloColumn) and not sources[0]._meta.call_chain
    )


def tenant_of(source: Source) -> Source | None:
    """Return the column with the tenant of the table that a source is joined from, None where there is none."""
    if not isinstance(source, PiccoloColumn) or len(source._meta.call_chain) != 1:
        return None
    return getattr(source._meta.call_chain[0], "tenant", None)


def usable(cursor: Cursor | None, column: Column | None) -> bool:
    """Whether a cursor's value can be compared with the column: it comes from a URL."""
    if cursor is None:
        return False
    if column is None:
        return cursor.value is None
    value, sources = cursor.value, sort_sources(column)
    if value is None:
        return len(sources) == 1 and may_be_null(column)
    if len(sources) == 1:
        return _fits(value, sources[0], column)
    return (
        isinstance(value, tuple)
        and len(value) == len(sources)
        and all(_fits(each, source, column) for each, source in zip(value, sources, strict=True))
    )


def _fits(value: object, source: Source, column: Column) -> bool:
    kind = source.value_type if isinstance(source, PiccoloColumn) else _TYPE_OF_KIND.get(column.kind, str)
    return type(value) is kind and _storable(value)


def _storable(value: object) -> bool:
    if isinstance(value, int):
        return value in _INTEGERS
    if isinstance(value, datetime):
        return value.tzinfo is not None and value.year in YEARS  # at the ends of time there is no UTC for it
    return not isinstance(value, str) or "\x00" not in value
