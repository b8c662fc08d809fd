"""Pages of linking another sign-in of one's own: from the profile, and behind the link to its address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import joining
from core.accounts.browser import forget_session, keep_session
from core.accounts.errors import LinkSpentError
from core.accounts.forms import ConfirmEmailForm, JoinForm, refusals_shown_in
from core.accounts.links import Purpose
from core.accounts.offices_routes import OFFICES_PATH
from core.accounts.oidc.identities import has_password
from core.accounts.pages import no_password_page, own_address, secret, spent_page
from core.errors import NotFoundError
from core.i18n import Translator
from core.people.actor import Actor, actor_or_none, current_actor
from core.web import action, form, page, render, see_other

_ = Translator("core")

OWN_PATH = "/account/offices/link"
PATH = Purpose.JOIN.path

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


async def _who_may() -> Actor:
    actor = current_actor()
    if not await joining.may_join(by=actor):
        raise NotFoundError
    return actor


@page(OWN_PATH, name="accounts:join_page", signed_in="everybody's own sign-ins")
async def join_page() -> Page:
    """Show the form that asks for the other sign-in."""
    await _who_may()
    return await _join_page(JoinForm())


async def _join_page(filled: JoinForm, *, status: int = 200) -> Page:
    title = _("Link another sign-in")
    if not await has_password(current_actor().account):
        return await no_password_page(title)
    return await render(
        "accounts/join.html",
        status=status,
        title=title,
        form=filled,
        email=await own_address(),
        frame="layouts/portal.html",
    )


@action(OWN_PATH, name="accounts:join", signed_in="everybody's own sign-ins")
async def join(request: AnyRequest) -> Page:
    """Link the other sign-in; without its password, send a link to its address."""
    actor = await _who_may()
    filled = await form(request, JoinForm)
    if filled.validate():
        current, email, password = filled.current.data or "", filled.email.data or "", filled.password.data or ""
        with refusals_shown_in(filled):
            if not password:
                wanted = await joining.request_joining(current=current, email=email, by=actor)
                said = _(
                    "If {email} opens another portal that can be linked, a message with a link is on its way there. "
                    "Nothing changes until you follow it. Nothing in your mail? Look among the unwanted messages."
                )
                return see_other(OFFICES_PATH, flash_text=said.format(email=wanted), kind="info")
            renewed = await joining.join_by_password(current=current, email=email, password=password, by=actor)
            keep_session(renewed, actor.kind.value)
            return see_other(OFFICES_PATH, flash_text=_("Linked. One password opens these portals from now on."))
    return await _join_page(filled, status=422)


@page(f"{PATH}/{{token:str}}", name="accounts:join_link_page", public="the link is the proof")
async def link_page(token: FromPath[str]) -> Page:
    """Ask whether the two are to be linked; looking changes nothing."""
    return await _link_page(token, ConfirmEmailForm())


async def _link_page(token: str, filled: ConfirmEmailForm, *, status: int = 200) -> Page:
    link = await joining.find_joining(token)
    if link is None:
        return await spent_page(Purpose.JOIN)
    return secret(
        await render(
            "accounts/join_confirm.html",
            status=status,
            title=_("Link another sign-in"),
            form=filled,
            path=f"{PATH}/{token}",
            email=link.email,
            own=link.data["from"],
            asks_password=not joining.is_hers(link, actor_or_none()),
        )
    )


@action(f"{PATH}/{{token:str}}", name="accounts:join_by_link", public="the link and the password are the proof")
async def join_by_link(request: AnyRequest, token: FromPath[str]) -> Page:
    """Link the two."""
    filled = await form(request, ConfirmEmailForm)
    with refusals_shown_in(filled):
        actor = actor_or_none()
        try:
            renewed = await joining.join_by_link(token=token, password=filled.password.data or "", by=actor)
        except LinkSpentError:
            return await _link_page("", filled)
        said = _("Linked. One password opens these portals from now on.")
        if renewed is None or actor is None:
            forget_session()
            return secret(see_other("/", flash_text=said))
        keep_session(renewed, actor.kind.value)
        return secret(see_other(OFFICES_PATH, flash_text=said))
    return await _link_page(token, filled, status=422)


HANDLERS = [join_page, join, link_page, join_by_link]
