"""
What a new customer finds: the portal with the modules that customers have, or one that is closed until it is opened.

One rule for the form, lists of people, documents that name customers, and registrations. Closed means that the
customer's own switch of every module is off; opening lets what holds for everybody count. Nobody is invited twice: the
first contact of a new customer is invited with being stored, where the tenant invites with saving.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import Setting
from core.db import transaction
from core.i18n import Translator
from core.people.contact_options import invitation_of
from core.people.tables import Customer, CustomerModule
from core.records.activity import write_activity
from core.registry import registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")

NEW_CUSTOMERS = "people.new_customers"
CLOSED = "closed"


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
    for module in registry().modules:
        await CustomerModule.insert(CustomerModule(customer=customer, module=module, granted=False))


async def is_portal_closed(*, customer: UUID) -> bool:
    """Whether every module is switched off for this customer."""
    off = await CustomerModule.select(CustomerModule.module).where(
        (CustomerModule.customer == customer) & (CustomerModule.granted == False)  # noqa: E712 -- SQL
    )
    return bool(registry().modules) and {row["module"] for row in off} >= set(registry().modules)


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
