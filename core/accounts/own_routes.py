"""One's own password and sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import linking_first, sessions, setting_passwords
from core.accounts.browser import device, forget_session, keep_session, warn_about
from core.accounts.forms import ChangePasswordForm, LinkForm, refusals_shown_in
from core.accounts.linking_pages import (
    PASSWORD_PATH,
    SEPARATE,
    LinkingForm,
    linked_page,
    show_forgotten,
    show_offer,
)
from core.accounts.oidc.identities import has_password
from core.accounts.options import policy_of
from core.accounts.pages import no_password_page, own_address, own_frame
from core.accounts.passwords import rules
from core.accounts.showing import device_name
from core.i18n import LazyString, Translator
from core.people.actor import current_actor
from core.web import action, form, page, render, see_other, tenant

_ = Translator("core")

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


@page(PASSWORD_PATH, name="accounts:password", signed_in="everybody's own password")
async def own_password(request: AnyRequest) -> Response[str]:
    """Show the form to change one's password; to those who must, the box to set a new one, or the offer to link."""
    if _must_set() and SEPARATE not in request.query_params:
        offered = await _linking_page()
        if offered is not None:
            return offered
    return await _password_page(LinkForm() if _must_set() else ChangePasswordForm())


def _must_set() -> bool:
    return current_actor().restricted == sessions.SET_PASSWORD


async def _password_page(filled: LinkForm | ChangePasswordForm, *, status: int = 200) -> Response[str]:
    must = isinstance(filled, LinkForm)
    if not must and not await has_password(current_actor().account):
        return await no_password_page(_("Change password"))
    return await render(
        "accounts/new_password.html" if must else "accounts/password.html",
        status=status,
        title=_("Set a new password") if must else _("Change password"),
        form=filled,
        rules=rules(policy_of(tenant())),
        frame=own_frame(),
        email=await own_address(),
        **({"path": PASSWORD_PATH, "why": await _why(), "expires_at": None} if must else {}),
    )


async def _linking_page(filled: LinkingForm | None = None) -> Page | None:
    """Return the page that offers to link, or None where there is nothing to link."""
    offer = await linking_first.offer_in_box(by=current_actor())
    return await show_offer(offer, path=PASSWORD_PATH, filled=filled) if offer is not None else None


@action(f"{PASSWORD_PATH}/link", name="accounts:link_first", signed_in="everybody's own password")
async def link_first(request: AnyRequest) -> Page:
    """Link, instead of choosing a password for this portal alone."""
    filled = await form(request, LinkingForm)
    if filled.validate():
        with refusals_shown_in(filled):
            actor = current_actor()
            token, weak = await linking_first.link_in_box(password=filled.password.data or "", by=actor)
            keep_session(token, actor.kind.value)
            return linked_page(weak=weak)
    return await _linking_page(filled) or see_other(PASSWORD_PATH)


@action(f"{PASSWORD_PATH}/forgotten", name="accounts:link_first_forgotten", signed_in="everybody's own password")
async def forgotten_first() -> Page:
    """Send a link to set the password of the other account anew."""
    email = await linking_first.forgotten_in_box(by=current_actor(), device=device())
    return await show_forgotten(email, path=PASSWORD_PATH)


async def _why() -> str:
    return "temporary" if await setting_passwords.has_temporary_password(by=current_actor()) else "weak"


@action(PASSWORD_PATH, name="accounts:change_password", signed_in="everybody's own password")
async def change_password(request: AnyRequest) -> Page:
    """Change one's password; other sessions end."""
    return await (_set_new_password(request) if _must_set() else _change_password(request))


async def _set_new_password(request: AnyRequest) -> Page:
    filled = await form(request, LinkForm)
    if filled.validate():
        with refusals_shown_in(filled):
            actor, password = current_actor(), filled.password.data or ""
            keep_session(await setting_passwords.set_new_password(password=password, by=actor), actor.kind.value)
            warn_about(password)
            return see_other("/", flash_text=_("Your password is set. Welcome!"))
    return await _password_page(filled, status=422)


async def _change_password(request: AnyRequest) -> Page:
    actor = current_actor()
    filled = await form(request, ChangePasswordForm)
    if filled.validate():
        with refusals_shown_in(filled):
            password = filled.password.data or ""
            changed = await setting_passwords.change_password(
                current=filled.current.data or "", password=password, by=actor
            )
            keep_session(changed, actor.kind.value)
            warn_about(password)
            said = _("Your password is changed. Wherever else you were signed in, you are signed out.")
            return see_other(PASSWORD_PATH, flash_text=said)
    return await _password_page(filled, status=422)


@page("/account/sessions", name="accounts:sessions", signed_in="everybody's own sessions")
async def own_sessions() -> Response[str]:
    """Show where one is signed in."""
    return await render(
        "accounts/sessions.html",
        title=_("Where you are signed in"),
        sessions=await sessions.open_sessions(by=current_actor()),
        device_name=device_name,
        frame=own_frame(),
    )


@action("/account/sessions/{session:uuid}/end", name="accounts:end_session", signed_in="everybody's own sessions")
async def end_session(session: FromPath[UUID]) -> Response[str]:
    """End one of one's own sessions; this one as well."""
    actor = current_actor()
    await sessions.end_session(session=session, by=actor)
    if session == actor.session:
        forget_session()
        return see_other("/", flash_text=_("You are signed out."))
    return _to_sessions(_("That session has ended."))


@action("/account/sessions/end-others", name="accounts:end_other_sessions", signed_in="everybody's own sessions")
async def end_other_sessions() -> Response[str]:
    """End all of one's own sessions but this one."""
    await sessions.end_other_sessions(by=current_actor())
    return _to_sessions(_("All your other sessions have ended."))


def _to_sessions(said: LazyString) -> Response[str]:
    return see_other("/account/sessions", flash_text=said)


HANDLERS = [
    own_password,
    change_password,
    link_first,
    forgotten_first,
    own_sessions,
    end_session,
    end_other_sessions,
]
