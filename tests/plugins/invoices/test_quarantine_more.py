"""Quarantine: taking back what was discarded, finding one of thousands of customers, and who may make new ones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from core.clock import later
from core.db import insert_many, transaction, uuid7
from core.people.tables import Customer, Role
from core.sdk import imports
from core.tenancy.snapshot import raise_version
from core.text import fold
from plugins.invoices.demo_files import as_plain_pdf, as_ubl
from plugins.invoices.services import KIND
from tests.plugins.invoices.made import activities, deliver, deliver_ubl, invoice, stored
from tests.portal_fixtures import Browser, Portal

QUARANTINE = "/staff/invoices/quarantine"
MANY = 1_500


@pytest.fixture
async def desk(portal: Portal) -> Browser:
    return await portal.browser(await portal.staff("pilar@obrador.test"))


async def waiting(portal: Portal, number: str = "F-1") -> Any:
    async with portal.work():
        received = await deliver_ubl(number)
    assert received.problem is not None
    return received.problem


async def test_a_discarded_file_can_be_taken_back(portal: Portal, desk: Browser) -> None:
    problem = await waiting(portal)
    await desk.post(f"{QUARANTINE}/{problem}/discard", page=QUARANTINE)
    assert "F-1.xml" not in (await desk.get(QUARANTINE)).text
    listed = await desk.get(f"{QUARANTINE}?show=discarded")
    assert "F-1.xml" in listed.text
    assert f"{QUARANTINE}/{problem}/take-back" in listed.text
    done = await desk.post(f"{QUARANTINE}/{problem}/take-back", page=QUARANTINE)
    assert (done.status_code, done.headers["location"]) == (303, f"{QUARANTINE}/{problem}")
    assert (await desk.post(f"{QUARANTINE}/{problem}/take-back", page=QUARANTINE)).status_code == 409
    assert "F-1.xml" in (await desk.get(QUARANTINE)).text
    assert "No discarded files" in (await desk.get(f"{QUARANTINE}?show=discarded")).text
    async with portal.work():
        assert [row["data"] for row in await activities("invoices.taken_back")] == [{"name": "F-1.xml"}]
    created = await desk.post(f"{QUARANTINE}/{problem}/create", page=QUARANTINE)
    assert created.status_code == 303
    async with portal.work():
        assert [each.number for each in await stored()] == ["F-1"]


async def test_after_three_months_it_stays_discarded(portal: Portal, desk: Browser) -> None:
    problem = await waiting(portal)
    await desk.post(f"{QUARANTINE}/{problem}/discard", page=QUARANTINE)
    with later(timedelta(days=91)):
        desk = await portal.browser(await portal.staff("late@obrador.test"))
        assert "F-1.xml" not in (await desk.get(f"{QUARANTINE}?show=discarded")).text
        assert (await desk.post(f"{QUARANTINE}/{problem}/take-back", page=QUARANTINE)).status_code == 409


async def crowd(portal: Portal) -> Customer:
    """Fifteen hundred customers, and one more whose name comes last."""
    rows = [
        {"id": uuid7(), "tenant": portal.tenant.id, "name": f"Cliente {n:04}", "name_folded": f"cliente {n:04}"}
        for n in range(MANY)
    ]
    async with portal.work(), transaction():
        await insert_many(Customer, rows)
    return await portal.customer("Zúñiga e Hijos", tax_id="B66666668", number="K-7")


async def test_any_of_thousands_of_customers_is_found_without_javascript(portal: Portal, desk: Browser) -> None:
    wanted = await crowd(portal)
    problem = await waiting(portal)
    page = await desk.get(f"{QUARANTINE}/{problem}")
    assert len(re.findall("<option", page.text)) < 100
    for text in ("zuniga", "B6666", "K-7"):
        found = await desk.post(
            f"{QUARANTINE}/{problem}/customer", {"go": "find", "customer_search": text}, page=QUARANTINE
        )
        assert found.status_code == 200
        assert f'<option selected value="{wanted.id}">' in found.text
        answer = (await desk.get(f"{QUARANTINE}/customers?q={text}")).json()
        assert [one["value"] for one in answer] == [str(wanted.id)]
    done = await desk.post(f"{QUARANTINE}/{problem}/customer", {"customer": str(wanted.id)}, page=QUARANTINE)
    assert done.status_code == 303
    async with portal.work():
        assert [each.customer for each in await stored()] == [wanted.id]


async def test_looking_for_a_customer_keeps_what_was_typed(portal: Portal, desk: Browser) -> None:
    wanted = await crowd(portal)
    async with portal.work():
        problem = (await deliver(as_plain_pdf(invoice()), "scan.pdf")).problem
    typed = {"number": "S-9", "net": "100,00", "gross": "121,00", "customer_search": "zuniga", "go": "find"}
    found = await desk.post(f"{QUARANTINE}/{problem}/figures", typed, page=QUARANTINE)
    assert found.status_code == 200
    assert f'<option selected value="{wanted.id}">' in found.text
    assert 'value="S-9"' in found.text
    assert "field-error" not in found.text


async def test_figures_are_typed_in_the_currency_of_the_document(portal: Portal, desk: Browser) -> None:
    acme = await portal.customer("Acme SA", tax_id="A58818501")
    wrong = as_ubl(invoice(currency="AUD")).replace(b">1210.00<", b">1211.00<")
    async with portal.work():
        problem = (await deliver(wrong)).problem
    page = await desk.get(f"{QUARANTINE}/{problem}")
    assert '<option selected value="AUD">' in page.text
    figures = {"number": "F-1", "document_type": "invoice", "customer": str(acme.id), "issued_on": "2026-11-02"}
    money = {"currency": "AUD", "net": "1000.00", "vat_rate_1": "21", "vat_amount_1": "210.00", "gross": "1210.00"}
    done = await desk.post(f"{QUARANTINE}/{problem}/figures", {**figures, **money}, page=QUARANTINE)
    assert done.status_code == 303, done.text
    async with portal.work():
        assert [(each.currency, each.gross) for each in await stored()] == [("AUD", 121_000)]


@pytest.mark.parametrize("value", ["", "nonsense", "01a2006a-eb3c-7dc1-86d8-2213b92359e1"])
async def test_no_other_customer_is_taken(portal: Portal, desk: Browser, value: str) -> None:
    problem = await waiting(portal)
    refused = await desk.post(f"{QUARANTINE}/{problem}/customer", {"customer": value}, page=QUARANTINE)
    assert refused.status_code == 422
    async with portal.work():
        assert await stored() == []


async def test_deciding_alone_makes_no_customers(portal: Portal) -> None:
    clerk = await portal.staff("clerk@obrador.test", role="clerk")
    async with portal.work():
        role = await Role.objects().where(Role.key == "clerk").first()
        assert role is not None
        await _without(role, "core:customer:manage")
        await raise_version(portal.tenant.id)
    desk = await portal.browser(clerk)
    problem = await waiting(portal)
    assert "Create this customer" not in (await desk.get(QUARANTINE)).text
    assert (await desk.post(f"{QUARANTINE}/{problem}/create", page=QUARANTINE)).status_code == 403
    upload = await desk.get("/staff/invoices/upload")
    assert "create_customers" not in upload.text
    sent = await desk.post(
        "/staff/invoices/upload",
        {"create_customers": "1"},
        page="/staff/invoices/upload",
        files={"files": ("a.xml", b"<a/>", "text/xml")},
    )
    assert sent.status_code == 403
    async with portal.work():
        assert await Customer.count().where(Customer.name_folded == fold("Acme SA")) == 0
        assert len(await imports.open_problems(kind=KIND)) == 1


async def _without(role: Role, permission: str) -> None:
    grants = {key: reach for key, reach in msgspec.json.decode(role.grants).items() if key != permission}
    await Role.update({Role.grants: msgspec.json.encode(grants).decode()}).where(Role.id == role.id)
