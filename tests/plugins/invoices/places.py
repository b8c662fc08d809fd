"""The module's pages, for the checks of every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Page

from tests.browser.places import UUID, Pages, Place, ask_again, linked, open_filters, tick


async def rendered(pages: Mapping[str, Page], visit: Any) -> None:
    """Find an invoice that came as XML only."""
    page = pages["contact"]
    for id in await linked(page, visit.url("/invoices?period=all"), rf"/invoices/({UUID})"):
        await page.goto(visit.url(f"/invoices/{id}"))
        if await page.locator('a[href$="/print"]').count():
            visit.ids["rendered"] = id
            break


PAGES = Pages(
    contact=(
        Place("invoices", "/invoices"),
        Place("invoices-all", "/invoices?period=all"),
        Place("invoices-week", "/invoices?period=week"),
        Place("invoices-none", "/invoices?q=nothing-like-this"),
        Place("invoice", "/invoices/{invoice}"),
        Place("invoice-xml", "/invoices/{rendered}"),
        Place("invoice-print", "/invoices/{rendered}/print"),
        Place("invoice-forward", "/records/invoice/{invoice}/forward"),
    ),
    staff=(
        Place("staff-invoices", "/staff/invoices"),
        Place("staff-invoices-all", "/staff/invoices?period=all"),
        Place("staff-invoice", "/staff/invoices/{invoice}"),
        Place("staff-invoice-print", "/staff/invoices/{invoice}/print"),
        Place("staff-invoice-forward", "/records/invoice/{invoice}/forward"),
        Place("staff-invoice-assign", "/staff/invoices/{invoice}/assign"),
        Place("upload", "/staff/invoices/upload"),
        Place("quarantine", "/staff/invoices/quarantine"),
        Place("quarantine-discarded", "/staff/invoices/quarantine?show=discarded"),
        Place("problem", "/staff/invoices/quarantine/{problem}"),
        Place("preferences-invoices", "/staff/preferences/modules/invoices"),
    ),
    look_up={
        "invoice": ("contact", "/invoices?period=all", rf"/invoices/({UUID})"),
        "problem": ("staff", "/staff/invoices/quarantine", rf"/staff/invoices/quarantine/({UUID})"),
    },
    look_further=rendered,
    states=(
        ("contact", "/invoices?period=all", open_filters),
        ("contact", "/invoices?period=all", tick),
        ("staff", "/staff/invoices/quarantine", ask_again),
    ),
    no_pages=frozenset(
        {
            "/invoices/export.csv",
            "/invoices/export.xlsx",
            "/staff/invoices/export.csv",
            "/staff/invoices/export.xlsx",
            "/staff/invoices/quarantine/customers",
            "/staff/invoices/quarantine/{problem:uuid}/file",
        }
    ),
)
