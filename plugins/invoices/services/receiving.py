"""Taking files in: read, checked, matched with a customer, published; or kept for a decision with the reason."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.sdk import LazyString, beyond_reach, errors, imports
from plugins.invoices.queries import find_same, knows_content
from plugins.invoices.reading import ReadingError, check_sums, read_invoices
from plugins.invoices.reasons import BY_HAND, HOSTILE, reason_of
from plugins.invoices.services.buyers import Match, match_customer
from plugins.invoices.services.figures import document_of
from plugins.invoices.services.keeping import Delivery, add_invoice
from plugins.invoices.services.publishing import unheard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from plugins.invoices.reading import Party, ReadInvoice
    from plugins.invoices.services.figures import TypedFigures
    from plugins.invoices.tables import Invoice

KIND = "invoices"
"""The kind of import."""
DISCARDED = "discarded"
_PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of one document of a file."""

    result: imports.ImportResult
    invoice: UUID | None = None
    problem: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why a document is not taken in, with the facts that the sentence and the decision need."""

    reason: str
    params: Mapping[str, Any]


async def receive_file(
    *,
    run: imports.Run,
    name: str,
    data: bytes,
    create_customers: bool = False,
    figures: TypedFigures | None = None,
    external_id: str | None = None,
) -> list[Received]:
    """
    Take one file in: one result per invoice it holds, nearly always one.

    Each invoice is a transaction of its own. The same file again changes nothing, so an import that was killed is
    simply run again. *figures* stand in where the file gives none.
    """
    name = imports.clean_name(name, "invoice")
    digest = (await asyncio.to_thread(sha256, data)).hexdigest()
    delivery = Delivery(name=name, data=data, sha256=digest, batch=str(run.id), external_id=external_id)
    try:
        documents = await asyncio.to_thread(read_invoices, data, name=name)
    except ReadingError as error:
        async with imports.one_item():
            received = await _unread(run, delivery, error, figures, create_customers=create_customers)
            await run.count(received.result)
        return [received]
    found: list[Received] = []
    for part, document in enumerate(documents):
        own = replace(
            delivery, part=part, parts=len(documents), external_id=external_id if len(documents) == 1 else None
        )
        async with imports.one_item():
            received = await take(run=run, delivery=own, document=document, create_customers=create_customers)
            await run.count(received.result)
        found.append(received)
    return found


async def _unread(
    run: imports.Run,
    delivery: Delivery,
    error: ReadingError,
    figures: TypedFigures | None,
    *,
    create_customers: bool,
) -> Received:
    if error.code in HOSTILE:
        return Received(
            result=imports.ImportResult(
                place=delivery.name, outcome="refused", reason=reason_of(error.code, error.params)
            )
        )
    known = await knows_content(delivery.sha256)
    if known is not None:
        return Received(result=imports.ImportResult(place=delivery.name, outcome="unchanged"), invoice=known)
    discarded = await _known(delivery, None, await _earlier(delivery))
    if discarded is not None:
        return discarded
    if figures is not None and error.code in BY_HAND:
        try:
            document = await document_of(figures)
        except errors.InvalidInputError as refused:
            reasons = [text for texts in refused.fields.values() for text in texts]
            reason: LazyString = reasons[0] if reasons else refused.message
            return Received(result=imports.ImportResult(place=delivery.name, outcome="refused", reason=reason))
        return await take(run=run, delivery=delivery, document=document, create_customers=create_customers)
    return await _keep(run, delivery, _Refusal(reason=error.code, params=dict(error.params)), None)


async def take(
    *,
    run: imports.Run,
    delivery: Delivery,
    document: ReadInvoice,
    create_customers: bool = False,
    customer: UUID | None = None,
) -> Received:
    """
    Take one read document in, in the caller's transaction. *customer* is staff's word for who the buyer is.

    Its outcome is *unchanged* where the same bytes are here or were discarded, *quarantined* where staff has to decide.
    """
    with beyond_reach("import: who delivers invoices need not be allowed to see them"):
        same = await find_same(document)
        before = await _earlier(delivery)
        known = await _known(delivery, same, before)
        if known is not None:
            return known
        if same is not None:
            params: dict[str, Any] = {"number": document.number, "invoice": str(same.id)}
            return await _keep(run, delivery, _Refusal(reason="conflict", params=params), document)
        wrong = check_sums(document)
        if wrong:
            params = {"mismatches": [asdict(each) for each in wrong], "currency": document.currency}
            return await _keep(run, delivery, _Refusal(reason="sums", params=params), document)
        match = Match(customer=customer) if customer is not None else await match_customer(document.buyer)
        if match.customer is None and match.reason == "unknown-customer" and create_customers and document.buyer.name:
            match = await _made(document.buyer)
        if match.customer is None:
            params = {**match.params, "candidates": [str(each) for each in match.candidates]}
            return await _keep(run, delivery, _Refusal(reason=match.reason, params=params), document)
        invoice = await add_invoice(delivery=delivery, document=document, customer=match.customer)
        if invoice is None:
            return await _lost(run, delivery, document)
        await _settle(before)
        warning = await unheard(invoice)
        return Received(
            result=imports.ImportResult(place=delivery.name, outcome="created", reason=warning), invoice=invoice.id
        )


async def _lost(run: imports.Run, delivery: Delivery, document: ReadInvoice) -> Received:
    """Say what stands in the way: the same was delivered at the same moment, or the key is another invoice's."""
    same = await find_same(document)
    if same is None:
        reason = reason_of("key-taken", {"key": delivery.external_id or ""})
        return Received(result=imports.ImportResult(place=delivery.name, outcome="refused", reason=reason))
    known = await _known(delivery, same, await _earlier(delivery))
    if known is not None:
        return known
    params = {"number": document.number, "invoice": str(same.id)}
    return await _keep(run, delivery, _Refusal(reason="conflict", params=params), document)


async def _earlier(delivery: Delivery) -> imports.ImportProblem | None:
    return await imports.earlier_problem(kind=KIND, sha256=delivery.sha256, part=delivery.part)


async def _known(delivery: Delivery, same: Invoice | None, before: imports.ImportProblem | None) -> Received | None:
    """Return that nothing changes, where the very bytes have been taken in or discarded before."""
    if same is not None and await knows_content(delivery.sha256, invoice=same.id):
        await _settle(before)
        return Received(result=imports.ImportResult(place=delivery.name, outcome="unchanged"), invoice=same.id)
    if before is None or before.resolution != DISCARDED:
        return None
    reason = reason_of(DISCARDED, {})
    return Received(result=imports.ImportResult(place=delivery.name, outcome="unchanged", reason=reason))


async def _made(buyer: Party) -> Match:
    """Make the buyer a customer, unless another delivery has done so since it was looked for."""
    await imports.wait_for_others()
    match = await match_customer(buyer)
    return Match(customer=await _new_customer(buyer)) if match.reason == "unknown-customer" else match


async def _new_customer(buyer: Party) -> UUID:
    return await imports.add_customer(
        name=buyer.name,
        tax_id=buyer.tax_id,
        lines=buyer.address_lines,
        postal_code=buyer.postal_code,
        city=buyer.city,
        region=buyer.region,
        country=buyer.country,
    )


async def _settle(problem: imports.ImportProblem | None) -> None:
    """Close the question about this file where one is open."""
    if problem is not None and imports.is_open(problem):
        await imports.resolve(problem.id, resolution=_PUBLISHED)


async def _keep(run: imports.Run, delivery: Delivery, refusal: _Refusal, document: ReadInvoice | None) -> Received:
    problem = await imports.quarantine(
        run=run,
        place=delivery.name,
        reason=refusal.reason,
        data={"params": refusal.params, "read": summary_of(document), "external_id": delivery.external_id},
        content=delivery.data,
        part=delivery.part,
    )
    reason = reason_of(refusal.reason, refusal.params)
    return Received(
        result=imports.ImportResult(place=delivery.name, outcome="quarantined", reason=reason), problem=problem
    )


def summary_of(document: ReadInvoice | None) -> dict[str, Any] | None:
    """Return what staff needs to see of a document to decide about it."""
    if document is None:
        return None
    return {
        "document_type": document.document_type,
        "number": document.number,
        "issued_on": document.issued_on,
        "due_on": document.due_on,
        "seller": _named(document.seller),
        "buyer": _named(document.buyer),
        "currency": document.currency,
        "net": document.totals.net,
        "vat": document.totals.vat,
        "gross": document.totals.gross,
        "due": document.totals.due,
    }


def _named(party: Party) -> dict[str, str]:
    return {"name": party.name, "tax_id": party.tax_id, "country": party.country}
