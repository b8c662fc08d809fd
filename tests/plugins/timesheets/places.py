"""The module's pages, for the checks of every page."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.places import UUID, Pages, Place, open_filters, send_nothing, suggestions, tick


async def ask_reason(page: Page) -> None:
    """Ask to open an approved entry again: the page that wants the reason."""
    await page.locator('form[action="/staff/timesheets/reopen"] button').click()
    await page.locator('form[action="/staff/timesheets/reopened"]').wait_for()


async def without_reason(page: Page) -> None:
    """Give no reason."""
    await ask_reason(page)
    await send_nothing(page)


async def pass_over(page: Page) -> None:
    """Approve what is approved already: the page that names what was passed over."""
    await tick(page)
    await page.locator('.selection-bar button[formaction*="/timesheets/approve"]').click()
    await page.locator(".lines .chip").first.wait_for()


async def open_dispute(page: Page) -> None:
    """Open the form of who finds something wrong, and send nothing."""
    form = page.locator('form[action$="/dispute"]')
    await page.locator("details", has=form).locator("summary").click()
    await form.evaluate("form => { form.noValidate = true; }")
    await form.locator("button").click()
    await page.locator(".error-summary").first.wait_for()


async def open_correction(page: Page) -> None:
    """Open the form of who may change an entry herself, and give no reason."""
    form = page.locator('form[action$="/correct"]')
    await page.locator("details", has=form).locator("summary").click()
    await form.evaluate("form => { form.noValidate = true; }")
    await form.locator("button").click()
    await page.locator(".error-summary").first.wait_for()


async def open_columns(page: Page) -> None:
    """Open the columns of a list that was brought in."""
    await page.locator("details:has(.column-plan) > summary").click()


_DOWNLOADS = (
    ("", ("export.csv", "export.xlsx")),
    ("/jobs", ("export.csv", "export.xlsx")),
    ("/projects", ("export.csv", "export.xlsx")),
    ("/approvals/{approval:uuid}", ("sheet.pdf", "sheet.xlsx")),
)

PAGES = Pages(
    contact=(
        Place("timesheets", "/timesheets"),
        Place("timesheets-week", "/timesheets?period=week"),
        Place("timesheets-grouped", "/timesheets?period=all&sort=by_worker"),
        Place("timesheets-none", "/timesheets?q=nothing-like-this"),
        Place("timesheets-approve-all", "/timesheets/approve-all?period=all"),
        Place("timesheets-approve-none", "/timesheets/approve-all?q=nothing-like-this"),
        Place("entry-register", "/timesheets/new"),
        Place("entry", "/timesheets/{entry}"),
        Place("entry-approved", "/timesheets/{approved}"),
        Place("entry-disputed", "/timesheets/{disputed}"),
        Place("approval", "/timesheets/approvals/{approval}"),
        Place("deputies", "/timesheets/deputies"),
        Place("jobs", "/timesheets/jobs?period=all"),
        Place("job", "/timesheets/jobs/{job}"),
        Place("projects", "/timesheets/projects"),
        Place("undertaking", "/timesheets/projects/{undertaking}"),
    ),
    staff=(
        Place("staff-timesheets", "/staff/timesheets?period=all"),
        Place("staff-entry", "/staff/timesheets/{entry}"),
        Place("staff-entry-approved", "/staff/timesheets/{approved}"),
        Place("staff-entry-disputed", "/staff/timesheets/{disputed}"),
        Place("staff-approval", "/staff/timesheets/approvals/{approval}"),
        Place("timesheets-upload", "/staff/timesheets/upload"),
        Place("timesheets-preview", "/staff/timesheets/uploads/{list}"),
        Place("timesheets-taken", "/staff/timesheets/intakes/{intake}"),
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
        Place("preferences-timesheets", "/staff/preferences/modules/timesheets"),
    ),
    look_up={
        "entry": ("contact", "/timesheets?period=all&state=for_approval", rf'row-link" href="/timesheets/({UUID})"'),
        "disputed": ("contact", "/timesheets?period=all&state=disputed", rf'row-link" href="/timesheets/({UUID})"'),
        "approved": ("contact", "/timesheets?period=all&state=approved", rf'row-link" href="/timesheets/({UUID})"'),
        "approval": ("contact", "/timesheets/{approved}", rf"/timesheets/approvals/({UUID})"),
        "job": ("contact", "/timesheets/jobs?period=all", rf"/timesheets/jobs/({UUID})"),
        "list": ("staff", "/staff/timesheets/upload", rf"/staff/timesheets/uploads/({UUID})"),
        "intake": ("staff", "/staff/timesheets/upload", rf"/staff/timesheets/intakes/({UUID})"),
        "undertaking": ("contact", "/timesheets/projects", rf"/timesheets/projects/({UUID})"),
        "task": ("staff", "/staff/timesheets/projects/{undertaking}", rf"/tasks/({UUID})"),
    },
    states=(
        ("contact", "/timesheets?period=all", open_filters),
        ("contact", "/timesheets?period=all&state=for_approval", tick),
        ("contact", "/timesheets?period=all&state=approved", pass_over),
        ("contact", "/timesheets/{entry}", open_dispute),
        ("contact", "/timesheets/{entry}", open_correction),
        ("contact", "/timesheets/new", send_nothing),
        ("staff", "/staff/timesheets/{approved}", ask_reason),
        ("staff", "/staff/timesheets/{approved}", without_reason),
        ("staff", "/staff/timesheets/new", suggestions),
        ("staff", "/staff/timesheets/new?customer={customer}", send_nothing),
        ("staff", "/staff/timesheets/uploads/{list}", open_columns),
    ),
    no_pages=frozenset(
        {
            *(
                f"{side}/timesheets{part}/{name}"
                for side in ("", "/staff")
                for part, names in _DOWNLOADS
                for name in names
            ),
            "/staff/timesheets/intakes/{intake:uuid}/refused.csv",
            "/staff/timesheets/new/customers",
            "/staff/timesheets/jobs/new/customers",
            "/staff/timesheets/upload/customers",
        }
    ),
)
