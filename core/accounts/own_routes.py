"""One's own password and sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import sessions, setting_passwords
from core.accounts.browser import forget_session, keep_session, warn_about
from core.accounts.forms import ChangePasswordForm, LinkForm, refusals_shown_in
from core.accounts.options import policy_of
from core.accounts.passwords import rules
from core.accounts.showing import device_name
from core.i18n import LazyString, Translator
from core.people.actor import current_actor
from core.web import action, form, page, render, see_other, tenant

_ = Translator("core")

PASSWORD_PATH = "/account/password"  # noqa: S105 -- a path

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


@page(PASSWORD_PATH, name="accounts:password", signed_in="everybody's own password")
async def own_password() -> Response[str]:
    """Show the form to change one's password; to those who must, the box to set a new one."""
    return await _password_page(LinkForm() if _must_set() else ChangePasswordForm())


def _must_set() -> bool:
    return current_actor().restricted == sessions.SET_PASSWORD


async def _password_page(filled: LinkForm | ChangePasswordForm, *, status: int = 200) -> Response[str]:
    must = isinstance(filled, LinkForm)
    return await render(
        "accounts/new_password.html" if must else "accounts/password.html",
        status=status,
        title=_("Set a new password") if must else _("Change password"),
        form=filled,
        rules=rules(policy_of(tenant())),
        frame=_frame(),
        email=current_actor().email,
        **({"path": PASSWORD_PATH, "why": await _why(), "expires_at": None} if must else {}),
    )


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
        frame=_frame(),
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


def _frame() -> str:
    return "layouts/staff.html" if current_actor().is_staff else "layouts/portal.html"


HANDLERS = [own_password, change_password, own_sessions, end_session, end_other_sessions]
