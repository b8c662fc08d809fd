"""Whose an invoice is within its customer: the project it belongs to and the contact it is addressed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Translator, beyond_reach, errors, imports, transaction, write_activity
from plugins.invoices.services.keeping import RECORD
from plugins.invoices.tables import Invoice

if TYPE_CHECKING:
    from uuid import UUID

_ = Translator("invoices")


async def assign_invoice(*, invoice: Invoice, project: UUID | None, addressee: UUID | None, version: int) -> Invoice:
    """
    Say which project of its customer a loaded invoice belongs to, and to which contact it is addressed.

    It decides at once who sees it with a reach of projects or of her own. *version* is the one that was shown. What
    it was before, and is closed or gone meanwhile, may stay.

    Raises:
        StaleError: somebody changed the invoice meanwhile.
        InvalidInputError: a project or contact of somebody else.

    """
    projects, contacts = await choices(invoice)
    fields: dict[str, list[Any]] = {}
    if project is not None and str(project) not in projects:
        fields["project"] = [_("Choose a project of this customer.")]
    if addressee is not None and str(addressee) not in contacts:
        fields["addressee"] = [_("Choose a contact of this customer.")]
    if fields:
        raise errors.InvalidInputError(fields=fields)
    if (project, addressee) == (invoice.project, invoice.addressee):
        return invoice
    values: dict[Any, Any] = {
        Invoice.project: project,
        Invoice.addressee: addressee,
        Invoice.version: version + 1,
    }
    async with transaction():
        with beyond_reach("assigning: the invoice has been loaded by who acts"):
            won = (
                await Invoice.update(values)
                .where(Invoice.id == invoice.id, Invoice.version == version)
                .returning(Invoice.id)
            )
        if not won:
            raise errors.StaleError
        for column, value in values.items():
            setattr(invoice, column._meta.name, value)
        data = {
            "number": invoice.number,
            "project": projects.get(str(project), "–"),
            "contact": contacts.get(str(addressee), "–"),
        }
        await write_activity(kind="invoices.assigned", record=(RECORD, invoice), data=data)
    return invoice


async def choices(invoice: Invoice) -> tuple[dict[str, str], dict[str, str]]:
    """Return projects and contacts (id → name) that a loaded invoice can be for; what it has now is among them."""
    projects = dict(await imports.projects_of(invoice.customer))
    contacts = dict(await imports.contacts_of(invoice.customer))
    if (invoice.project and str(invoice.project) not in projects) or (
        invoice.addressee and str(invoice.addressee) not in contacts
    ):
        with beyond_reach("assigning: names of what the loaded invoice is for"):
            row = (
                await Invoice.select(Invoice.project.name, Invoice.addressee.given_name, Invoice.addressee.family_name)
                .where(Invoice.id == invoice.id)
                .first()
            ) or {}
        if invoice.project:
            projects.setdefault(str(invoice.project), row["project.name"])
        if invoice.addressee:
            name = f"{row['addressee.given_name']} {row['addressee.family_name']}".strip()
            contacts.setdefault(str(invoice.addressee), name or "–")
    return projects, contacts
