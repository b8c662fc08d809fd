"""Showing invoices to customers, and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.sdk import LazyString, Translator, beyond_reach, errors, imports, now, transaction, write_activity
from plugins.invoices.reasons import UNHEARD
from plugins.invoices.services.keeping import RECORD, announce, told_as, word_of
from plugins.invoices.tables import Invoice, is_published

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

_ = Translator("invoices")

MOST: Final = 10_000
"""Invoices of one activity and one transaction: others who write wait about a second."""
_PORTION: Final = 500
_LOADED = "publishing: the invoice has been loaded by who acts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What became of many: how many are shown now, of how many of these nobody could be told, how many are left."""

    done: int
    unheard: int
    left: int


async def publish_invoices(*, invoices: Sequence[UUID]) -> Publication:
    """
    Show those of *invoices* that customers do not see yet, at most `MOST` of them, in one transaction.

    They are one activity: each person is told once of all that she sees. The caller has made sure that who acts may
    see them.
    """
    with beyond_reach(_LOADED):
        async with transaction():
            waiting = await _unpublished(invoices)
            new, again = await _show(waiting[:MOST])
            told: dict[str, list[Invoice]] = {}
            for each in new:
                told.setdefault(told_as(each), []).append(each)
            for kind, shown in (*told.items(), ("invoices.restored", again)):
                if shown:
                    await write_activity(kind=kind, parts=[(RECORD, each, word_of(each)) for each in shown])
            unheard = await imports.unheard_among(Invoice, [each.id for each in new])
    return Publication(done=len(new) + len(again), unheard=len(unheard), left=len(waiting) - len(new) - len(again))


async def _unpublished(invoices: Sequence[UUID]) -> list[UUID]:
    found: list[UUID] = []
    for start in range(0, len(invoices), _PORTION):
        portion = list(invoices[start : start + _PORTION])
        rows = await Invoice.select(Invoice.id).where(Invoice.id.is_in(portion), Invoice.published_at.is_null())
        found.extend(row["id"] for row in rows)
    return found


async def _show(invoices: Sequence[UUID]) -> tuple[list[Invoice], list[Invoice]]:
    """Publish portion by portion; returns those whose readers have not been told before, and the others."""
    new: list[Invoice] = []
    again: list[Invoice] = []
    present = now()
    columns: list[Any] = [Invoice.id, Invoice.customer, Invoice.number, Invoice.issued_on, Invoice.document_type]
    for start in range(0, len(invoices), _PORTION):
        among = Invoice.id.is_in(list(invoices[start : start + _PORTION])) & Invoice.published_at.is_null()
        for condition, values, shown in (
            (Invoice.announced_at.is_not_null(), {Invoice.published_at: present}, again),
            (Invoice.announced_at.is_null(), {Invoice.published_at: present, Invoice.announced_at: present}, new),
        ):
            rows = await Invoice.update(values).where(among & condition).returning(*columns)
            shown.extend(Invoice(**row) for row in rows)
    return new, again


async def publish_invoice(*, invoice: Invoice) -> None:
    """
    Show a loaded invoice to those who may see it; they are told the first time.

    Raises:
        WrongStateError: it is published.

    """
    if is_published(invoice):
        raise errors.WrongStateError(_("This invoice is published."))
    async with transaction():
        with beyond_reach(_LOADED):
            await announce(invoice)


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
