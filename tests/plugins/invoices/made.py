"""Invoices, and what tests ask of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from core.people.actor import acting_as
from core.records.tables import Activity
from core.sdk import beyond_reach, imports
from plugins.invoices.demo_files import DemoInvoice, DemoLine, DemoParty, as_ubl
from plugins.invoices.importing import Item, take_delivery
from plugins.invoices.services import KIND, Received, receive_file
from plugins.invoices.tables import Invoice

SELLER = DemoParty(name="Obrador Temporal SL", tax_id="ESB12345674", city="Madrid")
ACME = DemoParty(name="Acme SA", tax_id="ESA58818501", street="Calle Mayor 1", postal_code="28013", city="Madrid")

UNHEARD = "Nobody was told: no contact who may see it has an e-mail address."
"""What a delivery says where the customer has no contacts."""


def invoice(number: str = "F-1", **more: Any) -> DemoInvoice:
    facts: dict[str, Any] = {
        "seller": SELLER,
        "buyer": ACME,
        "issued_on": date(2026, 11, 2),
        "due_on": date(2026, 12, 2),
        "lines": (DemoLine(name="Consulting", quantity="10", unit="HUR", price="100.00"),),
        "iban": "ES9121000418450200051332",
    }
    return DemoInvoice(number=number, **(facts | more))


async def deliver(data: bytes, name: str = "f-1.xml", **more: Any) -> Received:
    """Receive one file in a run of its own; exactly one result."""
    async with imports.running(kind=KIND, way="command") as run:
        (received,) = await receive_file(run=run, name=name, data=data, **more)
    return received


async def deliver_ubl(number: str = "F-1", **more: Any) -> Received:
    return await deliver(as_ubl(invoice(number, **more)), f"{number}.xml")


async def stored() -> list[Invoice]:
    """Every invoice of the tenant in scope."""
    with acting_as(None), beyond_reach("tests look behind"):
        return await Invoice.objects().order_by(Invoice.id)


async def activities(kind: str) -> list[dict[str, Any]]:
    """What was written down of one kind: record, customer, data."""
    rows = await Activity.select(Activity.record, Activity.customer, Activity.data).where(Activity.kind == kind)
    return [{**row, "data": msgspec.json.decode(row["data"])} for row in rows]


async def delivered(*files: tuple[str, bytes]) -> list[tuple[str, str, str]]:
    def item(name: str, data: bytes) -> Item:
        async def read() -> bytes:
            return data

        return Item(name, read)

    async with imports.running(kind=KIND, way="page") as run:
        delivery = take_delivery(run=run, items=[item(*file) for file in files])
        return [(each.result.place, each.result.outcome, str(each.result.reason or "")) async for each in delivery]
