"""A list of papers of two offices: every kind of column and filter, ties and NULLs, and rows that could leak."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from piccolo.columns import BigInt, Boolean, Date, Text, Timestamptz

from core.contributions import Audience, Card, Permission, Reach
from core.db import Database, bypass_row_security, create_index, create_table, insert_many, request_scope, uuid7
from core.db.migrations import migrate
from core.i18n import Translator
from core.lists import (
    AmountRange,
    Chip,
    ChoiceFilter,
    Column,
    DateRange,
    Empty,
    ListAction,
    ListView,
    Option,
    Period,
    RelationFilter,
    Sum,
)
from core.people.actor import Actor, ActorKind, Place
from core.people.tables import Customer, Person, Project, ProjectPerson, Role
from core.piccolo_app import APP_CONFIG
from core.records.base import CustomerRecord, beyond_reach
from core.registry import Owned, Registry
from core.tenancy.scope import tenant_scope
from core.tenancy.snapshot import RoleGrants, TenantSnapshot
from core.tenancy.tables import Tenant
from core.text import fold

_ = Translator("core")

MADRID = ZoneInfo("Europe/Madrid")
SEE, STAFF, APPROVE = "papers:paper:view", "papers:paper:manage", "papers:paper:approve"


class Paper(CustomerRecord, tablename="papers_paper"):
    view = SEE
    staff_view = STAFF

    number = Text()
    number_folded = Text()
    subject = Text(null=True, default=None)
    subject_folded = Text(default="")
    issued_on = Date()
    due_on = Date(null=True, default=None)
    sent_at = Timestamptz()
    total = BigInt(default=0)
    currency = Text(default="EUR")
    seconds = BigInt(null=True, default=None)
    state = Text(default="pending")
    urgent = Boolean(default=False)


PENDING, PAID, LATE = (
    Chip(label=_("pending"), tone="warning", icon="clock"),
    Chip(label=_("paid"), tone="success", icon="check"),
    Chip(label=_("late"), tone="danger", icon="alert"),
)


def states(row: Any, today: date) -> tuple[Chip, ...]:
    """The payment and, where it is late, that too."""
    late = row["state"] != "paid" and row["due_on"] is not None and row["due_on"] < today
    return ((PAID if row["state"] == "paid" else PENDING), *([LATE] if late else []))


PAPERS = ListView(
    key="papers",
    title=_("Papers"),
    path="/papers",
    table=Paper,
    permission=SEE,
    columns=(
        Column(key="number", label=_("Number"), kind="title", source=Paper.number, sort=Paper.number_folded),
        Column(key="subject", label=_("Subject"), source=Paper.subject, sort=True),
        Column(key="issued_on", label=_("Date"), kind="day", source=Paper.issued_on, sort=True),
        Column(key="due_on", label=_("Due"), kind="day", source=Paper.due_on, sort=True),
        Column(key="sent_at", label=_("Sent"), kind="instant", source=Paper.sent_at, sort=True, page=False),
        Column(key="customer_name", label=_("Company"), source=Paper.customer.name, sort=Paper.customer.name_folded),
        Column(key="project_name", label=_("Project"), source=Paper.project.name, sort=Paper.project.name_folded),
        Column(key="total", label=_("Total"), kind="money", source=Paper.total, sort=True),
        Column(key="seconds", label=_("Hours"), kind="duration", source=Paper.seconds, sort=True),
        Column(key="urgent", label=_("Urgent"), kind="bool", source=Paper.urgent, sort=True),
        Column(key="states", label=_("State"), kind="states", value=states),
    ),
    fields={"state": Paper.state, "customer": Paper.customer},
    filters=(
        ChoiceFilter(
            key="payment",
            label=_("Payment"),
            options=(
                Option(value="pending", label=_("pending"), where=lambda _reader: Paper.state == "pending"),
                Option(value="paid", label=_("paid"), where=lambda _reader: Paper.state == "paid"),
                Option(value="partial", label=_("partly paid"), where=lambda _reader: Paper.state == "partial"),
            ),
        ),
        ChoiceFilter(
            key="due",
            label=_("Due"),
            multi=False,
            options=(
                Option(
                    value="overdue",
                    label=_("overdue"),
                    where=lambda reader: (Paper.state != "paid") & (Paper.due_on < reader.today),
                ),
                Option(
                    value="soon",
                    label=_("soon"),
                    where=lambda reader: (
                        (Paper.state != "paid") & (Paper.due_on >= reader.today) & (Paper.due_on < reader.day(7))
                    ),
                ),
            ),
        ),
        RelationFilter(key="customer", label=_("Company"), column=Paper.customer),
        RelationFilter(key="project", label=_("Project"), column=Paper.project),
        DateRange(key="issued", label=_("Date"), column=Paper.issued_on),
        DateRange(key="sent", label=_("Sent"), column=Paper.sent_at),
        AmountRange(key="amount", label=_("Amount"), column=Paper.total, currency=Paper.currency),
    ),
    search=(Paper.number_folded, Paper.subject_folded, Paper.customer.name_folded),
    search_label=_("Number or subject"),
    period=Period(column=Paper.issued_on),
    default_sort="-issued_on",
    currency=Paper.currency,
    sums=(
        Sum(key="total", label=_("Total"), source=Paper.total),
        Sum(key="seconds", label=_("Hours"), source=Paper.seconds, kind="duration"),
    ),
    row_url=lambda row: f"/papers/{row['id']}",
    row_selectable=lambda row: row["state"] != "paid",
    actions=(ListAction(key="approve", label=_("Approve"), path="/papers/approve", permission=APPROVE),),
    empty=Empty(title=_("No papers yet")),
    export_name="papers",
    page_size=7,
)

CARDS = (
    Card(
        key="papers.unpaid",
        label=_("Unpaid"),
        list="papers",
        query={"period": "all", "payment": "pending"},
        permission=SEE,
        icon="file",
        sum="total",
        tone="warning",
        empty=_("All is paid"),
    ),
    Card(
        key="papers.overdue",
        label=_("Overdue"),
        list="papers",
        query={"period": "all", "due": "overdue"},
        permission=SEE,
        icon="alert",
    ),
    Card(key="papers.now", label=_("This month"), list="papers", query={}, permission=SEE, icon="file", sum="seconds"),
    Card(
        key="papers.approve",
        label=_("To approve"),
        list="papers",
        query={"period": "all"},
        permission=APPROVE,
        icon="check",
    ),
    Card(
        key="papers.staff",
        label=_("Staff"),
        list="papers",
        query={"period": "all"},
        permission=STAFF,
        icon="file",
        audience=Audience.STAFF,
    ),
)

MANAGER, CLERK = uuid7(), uuid7()


def papers_registry(view: ListView = PAPERS) -> Registry:
    """What is installed, as the registry would say it."""
    found = Registry(manager=None)
    for key in (SEE, APPROVE):
        found.permissions[key] = Owned("papers", Permission(key=key, label=_("a"), help=_("b")))
    found.permissions[STAFF] = Owned(
        "papers", Permission(key=STAFF, label=_("a"), help=_("b"), audience=Audience.STAFF)
    )
    found.lists[view.key] = Owned("papers", view)
    found.cards = {card.key: Owned("papers", card) for card in CARDS}
    return found


def snapshot(tenant: UUID) -> TenantSnapshot:
    """A tenant in Madrid."""
    grants = {
        MANAGER: {SEE: Reach.GROUP, APPROVE: Reach.COMPANY},
        CLERK: {SEE: Reach.GROUP},
    }
    return TenantSnapshot(
        id=tenant,
        name="Office",
        portal_name="office",
        country="ES",
        zone=MADRID,
        languages=("en",),
        tax_id=None,
        status="active",
        version=1,
        host="office.test",
        entitlements={},
        enabled={"papers": True},
        roles={key: RoleGrants(key, "role", "Role", Audience.CONTACT, None, found) for key, found in grants.items()},
    )


def contact(
    office: Office, person: UUID, *places: tuple[UUID, Reach], role: UUID = MANAGER, active: UUID | None = None
) -> Actor:
    """Somebody of customers of an office."""
    modules = frozenset({"papers"})
    return Actor(
        kind=ActorKind.CONTACT,
        tenant=office.snapshot,
        person=person,
        modules=modules,
        active_customer=active,
        places=tuple(Place(customer=at, name="", role=role, reach=reach, modules=modules) for at, reach in places),
    )


def staff(office: Office, *permissions: str) -> Actor:
    """Somebody of the office. Staff sees a list of records with the list's permission, and theirs for the table."""
    return Actor(
        kind=ActorKind.STAFF,
        tenant=office.snapshot,
        person=office.people[0],
        modules=frozenset({"papers"}),
        staff_grants=dict.fromkeys(permissions or (SEE, STAFF), Reach.GROUP),
    )


class Office:
    """A tenant with three customers, five projects, two people and some papers."""

    def __init__(self) -> None:
        self.id = uuid7()
        self.snapshot = snapshot(self.id)
        self.customers: list[UUID] = []
        self.projects: list[UUID] = []
        self.people: list[UUID] = []
        self.papers: list[dict[str, Any]] = []


async def prepare(database: Database) -> None:
    """Migrate the core, and make the table as a module's migration would."""
    await migrate(database, [APP_CONFIG])
    with bypass_row_security():
        await create_table(
            "papers_paper",
            columns={
                "id": "uuid",
                "customer": "uuid",
                "project": "uuid?",
                "addressee": "uuid?",
                "published_at": "timestamptz?",
                "version": "integer = 1",
                "created_at": "timestamptz",
                "number": "text",
                "number_folded": "text",
                "subject": "text?",
                "subject_folded": "text",
                "issued_on": "date",
                "due_on": "date?",
                "sent_at": "timestamptz",
                "total": "bigint = 0",
                "currency": "text",
                "seconds": "bigint?",
                "state": "text",
                "urgent": "boolean = false",
            },
            foreign_keys={"customer": "customer", "project": "project", "addressee": "person"},
            tenant_scoped=True,
        )
        await create_index("papers_paper", ["tenant", "customer", "issued_on", "id"])


SUBJECTS = (None, "Año nuevo", "Überprüfung der Straße", "crème brûlée 100 %", "ANO_NUEVO", "=1+1", "Ação!", "a'b\"c")


async def make_office(seed: int, papers: int = 60, today: date | None = None) -> Office:
    """Fill a tenant; many values come twice, dates lie around today."""
    office = Office()
    chance = random.Random(seed)
    today = today or office.snapshot.today()
    with tenant_scope(office.id):
        async with request_scope(tenant=None, bypass=True):
            await Tenant.insert(
                Tenant(
                    id=office.id,
                    name="Office",
                    portal_name=f"office{seed}",
                    country="ES",
                    zone="Europe/Madrid",
                    languages="en",
                )
            )
            role = Role(key="manager", label="Manager", audience="contact")
            await Role.insert(role)
            for name in ("Ábaco", "bodega Núñez", "Zeta"):
                customer = Customer(name=name, name_folded=fold(name))
                await Customer.insert(customer)
                office.customers.append(customer.id)
            for number in range(5):
                project = Project(
                    customer=office.customers[number % 2], name=f"Proyecto {number}", name_folded=f"proyecto {number}"
                )
                await Project.insert(project)
                office.projects.append(project.id)
            for number in range(2):
                person = Person(kind="contact", email=f"p{number}@x.test", given_name="P", family_name=str(number))
                await Person.insert(person)
                office.people.append(person.id)
            await ProjectPerson.insert(ProjectPerson(project=office.projects[0], person=office.people[0]))
            rows = [_paper(office, chance, number, today) for number in range(papers)]
            with beyond_reach("test data"):
                await insert_many(Paper, [row | {"tenant": office.id} for row in rows])
            office.papers = rows
    return office


def _paper(office: Office, chance: random.Random, number: int, today: date) -> dict[str, Any]:
    subject = chance.choice(SUBJECTS)
    customer = chance.randrange(3)
    projects = [None] if customer == 2 else [None, *office.projects[customer::2]]
    issued = today - timedelta(days=chance.randrange(-20, 60))
    text = f"{chance.choice('AÁb')}-{number % 17:03}"
    return {
        "id": uuid7(),
        "customer": office.customers[customer],
        "project": chance.choice(projects),
        "addressee": chance.choice([None, *office.people]),
        "published_at": chance.choice([datetime(2026, 1, 1, tzinfo=UTC)] * 9 + [None]),
        "number": text,
        "number_folded": fold(text),
        "subject": subject,
        "subject_folded": fold(subject),
        "issued_on": issued,
        "due_on": chance.choice([None, today, today + timedelta(days=3), issued, today - timedelta(days=1)]),
        "sent_at": datetime(2026, 3, 1, 21, 30, tzinfo=UTC) + timedelta(hours=chance.randrange(0, 5)),
        "total": chance.choice([0, -500, 12345, 12345, 999_999_999]),
        "currency": chance.choice(["EUR", "EUR", "JPY", "KWD"]),
        "seconds": chance.choice([None, 1800, 27_000]),
        "state": chance.choice(["pending", "pending", "partial", "paid"]),
        "urgent": chance.random() < 0.3,
    }
