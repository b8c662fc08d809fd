"""Plain PDFs with a list beside them, and lists that say what was paid."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from core.clock import later
from plugins.invoices.demo_files import DemoInvoice, as_plain_pdf
from tests.plugins.invoices.made import UNHEARD, deliver_ubl, delivered, invoice, stored
from tests.portal_fixtures import Portal

TAX_ID = "A58818501"


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id=TAX_ID)


def list_of(*rows: str, head: str = "Archivo;Número;Fecha;Vencimiento;NIF;Base;IVA;Total;Tipo") -> bytes:
    return "\r\n".join([head, *rows]).encode("cp1252")


async def test_plain_pdfs_take_their_figures_from_a_list_beside_them(portal: Portal, acme: Any) -> None:
    plain: DemoInvoice = invoice("F-9")
    rows = list_of(
        "uno.pdf;F-9;02/11/2026;02/12/2026;ES A-58818501;1.000,00;210,00;1.210,00;",
        "dos.pdf;R-3;03/11/2026;;A58818501;100;21;121;abono",
    )
    async with portal.work():
        results = await delivered(
            ("uno.pdf", as_plain_pdf(plain)), ("Facturas.CSV", rows), ("DOS.pdf", as_plain_pdf(invoice("R-3")))
        )
        assert results == [("uno.pdf", "created", UNHEARD), ("DOS.pdf", "created", UNHEARD)]
        one, two = await stored()
    assert (one.number, one.net, one.vat, one.gross, str(one.due_on), one.source_format, one.readable) == (
        "F-9",
        100_000,
        21_000,
        121_000,
        "2026-12-02",
        "typed",
        True,
    )
    assert (two.number, two.document_type, two.signed_due) == ("R-3", "credit_note", -12_100)


async def test_a_payment_without_a_day_or_a_key_would_count_again_tomorrow(portal: Portal, acme: Any) -> None:
    rows = list_of("F-1;10,00;;", "F-1;20,00;;bank-2", head="Factura;Cobro;Fecha de cobro;Referencia")
    async with portal.work():
        await deliver_ubl("F-1")
        assert await delivered(("cobros.csv", rows)) == [
            ("F-1", "updated", ""),
            ("cobros.csv", "refused", "Line 2 of the list: The date is missing."),
        ]
        with later(timedelta(days=1)):
            assert [outcome for _, outcome, _ in await delivered(("cobros.csv", rows))] == ["unchanged", "refused"]
        assert [each.paid for each in await stored()] == [2_000]


async def test_a_list_may_be_a_sheet(portal: Portal, acme: Any) -> None:
    """Amounts are numbers there, with the noise of binary fractions, and days may have a time of midnight."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Archivo", "Número", "Fecha", "Vencimiento", "NIF", "Base", "IVA", "Total"])
    issued = datetime.fromisoformat("2026-11-02")
    sheet.append(["uno.pdf", "F-9", issued, date(2026, 12, 2), TAX_ID, 1000.1, 210.02, 1000.1 + 210.02])
    sheet.append(["dos.pdf", "F-8", issued, None, TAX_ID, 1.234, 0, 1.234])
    data = io.BytesIO()
    book.save(data)
    files = [(name, as_plain_pdf(invoice(name))) for name in ("uno.pdf", "dos.pdf")]
    async with portal.work():
        results = await delivered(*files, ("facturas.xlsx", data.getvalue()))
        assert [(place, outcome) for place, outcome, _ in results] == [
            ("uno.pdf", "created"),
            ("dos.pdf", "quarantined"),
            ("facturas.xlsx", "refused"),
        ]
        (one,) = await stored()
    assert (one.number, one.gross, str(one.issued_on), str(one.due_on)) == ("F-9", 121_012, "2026-11-02", "2026-12-02")


async def test_rows_of_a_list_that_lead_nowhere_are_said(portal: Portal, acme: Any) -> None:
    rows = list_of(
        "uno.pdf;F-9;02/11/2026;;A58818501;1000;210;1.300,00;",
        "fehlt.pdf;F-10;02/11/2026;;A58818501;1000;210;1210;",
        "dos.pdf;F-11;31/02/2026;;A58818501;1000;210;1210;",
        "tres.pdf;F-12;02/11/2026;;A58818501;1000;210;;",
    )
    async with portal.work():
        results = await delivered(("uno.pdf", as_plain_pdf(invoice("F-9"))), ("l.csv", rows))
        assert await stored() == []
    assert [(place, outcome) for place, outcome, _ in results] == [
        ("uno.pdf", "refused"),
        ("l.csv", "refused"),
        ("l.csv", "refused"),
        ("fehlt.pdf", "refused"),
    ]
    assert [reason for _, _, reason in results] == [
        "The total without VAT and the VAT add up to €1,210.00, the invoice says €1,300.00.",
        "Line 4 of the list: There is no such day.",
        "Line 5 of the list: The total is missing.",
        "Line 3 of the list names the file “fehlt.pdf”, which did not come with it.",
    ]


async def test_a_list_says_what_was_paid(portal: Portal, acme: Any) -> None:
    totals = list_of(
        "F-1;121,00",
        "f-2;1.210,00",
        "F-404;1,00",
        "F-3;1,00",
        "F-1;mucho",
        head="Factura;Cobrado",
    )
    singles = list_of(
        "F-2;2026-01-02;10,00;2026-11-20;bank-1",
        "F-3;03/11/2026;5,00;20/11/2026;",
        head="Factura;Fecha;Cobro;Fecha de cobro;Referencia",
    )
    async with portal.work():
        for number in ("F-1", "F-2", "F-3"):
            await deliver_ubl(number)
        await deliver_ubl("F-3", issued_on=date(2025, 11, 3), due_on=None)
        await deliver_ubl("F-3", issued_on=date(2026, 11, 3), credit_note=True)
        assert await delivered(("cobros.csv", totals)) == [
            ("F-1", "updated", ""),
            ("f-2", "updated", ""),
            ("F-404", "refused", "The portal knows no invoice F-404."),
            ("F-3", "refused", "More than one invoice has the number F-3. Give its date and type as well."),
            ("F-1", "refused", "Line 6 of the list: This is not an amount in EUR."),
        ]
        assert [outcome for _, outcome, _ in await delivered(("cobros.csv", totals))][:2] == ["unchanged", "unchanged"]
        expected = [("F-2", "refused"), ("F-3", "updated")]
        assert [(place, outcome) for place, outcome, _ in await delivered(("c.csv", singles))] == expected
        assert [outcome for _, outcome, _ in await delivered(("c.csv", singles))] == ["refused", "unchanged"]
        found = {(each.number, each.issue_year, each.document_type): each for each in await stored()}
    assert {key: (each.paid, each.payment_state) for key, each in found.items()} == {
        ("F-1", 2026, "invoice"): (12_100, "partial"),
        ("F-2", 2026, "invoice"): (121_000, "collected"),
        ("F-3", 2026, "invoice"): (0, "pending"),
        ("F-3", 2025, "invoice"): (0, "pending"),
        ("F-3", 2026, "credit_note"): (500, "partial"),
    }
