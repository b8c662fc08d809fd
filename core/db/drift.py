"""Whether the table classes and the migrated database say the same."""

from __future__ import annotations

from collections.abc import Iterable

import piccolo.table
from piccolo import columns as kinds

from core.db import scope as scopes
from core.db.database import Database, request_scope
from core.db.schema import columns_of

# most special first: BigInt is an Integer for Python
_KINDS: tuple[tuple[type[kinds.Column], str], ...] = (
    (kinds.UUID, "uuid"),
    (kinds.BigInt, "bigint"),
    (kinds.Integer, "integer"),
    (kinds.Boolean, "boolean"),
    (kinds.Timestamptz, "timestamptz"),
    (kinds.Date, "date"),
    (kinds.JSON, "json"),
    (kinds.Bytea, "blob"),
    (kinds.Text, "text"),
)


def kind_of(column: kinds.Column) -> str:
    """The type our migrations have for a column's class; its own name if they have none."""
    if isinstance(column, kinds.ForeignKey):
        return kind_of(column._foreign_key_meta.resolved_target_column)  # noqa: SLF001 -- Piccolo has no public way
    if isinstance(column, kinds.JSONB):
        return "jsonb"
    return next((name for kind, name in _KINDS if isinstance(column, kind)), type(column).__name__)


async def check_drift(database: Database, tables: Iterable[type[piccolo.table.Table]]) -> list[str]:
    """What differs, one sentence each; empty if classes and database agree on names, types and nullability."""
    found: list[str] = []
    with scopes.entered(None):
        async with request_scope(bypass=True) as scope:
            if scope.database is not database:
                message = "another database has been opened since; it is current"
                raise ValueError(message)
            for table in tables:
                found += await _differences(table)
    return found


async def _differences(table: type[piccolo.table.Table]) -> list[str]:
    name = table._meta.tablename
    existing = await columns_of(name)
    if not existing:
        return [f"{name}: no migration creates this table"]
    found = []
    declared = {str(column._meta.db_column_name): column for column in table._meta.columns}
    for column_name, column in declared.items():
        actual = existing.get(column_name)
        if actual is None:
            found.append(f"{name}.{column_name}: in the class, not in the database")
            continue
        if actual.kind != kind_of(column):
            found.append(f"{name}.{column_name}: {kind_of(column)} in the class, {actual.kind} in the database")
        nullable = bool(column._meta.null) and not column._meta.primary_key
        if actual.nullable != nullable:
            says = {True: "may be null", False: "not null"}
            found.append(
                f"{name}.{column_name}: {says[nullable]} in the class, {says[actual.nullable]} in the database"
            )
    found += [f"{name}.{extra}: in the database, not in the class" for extra in existing if extra not in declared]
    return found
