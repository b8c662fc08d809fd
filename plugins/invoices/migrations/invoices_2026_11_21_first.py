"""The first tables of the invoices module. Frozen: a later change is a later migration."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.sdk import ddl

ID = "2026-11-21T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "invoices, their content, payments, confirmed buyers"


async def _tables() -> None:
    await ddl.create_table(
        "invoices_invoice",
        columns={
            "id": "uuid",
            "customer": "uuid",
            "project": "uuid?",
            "addressee": "uuid?",
            "published_at": "timestamptz?",
            "version": "integer",
            "created_at": "timestamptz",
            "document_type": "text",
            "number": "text",
            "number_folded": "text",
            "seller_key": "text",
            "seller_name": "text",
            "issued_on": "date",
            "issue_year": "integer",
            "due_on": "date?",
            "currency": "text",
            "net": "bigint",
            "vat": "bigint",
            "gross": "bigint",
            "paid": "bigint",
            "due": "bigint",
            "signed_gross": "bigint",
            "signed_due": "bigint",
            "payment_state": "text",
            "buyer_reference": "text",
            "order_reference": "text",
            "search_folded": "text",
            "source_format": "text",
            "sha256": "text",
            "readable": "boolean",
            "external_id": "text?",
            "announced_at": "timestamptz?",
            "warnings": "json",
        },
        unique=[
            ("tenant", "seller_key", "number_folded", "document_type", "issue_year"),
            ("tenant", "external_id"),
        ],
        checks={"payment_state": "payment_state IN ('pending', 'partial', 'collected')"},
        foreign_keys={"customer": "customer", "project": "project", "addressee": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("invoices_invoice", ["tenant", "customer", "issued_on", "id"])
    await ddl.create_index("invoices_invoice", ["tenant", "issued_on", "id"])
    # all that totals, counts of filters and cards read of a customer's invoices, in the order of summing up
    await ddl.create_index(
        "invoices_invoice",
        [
            "tenant",
            "customer",
            "currency",
            "payment_state",
            "document_type",
            "due_on",
            "signed_due",
            "published_at",
            "issued_on",
        ],
        name="ix_invoices_open",
    )
    await ddl.create_index("invoices_invoice", ["tenant", "project"], where="project IS NOT NULL")
    await ddl.create_table(
        "invoices_content",
        columns={"id": "uuid", "invoice": "uuid", "data": "json"},
        unique=[("tenant", "invoice")],
        foreign_keys={"invoice": "invoices_invoice"},
        tenant_scoped=True,
    )
    await ddl.create_table(
        "invoices_payment",
        columns={"id": "uuid", "invoice": "uuid", "paid_on": "date", "amount": "bigint", "external_id": "text?"},
        unique=[("tenant", "external_id")],
        foreign_keys={"invoice": "invoices_invoice"},
        tenant_scoped=True,
    )
    await ddl.create_index("invoices_payment", ["tenant", "invoice"])
    await ddl.create_table(
        "invoices_alias",
        columns={"id": "uuid", "key": "text", "customer": "uuid"},
        unique=[("tenant", "key")],
        foreign_keys={"customer": "customer"},
        tenant_scoped=True,
    )


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="invoices", description=DESCRIPTION)
    manager.add_raw(_tables)
    return manager
