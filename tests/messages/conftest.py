"""A tenant with customers, contacts of two companies, staff, and a small module whose papers are published to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP
from piccolo.columns import Text

from core import permissions as core_permissions
from core.accounts import contributions as accounts
from core.clock import now
from core.config import Settings, use_settings
from core.contributions import (
    ActivityKind,
    Audience,
    ModuleMeta,
    Permission,
    RecordKind,
    Schedule,
)
from core.db import Database, bypass_row_security, request_scope, transaction
from core.db.ddl import create_table
from core.db.migrations import migrate
from core.hookspecs import hook
from core.i18n import Translator, load_catalogues
from core.lists import ListView
from core.messages import contributions as messages
from core.messages import fan_out
from core.people import contributions as people
from core.people.tables import Customer, Membership, Person, Role
from core.piccolo_app import APP_CONFIG
from core.records.activity import write_activity
from core.records.base import CustomerRecord
from core.registry import Module, build_registry, use_registry
from core.rendering import load_templates
from core.tenancy.scope import current_tenant_id, tenant_scope, unscoped
from core.tenancy.scoped_tables import Setting, TenantModule
from core.tenancy.snapshot import forget_snapshots
from core.tenancy.tables import Entitlement, Tenant, TenantHost

_ = Translator("papers")


class Paper(CustomerRecord, tablename="papers_paper"):
    view = "papers:paper:view"
    staff_view = "papers:paper:read"

    number = Text()


RAN: list[UUID] = []


async def _note_run() -> None:
    RAN.append(current_tenant_id())


def _plugin() -> ModuleType:
    plugin = ModuleType("papers_plugin")
    meta = ModuleMeta(id="papers", name=_("Papers"), description=_("Papers"), version="1", icon="file")

    @hook
    def permissions() -> list[Permission]:
        return [
            Permission(key="papers:paper:view", label=_("See"), help=_("See")),
            Permission(key="papers:paper:read", label=_("Read"), help=_("Read"), audience=Audience.STAFF),
        ]

    @hook
    def record_kinds() -> list[RecordKind]:
        return [
            RecordKind(
                key="paper",
                label=_("Paper"),
                table=Paper,
                title=lambda record: f"Paper {record.number}",
                url=lambda record: f"/papers/{record.id}",
                staff_url=lambda record: f"/staff/papers/{record.id}",
                view="papers:paper:view",
                staff_view="papers:paper:read",
            )
        ]

    @hook
    def activity_kinds() -> list[ActivityKind]:
        return [
            ActivityKind(
                key="papers.published",
                label=_("New papers"),
                sentence=_("published paper {number}"),
                subject=_("New paper available in {portal}"),
                body=_("The new paper {number} of {day} is available."),
                button=_("View paper"),
                digest=_("{count} new papers in {portal}"),
                notify=(Audience.CONTACT,),
                channel="mail",
            ),
            ActivityKind(
                key="papers.accepted",
                label=_("Accepted papers"),
                sentence=_("accepted paper {number}"),
                notify=(Audience.STAFF,),
            ),
        ]

    @hook
    def schedules() -> list[Schedule]:
        return [Schedule(key="papers.remind", every=3600, run=_note_run)]

    plugin.META = meta
    for function in (permissions, record_kinds, activity_kinds, schedules):
        setattr(plugin, function.__name__, function)
    return plugin


def _core() -> ModuleType:
    plugin = ModuleType("core_plugin")

    @hook
    def permissions() -> Any:
        return core_permissions.PERMISSIONS

    @hook
    def settings() -> Any:
        return [*accounts.settings(), *messages.settings()]

    @hook
    def activity_kinds() -> Any:
        return [*messages.activity_kinds(), *people.activity_kinds()]

    for function in (permissions, settings, activity_kinds):
        setattr(plugin, function.__name__, function)
    return plugin


@pytest.fixture(autouse=True)
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The registry with the module, settings with a folder of their own, no catalogues but the source."""
    plugin = _plugin()
    module = Module(meta=plugin.META, plugin=plugin, package="papers", folder=tmp_path)
    use_registry(build_registry({"papers": module}, core=[_core()], list_view=ListView))
    use_settings(Settings(home=tmp_path, secret_keys=("k" * 32,), base_url="https://portal.example"))
    load_catalogues()
    load_templates()
    forget_snapshots()
    monkeypatch.setattr(fan_out, "SETTLES", timedelta(seconds=0.05))
    RAN.clear()
    yield
    forget_snapshots()


async def _prepare(database: Database) -> None:
    await migrate(database, [APP_CONFIG])
    with bypass_row_security():
        async with transaction():
            await create_table(
                "papers_paper",
                columns={
                    "id": "uuid",
                    "customer": "uuid",
                    "project": "uuid?",
                    "addressee": "uuid?",
                    "published_at": "timestamptz?",
                    "version": "integer",
                    "created_at": "timestamptz",
                    "number": "text",
                },
                tenant_scoped=True,
            )


@pytest.fixture
async def portal_database(dialect: str, databases: Any) -> AsyncIterator[Database]:
    """A migrated database of either kind."""
    async with databases.open(dialect, key="messages", prepare=_prepare) as database:
        yield database


@dataclass
class World:
    """Ids of what the tests speak of."""

    tenant: UUID
    acme: UUID
    other: UUID
    ana: UUID
    bob: UUID
    eve: UUID
    sam: UUID
    contact_role: UUID
    staff_role: UUID
    more: dict[str, Any] = field(default_factory=dict)


async def make_tenant(name: str, *, languages: str = "es en fr") -> UUID:
    tenant = uuid4()
    with unscoped("tests: a new tenant"):
        async with request_scope(tenant=None, bypass=True), transaction():
            await Tenant.insert(
                Tenant(
                    id=tenant,
                    name=name,
                    portal_name=name.lower(),
                    country="ES",
                    zone="Europe/Madrid",
                    languages=languages,
                )
            )
            await TenantHost.insert(TenantHost(host=f"{name.lower()}.portal.example", tenant=tenant, kind="name"))
            await Entitlement.insert(Entitlement(tenant=tenant, module="papers", valid_from=date(2020, 1, 1)))
    async with scoped(tenant), transaction():
        await TenantModule.insert(TenantModule(module="papers", enabled=True, granted_by_default=True))
    return tenant


@asynccontextmanager
async def scoped(tenant: UUID) -> AsyncIterator[None]:
    """Scope as requests and the worker open it."""
    with tenant_scope(tenant):
        async with request_scope(tenant=tenant):
            yield


async def add_person(
    given: str, *, kind: str = "contact", state: str = "active", language: str | None = None, **more: Any
) -> UUID:
    id = uuid4()
    email = more.pop("email", f"{given.lower()}@example.net")
    await Person.insert(
        Person(
            id=id,
            kind=kind,
            email=email,
            email_folded=email.casefold() if email else None,
            given_name=given,
            family_name="Test",
            state=state,
            language=language,
            **more,
        )
    )
    return id


@pytest.fixture
async def world(portal_database: Database) -> World:
    """Ana (Spanish) and Bob (English) of Acme, Eve of another company, Sam of the staff (French)."""
    tenant = await make_tenant("Obrador")
    async with scoped(tenant), transaction():
        contact_role, staff_role, acme, other = uuid4(), uuid4(), uuid4(), uuid4()
        await Role.insert(
            Role(
                id=contact_role,
                key="contact",
                label="Contact",
                audience="contact",
                grants='{"papers:paper:view":"company","core:comment:write":"company"}',
            ),
            Role(
                id=staff_role,
                key="staff",
                label="Staff",
                audience="staff",
                grants='{"papers:paper:read":"group","core:message:view":"group"}',
            ),
        )
        await Customer.insert(
            Customer(id=acme, name="ACME & Söhne", name_folded="acme", address="{}", invoicing="{}"),
            Customer(id=other, name="Other", name_folded="other", address="{}", invoicing="{}"),
        )
        ana = await add_person("Ana", language="es")
        bob = await add_person("Bob", language="en")
        eve = await add_person("Eve", language="en")
        sam = await add_person("Sam", kind="staff", language="en", staff_role=staff_role)
        for person, customer in ((ana, acme), (bob, acme), (eve, other)):
            await Membership.insert(Membership(person=person, customer=customer, role=contact_role, reach="company"))
    return World(
        tenant=tenant,
        acme=acme,
        other=other,
        ana=ana,
        bob=bob,
        eve=eve,
        sam=sam,
        contact_role=contact_role,
        staff_role=staff_role,
    )


async def publish(world: World, number: str, *, customer: UUID | None = None, batch: str | None = None) -> Paper:
    """Publish a paper, as the module would."""
    async with scoped(world.tenant), transaction():
        paper = Paper(customer=customer or world.acme, number=number, published_at=now())
        await Paper.insert(paper)
        data = {"number": number, "day": "2019-04-30"} | ({"batch": batch} if batch else {})
        await write_activity(kind="papers.published", record=("paper", paper), data=data)
    return paper


async def change_setting(world: World, key: str, value: str) -> None:
    """Answer a setting, in JSON, as the preferences do."""
    async with scoped(world.tenant), transaction():
        await Setting.insert(Setting(key=key, value=value))
        await Tenant.update({Tenant.config_version: Tenant.config_version + 1}).where(Tenant.id == world.tenant)


class Postbox:
    """A real SMTP server that keeps what it gets, and refuses when told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: list[str] = []
        self.answer_to: Callable[[EmailMessage], str] | None = None
        self.after_accept: Any = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, ARG002 -- aiosmtpd's name
        if self.answers:
            answer = self.answers.pop(0)
            if answer:
                return answer
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=default_policy)
        if self.answer_to is not None and (answer := self.answer_to(mail)):
            return answer
        self.mails.append(mail)
        self.recipients.extend(envelope.rcpt_tos)
        if self.after_accept is not None:
            self.after_accept()
        return "250 taken"

    def forget(self) -> None:
        """Start anew."""
        self.mails.clear()
        self.recipients.clear()

    def by(self, address: str) -> list[EmailMessage]:
        """The mails to an address."""
        return [mail for mail, to in zip(self.mails, self.recipients, strict=True) if to == address]


@pytest.fixture
async def postbox(tmp_path: Path) -> AsyncIterator[Postbox]:
    """The server, listening; the settings point to it."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    use_settings(
        Settings(
            home=tmp_path,
            secret_keys=("k" * 32,),
            base_url="https://portal.example",
            smtp_url=f"smtp://127.0.0.1:{port}",
            mail_from="portal@portal.example",
        )
    )
    yield box
    server.close()
    await server.wait_closed()


def text_of(mail: EmailMessage) -> str:
    """The plain part, decoded."""
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """The HTML part, decoded."""
    body = mail.get_body(preferencelist=("html",))
    assert body is not None
    return str(body.get_content())
