"""Showing invoices to customers, and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import LazyString, Translator, beyond_reach, errors, imports, transaction, write_activity
from plugins.invoices.reasons import UNHEARD
from plugins.invoices.services.keeping import RECORD, announce, word_of
from plugins.invoices.tables import Invoice, is_published

if TYPE_CHECKING:
    from uuid import UUID

_ = Translator("invoices")

_LOADED = "publishing: the invoice has been loaded by who acts"


async def publish_invoice(*, invoice: Invoice, batch: UUID | None = None) -> None:
    """
    Show a loaded invoice to those who may see it; they are told the first time.

    Raises:
        WrongStateError: it is published.

    """
    if is_published(invoice):
        raise errors.WrongStateError(_("This invoice is published."))
    async with transaction():
        with beyond_reach(_LOADED):
            await announce(invoice, batch=str(batch) if batch else None)


async def unheard(invoice: Invoice) -> LazyString | None:
    """Return what staff has to know where nobody could be told of a published invoice; None otherwise."""
    if not is_published(invoice):
        return None
    why = await imports.why_unheard(invoice)
    return UNHEARD[why] if why else None


async def withdraw_invoice(*, invoice: Invoice) -> None:
    """
    Take a loaded invoice back: customers find nothing of it any more, payments and files are kept.

    Raises:
        WrongStateError: it is not published.

    """
    values: dict[Any, Any] = {Invoice.published_at: None, Invoice.version: Invoice.version + 1}
    async with transaction():
        with beyond_reach(_LOADED):
            won = (
                await Invoice.update(values)
                .where(Invoice.id == invoice.id, Invoice.published_at.is_not_null())
                .returning(Invoice.id)
            )
        if not won:
            raise errors.WrongStateError(_("This invoice is not published."))
        invoice.published_at = None
        await write_activity(kind="invoices.withdrawn", record=(RECORD, invoice), data=word_of(invoice))
