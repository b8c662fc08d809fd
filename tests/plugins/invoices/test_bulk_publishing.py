"""Many invoices published at once: one activity, one mail per person, a bounded number of statements."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from core.clock import later
from core.db import count_queries, insert_many, transaction, uuid7
from core.messages.transport import read_mailbox
from core.messages.worker import drain
from core.people.actor import acting_as
from core.people.tables import Customer, Person, Project
from core.records.audiences import audiences
from core.records.kinds import audience
from core.records.tables import ActivityPart
from core.sdk import beyond_reach, imports
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.snapshot import raise_version
from plugins.invoices.services import publish_invoices, publishing, withdraw_invoice
from plugins.invoices.tables import Content, Invoice
from tests.plugins.invoices.made import activities, stored
from tests.portal_fixtures import Browser, Portal

MANY = 2_000


@pytest.fixture
async def desk(portal: Portal) -> Browser:
    return await portal.browser(await portal.staff("pilar@obrador.test"))


async def waiting(
    portal: Portal,
    customer: Customer,
    count: int,
    *,
    prefix: str = "F",
    kind: str = "invoice",
    project: Project | None = None,
    addressee: Person | None = None,
) -> list[UUID]:
    """Put invoices down that wait for publication: the rows alone, for there are many."""
    rows = [
        {
            "id": uuid7(),
            "tenant": portal.tenant.id,
            "customer": customer.id,
            "project": project.id if project else None,
            "addressee": addressee.id if addressee else None,
            "document_type": kind,
            "number": f"{prefix}-{n}",
            "number_folded": f"{prefix}-{n}".casefold(),
            "seller_key": "tax:ES:B1",
            "seller_name": "Obrador",
            "issued_on": date(2026, 11, 2),
            "issue_year": 2026,
            "due_on": None,
            "currency": "EUR",
            **dict.fromkeys(("net", "gross", "due", "signed_gross", "signed_due"), 100),
            **dict.fromkeys(("vat", "paid"), 0),
            "source_format": "ubl",
            "sha256": "0" * 64,
        }
        for n in range(count)
    ]
    async with portal.work(), transaction():
        await insert_many(Invoice, rows)
        for row in rows[:1]:
            await Content.insert(Content(invoice=row["id"], data="{}"))
    return [row["id"] for row in rows]


async def sent() -> list[Any]:
    with later(timedelta(minutes=10)):
        await drain()
    return sorted(read_mailbox(), key=lambda mail: mail.recipient)


async def test_two_thousand_are_one_activity_and_one_mail_each(portal: Portal, desk: Browser) -> None:
    acme, beta = await portal.customer("Acme SA"), await portal.customer("Beta SL")
    tower = await portal.project(acme, "Tower")
    ana = await portal.contact("ana@acme.test", acme, language="es")
    own = await portal.contact("own@acme.test", acme, reach="own", name="Olga Own")
    await portal.contact("tower@acme.test", acme, reach="projects", projects=(tower,), name="Tom Tower")
    await portal.contact("eva@beta.test", beta, name="Eva Beta")
    await portal.contact("none@beta.test", beta, role="basic", name="Nobody")
    ids = await waiting(portal, acme, MANY - 6)
    ids += await waiting(portal, acme, 2, prefix="T", project=tower)
    ids += await waiting(portal, acme, 1, prefix="O", addressee=own)
    ids += await waiting(portal, beta, 3, prefix="B")
    with count_queries() as counter:
        done = await desk.post(
            "/staff/invoices/publish?for=all", {"id": [str(id) for id in ids]}, page="/staff/invoices/upload"
        )
    assert done.status_code == 303, done.text
    assert counter.value < 60
    assert "2,000 invoices published." in (await desk.get("/staff/invoices")).text
    async with portal.work():
        assert [each.published_at is not None for each in await stored()] == [True] * MANY
        (told,) = await activities("invoices.published")
        digest = sha256("\n".join(sorted(str(id) for id in ids)).encode()).hexdigest()
        assert told == {"record": None, "customer": None, "data": {"parts": MANY, "digest": digest}}
        assert await ActivityPart.count() == MANY
    mails = await sent()
    assert [(mail.recipient, mail.subject.split(" ", 1)[0]) for mail in mails] == [
        ("Ana Prueba <ana@acme.test>", "1997"),
        ("Eva Beta <eva@beta.test>", "3"),
        ("Olga Own <own@acme.test>", "New"),
        ("Tom Tower <tower@acme.test>", "2"),
    ]
    assert "B-0" in mails[1].text
    assert "O-0" in mails[2].text
    assert [number for number in ("F-0", "T-0", "T-1", "B-0", "O-0") if number in mails[3].text] == ["T-0", "T-1"]
    page = await (await portal.browser(ana)).get(f"/invoices/{ids[0]}")
    assert page.status_code == 200
    assert "Se ha publicado la factura F-0" in page.text


async def test_the_bell_counts_what_its_reader_sees_now(portal: Portal, desk: Browser) -> None:
    acme = await portal.customer("Acme SA")
    ana = await portal.contact("ana@acme.test", acme)
    ids = await waiting(portal, acme, 3)
    async with portal.work():
        await publish_invoices(invoices=ids)
    await sent()
    bell = await portal.browser(ana)
    assert "3 new invoices available in" in (await bell.get("/notifications")).text
    async with portal.work():
        (first, second, _) = await stored()
        await withdraw_invoice(invoice=first)
    assert "2 new invoices available in" in (await bell.get("/notifications")).text
    async with portal.work():
        await withdraw_invoice(invoice=second)
    alone = (await bell.get("/notifications")).text
    assert "Invoice F-2 was published" in alone
    assert "F-0" not in alone


async def test_credit_notes_and_what_is_shown_again_are_told_as_such(portal: Portal) -> None:
    acme = await portal.customer("Acme SA")
    await portal.contact("ana@acme.test", acme)
    ids = await waiting(portal, acme, 3) + await waiting(portal, acme, 1, prefix="A", kind="credit_note")
    async with portal.work():
        told = await publish_invoices(invoices=ids)
        assert (told.done, told.unheard, told.left) == (4, 0, 0)
        for each in await stored():
            await withdraw_invoice(invoice=each)
        again = await publish_invoices(invoices=ids)
        assert (again.done, again.left) == (4, 0)
        written = {
            kind: [row["data"].get("parts") for row in await activities(f"invoices.{kind}")]
            for kind in ("published", "credited", "restored")
        }
    assert written == {"published": [3], "credited": [None], "restored": [4]}
    assert [mail.subject for mail in await sent()] == [
        "New credit note available in Obrador Temporal",
        "3 new invoices available in Obrador Temporal",
    ]


async def test_more_than_fit_into_one_transaction_wait(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MOST", 4)
    acme = await portal.customer("Acme SA")
    ids = await waiting(portal, acme, 6)
    async with portal.work():
        assert (await publish_invoices(invoices=ids)).left == 2
        assert sum(each.published_at is not None for each in await stored()) == 4
        assert (await publish_invoices(invoices=ids)).done == 2
        assert (await publish_invoices(invoices=ids)).done == 0


async def test_the_first_document_invites_once(portal: Portal) -> None:
    acme = await portal.customer("Acme SA")
    async with portal.work():
        await Answer.insert(Answer(key="accounts.auto_invite_on", value='"first_document"'))
        await raise_version(portal.tenant.id)
    await portal.contact("ana@acme.test", acme, state="address_book")
    ids = await waiting(portal, acme, 5)
    async with portal.work():
        assert (await publish_invoices(invoices=ids)).unheard == 0
    assert len(await sent()) == 1


async def test_many_at_once_have_the_same_audience_as_each_alone(portal: Portal) -> None:
    acme, beta = await portal.customer("Acme SA"), await portal.customer("Beta SL")
    tower = await portal.project(acme, "Tower")
    own = await portal.contact("own@acme.test", acme, reach="own")
    await portal.contact("tower@acme.test", acme, reach="projects", projects=(tower,))
    await portal.contact("both@acme.test", acme, beta)
    await portal.contact("off@beta.test", beta, state="deactivated")
    ids = await waiting(portal, acme, 2)
    ids += await waiting(portal, acme, 2, prefix="T", project=tower)
    ids += await waiting(portal, acme, 2, prefix="O", addressee=own)
    ids += await waiting(portal, beta, 2, prefix="B")
    async with portal.work():
        await publish_invoices(invoices=ids[:-1])
        many = await audiences(Invoice, ids)
        with acting_as(None), beyond_reach("tests look behind"):
            each = {row.id: set(await audience(row)) for row in await stored()}
        assert {id: {person for person, seen in many.items() if id in seen} for id in ids} == each
        assert await imports.unheard_among(Invoice, ids[:-1]) == set()
