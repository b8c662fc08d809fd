"""Documents that people forward: to whom, with what, in whose name, how often; and what staff see of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.accounts import rate_limits
from core.clock import now
from core.contributions import Reach
from core.messages import forwarding
from core.messages.queue import BACKOFF
from core.messages.tables import Mail, Notice
from core.people.persons import deactivate_person
from core.people.roles_known import write_grants
from core.people.tables import Customer, Person, Role
from core.records.base import beyond_reach
from core.tenancy.snapshot import raise_version
from tests.db_fixtures import Databases
from tests.messages.forwarding import PDF, a_sheet, allow, letters, send, staff_who_sees, text_of, told
from tests.people.sheets import Sheet, sheets_world
from tests.portal_fixtures import Portal, World

ANA = "ana@acme.example"
HIM, HER = "adviser@tax.example", "her@else.example"


@pytest.fixture
async def world(dialect: str, databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with sheets_world(dialect, databases, tmp_path) as made:
        yield made


@pytest.fixture
async def portal(world: World) -> Portal:
    return world.first


@pytest.fixture
async def acme(portal: Portal) -> Customer:
    return await portal.customer("Acme & Sons")


async def test_a_contact_forwards_a_file_in_her_own_name(portal: Portal, acme: Customer) -> None:
    await allow(portal, **{"brand.email": "office@obrador.example", "brand.portal_title": "Customer portal"})
    ana = await portal.contact(ANA, acme, name="Ana <b>Sol</b>")
    sheet = await a_sheet(portal, acme)
    browser = await portal.browser(ana)
    page = await browser.get(sheet.path)
    assert page.status_code == 200
    assert "S-1.pdf" in page.text
    assert "own.txt" not in page.text
    message = "See <script>alert(1)</script>\nby Friday"
    done = await send(browser, sheet, f"{HIM}; {HER.upper()}\n{HIM}", message=message, copy="y")
    assert (done.status_code, done.headers["location"]) == (303, f"/sheets/{sheet.id}")
    sent = await letters()
    assert set(sent) == {HIM, HER, ANA}
    letter = sent[HIM]
    assert str(letter["From"]) == "Customer portal <portal@portal.test>"
    assert letter["Reply-To"].addresses[0].addr_spec == ANA
    assert str(letter["Subject"]) == "Sheets S-1 of Obrador Temporal, forwarded to you"
    plain, html = text_of(letter), text_of(letter, "html")
    assert f"Ana <b>Sol</b> ({ANA}) of Acme & Sons has forwarded a document of Obrador Temporal to you" in plain
    assert "> See <script>alert(1)</script>\n> by Friday\n" in plain
    assert "See &lt;script&gt;alert(1)&lt;/script&gt;\nby Friday" in html
    assert "<script>" not in html
    assert "Ana &lt;b&gt;Sol&lt;/b&gt;" in html
    assert HER not in plain + html
    assert "http" not in plain.replace("https://www.obrador", "")
    (attached,) = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "S-1.pdf",
        "application/pdf",
        PDF,
    )
    assert f"your copy of what you forwarded to {HIM}, {HER}" in text_of(sent[ANA])
    (happened,) = await told(portal, "core.document_forwarded")
    assert happened == {"by": ana.id, "record": sheet.id, "recipients": f"{HIM}, {HER}", "files": ["S-1.pdf"]}
    assert await told(portal, "core.document_sent") == []


async def test_the_option_and_the_grant_decide(portal: Portal, acme: Customer) -> None:
    """Off, the address is an unknown one, form and all; on, it takes the right of the role."""
    ana = await portal.browser(await portal.contact(ANA, acme))
    vic = await portal.browser(await portal.contact("vic@acme.example", acme, role="observer"))
    sheet = await a_sheet(portal, acme)
    assert (await ana.get(sheet.path)).status_code == 404
    assert (await send(ana, sheet, HIM)).status_code == 404
    await allow(portal)
    assert (await ana.get(sheet.path)).status_code == 200
    assert (await vic.get(sheet.path)).status_code == 403
    assert (await send(vic, sheet, HIM)).status_code == 403
    assert (await ana.get(sheet.path.replace("/sheet/", "/sheet_again/"))).status_code == 404
    bea = await portal.browser(await portal.contact("bea@beta.example", await portal.customer("Beta")))
    assert (await bea.get(sheet.path)).status_code == 404
    assert (await send(bea, sheet, HIM)).status_code == 404
    assert await letters() == {}


async def test_viewers_and_observers_are_not_given_it(portal: Portal) -> None:
    having = {key for key, role in portal.roles.items() if forwarding.FORWARD in str(role.grants)}
    sending = {key for key, role in portal.roles.items() if forwarding.SEND in str(role.grants)}
    assert (having, sending) == ({"accounting", "manager", "requester"}, {"administrator", "clerk"})


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("", {}, "Name at least one e-mail address."),
    (" ; , ", {}, "Name at least one e-mail address."),
    ("him@tax.example, nobody", {}, "“nobody” is not an e-mail address."),
    ("him@tax.example%0d%0aBcc:all@x.example", {}, "is not an e-mail address."),
    (", ".join(f"p{n}@x.example" for n in range(11)), {}, "Forward to at most 10 addresses at once."),
    (HIM, {"message": "x" * 1001}, "Write at most 1000 characters."),
    (HIM, {"message": "Pay at https://evil.example now"}, "Links cannot be sent along"),
    (HIM, {"message": "Look: WWW.evil.example"}, "Links cannot be sent along"),
    (HIM, {"message": "Pay at evil.example/now"}, "Links cannot be sent along"),
    (HIM, {"files": [str(uuid4())]}, "Choose at least one file."),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *[
            (text, True)
            for text in ("evil.com", "Pay at EVIL.ONLINE now.", "pagos.evil.es", "exämple.test/x", "a_b.test/")
        ],
        *[(text, True) for text in ("evil.test:8080", "evil\u3002com", "mailto:him@tax.example", "data:text/html,x")],
        *[(text, False) for text in ("factura.pdf", "ana@cliente.com", "S.A. de C.V.", "Gracias.Es urgente", "y/o")],
        *[(text, False) for text in ("Data: 22/11/2026", "Tel: 600 123 456", "12.345,67", "sr.lópez", "1.2.3/4")],
    ],
)
def test_what_mail_programs_make_a_link_of(text: str, found: bool) -> None:
    assert forwarding.has_link(text) is found


async def test_what_cannot_be_sent_is_said_at_its_field(portal: Portal, acme: Customer) -> None:
    await allow(portal)
    browser, sheet = await portal.browser(await portal.contact(ANA, acme)), await a_sheet(portal, acme)
    for to, more, said in REFUSED:
        answer = await send(browser, sheet, to, **more)
        assert (answer.status_code, said in answer.text.replace("1,000", "1000")) == (422, True), said
    async with portal.work():
        assert await Mail.count() == 0
        assert await Person.count().where(Person.state == "recipient") == 0
    assert (await send(browser, sheet, HIM, files=[])).status_code == 303  # of one file nobody has to choose


async def test_headers_stay_as_they_are(portal: Portal, acme: Customer) -> None:
    """Names, titles and file names may hold anything; none of it makes another header."""
    await allow(portal)
    ana = await portal.contact(ANA, acme, name="Ana\r\nBcc: all@x.example Sol")
    sheet = await a_sheet(portal, acme, "S\r\nBcc: all@x.example")
    done = await send(await portal.browser(ana), sheet, f"{HIM}\r\nBcc:\r\n{HER}")
    assert done.status_code == 422
    done = await send(await portal.browser(ana), sheet, f"{HIM}\r\n{HER}", message="One\r\n\r\nBcc: all@x.example")
    assert done.status_code == 303
    sent = await letters()
    assert set(sent) == {HIM, HER}
    for letter in sent.values():
        assert [letter.get_all(name) for name in ("Bcc", "Cc")] == [None, None]
        assert len(letter.get_all("To") or []) == 1


async def test_no_link_goes_along_as_a_name(portal: Portal, acme: Customer) -> None:
    await allow(portal)
    ana = await portal.contact(ANA, acme, name="Pay www.evil.example")
    done = await send(await portal.browser(ana), await a_sheet(portal, acme), HIM, message="Sr./Sra., and/or 1.5/2")
    assert done.status_code == 303
    letter = (await letters())[HIM]
    assert "evil" not in letter.as_string()
    assert f"{ANA} ({ANA}) of Acme & Sons has forwarded" in text_of(letter)


async def test_files_that_are_too_large_stay_here(
    portal: Portal, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "LARGEST", 1024)
    await allow(portal)
    browser = await portal.browser(await portal.contact(ANA, acme))
    answer = await send(browser, await a_sheet(portal, acme, size=1024), HIM)
    assert answer.status_code == 422
    assert "too large for a mail" in answer.text


async def test_sent_twice_it_goes_once(portal: Portal, acme: Customer) -> None:
    await allow(portal)
    browser = await portal.browser(await portal.contact(ANA, acme))
    sheet = await a_sheet(portal, acme)
    id = str(uuid4())
    answers = [await send(browser, sheet, HIM, id=id) for _twice in range(2)]
    answers += await asyncio.gather(*(send(browser, sheet, HER, id=str(sheet.id)) for _twice in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    async with portal.work():
        assert sorted(row["recipient"] for row in await Mail.select(Mail.recipient)) == [HIM, HER]
    assert len(await told(portal, "core.document_forwarded")) == 2
    assert set(await letters()) == {HIM, HER}


async def test_nobody_floods_others(portal: Portal, acme: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many recipients by a person within an hour, by a customer within a day, and mails to one address."""
    await allow(portal)
    monkeypatch.setattr(rate_limits, "FORWARD", replace(rate_limits.FORWARD, burst=4))
    monkeypatch.setattr(rate_limits, "FORWARD_CUSTOMER", replace(rate_limits.FORWARD_CUSTOMER, burst=6))
    ana = await portal.browser(await portal.contact(ANA, acme))
    bea = await portal.browser(await portal.contact("bea@acme.example", acme))
    sheet = await a_sheet(portal, acme)
    assert (await send(ana, sheet, "a@x.example, b@x.example, c@x.example")).status_code == 303
    refused = await send(ana, sheet, "d@x.example, e@x.example", message="All that I have written")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "You have forwarded documents to many people" in refused.text
    assert [text in refused.text for text in ("d@x.example, e@x.example", "All that I have written")] == [True, True]
    assert (await send(ana, sheet, "d@x.example")).status_code == 303
    monkeypatch.setattr(rate_limits, "FORWARD_ADDRESS", replace(rate_limits.FORWARD_ADDRESS, burst=1))
    assert (await send(bea, sheet, "f@x.example")).status_code == 303
    assert (await send(bea, sheet, "f@x.example")).status_code == 429
    assert (await send(bea, sheet, "g@x.example")).status_code == 429
    async with portal.work():
        assert await Mail.count() == 5


async def test_what_changed_meanwhile_does_not_leave(portal: Portal, acme: Customer) -> None:
    """Withdrawn, or by somebody who has no access any more: it stays, and staff see it with the other failed mail."""
    await allow(portal)
    ana, bea = await portal.contact(ANA, acme), await portal.contact("bea@acme.example", acme)
    pilar = await portal.browser(await staff_who_sees(portal))
    first, second = await a_sheet(portal, acme), await a_sheet(portal, acme, "S-2")
    assert (await send(await portal.browser(ana), first, HIM)).status_code == 303
    assert (await send(await portal.browser(bea), second, HER)).status_code == 303
    async with portal.work():
        with beyond_reach("tests withdraw"):
            await Sheet.update({Sheet.published_at: None}).where(Sheet.id == first.id)
        await deactivate_person(person=bea.id)
    assert await letters() == {}
    failed = (await pilar.get("/staff/mail")).text
    for text in (HIM, HER, "Forwarded documents", "the document is no longer shown", "no access any more"):
        assert text in failed, text
    async with portal.work():
        with beyond_reach("tests publish"):
            await Sheet.update({Sheet.published_at: now()}).where(Sheet.id == first.id)
        mail = await Mail.select(Mail.id).where(Mail.recipient == HIM).first()
    assert mail is not None
    assert (await pilar.post(f"/staff/mail/{mail['id']}/retry")).status_code == 303
    assert set(await letters()) == {HIM}
    assert len(BACKOFF) > 1


async def test_staff_are_told_and_the_record_says_to_whom(portal: Portal, acme: Customer) -> None:
    await allow(portal)
    ana = await portal.contact(ANA, acme, name="Ana Sol")
    pilar = await staff_who_sees(portal)
    sheet = await a_sheet(portal, acme)
    assert (await send(await portal.browser(ana), sheet, HIM)).status_code == 303
    await letters()
    bell = (await (await portal.browser(pilar)).get("/notifications")).text
    assert f"Ana Sol forwarded this to {HIM} · S-1" in bell
    assert f"New in the address book of Acme &amp; Sons: {HIM}" in bell
    async with portal.work():
        assert {row["person"] for row in await Notice.select(Notice.person)} == {pilar.id}


async def test_staff_forward_what_is_published_and_it_is_theirs_alone(portal: Portal, acme: Customer) -> None:
    """Whatever the option says; contacts see nothing of it, and nobody joins an address book."""
    await portal.contact(ANA, acme)
    pilar = await portal.browser(await staff_who_sees(portal))
    sheet = await a_sheet(portal, acme)
    done = await send(pilar, sheet, HIM, message="Our https://obrador.example")
    assert done.status_code == 303
    letter = (await letters())[HIM]
    assert "Pilar Personal (pilar@obrador.example) of Obrador Temporal sends you Sheets S-1." in text_of(letter)
    assert letter["Reply-To"].addresses[0].addr_spec == "pilar@obrador.example"
    assert [attached.get_filename() for attached in letter.iter_attachments()] == ["S-1.pdf"]
    (happened,) = await told(portal, "core.document_sent")
    assert happened["recipients"] == HIM
    async with portal.work():
        assert await Person.count().where(Person.email == HIM) == 0
        with beyond_reach("tests withdraw"):
            await Sheet.update({Sheet.published_at: None}).where(Sheet.id == sheet.id)
    assert (await pilar.get(sheet.path)).status_code == 409
    assert (await send(pilar, sheet, HIM)).status_code == 409


async def test_staff_need_the_grant(portal: Portal, acme: Customer) -> None:
    pilar = await portal.browser(await staff_who_sees(portal))
    sheet = await a_sheet(portal, acme)
    async with portal.work():
        grants = {Sheet.staff_view: Reach.GROUP}
        await Role.update({Role.grants: write_grants(grants)}).where(Role.key == "administrator")
        await raise_version(portal.tenant.id)
    assert (await pilar.get(sheet.path)).status_code == 403


async def test_colleagues_are_suggested_to_who_may_see_them(portal: Portal, acme: Customer) -> None:
    await allow(portal)
    ana = await portal.browser(await portal.contact(ANA, acme))
    req = await portal.browser(await portal.contact("req@acme.example", acme, role="accounting"))
    await portal.contact("bea@beta.example", await portal.customer("Beta"))
    async with portal.work():
        grants = {"sheets:sheet:view": Reach.COMPANY, forwarding.FORWARD: Reach.COMPANY}
        await Role.update({Role.grants: write_grants(grants)}).where(Role.key == "accounting")
        await raise_version(portal.tenant.id)
    sheet = await a_sheet(portal, acme)
    assert (await send(ana, sheet, HIM)).status_code == 303
    mine, theirs = (await ana.get(sheet.path)).text, (await req.get(sheet.path)).text
    assert [address in mine for address in (HIM, "req@acme.example", "bea@beta.example")] == [True, True, False]
    assert [address in theirs for address in (HIM, ANA, "bea@beta.example")] == [True, False, False]


async def test_who_sees_only_her_own_documents_does_not_see_to_whom_others_forwarded(
    portal: Portal, acme: Customer
) -> None:
    await allow(portal)
    ana = await portal.browser(await portal.contact(ANA, acme))
    own = await portal.contact("own@acme.example", acme, role="accounting", reach="own")
    async with portal.work():
        grants = {"sheets:sheet:view": Reach.COMPANY, forwarding.FORWARD: Reach.COMPANY}
        await Role.update({Role.grants: write_grants(grants)}).where(Role.key == "accounting")
        await raise_version(portal.tenant.id)
    hers = await a_sheet(portal, acme, addressee=own)
    assert (await send(ana, hers, HIM)).status_code == 303
    browser = await portal.browser(own)
    assert HIM not in (await browser.get(hers.path)).text
    assert (await send(browser, hers, f"{HER}, {HIM}")).status_code == 303
    page = (await browser.get(hers.path)).text
    assert [address in page for address in (HIM, HER)] == [False, True]
