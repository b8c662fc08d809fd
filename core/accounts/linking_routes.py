"""Pages of linking: behind an invitation, for who has access at another portal with the same address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import linking, linking_password
from core.accounts.browser import device, end_session_before, keep_session, warn_about
from core.accounts.forms import LinkForm, refusals_shown_in
from core.accounts.linking_pages import LinkingForm, linked_page, show_forgotten, show_offer
from core.accounts.links import LinkFacts, Purpose, find_link
from core.accounts.options import policy_of
from core.accounts.pages import secret, spent_page
from core.accounts.passwords import rules
from core.i18n import Translator
from core.web import action, form, page, render, see_other, tenant

_ = Translator("core")

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


async def linking_page(token: str, link: LinkFacts, filled: LinkingForm | None = None) -> Page | None:
    """Return the page that offers to link, or None where there is nothing to link."""
    offer = await linking.offer_for(link)
    return await show_offer(offer, path=f"{Purpose.INVITATION.path}/{token}", filled=filled) if offer else None


@action("/invitation/{token:str}/link", name="accounts:link", public="the link and the password are the proof")
async def link_accounts(request: AnyRequest, token: FromPath[str]) -> Page:
    """Link, and sign in."""
    filled = await form(request, LinkingForm)
    if filled.validate():
        with refusals_shown_in(filled):
            here = device()
            done = await linking.link_accounts(token=token, password=filled.password.data or "", device=here)
            await end_session_before()
            keep_session(done.token, done.kind, known=here)
            return linked_page(weak=done.restricted)
    link = await find_link(token, Purpose.INVITATION)
    shown = await linking_page(token, link, filled) if link is not None else None
    return shown or secret(see_other(f"{Purpose.INVITATION.path}/{token}"))


@action("/invitation/{token:str}/forgotten", name="accounts:linking_forgotten", public="the link is the proof")
async def forgotten(token: FromPath[str]) -> Page:
    """Send a link to set the password of the other account anew."""
    email = await linking_password.request_linking_password(token=token, device=device())
    return await show_forgotten(email, path=f"{Purpose.INVITATION.path}/{token}")


@page("/linking-password/{token:str}", name="accounts:linking_password", public="the link is the proof")
async def linking_password_page(token: FromPath[str]) -> Page:
    """Show the form behind the link; looking changes nothing."""
    return await _password_page(token)


async def _password_page(token: str, filled: LinkForm | None = None) -> Page:
    offer = await linking_password.find_linking_password(token)
    if offer is None:
        return await spent_page(Purpose.LINKING_PASSWORD)
    return secret(
        await render(
            "accounts/link_password.html",
            status=422 if filled is not None else 200,
            title=_("Set a new password"),
            form=filled or LinkForm(),
            rules=rules(policy_of(tenant())),
            path=f"{Purpose.LINKING_PASSWORD.path}/{token}",
            email=offer.email,
        )
    )


@action("/linking-password/{token:str}", name="accounts:set_linking_password", public="the link is the proof")
async def set_linking_password(request: AnyRequest, token: FromPath[str]) -> Page:
    """Set the password, then go back to linking."""
    filled = await form(request, LinkForm)
    if await linking_password.find_linking_password(token) is not None and filled.validate():
        with refusals_shown_in(filled):
            password = filled.password.data or ""
            invitation = await linking_password.set_linking_password(token=token, password=password)
            warn_about(password)
            if invitation is None:
                return secret(see_other("/", flash_text=_("Your password is set. You can sign in with it now.")))
            said = _("Your password is set. Enter it once more to link your access.")
            return secret(see_other(f"{Purpose.INVITATION.path}/{invitation}", flash_text=said))
    return await _password_page(token, filled)


HANDLERS = [link_accounts, forgotten, linking_password_page, set_linking_password]
