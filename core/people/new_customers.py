"""
What a new customer finds: the portal with the modules that customers have, or one that is closed until it is opened.

One rule for the form, lists of people, documents that name customers, and registrations. Closed means that the
customer's own switch of every module is off, and of every module that comes later; opening lets what holds for
everybody count. Where staff switches modules on one by one instead, what comes later stays off as well. Nobody is
invited twice: the first contact of a new customer is invited with being stored, where the tenant invites with saving.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import Setting
from core.db import fetch, insert_many, transaction
from core.i18n import Translator
from core.people.contact_options import invitation_of
from core.people.tables import Customer, CustomerModule
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")

NEW_CUSTOMERS = "people.new_customers"
CLOSED = "closed"
LATER = "*"
"""In place of a module: the switch of those that are not there yet, whose own is set when the tenant gets them."""


_LACKING = """
SELECT l.customer AS customer FROM customer_module l
WHERE l.tenant = {} AND l.module = {} AND NOT EXISTS (
    SELECT 1 FROM customer_module m WHERE m.tenant = l.tenant AND m.customer = l.customer AND m.module = {}
)
ORDER BY l.customer
"""


def setting() -> Setting:
    """Return the tenant's choice."""
    return Setting(
        key=NEW_CUSTOMERS,
        label=_("New customers"),
        help=_(
            "However they come: by the form, with a list of people, or with documents. Their first contact is invited "
            "with being stored, where invitations are sent with saving."
        ),
        kind="choice",
        default="open",
        section="people",
        choices=(
            ("open", _("Use the portal at once, with the modules that all customers have")),
            (CLOSED, _("Have a closed portal until we open it on the customer’s page")),
        ),
        weight=5,
    )


def opens_at_once(tenant: TenantSnapshot) -> bool:
    """Whether new customers have the modules that all customers have."""
    return bool(tenant.setting(NEW_CUSTOMERS) != CLOSED)


async def close_if_new_ones_are(*, customer: UUID) -> None:
    """Switch every module off for a customer that has just been made, where the tenant wants that. In a transaction."""
    if opens_at_once(await load_snapshot(current_tenant_id())):
        return
    known = {row["module"] for row in await TenantModule.select(TenantModule.module)}  # one may be away for a while
    await _switch_off([(customer, module) for module in sorted({*registry().modules, *known, LATER})])


async def _switch_off(switches: Iterable[tuple[UUID, str]]) -> None:
    tenant = current_tenant_id()
    rows = [{"tenant": tenant, "customer": to, "module": module, "granted": False} for to, module in switches]
    await insert_many(CustomerModule, rows)


async def is_portal_closed(*, customer: UUID) -> bool:
    """Whether every module is switched off for this customer; one that the tenant has never had does not count."""
    rows = await CustomerModule.select(CustomerModule.module).where(
        (CustomerModule.customer == customer) & (CustomerModule.granted == False)  # noqa: E712 -- SQL
    )
    off = {row["module"] for row in rows}
    if LATER not in off:
        return False
    had = {row["module"] for row in await TenantModule.select(TenantModule.module)}
    return off >= had & set(registry().modules)


async def note_choice(*, customer: UUID) -> None:
    """
    Let what comes later be off once all is switched off for a customer, and not once nothing is said for it any more.

    In the transaction of the switch.
    """
    rows = await CustomerModule.select(CustomerModule.module, CustomerModule.granted).where(
        CustomerModule.customer == customer
    )
    said = {row["module"]: bool(row["granted"]) for row in rows}
    if LATER not in said and all(said.get(module) is False for module in registry().modules):
        await _switch_off([(customer, LATER)])
    elif said.keys() == {LATER}:
        await CustomerModule.delete().where((CustomerModule.customer == customer) & (CustomerModule.module == LATER))


async def keep_off(*, module: str) -> None:
    """Leave a module off, in the transaction that brings it to the tenant, where what comes later is off."""
    rows = await fetch(_LACKING, current_tenant_id(), LATER, module)
    await _switch_off([(as_uuid(row["customer"]), module) for row in rows])


async def open_portal(*, customer: UUID) -> None:
    """Let what holds for everybody count for a customer whose portal is closed; twice changes nothing."""
    async with transaction():
        if not await is_portal_closed(customer=customer):
            return
        await CustomerModule.delete().where(CustomerModule.customer == customer)
        row = await Customer.select(Customer.name).where(Customer.id == customer).first()
        name = row["name"] if row else ""
        await write_activity(kind="core.customer_edited", customer=customer, data={"name": name, "portal": "open"})


async def invites_main_contacts() -> bool:
    """Whether the first contact of a new customer is invited with being stored."""
    tenant = await load_snapshot(current_tenant_id())
    return opens_at_once(tenant) and invitation_of(tenant) == "on_save"
