"""Changing a table that has rows: what ALTER TABLE can on PostgreSQL, by copying on SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.db.database import current, execute, fetch, fetch_one
from core.db.ddl import Checks, ForeignKeys, TableSpec, _run, table_spec
from core.db.errors import TransactionError
from core.db.schema import columns_of, quoted


async def rebuild_table(
    name: str,
    *,
    columns: Mapping[str, str],
    primary_key: Sequence[str] = ("id",),
    unique: Sequence[Sequence[str]] = (),
    checks: Checks | Sequence[str] = (),
    foreign_keys: ForeignKeys | None = None,
    tenant_scoped: bool = False,
    copy: Mapping[str, str] | None = None,
) -> None:
    """Make the table what this says and keep its rows. Only inside a migration.

    ``copy`` gives SQL over the old row for columns that are new or change their type: ``{"gross": "net + vat"}``.
    Columns not named any more are dropped with their indexes; other indexes and the policies stay.
    """
    spec = await table_spec(
        name,
        columns=columns,
        primary_key=primary_key,
        unique=unique,
        checks=checks,
        foreign_keys=foreign_keys,
        tenant_scoped=tenant_scoped,
    )
    if current().dialect == "sqlite":
        await _copied(spec, copy or {})
    else:
        await _altered(spec, copy or {})


async def _copied(spec: TableSpec, copy: Mapping[str, str]) -> None:
    """SQLite's own recipe (lang_altertable.html, 7): new table, copy, drop, rename, indexes."""
    enforced = await fetch_one("SELECT foreign_keys FROM pragma_foreign_keys")
    if enforced is None or enforced["foreign_keys"]:
        raise TransactionError("rebuild_table() needs foreign keys off: run it in a migration")
    existing = await columns_of(spec.name)
    indexes = await fetch(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = {} AND sql IS NOT NULL", spec.name
    )
    lost = [column for column in existing if column not in spec.columns]
    kept = [
        index["sql"]
        for index in indexes
        if not {
            row["name"] for row in await fetch("SELECT name FROM pragma_index_info({})", index["name"])
        }.intersection(lost)
    ]
    fresh = f"{spec.name}_rebuilt"
    sources = {
        column: copy.get(column, quoted(column)) for column in spec.columns if column in copy or column in existing
    }
    await _run(spec.create_sql(fresh))
    await _run(
        f"INSERT INTO {quoted(fresh)} ({', '.join(quoted(column) for column in sources)}) "  # noqa: S608 -- from a migration
        f"SELECT {', '.join(sources.values())} FROM {quoted(spec.name)}"
    )
    await _run(f"DROP TABLE {quoted(spec.name)}")
    await _run(f"ALTER TABLE {quoted(fresh)} RENAME TO {quoted(spec.name)}")
    for sql in kept:
        await _run(sql)


async def _altered(spec: TableSpec, copy: Mapping[str, str]) -> None:
    table = quoted(spec.name)
    existing = await columns_of(spec.name)
    standing = {
        row["name"]: row["kind"]
        for row in await fetch(
            "SELECT conname AS name, contype::text AS kind FROM pg_constraint "
            "WHERE conrelid = to_regclass({}) AND contype IN ('u', 'c', 'f')",
            table,
        )
    }
    wanted = spec.constraints()
    # A unique key may be pointed at, so it stays when its name, which tells its columns, stays.
    staying = {name for name, kind in standing.items() if kind == "u" and name in wanted}
    for name in standing.keys() - staying:
        await execute(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}")
    for name, column in spec.columns.items():
        source = copy.get(name)
        if name not in existing:
            nullable = spec.column_sql(name).replace(" NOT NULL", "") if source else spec.column_sql(name)
            await _run(f"ALTER TABLE {table} ADD COLUMN {nullable}")
            if source:
                await _run(f"UPDATE {table} SET {quoted(name)} = {source}")  # noqa: S608 -- from a migration
        elif existing[name].kind != column.kind:
            await _run(f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} DROP DEFAULT")
            await _run(
                f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} TYPE {column.type_sql()} "
                f"USING {source or f'{quoted(name)}::{column.type_sql()}'}"
            )
        elif source:
            await _run(f"UPDATE {table} SET {quoted(name)} = {source}")  # noqa: S608 -- from a migration
        default = column.default_sql()
        await _run(
            f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} "
            + (f"SET DEFAULT {default}" if default is not None else "DROP DEFAULT")
        )
        if name not in spec.primary_key:
            await _run(
                f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} {'DROP' if column.nullable else 'SET'} NOT NULL"
            )
    for name in existing.keys() - spec.columns.keys():
        await _run(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}")
    for name in wanted.keys() - staying:
        await _run(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {wanted[name]}")
