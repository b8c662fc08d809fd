"""Who would see many records at once: `kinds.audience` for a bulk verb, in statements that do not grow with them."""

from __future__ import annotations

from collections import defaultdict
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from core.contributions import Reach
from core.db import P, each, fetch, statement
from core.people.tables import Person
from core.records.base import CustomerRecord, beyond_reach
from core.registry import CORE, owner_of
from core.tenancy.scope import current_tenant_id, tenant_scope
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from core.tenancy.snapshot import TenantSnapshot

CHUNK = 500
"""Values of one list in a statement."""

_PLACES = """
SELECT m.person AS person, m.role AS role, m.reach AS reach, m.customer AS at, c.id AS customer, cm.granted AS granted
FROM customer c
JOIN membership m ON m.tenant = c.tenant AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent))
JOIN person p ON p.tenant = m.tenant AND p.id = m.person
LEFT JOIN customer_module cm ON cm.tenant = c.tenant AND cm.customer = c.id AND cm.module = {{}}
WHERE c.tenant = {{}} AND c.id IN ({places}) AND p.deleted_at IS NULL AND p.kind = 'contact'
      AND p.state <> 'deactivated'
"""

_PAIRS = """
WITH asked(id) AS ({{}})
SELECT DISTINCT person.id AS person, asked.id AS record
FROM asked
JOIN "{name}" r ON r.id = asked.id AND r.tenant = {{}}
JOIN customer c ON c.tenant = r.tenant AND c.id = r.customer
JOIN membership m ON m.tenant = c.tenant AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent))
JOIN person ON person.tenant = m.tenant AND person.id = m.person
WHERE person.id IN ({{}}) AND EXISTS ({{}})
"""


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut *values* into lists that a statement takes."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


async def audiences(
    table: type[CustomerRecord], records: Sequence[UUID], permission: str | None = None
) -> dict[UUID, set[UUID]]:
    """
    Return the contacts who would see some of the published *records* with *permission*, and which of them each sees.

    The inverse of the reads of `CustomerRecord`, as `kinds.audience` is for one.
    """
    wanted = permission or table.view
    module = owner_of(wanted)
    tenant = await load_snapshot(current_tenant_id())
    if module != CORE and module not in tenant.modules():
        return {}
    whose = await _whose(table, records)
    of_customer: dict[UUID, list[UUID]] = defaultdict(list)
    for record, customer in whose.items():
        of_customer[customer].append(record)
    seen: dict[UUID, set[UUID]] = defaultdict(set)
    narrow: dict[UUID, dict[UUID, Reach]] = defaultdict(dict)
    for chunk in chunks(sorted(of_customer)):
        for person, reaches in (await _reaches(tenant, module, wanted, chunk)).items():
            for customer, reach in reaches.items():
                if reach >= Reach.COMPANY:
                    seen[person].update(of_customer[customer])
                else:
                    narrow[person][customer] = reach
    for reach in (Reach.OWN, Reach.PROJECTS):
        places = {(person, at) for person, reaches in narrow.items() for at, found in reaches.items() if found == reach}
        asked = [record for at in {at for _, at in places} for record in of_customer[at]]
        for person, record in await _within(table, asked, list({person for person, _ in places}), reach):
            if (person, whose[record]) in places:
                seen[person].add(record)
    return {person: found for person, found in seen.items() if found}


async def _whose(table: type[CustomerRecord], records: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the customers of those of *records* that are published."""
    found: dict[UUID, UUID] = {}
    with beyond_reach("audience: asks for other people's reach"):
        for chunk in chunks(records):
            query = table.select(table.id, table.customer).where(
                table.id.is_in(list(chunk)), table.published_at.is_not_null()
            )
            found |= {as_uuid(row["id"]): as_uuid(row["customer"]) for row in await query}
    return found


async def contacts_with(permission: str, customer: UUID) -> dict[UUID, Reach]:
    """Return the contacts who have *permission* at *customer*, with its reach there; none where its module is off."""
    module = owner_of(permission)
    tenant = await load_snapshot(current_tenant_id())
    if module != CORE and module not in tenant.modules():
        return {}
    found = await _reaches(tenant, module, permission, [customer])
    return {person: reaches[customer] for person, reaches in found.items() if customer in reaches}


async def _reaches(
    tenant: TenantSnapshot, module: str, permission: str, customers: Sequence[UUID]
) -> dict[UUID, dict[UUID, Reach]]:
    places = ", ".join(["{}"] * len(customers))
    found: dict[UUID, dict[UUID, Reach]] = defaultdict(dict)
    for row in await fetch(_PLACES.format(places=places), module, tenant.id, *customers):
        granted = row["granted"] if row["granted"] is not None else tenant.enabled.get(module, module == CORE)
        role = tenant.roles.get(as_uuid(row["role"]))
        reach = role.grants.get(permission) if role else None
        person, customer = as_uuid(row["person"]), as_uuid(row["customer"])
        if not granted or reach is None or (as_uuid(row["at"]) != customer and reach < Reach.GROUP):
            continue
        effective = min(reach, Reach.parse(row["reach"]))
        found[person][customer] = max(found[person].get(customer, effective), effective)
    return found


async def _within(
    table: type[CustomerRecord], records: Sequence[UUID], people: Sequence[UUID], reach: Reach
) -> list[tuple[UUID, UUID]]:
    """Return person and record where a place at the record's customer shows it to her within a narrow *reach*."""
    if not people:
        return []
    found: list[tuple[UUID, UUID]] = []
    asked = statement(("audiences", table, reach), lambda: Context().run(_pairs, table, reach))
    for chunk in chunks(records):
        rows = await asked.run(
            tenant=current_tenant_id(),
            records=[str(record) for record in chunk],
            people=[str(person) for person in people],
        )
        found += [(as_uuid(row["person"]), as_uuid(row["record"])) for row in rows]
    return found


def _pairs(table: type[CustomerRecord], reach: Reach) -> QueryString:
    """Build the statement, in an empty context: it serves everybody."""
    name = table._meta.tablename
    with tenant_scope(cast("Any", P("tenant"))), beyond_reach("audience: asks for other people's reach"):
        # of any customer, which the joins choose, and for the person of each row
        condition = table.within_reach(cast("Any", {table.customer: reach}), cast("Any", Person.id))
        shown = table.select(table.id).where(WhereRaw(f'"{name}"."id" = asked.id')).where(condition)
    people, records = each("people"), each("records")
    return QueryString(_PAIRS.format(name=name), records, P("tenant"), people, *shown.querystrings)
