"""The story that the portal is for, told once in each language: from an empty database to the downloaded file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from core.clock import now
from core.i18n import html_lang
from plugins.invoices.demo_files import DemoInvoice, DemoLine, DemoParty, as_facturx, as_ubl
from tests.browser.desk import PASSWORD, Desk, leave, link_to, links_of, menu_of, set_password, sign_out, text_of
from tests.browser.running import Installation, Postbox, installation
from tests.browser.watching import sign_in, watched
from tests.db_fixtures import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")

PORTAL = "Obrador Temporal"
ZONE = ZoneInfo("Europe/Madrid")
"""The tenant's, as the command makes it: its list opens on the month that it is there."""
HER, HIS, THEIRS = "marta@acme.example", "iker@acme.example", "rosa@otra.example"
ABSENT, FORBIDDEN = frozenset({404}), frozenset({403, 404})
STAFF, ELSEWHERE = "elena@obrador.example", "luc@lumiere.example"


@dataclass(frozen=True, slots=True)
class Words:
    """What must stand where, in one language."""

    tenant_speaks: str
    """The tenant's own language, another one than the contact's."""
    manager: str
    basic: str
    """Roles as the tenant's staff reads them."""
    menu: tuple[str, ...]
    invited: str
    published: str
    amount: Callable[[str, str], str]
    """An amount as its reader writes it, from the digits before the comma and after."""
    day: Callable[[date], str]


def figures(day: date) -> str:
    return f"{day:%d/%m/%Y}"


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WORDS = {
    "es": Words(
        tenant_speaks="en",
        manager="Manager",
        basic="Basic",
        menu=("Inicio", "Facturas", "Compañeros", "Contacto"),
        invited=f"Alta en {PORTAL}",
        published=f"Nueva Factura disponible en {PORTAL}",
        amount=lambda whole, cents: f"{whole.replace(' ', '.')},{cents} €",
        day=figures,
    ),
    "fr": Words(
        tenant_speaks="es",
        manager="Gestor",
        basic="Básico",
        menu=("Accueil", "Factures", "Collègues", "Contact"),
        invited=f"Votre accès à {PORTAL}",
        published=f"Nouvelle facture disponible sur {PORTAL}",
        amount=lambda whole, cents: whole.replace(" ", "\u202f") + f",{cents} €",
        day=figures,
    ),
    "pt": Words(
        tenant_speaks="es",
        manager="Gestor",
        basic="Básico",
        menu=("Início", "Faturas", "Colegas", "Contato"),
        invited=f"Acesso a {PORTAL}",
        published=f"Nova fatura disponível em {PORTAL}",
        amount=lambda whole, cents: f"€ {whole.replace(' ', '.')},{cents}",
        day=figures,
    ),
    "en": Words(
        tenant_speaks="es",
        manager="Gestor",
        basic="Básico",
        menu=("Home", "Invoices", "Colleagues", "Contact"),
        invited=f"Access to {PORTAL}",
        published=f"New invoice available in {PORTAL}",
        amount=lambda whole, cents: f"€{whole.replace(' ', ',')}.{cents}",
        day=lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    ),
}


def invoice(number: str, price: str, day: date) -> DemoInvoice:
    """An invoice of the tenant to the customer, of that day; 10 hours, 21 % VAT."""
    return DemoInvoice(
        number=number,
        seller=DemoParty(name=PORTAL, tax_id="ESB12345674", city="Madrid"),
        buyer=DemoParty(
            name="Acme SA", tax_id="ESA58818501", street="Calle Mayor 1", postal_code="28013", city="Madrid"
        ),
        issued_on=day,
        due_on=day,
        lines=(DemoLine(name="Consulting", quantity="10", unit="HUR", price=price),),
        iban="ES9121000418450200051332",
    )


async def scan(browser: Browser, mail: EmailMessage, pressed: set[str]) -> None:
    """
    Do to a mail's links what scanners of mail servers do: GET, HEAD, open without cookies, press every button.

    *pressed* are the pages whose buttons it has tried: most links lead to signing in, and once is enough there.
    """
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        for link in links_of(mail):
            host = httpx.URL(link).netloc.decode()
            local = httpx.URL(link).copy_with(host="127.0.0.1")
            for method in ("GET", "HEAD"):
                assert (await client.request(method, local, headers={"Host": host})).status_code < 500
    context = await browser.new_context()
    page = await context.new_page()
    for link in [link for link in links_of(mail) if "localhost" in link]:
        await context.clear_cookies()
        await page.goto(link)
        here, untouched = urlsplit(page.url).path, True
        for at in range(await page.locator("main button").count() if here not in pressed else 0):
            if not untouched:
                await page.goto(link)
            button = page.locator("main button").nth(at)
            untouched = not (await button.is_visible() and await button.is_enabled())
            if not untouched:
                await button.click()
                await page.wait_for_load_state()
        pressed.add(here)
    await context.close()


async def expect_nothing(page: Page, origin: str, paths: list[str], *, statuses: frozenset[int] = ABSENT) -> None:
    """None of it is there: not in the menu, not under its URLs, not a word."""
    await page.goto(f"{origin}/")
    assert [where for where, _ in await menu_of(page) if "/invoices" in where] == []
    await refused(page, origin, paths, statuses=statuses)


async def refused(page: Page, origin: str, paths: list[str], *, statuses: frozenset[int] = ABSENT) -> None:
    """Nothing is under these paths."""
    for path in paths:
        answer = await page.goto(f"{origin}{path}")
        assert answer is not None
        assert answer.status in statuses, f"{path}: {answer.status}"
        assert "F-2026" not in await page.content()


@pytest.mark.parametrize(
    ("language", "dialect"),
    [
        ("es", "sqlite"),
        ("es", "postgres"),
        pytest.param("fr", "sqlite", marks=pytest.mark.long),
        pytest.param("pt", "sqlite", marks=pytest.mark.long),
        pytest.param("en", "sqlite", marks=pytest.mark.long),
    ],
)
async def test_from_an_empty_database_to_the_downloaded_file(
    *, language: str, dialect: str, browser: Browser, post: Postbox, databases: Databases, tmp_path: Path
) -> None:
    words, whole = WORDS[language], language == "es"  # who must not see it does not depend on the language
    today, pressed = now().astimezone(ZONE).date(), set[str]()
    async with databases.url(dialect) as url, AsyncExitStack() as open_at_end:
        site = installation(
            tmp_path / "home",
            PORTICO_DATABASE_URL=url,
            PORTICO_SMTP_URL=f"smtp://127.0.0.1:{post.port}",
            PORTICO_MAIL_FROM="portal@localhost",
        )
        await site.run("migrate")
        await create_tenant(site, "obrador", PORTAL, words.tenant_speaks)
        await open_at_end.enter_async_context(site.serving("serve", "--port", str(site.port)))
        await site.run("staff", "invite", STAFF, "--tenant", "obrador", "--name", "Elena Obrador")

        async def person(**options: str) -> Page:
            context = await open_at_end.enter_async_context(watched(browser, **options))
            return await context.new_page()

        # the back office opens its invitation, switches the module on, adds the customer and her people
        origin = site.url("obrador", "")
        desk = Desk(await person(locale=words.tenant_speaks), origin)
        await desk.arrive(link_to(await post.next(STAFF, 0), "invitation"), STAFF)
        await desk.switch("invoices", "enable")
        by_itself = language in {"es", "fr"}
        if by_itself:
            await desk.invite_with_the_first_document()
        access = "login" if by_itself else "invite"
        await desk.add_customer("Acme SA", "A58818501")
        await desk.add_contact(
            "Marta Acme", HER, customer="Acme SA", role=words.manager, access=access, language=language
        )
        if whole:
            await desk.add_customer("Otra SL")
            await desk.add_contact(
                "Iker Acme", HIS, customer="Acme SA", role=words.basic, access="invite", language=language
            )
            await desk.add_contact(
                "Rosa Otra", THEIRS, customer="Otra SL", role=words.manager, access="invite", language=language
            )

        # the first invoice comes in; she gets a mail in her language
        first = tmp_path / "F-2026-1.xml"
        first.write_bytes(as_ubl(invoice("F-2026-1", "123.45", today)))
        await bring(site, desk, first, by_command=language == "fr")
        mail = await post.next(HER, 0)
        assert str(mail["Subject"]) == words.invited
        assert mail["Content-Language"] == html_lang(language)
        await scan(browser, mail, pressed)

        # her password, and what she may use
        page = await person(locale=language)
        await set_password(page, link_to(mail, "invitation"))
        await expect(page.locator(".topbar")).to_be_visible()
        await sign_out(page)
        await sign_in(page, f"{origin}/", HER, PASSWORD)
        await expect(page.locator("html")).to_have_attribute("lang", html_lang(language))
        paths = ("/", "/invoices", "/colleagues", "/contact")
        assert await menu_of(page) == list(zip(paths, words.menu, strict=True))

        # the invoice: from the list to its figures and its file
        await page.locator('.rail-list a[href="/invoices"]').click()
        await page.mouse.move(640, 360)  # the menu lies over the page as long as the pointer is on it
        await leave(page, page.locator(".row-link").filter(has_text="F-2026-1"))
        await expect(page.locator("h1")).to_contain_text("F-2026-1")
        await expect(page.locator(".document .grand dd")).to_have_text(words.amount("1 493", "75"))
        await expect(page.locator(".document .doc-head")).to_contain_text(words.day(today))
        assert await download(page) == ("F-2026-1.xml", first.read_bytes())
        shown = page.url

        # the second one, a PDF: the mail says number and day, its link leads through signing in to the invoice
        second = tmp_path / "F-2026-2.pdf"
        second.write_bytes(as_facturx(invoice("F-2026-2", "10.00", today)))
        await sign_out(page)
        await bring(site, desk, second, by_command=language == "en")
        mail = await post.next(HER, 1)
        assert str(mail["Subject"]) == words.published
        assert "F-2026-2" in text_of(mail)
        assert words.day(today) in text_of(mail)
        await scan(browser, mail, pressed)
        await page.goto(link_to(mail, "invoices"))
        form = page.locator('form[action="/sign-in"]')
        await form.locator('[name="email"]').fill(HER)
        await form.locator('[name="password"]').fill(PASSWORD)
        await leave(page, form.locator('button:not([type="button"])'))
        await expect(page.locator("h1")).to_contain_text("F-2026-2")
        await expect(page.locator(".document .grand dd")).to_have_text(words.amount("121", "00"))
        name, data = await download(page)
        assert (name, data) == ("F-2026-2.pdf", second.read_bytes())

        # nobody else sees anything of it
        file = str(await page.locator(".page-actions a[download]").get_attribute("href"))
        paths = ["/invoices", page.url.removeprefix(origin), f"{page.url.removeprefix(origin)}/print", file]
        if whole:
            his, theirs = await person(locale=language), await person(locale=language)
            for other, address in ((his, HIS), (theirs, THEIRS)):
                await set_password(other, link_to(await post.next(address, 0), "invitation"))
            await expect_nothing(his, origin, paths, statuses=FORBIDDEN)
            await theirs.goto(f"{origin}/invoices?period=all")
            await expect(theirs.locator(".empty")).to_be_visible()
            await refused(theirs, origin, paths[1:])
            assert [len(post.to(address)) for address in (HIS, THEIRS)] == [1, 1]
            await expect_nothing_elsewhere(
                site, post, await person(locale="fr"), paths[1], [shown.removeprefix(origin), *paths[1:]]
            )

        # switched off, it is as if it were not there
        await desk.switch("invoices", "disable")
        await expect_nothing(page, origin, paths)


async def create_tenant(site: Installation, portal: str, name: str, language: str) -> None:
    """A company with a portal in all languages, entitled to invoices."""
    spoken = [language, *(code for code in WORDS if code != language)]
    languages = [part for code in spoken for part in ("--language", code)]
    said = await site.run("tenant", "create", name, "--portal-name", portal, "--tax-id", "B12345674", *languages)
    assert said.strip() == site.url(portal, "")
    await site.run("tenant", "entitle", portal, "invoices")


async def expect_nothing_elsewhere(
    site: Installation, post: Postbox, page: Page, invoice: str, paths: list[str]
) -> None:
    """Another tenant of the installation, made while it serves: its staff finds nothing of it."""
    await create_tenant(site, "lumiere", "Lumière", "fr")
    await site.run("staff", "invite", ELSEWHERE, "--tenant", "lumiere", "--name", "Luc Lumière")
    elsewhere = Desk(page, site.url("lumiere", ""))
    await elsewhere.arrive(link_to(await post.next(ELSEWHERE, 0), "invitation"), ELSEWHERE)
    await elsewhere.switch("invoices", "enable")
    await refused(page, elsewhere.origin, [f"/staff{invoice}"])
    await refused(page, elsewhere.origin, paths, statuses=FORBIDDEN)


async def bring(site: Installation, desk: Desk, file: Path, *, by_command: bool) -> None:
    """Bring an invoice in: by the command, or at the upload page."""
    if by_command:
        said = await site.run("import", "invoices", "--tenant", "obrador", str(file.parent / file.name))
        assert said.splitlines()[-1] == "1 created"
    else:
        await desk.upload([file])


async def download(page: Page) -> tuple[str, bytes]:
    """Download the original at the top of the page."""
    async with page.expect_download() as waiting:
        await page.locator(".page-actions a[download]").click()
    got = await waiting.value
    return got.suggested_filename, await asyncio.to_thread((await got.path()).read_bytes)
