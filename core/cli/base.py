"""What commands share: the application, and a process that is set up with an open database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from rich.console import Console

from core.bootstrap import pending_migrations, set_up
from core.config import ConfigError, load_settings
from core.db import bypass_row_security, opened, request_scope
from core.tenancy.scope import tenant_scope
from core.tenancy.services import find_tenant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from core.db import Database
    from core.registry import Registry
    from core.tenancy.tables import Tenant

T = TypeVar("T")

app = typer.Typer(
    help="Portico: a customer portal for service companies.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console()


def run(work: Callable[[Database, Registry], Coroutine[Any, Any, T]], *, migrated: bool = True) -> T:
    """
    Run *work* in a process that is set up from its environment.

    Raises:
        ConfigError: a setting is missing or wrong, or the database is not up to date.

    """
    settings = load_settings()
    registry = set_up(settings)

    async def inside() -> T:
        async with opened(settings.database_url) as database:
            if migrated and await pending_migrations(database, registry):
                message = "the database is not up to date; run: portico migrate"
                raise ConfigError(message)
            return await work(database, registry)

    return asyncio.run(inside())


async def for_tenant(name: str, work: Callable[[Tenant], Awaitable[T]]) -> T:
    """Run *work* in the scope of the tenant with that portal name."""
    async with request_scope(tenant=None):
        tenant = await find_tenant(name)
    with tenant_scope(tenant.id):
        async with request_scope(tenant=tenant.id):
            return await work(tenant)


async def as_vendor(work: Callable[[], Awaitable[T]]) -> T:
    """Run *work* across tenants, as the vendor's chores do."""
    with bypass_row_security():
        async with request_scope(tenant=None, bypass=True):
            return await work()
