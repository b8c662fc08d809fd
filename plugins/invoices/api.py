"""The API: hand invoices over, ask for them, say what was paid. Amounts are decimal texts in the invoice's currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Translator, api_get, api_post, current_actor, errors, formats, imports, load
from plugins.invoices.importing import Item, take_delivery
from plugins.invoices.permissions import ADD_CUSTOMERS, COLLECT, PUBLISH, STAFF_VIEW
from plugins.invoices.queries import page_of
from plugins.invoices.services import KIND, record_payment, set_paid
from plugins.invoices.tables import Invoice, is_published

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("invoices")

LARGEST_BODY = 60 * 1024 * 1024
"""Bytes of one request."""
MOST = 200


class InvoiceOut(msgspec.Struct, kw_only=True):
    """An invoice as the API tells it."""

    id: UUID
    external_id: str | None
    customer: UUID
    project: UUID | None
    document_type: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    net: str
    vat: str
    gross: str
    paid: str
    due: str
    payment_state: str
    published: bool
    version: int
    created_at: datetime


class InvoicesOut(msgspec.Struct, kw_only=True):
    """A page of invoices; `after` leads to the next one."""

    invoices: list[InvoiceOut]
    after: UUID | None


class TakenOut(msgspec.Struct, kw_only=True):
    """What became of one document: created, unchanged, quarantined (staff decides) or refused."""

    name: str
    outcome: str
    reason: str | None = None
    invoice: UUID | None = None
    problem: UUID | None = None


class DeliveryOut(msgspec.Struct, kw_only=True):
    """What became of a delivery."""

    results: list[TakenOut]


class PaymentIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Money that came in. The same `external_id` again changes nothing."""

    amount: str
    paid_on: date
    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class PaidIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How much is paid in all."""

    paid: str
    paid_on: date | None = None


def _out(invoice: Invoice) -> InvoiceOut:
    def text(amount: int) -> str:
        return formats.decimal_text(amount, invoice.currency)

    return InvoiceOut(
        id=invoice.id,
        external_id=invoice.external_id,
        customer=invoice.customer,
        project=invoice.project,
        document_type=invoice.document_type,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        net=text(invoice.net),
        vat=text(invoice.vat),
        gross=text(invoice.gross),
        paid=text(invoice.paid),
        due=text(invoice.due),
        payment_state=invoice.payment_state,
        published=is_published(invoice),
        version=invoice.version,
        created_at=invoice.created_at,
    )


@api_get("/", name="invoices:api-list", permission=STAFF_VIEW, summary="Invoices, newest first")
async def list_invoices(  # noqa: PLR0917 -- query parameters, by name
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
    number: FromQuery[str | None] = None,
    external_id: FromQuery[str | None] = None,
    customer: FromQuery[UUID | None] = None,
    payment_state: FromQuery[str | None] = None,
) -> InvoicesOut:
    """Return a page of invoices, published and not."""
    wanted = {
        "number": number,
        "external_id": external_id,
        "customer": customer,
        "payment_state": payment_state,
    }
    found = await page_of(after=after, limit=limit + 1, wanted=wanted)
    more = found[limit - 1].id if len(found) > limit else None
    return InvoicesOut(invoices=[_out(invoice) for invoice in found[:limit]], after=more)


@api_get("/{invoice:uuid}", name="invoices:api-show", permission=STAFF_VIEW, summary="One invoice")
async def show_invoice(invoice: FromPath[UUID]) -> InvoiceOut:
    """Return one invoice."""
    return _out(await load(current_actor(), Invoice, invoice))


@api_post(
    "/",
    name="invoices:api-take",
    permission=PUBLISH,
    summary="Hand invoices over",
    description=(
        "Either one file as the body, its name in `name`, or several as `multipart/form-data` in fields of any name. "
        "201: at least one was taken in. 200: all were here already. 202: at least one waits for a decision by staff. "
        "422: refused."
    ),
    request_max_body_size=LARGEST_BODY,
    status_code=200,
)
async def take_invoices(
    request: Request[Any, Any, Any],
    name: FromQuery[str] = "",
    external_id: Annotated[str | None, QueryParameter(max_length=200)] = None,
    create_customers: FromQuery[bool] = False,  # noqa: FBT002 -- a query parameter
) -> Response[DeliveryOut]:
    """Take files in, each in a transaction of its own."""
    if create_customers:
        current_actor().require(ADD_CUSTOMERS)
    items = await _items(request, name)
    if not items:
        raise errors.InvalidInputError(_("Send at least one file."))
    async with imports.running(kind=KIND, way="api") as run:
        delivery = take_delivery(
            run=run,
            items=items,
            create_customers=create_customers,
            external_id=external_id,
            may_collect=current_actor().can(COLLECT),
        )
        results = [received async for received in delivery]
    taken = [
        TakenOut(
            name=each.result.place,
            outcome=each.result.outcome,
            reason=str(each.result.reason) if each.result.reason else None,
            invoice=each.invoice,
            problem=each.problem,
        )
        for each in results
    ]
    return Response(DeliveryOut(results=taken), status_code=_status(taken))


def _status(taken: Sequence[TakenOut]) -> int:
    outcomes = {each.outcome for each in taken}
    if "quarantined" in outcomes:
        return 202
    if "created" in outcomes:
        return 201
    return 422 if outcomes == {"refused"} else 200


async def _items(request: Request[Any, Any, Any], name: str) -> list[Item]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data":
        form = await request.form()
        files = [value for _, value in form.items() if isinstance(value, UploadFile)]
        return [Item(file.filename or "invoice", file.read) for file in files]
    body = await request.body()

    async def read() -> bytes:
        return body

    return [Item(unquote(name) or "invoice", read)] if body else []


@api_post(
    "/{invoice:uuid}/payments",
    name="invoices:api-pay",
    permission=COLLECT,
    summary="Record a payment",
    status_code=200,
)
async def add_payment(invoice: FromPath[UUID], data: JSONBody[PaymentIn]) -> InvoiceOut:
    """Record a payment and return the invoice."""
    found = await load(current_actor(), Invoice, invoice)
    amount = _minor(data.amount, found.currency, "amount")
    return _out(
        await record_payment(invoice=found.id, amount=amount, paid_on=data.paid_on, external_id=data.external_id)
    )


@api_post(
    "/{invoice:uuid}/paid",
    name="invoices:api-paid",
    permission=COLLECT,
    summary="Say how much is paid in all",
    status_code=200,
)
async def say_paid(invoice: FromPath[UUID], data: JSONBody[PaidIn]) -> InvoiceOut:
    """Set the paid total and return the invoice."""
    found = await load(current_actor(), Invoice, invoice)
    paid = _minor(data.paid, found.currency, "paid")
    return _out(await set_paid(invoice=found.id, paid=paid, paid_on=data.paid_on))


def _minor(text: str, currency: str, field: str) -> int:
    try:
        return formats.minor_units(text, currency)
    except formats.FormatError as error:
        raise errors.InvalidInputError(error.message, fields={field: [error.message]}) from error


HANDLERS: list[Any] = [list_invoices, show_invoice, take_invoices, add_payment, say_paid]
