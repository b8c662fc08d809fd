"""The page "Problems signing in?"."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from core.accounts.browser import device
from core.accounts.forms import TroubleForm, refusals_shown_in
from core.accounts.trouble import report_trouble
from core.i18n import Translator
from core.web import action, form, page, render

_ = Translator("core")

PATH = "/sign-in/help"

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


@page(PATH, name="accounts:trouble", public="for people who cannot sign in")
async def trouble_page() -> Page:
    """Show what helps, and a form to the staff."""
    return await _page(TroubleForm())


async def _page(filled: TroubleForm, *, status: int = 200) -> Page:
    return await render("accounts/trouble.html", status=status, title=_("Problems signing in?"), form=filled)


@action(PATH, name="accounts:report_trouble", public="for people who cannot sign in")
async def report(request: AnyRequest) -> Page:
    """Send it to the staff."""
    filled = await form(request, TroubleForm)
    if filled.validate():
        with refusals_shown_in(filled):
            await report_trouble(
                name=filled.name.data or "",
                email=filled.email.data or "",
                message=filled.message.data or "",
                device=device(),
            )
            return await render("accounts/trouble_sent.html", title=_("Your message is on its way"))
    return await _page(filled, status=422)


HANDLERS = [trouble_page, report]
