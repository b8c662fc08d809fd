"""Ways out of quarantine: name or make the customer, type figures, let one of two versions win, or discard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Customer, Translator, beyond_reach, errors, imports, transaction, write_activity
from plugins.invoices.reading import is_pdf, read_invoices
from plugins.invoices.services.buyers import match_customer, remember_buyer
from plugins.invoices.services.figures import document_of
from plugins.invoices.services.keeping import RECORD, Delivery, content_of, figures_of, keep_files, whose, word_of
from plugins.invoices.services.payments import locked, paid_in
from plugins.invoices.services.receiving import KIND, Received, take
from plugins.invoices.states import payment_state, signed
from plugins.invoices.tables import Content, Invoice

if TYPE_CHECKING:
    from plugins.invoices.reading import ReadInvoice
    from plugins.invoices.services.figures import TypedFigures

_ = Translator("invoices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What staff says about a file: who the buyer is, that it be made a customer, or what the figures are."""

    customer: UUID | None = None
    create_customer: bool = False
    figures: TypedFigures | None = None


class NotAsKeptError(errors.WrongStateError):
    """The invoice that a delivery replaces is for somebody else."""

    default = _("The new version names another customer. Withdraw the old invoice and discard this file instead.")


async def decide(*, problem: UUID, decision: Decision) -> Received:
    """
    Take a file out of quarantine and in, as staff decides; it may end there again for another reason.

    Raises:
        NotFoundError: no such problem.
        WrongStateError: it is decided.
        InvalidInputError: the figures do not add up, or the customer is none of the tenant's.
        ReadingError: the file still cannot be read, and no figures were given.

    """
    kept, delivery = await _open(problem)
    if decision.figures is not None:
        document = await document_of(decision.figures)
        customer = decision.figures.customer
    else:
        document, delivery = await _read(delivery)
        customer = decision.customer
    async with transaction():
        if customer is not None:
            await _check_customer(customer)
            if decision.figures is None:
                await remember_buyer(buyer=document.buyer, customer=customer)
        return await take(
            run=imports.Run(kept.run, KIND, "page"),
            delivery=delivery,
            document=document,
            create_customers=decision.create_customer,
            customer=customer,
        )


async def discard_file(*, problem: UUID) -> None:
    """
    Keep a file out; the same bytes are not asked about again.

    Raises:
        NotFoundError: no such problem.
        WrongStateError: it is decided.

    """
    kept = await imports.load_problem(problem, kind=KIND)
    async with transaction():
        await imports.discard(kept.id)
        await write_activity(kind="invoices.discarded", data={"name": kept.place})


async def take_back_file(*, problem: UUID) -> None:
    """
    Let a discarded file wait for a decision again.

    Raises:
        NotFoundError: no such problem.
        WrongStateError: it is not discarded, or was too long ago.

    """
    kept = await imports.load_problem(problem, kind=KIND)
    async with transaction():
        await imports.take_back(kept.id)
        await write_activity(kind="invoices.taken_back", data={"name": kept.place})


async def replace_invoice(*, problem: UUID) -> Invoice:
    """
    Let a delivery that is in conflict with an invoice take its place: both files are kept, payments stay.

    Raises:
        NotFoundError: no such problem, or it is no conflict.
        WrongStateError: it is decided, or the new version is for another customer.

    """
    kept, delivery = await _open(problem)
    params = imports.facts_of(kept).get("params", {})
    if kept.reason != "conflict" or "invoice" not in params:
        raise errors.NotFoundError
    document, delivery = await _read(delivery)
    with beyond_reach("quarantine: who decides need not be allowed to see the invoice"):
        async with transaction():
            invoice = await locked(UUID(params["invoice"]))
            match = await match_customer(document.buyer)
            if match.customer is not None and match.customer != invoice.customer:
                raise NotAsKeptError
            await _overwrite(invoice, delivery, document)
            await imports.resolve(kept.id, resolution="replaced")
            await write_activity(kind="invoices.replaced", record=(RECORD, invoice), data=word_of(invoice))
    return invoice


async def _overwrite(invoice: Invoice, delivery: Delivery, document: ReadInvoice) -> None:
    values = figures_of(document)
    received = await paid_in(invoice, payable=document.totals.paid + document.totals.due)
    values["paid"] = document.totals.paid + received
    values["due"] = document.totals.due - received
    values["payment_state"] = payment_state(gross=values["paid"] + values["due"], due=values["due"]).value
    values["signed_due"] = signed(
        values["due"], credit=document.document_type == "credit_note", total=document.totals.gross
    )
    values |= {"sha256": delivery.sha256, "readable": is_pdf(delivery.data)}
    named = await whose(document, invoice.customer)
    values |= {key: who for key, who in named.items() if who is not None}  # else it stays with whom staff has chosen
    changed: dict[Any, Any] = {**values, Invoice.version: Invoice.version + 1}
    await Invoice.update(changed).where(Invoice.id == invoice.id)
    await Content.update({Content.data: content_of(document, parts=delivery.parts)}).where(
        Content.invoice == invoice.id
    )
    await imports.set_files_aside(record=(RECORD, invoice.id))
    await keep_files(invoice.id, delivery=delivery, document=document)
    for name, value in values.items():
        setattr(invoice, name, value)


async def _open(problem: UUID) -> tuple[imports.ImportProblem, Delivery]:
    kept = await imports.load_problem(problem, kind=KIND)
    if not imports.is_open(kept):
        raise errors.WrongStateError(_("This has been decided already."))
    facts = imports.facts_of(kept)
    data = await imports.content_of(kept)
    delivery = Delivery(
        name=kept.place,
        data=data,
        sha256=kept.sha256 or "",
        part=facts.get("part", 0),
        external_id=facts.get("external_id"),
    )
    return kept, delivery


async def _read(delivery: Delivery) -> tuple[ReadInvoice, Delivery]:
    """Return the document that is meant, and the delivery with the number of documents in its file."""
    documents = await asyncio.to_thread(read_invoices, delivery.data, name=delivery.name)
    return documents[delivery.part], replace(delivery, parts=len(documents))


async def _check_customer(customer: UUID) -> None:
    found = await Customer.objects().where(Customer.id == customer).first()
    if found is None:
        raise errors.InvalidInputError(fields={"customer": [_("Choose one of your customers.")]})
