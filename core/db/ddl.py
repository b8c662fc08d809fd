"""Tables from migrations, with what Piccolo cannot say: composite keys, uniques and checks, row-level security.

    await create_table(
        "invoices_invoice",
        columns={"id": "uuid", "customer": "uuid", "number": "text", "gross": "bigint", "due_on": "date?",
                 "published": "boolean = false", "created_at": "timestamptz = now"},
        unique=[("tenant", "number")],
        checks={"gross_sane": "gross < 1000000000000"},
        foreign_keys={"customer": "customer"},
        tenant_scoped=True,
    )
    await create_index("invoices_invoice", ["tenant", "customer", "due_on"])

Between tables of tenants a foreign key always is (tenant, x) → table (tenant, id): a row of another tenant cannot be
pointed at, on both databases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.db.database import current, execute
from core.db.postgres_session import ROLE
from core.db.schema import ColumnSpec, columns_of, quoted

TENANT_TABLE = "tenant"
ALL_VERBS = ("select", "insert", "update", "delete")
_THIS_TENANT = "tenant = nullif(current_setting('portico.tenant', true), '')::uuid"
_LONGEST_NAME = 63  # PostgreSQL cuts longer ones off in silence


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a foreign key points, if a table's name does not say it: other columns, or another rule on deletion."""

    table: str
    columns: tuple[str, ...] = ("id",)
    on_delete: str = "RESTRICT"


ForeignKeys = Mapping[str | tuple[str, ...], str | Ref]
Checks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A whole table, names worked out."""

    name: str
    columns: dict[str, ColumnSpec]
    primary_key: tuple[str, ...]
    uniques: dict[str, tuple[str, ...]]
    checks: dict[str, str]
    foreign_keys: dict[str, str]
    tenant_scoped: bool

    def create_sql(self, name: str | None = None) -> str:
        """CREATE TABLE, under another name if given."""
        lines = [self.column_sql(column) for column in self.columns]
        lines.append(f"PRIMARY KEY ({_listed(self.primary_key)})")
        lines += [f"CONSTRAINT {quoted(key)} {sql}" for key, sql in self.constraints().items()]
        return f"CREATE TABLE {quoted(name or self.name)} (\n  " + ",\n  ".join(lines) + "\n)"

    def column_sql(self, name: str) -> str:
        """A column with its type, NOT NULL and default."""
        return column_sql(name, self.columns[name])

    def constraints(self) -> dict[str, str]:
        """Uniques, checks and foreign keys by name."""
        return {
            **{name: f"UNIQUE ({_listed(columns)})" for name, columns in self.uniques.items()},
            **{name: f"CHECK ({expression})" for name, expression in self.checks.items()},
            **self.foreign_keys,
        }


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(quoted(column) for column in columns)


def name_for(prefix: str, table: str, *parts: str) -> str:
    """A name for an index or constraint, the same each time, short enough for PostgreSQL."""
    name = "_".join([prefix, table, *parts])
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}_{digest}"


def column_sql(name: str, spec: ColumnSpec) -> str:
    """``"name" type NOT NULL DEFAULT …``; on SQLite with a check that the value is of that type."""
    sql = f"{quoted(name)} {spec.type_sql()}{'' if spec.nullable else ' NOT NULL'}"
    if (default := spec.default_sql()) is not None:
        sql += f" DEFAULT {default}"
    if current().dialect == "sqlite":
        # SQLite would take 0.5 or 'x' in a bigint, and any text as an id
        if spec.kind in {"bigint", "integer"}:
            sql += f" CHECK (typeof({quoted(name)}) IN ('integer', 'null'))"
        elif spec.kind == "boolean":
            sql += f" CHECK ({quoted(name)} IN (0, 1))"
        elif spec.kind == "uuid":
            sql += f" CHECK (length({quoted(name)}) = 36)"
    return sql


async def table_spec(
    name: str,
    *,
    columns: Mapping[str, str],
    primary_key: Sequence[str] = ("id",),
    unique: Sequence[Sequence[str]] = (),
    checks: Checks | Sequence[str] = (),
    foreign_keys: ForeignKeys | None = None,
    tenant_scoped: bool = False,
) -> TableSpec:
    """Work the table out: adds ``id`` and ``tenant``, names constraints, makes foreign keys composite."""
    specs = {column: ColumnSpec.parse(text) for column, text in columns.items()}
    if tuple(primary_key) == ("id",) and "id" not in specs:
        specs = {"id": ColumnSpec.parse("uuid"), **specs}
    uniques = {name_for("uq", name, *group): tuple(group) for group in unique}
    references: dict[str | tuple[str, ...], str | Ref] = dict(foreign_keys or {})
    if tenant_scoped:
        specs.setdefault("tenant", ColumnSpec.parse("uuid"))
        references["tenant"] = Ref(TENANT_TABLE)
        if "id" in specs:
            uniques[name_for("uq", name, "tenant", "id")] = ("tenant", "id")
    named = checks if isinstance(checks, Mapping) else {_short(expression): expression for expression in checks}
    spec = TableSpec(
        name=name,
        columns=specs,
        primary_key=tuple(primary_key),
        uniques=uniques,
        checks={name_for("ck", name, key): expression for key, expression in named.items()},
        foreign_keys={},
        tenant_scoped=tenant_scoped,
    )
    for column, target in references.items():
        own = (column,) if isinstance(column, str) else column
        spec.foreign_keys[name_for("fk", name, *own)] = await foreign_key_sql(own, target, spec)
    return spec


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


async def foreign_key_sql(own: tuple[str, ...], target: str | Ref, spec: TableSpec) -> str:
    """``FOREIGN KEY (tenant, x) REFERENCES …`` if both tables belong to tenants, else the plain one."""
    ref = target if isinstance(target, Ref) else Ref(target)
    theirs = ref.columns
    if "tenant" in spec.columns and "tenant" not in own and ref.table != TENANT_TABLE:
        scoped = spec.tenant_scoped if ref.table == spec.name else "tenant" in await columns_of(ref.table)
        if scoped:
            own, theirs = ("tenant", *own), ("tenant", *theirs)
    return f"FOREIGN KEY ({_listed(own)}) REFERENCES {quoted(ref.table)} ({_listed(theirs)}) ON DELETE {ref.on_delete}"


async def create_table(
    name: str,
    *,
    columns: Mapping[str, str],
    primary_key: Sequence[str] = ("id",),
    unique: Sequence[Sequence[str]] = (),
    checks: Checks | Sequence[str] = (),
    foreign_keys: ForeignKeys | None = None,
    tenant_scoped: bool = False,
    verbs: Sequence[str] = ALL_VERBS,
) -> None:
    """Create a table. ``verbs`` is what the application may do with it on PostgreSQL (a log: select, insert)."""
    spec = await table_spec(
        name,
        columns=columns,
        primary_key=primary_key,
        unique=unique,
        checks=checks,
        foreign_keys=foreign_keys,
        tenant_scoped=tenant_scoped,
    )
    await _run(spec.create_sql())
    if current().dialect == "postgres":
        await _grant(name, verbs)
        if tenant_scoped:
            await secure(name)


async def secure(table: str) -> None:
    """PostgreSQL: rows of the transaction's tenant only, for everybody but the owner."""
    name = quoted(table)
    await _run(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    await _run(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    await _run(f"CREATE POLICY portico_tenant ON {name} USING ({_THIS_TENANT}) WITH CHECK ({_THIS_TENANT})")
    # FORCE binds an owner who is no superuser, too; migrations and bypass_row_security() work as the owner
    await _run(f"CREATE POLICY portico_owner ON {name} TO CURRENT_USER USING (true) WITH CHECK (true)")


async def _grant(table: str, verbs: Sequence[str]) -> None:
    if unknown := set(verbs) - set(ALL_VERBS):
        message = f"no such verbs: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    if verbs:
        await _run(f"GRANT {', '.join(verbs)} ON {quoted(table)} TO {ROLE}")


async def create_index(
    table: str, columns: Sequence[str], *, unique: bool = False, where: str | None = None, name: str | None = None
) -> None:
    """An index; ``"issued_on desc"`` is a column too. ``where`` makes it partial."""
    plain = [column.split(" ")[0] for column in columns]
    parts = [*plain, *([_short(where)] if where else [])]
    name = name or name_for("ux" if unique else "ix", table, *parts)
    listed = ", ".join(quoted(column.split(" ")[0]) + _direction(column) for column in columns)
    await _run(
        f"CREATE {'UNIQUE ' if unique else ''}INDEX {quoted(name)} ON {quoted(table)} ({listed})"
        + (f" WHERE {where}" if where else "")
    )


def _direction(column: str) -> str:
    _, _, direction = column.partition(" ")
    if direction.lower() not in {"", "asc", "desc"}:
        message = f"{column!r}: a column, and asc or desc"
        raise ValueError(message)
    return f" {direction.upper()}" if direction else ""


async def drop_index(name: str) -> None:
    """Drop an index."""
    await _run(f"DROP INDEX {quoted(name)}")


async def drop_table(name: str) -> None:
    """Drop a table and what is in it."""
    await _run(f"DROP TABLE {quoted(name)}")


async def add_column(table: str, name: str, text: str) -> None:
    """Add a column. One that must have a value needs a constant default; foreign keys need ``rebuild_table``."""
    spec = ColumnSpec.parse(text)
    if not spec.nullable and (spec.default is None or spec.default == "now"):
        message = f"{table}.{name}: rows that exist need a constant default, or rebuild_table(copy=…)"
        raise ValueError(message)
    await _run(f"ALTER TABLE {quoted(table)} ADD COLUMN {column_sql(name, spec)}")


async def _run(sql: str) -> None:
    await execute(sql.replace("{", "{{").replace("}", "}}"))
