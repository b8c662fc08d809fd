"""The first tables of the core. Frozen: a later change is a later migration."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.db.ddl import create_index, create_table

ID = "2026-11-21T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "tenants, people, accounts, records, messages, imports"


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
        foreign_keys={"tenant": "tenant"},
        checks={"kind": "kind IN ('name', 'domain', 'former')"},
    )
    await create_index("tenant_host", ["tenant"], name="ix_tenant_host_tenant")
    await create_table(
        "entitlement",
        columns={"id": "uuid", "tenant": "uuid", "module": "text", "valid_from": "date", "valid_until": "date?"},
        foreign_keys={"tenant": "tenant"},
        checks={"order": "valid_until IS NULL OR valid_until >= valid_from"},
    )
    await create_index("entitlement", ["tenant"], name="ix_entitlement_tenant")
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
            "version": "integer",
        },
        unique=[("tenant", "external_id"), ("tenant", "number")],
        foreign_keys={"parent": "customer"},
        tenant_scoped=True,
    )
    await create_index("customer", ["tenant", "name_folded"], name="ix_customer_name")
    await create_index("customer", ["tenant", "tax_id"], name="ix_customer_tax_id")
    await create_index("customer", ["tenant", "parent"], name="ix_customer_parent")
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
            "version": "integer",
        },
        unique=[("tenant", "external_id")],
        foreign_keys={"customer": "customer"},
        checks={"state": "state IN ('open', 'closed')"},
        tenant_scoped=True,
    )
    await create_index("project", ["tenant", "customer"], name="ix_project_customer")
    await create_index("project", ["tenant", "name_folded"], name="ix_project_name")
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
            "offices": "integer",
            "disabled_at": "timestamptz?",
            "created_at": "timestamptz",
        },
        checks={"password_state": "password_state IN ('unset', 'temporary', 'set')"},
    )
    await create_index("account", ["email"], name="ix_account_email")
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
            "tax_id": "text?",
            "language": "text?",
            "theme": "text",
            "shown_columns": "json",
            "staff_role": "uuid?",
            "state": "text",
            "source": "text",
            "invited_at": "timestamptz?",
            "last_sign_in_at": "timestamptz?",
            "sign_ins": "integer",
            "created_at": "timestamptz",
            "deleted_at": "timestamptz?",
            "version": "integer",
        },
        foreign_keys={"staff_role": "role", "account": "account"},
        checks={
            "kind": "kind IN ('contact', 'staff')",
            "state": "state IN ('recipient', 'address_book', 'pending', 'invited', 'active', 'deactivated')",
            "theme": "theme IN ('auto', 'light', 'dark')",
        },
        tenant_scoped=True,
    )
    await create_index(
        "person",
        ["tenant", "email_folded"],
        unique=True,
        where="deleted_at IS NULL AND email_folded IS NOT NULL",
        name="ix_person_email",
    )
    await create_index("person", ["account"], name="ix_person_account")
    await create_index("person", ["tenant", "kind", "name_folded"], name="ix_person_name")
    await create_table(
        "membership",
        columns={"id": "uuid", "person": "uuid", "customer": "uuid", "role": "uuid", "reach": "text"},
        unique=[("tenant", "person", "customer")],
        foreign_keys={"person": "person", "customer": "customer", "role": "role"},
        checks={"reach": "reach IN ('own', 'projects', 'company', 'group')"},
        tenant_scoped=True,
    )
    await create_index("membership", ["tenant", "customer"], name="ix_membership_customer")
    await create_table(
        "address_book",
        columns={
            "id": "uuid",
            "customer": "uuid",
            "person": "uuid",
            "email": "text",
            "given_name": "text",
            "family_name": "text",
            "by": "uuid?",
            "created_at": "timestamptz",
        },
        unique=[("tenant", "customer", "email")],
        foreign_keys={"customer": "customer", "person": "person"},
        tenant_scoped=True,
    )
    await create_index("address_book", ["tenant", "person"], name="ix_address_book_person")
    await create_table(
        "project_person",
        columns={"id": "uuid", "project": "uuid", "person": "uuid"},
        unique=[("tenant", "project", "person")],
        foreign_keys={"project": "project", "person": "person"},
        tenant_scoped=True,
    )
    await create_index("project_person", ["tenant", "person", "project"], name="ix_project_person_person")
    await create_table(
        "customer_module",
        columns={"id": "uuid", "customer": "uuid", "module": "text", "granted": "boolean"},
        unique=[("tenant", "customer", "module")],
        foreign_keys={"customer": "customer"},
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
            "identity": "uuid?",
            "created_at": "timestamptz",
            "seen_at": "timestamptz",
            "expires_at": "timestamptz",
            "agent": "text",
            "address": "text",
        },
        unique=[("token_hash",)],
        foreign_keys={"person": "person", "account": "account", "active_customer": "customer", "viewed_by": "person"},
        tenant_scoped=True,
    )
    await create_index("session", ["tenant", "person"], name="ix_session_person")
    await create_index("session", ["account"], name="ix_session_account")
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
        foreign_keys={"person": "person", "account": "account"},
        tenant_scoped=True,
    )
    await create_index("link", ["tenant", "person", "purpose"], name="ix_link_person")
    await create_table(
        "known_device",
        columns={
            "id": "uuid",
            "person": "uuid",
            "token_hash": "text",
            "created_at": "timestamptz",
            "seen_at": "timestamptz",
        },
        unique=[("tenant", "person", "token_hash")],
        foreign_keys={"person": "person"},
        tenant_scoped=True,
    )
    await create_table(
        "linked_office",
        columns={
            "id": "uuid",
            "account": "uuid",
            "tenant": "uuid",
            "nickname": "text",
            "preferred": "boolean",
            "linked_at": "timestamptz",
            "accepted_at": "timestamptz?",
        },
        unique=[("account", "tenant")],
        foreign_keys={"account": "account", "tenant": "tenant"},
    )
    await create_table(
        "registration",
        columns={
            "id": "uuid",
            "email": "text",
            "given_name": "text",
            "family_name": "text",
            "company": "text",
            "country": "text",
            "phone": "text",
            "message": "text",
            "language": "text?",
            "state": "text",
            "token_hash": "text?",
            "expires_at": "timestamptz?",
            "created_at": "timestamptz",
            "confirmed_at": "timestamptz?",
            "decided_at": "timestamptz?",
            "decided_by": "uuid?",
            "person": "uuid?",
            "identity": "json",
        },
        unique=[("token_hash",)],
        foreign_keys={"decided_by": "person", "person": "person"},
        checks={"state": "state IN ('unconfirmed', 'waiting', 'approved', 'rejected')"},
        tenant_scoped=True,
    )
    await create_index("registration", ["tenant", "state", "id"], name="ix_registration_state")
    await create_index("registration", ["tenant", "email"], name="ix_registration_email")
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
    await _sign_in_providers()
    await create_table("rate_limit", columns={"id": "uuid", "key": "text", "arrival": "bigint"}, unique=[("key",)])
    await create_index("rate_limit", ["arrival"], name="ix_rate_limit_arrival")


async def _sign_in_providers() -> None:
    await create_table(
        "sign_in_provider",
        columns={
            "id": "uuid",
            "name": "text",
            "kind": "text",
            "issuer": "text",
            "client_id": "text",
            "client_secret": "text",
            "registers": "boolean",
            "trusts_email": "boolean",
            "enabled": "boolean",
            "created_at": "timestamptz",
        },
        unique=[("tenant", "issuer")],
        checks={"kind": "kind IN ('google', 'microsoft', 'other')"},
        tenant_scoped=True,
    )
    await create_table(
        "sign_in_identity",
        columns={
            "id": "uuid",
            "person": "uuid",
            "provider": "uuid",
            "issuer": "text",
            "subject": "text",
            "label": "text",
            "connected_at": "timestamptz",
            "used_at": "timestamptz?",
        },
        unique=[("tenant", "issuer", "subject")],
        foreign_keys={"person": "person", "provider": "sign_in_provider"},
        tenant_scoped=True,
    )
    await create_index("sign_in_identity", ["tenant", "person"], name="ix_sign_in_identity_person")
    await create_index("sign_in_identity", ["tenant", "provider"], name="ix_sign_in_identity_provider")
    await create_table(
        "sign_in_attempt",
        columns={
            "id": "uuid",
            "token_hash": "text",
            "browser_hash": "text",
            "provider": "uuid",
            "purpose": "text",
            "person": "uuid?",
            "session": "uuid?",
            "link": "uuid?",
            "target": "text",
            "proved": "json",
            "created_at": "timestamptz",
            "expires_at": "timestamptz",
            "used_at": "timestamptz?",
        },
        unique=[("token_hash",)],
        foreign_keys={"provider": "sign_in_provider"},
        tenant_scoped=True,
    )
    await create_index("sign_in_attempt", ["tenant", "expires_at"], name="ix_sign_in_attempt_expires_at")


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
        foreign_keys={"by": "person"},
        tenant_scoped=True,
    )
    await create_index("file", ["tenant", "record_kind", "record"], name="ix_file_record")
    await create_index("file", ["sha256"], name="ix_file_content")
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
        foreign_keys={"by": "person"},
        tenant_scoped=True,
    )
    await create_index("comment", ["tenant", "record_kind", "record", "id"], name="ix_comment_record")
    await create_table(
        "first_view",
        columns={"id": "uuid", "record_kind": "text", "record": "uuid", "person": "uuid", "at": "timestamptz"},
        unique=[("tenant", "record_kind", "record", "person")],
        foreign_keys={"person": "person"},
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
        foreign_keys={"customer": "customer", "by": "person"},
        tenant_scoped=True,
    )
    await create_index("activity", ["tenant", "record_kind", "record", "id"], name="ix_activity_record")
    await create_index("activity", ["tenant", "id"], where="sequence IS NULL", name="ix_activity_unchained")
    await create_index("activity", ["tenant", "at", "id"], name="ix_activity_at")
    await create_table(
        "activity_part",
        columns={
            "id": "uuid",
            "activity": "uuid",
            "record_kind": "text",
            "record": "uuid",
            "customer": "uuid",
            "data": "json",
        },
        unique=[("tenant", "activity", "record")],
        foreign_keys={"activity": "activity", "customer": "customer"},
        tenant_scoped=True,
    )
    await create_index("activity_part", ["tenant", "record_kind", "record"], name="ix_activity_part_record")
    await create_table(
        "chain_head",
        columns={
            "id": "uuid",
            "sequence": "integer",
            "hash": "text",
            "at": "timestamptz",
            "checked_to": "integer?",
            "checked_at": "timestamptz?",
            "broken_at": "integer?",
        },
        unique=[("tenant",)],
        tenant_scoped=True,
    )


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
        foreign_keys={"tenant": "tenant"},
    )
    await create_index("queue", ["run_at"], where="done_at IS NULL AND failed_at IS NULL", name="ix_queue_due")
    await create_table(
        "schedule_run",
        columns={"id": "uuid", "key": "text", "tenant": "uuid", "ran_at": "timestamptz"},
        unique=[("key", "tenant")],
        foreign_keys={"tenant": "tenant"},
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
        foreign_keys={"person": "person"},
        checks={"state": "state IN ('queued', 'sent', 'failed')"},
        tenant_scoped=True,
    )
    await create_index("mail", ["tenant", "state", "id"], name="ix_mail_state")
    await create_index("mail", ["tenant", "person", "kind", "created_at"], name="ix_mail_person")
    await create_index("mail", ["tenant", "created_at"], name="ix_mail_created")
    await create_table(
        "notice",
        columns={
            "id": "uuid",
            "person": "uuid",
            "activity": "uuid",
            "channel": "text",
            "mail": "uuid?",
            "created_at": "timestamptz",
            "read_at": "timestamptz?",
        },
        unique=[("tenant", "person", "activity")],
        foreign_keys={"person": "person", "activity": "activity", "mail": "mail"},
        checks={"channel": "channel IN ('bell', 'mail')"},
        tenant_scoped=True,
    )
    await create_index("notice", ["tenant", "id"], where="channel = 'mail' AND mail IS NULL", name="ix_notice_pending")
    await create_index("notice", ["tenant", "person", "id"], name="ix_notice_person")
    await create_index("notice", ["tenant", "person"], where="read_at IS NULL", name="ix_notice_unread")
    await create_table(
        "mail_choice",
        columns={"id": "uuid", "person": "uuid", "activity_kind": "text", "channel": "text"},
        unique=[("tenant", "person", "activity_kind")],
        foreign_keys={"person": "person"},
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
        foreign_keys={"run": "import_run", "resolved_by": "person"},
        tenant_scoped=True,
    )
    await create_index(
        "import_problem", ["tenant", "kind", "id"], where="resolved_at IS NULL", name="ix_import_problem_open"
    )
    await create_index("import_problem", ["tenant", "sha256", "id"], name="ix_import_problem_content")


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    for step in (_tenancy, _people, _accounts, _records, _messages, _imports):
        manager.add_raw(step)
    return manager
