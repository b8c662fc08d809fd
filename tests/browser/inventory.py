"""Every page that people look at: who sees it, and where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.running import Demo

UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Place:
    """A page; `{name}` in its path is looked up in the demo."""

    name: str
    path: str


SIGNED_OUT: Final = (
    Place("sign-in", "/"),
    Place("forgot", "/forgot-password"),
    Place("sign-in-link", "/sign-in-link"),
    Place("sign-in-help", "/sign-in/help"),
    Place("link-spent", "/invitation/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("sign-in-link-spent", "/sign-in-link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("linking-password-spent", "/linking-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("hand-over-spent", "/hand-over/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("email-link-spent", "/change-email/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("reset-spent", "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("unsubscribe-unknown", "/notifications/unsubscribe/nonsense"),
    Place("register", "/register"),
    Place("registration-spent", "/register/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    Place("contact", "/contact"),
    Place("unknown", "/no-such-page"),
)
CONTACT: Final = (
    Place("home", "/"),
    Place("invoices", "/invoices"),
    Place("invoices-all", "/invoices?period=all"),
    Place("invoices-week", "/invoices?period=week"),
    Place("invoices-none", "/invoices?q=nothing-like-this"),
    Place("invoice", "/invoices/{invoice}"),
    Place("invoice-xml", "/invoices/{rendered}"),
    Place("invoice-print", "/invoices/{rendered}/print"),
    Place("timesheets", "/timesheets"),
    Place("timesheets-week", "/timesheets?period=week"),
    Place("timesheets-grouped", "/timesheets?period=all&sort=by_worker"),
    Place("timesheets-none", "/timesheets?q=nothing-like-this"),
    Place("timesheets-approve-all", "/timesheets/approve-all?period=all"),
    Place("entry", "/timesheets/{entry}"),
    Place("entry-disputed", "/timesheets/{disputed}"),
    Place("approval", "/timesheets/approvals/{approval}"),
    Place("deputies", "/timesheets/deputies"),
    Place("jobs", "/timesheets/jobs?period=all"),
    Place("job", "/timesheets/jobs/{job}"),
    Place("projects", "/timesheets/projects"),
    Place("undertaking", "/timesheets/projects/{undertaking}"),
    Place("bell", "/notifications"),
    Place("choices", "/account/notifications"),
    Place("profile", "/profile"),
    Place("profile-settings", "/profile/settings"),
    Place("company", "/company"),
    Place("colleagues", "/colleagues"),
    Place("colleague", "{colleague}"),
    Place("colleague-new", "{company}/new"),
    Place("password", "/account/password"),
    Place("email", "/account/email"),
    Place("sessions", "/account/sessions"),
    Place("offices", "/account/offices"),
    Place("contact-in", "/contact"),
    Place("unknown-in", "/invoices/00000000-0000-7000-8000-000000000000"),
)
STAFF: Final = (
    Place("staff-home", "/staff"),
    Place("staff-invoices", "/staff/invoices"),
    Place("staff-invoices-all", "/staff/invoices?period=all"),
    Place("staff-invoice", "/staff/invoices/{invoice}"),
    Place("staff-invoice-print", "/staff/invoices/{invoice}/print"),
    Place("staff-invoice-assign", "/staff/invoices/{invoice}/assign"),
    Place("upload", "/staff/invoices/upload"),
    Place("quarantine", "/staff/invoices/quarantine"),
    Place("quarantine-discarded", "/staff/invoices/quarantine?show=discarded"),
    Place("problem", "/staff/invoices/quarantine/{problem}"),
    Place("staff-timesheets", "/staff/timesheets?period=all"),
    Place("staff-entry", "/staff/timesheets/{entry}"),
    Place("staff-entry-disputed", "/staff/timesheets/{disputed}"),
    Place("staff-approval", "/staff/timesheets/approvals/{approval}"),
    Place("timesheets-upload", "/staff/timesheets/upload"),
    Place("timesheets-preview", "/staff/timesheets/uploads/{list}"),
    Place("entry-new", "/staff/timesheets/new"),
    Place("entry-new-at", "/staff/timesheets/new?customer={customer}"),
    Place("staff-jobs", "/staff/timesheets/jobs?period=all"),
    Place("staff-job", "/staff/timesheets/jobs/{job}"),
    Place("job-new", "/staff/timesheets/jobs/new"),
    Place("job-new-at", "/staff/timesheets/jobs/new?customer={customer}"),
    Place("job-edit", "/staff/timesheets/jobs/{job}/edit"),
    Place("staff-projects", "/staff/timesheets/projects"),
    Place("staff-undertaking", "/staff/timesheets/projects/{undertaking}"),
    Place("task-edit", "/staff/timesheets/projects/{undertaking}/tasks/{task}"),
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
    Place("preferences-modules", "/staff/preferences/modules"),
    Place("preferences-module", "/staff/preferences/modules/invoices"),
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
    "invoice": ("contact", "/invoices?period=all", rf"/invoices/({UUID})"),
    "entry": ("contact", "/timesheets?period=all&state=for_approval", rf'row-link" href="/timesheets/({UUID})"'),
    "disputed": ("contact", "/timesheets?period=all&state=disputed", rf'row-link" href="/timesheets/({UUID})"'),
    "approved": ("contact", "/timesheets?period=all&state=approved", rf'row-link" href="/timesheets/({UUID})"'),
    "approval": ("contact", "/timesheets/{approved}", rf"/timesheets/approvals/({UUID})"),
    "job": ("contact", "/timesheets/jobs?period=all", rf"/timesheets/jobs/({UUID})"),
    "list": ("staff", "/staff/timesheets/upload", rf"/staff/timesheets/uploads/({UUID})"),
    "undertaking": ("contact", "/timesheets/projects", rf"/timesheets/projects/({UUID})"),
    "task": ("staff", "/staff/timesheets/projects/{undertaking}", rf"/tasks/({UUID})"),
    "problem": ("staff", "/staff/invoices/quarantine", rf"/staff/invoices/quarantine/({UUID})"),
    "customer": ("staff", "/staff/customers", rf"/staff/customers/({UUID})"),
    "project": ("staff", "/staff/customers/{customer}", rf"/projects/({UUID})"),
    "person": ("staff", "/staff/people", rf"/staff/people/({UUID})"),
    "registration": ("staff", "/staff/registrations", rf"/staff/registrations/({UUID})"),
    "role": ("staff", "/staff/roles", rf"/staff/roles/({UUID})"),
    "colleague": ("contact", "/colleagues", rf'"(/colleagues/{UUID}/{UUID})" dir="auto">[^<(]*<'),  # not oneself
    "company": ("contact", "/colleagues", rf'"(/colleagues/{UUID})/new"'),
}


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
        groups = (("nobody", SIGNED_OUT), ("contact", CONTACT), ("staff", STAFF))
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
    for name, (who, path, link) in LOOK_UP.items():
        visit.ids[name] = (await _linked(pages[who], visit.url(path), link))[0]
    for id in await _linked(pages["contact"], visit.url("/invoices?period=all"), rf"/invoices/({UUID})"):
        await pages["contact"].goto(visit.url(f"/invoices/{id}"))
        if await pages["contact"].locator('a[href$="/print"]').count():  # it came as XML only
            visit.ids["rendered"] = id
            break
    for page in pages.values():
        await page.close()


async def _linked(page: Page, url: str, link: str) -> list[str]:
    await page.goto(url)
    found: list[str] = re.findall(link, await page.content())
    assert found, f"{url} links nothing like {link}"
    return list(dict.fromkeys(found))
