"""Every page that people look at: who sees it, and where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page

from tests.architecture.tree import ROOT
from tests.browser.places import UUID, Pages, Place, linked
from tests.browser.running import Demo

SIGNED_OUT: Final = (
    Place("sign-in", "/"),
    Place("forgot", "/forgot-password"),
    Place("sign-in-link", "/sign-in-link"),
    Place("sign-in-help", "/sign-in/help"),
    Place("link-spent", "/invitation/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("sign-in-link-spent", "/sign-in-link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("linking-password-spent", "/linking-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("hand-over-spent", "/hand-over/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("join-link-spent", "/link-sign-in/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("email-link-spent", "/change-email/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("reset-spent", "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("unsubscribe-unknown", "/notifications/unsubscribe/nonsense"),
    Place("register", "/register"),
    Place("provider-spent", "/sign-in/with/{provider}/callback"),
    Place("registration-spent", "/register/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("contact", "/contact"),
    Place("unknown", "/no-such-page"),
)
CONTACT: Final = (
    Place("home", "/"),
    Place("bell", "/notifications"),
    Place("choices", "/account/notifications"),
    Place("profile", "/profile"),
    Place("profile-settings", "/profile/settings"),
    Place("company", "/company"),
    Place("colleagues", "/colleagues"),
    Place("colleague", "{colleague}"),
    Place("colleague-new", "{company}/new"),
    Place("address-book", "/colleagues?show=address-book"),
    Place("address-book-entry", "{listed}"),
    Place("password", "/account/password"),
    Place("email", "/account/email"),
    Place("ways-to-sign-in", "/account/sign-in"),
    Place("sessions", "/account/sessions"),
    Place("offices", "/account/offices"),
    Place("offices-link", "/account/offices/link"),
    Place("contact-in", "/contact"),
    Place("unknown-in", "/no-such-page"),
)
STAFF: Final = (
    Place("staff-home", "/staff"),
    Place("customers", "/staff/customers"),
    Place("customer", "/staff/customers/{customer}"),
    Place("customer-edit", "/staff/customers/{customer}/edit"),
    Place("customer-new", "/staff/customers/new"),
    Place("project-new", "/staff/customers/{customer}/projects/new"),
    Place("project", "/staff/customers/{customer}/projects/{project}"),
    Place("people", "/staff/people"),
    Place("person", "/staff/people/{person}"),
    Place("person-preview", "/staff/people/{person}/preview"),
    Place("person-new", "/staff/people/new"),
    Place("people-deleted", "/staff/people?deleted=1"),
    Place("people-recipients", "/staff/people?show=recipient"),
    Place("recipient", "/staff/people/{recipient}"),
    Place("recipient-access", "/staff/people/new?person={recipient}"),
    Place("people-invite", "/staff/people/invite"),
    Place("people-import", "/staff/people/import"),
    Place("staff", "/staff/staff"),
    Place("staff-new", "/staff/staff/new"),
    Place("registrations", "/staff/registrations"),
    Place("registration", "/staff/registrations/{registration}"),
    Place("registrations-all", "/staff/registrations?show=all"),
    Place("roles", "/staff/roles"),
    Place("role", "/staff/roles/{role}"),
    Place("preferences", "/staff/preferences"),
    Place("preferences-name", "/staff/preferences?edit=name"),
    Place("preferences-rights", "/staff/preferences/rights"),
    Place("preferences-security", "/staff/preferences/security"),
    Place("preferences-messages", "/staff/preferences/messages"),
    Place("providers", "/staff/preferences/providers"),
    Place("provider-google", "/staff/preferences/providers/new/google"),
    Place("provider-microsoft", "/staff/preferences/providers/new/microsoft"),
    Place("provider-other", "/staff/preferences/providers/new/other"),
    Place("provider", "/staff/preferences/providers/{provider}"),
    Place("preferences-modules", "/staff/preferences/modules"),
    Place("failed-mail", "/staff/mail"),
    Place("imports", "/staff/imports"),
    Place("log", "/staff/log"),
    Place("log-filtered", "/staff/log?kind=core.person_added&day_from=2020-01-01"),
    Place("staff-bell", "/notifications"),
    Place("staff-profile", "/profile"),
    Place("staff-password", "/account/password"),
    Place("staff-email", "/account/email"),
    Place("staff-unknown", "/staff/no-such-page"),
)
BASE_HOST: Final = (Place("demo", "/"), Place("mailbox", "/mailbox"), Place("mail", "/mailbox/{mail}"))

# where an id is found: the page, as whom, and the link
LOOK_UP: Final = {
    "customer": ("staff", "/staff/customers", rf"/staff/customers/({UUID})"),
    "project": ("staff", "/staff/customers/{customer}", rf"/projects/({UUID})"),
    "person": ("staff", "/staff/people", rf"/staff/people/({UUID})"),
    "registration": ("staff", "/staff/registrations", rf"/staff/registrations/({UUID})"),
    "role": ("staff", "/staff/roles", rf"/staff/roles/({UUID})"),
    "provider": ("staff", "/staff/preferences/providers", rf"/staff/preferences/providers/({UUID})"),
    "colleague": ("contact", "/colleagues", rf'"(/colleagues/{UUID}/{UUID})" dir="auto">[^<(]*<'),  # not oneself
    "company": ("contact", "/colleagues", rf'"(/colleagues/{UUID})/new"'),
    "listed": ("contact", "/colleagues", rf'"(/colleagues/{UUID}/address-book/{UUID})"'),
    "recipient": ("staff", "/staff/people?show=recipient", rf"/staff/people/({UUID})"),
}


MODULES: Final[tuple[Pages, ...]] = tuple(
    import_module(f"tests.plugins.{folder.name}.places").PAGES
    for folder in sorted((ROOT / "plugins").iterdir())
    if (ROOT / "tests" / "plugins" / folder.name / "places.py").is_file()
)
"""What the installed modules show; who deletes one deletes its pages."""


@dataclass(slots=True)
class Visit:
    """One tenant's portal of the demo with a contact and a member of staff signed in."""

    demo: Demo
    tenant: str
    contact: str
    staff: str
    ids: dict[str, str]

    def places(self) -> list[tuple[str, Place, str]]:
        """Every page as (who, place, URL)."""
        groups = [("nobody", SIGNED_OUT), ("contact", CONTACT), ("staff", STAFF)]
        for module in MODULES:
            groups += [("contact", module.contact), ("staff", module.staff)]
        return [(who, place, self.url(place.path)) for who, places in groups for place in places]

    def url(self, path: str) -> str:
        """The URL of a path with its ids."""
        return self.demo.site.url(self.tenant, re.sub(r"{(\w+)}", lambda found: self.ids[found[1]], path))

    def login(self, who: str) -> dict[str, str]:
        """Who signs in."""
        return self.demo.login(self.contact if who == "contact" else self.staff, self.tenant)


async def session_of(browser: Browser, visit: Visit, who: str) -> dict[str, object]:
    """Sign in once; returns the browser's state, from which contexts can be made."""
    context = await browser.new_context()
    login = visit.login(who)
    page = await context.new_page()
    await page.goto(login["url"])
    await page.locator('form[action="/sign-in"] [name="email"]').fill(login["email"])
    await page.locator('form[action="/sign-in"] [name="password"]').fill(login["password"])
    await page.keyboard.press("Enter")
    await page.locator(".topbar").wait_for()
    state = await context.storage_state()
    await context.close()
    return dict(state)


async def speak(page: Page, profile: str, language: str) -> None:
    """Choose the language of one's pages."""
    await page.goto(profile)
    choice = page.locator('select[name="language"]')
    if await choice.input_value() != language:
        await choice.select_option(language)
        async with page.expect_navigation():
            await page.locator("form").filter(has=choice).locator(".form-actions button").first.click()


async def look_up(contexts: dict[str, BrowserContext], visit: Visit) -> None:
    """Find the ids that paths need."""
    pages = {who: await context.new_page() for who, context in contexts.items()}
    wanted = [*LOOK_UP.items(), *(each for module in MODULES for each in module.look_up.items())]
    for name, (who, path, link) in wanted:
        visit.ids[name] = (await linked(pages[who], visit.url(path), link))[0]
    for module in MODULES:
        if module.look_further is not None:
            await module.look_further(pages, visit)
    for page in pages.values():
        await page.close()
