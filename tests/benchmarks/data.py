"""A portal of any size: tenants, customers with invoices, and one signed-in contact of each customer."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from core.accounts.sessions import Device, create_session
from core.accounts.tables import Session
from core.app import build_app
from core.bootstrap import migrate_all, set_up
from core.clock import now
from core.config import Settings
from core.db import current, opened, transaction, uuid7
from core.messages.tables import Notice
from core.people.tables import Customer, Person, Project
from core.records.tables import Activity
from core.registry import registry
from plugins.invoices.states import PaymentState
from tests.portal_fixtures import KEYS, Portal, make_portal

BASE_URL = "http://portal.test:8000"
LANGUAGES = ("es", "fr", "pt")
DAYS = 730
"""Over how many days a customer's invoices spread."""
PROJECTS = 3
NOTICES = 3
PER_CUSTOMER = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: `tenants` with `customers` each, of `PER_CUSTOMER` invoices each."""

    tenants: int = 50
    customers: int = 4

    @property
    def invoices(self) -> int:
        """In all."""
        return self.tenants * self.customers * PER_CUSTOMER


@dataclass(frozen=True, slots=True)
class Reader:
    """A contact who is signed in, as a browser knows her."""

    host: str
    token: str


def settings_at(home: Path, database_url: str) -> Settings:
    """Return what a server needs to serve this data."""
    return Settings(
        base_url=BASE_URL,
        database_url=database_url,
        home=home,
        storage_url=f"file://{home / 'files'}",
        secret_keys=KEYS,
        mail_from="portal@portal.test",
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the same for another process."""
    return {
        "PORTICO_BASE_URL": settings.base_url,
        "PORTICO_DATABASE_URL": settings.database_url,
        "PORTICO_HOME": str(settings.home),
        "PORTICO_STORAGE_URL": settings.storage_url,
        "PORTICO_SECRET_KEYS": ",".join(settings.secret_keys),
        "PORTICO_MAIL_FROM": settings.mail_from,
    }


async def fill(settings: Settings, size: Size) -> list[Reader]:
    """Make the tables and rows in an empty database; let it gather statistics, as one in use has done."""
    set_up(settings)
    app = build_app()
    readers: list[Reader] = []
    async with opened(settings.database_url, pool_size=2) as database:
        await migrate_all(database, registry())
        for number in range(size.tenants):
            language = LANGUAGES[number % len(LANGUAGES)]
            portal = await make_portal(
                app, f"Tenant {number}", portal_name=f"tenant{number}", languages=(language, "en")
            )
            await portal.enable("invoices")
            readers += [await _customer(portal, place) for place in range(size.customers)]
        if database.dialect == "postgres":
            connection = await asyncpg.connect(settings.database_url)
            await connection.execute("VACUUM ANALYZE")
            await connection.close()
    return readers


async def _customer(portal: Portal, number: int) -> Reader:
    customer = await portal.customer(f"Cliente n.º {number}")
    projects = [await portal.project(customer, f"Proyecto {place}") for place in range(PROJECTS)]
    person = await portal.contact(f"ana{number}@{portal.tenant.portal_name}.test", customer, role="accounting")
    async with portal.work(), transaction():
        await insert_invoices(list(invoices_of(portal, customer, projects)))
        await _tell(customer, person)
        token = await create_session(
            person=person.id, account=person.account, kind="contact", device=Device(agent="benchmark")
        )
        # written down every five minutes: not while something is measured
        await Session.update({Session.seen_at: now() + timedelta(hours=1)}).where(Session.person == person.id)
    return Reader(portal.host.partition(":")[0], token)


async def insert_invoices(rows: list[dict[str, Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in rows[0])
    dialect = current().dialect
    places = ", ".join("?" if dialect == "sqlite" else f"${number}" for number in range(1, len(rows[0]) + 1))
    sql = f"INSERT INTO invoices_invoice ({names}) VALUES ({places})"
    await current().backend.many(sql, [list(row.values()) for row in rows])


async def _tell(customer: Customer, person: Person) -> None:
    for _ in range(NOTICES):
        activity = Activity(kind="invoices.published", by_kind="worker", customer=customer.id, data="{}", at=now())
        await Activity.insert(activity)
        await Notice.insert(Notice(person=person.id, activity=activity.id, channel="bell", created_at=now()))


def invoices_of(
    portal: Portal, customer: Customer, projects: list[Project], number: int = PER_CUSTOMER
) -> Iterator[dict[str, Any]]:
    """Make the rows of a customer's invoices, in every state; the same ones each time."""
    chance = random.Random(customer.name)
    today = datetime.now(UTC).date()
    currency = "CHF" if portal.tenant.portal_name.endswith("4") else "EUR"
    for place in range(number):
        issued = today - timedelta(days=place * DAYS // number)
        yield _invoice(
            tenant=portal.tenant.id,
            customer=customer.id,
            project=projects[place % len(projects)].id if projects and place % 4 else None,
            number=f"{customer.id.hex[-6:]}-{number - place:05}-{uuid7().hex[-4:]}",
            issued=issued,
            today=today,
            currency=currency,
            chance=chance,
        )


def _invoice(
    *,
    tenant: UUID,
    customer: UUID,
    project: UUID | None,
    number: str,
    issued: date,
    today: date,
    currency: str,
    chance: random.Random,
) -> dict[str, Any]:
    net = chance.randrange(1_000, 2_000_000)
    vat = net * 21 // 100
    gross = net + vat
    credit = chance.random() < 0.03
    old = (today - issued).days > 60
    state = chance.choices(list(PaymentState), (1, 1, 18) if old else (16, 2, 2))[0]
    due = {PaymentState.PENDING: gross, PaymentState.PARTIAL: gross // 3, PaymentState.COLLECTED: 0}[state]
    sign = -1 if credit else 1
    at = datetime.combine(issued, time(9), UTC)
    return {
        "id": uuid7(),
        "tenant": tenant,
        "customer": customer,
        "project": project,
        "addressee": None,
        "published_at": at,
        "version": 1,
        "created_at": at,
        "document_type": "credit_note" if credit else "invoice",
        "number": number,
        "number_folded": number,
        "seller_key": "seller",
        "seller_name": "Seller",
        "issued_on": issued,
        "issue_year": issued.year,
        "due_on": issued + timedelta(days=30),
        "currency": currency,
        "net": net,
        "vat": vat,
        "gross": gross,
        "paid": gross - due,
        "due": due,
        "signed_gross": sign * gross,
        "signed_due": sign * due,
        "payment_state": state.value,
        "buyer_reference": "",
        "order_reference": "",
        "search_folded": number,
        "source_format": "ubl",
        "sha256": uuid7().hex,
        "readable": False,
        "external_id": None,
        "announced_at": at,
        "warnings": "[]",
    }


def keep(path: Path, readers: list[Reader]) -> None:
    """Write readers for another process."""
    path.write_text(json.dumps([asdict(reader) for reader in readers]))
