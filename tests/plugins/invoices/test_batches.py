"""A Facturae batch: whoever sees one of its invoices must learn nothing of the others."""

from __future__ import annotations

from typing import Any

from core.records.tables import File
from core.sdk import imports
from plugins.invoices.reading import read_invoices
from plugins.invoices.services import KIND, Decision, decide, receive_file
from tests.plugins.invoices.made import stored
from tests.plugins.invoices.reading.suite.as_facturae import Spanish, facturae
from tests.plugins.invoices.reading.suite.paper import Entry, Paper, Who
from tests.portal_fixtures import Portal

SELLER = Who(name="Obrador Temporal SL", tax_id="ESB12345674")
BUYER = Who(name="Acme SA", tax_id="ESA58818501")
SECRETS = ("CANARY", "77777.77", "94111.10", "94232.10", "TotalInvoicesAmount", "SignatureValue", "Batch")


def batch(buyer: Who = BUYER) -> bytes:
    papers = (
        Paper(number="F-1", seller=SELLER, buyer=buyer),
        Paper(number="CANARY-2", seller=SELLER, buyer=buyer, entries=(Entry(name="CANARY work", price="77777.77"),)),
    )
    return facturae(*((paper, Spanish()) for paper in papers))


async def received(portal: Portal, data: bytes) -> list[Any]:
    async with portal.work(), imports.running(kind=KIND, way="command") as run:
        return await receive_file(run=run, name="lote.xsig", data=data)


async def files(portal: Portal, invoice: Any) -> dict[str, File]:
    async with portal.work():
        return {file.role: file for file in await File.objects().where(File.record == invoice)}


async def test_a_contact_gets_the_part_that_is_hers(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id="A58818501")
    own = await portal.contact("own@acme.test", acme, reach="own")
    boss = await portal.contact("ana@acme.test", acme)
    first, second = await received(portal, batch())
    desk = await portal.browser(await portal.staff("pilar@obrador.test"))
    form = f"/staff/invoices/{first.invoice}/assign"
    await desk.post(form, {"project": "", "addressee": str(own.id), "version": "1"}, page=form)
    kept = await files(portal, first.invoice)
    assert {role: file.internal for role, file in kept.items()} == {"original": True, "xml": False}
    for person, pages in ((own, (200, 404)), (boss, (200, 200))):
        browser = await portal.browser(person)
        shown = [await browser.get(f"/invoices/{each.invoice}") for each in (first, second)]
        assert tuple(page.status_code for page in shown) == pages
        assert "The invoice came in one file with others" in shown[0].text
        assert str(kept["original"].id) not in shown[0].text
        assert (await browser.get(f"/files/{kept['original'].id}")).status_code == 404
        part = await browser.get(f"/files/{kept['xml'].id}")
        assert part.status_code == 200
        assert [secret for secret in SECRETS if secret.encode() in part.content] == []
        (alone,) = read_invoices(part.content, name="part.xml")
        assert (alone.number, alone.totals.gross, alone.buyer.name) == ("F-1", 12100, "Acme SA")
        for path in (f"/invoices/{first.invoice}", f"/invoices/{first.invoice}/print"):
            assert "CANARY" not in (await browser.get(path)).text
    original = await desk.get(f"/files/{kept['original'].id}")
    assert original.content == batch()


async def test_staff_may_take_the_parts_for_different_customers(portal: Portal) -> None:
    acme, beta = await portal.customer("Acme SA"), await portal.customer("Beta SL")
    eva = await portal.contact("eva@beta.test", beta)
    first, second = await received(portal, batch(Who(name="Unknown", tax_id="B99999990")))
    async with portal.work():
        await decide(problem=first.problem, decision=Decision(customer=beta.id))
        with_alias = await decide(problem=second.problem, decision=Decision(customer=acme.id))
        mine, other = await stored()
    assert (mine.customer, other.customer, with_alias.result.outcome) == (beta.id, acme.id, "created")
    browser = await portal.browser(eva)
    for invoice, status in ((mine.id, 200), (other.id, 404)):
        for role, file in (await files(portal, invoice)).items():
            answer = await browser.get(f"/files/{file.id}")
            assert answer.status_code == (status if role == "xml" else 404)
            assert b"CANARY" not in answer.content


async def test_the_same_batch_again_changes_nothing(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    await received(portal, batch())
    again = await received(portal, batch())
    assert [each.result.outcome for each in again] == ["unchanged", "unchanged"]
    async with portal.work():
        assert len(await stored()) == 2


async def test_a_file_of_one_is_given_as_it_came(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id="A58818501")
    data = facturae((Paper(number="F-1", seller=SELLER, buyer=BUYER), Spanish()))
    (one,) = await received(portal, data)
    kept = await files(portal, one.invoice)
    browser = await portal.browser(await portal.contact("ana@acme.test", acme))
    assert list(kept) == ["original"]
    assert (await browser.get(f"/files/{kept['original'].id}")).content == data
