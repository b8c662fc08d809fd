"""
The ways in, with real mails: a temporary password, a forgotten one, a link to sign in, another address.

Before the person, a scanner of mail servers opens each mail: it fetches, asks for headers, and presses every button.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.desk import PASSWORD, Desk, leave, link_to, sign_out, text_of
from tests.browser.running import Postbox, installation
from tests.browser.test_story import scan
from tests.browser.watching import sign_in, watched
from tests.db_fixtures import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")

STAFF, HER, HERS_NOW = "elena@obrador.example", "marta@acme.example", "marta.nueva@acme.example"
OTHER = "otra frase bastante larga para entrar"


class Mailbox:
    """Somebody's mailbox behind a mail server that looks into every mail first."""

    def __init__(self, post: Postbox, browser: Browser, address: str) -> None:
        self.post, self.browser, self.address, self.read = post, browser, address, 0
        self.pressed: set[str] = set()

    async def next(self) -> EmailMessage:
        """Wait for the next mail; a scanner has been at it."""
        mail = await self.post.next(self.address, self.read)
        self.read += 1
        await scan(self.browser, mail, self.pressed)
        return mail


async def fill_and_save(page: Page, password: str) -> None:
    """Set a password in the box: its button opens when all rules hold."""
    update = page.locator("main form.form .form-actions button")
    await expect(update).to_be_disabled()
    await page.locator('[name="password"]').fill(password)
    await page.locator('[name="repeat"]').fill(f"{password}x")
    await expect(update).to_be_disabled()
    await page.locator('[name="repeat"]').fill(password)
    await expect(update).to_be_enabled()
    await leave(page, update)
    await expect(page.locator(".topbar")).to_be_visible()


async def arrange(desk: Desk) -> None:
    """Temporary passwords at the first sign-in, and links to sign in."""
    await desk.open("/staff/preferences/security")
    form = desk.page.locator("form").filter(has=desk.page.locator('option[value="temporary_password"]'))
    await form.locator('select:has(option[value="temporary_password"])').select_option("temporary_password")
    await form.get_by_label("Offer signing in with a link by e-mail").check()
    await leave(desk.page, form.locator(".form-actions button"))


async def test_the_ways_in(browser: Browser, post: Postbox, databases: Databases, tmp_path: Path) -> None:
    async with databases.url("sqlite") as url, AsyncExitStack() as open_at_end:
        site = installation(
            tmp_path / "home",
            PORTICO_DATABASE_URL=url,
            PORTICO_SMTP_URL=f"smtp://127.0.0.1:{post.port}",
            PORTICO_MAIL_FROM="portal@localhost",
        )
        await site.run("migrate")
        await site.run(
            "tenant", "create", "Obrador", "--portal-name", "obrador", "--tax-id", "B12345674", "--language", "en"
        )
        await open_at_end.enter_async_context(site.serving("serve", "--port", str(site.port)))
        await site.run("staff", "invite", STAFF, "--tenant", "obrador", "--name", "Elena Obrador")
        origin = site.url("obrador", "")

        async def person() -> Page:
            context = await open_at_end.enter_async_context(watched(browser, locale="en"))
            return await context.new_page()

        desk = Desk(await person(), origin)
        await desk.arrive(link_to(await post.next(STAFF, 0), "invitation"), STAFF)
        await arrange(desk)
        await desk.add_customer("Acme SA", "A58818501")
        await desk.add_contact("Marta Acme", HER, customer="Acme SA", role="Manager", access="invite", language="en")
        mails, page = Mailbox(post, browser, HER), await person()

        # a temporary password: address of the portal, user name, password; it opens the box alone
        mail = await mails.next()
        text = text_of(mail)
        temporary = re.search(r"^[a-z2-9]{4}(-[a-z2-9]{4}){3}$", text, re.MULTILINE)
        assert temporary
        assert HER in text
        assert f"\n{origin}/\n" in text
        await sign_in(page, f"{origin}/", HER, temporary[0])
        for path in ("/", "/profile", "/account/sessions"):
            await page.goto(f"{origin}{path}")
            await expect(page).to_have_url(f"{origin}/account/password")
        await fill_and_save(page, PASSWORD)
        await sign_out(page)

        # forgotten: a box on the sign-in page; the link is whole on its line, and works in another browser
        await page.goto(f"{origin}/")
        await page.locator('[data-dialog="forgot"]').click()
        box = page.locator("dialog#forgot")
        await expect(box).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(box).to_be_hidden()
        await page.locator('[data-dialog="forgot"]').click()
        await box.locator('[name="email"]').fill(f" {HER.upper()} ")
        await leave(page, box.locator('button:not([type="button"])').last)
        mail = await mails.next()
        link = link_to(mail, "reset")
        assert link in text_of(mail).split("\n")
        elsewhere = await person()
        await elsewhere.goto(link)
        await fill_and_save(elsewhere, OTHER)
        assert "changed" in str((await mails.next())["Subject"])

        # a link to sign in: one button in the browser that asked
        await page.goto(f"{origin}/sign-in-link")
        await page.locator('[name="email"]').fill(HER)
        await leave(page, page.locator("main form.form .form-actions button"))
        mail = await mails.next()
        link = link_to(mail, "sign-in-link")
        phone = await person()
        await phone.goto(link)
        await expect(phone.locator('[name="code"]')).to_be_visible()
        await page.goto(link)
        await expect(page.locator('[name="code"]')).to_have_count(0)
        await leave(page, page.locator("main form.form .form-actions button"))
        await expect(page.locator(".topbar")).to_be_visible()

        # and with the code on another device, of which she is told
        await phone.goto(f"{origin}/sign-in-link")
        await phone.locator('[name="email"]').fill(HER)
        await leave(phone, phone.locator("main form.form .form-actions button"))
        mail = await mails.next()
        code = re.search(r"^[a-z2-9]{4}-[a-z2-9]{4}$", text_of(mail), re.MULTILINE)
        assert code
        third = await person()
        await third.goto(link_to(mail, "sign-in-link"))
        await third.locator('[name="code"]').fill(code[0])
        await leave(third, third.locator("main form.form .form-actions button"))
        await expect(third.locator(".topbar")).to_be_visible()
        assert "new device" in str((await mails.next())["Subject"])

        # another address: the old one hears of it twice, the new one signs in
        await page.goto(f"{origin}/account/email")
        await page.locator('[name="email"]').fill(HERS_NOW)
        await page.locator('[name="current"]').fill(OTHER)
        await leave(page, page.locator("main form.form .form-actions button"))
        assert "requested" in str((await mails.next())["Subject"])
        link = link_to(await Mailbox(post, browser, HERS_NOW).next(), "change-email")
        await page.goto(link)
        await leave(page, page.locator("main form.form .form-actions button"))
        await expect(page.locator("main")).to_contain_text(HERS_NOW)
        assert "changed" in str((await mails.next())["Subject"])
        await third.goto(f"{origin}/profile")
        await expect(third.locator('form[action="/sign-in"]')).to_be_visible()
        await sign_in(third, f"{origin}/", HERS_NOW, OTHER)
        await expect(third.locator(".topbar")).to_be_visible()
