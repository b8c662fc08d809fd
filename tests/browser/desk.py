"""What people do in their browsers, step by step: staff at the desk, contacts with their mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.watching import sign_in

PASSWORD = "una frase bastante larga para entrar"


def text_of(mail: EmailMessage) -> str:
    """The plain part."""
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def links_of(mail: EmailMessage) -> list[str]:
    """Every link of both parts."""
    found: list[str] = []
    for kind in ("plain", "html"):
        body = mail.get_body(preferencelist=(kind,))
        assert body is not None
        found += re.findall(r"https?://[^\s\"'<>]+", str(body.get_content()))
    return list(dict.fromkeys(found))


def link_to(mail: EmailMessage, part: str) -> str:
    """The mail's link with this in its path."""
    (found,) = (link for link in links_of(mail) if f"/{part}/" in link)
    return found


async def leave(page: Page, button: Locator) -> None:
    """Press what leads to another page, and wait for it."""
    async with page.expect_navigation():
        await button.click()


async def set_password(page: Page, link: str) -> None:
    """Follow a mailed link and set a password."""
    await page.goto(link)
    update = page.locator("main form.form .form-actions button")
    await expect(update).to_be_disabled()
    await page.locator('[name="password"]').fill(PASSWORD)
    await expect(update).to_be_disabled()
    await page.locator('[name="repeat"]').fill(PASSWORD)
    await expect(update).to_be_enabled()
    await leave(page, update)


async def sign_out(page: Page) -> None:
    """Sign out by the menu behind one's name."""
    await page.locator("#person-menu summary").click()
    await leave(page, page.locator('#person-menu form[action="/logout"] button'))
    await expect(page.locator('form[action="/sign-in"]')).to_be_visible()


async def menu_of(page: Page) -> list[tuple[str, str]]:
    """The menu at the left: where each item leads, and its name."""
    items = page.locator(".rail-list a")
    return [
        (str(await item.get_attribute("href")), str(await item.locator(".rail-label").text_content()))
        for item in await items.all()
    ]


@dataclass(slots=True)
class Desk:
    """A member of staff at her browser."""

    page: Page
    origin: str

    async def open(self, path: str) -> None:
        """Go to a page of the back office; it is there."""
        answer = await self.page.goto(f"{self.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path

    async def arrive(self, invitation: str, email: str) -> None:
        """Set a password, then sign in with it as on any other day."""
        await set_password(self.page, invitation)
        await expect(self.page.locator(".topbar .area")).to_be_visible()
        await sign_out(self.page)
        await sign_in(self.page, f"{self.origin}/", email, PASSWORD)
        await expect(self.page).to_have_url(f"{self.origin}/staff")

    async def switch(self, module: str, way: str) -> None:
        """Enable or disable a module on the preferences page."""
        await self.open("/staff/preferences/modules")
        button = self.page.locator(f'form[action$="/{module}/{way}"] button')
        if way == "disable":
            await button.click()
            await leave(self.page, self.page.locator('#confirm button[value="yes"]'))
        else:
            await leave(self.page, button)
        other = "enable" if way == "disable" else "disable"
        await expect(self.page.locator(f'form[action$="/{module}/{other}"]')).to_be_visible()

    async def invite_with_the_first_document(self) -> None:
        """Let invitations go out by themselves."""
        await self.open("/staff/preferences/security")
        choice = self.page.locator('select:has(option[value="first_document"])')
        await choice.select_option("first_document")
        await leave(self.page, self.page.locator("form").filter(has=choice).locator(".form-actions button"))

    async def add_customer(self, name: str, tax_id: str = "") -> None:
        """Add a customer."""
        await self.open("/staff/customers/new")
        await self.page.locator('[name="name"]').fill(name)
        await self.page.locator('[name="tax_id"]').fill(tax_id)
        await self._save()
        await expect(self.page.locator("h1")).to_have_text(name)

    async def add_contact(self, name: str, email: str, *, customer: str, role: str, language: str, access: str) -> None:
        """Add a contact of a customer with a role, given by its name, and reach over the company."""
        given, _, family = name.partition(" ")
        await self.open("/staff/people/new")
        await self.page.locator('[name="given_name"]').fill(given)
        await self.page.locator('[name="family_name"]').fill(family)
        await self.page.locator('[name="email"]').fill(email)
        await self.page.locator('select[name="language"]').select_option(language)
        box = self.page.locator('combo-box:has(select[name="customer"])')
        await box.locator("input").click()
        await box.locator("input").press_sequentially(customer[:4])
        await box.locator("[role=option]").filter(has_text=customer).click()
        await self.page.locator("#role label").filter(has_text=re.compile(rf"^{role}")).click()
        await self.page.locator('[name="reach"][value="company"]').check()
        asked = self.page.locator(f'[name="access"][value="{access}"]')
        if await asked.count():
            await asked.check()
        await self._save()
        await expect(self.page.locator(".field-error, .error-summary")).to_have_count(0)
        by_hand = self.page.locator('form[action$="/invite"] button')
        if access == "invite" and await by_hand.count():
            await by_hand.click()
            await leave(self.page, self.page.locator('#confirm button[value="yes"]'))

    async def _save(self) -> None:
        await leave(self.page, self.page.locator("main form.form .form-actions button").first)

    async def upload(self, files: list[Path]) -> None:
        """Drop files on the upload page; each is published."""
        await self.open("/staff/invoices/upload")
        await self.page.locator('input[type="file"]').set_input_files(files)
        await self.page.locator("form[data-upload] .form-actions button").click()
        results = self.page.locator(".result")
        await expect(results).to_have_count(len(files))
        for result in await results.all():
            assert await result.locator('.chip[data-tone="success"]').count() == 1, await result.text_content()
