"""`portico audit verify`: whether the log of every tenant is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from core.cli.base import as_vendor, console, run
from core.db import request_scope
from core.records.audit import exported_checkpoints, verify
from core.tenancy.scope import tenant_scope
from core.tenancy.tables import Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.db import Database
    from core.records.audit import Verification
    from core.registry import Registry

commands = typer.Typer(help="The log of everything that happened.", no_args_is_help=True)


@commands.callback()
def _audit() -> None:
    """Work on the log of everything that happened."""


@commands.command("verify")
def verify_log() -> None:
    """Recompute the chain of every tenant's log, and compare it with the exported checkpoints."""

    async def work(_database: Database, _registry: Registry) -> list[tuple[str, Verification]]:
        async def names() -> Sequence[Tenant]:
            return await Tenant.objects().order_by(Tenant.portal_name)

        found: list[tuple[str, Verification]] = []
        for tenant in await as_vendor(names):
            with tenant_scope(tenant.id):
                async with request_scope(tenant=tenant.id):
                    found.append((tenant.portal_name, await verify(exported_checkpoints())))
        return found

    broken = False
    for name, result in run(work):
        for problem in result.problems:
            broken = True
            console.print(f"  {name}: {problem}", highlight=False)
        console.print(f"{name}: {'broken' if result.problems else 'whole'}", highlight=False)
    if broken:
        raise typer.Exit(1)
