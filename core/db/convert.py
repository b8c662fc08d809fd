"""How values come out of the database: the same Python types on both.

UUID → uuid.UUID · Timestamptz → aware datetime in UTC · Date → date · Boolean → bool · JSON → str · integers → int.
SQLite keeps ids and times as text; its columns are declared with the type's name first ("UUID TEXT"), by which
the driver finds a converter. Converters also take what is converted already, and repeat cheaply.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

import piccolo.engine.sqlite  # noqa: F401 -- it registers adapters and converters; ours below replace some of them
from piccolo.columns import (
    JSON,
    JSONB,
    UUID,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Timestamptz,
)
from piccolo.columns.m2m import M2MSelect
from piccolo.query import Query
from piccolo.query.functions import Lower, Max, Min, Upper
from piccolo.utils.encoding import dump_json, load_json

from core.db.errors import StatementError, UnstorableTextError

Converter = Callable[[Any], Any]
Row = dict[str, Any]
_set = object.__setattr__


@lru_cache(maxsize=16_384)
def _uuid_from_text(text: str) -> uuid.UUID:
    value = object.__new__(uuid.UUID)  # half the time of uuid.UUID(text), which checks what we wrote ourselves
    _set(value, "int", int(text.replace("-", ""), 16))
    _set(value, "is_safe", uuid.SafeUUID.unknown)
    return value


@lru_cache(maxsize=4_096)
def _instant_from_text(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text)
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_date_from_text = lru_cache(maxsize=4_096)(dt.date.fromisoformat)


def to_uuid(value: Any) -> Any:
    """A key as ``uuid.UUID``."""
    return _uuid_from_text(value) if type(value) is str else value


def to_instant(value: Any) -> Any:
    """A point in time, aware, in UTC."""
    return _instant_from_text(value) if type(value) is str else value


def to_date(value: Any) -> Any:
    """A calendar day."""
    return _date_from_text(value) if type(value) is str else value


def to_json_object(value: Any) -> Any:
    """What a JSON text says (``.output(load_json=True)``)."""
    return load_json(value) if isinstance(value, str | bytes) else value


sqlite3.register_converter("UUID", lambda raw: _uuid_from_text(raw.decode()))
sqlite3.register_converter("TIMESTAMPTZ", lambda raw: _instant_from_text(raw.decode()))
sqlite3.register_converter("DATE", lambda raw: _date_from_text(raw.decode()))

_BY_COLUMN: tuple[tuple[type[Column], Converter], ...] = (
    (UUID, to_uuid),
    (Timestamptz, to_instant),
    (Date, to_date),
    (Boolean, bool),
)


def converter_for(column: Any) -> Converter | None:
    """What turns SQLite's value of a selected column, or of MIN and MAX over it, into Python's."""
    if isinstance(column, Max | Min | Lower | Upper) and column.columns:
        return converter_for(column.columns[0])
    if isinstance(column, ForeignKey):
        return converter_for(column._foreign_key_meta.resolved_target_column)  # noqa: SLF001 -- Piccolo has no public way
    for kind, converter in _BY_COLUMN:
        if isinstance(column, kind):
            return converter
    return None


def output_name(column: Any) -> str | None:
    """Under which key the column appears in a row."""
    if getattr(column, "_alias", None):
        return str(column._alias)  # noqa: SLF001 -- Piccolo has no public way
    return str(column._meta.get_default_alias()) if isinstance(column, Column) else None


def converters_of(query: Any) -> dict[str, Converter]:
    """The converters of a query's rows, by the name in the row."""
    columns: Iterable[Any] = ()
    if isinstance(query, Query):
        if (delegate := getattr(query, "columns_delegate", None)) is not None:
            columns = delegate.selected_columns or query.table._meta.columns
        elif (returning := getattr(query, "returning_delegate", None)) is not None:
            columns = returning._returning.columns if returning._returning else ()  # noqa: SLF001 -- Piccolo has no public way
        elif hasattr(query, "output_delegate"):
            columns = query.table._meta.columns
    found: dict[str, Converter] = {}
    loads_json = bool(getattr(getattr(query, "output_delegate", None), "_output", None)) and (
        query.output_delegate._output.load_json  # noqa: SLF001 -- Piccolo has no public way
    )
    for column in columns:
        if isinstance(column, M2MSelect):
            message = "many-to-many selections cannot be compiled"
            raise StatementError(message)
        name = output_name(column)
        converter = converter_for(column)
        if loads_json and isinstance(column, JSON | JSONB):
            converter = to_json_object
        if name and converter:
            found[name] = converter
    return found


def converted(rows: list[Row], converters: Mapping[str, Converter]) -> list[Row]:
    """The same rows with their values converted in place."""
    for name, converter in converters.items():
        for row in rows:
            if (value := row[name]) is not None:
                row[name] = converter(value)
    return rows


def bound(value: Any, *, json_lists: bool = False) -> Any:
    """A value as both drivers take it.

    Raises TypeError for a datetime without zone (PostgreSQL would guess one), for Decimal (SQLite would make it a
    float) and for float (PostgreSQL's driver cuts it off for a bigint): amounts are integer minor units, rates text.
    Raises UnstorableTextError for a text with NUL, which SQLite would take and PostgreSQL not.
    """
    kind = type(value)
    if kind is str:
        return _without_nul(value)
    if kind is int or value is None or kind is bool or kind is uuid.UUID:
        return value
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            message = f"datetime without time zone: {value!r}"
            raise TypeError(message)
        return value.astimezone(dt.UTC)
    if isinstance(value, Enum):
        return bound(value.value)
    if isinstance(value, Decimal | float):
        message = f"{type(value).__name__} {value!r}: keep amounts as integer minor units, quantities and rates as text"
        raise TypeError(message)
    if kind is dict or (json_lists and kind is list):
        return dump_json(value)
    return value


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise UnstorableTextError
    return text


_uuid_text = lru_cache(maxsize=16_384)(str)


def sqlite_bound(value: Any) -> Any:
    """A value as SQLite keeps it."""
    kind = type(value)
    if kind is str:
        if "\x00" in value:
            raise UnstorableTextError
    elif kind is uuid.UUID:
        value = _uuid_text(value)
    elif kind is dt.date:
        value = value.isoformat()
    elif kind is not int and value is not None:
        value = bound(value, json_lists=True)
        if isinstance(value, uuid.UUID | dt.datetime):
            value = str(value)
        elif isinstance(value, dt.date):
            value = value.isoformat()
    return value
