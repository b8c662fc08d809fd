"""Pages of the back office: upload, quarantine, payment, publication; what is refused and in which words."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from core.db import count_queries
from core.records.tables import Activity
from core.sdk import imports
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.snapshot import raise_version
from plugins.invoices.demo_files import DemoParty, as_facturx, as_plain_pdf, as_ubl
from plugins.invoices.services import KIND
from plugins.invoices.staff_quarantine import _shown
from tests.plugins.invoices.made import deliver, deliver_ubl, invoice, stored
from tests.portal_fixtures import Browser, Portal, World

TAX_ID = "A58818501"
UPLOAD = "/staff/invoices/upload"
QUARANTINE = "/staff/invoices/quarantine"


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id=TAX_ID)


@pytest.fixture
async def desk(portal: Portal) -> Browser:
    return await portal.browser(await portal.staff("pilar@obrador.test"))


def files(*given: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, data, "application/octet-stream")) for name, data in given]


def results(page: str) -> list[tuple[str, str]]:
    """Name and state of each file on the page of an upload."""
    found = re.findall(r'<li class="result">.*?</li>', page, re.DOTALL)
    return [
        (
            re.sub(r"<[^>]+>", "", re.search(r'result-name"[^>]*>(.*?)</span>', row, re.DOTALL)[1]),  # type: ignore[index]  # there
            re.sub(r"<[^>]+>", "", re.search(r'class="chip"[^>]*>(.*?)</span>', row, re.DOTALL)[1]).strip(),  # type: ignore[index]  # there
        )
        for row in found
    ]


async def test_many_files_at_once(portal: Portal, acme: Any, desk: Browser) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "b">]><Invoice>&a;</Invoice>'
    page = await desk.post(
        UPLOAD,
        page=UPLOAD,
        files=files(
            ("one.xml", as_ubl(invoice("F-1"))),
            ("two.pdf", as_facturx(invoice("F-2"))),
            ("..\\..\\evil.xml", bomb),
            ("scan.pdf", as_plain_pdf(invoice("F-3"))),
            ("one again.xml", as_ubl(invoice("F-1"))),
            ("photo.jpg", b"\xff\xd8\xff"),
        ),
    )
    assert page.status_code == 200
    assert results(page.text) == [
        ("one.xml", "Published"),
        ("two.pdf", "Published"),
        ("evil.xml", "Refused"),
        ("scan.pdf", "Needs a decision"),
        ("one again.xml", "Here already"),
        ("photo.jpg", "Refused"),
    ]
    assert "declares a document type" in page.text
    async with portal.work():
        assert [each.number for each in await stored()] == ["F-1", "F-2"]


async def test_an_upload_makes_customers_only_when_told_to(portal: Portal, desk: Browser) -> None:
    for ticked, state in (({}, "Needs a decision"), ({"create_customers": "1"}, "Published")):
        page = await desk.post(UPLOAD, ticked, page=UPLOAD, files=files(("one.xml", as_ubl(invoice()))))
        assert results(page.text) == [("one.xml", state)]
    async with portal.work():
        assert await imports.open_problems(kind="invoices") == []


async def test_an_upload_of_nothing_says_so(portal: Portal, desk: Browser) -> None:
    page = await desk.post(UPLOAD, page=UPLOAD, files=files(("", b"")))
    assert page.status_code == 422
    assert "Choose at least one file." in page.text


async def test_an_upload_that_is_too_large_is_refused_in_words(portal: Portal, acme: Any, desk: Browser) -> None:
    async def nothing_stored() -> bool:
        async with portal.work():
            return await stored() == [] and await imports.open_problems(kind="invoices") == []

    heavy = files(("one.xml", as_ubl(invoice())), ("big.pdf", b"%PDF-1.7\n" + b"0" * (61 * 1024 * 1024)))
    page = await desk.post(UPLOAD, page=UPLOAD, files=heavy)
    assert page.status_code == 413
    assert "too large" in page.text.lower()
    assert await nothing_stored()


async def test_without_the_form_token_nothing_happens(portal: Portal, acme: Any, desk: Browser) -> None:
    response = await desk.client.post(UPLOAD, files=files(("one.xml", as_ubl(invoice()))))
    assert response.status_code == 403
    async with portal.work():
        assert await stored() == []


async def test_the_quarantine_says_why_and_offers_ways_out(portal: Portal, desk: Browser) -> None:
    async with portal.work():
        received = await deliver_ubl("F-1")
    page = (await desk.get(QUARANTINE)).text
    assert "The portal knows no customer that fits the buyer Acme SA (ESA58818501)." in page
    assert "€1,210.00" in page
    assert "Create this customer" in page
    one = f"{QUARANTINE}/{received.problem}"
    detail = await desk.get(one)
    assert detail.status_code == 200
    file = await desk.get(f"{one}/file")
    assert file.content == as_ubl(invoice("F-1"))
    assert 'attachment; filename="F-1.xml"' in file.headers["content-disposition"]
    done = await desk.post(f"{one}/create", page=one)
    assert done.status_code == 303
    async with portal.work():
        (found,) = await stored()
    assert done.headers["location"] == f"/staff/invoices/{found.id}"
    assert "Nothing waits for a decision" in (await desk.get(QUARANTINE)).text
    again = await desk.post(f"{one}/create", page=QUARANTINE.removesuffix("/quarantine") + "/upload")
    assert again.status_code == 409


async def test_staff_chooses_the_customer(portal: Portal, desk: Browser) -> None:
    beta = await portal.customer("Beta SL")
    async with portal.work():
        received = await deliver_ubl()
    one = f"{QUARANTINE}/{received.problem}"
    refused = await desk.post(f"{one}/customer", {"customer": str(uuid4())}, page=one)
    assert refused.status_code == 422
    empty = await desk.post(f"{one}/customer", {"customer": ""}, page=one)
    assert empty.status_code == 422
    done = await desk.post(f"{one}/customer", {"customer": str(beta.id)}, page=one)
    assert done.status_code == 303
    async with portal.work():
        assert [each.customer for each in await stored()] == [beta.id]


async def test_staff_types_figures_and_what_was_typed_is_kept(portal: Portal, acme: Any, desk: Browser) -> None:
    async with portal.work():
        received = await deliver(as_plain_pdf(invoice()), "scan.pdf")
    one = f"{QUARANTINE}/{received.problem}"
    typed = {
        "number": "F-77",
        "document_type": "invoice",
        "customer": str(acme.id),
        "issued_on": "2026-11-02",
        "due_on": "2026-12-02",
        "currency": "EUR",
        "net": "1,000.00",
        "vat_rate_1": "21 %",
        "vat_amount_1": "210",
        "gross": "1.300,00",
    }
    refused = await desk.post(f"{one}/figures", typed, page=one)
    assert refused.status_code == 422
    assert 'value="F-77"' in refused.text
    assert 'value="1.300,00"' in refused.text
    assert "€1,300.00" in refused.text
    done = await desk.post(f"{one}/figures", typed | {"gross": "1210"}, page=one)
    assert done.status_code == 303, done.text
    async with portal.work():
        (found,) = await stored()
    assert (found.number, found.net, found.vat, found.gross) == ("F-77", 100_000, 21_000, 121_000)


async def test_two_versions_are_decided(portal: Portal, acme: Any, desk: Browser) -> None:
    async with portal.work():
        await deliver_ubl("F-1")
        conflict = await deliver_ubl("F-1", note="second")
    one = f"{QUARANTINE}/{conflict.problem}"
    assert "Invoice F-1 is here already, with other content." in (await desk.get(one)).text
    done = await desk.post(f"{one}/replace", page=one)
    assert done.status_code == 303
    page = (await desk.get(done.headers["location"])).text
    assert "second" in page


async def test_a_payment_is_recorded_once_for_one_form(portal: Portal, acme: Any, desk: Browser) -> None:
    async with portal.work():
        received = await deliver_ubl()
    path = f"/staff/invoices/{received.invoice}"
    page = (await desk.get(path)).text
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    assert key is not None
    wrong = await desk.post(f"{path}/payments", {"amount": "lots", "paid_on": "2026-11-20", "key": key[1]}, page=path)
    assert wrong.status_code == 422
    assert 'value="lots"' in wrong.text
    for _ in range(2):
        done = await desk.post(
            f"{path}/payments", {"amount": "210.00", "paid_on": "2026-11-20", "key": key[1]}, page=path
        )
        assert done.status_code == 303
    async with portal.work():
        (found,) = await stored()
    assert (found.paid, found.payment_state) == (21_000, "partial")
    assert "Partly collected" in (await desk.get(path)).text


async def test_withdrawing_and_publishing(portal: Portal, acme: Any, desk: Browser) -> None:
    async with portal.work():
        received = await deliver_ubl()
    path = f"/staff/invoices/{received.invoice}"
    assert (await desk.post(f"{path}/withdraw", page=path)).status_code == 303
    assert (await desk.post(f"{path}/withdraw", page=path)).status_code == 409
    assert "Not published" in (await desk.get("/staff/invoices?period=all")).text
    assert (await desk.post(f"{path}/publish", page=path)).status_code == 303
    async with portal.work():
        (found,) = await stored()
        assert found.published_at is not None


async def test_ticked_invoices_are_published_together(portal: Portal, acme: Any, desk: Browser) -> None:

    async with portal.work():
        await Answer.insert(Answer(key="invoices.publish_at_once", value="false"))
        await raise_version(portal.tenant.id)
    async with portal.work():
        ids = [(await deliver_ubl(f"F-{number}")).invoice for number in (1, 2, 3)]
    done = await desk.post(
        "/staff/invoices/publish?for=all", {"id": [str(id) for id in ids[:2]]}, page="/staff/invoices/upload"
    )
    assert done.status_code == 303, done.text
    async with portal.work():
        assert [each.published_at is not None for each in await stored()] == [True, True, False]
        told = await Activity.select(Activity.data).where(Activity.kind == "invoices.published")
    assert [msgspec.json.decode(row["data"])["parts"] for row in told] == [2]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", UPLOAD),
        ("POST", UPLOAD),
        ("GET", QUARANTINE),
        ("GET", f"{QUARANTINE}/{{problem}}"),
        ("GET", f"{QUARANTINE}/{{problem}}/file"),
        ("POST", f"{QUARANTINE}/{{problem}}/discard"),
        ("POST", f"{QUARANTINE}/{{problem}}/create"),
        ("GET", "/staff/invoices"),
        ("GET", "/staff/invoices/{invoice}"),
        ("POST", "/staff/invoices/{invoice}/payments"),
        ("POST", "/staff/invoices/{invoice}/withdraw"),
    ],
)
async def test_contacts_and_other_offices_have_no_business_here(world: World, method: str, path: str) -> None:
    acme = await world.first.customer("Acme SA", tax_id=TAX_ID)
    async with world.first.work():
        received = await deliver_ubl("CANARY")
        waiting = await deliver_ubl("CANARY-2", buyer=invoice().seller)
    path = path.format(invoice=received.invoice, problem=waiting.problem)
    contact = await world.first.browser(await world.first.contact("ana@acme.test", acme))
    stranger = await world.second.browser(await world.second.staff("luc@lumiere.test"))
    for browser in (contact, stranger):
        response = await browser.get(path) if method == "GET" else await browser.post(path)
        assert "CANARY" not in response.text
        if browser is contact or "{" in path or str(received.invoice) in path or str(waiting.problem) in path:
            assert response.status_code in {403, 404}
    async with world.first.work():
        (found,) = await stored()
        assert (found.published_at is not None, found.version) == (True, 1)
        assert len(await imports.open_problems(kind="invoices")) == 1


async def test_the_quarantine_costs_the_same_however_much_waits(portal: Portal) -> None:
    for name in ("Acme uno", "Acme dos"):
        await portal.customer(name)
    async with portal.work():
        for number in range(5):
            buyer = DemoParty(name=f"Acme {number}")
            await deliver(as_ubl(invoice(f"F-{number}", buyer=buyer)), f"{number}.xml")
        problems = await imports.open_problems(kind=KIND)
        with count_queries() as counter:
            shown = await _shown(problems)
    assert [[each["name"] for each in item["candidates"]] for item in shown] == [["Acme uno", "Acme dos"]] * 5
    assert counter.value == 1
