"""Pages of changing one's own e-mail address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import changing_email
from core.accounts.browser import forget_session, keep_session
from core.accounts.errors import LinkSpentError
from core.accounts.forms import ChangeEmailForm, ConfirmEmailForm, refusals_shown_in
from core.accounts.joining import is_hers
from core.accounts.links import Purpose
from core.accounts.oidc.identities import has_password
from core.accounts.pages import no_password_page, own_address, own_frame, secret, spent_page
from core.i18n import Translator
from core.people.actor import actor_or_none, current_actor
from core.web import action, form, page, render, see_other

_ = Translator("core")

OWN_PATH = "/account/email"
PATH = Purpose.CHANGE_EMAIL.path

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


@page(OWN_PATH, name="accounts:email", signed_in="everybody's own address")
async def own_email() -> Page:
    """Show the form that asks for another address."""
    return await _own_page(ChangeEmailForm())


async def _own_page(filled: ChangeEmailForm, *, status: int = 200) -> Page:
    actor = current_actor()
    if not await has_password(actor.account):
        return await no_password_page(_("Change e-mail address"))
    return await render(
        "accounts/email.html",
        status=status,
        title=_("Change e-mail address"),
        form=filled,
        email=await own_address(),
        told=actor.email,
        linked=actor.offices > 1,
        frame=own_frame(),
    )


@action(OWN_PATH, name="accounts:change_email", signed_in="everybody's own address")
async def ask(request: AnyRequest) -> Page:
    """Send a link to the new address; nothing changes before it is followed."""
    filled = await form(request, ChangeEmailForm)
    if filled.validate():
        with refusals_shown_in(filled):
            wanted = await changing_email.request_email_change(
                current=filled.current.data or "", email=filled.email.data or "", by=current_actor()
            )
            said = _(
                "If {email} can be used, a message with a link is on its way there. "
                "Nothing changes until you follow it. Nothing in your mail? Look among the unwanted messages."
            )
            return see_other(OWN_PATH, flash_text=said.format(email=wanted), kind="info")
    return await _own_page(filled, status=422)


@page(f"{PATH}/{{token:str}}", name="accounts:confirm_email_page", public="the link is the proof")
async def confirm_page(token: FromPath[str]) -> Page:
    """Ask whether the address is to change; looking changes nothing."""
    return await _confirm_page(token, ConfirmEmailForm())


async def _confirm_page(token: str, filled: ConfirmEmailForm, *, status: int = 200) -> Page:
    link = await changing_email.find_email_change(token)
    if link is None:
        return await spent_page(Purpose.CHANGE_EMAIL)
    return secret(
        await render(
            "accounts/confirm_email.html",
            status=status,
            title=_("Confirm your e-mail address"),
            form=filled,
            path=f"{PATH}/{token}",
            email=link.email,
            asks_password=not is_hers(link, actor_or_none()),
            opens_others=await changing_email.opens_others(link),
        )
    )


@action(f"{PATH}/{{token:str}}", name="accounts:confirm_email", public="the link and the password are the proof")
async def confirm(request: AnyRequest, token: FromPath[str]) -> Page:
    """Make the new address hers."""
    filled = await form(request, ConfirmEmailForm)
    with refusals_shown_in(filled):
        actor = actor_or_none()
        try:
            renewed = await changing_email.confirm_email(
                token=token, password=filled.password.data or "", by=actor, join=filled.join.data == "yes"
            )
        except LinkSpentError:
            return await _confirm_page("", filled)
        if renewed is None or actor is None:
            forget_session()
            said = _("Your e-mail address is changed. Sign in with it from now on.")
            return secret(see_other("/", flash_text=said))
        keep_session(renewed, actor.kind.value)
        said = _("Your e-mail address is changed. Wherever else you were signed in, you are signed out.")
        return secret(see_other("/profile", flash_text=said))
    return await _confirm_page(token, filled, status=422)


HANDLERS = [own_email, ask, confirm_page, confirm]
