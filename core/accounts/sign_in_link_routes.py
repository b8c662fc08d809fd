"""Pages of signing in with a one-time link, where the tenant offers it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import sign_in_links
from core.accounts.browser import device, end_session_before, keep_session
from core.accounts.errors import LinkSpentError
from core.accounts.forms import CodeForm, SignInLinkForm, refusals_shown_in
from core.accounts.links import Purpose
from core.accounts.options import SIGN_IN_LINK
from core.accounts.pages import secret, spent_page
from core.accounts.tokens import new_token
from core.i18n import Translator
from core.web import action, cookie, form, page, render, see_other, set_cookie, visit

_ = Translator("core")

PATH = Purpose.SIGN_IN.path
COOKIE = "portico_asked"
"""Proves that this browser asked for the link."""

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


@page(PATH, name="accounts:sign_in_link_form", public="signing in", only_with=SIGN_IN_LINK)
async def ask_page() -> Page:
    """Show the form that asks for a link."""
    return await _ask_page(SignInLinkForm())


async def _ask_page(filled: SignInLinkForm, *, status: int = 200) -> Page:
    return await render("accounts/sign_in_link.html", status=status, title=_("Sign in with a link"), form=filled)


@action(PATH, name="accounts:request_sign_in_link", public="signing in", only_with=SIGN_IN_LINK)
async def ask(request: AnyRequest) -> Page:
    """Put the wish down; the answer is the same for every address."""
    filled = await form(request, SignInLinkForm)
    if filled.validate():
        with refusals_shown_in(filled):
            browser, email = new_token(), filled.email.data or ""
            await sign_in_links.request_sign_in_link(email=email, browser=browser, device=device())
            set_cookie(COOKIE, browser, seconds=int(sign_in_links.BROWSER_LASTS.total_seconds()))
            return await render("accounts/sign_in_link_sent.html", title=_("Look into your mail"), email=email)
    return await _ask_page(filled, status=422)


@page(f"{PATH}/{{token:str}}", name="accounts:sign_in_link", public="the link is the proof", only_with=SIGN_IN_LINK)
async def link_page(token: FromPath[str]) -> Page:
    """Ask whether to sign in; looking changes nothing, and scanners that ask for the headers alone learn nothing."""
    if visit().scope["method"] == "HEAD":
        return secret(Response(""))
    return await _link_page(token, CodeForm())


async def _link_page(token: str, filled: CodeForm, *, status: int = 200) -> Page:
    opened = await sign_in_links.look_at(token, cookie(COOKIE))
    if opened is None:
        return await spent_page(Purpose.SIGN_IN)
    return secret(
        await render(
            "accounts/sign_in_by_link.html",
            status=status,
            title=_("Sign in"),
            form=filled,
            path=f"{PATH}/{token}",
            opened=opened,
        )
    )


@action(
    f"{PATH}/{{token:str}}", name="accounts:use_sign_in_link", public="the link is the proof", only_with=SIGN_IN_LINK
)
async def use(request: AnyRequest, token: FromPath[str]) -> Page:
    """Sign in; the link is used up."""
    filled = await form(request, CodeForm)
    with refusals_shown_in(filled):
        known = device()
        try:
            done = await sign_in_links.use_sign_in_link(
                token=token, browser=cookie(COOKIE), code=filled.code.data or "", device=known
            )
        except LinkSpentError:
            return await _link_page("", filled)
        await end_session_before()
        keep_session(done.token, done.kind, known=known)
        return secret(see_other("/"))
    return await _link_page(token, filled, status=422)


HANDLERS = [ask_page, ask, link_page, use]
