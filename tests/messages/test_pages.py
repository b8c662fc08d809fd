"""The bell, the choices, the unsubscribe link and the failed mails, as a browser sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.app import build_app
from core.bootstrap import set_up
from core.config import settings, use_settings
from core.messages.bell import choices_of
from core.messages.tables import MailChoice, Notice
from core.messages.unsubscribing import unsubscribe_path
from core.messages.worker import drain
from core.people.actor import Actor, ActorKind, acting_as
from core.people.tables import Person
from core.records.activity import write_activity
from core.tenancy.snapshot import load_snapshot
from tests.messages.conftest import Postbox
from tests.portal_fixtures import Portal, _prepared, make_portal, settings_for_tests


@pytest.fixture
async def site(dialect: str, databases: Any, tmp_path: Path, postbox: Postbox) -> AsyncIterator[Portal]:
    """A portal without modules, whose mails go to the postbox."""
    smtp = settings().smtp_url
    set_up(settings_for_tests(tmp_path), modules={})
    use_settings(replace(settings(), smtp_url=smtp))
    async with databases.open(dialect, key="portal pages", prepare=_prepared):
        yield await make_portal(build_app(), "Obrador Temporal", portal_name="obrador", languages=("en", "es"))


async def edit_company(site: Portal) -> Person:
    """A contact changes what the company is called; her tenant's staff hears of it."""
    customer = await site.customer("Acme")
    ana = await site.contact("ana@example.net", customer)
    async with site.work():
        tenant = await load_snapshot(site.tenant.id)
        with acting_as(Actor(kind=ActorKind.CONTACT, tenant=tenant, person=ana.id)):
            await write_activity(kind="core.company_edited", customer=customer.id, data={"changed": ["address"]})
    return ana


async def test_the_bell_lists_opens_and_is_read(site: Portal) -> None:
    pilar = await site.staff("pilar@example.net")
    await edit_company(site)
    await drain()
    browser = await site.browser(pilar)
    page = await browser.get("/notifications")
    assert page.status_code == 200
    assert "Ana Prueba changed the details of Acme" in page.text
    assert "(unread)" in page.text
    async with site.work():
        (notice,) = await Notice.select(Notice.id, Notice.person, Notice.read_at)
    assert (notice["person"], notice["read_at"]) == (pilar.id, None)
    opened = await browser.post(f"/notifications/{notice['id']}/open", {"path": "/staff"}, page="/notifications")
    assert (opened.status_code, opened.headers["location"]) == (303, "/staff")
    assert "(unread)" not in (await browser.get("/notifications")).text
    elsewhere = await browser.post(
        f"/notifications/{notice['id']}/open", {"path": "https://evil.example/"}, page="/notifications"
    )
    assert elsewhere.headers["location"] == "/"
    assert (await browser.post("/notifications/read", page="/notifications")).status_code == 303


async def test_the_bell_of_somebody_else_is_not_touched(site: Portal) -> None:
    pilar, other = await site.staff("pilar@example.net"), await site.staff("other@example.net")
    await edit_company(site)
    await drain()
    async with site.work():
        hers = await Notice.select(Notice.id).where(Notice.person == pilar.id)
    browser = await site.browser(other)
    await browser.post(f"/notifications/{hers[0]['id']}/open", {"path": "/"}, page="/notifications")
    async with site.work():
        rows = await Notice.select(Notice.read_at).where(Notice.person == pilar.id)
    assert [row["read_at"] for row in rows] == [None]


async def test_choices_are_shown_and_kept(site: Portal) -> None:
    pilar = await site.staff("pilar@example.net")
    browser = await site.browser(pilar)
    page = await browser.get("/account/notifications")
    assert page.status_code == 200
    assert (
        'name="channel:core.company_edited" value="bell" aria-label="Changed company details: In the bell" checked'
        in (page.text)
    )
    sent = {"channel:core.company_edited": "mail", "other": "x"}
    saved = await browser.post("/account/notifications", sent, page="/account/notifications")
    assert saved.status_code == 303
    async with site.work():
        rows = await MailChoice.select(MailChoice.person, MailChoice.activity_kind, MailChoice.channel)
        assert [tuple(row.values()) for row in rows] == [(pilar.id, "core.company_edited", "mail")]
    wrong = await browser.post(
        "/account/notifications", {"channel:core.company_edited": "x"}, page="/account/notifications"
    )
    assert wrong.status_code == 422


async def test_signed_out_there_is_no_bell(site: Portal) -> None:
    browser = await site.browser()
    for path in ("/notifications", "/account/notifications", "/staff/mail"):
        assert (await browser.get(path)).status_code == 303


async def test_failed_mails_are_for_staff_with_the_permission(site: Portal, postbox: Postbox) -> None:
    pilar = await site.staff("pilar@example.net")
    async with site.work():
        await MailChoice.insert(MailChoice(person=pilar.id, activity_kind="core.company_edited", channel="mail"))
    postbox.answers = ["550 <b>no such mailbox</b>"]
    ana = await edit_company(site)
    await drain()
    contact = await site.browser(ana)
    assert (await contact.get("/staff/mail")).status_code == 403
    browser = await site.browser(pilar)
    page = await browser.get("/staff/mail")
    assert "pilar@example.net" in page.text
    assert "Acme has changed its details" in page.text
    assert "&lt;b&gt;no such mailbox&lt;/b&gt;" in page.text
    path = page.text.split('action="/staff/mail/')[1].split('"')[0]
    assert (await browser.post(f"/staff/mail/{path}", page="/staff/mail")).status_code == 303
    await drain()
    assert postbox.recipients == ["pilar@example.net"]
    assert "Every mail has been sent" in (await browser.get("/staff/mail")).text
    assert (await browser.post(f"/staff/mail/{path}", page="/staff/mail")).status_code == 404


async def test_unsubscribing_asks_first_and_works_without_a_session(site: Portal) -> None:
    pilar = await site.staff("pilar@example.net")
    path = unsubscribe_path(site.tenant.id, pilar.id, "core.company_edited")
    browser = await site.browser()
    page = await browser.get(path)
    assert (page.status_code, "Changed company details" in page.text) == (200, True)
    async with site.work():
        assert await MailChoice.count() == 0  # a scanner that opens links changes nothing
    done = await browser.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    async with site.work():
        tenant = await load_snapshot(site.tenant.id)
        actor = Actor(kind=ActorKind.STAFF, tenant=tenant, person=pilar.id, email="pilar@example.net")
        kept = {choice.kind: choice.channel for choice in await choices_of(actor)}
        assert kept["core.company_edited"] == "bell"
        assert await MailChoice.count() == 1
    for wrong in (f"{path}x", "/notifications/unsubscribe/abc"):
        assert (await browser.get(wrong)).status_code == 404
        assert (await browser.client.post(wrong)).status_code == 404
