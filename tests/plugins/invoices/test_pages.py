"""Pages of contacts: who sees which invoices, what a page shows, lists and files by the same rule."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.accounts import rate_limits
from core.accounts.sessions import COOKIE
from core.config import settings, use_settings
from core.people.tables import Project
from core.records.tables import Activity, File, FirstView
from core.sdk import imports
from core.tenancy.scoped_tables import TenantModule
from core.tenancy.snapshot import raise_version
from plugins.invoices.demo_files import DemoLine, as_facturx, as_plain_pdf, as_ubl
from plugins.invoices.services import Decision, decide, publish_invoice, record_payment, withdraw_invoice
from tests.plugins.invoices.made import ACME, deliver, deliver_ubl, invoice, stored
from tests.plugins.invoices.test_deciding import figures
from tests.portal_fixtures import Browser, Portal, World

TAX_ID = "A58818501"


@pytest.fixture(autouse=True)
def many_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read lists by their sheets, more often than people do."""
    monkeypatch.setattr(rate_limits, "EXPORT", replace(rate_limits.EXPORT, burst=1_000))


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id=TAX_ID)


async def file_of(portal: Portal, invoice_id: Any, role: str = "original") -> str:
    async with portal.work():
        row = await File.select(File.id).where(File.record == invoice_id, File.role == role).first()
        assert row is not None
        return f"/files/{row['id']}"


async def test_an_invoice_and_its_files(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme, language="es")
    made = invoice(order="PO-7", note="Gracias <b>por</b> su compra")
    async with portal.work():
        received = await deliver(as_facturx(made), "factura.pdf")
    browser = await portal.browser(ana)
    page = (await browser.get(f"/invoices/{received.invoice}")).text
    for text in ("F-1", "02/11/2026", "02/12/2026", "1.210,00\xa0€", "210,00\xa0€", "Consulting", "10 h", "PO-7"):
        assert text in page, text
    for text in ("ES91 2100 0418 4502 0005 1332", "Obrador Temporal SL", "Acme SA", "28013 Madrid", "ESA58818501"):
        assert text in page, text
    assert "Gracias &lt;b&gt;por&lt;/b&gt; su compra" in page
    original = await file_of(portal, received.invoice)
    assert page.count(original) == 2
    pdf = await browser.get(original)
    assert pdf.content == as_facturx(made)
    assert pdf.headers["content-type"] == "application/pdf"
    assert 'filename="factura.pdf"' in pdf.headers["content-disposition"]
    xml = await browser.get(await file_of(portal, received.invoice, "xml"))
    assert b"CrossIndustryInvoice" in xml.content
    assert xml.headers["content-type"].startswith("application/octet-stream")


async def test_a_correction_below_zero_is_in_the_readers_favour_and_never_late(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    less = invoice(lines=(DemoLine(name="Consulting", quantity="-10", unit="HUR", price="100.00"),))
    late = replace(less, issued_on=date(2020, 1, 2), due_on=date(2020, 2, 2))
    async with portal.work():
        received = await deliver(as_ubl(late).replace(b"TypeCode>380<", b"TypeCode>384<"))
    browser = await portal.browser(ana)
    page = (await browser.get(f"/invoices/{received.invoice}")).text
    assert "€1,210.00 in your favour" in page
    assert "2 Feb 2020" in page, "the day stands in the document"
    assert [word for word in ("Overdue", "It was due") if word in page] == []
    assert "F-1" in (await browser.get("/invoices?due=not_due&period=all")).text
    assert "F-1" not in (await browser.get("/invoices?due=overdue&period=all")).text


async def test_an_xml_alone_has_a_page_for_paper_that_says_what_it_is(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        xml = (await deliver_ubl("F-1")).invoice
        pdf = (await deliver(as_facturx(invoice("F-2")), "f.pdf")).invoice
    browser = await portal.browser(ana)
    mark = "This is a readable rendering. The XML is the original."
    for path in (f"/invoices/{xml}", f"/invoices/{xml}/print"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert mark in page.text
    assert mark not in (await browser.get(f"/invoices/{pdf}")).text


async def numbers(browser: Browser, query: str = "period=all") -> list[str]:
    """The numbers that a list shows, by its sheet: no markup to guess at."""
    response = await browser.get(f"/invoices/export.csv?{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    lines = response.content.decode("utf-8-sig").splitlines()
    delimiter = ";" if ";" in lines[0] else ","
    return sorted(line.split(delimiter)[0].strip('"') for line in lines[1:] if line)


async def test_three_reaches_see_three_sets_and_files_obey_them(portal: Portal, acme: Any) -> None:
    project = await portal.project(acme, "Nave")
    own = await portal.contact("own@acme.test", acme, reach="own")
    member = await portal.contact("member@acme.test", acme, reach="projects", projects=(project,))
    boss = await portal.contact("boss@acme.test", acme, reach="company")
    async with portal.work():
        await Project.update({Project.number: "P-1"}).where(Project.id == project.id)
        mine = (await deliver_ubl("OWN", buyer=replace(ACME, email="own@acme.test"))).invoice
        projects = (await deliver_ubl("PROJECT", project="P-1")).invoice
        whole = (await deliver_ubl("COMPANY")).invoice
    expected = [
        (own, {"OWN": mine}),
        (member, {"PROJECT": projects}),
        (boss, {"OWN": mine, "PROJECT": projects, "COMPANY": whole}),
    ]
    every = {"OWN": mine, "PROJECT": projects, "COMPANY": whole}
    for person, visible in expected:
        browser = await portal.browser(person)
        assert await numbers(browser) == sorted(visible)
        page = (await browser.get("/invoices?period=all")).text
        for number, id in every.items():
            seen = number in visible
            assert (f"/invoices/{id}" in page) is seen
            file = await file_of(portal, id)
            for path in (f"/invoices/{id}", f"/invoices/{id}/print", file):
                response = await browser.get(path)
                assert response.status_code == (200 if seen else 404), (person.email, path)
                if not seen:
                    assert number not in response.text


async def test_strangers_find_nothing(world: World) -> None:
    acme = await world.first.customer("Acme SA", tax_id=TAX_ID)
    beta = await world.first.customer("Beta SL")
    foreign = await world.second.customer("Foreign SA")
    async with world.first.work():
        id = (await deliver_ubl("CANARY")).invoice
    file = await file_of(world.first, id)
    strangers = [
        (world.first, await world.first.contact("eva@beta.test", beta)),
        (world.first, await world.first.contact("basic@acme.test", acme, role="basic")),
        (world.second, await world.second.contact("fr@foreign.test", foreign)),
    ]
    ana = await world.first.contact("ana@acme.test", acme)
    assert (await (await world.first.browser(ana)).get(f"/invoices/{id}")).status_code == 200
    for portal, person in strangers:
        browser = await portal.browser(person)
        for path in (f"/invoices/{id}", f"/invoices/{id}/print", file, "/invoices?period=all", "/invoices/export.csv"):
            response = await browser.get(path)
            assert "CANARY" not in response.text
            if str(id) in path or path == file:
                assert response.status_code in {403, 404}, (person.email, path)


async def test_an_invoice_that_is_not_published_is_nowhere(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        received = await deliver_ubl("CANARY")
        (found,) = await stored()
        await withdraw_invoice(invoice=found)
    browser = await portal.browser(ana)
    paths = (f"/invoices/{received.invoice}", f"/invoices/{received.invoice}/print", await file_of(portal, found.id))
    for path in paths:
        assert (await browser.get(path)).status_code == 404
    assert await numbers(browser) == []
    assert "CANARY" not in (await browser.get("/")).text
    async with portal.work():
        (found,) = await stored()
        await publish_invoice(invoice=found)
        kinds = [row["kind"] for row in await Activity.select(Activity.kind).where(Activity.record == found.id)]
    assert kinds == ["invoices.published", "invoices.withdrawn", "invoices.restored"]  # nobody is told twice
    assert await numbers(browser) == ["CANARY"]


async def test_filters_at_their_boundaries(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    today = (await portal.snapshot()).today()
    issued = today - timedelta(days=60)

    async def make(number: str, days: int | None, paid: int = 0, **more: Any) -> None:
        due_on = None if days is None else today + timedelta(days=days)
        received = await deliver_ubl(number, issued_on=issued, due_on=due_on, **more)
        if paid:
            await record_payment(invoice=received.invoice, amount=paid, paid_on=today)  # type: ignore[arg-type]  # there

    async with portal.work():
        await make("DUE-TODAY", 0)
        await make("DUE-YESTERDAY", -1)
        await make("DUE-TOMORROW", 1)
        await make("NO-DAY", None)
        await make("PAID-LATE", -30, 121_000)
        await make("PARTLY-LATE", -30, 1)
        await make("CREDIT", None, credit_note=True)
    browser = await portal.browser(ana)
    expected = {
        "due=overdue": ["DUE-YESTERDAY", "PARTLY-LATE"],
        "due=not_due": ["CREDIT", "DUE-TODAY", "DUE-TOMORROW", "NO-DAY"],
        "due=soon": ["DUE-TODAY", "DUE-TOMORROW"],
        "paid=paid": ["PAID-LATE"],
        "paid=unpaid": ["CREDIT", "DUE-TODAY", "DUE-TOMORROW", "DUE-YESTERDAY", "NO-DAY", "PARTLY-LATE"],
        "payment=partial": ["PARTLY-LATE"],
        "payment=collected": ["PAID-LATE"],
        "payment=pending": ["CREDIT", "DUE-TODAY", "DUE-TOMORROW", "DUE-YESTERDAY", "NO-DAY"],
        "kind=credit_note": ["CREDIT"],
        "paid=unpaid&due=overdue": ["DUE-YESTERDAY", "PARTLY-LATE"],
        "paid=paid&due=overdue": [],
        "q=late": ["PAID-LATE", "PARTLY-LATE"],
        "amount_from=1210&amount_to=1210": sorted(
            ["DUE-TODAY", "DUE-YESTERDAY", "DUE-TOMORROW", "NO-DAY", "PAID-LATE", "PARTLY-LATE"]
        ),
        "amount_from=-1210&amount_to=-1210": ["CREDIT"],  # as the column shows it
        "amount_to=0": ["CREDIT"],
        "amount_from=1210.01": [],
        f"due_date_from={today}&due_date_to={today}": ["DUE-TODAY"],
    }
    for query, wanted in expected.items():
        assert await numbers(browser, f"period=all&{query}") == wanted, query
    home = (await browser.get("/")).text
    assert "Unpaid invoices" in home


async def test_months_by_the_day_of_issue(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        await deliver_ubl("NOV", issued_on=date(2026, 11, 30), due_on=None)
        await deliver_ubl("DEC", issued_on=date(2026, 12, 1), due_on=None)
        await deliver_ubl("JAN", issued_on=date(2027, 1, 1), due_on=None)
    browser = await portal.browser(ana)
    assert await numbers(browser, "period=2026-11") == ["NOV"]
    assert await numbers(browser, "period=2026-12") == ["DEC"]
    assert await numbers(browser, "period=2026-W53") == ["JAN"]  # 28 December to 3 January
    page = (await browser.get("/invoices?period=2027-01")).text
    assert 'rel="prev"' in page
    assert "period=2026-12" in page
    assert "period=2027-02" in page


async def test_sums_of_what_is_due_by_currency(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        await deliver_ubl("F-1")
        await deliver_ubl("F-2", credit_note=True, lines=(DemoLine(name="Back", price="100.00"),), due_on=None)
        await deliver_ubl("F-3", currency="USD")
    page = (await (await portal.browser(ana)).get("/invoices?period=all")).text
    assert "€1,089.00 · $1,210.00" in page.replace("US$", "$")


async def test_the_first_who_opens_an_invoice_is_noted_once_and_not_by_a_get(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme)
    bea = await portal.contact("bea@acme.test", acme)
    pilar = await portal.staff("pilar@obrador.test")
    async with portal.work():
        id = (await deliver_ubl()).invoice
    browser = await portal.browser(ana)
    path = f"/invoices/{id}"
    await browser.get(path)

    async def views() -> int:
        async with portal.work():
            return int(await Activity.count().where(Activity.kind == "core.first_viewed"))

    assert await views() == 0
    for _ in range(2):
        response = await browser.post(f"/records/invoice/{id}/seen", page=path)
        assert response.status_code == 204
    assert await views() == 1
    assert (await (await portal.browser(bea)).post(f"/records/invoice/{id}/seen")).status_code == 204
    assert (await (await portal.browser(pilar)).post(f"/records/invoice/{id}/seen", page="/staff")).status_code == 204
    assert await views() == 1
    async with portal.work():
        assert {row["person"] for row in await FirstView.select(FirstView.person)} == {ana.id, bea.id}


async def test_two_who_open_an_invoice_at_once_are_one_first_view(portal: Portal, acme: Any) -> None:
    people = [await portal.contact(f"{name}@acme.test", acme) for name in ("ana", "bea", "eva")]
    async with portal.work():
        id = (await deliver_ubl()).invoice
    browsers = [await portal.browser(person) for person in people]
    answers = await asyncio.gather(*(browser.post(f"/records/invoice/{id}/seen") for browser in browsers))
    assert [answer.status_code for answer in answers] == [204, 204, 204]
    async with portal.work():
        assert await Activity.count().where(Activity.kind == "core.first_viewed") == 1
        assert await FirstView.count() == 3


async def test_a_typed_invoice_says_so(portal: Portal, acme: Any) -> None:

    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        received = await deliver(as_plain_pdf(invoice()), "scan.pdf")
        assert received.problem is not None
        done = await decide(problem=received.problem, decision=Decision(figures=figures(acme.id)))
        assert await imports.open_problems(kind="invoices") == []
    page = (await (await portal.browser(ana)).get(f"/invoices/{done.invoice}")).text
    assert "These figures were typed. The file is the original." in page


async def test_the_menu_and_the_module_off(portal: Portal, acme: Any) -> None:

    ana = await portal.contact("ana@acme.test", acme)
    async with portal.work():
        id = (await deliver(as_ubl(invoice("CANARY")))).invoice
    browser = await portal.browser(ana)
    file = await file_of(portal, id)
    assert 'href="/invoices"' in (await browser.get("/")).text
    async with portal.work():
        await TenantModule.update({TenantModule.enabled: False}).where(TenantModule.module == "invoices")
        await raise_version(portal.tenant.id)
    for path in ("/invoices", f"/invoices/{id}", f"/invoices/{id}/print", "/invoices/export.csv", file):
        assert (await browser.get(path)).status_code == 404
    home = (await browser.get("/")).text
    assert 'href="/invoices' not in home
    assert "CANARY" not in home


async def test_the_choice_of_a_period_is_kept_in_a_cookie_as_safe_as_any(portal: Portal) -> None:
    use_settings(replace(settings(), base_url="https://portal.test"))
    contact = await portal.contact("ana@acme.example", await portal.customer("Acme SA"))
    browser = await portal.browser(contact)
    headers = {"cookie": f"__Host-{COOKIE}={browser.token}"}
    answer = await browser.get("/invoices?period=2026-W47", headers=headers)
    assert answer.status_code == 200
    (kept,) = [text for text in answer.headers.get_list("set-cookie") if "portico_period" in text]
    assert kept == "__Host-portico_period=week; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000"


async def test_amounts_of_a_credit_note_have_one_sign_in_exports(portal: Portal, acme: Any) -> None:
    ana = await portal.contact("ana@acme.test", acme, language="en")
    async with portal.work():
        await deliver_ubl("F-1")
        await deliver_ubl("R-1", credit_note=True)
    text = (await (await portal.browser(ana)).get("/invoices/export.csv?period=all&sort=number")).text
    head, *rows = (line.lstrip("\ufeff").split(",") for line in text.splitlines())
    names = ("Number", "Without VAT", "VAT", "Total")
    assert [[row[head.index(name)] for name in names] for row in rows] == [
        ["F-1", "1000.00", "210.00", "1210.00"],
        ["R-1", "-1000.00", "-210.00", "-1210.00"],
    ]
