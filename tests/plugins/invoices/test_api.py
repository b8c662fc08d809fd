"""The API: with a key of the right permissions, and without."""

from __future__ import annotations

from typing import Any

import pytest

from core.accounts.api_keys import create_api_key
from plugins.invoices.demo_files import as_facturx, as_ubl
from plugins.invoices.permissions import COLLECT, PUBLISH, STAFF_VIEW
from tests.plugins.invoices.made import UNHEARD, deliver_ubl, invoice, stored
from tests.portal_fixtures import Portal, World

BASE = "/api/v1/invoices"


async def key_of(portal: Portal, *permissions: str) -> dict[str, str]:
    async with portal.work():
        return {"authorization": f"Bearer {await create_api_key(name='ERP', permissions=permissions)}"}


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id="A58818501")


async def test_an_invoice_goes_in_and_comes_out(portal: Portal, acme: Any) -> None:
    headers = await key_of(portal, STAFF_VIEW, PUBLISH, COLLECT)
    client = (await portal.browser()).client
    taken = await client.post(
        f"{BASE}?name=f.xml&external_id=erp-1",
        content=as_ubl(invoice()),
        headers={**headers, "content-type": "application/xml"},
    )
    assert taken.status_code == 201, taken.text
    (result,) = taken.json()["results"]
    assert (result["name"], result["outcome"], result["reason"]) == ("f.xml", "created", UNHEARD)
    one = await client.get(f"{BASE}/{result['invoice']}", headers=headers)
    assert one.status_code == 200
    shown = one.json()
    del shown["created_at"]
    assert shown == {
        "id": result["invoice"],
        "external_id": "erp-1",
        "customer": str(acme.id),
        "project": None,
        "document_type": "invoice",
        "number": "F-1",
        "issued_on": "2026-11-02",
        "due_on": "2026-12-02",
        "currency": "EUR",
        "net": "1000.00",
        "vat": "210.00",
        "gross": "1210.00",
        "paid": "0.00",
        "due": "1210.00",
        "payment_state": "pending",
        "published": True,
        "version": 1,
    }
    again = await client.post(f"{BASE}?name=f.xml", content=as_ubl(invoice()), headers=headers)
    assert (again.status_code, again.json()["results"][0]["outcome"]) == (200, "unchanged")


async def test_several_files_in_one_request(portal: Portal, acme: Any) -> None:
    headers = await key_of(portal, PUBLISH)
    client = (await portal.browser()).client
    sent = {"a": ("a.xml", as_ubl(invoice("F-1"))), "b": ("b.pdf", as_facturx(invoice("F-2"))), "c": ("c.gif", b"GIF")}
    taken = await client.post(BASE, files=sent, headers=headers)
    assert taken.status_code == 201, taken.text
    assert [(each["name"], each["outcome"]) for each in taken.json()["results"]] == [
        ("a.xml", "created"),
        ("b.pdf", "created"),
        ("c.gif", "refused"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [(b"<broken", 202, "quarantined"), (b"GIF89a", 422, "refused")],
)
async def test_what_is_not_taken_in_is_said(portal: Portal, acme: Any, body: bytes, status: int, outcome: str) -> None:
    headers = await key_of(portal, PUBLISH)
    taken = await (await portal.browser()).client.post(f"{BASE}?name=x", content=body, headers=headers)
    assert taken.status_code == status
    (result,) = taken.json()["results"]
    assert (result["outcome"], bool(result["reason"])) == (outcome, True)


async def test_an_empty_request_is_refused(portal: Portal) -> None:
    headers = await key_of(portal, PUBLISH)
    taken = await (await portal.browser()).client.post(BASE, headers=headers)
    assert taken.status_code == 422
    assert taken.headers["content-type"] == "application/problem+json"


async def test_payments_come_by_key_once(portal: Portal, acme: Any) -> None:
    headers = await key_of(portal, COLLECT, STAFF_VIEW)
    client = (await portal.browser()).client
    async with portal.work():
        id = (await deliver_ubl()).invoice
    payment = {"amount": "210.00", "paid_on": "2026-11-20", "external_id": "bank-1"}
    for _ in range(2):
        paid = await client.post(f"{BASE}/{id}/payments", json=payment, headers=headers)
        assert paid.status_code == 200, paid.text
        assert (paid.json()["paid"], paid.json()["due"], paid.json()["payment_state"]) == (
            "210.00",
            "1000.00",
            "partial",
        )
    other = await client.post(f"{BASE}/{id}/payments", json=payment | {"amount": "1"}, headers=headers)
    assert other.status_code == 409
    whole = await client.post(f"{BASE}/{id}/paid", json={"paid": "1210"}, headers=headers)
    assert (whole.status_code, whole.json()["payment_state"]) == (200, "collected")
    for wrong in ("0", "-5", "1.234", "NaN", "lots", "1e30"):
        refused = await client.post(f"{BASE}/{id}/payments", json=payment | {"amount": wrong}, headers=headers)
        assert refused.status_code in {409, 422}, wrong
    odd = await client.post(f"{BASE}/{id}/payments", json={"amount": 5, "paid_on": "2026-11-21"}, headers=headers)
    assert (odd.status_code, odd.json()["errors"]) == (400, ["amount: Expected `str`, got `int`"])


async def test_pages_of_the_list(portal: Portal, acme: Any) -> None:
    headers = await key_of(portal, STAFF_VIEW)
    client = (await portal.browser()).client
    async with portal.work():
        for number in range(5):
            await deliver_ubl(f"F-{number}")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        query = f"?limit=2&after={after}" if after else "?limit=2"
        found = (await client.get(BASE + query, headers=headers)).json()
        seen += [each["number"] for each in found["invoices"]]
        after = found["after"]
    assert seen == ["F-4", "F-3", "F-2", "F-1", "F-0"]
    one = (await client.get(f"{BASE}?number=F-3", headers=headers)).json()
    assert [each["number"] for each in one["invoices"]] == ["F-3"]


async def test_a_key_does_what_it_may_and_where(world: World) -> None:
    await world.first.customer("Acme SA", tax_id="A58818501")
    async with world.first.work():
        id = (await deliver_ubl("CANARY")).invoice
    client = (await world.first.browser()).client
    other = (await world.second.browser()).client
    viewer = await key_of(world.first, STAFF_VIEW)
    foreign = await key_of(world.second, STAFF_VIEW, PUBLISH, COLLECT)
    answers = [
        (await client.get(f"{BASE}/{id}"), 401),
        (await client.get(f"{BASE}/{id}", headers={"authorization": "Bearer portico_nonsense"}), 401),
        (await client.get(f"{BASE}/{id}", headers=foreign), 401),
        (await other.get(f"{BASE}/{id}", headers=foreign), 404),
        (await other.post(f"{BASE}/{id}/paid", json={"paid": "1"}, headers=foreign), 404),
        (await client.post(BASE, content=b"<x/>", headers=viewer), 403),
        (await client.post(f"{BASE}/{id}/paid", json={"paid": "1"}, headers=viewer), 403),
        (await client.get(f"{BASE}/not-an-id", headers=viewer), 404),
    ]
    for answer, status in answers:
        assert answer.status_code == status, answer.request.url
        assert "CANARY" not in answer.text
    async with world.first.work():
        (found,) = await stored()
    assert found.paid == 0


async def test_the_schema_tells_of_it(portal: Portal) -> None:
    schema = (await (await portal.browser()).client.get("/api/schema/openapi.json")).json()
    assert {"/api/v1/invoices", "/api/v1/invoices/{invoice}/payments", "/api/v1/invoices/{invoice}/paid"} <= set(
        schema["paths"]
    )
