"""What the contacts are told: once, in their language, number and date and no amount; many at once in one mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.clock import later, now
from core.messages.transport import KeptMail, read_mailbox
from core.messages.worker import drain
from core.people.tables import Person
from core.sdk import imports
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.services import raise_version
from plugins.invoices.demo_files import as_ubl
from plugins.invoices.services import KIND, publish_invoice, receive_file, withdraw_invoice
from tests.plugins.invoices.made import deliver_ubl, invoice, stored
from tests.portal_fixtures import Portal

TAX_ID = "A58818501"


async def mails() -> list[KeptMail]:
    """What the worker has sent so far."""
    with later(timedelta(minutes=10)):
        await drain()
    return sorted(read_mailbox(), key=lambda mail: mail.recipient)


async def named(portal: Portal, title: str) -> None:
    async with portal.work():
        await Answer.insert(Answer(key="brand.portal_title", value=f'"{title}"'))
        await raise_version(portal.tenant.id)


async def test_a_new_invoice_is_told_once_in_the_readers_language(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    beta = await portal.customer("Beta SL")
    await named(portal, "Link Customer Portal Web")
    await portal.contact("ana@acme.test", acme, language="es")
    await portal.contact("joe@acme.test", acme, language="en")
    await portal.contact("basic@acme.test", acme, role="basic")
    await portal.contact("eva@beta.test", beta)
    async with portal.work():
        received = await deliver_ubl("F-1")
        await deliver_ubl("F-1")
        (found,) = await stored()
        await withdraw_invoice(invoice=found)
        await publish_invoice(invoice=found)
    spanish, english = await mails()
    assert (spanish.recipient, spanish.subject) == (
        "Ana Prueba <ana@acme.test>",
        "Nueva Factura disponible en Link Customer Portal Web",
    )
    assert (english.recipient, english.subject) == (
        "Ana Prueba <joe@acme.test>",
        "New invoice available in Link Customer Portal Web",
    )
    body = spanish.text
    assert "F-1" in body
    assert "02/11/2026" in body
    assert "Ver factura" in body
    assert f"http://{portal.host}/invoices/{received.invoice}" in body
    for secret in ("1.210", "1210", "A58818501", "Consulting"):
        assert secret not in spanish.text + spanish.html


async def test_an_import_of_many_is_one_mail(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    await portal.contact("ana@acme.test", acme, language="es")
    async with portal.work(), imports.running(kind=KIND, way="command") as run:
        for number in range(12):
            await receive_file(run=run, name=f"{number}.xml", data=as_ubl(invoice(f"F-{number}")))
    (mail,) = await mails()
    assert mail.subject.startswith("12 ")
    assert all(f"F-{number}" in mail.text for number in range(12))


async def test_the_first_invoice_invites_who_has_no_access_yet(portal: Portal) -> None:
    """Once, and without word of the invoice: the invitation is the first thing a new contact gets."""
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    await named(portal, "Link Customer Portal Web")
    async with portal.work():
        await Answer.insert(Answer(key="accounts.auto_invite_on", value='"first_document"'))
        await raise_version(portal.tenant.id)
    ana = await portal.contact("ana@acme.test", acme, language="es", state="address_book")
    silent: Any = await portal.contact("x@acme.test", acme, state="address_book")
    async with portal.work():
        await Person.update({Person.email: None, Person.email_folded: None}).where(Person.id == silent.id)
        await deliver_ubl("F-1")
    (mail,) = await mails()
    assert (mail.recipient, mail.subject) == ("Ana Prueba <ana@acme.test>", "Alta en Link Customer Portal Web")
    async with portal.work():
        await deliver_ubl("F-2")
        await deliver_ubl("F-3")
        row = await Person.select(Person.state, Person.invited_at).where(Person.id == ana.id).first()
    assert len(await mails()) == 1
    assert row is not None
    assert row["state"] == "invited"
    assert row["invited_at"] <= now() + timedelta(minutes=11)
