"""By what a list is sorted, and which cursors, which come from URLs, fit that."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from piccolo.columns import Column as PiccoloColumn

from core.lists.periods import YEARS

if TYPE_CHECKING:
    from core.lists.spec import Column, Source
    from core.lists.state import Cursor

_INTEGERS = range(-(2**63), 2**63)
_TYPE_OF_KIND = {"day": date, "instant": datetime, "money": int, "number": int, "duration": int, "bool": bool}


def sort_source(column: Column) -> Source:
    """Return what a column is sorted by."""
    return column.source if column.sort is True else column.sort


def may_be_null(column: Column) -> bool:
    """Whether what a column is sorted by can be NULL."""
    if column.nullable is not None:
        return column.nullable
    source = sort_source(column)
    if not isinstance(source, PiccoloColumn):
        return True
    return bool(source._meta.null) or any(key._meta.null for key in source._meta.call_chain)


def is_own(source: Source) -> bool:
    """Whether a source is a column of the list's own table, which an index may have in its order."""
    return isinstance(source, PiccoloColumn) and not source._meta.call_chain


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
    value = cursor.value
    if value is None:
        return may_be_null(column)
    source = sort_source(column)
    kind = source.value_type if isinstance(source, PiccoloColumn) else _TYPE_OF_KIND.get(column.kind, str)
    return type(value) is kind and _storable(value)


def _storable(value: object) -> bool:
    if isinstance(value, int):
        return value in _INTEGERS
    if isinstance(value, datetime):
        return value.tzinfo is not None and value.year in YEARS  # at the ends of time there is no UTC for it
    return not isinstance(value, str) or "\x00" not in value
