"""Tables from our DDL refuse the same rows on both databases."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from core.db import (
    CheckViolationError,
    ConstraintError,
    Database,
    ForeignKeyViolationError,
    NotNullViolationError,
    Ref,
    UniqueViolationError,
    add_column,
    create_index,
    create_table,
    drop_index,
    drop_table,
    execute,
    fetch,
    request_scope,
    transaction,
    uuid7,
)
from core.db.ddl import name_for
from core.db.schema import Column, ColumnSpec, columns_of
from tests.db.sample import Customer, Invoice, Office, Tenant


async def add_invoice(office: Office, **values: object) -> None:
    row: dict[str, Any] = {"tenant": office.tenant, "customer": office.customer, "number": "2", **values}
    async with request_scope(bypass=True):
        await Invoice(**row).save()


async def test_composite_unique(offices: tuple[Office, Office]) -> None:
    mine, other = offices
    with pytest.raises(UniqueViolationError) as caught:
        await add_invoice(mine, number="1")
    assert caught.value.columns == ("tenant", "number")
    await add_invoice(mine, number="2")
    await add_invoice(other, number="2")


async def test_check(offices: tuple[Office, Office]) -> None:
    with pytest.raises(CheckViolationError) as caught:
        await add_invoice(offices[0], gross=9_100_000_000_000_000_000)
    assert caught.value.constraint == "ck_invoice_gross_sane"


async def test_missing_value(offices: tuple[Office, Office]) -> None:
    with pytest.raises(NotNullViolationError) as caught:
        async with request_scope(bypass=True):
            await execute("INSERT INTO tenant (id) VALUES ({})", uuid7())
    assert caught.value.columns == ("name",)


async def test_a_row_of_another_tenant_cannot_be_pointed_at(offices: tuple[Office, Office]) -> None:
    mine, other = offices
    with pytest.raises(ForeignKeyViolationError):
        await add_invoice(mine, customer=other.customer)
    with pytest.raises(ForeignKeyViolationError):
        async with request_scope(bypass=True):
            await Invoice.update({Invoice.customer: other.customer}).where(Invoice.id == mine.invoice)
    with pytest.raises(ForeignKeyViolationError):  # nor can the whole row be moved
        async with request_scope(bypass=True):
            await Invoice.update({Invoice.tenant: other.tenant, Invoice.number: "moved"}).where(
                Invoice.id == mine.invoice
            )


async def test_what_is_pointed_at_is_not_deleted(offices: tuple[Office, Office]) -> None:
    async with request_scope(bypass=True):
        with pytest.raises(ForeignKeyViolationError):
            await Customer.delete().where(Customer.id == offices[0].customer)
        with pytest.raises(ForeignKeyViolationError):
            await Tenant.delete().where(Tenant.id == offices[0].tenant)
        assert await Invoice.count() == 2


@pytest.mark.parametrize(("column", "value"), [("gross", "abc"), ("paid", 7), ("id", "short"), ("gross", None)])
async def test_values_of_another_type_are_refused(offices: tuple[Office, Office], column: str, value: object) -> None:
    with pytest.raises((ConstraintError, asyncpg.DataError)):
        async with request_scope(bypass=True):
            await execute(f"UPDATE invoice SET {column} = {{}} WHERE number = '1'", value)
    async with request_scope(bypass=True):
        assert await fetch("SELECT number, gross, paid FROM invoice ORDER BY gross") == [
            {"number": "1", "gross": 100, "paid": False},
            {"number": "1", "gross": 200, "paid": False},
        ]


async def test_defaults_are_the_databases(offices: tuple[Office, Office]) -> None:
    mine = offices[0]
    async with request_scope(bypass=True):
        key = uuid7()
        await execute(
            "INSERT INTO invoice (id, tenant, customer, number, issued_on) VALUES ({}, {}, {}, '9', '2026-01-01')",
            key,
            mine.tenant,
            mine.customer,
        )
        (row,) = await fetch("SELECT gross, paid, due_on, extra, created_at FROM invoice WHERE id = {}", key)
    made = row.pop("created_at")
    assert row == {"gross": 0, "paid": False, "due_on": None, "extra": "{}"}
    assert str(made.tzinfo) in {"UTC", "datetime.timezone.utc"}


async def test_partial_unique_index(database: Database) -> None:
    async with request_scope(bypass=True):
        async with transaction():
            await create_table("person", columns={"email": "text", "deleted_at": "date?"})
            await create_index("person", ["email"], unique=True, where="deleted_at IS NULL")
        await execute("INSERT INTO person (id, email, deleted_at) VALUES ({}, 'a', '2026-01-01')", uuid7())
        await execute("INSERT INTO person (id, email) VALUES ({}, 'a')", uuid7())
        with pytest.raises(UniqueViolationError):
            await execute("INSERT INTO person (id, email) VALUES ({}, 'a')", uuid7())


async def test_columns_are_told_alike(tables: Database) -> None:
    async with request_scope(bypass=True):
        assert list((await columns_of("invoice")).values()) == [
            Column("id", "uuid", nullable=False),
            Column("tenant", "uuid", nullable=False),
            Column("customer", "uuid", nullable=False),
            Column("number", "text", nullable=False),
            Column("gross", "bigint", nullable=False),
            Column("paid", "boolean", nullable=False),
            Column("issued_on", "date", nullable=False),
            Column("due_on", "date", nullable=True),
            Column("created_at", "timestamptz", nullable=False),
            Column("extra", "json", nullable=False),
        ]
        assert await columns_of("nowhere") == {}


async def test_add_column_drop_index_drop_table(tables: Database) -> None:
    async with request_scope(bypass=True), transaction():
        await add_column("invoice", "note", "text?")
        await add_column("invoice", "seen", "boolean = false")
        await create_index("invoice", ["note"], name="ix_note")
        await drop_index("ix_note")
        with pytest.raises(ValueError, match="constant default"):
            await add_column("invoice", "must", "text")
        assert {"note", "seen"} <= (await columns_of("invoice")).keys()
        await drop_table("invoice")
        assert await columns_of("invoice") == {}


async def test_keys_of_other_shapes(tables: Database) -> None:
    """A composite primary key, a nullable reference, one to a table without tenants, one to itself."""
    async with request_scope(bypass=True), transaction():
        await create_table("account", columns={"email": "text"})
        await create_table(
            "folder",
            columns={"id": "uuid", "tenant": "uuid", "parent": "uuid?", "account": "uuid?"},
            foreign_keys={"parent": "folder", "account": "account"},
            tenant_scoped=True,
        )
        await create_table(
            "folder_invoice",
            columns={"tenant": "uuid", "folder": "uuid", "invoice": "uuid"},
            primary_key=["folder", "invoice"],
            foreign_keys={"folder": Ref("folder", on_delete="CASCADE"), "invoice": "invoice"},
            tenant_scoped=True,
        )
    async with request_scope(bypass=True), transaction():
        tenant, other = uuid7(), uuid7()
        top, below = uuid7(), uuid7()
        for key in (tenant, other):
            await execute("INSERT INTO tenant (id, name) VALUES ({}, 'x')", key)
        await execute("INSERT INTO folder (id, tenant) VALUES ({}, {})", top, tenant)
        await execute("INSERT INTO folder (id, tenant, parent) VALUES ({}, {}, {})", below, tenant, top)
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await execute("INSERT INTO folder (id, tenant, parent) VALUES ({}, {}, {})", uuid7(), other, top)
        with pytest.raises(ForeignKeyViolationError):
            async with transaction():
                await execute("INSERT INTO folder (id, tenant, account) VALUES ({}, {}, {})", uuid7(), tenant, uuid7())


def test_long_names_are_cut_by_us_not_by_postgres() -> None:
    first = name_for("uq", "timesheets_entry", "tenant", "a_very_long_column", "another_very_long_column")
    second = name_for("uq", "timesheets_entry", "tenant", "a_very_long_column", "another_very_long_columm")
    assert (len(first), len(second), first == second) == (63, 63, False)


@pytest.mark.parametrize("text", ["varchar", "TEXT", "", "text??", "numeric"])
def test_unknown_types_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no column"):
        ColumnSpec.parse(text)


@pytest.mark.parametrize("name", ['x"; drop', "Upper", "", "1st"])
async def test_names_are_plain(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        await create_table(name, columns={"a": "text"})
