"""Two offices with their customers and invoices, as small as they can be."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from piccolo.columns import JSON, BigInt, Boolean, Date, ForeignKey, OnDelete, Text, Timestamptz

from core.db import Database, Table, create_index, create_table, request_scope, transaction


class Tenant(Table, tablename="tenant"):
    name = Text()


class Customer(Table, tablename="customer"):
    tenant = ForeignKey(Tenant, null=False, on_delete=OnDelete.restrict)
    name = Text()


class Invoice(Table, tablename="invoice"):
    tenant = ForeignKey(Tenant, null=False, on_delete=OnDelete.restrict)
    customer = ForeignKey(Customer, null=False, on_delete=OnDelete.restrict)
    number = Text()
    gross = BigInt(default=0)
    paid = Boolean(default=False)
    issued_on = Date()
    due_on = Date(null=True, default=None)
    created_at = Timestamptz()
    extra = JSON(default="{}")


TABLES = (Tenant, Customer, Invoice)


async def create_tables() -> None:
    """As a migration does it."""
    await create_table("tenant", columns={"id": "uuid", "name": "text"})
    await create_table("customer", columns={"id": "uuid", "tenant": "uuid", "name": "text"}, tenant_scoped=True)
    await create_table(
        "invoice",
        columns={
            "id": "uuid",
            "tenant": "uuid",
            "customer": "uuid",
            "number": "text",
            "gross": "bigint = 0",
            "paid": "boolean = false",
            "issued_on": "date",
            "due_on": "date?",
            "created_at": "timestamptz = now",
            "extra": "json = '{}'",
        },
        unique=[("tenant", "number")],
        checks={"gross_sane": "gross < 9000000000000000000"},
        foreign_keys={"customer": "customer"},
        tenant_scoped=True,
    )
    await create_index("invoice", ["tenant", "customer", "issued_on desc", "id"])


@dataclass(frozen=True)
class Office:
    tenant: UUID
    customer: UUID
    invoice: UUID


async def fill(name: str, *, gross: int = 100) -> Office:
    """A tenant with a customer with an invoice."""
    tenant = Tenant(name=name)
    await tenant.save()
    customer = Customer(tenant=tenant.id, name=f"customer of {name}")
    await customer.save()
    invoice = Invoice(tenant=tenant.id, customer=customer.id, number="1", gross=gross)
    await invoice.save()
    return Office(tenant.id, customer.id, invoice.id)


async def prepare(_: Database) -> None:
    """What the copies of a test start from: the tables alone."""
    async with request_scope(bypass=True), transaction():
        await create_tables()


async def two_offices() -> tuple[Office, Office]:
    """Data that could leak."""
    async with request_scope(bypass=True), transaction():
        return await fill("obrador"), await fill("lumiere", gross=200)
