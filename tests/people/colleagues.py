"""Colleagues as tests of them see them: verbs run as somebody, places, and what was written down."""

from __future__ import annotations

from typing import Any

import msgspec

from core.people.actor import Actor, acting_as
from core.people.persons import Details
from core.people.seen import as_person
from core.people.tables import Customer, Membership, Person
from core.records.tables import Activity
from core.tenancy.snapshot import load_snapshot
from tests.portal_fixtures import Portal

ANA, BEA = "ana@acme.example", "bea@acme.example"


async def actor(portal: Portal, person: Person) -> Actor:
    """Who acts when this person does."""
    found = await as_person(person, await load_snapshot(portal.tenant.id))
    assert found is not None
    return found


async def do(portal: Portal, who: Person, verb: Any, **facts: Any) -> Any:
    """Run a verb as this person, as a request would."""
    async with portal.work():
        by = await actor(portal, who)
        with acting_as(by):
            return await verb(by=by, **facts)


async def seats(portal: Portal, customer: Customer) -> dict[str, tuple[str, str]]:
    """Who has which role and reach at a customer, by address; the deleted are nobody."""
    async with portal.work():
        rows = await Membership.select(
            Membership.person.email.as_alias("email"), Membership.role.key.as_alias("role"), Membership.reach
        ).where(Membership.customer == customer.id, Membership.person.deleted_at.is_null())
    return {row["email"]: (row["role"], row["reach"]) for row in rows}


async def written(portal: Portal, kind: str) -> list[dict[str, Any]]:
    async with portal.work():
        rows = await Activity.select(Activity.by, Activity.data).where(Activity.kind == kind).order_by(Activity.id)
    return [{"by": row["by"], **msgspec.json.decode(row["data"])} for row in rows]


async def person_with(portal: Portal, email: str) -> Person:
    async with portal.work():
        found = await Person.objects().where(Person.email_folded == email).first()
    assert found is not None
    return found


def details(*, given_name: str = "Bea", family_name: str = "Sol", email: str = BEA, phone: str = "") -> Details:
    return Details(given_name=given_name, family_name=family_name, email=email, phone=phone)


DATA = {"given_name": "Bea", "family_name": "Sol", "email": BEA, "language": ""}
