"""The first tables of the core. Frozen: a later change is a later migration."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.db.ddl import ForeignKey, create_index, create_table


ID = "2026-11-21T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "tenants, people, accounts, records, messages, imports"


def _to(table: str, *columns: str, own: str = "tenant") -> ForeignKey:
    """Reference another row of the same tenant: `(tenant, x) → table(tenant, id)`."""
    return ForeignKey((own, *columns), table, ("tenant", "id"))


async def _tenancy() -> None:
    await create_table(
        "tenant",
        columns={
            "id": "uuid",
            "name": "text",
            "portal_name": "text",
            "country": "text",
            "zone": "text",
            "languages": "text",
            "tax_id": "text?",
            "status": "text",
            "config_version": "integer",
            "created_at": "timestamptz",
        },
        unique=[("portal_name",)],
        checks={"status": "status IN ('active', 'suspended')"},
    )
    await create_table(
        "tenant_host",
        columns={"id": "uuid", "host": "text", "tenant": "uuid", "kind": "text", "verified_at": "timestamptz?"},
        unique=[("host",)],
        foreign_keys=[ForeignKey(("tenant",), "tenant", ("id",))],
        checks={"kind": "kind IN ('name', 'domain', 'former')"},
    )
    await create_index("tenant_host_tenant", "tenant_host", ["tenant"])
    await create_table(
        "entitlement",
        columns={"id": "uuid", "tenant": "uuid", "module": "text", "valid_from": "date", "valid_until": "date?"},
        foreign_keys=[ForeignKey(("tenant",), "tenant", ("id",))],
        checks={"order": "valid_until IS NULL OR valid_until >= valid_from"},
    )
    await create_index("entitlement_tenant", "entitlement", ["tenant"])
    await create_table(
        "tenant_module",
        columns={
            "id": "uuid",
            "module": "text",
            "enabled": "boolean",
            "granted_by_default": "boolean",
            "first_enabled_at": "timestamptz?",
        },
        unique=[("tenant", "module")],
        tenant_scoped=True,
    )
    await create_table(
        "setting",
        columns={"id": "uuid", "key": "text", "value": "json"},
        unique=[("tenant", "key")],
        tenant_scoped=True,
    )


async def _people() -> None:
    await create_table(
        "customer",
        columns={
            "id": "uuid",
            "parent": "uuid?",
            "number": "text?",
            "external_id": "text?",
            "name": "text",
            "name_folded": "text",
            "tax_id": "text?",
            "language": "text?",
            "address": "json",
            "invoicing": "json",
            "closed_at": "timestamptz?",
            "created_at": "timestamptz",
        },
        unique=[("tenant", "external_id")],
        foreign_keys=[_to("customer", "parent")],
        tenant_scoped=True,
    )
    await create_index("customer_name", "customer", ["tenant", "name_folded"])
    await create_index("customer_tax_id", "customer", ["tenant", "tax_id"])
    await create_index("customer_parent", "customer", ["tenant", "parent"])
    await create_table(
        "project",
        columns={
            "id": "uuid",
            "customer": "uuid",
            "number": "text?",
            "external_id": "text?",
            "name": "text",
            "name_folded": "text",
            "state": "text",
            "starts_on": "date?",
            "ends_on": "date?",
        },
        unique=[("tenant", "external_id")],
        foreign_keys=[_to("customer", "customer")],
        checks={"state": "state IN ('open', 'closed')"},
        tenant_scoped=True,
    )
    await create_index("project_customer", "project", ["tenant", "customer"])
    await create_table(
        "role",
        columns={"id": "uuid", "key": "text", "label": "text", "audience": "text", "preset": "text?", "grants": "json"},
        unique=[("tenant", "key")],
        checks={"audience": "audience IN ('contact', 'staff')"},
        tenant_scoped=True,
    )
    await create_table(
        "account",
        columns={
            "id": "uuid",
            "email": "text",
            "email_verified_at": "timestamptz?",
            "password_hash": "text?",
            "password_state": "text",
            "password_set_at": "timestamptz?",
            "password_expires_at": "timestamptz?",
            "disabled_at": "timestamptz?",
            "created_at": "timestamptz",
        },
        checks={"password_state": "password_state IN ('unset', 'temporary', 'set')"},
    )
    await create_index("account_email", "account", ["email"])
    await create_table(
        "person",
        columns={
            "id": "uuid",
            "kind": "text",
            "account": "uuid?",
            "email": "text?",
            "email_folded": "text?",
            "given_name": "text",
            "family_name": "text",
            "name_folded": "text",
            "phone": "text?",
            "mobile": "text?",
            "other_contact": "text?",
            "language": "text?",
            "theme": "text",
            "staff_role": "uuid?",
            "state": "text",
            "source": "text",
            "invited_at": "timestamptz?",
            "last_sign_in_at": "timestamptz?",
            "created_at": "timestamptz",
            "deleted_at": "timestamptz?",
        },
        foreign_keys=[_to("role", "staff_role"), ForeignKey(("account",), "account", ("id",))],
        checks={
            "kind": "kind IN ('contact', 'staff')",
            "state": "state IN ('address_book', 'pending', 'invited', 'active', 'deactivated')",
            "theme": "theme IN ('auto', 'light', 'dark')",
        },
        tenant_scoped=True,
    )
    await create_index(
        "person_email", "person", ["tenant", "email_folded"], unique=True, where="deleted_at IS NULL AND email_folded IS NOT NULL"
    )
    await create_index("person_account", "person", ["account"])
    await create_index("person_name", "person", ["tenant", "kind", "name_folded"])
    await create_table(
        "membership",
        columns={"id": "uuid", "person": "uuid", "customer": "uuid", "role": "uuid", "reach": "text"},
        unique=[("tenant", "person", "customer")],
        foreign_keys=[_to("person", "person"), _to("customer", "customer"), _to("role", "role")],
        checks={"reach": "reach IN ('own', 'projects', 'company', 'group')"},
        tenant_scoped=True,
    )
    await create_index("membership_customer", "membership", ["tenant", "customer"])
    await create_table(
        "project_person",
        columns={"id": "uuid", "project": "uuid", "person": "uuid"},
        unique=[("tenant", "project", "person")],
        foreign_keys=[_to("project", "project"), _to("person", "person")],
        tenant_scoped=True,
    )
    await create_index("project_person_person", "project_person", ["tenant", "person", "project"])
    await create_table(
        "customer_module",
        columns={"id": "uuid", "customer": "uuid", "module": "text", "granted": "boolean"},
        unique=[("tenant", "customer", "module")],
        foreign_keys=[_to("customer", "customer")],
        tenant_scoped=True,
    )


async def _accounts() -> None:
    await create_table(
        "session",
        columns={
            "id": "uuid",
            "token_hash": "text",
            "person": "uuid",
            "account": "uuid",
            "active_customer": "uuid?",
            "restricted": "text?",
            "viewed_by": "uuid?",
            "created_at": "timestamptz",
            "seen_at": "timestamptz",
            "expires_at": "timestamptz",
            "agent": "text",
            "address": "text",
        },
        unique=[("token_hash",)],
        foreign_keys=[
            _to("person", "person"),
            ForeignKey(("account",), "account", ("id",)),
            _to("customer", "active_customer"),
            _to("person", "viewed_by"),
        ],
        tenant_scoped=True,
    )
    await create_index("session_person", "session", ["tenant", "person"])
    await create_index("session_account", "session", ["account"])
    await create_table(
        "link",
        columns={
            "id": "uuid",
            "token_hash": "text",
            "purpose": "text",
            "person": "uuid",
            "account": "uuid?",
            "email": "text",
            "data": "json",
            "created_at": "timestamptz",
            "expires_at": "timestamptz",
            "used_at": "timestamptz?",
            "superseded_at": "timestamptz?",
        },
        unique=[("token_hash",)],
        foreign_keys=[_to("person", "person"), ForeignKey(("account",), "account", ("id",))],
        tenant_scoped=True,
    )
    await create_index("link_person", "link", ["tenant", "person", "purpose"])
    await create_table(
        "api_key",
        columns={
            "id": "uuid",
            "name": "text",
            "key_hash": "text",
            "permissions": "json",
            "created_at": "timestamptz",
            "expires_at": "timestamptz?",
            "used_at": "timestamptz?",
            "revoked_at": "timestamptz?",
        },
        unique=[("key_hash",)],
        tenant_scoped=True,
    )
    await create_table("rate_limit", columns={"id": "uuid", "key": "text", "arrival": "bigint"}, unique=[("key",)])


async def _records() -> None:
    await create_table(
        "file",
        columns={
            "id": "uuid",
            "record_kind": "text",
            "record": "uuid",
            "sha256": "text",
            "size": "bigint",
            "media_type": "text",
            "name": "text",
            "role": "text",
            "internal": "boolean",
            "by": "uuid?",
            "created_at": "timestamptz",
        },
        foreign_keys=[_to("person", "by")],
        tenant_scoped=True,
    )
    await create_index("file_record", "file", ["tenant", "record_kind", "record"])
    await create_index("file_content", "file", ["sha256"])
    await create_table(
        "comment",
        columns={
            "id": "uuid",
            "record_kind": "text",
            "record": "uuid",
            "by": "uuid",
            "body": "text",
            "internal": "boolean",
            "created_at": "timestamptz",
        },
        foreign_keys=[_to("person", "by")],
        tenant_scoped=True,
    )
    await create_index("comment_record", "comment", ["tenant", "record_kind", "record", "id"])
    await create_table(
        "first_view",
        columns={"id": "uuid", "record_kind": "text", "record": "uuid", "person": "uuid", "at": "timestamptz"},
        unique=[("tenant", "record_kind", "record", "person")],
        foreign_keys=[_to("person", "person")],
        tenant_scoped=True,
    )
    await create_table(
        "activity",
        columns={
            "id": "uuid",
            "at": "timestamptz",
            "kind": "text",
            "by_kind": "text",
            "by": "uuid?",
            "record_kind": "text?",
            "record": "uuid?",
            "customer": "uuid?",
            "data": "json",
            "sequence": "integer?",
            "previous": "text?",
            "hash": "text?",
        },
        unique=[("tenant", "sequence")],
        foreign_keys=[_to("customer", "customer"), _to("person", "by")],
        tenant_scoped=True,
    )
    await create_index("activity_record", "activity", ["tenant", "record_kind", "record", "id"])
    await create_index("activity_unchained", "activity", ["tenant", "id"], where="sequence IS NULL")


async def _messages() -> None:
    await create_table(
        "queue",
        columns={
            "id": "uuid",
            "tenant": "uuid?",
            "kind": "text",
            "payload": "json",
            "once_key": "text?",
            "run_at": "timestamptz",
            "leased_until": "timestamptz?",
            "attempts": "integer",
            "error": "text?",
            "created_at": "timestamptz",
            "done_at": "timestamptz?",
            "failed_at": "timestamptz?",
        },
        unique=[("once_key",)],
        foreign_keys=[ForeignKey(("tenant",), "tenant", ("id",))],
    )
    await create_index("queue_due", "queue", ["run_at"], where="done_at IS NULL AND failed_at IS NULL")
    await create_table(
        "schedule_run",
        columns={"id": "uuid", "key": "text", "tenant": "uuid", "ran_at": "timestamptz"},
        unique=[("key", "tenant")],
        foreign_keys=[ForeignKey(("tenant",), "tenant", ("id",))],
    )
    await create_table(
        "mail",
        columns={
            "id": "uuid",
            "person": "uuid?",
            "recipient": "text",
            "subject": "text",
            "kind": "text",
            "message_id": "text",
            "state": "text",
            "error": "text?",
            "created_at": "timestamptz",
            "sent_at": "timestamptz?",
        },
        foreign_keys=[_to("person", "person")],
        checks={"state": "state IN ('queued', 'sent', 'failed')"},
        tenant_scoped=True,
    )
    await create_index("mail_state", "mail", ["tenant", "state", "id"])
    await create_table(
        "notice",
        columns={
            "id": "uuid",
            "person": "uuid",
            "activity": "uuid",
            "created_at": "timestamptz",
            "read_at": "timestamptz?",
        },
        unique=[("tenant", "person", "activity")],
        foreign_keys=[_to("person", "person"), _to("activity", "activity")],
        tenant_scoped=True,
    )
    await create_index("notice_unread", "notice", ["tenant", "person"], where="read_at IS NULL")
    await create_table(
        "mail_choice",
        columns={"id": "uuid", "person": "uuid", "activity_kind": "text", "channel": "text"},
        unique=[("tenant", "person", "activity_kind")],
        foreign_keys=[_to("person", "person")],
        checks={"channel": "channel IN ('none', 'bell', 'mail')"},
        tenant_scoped=True,
    )


async def _imports() -> None:
    await create_table(
        "import_run",
        columns={
            "id": "uuid",
            "kind": "text",
            "way": "text",
            "by": "uuid?",
            "created": "integer",
            "updated": "integer",
            "unchanged": "integer",
            "quarantined": "integer",
            "refused": "integer",
            "started_at": "timestamptz",
            "ended_at": "timestamptz?",
        },
        tenant_scoped=True,
    )
    await create_table(
        "import_problem",
        columns={
            "id": "uuid",
            "run": "uuid",
            "kind": "text",
            "place": "text",
            "reason": "text",
            "data": "json",
            "sha256": "text?",
            "created_at": "timestamptz",
            "resolved_at": "timestamptz?",
            "resolution": "text?",
            "resolved_by": "uuid?",
        },
        foreign_keys=[_to("import_run", "run"), _to("person", "resolved_by")],
        tenant_scoped=True,
    )
    await create_index("import_problem_open", "import_problem", ["tenant", "kind", "id"], where="resolved_at IS NULL")


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    for step in (_tenancy, _people, _accounts, _records, _messages, _imports):
        manager.add_raw(step)
    return manager
