"""PostgreSQL shows a tenant's rows to that tenant alone, whatever the query forgets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.db import (
    ROLE,
    Database,
    DbError,
    ForeignKeyViolationError,
    RowSecurityError,
    autonomous,
    bypass_row_security,
    commit_request,
    current,
    execute,
    fetch,
    fetch_one,
    opened,
    request_scope,
    set_request_tenant,
    stream,
    transaction,
)
from tests.db import sample
from tests.db.sample import Customer, Invoice, Office

if TYPE_CHECKING:
    from tests.db_fixtures import Databases


@pytest.fixture
async def postgres(databases: Databases) -> AsyncIterator[Database]:
    async with databases.open("postgres", key="sample", prepare=sample.prepare) as database:
        yield database


@pytest.fixture
async def pair(postgres: Database) -> tuple[Office, Office]:
    """The role is asserted first: as a superuser everything below would pass without any policy."""
    row = await fetch_one(
        "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = current_user"
    )
    assert row == {"rolname": ROLE, "rolsuper": False, "rolbypassrls": False, "rolcanlogin": False}
    made = await sample.two_offices()
    with bypass_row_security():
        assert await Invoice.count() == 2  # there is data that could leak
    return made


async def invoices() -> list[UUID]:
    return [row["id"] for row in await fetch("SELECT id FROM invoice ORDER BY id")]


async def test_every_table_of_tenants_is_forced(postgres: Database) -> None:
    rows = await fetch(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
    )
    assert rows == [
        {"relname": "customer", "forced": True},
        {"relname": "invoice", "forced": True},
        {"relname": "tenant", "forced": False},
    ]


async def test_without_tenant_there_is_nothing(pair: tuple[Office, Office]) -> None:
    assert await invoices() == []
    async with request_scope():
        assert await invoices() == []
        async with transaction():
            assert await invoices() == []
        async with autonomous():
            assert await invoices() == []


async def test_with_tenant_there_is_its_own(pair: tuple[Office, Office]) -> None:
    for office in pair:
        async with request_scope(tenant=office.tenant):
            assert await invoices() == [office.invoice]
            async with transaction(), transaction():
                assert await invoices() == [office.invoice]
            assert [rows async for rows in stream("SELECT id FROM invoice")] == [[{"id": office.invoice}]]
            async with autonomous():
                assert await invoices() == [office.invoice]
            await commit_request()
            assert await invoices() == [office.invoice]
        assert await invoices() == []


async def test_a_connection_keeps_no_tenant(pair: tuple[Office, Office], postgres: Database) -> None:
    """More requests than connections, tenants by turns: settings end with the transaction."""
    for number in range(30):
        async with request_scope(tenant=pair[number % 2].tenant):
            assert await invoices() == [pair[number % 2].invoice]
        async with request_scope():
            assert await invoices() == []


async def test_the_tenant_may_be_found_within_the_request(pair: tuple[Office, Office]) -> None:
    async with request_scope():
        assert len(await fetch("SELECT id FROM tenant")) == 2
        assert await invoices() == []
        set_request_tenant(pair[1].tenant)
        assert await invoices() == [pair[1].invoice]


async def test_the_way_out_ends_with_its_block(pair: tuple[Office, Office]) -> None:
    async with request_scope(tenant=pair[0].tenant):
        assert await invoices() == [pair[0].invoice]
        with bypass_row_security():
            assert len(await invoices()) == 2
        assert await invoices() == [pair[0].invoice]
        async with transaction():
            with pytest.raises(ZeroDivisionError):  # noqa: PT012 -- the block is what fails
                async with transaction():
                    with bypass_row_security():
                        assert len(await invoices()) == 2
                        raise ZeroDivisionError
            assert await invoices() == [pair[0].invoice]
            with bypass_row_security(), pytest.raises(asyncpg.UndefinedTableError):
                async with transaction():
                    await fetch("SELECT * FROM nowhere")
            assert await invoices() == [pair[0].invoice]


async def test_writing_for_another_tenant_is_refused(pair: tuple[Office, Office]) -> None:
    mine, other = pair
    async with request_scope(tenant=mine.tenant):
        with pytest.raises(RowSecurityError):
            await Customer(tenant=other.tenant, name="planted").save()
        with pytest.raises(RowSecurityError):
            await Customer.update({Customer.tenant: other.tenant}, force=True)
        assert await execute("UPDATE invoice SET gross = 0 WHERE id = {}", other.invoice) == 0
        assert await execute("DELETE FROM invoice WHERE id = {}", other.invoice) == 0
    with bypass_row_security():
        assert await fetch("SELECT gross FROM invoice ORDER BY gross") == [{"gross": 100}, {"gross": 200}]


async def test_keys_hold_where_policies_do_not_look(pair: tuple[Office, Office]) -> None:
    """Foreign keys are checked beyond row-level security: only the composite key refuses another tenant's row."""
    mine, other = pair
    async with request_scope(tenant=mine.tenant):
        with pytest.raises(ForeignKeyViolationError):
            await Invoice(tenant=mine.tenant, customer=other.customer, number="2").save()


async def test_the_application_may_not_change_tables_or_roles(pair: tuple[Office, Office]) -> None:
    for sql in (
        "ALTER TABLE invoice DISABLE ROW LEVEL SECURITY",
        "DROP TABLE invoice",
        "CREATE TABLE planted (id int)",
        "TRUNCATE invoice",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(sql)


async def test_a_role_that_policies_do_not_bind_is_refused(postgres_url: str) -> None:
    async with opened(postgres_url, pool_size=2):
        pass
    admin = await asyncpg.connect(postgres_url)
    # in a transaction that is rolled back: the role is the whole server's
    from core.db.postgres_session import prepare_role  # noqa: PLC0415 -- only when it is needed

    changed = admin.transaction()
    await changed.start()
    await admin.execute(f"ALTER ROLE {ROLE} BYPASSRLS")
    with pytest.raises(DbError, match="BYPASSRLS"):
        await prepare_role(admin)
    await changed.rollback()
    await admin.close()


async def test_an_owner_who_is_no_superuser_works_too(databases: Databases) -> None:
    """Managed PostgreSQL gives no superuser: FORCE binds the owner, the owner's policy lets migrations work."""
    async with databases.url("postgres") as url:
        admin = await asyncpg.connect(url)
        name = await admin.fetchval("SELECT current_database()")
        owner = f"owner_{uuid4().hex[:8]}"
        await admin.execute(f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE")
        await admin.execute(f"GRANT {ROLE} TO {owner}")
        await admin.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
        await admin.execute(f"ALTER SCHEMA public OWNER TO {owner}")
        try:
            async with opened(url.replace("postgres:@", f"{owner}:@"), pool_size=2):
                await sample.prepare(current())
                mine, _ = await sample.two_offices()
                assert await invoices() == []
                with bypass_row_security():
                    assert len(await invoices()) == 2
                async with request_scope(tenant=mine.tenant):
                    assert await invoices() == [mine.invoice]
        finally:
            await admin.execute(f"REASSIGN OWNED BY {owner} TO CURRENT_USER")
            await admin.execute(f"DROP OWNED BY {owner}")
            await admin.execute(f"DROP ROLE {owner}")
            await admin.close()


async def test_a_broken_backend_costs_the_request_not_the_server(
    pair: tuple[Office, Office], postgres_url: str
) -> None:
    admin = await asyncpg.connect(postgres_url)
    for _ in range(3):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):  # noqa: PT012 -- the block is what fails
            async with request_scope(tenant=pair[0].tenant), transaction():
                row = await fetch_one("SELECT pg_backend_pid() AS pid")
                assert row is not None
                await admin.execute("SELECT pg_terminate_backend($1)", row["pid"])
                await fetch("SELECT 1 AS one")
        async with request_scope(tenant=pair[0].tenant):
            assert await invoices() == [pair[0].invoice]
    await admin.close()


async def test_swallowing_an_error_in_a_request_is_told_at_commit(pair: tuple[Office, Office]) -> None:
    with pytest.raises(DbError, match="swallowed"):  # noqa: PT012 -- the block is what fails
        async with request_scope(tenant=pair[0].tenant):
            await Customer(tenant=pair[0].tenant, name="lost").save()
            with pytest.raises(asyncpg.UndefinedTableError):
                await fetch("SELECT * FROM nowhere")
    async with request_scope(tenant=pair[0].tenant):
        assert await fetch("SELECT name FROM customer") == [{"name": "customer of obrador"}]
