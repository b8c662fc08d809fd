"""From an activity to a mail in a real SMTP receiver, on both databases."""

from __future__ import annotations

from datetime import timedelta
from email.header import decode_header
from typing import Any

import pytest

import core.accounts.mails  # noqa: F401 -- registers the links
from core.clock import later, now
from core.db import fetch, transaction
from core.i18n import catalogues
from core.imports.tables import ImportRun
from core.messages.fan_out import _LATELY, fan_out, gather
from core.messages.queue import Work
from core.messages.tables import Mail, MailChoice, Notice
from core.messages.worker import drain, run_once
from core.people.actor import Actor, ActorKind, acting_as
from core.people.tables import Membership, Person
from core.records.activity import write_activity
from core.rendering import load_templates
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import load_snapshot
from core.tenancy.tables import Tenant
from tests.messages.conftest import (
    Postbox,
    World,
    add_person,
    change_setting,
    html_of,
    publish,
    scoped,
    text_of,
)

SPANISH = {
    "core": {
        "Dear {customer},": "Estimado/a {customer},",
        "Thank you!": "¡Gracias!",
        "Access to {portal}": "Alta en {portal}",
    },
    "papers": {
        "New paper available in {portal}": "Nueva Factura disponible en {portal}",
        "{count} new papers in {portal}": "{count} facturas nuevas en {portal}",
        "The new paper {number} of {day} is available.": "Ya tienes disponible la nueva factura {number} del {day}.",
        "View paper": "Ver factura",
    },
}


@pytest.fixture
def spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some words of the field in Spanish, whatever the catalogues hold by now."""
    for domain, texts in SPANISH.items():
        merged: dict[str, Any] = catalogues._tables.setdefault("es", {}).get(domain, {}) | texts
        monkeypatch.setitem(catalogues._tables["es"], domain, merged)
    load_templates()


async def sent_states(world: World) -> list[tuple[str, str]]:
    async with scoped(world.tenant):
        rows = await Mail.select(Mail.recipient, Mail.state).order_by(Mail.recipient)
    return [(row["recipient"], row["state"]) for row in rows]


async def test_contacts_who_see_it_get_one_mail_and_nobody_else(world: World, postbox: Postbox) -> None:
    paper = await publish(world, "7")
    foreign = await publish(world, "S3CRET", customer=world.other)
    await drain()
    assert sorted(postbox.recipients) == ["ana@example.net", "bob@example.net", "eve@example.net"]
    (mail,) = postbox.by("bob@example.net")
    (foreign_mail,) = postbox.by("eve@example.net")
    assert "S3CRET" in foreign_mail.as_string()  # there is something that could leak
    assert mail["Subject"] == "New paper available in Obrador"
    text = text_of(mail)
    assert text.startswith("Dear ACME & Söhne,\n\nThe new paper 7 of 30 Apr 2019 is available.\n")
    assert f"\nhttps://obrador.portal.example/papers/{paper.id}\n" in text
    for other in (*postbox.by("bob@example.net"), *postbox.by("ana@example.net")):
        assert "S3CRET" not in text_of(other) + html_of(other)
        assert str(foreign.id) not in text_of(other) + html_of(other)
    assert await sent_states(world) == [(f"{name}@example.net", "sent") for name in ("ana", "bob", "eve")]


async def test_the_recipients_language_and_the_tenants_brand(world: World, postbox: Postbox, spanish: None) -> None:
    await change_setting(world, "brand.portal_title", '"Link Customer Portal Web"')
    await change_setting(world, "brand.phone", '"928 472 915\\n922 032 835"')
    await change_setting(world, "brand.website", '"www.linksoluciones.example"')
    await change_setting(world, "brand.social", '"https://social.example/link\\njavascript:alert(1)"')
    await change_setting(world, "brand.closing", '"#nuestrocompromisoerestu"')
    await change_setting(world, "brand.accent", '"#00aa55"')
    await change_setting(world, "brand.email", '"office@link.example"')
    paper = await publish(world, "1")
    await drain()
    (mail,) = postbox.by("ana@example.net")
    assert mail["Subject"] == "Nueva Factura disponible en Link Customer Portal Web"
    assert mail["Content-Language"] == "es"
    text, html = text_of(mail), html_of(mail)
    url = f"https://obrador.portal.example/papers/{paper.id}"
    assert text.startswith(
        "Estimado/a ACME & Söhne,\n\nYa tienes disponible la nueva factura 1 del 30/04/2019.\n\n"
        f"Ver factura:\n{url}\n\n¡Gracias!\n#nuestrocompromisoerestu\n"
    )
    for line in ("928 472 915", "922 032 835", "https://www.linksoluciones.example", "https://social.example/link"):
        assert line in text
        assert line in html
    assert "javascript:" not in text + html
    assert "Estimado/a ACME &amp; Söhne," in html
    assert f'href="{url}"' in html
    assert f">{url}</a>" in html
    assert "#00aa55" in html
    assert mail["Reply-To"] == "Obrador <office@link.example>"
    assert mail["From"] == "Link Customer Portal Web <portal@portal.example>"
    assert "New paper" in str(postbox.by("bob@example.net")[0]["Subject"])  # each in her own language


async def test_a_language_that_the_portal_does_not_speak_falls_back_to_the_tenants(
    world: World, postbox: Postbox, spanish: None
) -> None:
    async with scoped(world.tenant), transaction():
        await Person.update({Person.language: "pt"}).where(Person.id == world.bob)
    await publish(world, "1")
    await drain()
    assert postbox.by("bob@example.net")[0]["Subject"] == "Nueva Factura disponible en Obrador"


async def test_headers_that_mail_programs_ask_for(world: World, postbox: Postbox) -> None:
    await publish(world, "1")
    await drain()
    (mail,) = postbox.by("bob@example.net")
    async with scoped(world.tenant):
        (row,) = await Mail.select(Mail.id, Mail.message_id).where(Mail.recipient == "bob@example.net")
    assert mail["Message-ID"] == row["message_id"] == f"<{row['id']}@obrador.portal.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<https://obrador.portal.example/notifications/unsubscribe/")
    assert mail["Date"] is not None
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert '"New papers" of Obrador' in text_of(mail)
    assert "\nhttps://obrador.portal.example/account/notifications#papers.published\n" in text_of(mail)


async def test_an_import_that_publishes_many_is_one_mail_per_person(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        run = ImportRun(kind="papers", way="command")
        await ImportRun.insert(run)
    for number in range(25):
        await publish(world, f"N{number:02}", batch=str(run.id))
        if number == 12:
            await run_once()
            with later(timedelta(seconds=30)):
                await drain(settle=False)
    assert postbox.mails == []  # the import still runs
    async with scoped(world.tenant), transaction():
        await ImportRun.update({ImportRun.ended_at: now()}).where(ImportRun.id == run.id)
    with later(timedelta(seconds=60)):
        await drain()
    assert sorted(postbox.recipients) == ["ana@example.net", "bob@example.net"]
    (mail,) = postbox.by("bob@example.net")
    assert mail["Subject"] == "25 new papers in Obrador"
    text = text_of(mail)
    assert [line for line in text.splitlines() if line.startswith("* ")] == [f"* Paper N{n:02}" for n in range(20)]
    assert "and 5 more" in text
    assert html_of(mail).count("<li ") == 20


async def test_several_at_once_are_one_mail_without_any_import(world: World, postbox: Postbox) -> None:
    for number in ("1", "2", "3"):
        await publish(world, number)
    await drain()
    assert [mail["Subject"] for mail in postbox.by("bob@example.net")] == ["3 new papers in Obrador"]


async def test_a_run_of_single_mails_becomes_a_digest(world: World, postbox: Postbox) -> None:
    for number in range(6):
        await publish(world, str(number))
        with later(timedelta(seconds=2 * number)):
            await drain(settle=False)
            with later(timedelta(seconds=1.5)):
                await drain(settle=False)
    with later(timedelta(minutes=3)):
        await drain()
    subjects = [mail["Subject"] for mail in postbox.by("bob@example.net")]
    assert subjects == [*["New paper available in Obrador"] * 3, "3 new papers in Obrador"]


async def test_choices_none_bell_mail(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        await MailChoice.insert(
            MailChoice(person=world.ana, activity_kind="papers.published", channel="none"),
            MailChoice(person=world.bob, activity_kind="papers.published", channel="bell"),
        )
        carl = await add_person("Carl")
        await Membership.insert(Membership(person=carl, customer=world.acme, role=world.contact_role, reach="company"))
    await publish(world, "1")
    await drain()
    assert postbox.recipients == ["carl@example.net"]
    async with scoped(world.tenant):
        notices = await Notice.select(Notice.person, Notice.channel).order_by(Notice.channel)
    assert [(row["person"], row["channel"]) for row in notices] == [(world.bob, "bell"), (carl, "mail")]


async def test_who_did_it_is_not_told(world: World, postbox: Postbox) -> None:
    paper = await publish(world, "1")
    await drain()
    postbox.forget()
    async with scoped(world.tenant):
        tenant = await load_snapshot(world.tenant)
        bob = Actor(kind=ActorKind.CONTACT, tenant=tenant, person=world.bob)
        with acting_as(bob):
            await write_activity(kind="core.comment_added", record=("paper", paper), data={"comment": "x"})
    await drain()
    assert sorted(postbox.recipients) == ["ana@example.net", "sam@example.net"]
    assert postbox.by("sam@example.net")[0]["Subject"] == "New comment on Paper 1 in Obrador"
    assert text_of(postbox.by("sam@example.net")[0]).startswith("Hello Sam Test,\n\nBob Test has written a comment")
    assert f"/staff/papers/{paper.id}" in text_of(postbox.by("sam@example.net")[0])


async def test_internal_notes_are_never_told_to_contacts(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        for kind in ("core.note_added", "core.comment_added"):
            await MailChoice.insert(MailChoice(person=world.bob, activity_kind=kind, channel="mail"))
    paper = await publish(world, "1")
    await drain()
    postbox.forget()
    async with scoped(world.tenant):
        await write_activity(kind="core.note_added", record=("paper", paper))
        await write_activity(kind="core.comment_added", record=("paper", paper), data={"internal": True})
    await drain()
    assert postbox.recipients == ["sam@example.net"]


async def test_comments_are_mailed_to_customers_only_if_the_tenant_wants(world: World, postbox: Postbox) -> None:
    await change_setting(world, "messages.mail_comments", "false")
    paper = await publish(world, "1")
    await drain()
    postbox.forget()
    async with scoped(world.tenant):
        await write_activity(kind="core.comment_added", record=("paper", paper))
    await drain()
    assert postbox.recipients == ["sam@example.net"]
    async with scoped(world.tenant):
        rows = await Notice.select(Notice.person).where(Notice.channel == "bell")
    assert {row["person"] for row in rows} == {world.ana, world.bob}


async def test_staff_is_mailed_every_activity_of_contacts_if_the_tenant_wants(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        await add_person("Tom", kind="staff", staff_role=world.staff_role)
    paper = await publish(world, "1")
    await drain()
    postbox.forget()

    async def bob_does(*kinds: str) -> None:
        async with scoped(world.tenant):
            tenant = await load_snapshot(world.tenant)
            with acting_as(Actor(kind=ActorKind.CONTACT, tenant=tenant, person=world.bob)):
                for kind in kinds:
                    await write_activity(kind=kind, record=("paper", paper), data={"number": "1"})
        await drain()

    await bob_does("papers.accepted", "core.first_viewed", "core.signed_in")
    assert postbox.recipients == []  # off: the bell at most
    await change_setting(world, "messages.staff_every_activity", "true")
    await change_setting(world, "messages.staff_recipients", '"nobody@example.net, SAM@example.net"')
    await bob_does("papers.accepted", "core.first_viewed", "core.signed_in")
    assert postbox.recipients == ["sam@example.net", "sam@example.net"]
    assert sorted(mail["Subject"] for mail in postbox.by("sam@example.net")[-2:]) == [
        "Bob Test has seen Paper 1",
        "accepted paper 1",
    ]


async def test_a_contact_without_access_gets_no_mail_but_finds_it_in_the_bell(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        await Person.update({Person.state: "invited"}).where(Person.id == world.ana)
        await Person.update({Person.state: "deactivated"}).where(Person.id == world.bob)
    await publish(world, "1")
    await drain()
    assert postbox.recipients == []
    async with scoped(world.tenant):
        assert [row["person"] for row in await Notice.select(Notice.person)] == [world.ana]


@pytest.mark.parametrize("taken", ["membership", "module", "choice", "person"])
async def test_what_was_taken_away_meanwhile_is_not_mailed(world: World, postbox: Postbox, taken: str) -> None:
    await publish(world, "1")
    await run_once()
    await run_once()  # chained and fanned out; the mails wait for more of their kind
    async with scoped(world.tenant), transaction():
        assert await Notice.count().where(Notice.channel == "mail") == 2
        if taken == "membership":
            await Membership.delete().where(Membership.person == world.bob)
        elif taken == "module":
            await TenantModule.update({TenantModule.enabled: False}).where(TenantModule.module == "papers")
            await Tenant.update({Tenant.config_version: Tenant.config_version + 1}).where(Tenant.id == world.tenant)
        elif taken == "choice":
            await MailChoice.insert(MailChoice(person=world.bob, activity_kind="papers.published", channel="none"))
        else:
            await Person.update({Person.deleted_at: now()}).where(Person.id == world.bob)
    await drain()
    assert postbox.recipients == ([] if taken == "module" else ["ana@example.net"])
    assert [state for _, state in await sent_states(world)] == ["sent"] * len(postbox.recipients)


async def test_fan_out_and_gather_twice_change_nothing(world: World, postbox: Postbox) -> None:
    await publish(world, "1")
    await drain()
    async with scoped(world.tenant):
        rows = await fetch("SELECT id FROM activity WHERE tenant = {} AND kind = {}", world.tenant, "papers.published")
        payload = {"activities": [str(row["id"]) for row in rows]}
        item = Work(id=world.acme, kind="core.fan_out", payload=payload, tenant=world.tenant, attempts=1)
        await fan_out(item)
        async with transaction():
            await gather(item)
        assert await Notice.count() == 2
        assert await Mail.count() == 2
    await drain()
    assert len(postbox.mails) == 2


@pytest.mark.parametrize(
    "nasty", ["Evil\r\nBcc: victim@example.net", "Evil\nSubject: other", "Ev\u2028il", "日本 ñandú " * 30]
)
async def test_names_cannot_add_headers_and_any_letter_arrives(world: World, postbox: Postbox, nasty: str) -> None:
    await change_setting(world, "brand.portal_title", f'"{nasty}"'.replace("\r", "\\r").replace("\n", "\\n"))
    async with scoped(world.tenant), transaction():
        await Person.update({Person.given_name: nasty}).where(Person.id == world.bob)
    await publish(world, "1")
    await drain()
    (mail,) = postbox.by("bob@example.net")
    assert sorted(postbox.recipients) == ["ana@example.net", "bob@example.net"]
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject")) == 1
    clean = " ".join(nasty.replace("\u2028", " ").split())
    assert str(mail["Subject"]).startswith(f"New paper available in {clean}"[:150])
    assert decode_header(mail["Subject"])


async def test_first_document_invites_whom_it_concerns_once(world: World, postbox: Postbox, spanish: None) -> None:
    async with scoped(world.tenant), transaction():
        await Person.update({Person.state: "address_book"}).where(Person.id == world.ana)
    await publish(world, "1")
    await drain()
    assert postbox.by("ana@example.net") == []  # the setting is off: creating and publishing send no credentials
    await change_setting(world, "accounts.auto_invite_on", '"first_document"')
    await publish(world, "2")
    await publish(world, "3")
    await drain()
    (mail,) = postbox.by("ana@example.net")
    assert mail["Subject"] == "Alta en Obrador"
    text = text_of(mail)
    assert text.startswith("Estimado/a ACME & Söhne,\n")
    assert "\nhttps://obrador.portal.example/invitation/" in text
    await publish(world, "4")
    await drain()
    assert len(postbox.by("ana@example.net")) == 1


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_was_sent_lately_is_found_by_its_time(world: World) -> None:
    """However many mails were ever sent: each gathering asks."""
    async with scoped(world.tenant):
        plan = await fetch(f"EXPLAIN QUERY PLAN {_LATELY}", world.tenant, now())
    assert "ix_mail_created" in plan[0]["detail"]
