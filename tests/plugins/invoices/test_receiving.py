"""Taking files in: what becomes of each, and that nothing else changes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.imports.tables import ImportRun
from core.people.tables import Customer, Project
from core.records.files import files_of
from core.records.storage import get_content
from core.sdk import imports
from core.tenancy.scope import unscoped
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.snapshot import raise_version
from core.tenancy.tables import Tenant
from plugins.invoices.demo_files import as_cii, as_facturx, as_plain_pdf, as_ubl
from plugins.invoices.importing import Item, import_files, take_delivery
from plugins.invoices.queries import content_of
from plugins.invoices.services import KIND
from tests.plugins.invoices.made import (
    ACME,
    SELLER,
    UNHEARD,
    activities,
    deliver,
    deliver_ubl,
    delivered,
    invoice,
    stored,
)
from tests.plugins.invoices.reading.facturae_builders import facturae, facturae_invoice
from tests.portal_fixtures import Portal

TAX_ID = "A58818501"


async def problems() -> list[tuple[str, str]]:
    return [(each.place, each.reason) for each in await imports.open_problems(kind=KIND)]


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id=TAX_ID)


@pytest.mark.parametrize("write", [as_ubl, as_cii, as_facturx])
async def test_an_invoice_is_read_and_published(portal: Portal, acme: Any, write: Any) -> None:
    made = invoice(order="PO-7", note="Gracias")
    name = "factura.pdf" if write is as_facturx else "factura.xml"
    async with portal.work():
        received = await deliver(write(made), name)
        (found,) = await stored()
        files = await files_of(record=("invoice", found.id), with_internal=True)
        content = await content_of(found)
        told = await activities("invoices.published")
    assert (received.result.outcome, received.invoice) == ("created", found.id)
    figures = (found.customer, found.number, found.currency, found.net, found.vat, found.gross, found.paid, found.due)
    assert figures == (acme.id, "F-1", "EUR", 100_000, 21_000, 121_000, 0, 121_000)
    assert (found.document_type, found.payment_state, found.version) == ("invoice", "pending", 1)
    assert (str(found.issued_on), str(found.due_on)) == ("2026-11-02", "2026-12-02")
    assert found.published_at is not None
    assert [(line["name"], line["quantity"], line["net"]) for line in content["lines"]] == [
        ("Consulting", "10", 100_000)
    ]
    assert content["order_reference"] == "PO-7"
    expected = [("factura.pdf", "original"), ("factura.xml", "xml")]
    assert [(file.name, file.role) for file in files] == (
        expected if write is as_facturx else [("factura.xml", "original")]
    )
    assert [(each["record"], each["data"]["number"], each["data"]["date"]) for each in told] == [
        (found.id, "F-1", "2026-11-02")
    ]


async def test_the_bytes_are_kept_as_they_came(portal: Portal, acme: Any) -> None:
    data = as_facturx(invoice())
    async with portal.work():
        await deliver(data, "factura.pdf")
        (found,) = await stored()
        original, xml = await files_of(record=("invoice", found.id), with_internal=False)

        assert await get_content(original.sha256) == data
        assert await get_content(xml.sha256) == as_cii(invoice())


async def test_the_same_bytes_again_change_nothing(portal: Portal, acme: Any) -> None:
    async with portal.work():
        first = await deliver_ubl()
        again = await deliver_ubl()
        assert len(await stored()) == 1
        assert len(await activities("invoices.published")) == 1
    assert (again.result.outcome, again.invoice) == ("unchanged", first.invoice)


async def test_the_same_number_of_another_year_type_or_seller_is_another_invoice(portal: Portal, acme: Any) -> None:
    other = replace(SELLER, name="Otra SL", tax_id="ESB99999997")
    async with portal.work():
        await deliver_ubl()
        for more in (
            {"issued_on": invoice().issued_on.replace(year=2025), "due_on": None},
            {"credit_note": True},
            {"seller": other},
        ):
            assert (await deliver_ubl(**more)).result.outcome == "created"
        assert len(await stored()) == 4


async def test_the_same_identity_with_other_content_is_a_conflict(portal: Portal, acme: Any) -> None:
    async with portal.work():
        await deliver_ubl()
        received = await deliver_ubl("f - 1", note="another")
        assert received.result.outcome == "quarantined"
        assert await problems() == [("f - 1.xml", "conflict")]
        (found,) = await stored()
        assert found.version == 1


async def test_sums_that_do_not_add_up(portal: Portal, acme: Any) -> None:
    data = as_ubl(invoice()).replace(b">1210.00<", b">1310.00<")
    async with portal.work():
        received = await deliver(data)
        assert await stored() == []
        assert await problems() == [("f-1.xml", "sums")]
    assert received.result.outcome == "quarantined"
    assert str(received.result.reason) == (
        "The total without VAT and the VAT add up to €1,210.00, the invoice says €1,310.00."
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "The file is empty.", id="empty"),
        pytest.param(b"GIF89a", "neither a PDF nor an e-invoice", id="a picture"),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Invoice>&b;</Invoice>',
            "declares a document type",
            id="a bomb",
        ),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>',
            "declares a document type",
            id="an external entity",
        ),
    ],
)
async def test_what_is_hostile_or_no_document_is_refused_and_nothing_is_kept(
    portal: Portal, data: bytes, reason: str, tmp_path: Path
) -> None:
    async with portal.work():
        received = await deliver(data, "../../etc/x.xml")
        assert await problems() == []
        assert await stored() == []
    assert received.result.outcome == "refused"
    assert received.result.place == "x.xml"
    assert reason in str(received.result.reason)
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


async def test_broken_files_wait_with_their_reason(portal: Portal, acme: Any) -> None:
    async with portal.work():
        await deliver(as_facturx(invoice())[:900], "cut.pdf")
        await deliver(b"<Invoice><a></Invoice>", "torn.xml")
        await deliver(as_plain_pdf(invoice()), "plain.pdf")
        await deliver(as_ubl(invoice()).replace(b"<cbc:IssueDate>2026-11-02", b"<cbc:IssueDate>yesterday"), "day.xml")
        assert sorted(await problems()) == [
            ("cut.pdf", "truncated-pdf"),
            ("day.xml", "bad-date"),
            ("plain.pdf", "pdf-without-invoice"),
            ("torn.xml", "not-well-formed-xml"),
        ]


async def test_a_file_that_waits_is_not_asked_about_twice(portal: Portal) -> None:
    async with portal.work():
        first, again = await deliver_ubl(), await deliver_ubl()
        assert first.problem == again.problem
        assert len(await problems()) == 1


async def test_a_file_that_waits_is_taken_in_once_it_can_be(portal: Portal) -> None:
    async with portal.work():
        await deliver_ubl()
    await portal.customer("Acme SA", tax_id=TAX_ID)
    async with portal.work():
        assert (await deliver_ubl()).result.outcome == "created"
        assert await problems() == []


async def test_one_bad_file_disturbs_no_other(portal: Portal, acme: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    files = {
        "a.xml": as_ubl(invoice("F-1")),
        "b.xml": b"<broken",
        "c.gif": b"GIF89a",
        "d.pdf": as_facturx(invoice("F-2")),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    async with portal.work():
        results = [result async for result in import_files(files=sorted(folder.iterdir()))]
        assert [(result.place, result.outcome) for result in results] == [
            ("a.xml", "created"),
            ("b.xml", "quarantined"),
            ("c.gif", "refused"),
            ("d.pdf", "created"),
        ]
        run = await ImportRun.objects().first()
        assert run is not None
        assert (run.created, run.quarantined, run.refused, run.updated, run.unchanged) == (2, 1, 1, 0, 0)
        assert run.ended_at is not None
        assert [each.number for each in await stored()] == ["F-1", "F-2"]


async def test_an_import_that_was_killed_is_run_again(portal: Portal, acme: Any) -> None:
    """What was done stays, what was under way leaves nothing, and the second run does the rest."""

    class KilledError(Exception):
        pass

    async def killed() -> bytes:
        raise KilledError

    def items(last: Any) -> list[Item]:
        async def first() -> bytes:
            return as_ubl(invoice("F-1"))

        return [Item("1.xml", first), Item("2.xml", last)]

    async def second() -> bytes:
        return as_ubl(invoice("F-2"))

    async def run(last: Any) -> list[str]:
        async with imports.running(kind=KIND, way="command") as started:
            delivery: AsyncIterator[Any] = take_delivery(run=started, items=items(last))
            return [received.result.outcome async for received in delivery]

    with pytest.raises(KilledError):
        async with portal.work():
            await run(killed)
    async with portal.work():
        assert [each.number for each in await stored()] == ["F-1"]
        assert await run(second) == ["unchanged", "created"]
        assert [each.number for each in await stored()] == ["F-1", "F-2"]
        assert len(await activities("invoices.published")) == 2


async def test_two_deliveries_of_the_same_at_once(portal: Portal, acme: Any) -> None:
    async def one() -> str:
        async with portal.work():
            return (await deliver_ubl()).result.outcome

    outcomes = await asyncio.gather(*(one() for _ in range(4)))
    assert sorted(outcomes) == ["created", "unchanged", "unchanged", "unchanged"]


async def test_project_and_addressee_come_from_the_document(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    stranger = await portal.customer("Beta SL")
    await portal.contact("eva@beta.test", stranger)
    project = await portal.project(acme, "Nave")

    async with portal.work():
        await Project.update({Project.number: "P-77"}).where(Project.id == project.id)
        await deliver_ubl("F-1", project="P-77", buyer=replace(ACME, email="Ana@Acme.test"))
        await deliver_ubl("F-2", project="P-78", buyer=replace(ACME, email="eva@beta.test"))
        one, two = await stored()
    assert (one.project, one.addressee) == (project.id, ana.id)
    assert (two.project, two.addressee) == (None, None)


@pytest.mark.parametrize(
    ("own", "warnings"),
    [("B12345674", "[]"), ("ESB12345674", "[]"), ("B99999997", '["seller-is-not-tenant"]'), (None, "[]")],
)
async def test_a_seller_that_is_not_the_tenant_is_a_warning(
    portal: Portal, acme: Any, own: str | None, warnings: str
) -> None:

    with unscoped("tests set the tenant's tax number"):
        async with portal.work():
            await Tenant.update({Tenant.tax_id: own}).where(Tenant.id == portal.tenant.id)
            await raise_version(portal.tenant.id)
    async with portal.work():
        assert (await deliver_ubl()).result.outcome == "created"
        (found,) = await stored()
    assert found.warnings == warnings


async def test_credit_notes_count_against_what_is_due(portal: Portal, acme: Any) -> None:
    async with portal.work():
        await deliver_ubl("F-1", credit_note=True)
        (found,) = await stored()
    assert (found.document_type, found.gross, found.signed_gross, found.signed_due, found.payment_state) == (
        "credit_note",
        121_000,
        -121_000,
        -121_000,
        "pending",
    )


async def test_what_was_paid_before_counts(portal: Portal, acme: Any) -> None:
    async with portal.work():
        await deliver_ubl("F-1", paid="210.00")
        await deliver_ubl("F-2", paid="1210.00")
        found = await stored()
    assert [(each.paid, each.due, each.payment_state) for each in found] == [
        (21_000, 100_000, "partial"),
        (121_000, 0, "collected"),
    ]


async def test_a_key_of_the_tenants_own_system(portal: Portal, acme: Any) -> None:
    async with portal.work():
        await deliver(as_ubl(invoice("F-1")), external_id="erp-1")
        taken = await deliver(as_ubl(invoice("F-2")), external_id="erp-1")
        assert (taken.result.outcome, str(taken.result.reason)) == (
            "refused",
            "Another invoice has the key “erp-1” already.",
        )
        assert [each.number for each in await stored()] == ["F-1"]


async def test_nothing_is_published_before_somebody_says_so_where_the_tenant_wants_that(
    portal: Portal, acme: Any
) -> None:

    async with portal.work():
        await Answer.insert(Answer(key="invoices.publish_at_once", value="false"))
        await raise_version(portal.tenant.id)
    async with portal.work():
        assert (await deliver_ubl()).result.outcome == "created"
        (found,) = await stored()
        assert found.published_at is None
        assert await activities("invoices.published") == []


async def test_a_batch_is_taken_apart(portal: Portal) -> None:
    """Each invoice of it is decided on its own; the file stays whole."""
    await portal.customer("Cliente SA", tax_id="A11111111")
    wrong = {"InvoiceTotal": "131.00", "TotalOutstandingAmount": "131.00", "TotalExecutableAmount": "131.00"}
    data = facturae(
        facturae_invoice(number="1"), facturae_invoice(number="2", totals=wrong), facturae_invoice(number="3")
    )
    async with portal.work():
        assert await delivered(("lote.xsig", data)) == [
            ("lote.xsig", "created", UNHEARD),
            (
                "lote.xsig",
                "quarantined",
                "The total without VAT and the VAT add up to €121.00, the invoice says €131.00.",
            ),
            ("lote.xsig", "created", UNHEARD),
        ]
        assert [outcome for _, outcome, _ in await delivered(("lote.xsig", data))] == [
            "unchanged",
            "quarantined",
            "unchanged",
        ]
        assert await problems() == [("lote.xsig", "sums")]
        assert [(each.number, each.sha256) for each in await stored()] == [
            ("1", hashlib.sha256(data).hexdigest()),
            ("3", hashlib.sha256(data).hexdigest()),
        ]


async def test_a_new_buyer_of_two_deliveries_at_once_becomes_one_customer(portal: Portal) -> None:
    async def bring(number: str) -> None:
        async with portal.work():
            assert (await deliver(as_ubl(invoice(number)), create_customers=True)).result.outcome == "created"

    await asyncio.gather(*(bring(f"F-{number}") for number in range(4)))
    async with portal.work():
        assert await Customer.count() == 1
