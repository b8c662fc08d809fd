from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core.sdk import ddl

ID = "2026-01-01T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "bookings"


async def _tables() -> None:
    await ddl.create_table(
        "bookings_booking",
        columns={
            "id": "uuid",
            "customer": "uuid",
            "project": "uuid?",
            "addressee": "uuid?",
            "published_at": "timestamptz?",
            "version": "integer",
            "created_at": "timestamptz",
            "title": "text",
            "title_folded": "text",
            "day": "date",
            "state": "text",
            "booked_by": "uuid?",
        },
        checks={"state": "state IN ('booked', 'cancelled', 'past')"},
        foreign_keys={"customer": "customer", "project": "project", "addressee": "person", "booked_by": "person"},
        tenant_scoped=True,
    )
    await ddl.create_index("bookings_booking", ["tenant", "customer", "day", "id"])
    await ddl.create_table(
        "bookings_guest",
        columns={"id": "uuid", "booking": "uuid", "name": "text"},
        foreign_keys={"booking": "bookings_booking"},
        tenant_scoped=True,
    )
    await ddl.create_table("bookings_heard", columns={"id": "uuid", "what": "text"}, tenant_scoped=True)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="bookings", description=DESCRIPTION)
    manager.add_raw(_tables)
    return manager
