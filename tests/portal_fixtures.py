"""A whole portal for tests: migrated database, two tenants that could leak into each other, and people's browsers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.accounts.sessions import COOKIE, Device, create_session
from core.accounts.tables import Account
from core.app import build_app
from core.bootstrap import migrate_all, set_up
from core.clock import now
from core.config import Settings, settings, use_settings
from core.db import Database, forget_statements, outside, request_scope
from core.people.actor import acting_as
from core.people.roles import grant_module_presets, seed_roles
from core.people.tables import Customer, Membership, Person, Project, ProjectPerson, Role
from core.registry import Module, Registry, registry
from core.tenancy.scope import tenant_scope
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.services import create_tenant, entitle
from core.tenancy.snapshot import forget_snapshots, load_snapshot, raise_version
from core.tenancy.tables import Tenant
from core.text import fold
from tests.db_fixtures import Databases

KEYS = ("a-secret-key-for-tests-alone-0123456789", "an-older-key-for-tests-alone-0123456789")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class _Separately(httpx.ASGITransport):
    """Each request in a task of its own, as a server does: nothing of it stays in the test's context."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await asyncio.create_task(super().handle_async_request(request), context=outside())


@dataclass(slots=True)
class Browser:
    """Somebody's browser at one portal."""

    client: httpx.AsyncClient
    token: str = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """GET, without following redirects."""
        return await self.client.get(path, **more)

    async def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, page: str = "/", **more: Any
    ) -> httpx.Response:
        """POST a form with the token that *page* shows."""
        token = await self.form_token(page)
        return await self.client.post(path, data={"csrf_token": token, **(data or {})}, **more)

    async def form_token(self, page: str = "/") -> str:
        """Return the form token of *page*; follows redirects to a page that has one."""
        response = await self.client.get(page, follow_redirects=True)
        found = _TOKEN.search(response.text)
        assert found, f"{page} shows no form: {response.status_code}"
        return found[1]


@dataclass(slots=True)
class Portal:
    """One tenant and what the tests made of it."""

    tenant: Tenant
    app: Any
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{self.tenant.portal_name}.{settings().base_host}{settings().port_suffix}"

    @contextmanager
    def scope(self) -> Any:
        """Work for this tenant, as nobody in particular."""
        with tenant_scope(self.tenant.id), acting_as(None):
            yield

    @asynccontextmanager
    async def work(self) -> AsyncIterator[None]:
        """Work for this tenant in a scope of the database, committed at the end."""
        with self.scope():
            async with request_scope(tenant=self.tenant.id):
                yield

    async def enable(self, *modules: str) -> None:
        """Entitle to, enable, and grant the presets of *modules*."""
        for module in modules:
            await entitle(tenant=self.tenant.id, module=module, valid_from=date(2020, 1, 1))
            async with self.work():
                await TenantModule.insert(
                    TenantModule(module=module, enabled=True, granted_by_default=True, first_enabled_at=now())
                )
                await grant_module_presets(module)
                await raise_version(self.tenant.id)

    async def customer(self, name: str, **more: Any) -> Customer:
        """Make a customer."""
        async with self.work():
            made = Customer(name=name, name_folded=fold(name), **more)
            await Customer.insert(made)
        return made

    async def project(self, customer: Customer, name: str) -> Project:
        """Make a project."""
        async with self.work():
            made = Project(customer=customer.id, name=name, name_folded=fold(name))
            await Project.insert(made)
        return made

    async def contact(
        self,
        email: str,
        *customers: Customer,
        role: str = "manager",
        reach: str = "company",
        projects: tuple[Project, ...] = (),
        language: str | None = None,
        state: str = "active",
        name: str = "Ana Prueba",
    ) -> Person:
        """Make a contact who can sign in."""
        given, _, family = name.partition(" ")
        async with self.work():
            account = Account(email=email, email_verified_at=now(), password_state="set")
            await Account.insert(account)
            made = Person(
                kind="contact",
                account=account.id,
                email=email,
                email_folded=email,
                given_name=given,
                family_name=family,
                name_folded=fold(name),
                language=language,
                state=state,
            )
            await Person.insert(made)
            for customer in customers:
                await Membership.insert(
                    Membership(person=made.id, customer=customer.id, role=self.roles[role].id, reach=reach)
                )
            for project in projects:
                await ProjectPerson.insert(ProjectPerson(project=project.id, person=made.id))
        return made

    async def staff(self, email: str, role: str = "administrator", name: str = "Pilar Personal") -> Person:
        """Make a member of the staff who can sign in."""
        given, _, family = name.partition(" ")
        async with self.work():
            account = Account(email=email, email_verified_at=now(), password_state="set")
            await Account.insert(account)
            made = Person(
                kind="staff",
                account=account.id,
                email=email,
                email_folded=email,
                given_name=given,
                family_name=family,
                name_folded=fold(name),
                state="active",
                staff_role=self.roles[role].id,
            )
            await Person.insert(made)
        return made

    async def browser(self, person: Person | None = None, *, language: str | None = None) -> Browser:
        """Return a browser at this portal, signed in as *person*."""
        headers = {"host": self.host, "accept-language": language or "en", "user-agent": "tests"}
        client = httpx.AsyncClient(
            transport=_Separately(app=self.app, raise_app_exceptions=False),
            base_url=f"http://{self.host}",
            headers=headers,
        )
        if person is None:
            return Browser(client)
        async with self.work():
            token = await create_session(
                person=person.id,
                account=person.account,
                kind=person.kind,
                device=Device(agent="tests", address="127.0.0.1"),
            )
        client.cookies.set(COOKIE, token, domain=self.host.split(":")[0])
        return Browser(client, token)

    async def snapshot(self) -> Any:
        """Return the tenant's present configuration."""
        async with self.work():
            return await load_snapshot(self.tenant.id)


@dataclass(slots=True)
class World:
    """Two tenants in one installation."""

    database: Database
    registry: Registry
    app: Any
    first: Portal
    second: Portal


def settings_for_tests(home: Path) -> Settings:
    """Return settings for a test, with everything below *home*."""
    return Settings(
        base_url="http://portal.test:8000",
        database_url="sqlite:///unused",
        home=home,
        storage_url=f"file://{home / 'files'}",
        secret_keys=KEYS,
        mail_from="portal@portal.test",
    )


_ready: dict[str, tuple[Registry, Any]] = {}  # none or one: what this process set up last, and its application


def set_up_once(
    settings: Settings, *, key: str = "", modules: Mapping[str, Module] | None = None
) -> tuple[Registry, Any]:
    """Set the process up with all installed modules; again only where a test has set up something else since.

    Of other *modules*, *key* says that they are the same.
    """
    if key in _ready and registry() is _ready[key][0]:
        use_settings(settings)
        forget_snapshots()
    else:
        _ready.clear()
        forget_statements()
        found = set_up(settings, modules=modules)
        _ready[key] = (found, build_app())
    return _ready[key]


async def _prepared(database: Database) -> None:
    await migrate_all(database, registry())


_made: dict[tuple[str, str], tuple[Portal, Portal]] = {}
"""The portals as they stand in the prepared databases, by dialect and key."""


@asynccontextmanager
async def two_portals(
    dialect: str, databases: Databases, *, key: str, make: Callable[[], Awaitable[tuple[Portal, Portal]]], app: Any
) -> AsyncIterator[tuple[Database, Portal, Portal]]:
    """A copy of a database in which *make* has made two portals, once for all tests with this *key*."""

    async def prepare(database: Database) -> None:
        await migrate_all(database, registry())
        forget_snapshots()
        _made[dialect, key] = await make()

    async with databases.open(dialect, key=key, prepare=prepare) as database:
        forget_snapshots()
        first, second = (replace(portal, app=app) for portal in deepcopy(_made[dialect, key]))
        yield database, first, second


async def make_portal(app: Any, name: str, **more: Any) -> Portal:
    """Make a tenant with its roles."""
    tenant = await create_tenant(name=name, **more)
    portal = Portal(tenant, app)
    async with portal.work():
        await seed_roles(tenant.id)
        portal.roles = {role.key: role for role in await Role.objects()}
    return portal


async def _with_all_modules() -> tuple[Portal, Portal]:
    first = await make_portal(None, "Obrador Temporal", portal_name="obrador", languages=("en", "es"))
    second = await make_portal(
        None, "Lumière Traductions", portal_name="lumiere", languages=("fr", "en"), zone="Europe/Paris"
    )
    for portal in (first, second):
        await portal.enable(*registry().modules)
    return first, second


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Two tenants on either database; every installed module is entitled and enabled at both."""
    found, app = set_up_once(settings_for_tests(tmp_path))
    async with two_portals(dialect, databases, key="portal", make=_with_all_modules, app=app) as (
        database,
        first,
        second,
    ):
        yield World(database, found, app, first, second)


@pytest.fixture
async def portal(world: World) -> Portal:
    """The first of two tenants."""
    return world.first
