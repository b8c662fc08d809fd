"""Filling the demo through the same services that staff uses."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.accounts.invitations import open_account
from core.accounts.offices import count_offices
from core.accounts.tables import Registration
from core.clock import now
from core.contributions import Audience
from core.db import execute, fetch, request_scope, transaction
from core.demo.tenants import TENANTS
from core.messages.forwarding import Forwarding, forward_document, may_forward
from core.people.actor import acting_as
from core.people.address_book import add_recipients
from core.people.company import Address
from core.people.customers import CustomerDetails, ProjectDetails, add_customer, add_project
from core.people.persons import (
    Details,
    Seat,
    add_contact,
    add_staff,
    deactivate_person,
    delete_person,
    give_login,
    send_invitation,
)
from core.people.roles import change_role, read_grants, seed_roles
from core.people.seen import as_person
from core.people.tables import Person, Role
from core.preferences.switches import enable_module
from core.preferences.values import save_settings
from core.records.files import files_of
from core.registry import registry
from core.tenancy.scope import current_tenant_id, tenant_scope
from core.tenancy.services import create_tenant, entitle
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from core.demo.content import DemoForwarding, DemoPerson, DemoTenant
    from core.people.actor import Actor
    from core.records.base import CustomerRecord


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody who can sign in at the demo."""

    portal: str
    tenant: str
    name: str
    email: str
    password: str
    kind: str
    hint: str


async def is_filled() -> bool:
    """Whether the demo's tenants are there already."""
    async with request_scope(tenant=None):
        return bool(await fetch("SELECT id FROM tenant LIMIT 1"))


async def fill(progress: Callable[[str], None]) -> list[DemoLogin]:
    """Make the demo's tenants and people; returns who can sign in."""
    passwords: dict[str, str] = {}
    accounts: dict[str, UUID] = {}
    logins: list[DemoLogin] = []
    for tenant in TENANTS:
        progress(tenant.name)
        logins += await _tenant(tenant, passwords, accounts)
    return logins


async def _tenant(demo: DemoTenant, passwords: dict[str, str], accounts: dict[str, UUID]) -> list[DemoLogin]:
    async with request_scope(tenant=None, bypass=True):
        made = await create_tenant(
            name=demo.name,
            portal_name=demo.portal_name,
            country=demo.country,
            zone=demo.zone,
            languages=demo.languages,
            tax_id=demo.tax_id,
        )
        for module in registry().modules:
            await entitle(tenant=made.id, module=module, valid_from=date(2020, 1, 1))
    with tenant_scope(made.id):
        async with request_scope(tenant=made.id):
            await seed_roles(made.id)
            await save_settings(demo.answers)
            await _enable_all()
            await _let_managers_do_everything()
        async with request_scope(tenant=made.id):
            customers, projects = await _customers(demo)
            for registration in demo.registrations:
                await Registration.insert(
                    Registration(**asdict(registration), state="waiting", created_at=now(), confirmed_at=now())
                )
            logins = [
                await _person(demo, person, customers, projects, passwords, accounts)
                for person in demo.people
                if person.state == "active"
            ]
            for person in demo.people:
                if person.state != "active":
                    await _without_access(await _stored(person, customers, projects), person.state)
        for module in registry().modules:
            filling = registry().implementation(module, "demo_data")
            if filling is not None:
                async with request_scope(tenant=made.id):
                    await filling()
        if demo.forwarding is not None:
            async with request_scope(tenant=made.id):
                await _forward(demo.forwarding)
    return logins


async def _forward(demo: DemoForwarding) -> None:
    """Forward the first document that the contact sees, as she would."""
    person = await Person.objects().where(Person.email_folded == demo.by).first()
    actor = await as_person(person, await load_snapshot(current_tenant_id())) if person is not None else None
    if actor is None:
        return
    with acting_as(actor):
        found = await _first_document(actor)
        if found is None:  # no module has any: the address book is there all the same
            await add_recipients(customer=actor.places[0].customer, emails=[demo.to], by=actor.person)
            return
        kind, record, file = found
        wanted = Forwarding(to=(demo.to,), message=demo.message, files=(file,))
        await forward_document(actor=actor, kind=kind, record=record, forwarding=wanted)


async def _first_document(actor: Actor) -> tuple[str, CustomerRecord, UUID] | None:
    """Return kind, record and file of the first document that *actor* may forward."""
    for key, owned in registry().record_kinds.items():
        if not owned.item.forward or owned.owner not in actor.modules:
            continue
        for record in await owned.item.table.objects().order_by(owned.item.table.id).limit(20):
            files = await files_of(record=(key, record.id), with_internal=False)
            if may_forward(actor, key, record, files):
                return key, record, files[0].id
    return None


async def _enable_all() -> None:
    waiting = list(registry().modules.values())
    while waiting:
        ready = [module for module in waiting if not set(module.meta.requires) & {other.id for other in waiting}]
        for module in ready:
            await enable_module(module.id)
        waiting = [module for module in waiting if module not in ready]


async def _let_managers_do_everything() -> None:
    """Grant managers of customers what a tenant has to give them: so the demo shows it."""
    manager = await Role.objects().where(Role.key == "manager").first()
    if manager is None:
        return
    held = read_grants(manager.grants)
    grants = {
        key: max(owned.item.reaches)
        for key, owned in registry().permissions.items()
        if owned.item.audience is Audience.CONTACT and key not in held
    }
    await change_role(role=manager.id, label=manager.label, grants=grants)


async def _customers(demo: DemoTenant) -> tuple[dict[str, UUID], dict[str, UUID]]:
    customers: dict[str, UUID] = {}
    projects: dict[str, UUID] = {}
    for customer in demo.customers:
        details = CustomerDetails(
            name=customer.name,
            number=customer.number,
            tax_id=customer.tax_id,
            address=Address(**customer.address),  # type: ignore[arg-type]  # made by _address()
        )
        customers[customer.name] = await add_customer(details=details)
        for number, name in enumerate(customer.projects, start=1):
            project = ProjectDetails(name=name, number=f"{customer.number}-{number}")
            projects[f"{customer.name}/{name}"] = await add_project(customer=customers[customer.name], details=project)
    return customers, projects


async def _person(  # noqa: PLR0917 -- what a person of the demo needs
    demo: DemoTenant,
    person: DemoPerson,
    customers: dict[str, UUID],
    projects: dict[str, UUID],
    passwords: dict[str, str],
    accounts: dict[str, UUID],
) -> DemoLogin:
    made = await _stored(person, customers, projects)
    password = passwords.setdefault(
        person.email, f"{secrets.choice(WORDS).title()}-{secrets.choice(WORDS)}-{secrets.randbelow(900_000) + 100_000}"
    )
    if person.email in accounts:
        await _link(made, accounts[person.email])
    else:
        accounts[person.email] = await open_account(person=made, password=password)
    return DemoLogin(
        portal=demo.portal_name,
        tenant=demo.name,
        name=person.name,
        email=person.email,
        password=password,
        kind="staff" if person.staff_role else "contact",
        hint=person.hint,
    )


async def _without_access(person: UUID, state: str) -> None:
    """Leave somebody on the way in, or out again, as staff would."""
    if state == "pending":
        await give_login(person=person)
    elif state == "invited":
        await send_invitation(person=person)
    elif state == "deactivated":
        await deactivate_person(person=person)
    elif state == "deleted":
        await delete_person(person=person)


async def _stored(person: DemoPerson, customers: dict[str, UUID], projects: dict[str, UUID]) -> UUID:
    roles = {role.key: role.id for role in await Role.objects()}
    given, _, family = person.name.partition(" ")
    details = Details(
        given_name=given, family_name=family, email=person.email, language=person.language, phone="+00 555 010"
    )
    if person.staff_role is not None:
        return await add_staff(details=details, role=roles[person.staff_role])
    seats = [Seat(customer=customers[name], role=roles[role], reach=reach) for name, role, reach in person.places]
    assigned = [projects[f"{name}/{project}"] for name, _, _ in person.places for project in person.projects]
    return await add_contact(details=details, seats=seats, projects=assigned)


async def _link(person: UUID, account: UUID) -> None:
    """Give *person* an account that serves somebody at another tenant too."""
    async with transaction():
        await execute("UPDATE person SET account = {}, state = 'active' WHERE id = {}", account, person)
        await count_offices(account=account)


WORDS = [
    "azul",
    "barco",
    "cedro",
    "duna",
    "farol",
    "globo",
    "hierba",
    "isla",
    "jarra",
    "lago",
    "monte",
    "nube",
    "olivo",
    "playa",
    "quinta",
    "roble",
    "selva",
    "tierra",
    "valle",
    "viento",
    "brisa",
    "campo",
    "delta",
    "fuente",
    "huerto",
    "marea",
    "otero",
    "puerto",
    "ribera",
    "sauce",
]
