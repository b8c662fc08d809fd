"""Demo data: each customer's invoices in every state, and files that wait for a decision. All through the services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.sdk import Customer, beyond_reach, imports
from plugins.invoices.demo_files import (
    DemoInvoice,
    DemoLine,
    DemoParty,
    as_cii,
    as_facturx,
    as_plain_pdf,
    as_ubl,
)
from plugins.invoices.services import KIND, receive_file, record_payment, withdraw_invoice
from plugins.invoices.tables import Invoice

if TYPE_CHECKING:
    from datetime import date

Write = Callable[[DemoInvoice], bytes]

_WORK = {
    "ES": (
        ("Horas ordinarias", "HUR", "24.50", ("168", "96.5", "40")),
        ("Horas nocturnas", "HUR", "31.85", ("24", "12", "36.5")),
        ("Desplazamiento", "C62", "48.00", ("4", "2", "6")),
    ),
    "FR": (
        ("Traduction, par mot", "C62", "0.14", ("1250", "9800", "23100")),
        ("Relecture", "HUR", "52.00", ("3", "7.5", "1.25")),
        ("Mise en page", "HUR", "45.00", ("2", "4", "0.5")),
    ),
    "PT": (
        ("Avença mensal", "MON", "380.00", ("1", "1", "1")),
        ("Processamento salarial", "C62", "18.50", ("12", "9", "15")),
        ("Consultoria", "HUR", "60.00", ("2", "3.5", "1")),
    ),
    "BR": (
        ("Honorários mensais", "MON", "980.00", ("1", "1", "1")),
        ("Folha de pagamento", "C62", "45.00", ("12", "9", "15")),
        ("Consultoria", "HUR", "150.00", ("2", "3.5", "1")),
    ),
}
"""What each country's office sells: text, unit, price, quantities by turns."""
_RATES = {"ES": "21", "FR": "20", "PT": "23", "BR": "5"}
_IBANS = {"ES": "ES9121000418450200051332", "FR": "FR1420041010050500013M02606", "PT": "PT50000201231234567890154"}
_PREFIXES = {"ES": "FA", "FR": "F", "PT": "FT", "BR": "NF"}
_MOST_CUSTOMERS = 4
_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An invoice of the demo: how long ago, due when, in which format, and how much of it is paid."""

    ago: int
    due_in: int | None
    write: Write = as_facturx
    suffix: str = "pdf"
    paid: Decimal = Decimal(0)
    credit: bool = False
    currency: str = ""


_CASES = (
    _Case(ago=3, due_in=27),
    _Case(ago=9, due_in=0, write=as_ubl, suffix="xml"),
    _Case(ago=16, due_in=14, paid=Decimal("0.4")),
    _Case(ago=52, due_in=-22),
    _Case(ago=75, due_in=-45, paid=Decimal("0.5"), write=as_ubl, suffix="xml"),
    _Case(ago=80, due_in=-50, paid=Decimal(1)),
    _Case(ago=40, due_in=None, credit=True, write=as_ubl, suffix="xml"),
    _Case(ago=12, due_in=33, currency="USD", write=as_cii, suffix="xml"),
)


async def fill() -> None:
    """Fill the tenant in scope; run again it changes nothing."""
    customers = await Customer.objects().order_by(Customer.id).limit(_MOST_CUSTOMERS)
    tenant = await imports.tenant()
    street, _, place_name = str(tenant.setting("brand.address")).partition(", ")
    seller = DemoParty(
        name=tenant.name, tax_id=tenant.tax_id or "", country=tenant.country, street=street, city=place_name
    )
    today = tenant.today()
    async with imports.running(kind=KIND, way="command") as run:
        for place, customer in enumerate(customers, 1):
            buyer = _party(customer, tenant.country)
            async for case, invoice in _invoices(customer, buyer, seller, place, today):
                await _publish(run, case, invoice, today)
        if customers:
            await _quarantine(run, _party(customers[0], tenant.country), seller, today)
            await _withdrawn(run, _party(customers[0], tenant.country), seller, today)


def _party(customer: Customer, home: str) -> DemoParty:
    stored: Any = customer.address
    address = msgspec.json.decode(stored or "{}") if isinstance(stored, str) else dict(stored or {})
    lines = address.get("lines") or [""]
    return DemoParty(
        name=customer.name,
        tax_id=customer.tax_id or "",
        country=address.get("country") or home,
        street=lines[0],
        postal_code=address.get("postal_code", ""),
        city=address.get("city", ""),
    )


async def _invoices(
    customer: Customer, buyer: DemoParty, seller: DemoParty, place: int, today: date
) -> AsyncIterator[tuple[_Case, DemoInvoice]]:
    """Yield the invoices of one customer: each case, then a paid one for each month further back."""
    projects = await imports.project_numbers(customer.id)
    contacts = await imports.contacts_at(customer.id)
    paid = tuple(_Case(ago=90 + 30 * month, due_in=-60 - 30 * month, paid=Decimal(1)) for month in range(_MONTHS))
    for number, case in enumerate((*_CASES, *paid), 1):
        invoice = _invoice(f"{place}{number:03}", case, seller, buyer, today)
        if projects and number % 3 == 0:
            invoice = replace(invoice, project=projects[number % len(projects)])
        if contacts and number % 4 == 0:
            invoice = replace(invoice, buyer=replace(buyer, email=contacts[number // 4 % len(contacts)]))
        yield case, invoice


def _invoice(number: str, case: _Case, seller: DemoParty, buyer: DemoParty, today: date) -> DemoInvoice:
    country = seller.country if seller.country in _WORK else "ES"
    issued = today - timedelta(days=case.ago)
    step = int(number)
    lines = tuple(
        DemoLine(
            name=name,
            quantity=quantities[(step + place) % 3],
            unit=unit,
            price=price,
            rate="0" if case.currency else _RATES[country],
        )
        for place, (name, unit, price, quantities) in enumerate(_WORK[country][: 1 + step % 3])
    )
    return DemoInvoice(
        number=f"{'R' if case.credit else ''}{_PREFIXES[country]}-{issued.year}-{number}",
        seller=seller,
        buyer=buyer,
        issued_on=issued,
        due_on=None if case.due_in is None else today + timedelta(days=case.due_in),
        lines=lines,
        currency=case.currency or ("BRL" if country == "BR" else "EUR"),
        credit_note=case.credit,
        order=f"PO-{4500 + step}" if step % 2 else "",
        corrects=f"{_PREFIXES[country]}-{issued.year}-{step - 3}" if case.credit else "",
        iban=_IBANS.get(country, ""),
    )


async def _publish(run: imports.Run, case: _Case, invoice: DemoInvoice, today: date) -> None:
    (received,) = await receive_file(run=run, name=f"{invoice.number}.{case.suffix}", data=case.write(invoice))
    if not case.paid or received.invoice is None or received.result.outcome != "created":
        return
    days = case.ago if case.due_in is None else case.due_in
    await record_payment(
        invoice=received.invoice,
        amount=int(invoice.gross * case.paid * 100),
        paid_on=today + timedelta(days=min(days, -1) + 1),
        external_id=f"demo-{invoice.number}",
    )


async def _withdrawn(run: imports.Run, buyer: DemoParty, seller: DemoParty, today: date) -> None:
    invoice = _invoice("800", _Case(ago=5, due_in=25), seller, buyer, today)
    (received,) = await receive_file(run=run, name=f"{invoice.number}.pdf", data=as_facturx(invoice))
    if received.invoice is not None and received.result.outcome == "created":
        await withdraw_invoice(invoice=await _stored(received.invoice))


async def _stored(invoice: UUID) -> Invoice:
    with beyond_reach("demo data: nobody is signed in while it is made"):
        found = await Invoice.objects().where(Invoice.id == invoice).first()
    if found is None:
        raise LookupError(invoice)
    return found


async def _quarantine(run: imports.Run, buyer: DemoParty, seller: DemoParty, today: date) -> None:
    """Bring in what staff has to decide about: unknown buyer, wrong sums, missing figures, a second version."""
    case = _Case(ago=2, due_in=28)
    unknown = replace(buyer, name="Talleres Ñandú y Hermanos", tax_id="")
    plain = _invoice("902", case, seller, buyer, today)
    wrong = _invoice("903", case, seller, buyer, today)
    other = replace(_invoice("1001", _CASES[0], seller, buyer, today), note="2")
    total = f">{wrong.gross:f}<".encode()
    files = (
        ("901.xml", as_ubl(_invoice("901", case, seller, unknown, today))),
        (f"{plain.number}.pdf", as_plain_pdf(plain)),
        (f"{wrong.number}.xml", as_ubl(wrong).replace(total, f">{wrong.gross + 10:f}<".encode())),
        (f"{other.number}-2.xml", as_ubl(other)),
        ("902.pdf", as_plain_pdf(plain)[:400]),
    )
    for name, data in files:
        await receive_file(run=run, name=name, data=data)
