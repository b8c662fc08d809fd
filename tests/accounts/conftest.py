"""People with passwords, and the links that they were mailed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from core.accounts import mails, work  # noqa: F401 -- they register with the queue
from core.accounts.invitations import open_account
from core.db import bypass_row_security, fetch, request_scope, transaction
from core.messages.queue import MailLink, lease, link_maker
from core.messages.running import run_item
from core.people.tables import Membership, Person
from core.records.tables import Activity
from core.tenancy.scope import unscoped
from core.tenancy.scoped_tables import Setting
from core.tenancy.snapshot import raise_version
from tests.portal_fixtures import Portal

PASSWORD = "tres perros verdes cantan"
OTHER = "cuatro gatos azules bailan"


@dataclass(frozen=True)
class Mailed:
    """A mail of accounts that was put down."""

    template: str
    person: UUID
    to: str
    facts: dict[str, str]


async def mails_of(portal: Portal, template: str | None = None) -> list[Mailed]:
    """Mails put down for this portal, in their order."""
    async with portal.work():
        rows = await fetch(
            "SELECT payload FROM queue WHERE kind = 'core.account_mail' AND tenant = {} ORDER BY id", portal.tenant.id
        )
    payloads = [json.loads(row["payload"]) for row in rows]
    found = [Mailed(load["template"], UUID(load["person"]), load["to"], load["facts"]) for load in payloads]
    return [mail for mail in found if template is None or mail.template == template]


async def link_in(portal: Portal, mail: Mailed) -> str | None:
    """The path that stands in the mail when it is sent; None: it is not sent."""
    make = link_maker(mail.template)
    assert make is not None
    async with portal.work():
        async with transaction():
            link = await make(person=mail.person, to=mail.to, facts=mail.facts)
        return link.path if link else None


async def sent(portal: Portal, mail: Mailed) -> MailLink | None:
    """What the mail carries when it is sent: path, code and end; None: it is not sent."""
    make = link_maker(mail.template)
    assert make is not None
    async with portal.work(), transaction():
        made: MailLink | None = await make(person=mail.person, to=mail.to, facts=mail.facts)
    return made


async def run_queue(kind: str) -> int:
    """Do the work of *kind* that was put down, as the worker does; how much it was."""
    async with request_scope(tenant=None):
        items = await lease(50, kinds=[kind])
    for item in items:
        await run_item(item)
    return len(items)


async def happenings(portal: Portal, *kinds: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """The log of these kinds: kind, by whom, and the facts."""
    async with portal.work():
        rows = await Activity.select().where(Activity.kind.is_in(list(kinds))).order_by(Activity.id)
    return [(row["kind"], str(row["by"]) if row["by"] else None, json.loads(row["data"])) for row in rows]


async def prefer(portal: Portal, key: str, value: object) -> None:
    """Let the tenant answer a setting."""
    async with portal.work():
        await Setting.insert(Setting(key=key, value=json.dumps(value)))
        await raise_version(portal.tenant.id)


async def state_of(portal: Portal, person: Person) -> dict[str, object]:
    """The person's row."""
    async with portal.work():
        row = await Person.select().where(Person.id == person.id).first()
    assert row is not None
    return dict(row)


async def whole_database(tables: tuple[str, ...]) -> str:
    """Everything in these tables as text, of all tenants."""
    with unscoped("test: looks for secrets in a dump"), bypass_row_security():
        return "\n".join([str(await fetch(f"SELECT * FROM {table} ORDER BY 1")) for table in tables])


@pytest.fixture
async def ana(portal: Portal) -> Person:
    """A contact with a password."""
    customer = await portal.customer("Alimentos Ácimos")
    person = await portal.contact("ana@acimos.example", customer, name="Ana Prueba")
    async with portal.work():
        await open_account(person=person.id, password=PASSWORD)
    return person


@pytest.fixture
async def invited(portal: Portal) -> Person:
    """A contact in the address book, without an account."""
    customer = await portal.customer("Cliente <Prueba>")
    async with portal.work():
        person = Person(
            kind="contact",
            email="Eva@Prueba.Example",
            email_folded="eva@prueba.example",
            given_name="Eva",
            name_folded="eva",
        )
        await Person.insert(person)
        await Membership.insert(
            Membership(person=person.id, customer=customer.id, role=portal.roles["manager"].id, reach="company")
        )
    return person
