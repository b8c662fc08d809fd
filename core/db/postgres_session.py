"""One PostgreSQL connection for the length of a scope, and the role that row-level security binds."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from core.db.errors import DatabaseBusyError, DbError, TransactionError, TransactionFailedError, translated_postgres
from core.db.scope import Scope, log, settled

if TYPE_CHECKING:
    from asyncpg.pool import Pool

T = TypeVar("T")
ROLE = "portico_app"
ACQUIRE_LIMIT_S = 20.0
END_LIMIT_S = 10.0


class Session:
    """Acquires and begins at the first statement; keeps tenant and role what the scope says."""

    def __init__(self, pool: Pool[Any] | None, scope: Scope) -> None:
        self._pool = pool
        self._scope = scope
        self._connection: Any = None
        self._applied: tuple[uuid.UUID | None, bool, bool] | None = None
        self._patient = False
        self._savepoints = 0
        self.turn = asyncio.Lock()

    def savepoint_name(self) -> str:
        """A name not used before in this session."""
        self._savepoints += 1
        return f"portico_scope_{self._savepoints}"

    async def ready(self, *, bypass: bool, patient: bool = False) -> Any:
        """
        The connection, in a transaction with the right tenant and role.

        With ``patient``, from here on each statement is planned for its own values: after five runs PostgreSQL keeps
        one plan for all values, which reads a whole table for the few rows of a rare state (803 ms instead of 88 among
        a million entries). Planning takes longer than reading a customer's own few rows, so it is not done for those.
        """
        self._patient = self._patient or patient
        if self._connection is None:
            await self._begin(bypass=bypass)
        elif not self._connection.is_in_transaction():
            # COMMIT in hand-written SQL: from here on neither role nor tenant would hold
            raise TransactionError("the transaction was ended by a statement; nothing may run without one")
        elif self._applied != (self._scope.tenant, bypass, self._patient):
            await self._apply("", bypass=bypass)
        return self._connection

    async def _acquire(self) -> None:
        if self._pool is None:
            raise DbError("this database is closed")
        try:
            self._connection = await self._pool.acquire(timeout=ACQUIRE_LIMIT_S)
        except TimeoutError as error:
            message = f"every database connection has been taken for {ACQUIRE_LIMIT_S:.0f} s"
            raise DatabaseBusyError(message) from error

    async def _begin(self, *, bypass: bool) -> None:
        await self._acquire()
        try:
            await self._apply("BEGIN; ", bypass=bypass)
        except BaseException:
            # whether it has begun is unknown, and outside a transaction the role would not hold
            connection, self._connection = self._connection, None
            connection.terminate()
            if self._pool is not None:
                await settled(self._pool.release(connection))
            raise

    async def _apply(self, prefix: str, *, bypass: bool) -> None:
        tenant = self._scope.tenant
        text = str(uuid.UUID(int=tenant.int)) if tenant is not None else ""  # it becomes part of SQL text
        self._applied = None
        planned = "; SET LOCAL plan_cache_mode = force_custom_plan" if self._patient else ""
        # One round trip. All settings end with the transaction, and go back with a savepoint.
        await self._connection.execute(
            f"{prefix}SELECT set_config('portico.tenant', '{text}', true); "
            f"SET LOCAL ROLE {'NONE' if bypass else ROLE}{planned}"
        )
        self._applied = (tenant, bypass, self._patient)

    async def run(self, work: Callable[[Any], Awaitable[T]], *, bypass: bool, patient: bool = False) -> T:
        """Do something with the connection."""
        return await work(await self.ready(bypass=bypass, patient=patient))

    async def control(self, sql: str) -> None:
        """SAVEPOINT, RELEASE, ROLLBACK TO. A role set since the savepoint goes back with it: it is looked at anew."""
        if self._connection is None:
            raise TransactionFailedError("the connection to the database was lost; nothing was saved")
        if sql.startswith("ROLLBACK"):
            self._applied = None
        await self._connection.execute(sql)

    async def undo(self, savepoint: str) -> None:
        """Back to the savepoint. If that fails the connection is given up."""
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await self.control(f"ROLLBACK TO SAVEPOINT {savepoint}")
                await self.control(f"RELEASE SAVEPOINT {savepoint}")
        except Exception:  # noqa: BLE001 -- logged, and the connection or transaction is given up
            log.exception("rolling back to a savepoint failed; giving the connection up")
            if self._connection is not None:
                self._connection.terminate()

    async def finish(self, *, commit: bool) -> None:
        """End the transaction and give the connection back, whatever happens.

        Raises TransactionFailedError if PostgreSQL answered COMMIT with a rollback.
        """
        connection, self._connection = self._connection, None
        self._applied, self._patient = None, False
        if connection is not None:
            await settled(self._end(connection, commit=commit))

    async def _end(self, connection: Any, *, commit: bool) -> None:
        try:
            async with asyncio.timeout(END_LIMIT_S):
                status = await connection.execute("COMMIT" if commit else "ROLLBACK")
        except Exception as error:
            answered = isinstance(error, asyncpg.PostgresError) and not connection.is_closed()
            if not answered or connection.is_in_transaction():
                connection.terminate()
            if commit:  # what COMMIT checks (deferred keys) may not hold; all is rolled back then
                raise translated_postgres(error) if isinstance(error, asyncpg.PostgresError) else error from error
            log.warning("ROLLBACK failed; giving the connection up", exc_info=True)
        else:
            if commit and status != "COMMIT":
                raise TransactionFailedError("a statement failed in this request and its error was swallowed")
        finally:
            if self._pool is not None:
                await self._pool.release(connection)


def _number(text: str) -> int | Decimal:
    """Sums of bigint come as numeric: whole ones are int, as on SQLite."""
    return Decimal(text) if "." in text or "N" in text else int(text)


async def set_up(connection: asyncpg.Connection[Any]) -> None:
    """Each new connection, once."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")


async def prepare_role(connection: Any) -> None:
    """Make the role if it is missing; refuse one that row-level security would not bind."""
    row = await connection.fetchrow("SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = $1", ROLE)
    if row is None:
        try:
            await connection.execute(f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            pass  # another process was quicker
        except asyncpg.InsufficientPrivilegeError as error:
            message = f"the database user may not create roles; run as an administrator: CREATE ROLE {ROLE} NOLOGIN"
            raise DbError(message) from error
    elif row["free"]:
        message = f"role {ROLE} is a superuser or has BYPASSRLS: tenants would see each other's rows"
        raise DbError(message)
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", ROLE):
        await connection.execute(f"GRANT {ROLE} TO CURRENT_USER")
