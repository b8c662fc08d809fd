"""`portico tenant`, `portico staff`, `portico token`, `portico modules`: the vendor's and integrator's chores."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from core.accounts.api_keys import create_api_key, revoke_api_keys
from core.cli.base import as_vendor, console, for_tenant, run
from core.clock import now
from core.config import settings
from core.db import fetch, transaction
from core.errors import NotFoundError
from core.i18n import Translator
from core.people.persons import Details, add_staff, send_invitation
from core.people.roles import seed_roles
from core.people.tables import Role
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import tenant_scope
from core.tenancy.services import create_tenant, entitle, find_tenant, revoke

if TYPE_CHECKING:
    from core.db import Database
    from core.registry import Registry
    from core.tenancy.tables import Tenant

_ = Translator("core")

tenants = typer.Typer(help="Tenants: service companies with a portal of their own.", no_args_is_help=True)
staff = typer.Typer(help="Staff of a tenant.", no_args_is_help=True)
tokens = typer.Typer(help="Keys for a tenant's own systems.", no_args_is_help=True)

TenantName = Annotated[str, typer.Option("--tenant", help="Portal name of the tenant.")]


@tenants.command("create")
def tenant_create(  # noqa: PLR0917 -- typer takes options as parameters
    name: Annotated[str, typer.Argument(help="Name of the company.")],
    portal_name: Annotated[str | None, typer.Option(help="Part of its URL; made from the name by default.")] = None,
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2.")] = "ES",
    zone: Annotated[str, typer.Option(help="IANA time zone.")] = "Europe/Madrid",
    language: Annotated[
        list[str] | None, typer.Option(help="Languages of its portal; the first is the default.")
    ] = None,
    tax_id: Annotated[str | None, typer.Option(help="Its own tax number.")] = None,
) -> None:
    """Make a tenant with its portal and its roles."""

    async def make() -> Tenant:
        async with transaction():
            made = await create_tenant(
                name=name,
                portal_name=portal_name,
                country=country,
                zone=zone,
                languages=tuple(language or ("es", "en")),
                tax_id=tax_id,
            )
            with tenant_scope(made.id):
                await seed_roles(made.id)
        return made

    async def work(_database: Database, _registry: Registry) -> Tenant:
        return await as_vendor(make)

    made = run(work)
    console.print(settings().origin(f"{made.portal_name}.{settings().base_host}"), highlight=False)


@tenants.command("list")
def tenant_list() -> None:
    """List the tenants and the modules that they are entitled to."""

    async def work(_database: Database, _registry: Registry) -> list[dict[str, object]]:
        async def read() -> list[dict[str, object]]:
            return await fetch(
                "SELECT t.portal_name, t.name, t.status, e.module, e.valid_from, e.valid_until FROM tenant t "
                "LEFT JOIN entitlement e ON e.tenant = t.id ORDER BY t.portal_name, e.module"
            )

        return await as_vendor(read)

    table = Table("portal", "name", "status", "module", "from", "until")
    for row in run(work):
        table.add_row(*(str(value or "") for value in row.values()))
    console.print(table)


@tenants.command("entitle")
def tenant_entitle(
    name: Annotated[str, typer.Argument(help="Portal name of the tenant.")],
    module: Annotated[str, typer.Argument(help="Id of the module.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; today.")] = None,
) -> None:
    """Let a tenant use a module; it switches it on itself."""

    async def work(_database: Database, _registry: Registry) -> None:
        last = until.date() if until else None
        await as_vendor(lambda: let_use(name, module, since=since.date() if since else None, until=last))

    run(work)
    console.print(f"{name} may use {module}.")


@tenants.command("revoke")
def tenant_revoke(
    name: Annotated[str, typer.Argument(help="Portal name of the tenant.")],
    module: Annotated[str, typer.Argument(help="Id of the module.")],
) -> None:
    """Take a module away from a tenant at once; its data is kept."""

    async def work(_database: Database, _registry: Registry) -> None:
        await as_vendor(lambda: take_away(name, module))

    run(work)
    console.print(f"{name} may not use {module} any more.")


async def let_use(name: str, module: str, *, since: date | None, until: date | None) -> None:
    """Entitle a tenant from *since* (its own today) until *until*, and say so in its log."""
    async with transaction():
        found = await find_tenant(name)
        first = since or now().astimezone(ZoneInfo(found.zone)).date()
        await entitle(tenant=found.id, module=module, valid_from=first, valid_until=until)
        said = {"module": module, "entitled_from": first.isoformat(), "entitled_until": str(until or "")}
        with tenant_scope(found.id):
            await write_activity(kind="core.module_switched", data=said)


async def take_away(name: str, module: str) -> None:
    """End a tenant's entitlement, and say so in its log."""
    async with transaction():
        found = await find_tenant(name)
        await revoke(tenant=found.id, module=module)
        with tenant_scope(found.id):
            await write_activity(kind="core.module_switched", data={"module": module, "entitled": False})


@staff.command("invite")
def staff_invite(
    email: Annotated[str, typer.Argument(help="Where the invitation goes.")],
    tenant: TenantName,
    name: Annotated[str, typer.Option(help="Given and family name.")],
    role: Annotated[str, typer.Option(help="Key of the role.")] = "administrator",
) -> None:
    """Add a member of a tenant's staff and send an invitation by mail."""

    async def work(_database: Database, _registry: Registry) -> None:
        async def invite(_tenant: Tenant) -> None:
            given, _space, family = name.strip().partition(" ")
            details = Details(given_name=given, family_name=family, email=email)
            found = await Role.objects().where((Role.key == role) & (Role.audience == "staff")).first()
            if found is None:
                raise NotFoundError(_("There is no role “{name}” for staff.").format(name=role))
            async with transaction():
                await send_invitation(person=await add_staff(details=details, role=found.id))

        await for_tenant(tenant, invite)

    run(work)
    console.print(f"The invitation to {email} is on its way; the worker sends it.")


@tokens.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="For whom or what the key is.")],
    tenant: TenantName,
    permission: Annotated[list[str], typer.Option(help="A permission; may be given several times.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Expires on that day.")] = None,
) -> None:
    """Make a key for the API and print it: it is shown this once."""

    async def work(_database: Database, _registry: Registry) -> str:
        async def make(_tenant: Tenant) -> str:
            expires = until.replace(tzinfo=UTC) if until else None
            async with transaction():
                key = await create_api_key(name=name, permissions=permission, expires_at=expires)
                await write_activity(kind="core.setting_changed", data={"api_key": name, "permissions": permission})
            return key

        return await for_tenant(tenant, make)

    console.print(run(work), highlight=False)


@tokens.command("revoke")
def token_revoke(
    name: Annotated[str, typer.Argument(help="The name that the key was given.")],
    tenant: TenantName,
) -> None:
    """End the keys with that name at once."""

    async def work(_database: Database, _registry: Registry) -> int:
        async def end(_tenant: Tenant) -> int:
            return await end_keys(name)

        return await for_tenant(tenant, end)

    ended = run(work)
    console.print(f"{ended} keys open nothing any more.")
    if not ended:
        raise typer.Exit(1)


async def end_keys(name: str) -> int:
    """End the keys with that name of the tenant in scope, and say so in its log; return how many."""
    async with transaction():
        ended = await revoke_api_keys(name=name)
        if ended:
            await write_activity(kind="core.setting_changed", data={"api_key": name, "revoked": ended})
    return ended


def modules() -> None:
    """List the installed modules, where they are active, and which hooks they implement."""

    async def work(_database: Database, _registry: Registry) -> dict[str, str]:
        async def read() -> dict[str, str]:
            rows = await fetch(
                "SELECT m.module, t.portal_name FROM tenant_module m JOIN tenant t ON t.id = m.tenant "
                "WHERE m.enabled = TRUE ORDER BY t.portal_name"
            )
            active: dict[str, str] = {}
            for row in rows:
                active[row["module"]] = ", ".join(filter(None, [active.get(row["module"]), row["portal_name"]]))
            return active

        return await as_vendor(read)

    active = run(work)
    table = Table("module", "version", "package", "active for", "hooks")
    for module in registry().modules.values():
        hooks = ", ".join(registry().hooks_of(module.id))
        table.add_row(module.id, module.meta.version, module.package, active.get(module.id, ""), hooks)
    console.print(table)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(modules)
