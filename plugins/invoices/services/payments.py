"""Money that came in: each payment once, and the invoice's figures with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sdk import Translator, beyond_reach, errors, imports, transaction, write_activity
from plugins.invoices.services.keeping import RECORD
from plugins.invoices.states import payment_state, signed
from plugins.invoices.tables import Invoice, Payment

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

_ = Translator("invoices")

LARGEST = 10**15
"""Minor units of one payment."""


class PaymentConflictError(errors.WrongStateError):
    """Another payment has this key already."""

    default = _("A payment with this key is here already, for another invoice or with another amount.")


async def record_payment(*, invoice: UUID, amount: int, paid_on: date, external_id: str | None = None) -> Invoice:
    """
    Note that *amount* (minor units, above zero; of a credit note: paid back) came in, and return the invoice.

    A payment with an *external_id* that is here already changes nothing.

    Raises:
        NotFoundError: no such invoice.
        InvalidInputError: the amount is none.
        PaymentConflictError: the key belongs to another payment.

    """
    if not 0 < amount <= LARGEST:
        raise errors.InvalidInputError(fields={"amount": [_("Give an amount above zero.")]})
    async with transaction():
        payment = Payment(invoice=invoice, paid_on=paid_on, amount=amount, external_id=external_id)
        with beyond_reach("payments: the books decide, not what the bookkeeper may see"):
            found = await locked(invoice)
            insert = Payment.insert(payment).on_conflict(action="DO NOTHING")
            if external_id is not None and not await insert:
                await _check_same(payment)
                return found
            if external_id is None:
                await Payment.insert(payment)
            return await _apply(found, paid=found.paid + _toward(found, amount), amount=amount, paid_on=paid_on)


async def set_paid(*, invoice: UUID, paid: int, paid_on: date | None = None) -> Invoice:
    """
    Note how much is paid in all, as a system says that knows no single payments; returns the invoice.

    *paid* is in minor units with the sign of the invoice's own total. The same total again changes nothing.

    Raises:
        NotFoundError: no such invoice.
        InvalidInputError: the total is none.

    """
    if abs(paid) > LARGEST:
        raise errors.InvalidInputError(fields={"paid": [_("Give an amount above zero.")]})
    async with transaction():
        with beyond_reach("payments: the books decide, not what the bookkeeper may see"):
            found = await locked(invoice)
            if found.paid == paid:
                return found
            day = paid_on or (await imports.tenant()).today()
            difference = _toward(found, paid - found.paid)
            await Payment.insert(Payment(invoice=invoice, paid_on=day, amount=difference))
            return await _apply(found, paid=paid, amount=paid - found.paid, paid_on=day)


async def paid_in(invoice: Invoice, *, payable: int) -> int:
    """Return what payments have brought for a loaded invoice, with the sign of what is to be paid."""
    rows = await Payment.select(Payment.amount).where(Payment.invoice == invoice.id)
    total: int = sum(row["amount"] for row in rows)
    return -total if payable < 0 else total


def _toward(invoice: Invoice, amount: int) -> int:
    """Return *amount* with the sign of what is to be paid: some formats write credit notes below zero."""
    return -amount if invoice.paid + invoice.due < 0 else amount


async def locked(invoice: UUID) -> Invoice:
    """
    Return the invoice, held until the transaction ends: writing to it makes others wait.

    Raises:
        NotFoundError: no such invoice, or out of reach.

    """
    held = (
        await Invoice.update({Invoice.version: Invoice.version + 0}).where(Invoice.id == invoice).returning(Invoice.id)
    )
    found = await Invoice.objects().where(Invoice.id == invoice).first() if held else None
    if found is None:
        raise errors.NotFoundError
    return found


async def _check_same(payment: Payment) -> None:
    known = await Payment.objects().where(Payment.external_id == payment.external_id).first()
    if known is None or known.invoice != payment.invoice or known.amount != payment.amount:
        raise PaymentConflictError


async def _apply(invoice: Invoice, *, paid: int, amount: int, paid_on: date) -> Invoice:
    payable = invoice.paid + invoice.due
    due = payable - paid
    state = payment_state(gross=payable, due=due)
    values: dict[Any, Any] = {
        Invoice.version: invoice.version + 1,
        Invoice.paid: paid,
        Invoice.due: due,
        Invoice.signed_due: signed(due, credit=invoice.document_type == "credit_note", total=invoice.gross),
        Invoice.payment_state: state.value,
    }
    await Invoice.update(values).where(Invoice.id == invoice.id)
    for column, value in values.items():
        setattr(invoice, column._meta.name, value)
    await write_activity(
        kind="invoices.payment_recorded",
        record=(RECORD, invoice),
        data={
            "number": invoice.number,
            "date": paid_on.isoformat(),
            "amount": {"minor": amount, "currency": invoice.currency},
        },
    )
    return invoice
