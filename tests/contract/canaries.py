"""Texts that tell whose they are: planted into every table, looked for in every answer."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from piccolo.columns import JSON, Text

from core.bootstrap import piccolo_apps
from core.db import execute, fetch, request_scope
from core.registry import registry
from core.tenancy.snapshot import as_uuid
from core.tenancy.table import TenantTable

# What the program reads, and not only people: another word there would break the row instead of marking it.
WORDS_OF_THE_PROGRAM = frozenset(
    [
        "activity_kind",
        "audience",
        "by_kind",
        "channel",
        "country",
        "currency",
        "date_order",
        "digest",
        "document_type",
        "fingerprint",
        "hash",
        "key_hash",
        "kind",
        "language",
        "languages",
        "media_type",
        "module",
        "once_key",
        "password_hash",
        "password_state",
        "payment_state",
        "preset",
        "previous",
        "problem_text",
        "purpose",
        "rate",
        "reach",
        "reason",
        "record_kind",
        "sha256",
        "signature",
        "source",
        "source_format",
        "state",
        "status",
        "step",
        "theme",
        "token_hash",
        "way",
        "zone",
    ]
)
CANARY = re.compile(r"zq([a-z])x(\d{3})x")
BEYOND = frozenset({"role", "staff_role", "account", "run", "id", "tenant"})
"""References that many rows share: they do not say whose a row is."""
UNIMPORTANT: dict[str, frozenset[str]] = {
    "rate_limit": frozenset({"*"}),
    "session": frozenset({"seen_at"}),
    "api_key": frozenset({"used_at"}),
}
"""What looking may change: how often somebody asks, and when a session or a key was last used."""


def tables() -> list[type[TenantTable]]:
    """Tables of tenants, of core and modules."""
    found = (table for app in piccolo_apps(registry()) for table in app.table_classes if issubclass(table, TenantTable))
    return sorted(found, key=lambda table: table._meta.tablename)


def markable(table: type[TenantTable]) -> list[str]:
    """Names of the columns whose text is for people."""
    named = [(column, column._meta.name) for column in table._meta.columns]
    program = WORDS_OF_THE_PROGRAM | ({"key"} if table._meta.tablename in {"role", "setting"} else frozenset())
    return [
        name
        for column, name in named
        if isinstance(column, Text) and not isinstance(column, JSON) and name not in program
    ]


class Marks:
    """Which canary stands for which column: `zq<side>x<number>x`."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def canary(self, side: str, place: str) -> str:
        """Return the canary of `table.column` for a side."""
        number = self._numbers.setdefault(place, len(self._numbers))
        return f"zq{side}x{number:03d}x"

    def places(self, text: str, sides: Iterable[str]) -> set[str]:
        """Say which canaries of *sides* are in a text: `b:customer.name`."""
        names = {number: place for place, number in self._numbers.items()}
        wanted = set(sides)
        return {f"{side}:{names[int(number)]}" for side, number in CANARY.findall(text) if side in wanted}


class Planted:
    """What is in the database, by whose it is."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def add(self, side: str, table: str, row: dict[str, Any]) -> None:
        """Note a row of a side."""
        self.rows.setdefault((table, side), []).append(row)

    def of(self, table: str, side: str) -> list[dict[str, Any]]:
        """Return a side's rows of a table."""
        return self.rows.get((table, side), [])


async def plant(marks: Marks, owners: Mapping[UUID, str], tenant_sides: Mapping[UUID, str]) -> Planted:
    """
    Write canaries before every text for people, by whose row it is.

    *owners* says whose the customers and people are; every other row belongs to whom its ids point to, else to the
    tenant as a whole.
    """
    known: dict[UUID, str] = dict(owners)
    everything = {table: await fetch(f'SELECT * FROM "{table._meta.tablename}" ORDER BY id') for table in tables()}
    for _ in range(4):  # the longest way from a row to its customer
        for rows in everything.values():
            for row in rows:
                sides = {known[found] for found in _ids(row) if found in known}
                if as_uuid(row["id"]) not in known and len(sides) == 1:
                    known[as_uuid(row["id"])] = sides.pop()
    planted = Planted()
    for table, rows in everything.items():
        name = table._meta.tablename
        for row in rows:
            side = known.get(as_uuid(row["id"])) or tenant_sides[as_uuid(row["tenant"])]
            planted.add(side, name, row)
            texts = {key: row[key] for key in markable(table) if row[key] is not None}
            if texts:
                assignments = ", ".join(f'"{key}" = {{}}' for key in texts)
                values = [marks.canary(side, f"{name}.{key}") + text for key, text in texts.items()]
                await execute(f'UPDATE "{name}" SET {assignments} WHERE id = {{}}', *values, row["id"])
    return planted


def _ids(row: Mapping[str, Any]) -> Iterator[UUID]:
    for key, value in row.items():
        looks_like_one = isinstance(value, UUID) or (
            isinstance(value, str) and len(value) == 36 and value.count("-") == 4
        )
        if key not in BEYOND and looks_like_one:
            yield as_uuid(value)


async def fingerprints() -> dict[str, str]:
    """Return one hash per table over all its rows, of all tenants."""
    found: dict[str, str] = {}
    async with request_scope(tenant=None, bypass=True):
        for app in piccolo_apps(registry()):
            for table in app.table_classes:
                name = table._meta.tablename
                left_out = UNIMPORTANT.get(name, frozenset())
                if "*" in left_out:
                    continue
                rows = await fetch(f'SELECT * FROM "{name}"')
                lines = sorted(
                    json.dumps({key: str(value) for key, value in row.items() if key not in left_out}, sort_keys=True)
                    for row in rows
                )
                found[name] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the tables that differ."""
    return sorted(name for name in before if before[name] != after[name])


def all_text(headers: Iterable[tuple[str, str]], body: bytes) -> str:
    """Return everything that can be read in an answer; sheets are unpacked."""
    parts = [f"{name}: {value}" for name, value in headers]
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    else:
        parts.append(body.decode("utf-8", "replace"))
    return "\n".join(parts)
