"""What the database has: tables and columns, told alike on both."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.db.database import current, fetch

# Our name → (SQLite, PostgreSQL). SQLite's first word finds the converter; TEXT keeps what looks like a number text
# (a JSON column declared as JSON alone would turn '5.0' into 5), BIGINT and INT spare Piccolo's INTEGER converter.
TYPES = {
    "uuid": ("UUID TEXT", "uuid"),
    "text": ("TEXT", "text"),
    "bigint": ("BIGINT", "bigint"),
    "integer": ("INT", "integer"),
    "boolean": ("BOOLEAN", "boolean"),
    "date": ("DATE TEXT", "date"),
    "timestamptz": ("TIMESTAMPTZ TEXT", "timestamptz"),
    "json": ("JSON TEXT", "json"),
    "blob": ("BLOB", "bytea"),
}
_FAMILIES = {
    **{sqlite.lower(): name for name, (sqlite, _) in TYPES.items()},
    **{postgres: name for name, (_, postgres) in TYPES.items()},
    "timestamp with time zone": "timestamptz",
}
_SPEC = re.compile(r"(?P<kind>[a-z]+)(?P<null>\?)?(?:\s*=\s*(?P<default>.+))?", re.DOTALL)
NOW = {
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))",
    "postgres": "now()",
}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """``"text?"``, ``"boolean = false"``, ``"timestamptz = now"``, taken apart."""

    kind: str
    nullable: bool
    default: str | None

    @classmethod
    def parse(cls, text: str) -> ColumnSpec:
        """Raises ValueError for a type that is not one of TYPES."""
        match = _SPEC.fullmatch(text.strip())
        if match is None or match["kind"] not in TYPES:
            message = f"{text!r} is no column: one of {', '.join(TYPES)}, then ? if nullable, then = default"
            raise ValueError(message)
        return cls(match["kind"], nullable=bool(match["null"]), default=match["default"])

    def type_sql(self) -> str:
        """The type as the current database calls it."""
        return TYPES[self.kind][current().dialect == "postgres"]

    def default_sql(self) -> str | None:
        """The default as SQL."""
        if self.default == "now":
            return NOW[current().dialect]
        return self.default


@dataclass(frozen=True, slots=True)
class Column:
    """A column that exists. ``kind`` is one of TYPES, or what the database calls it if it is none of ours."""

    name: str
    kind: str
    nullable: bool


def quoted(name: str) -> str:
    """A name as SQL. Raises ValueError for one that is not plain: names come from migrations, never from people."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        message = f"{name!r} is no name for a table, column or index: a-z, 0-9 and _"
        raise ValueError(message)
    return f'"{name}"'


async def columns_of(table: str) -> dict[str, Column]:
    """The columns of a table by name, in order; empty if there is no such table."""
    if current().dialect == "sqlite":
        rows = await fetch('SELECT name, type, "notnull" AS filled, pk FROM pragma_table_info({})', table)
        return {
            row["name"]: Column(row["name"], _family(row["type"]), nullable=not row["filled"] and not row["pk"])
            for row in rows
        }
    rows = await fetch(
        "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS filled FROM pg_attribute "
        "WHERE attrelid = to_regclass({}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        quoted(table),
    )
    return {row["name"]: Column(row["name"], _family(row["type"]), nullable=not row["filled"]) for row in rows}


def _family(declared: str) -> str:
    return _FAMILIES.get(declared.lower(), declared.lower())


async def has_table(table: str) -> bool:
    """Whether the table exists."""
    return bool(await columns_of(table))
