"""The base of every table, and the engine all of them share: whichever database is current."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import piccolo.table
from piccolo.columns import UUID
from piccolo.conf.apps import AppRegistry
from piccolo.engine.base import BaseAtomic, BaseBatch, BaseTransaction, Engine
from piccolo.query import Query
from piccolo.querystring import QueryString
from typing_extensions import override

from core.db.convert import Row
from core.db.database import current
from core.db.ids import uuid7


class CurrentEngine(Engine[Any]):
    """Stands for the engine of the database that is current when a query is built or run."""

    __slots__ = ()

    def __init__(self) -> None:
        """Connects to nothing, unlike Piccolo's."""

    @property
    @override
    def engine_type(self) -> str:  # type: ignore[override]  # Piccolo's own signature is narrower
        return current().dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(current().engine, name)

    @override
    async def get_version(self) -> float:
        return await current().engine.get_version()

    @override
    def get_version_sync(self) -> float:
        return current().engine.get_version_sync()

    async def prep_database(self) -> None:
        """Nothing to prepare."""

    @override
    async def batch(self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None) -> BaseBatch:
        return await current().engine.batch(query, batch_size, node)

    @override
    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        return await current().engine.run_querystring(querystring, in_pool)

    @override
    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        return await current().engine.run_ddl(ddl, in_pool)

    @override
    def transform_response_to_dicts(self, results: Any) -> list[Row]:
        return current().engine.transform_response_to_dicts(results)

    @override
    def transaction(self, *args: Any, **kwargs: Any) -> BaseTransaction:
        transaction: BaseTransaction = current().engine.transaction(*args, **kwargs)
        return transaction

    @override
    def atomic(self, *args: Any, **kwargs: Any) -> BaseAtomic:
        return current().engine.atomic(*args, **kwargs)

    @override
    def transaction_exists(self) -> bool:
        return current().engine.transaction_exists()


CURRENT_ENGINE = CurrentEngine()

# Tables of Piccolo itself, and classes its migrations make on the fly, look for a module of this name.
if "piccolo_conf" not in sys.modules:
    _conf = ModuleType("piccolo_conf", "Made by core.db: the current database, no apps.")
    _conf.DB = CURRENT_ENGINE  # type: ignore[attr-defined]  # Piccolo keeps it on the class
    _conf.APP_REGISTRY = AppRegistry([])  # type: ignore[attr-defined]  # Piccolo keeps it on the class
    sys.modules["piccolo_conf"] = _conf


class Table(piccolo.table.Table):
    """A table with a time-ordered key, on the current database. Columns must say themselves what is null."""

    id = UUID(primary_key=True, default=uuid7)

    def __init_subclass__(cls, **options: Any) -> None:
        """Piccolo's options: ``tablename``, ``tags``, ``help_text``."""
        if options.get("db") is None:
            options["db"] = CURRENT_ENGINE
        super().__init_subclass__(**options)


async def insert_many(table: type[piccolo.table.Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows, all or none, with one prepared statement; defaults are filled in as the class says.

    For imports: no instances, no RETURNING. The caller sets the tenant.
    """
    if not rows:
        return
    instances = [table(**row).querystring for row in rows]
    names = ", ".join(f'"{column._meta.db_column_name}"' for column in table._meta.columns)
    insert = f"INSERT INTO {table._meta.get_formatted_tablename()} ({names}) VALUES {{}}"  # noqa: S608 -- the class's names
    sql, _ = QueryString(insert, instances[0]).compile_string(engine_type=current().dialect)
    await current().backend.many(sql, [instance.compile_string()[1] for instance in instances])
