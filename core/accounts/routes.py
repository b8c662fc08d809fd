"""Pages of signing in and out, invitations, forgotten passwords, and one's own password and sessions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import services, sessions
from core.accounts.forms import (
    ChangePasswordForm,
    ConfirmedLinkForm,
    ForgotForm,
    LinkForm,
    SignInForm,
    refusals_shown_in,
)
from core.accounts.identities import LASTS
from core.accounts.links import Purpose, find_link
from core.accounts.options import confirms_email, policy_of
from core.accounts.passwords import advice, rules
from core.accounts.sessions import COOKIE, Device
from core.i18n import LazyString, Translator
from core.people.actor import actor_or_none, current_actor
from core.web import action, flash, form, is_local_path, page, render, see_other, set_cookie, tenant, visit

_ = Translator("core")

PASSWORD_PATH = "/account/password"  # noqa: S105 -- a path
SIGN_OUT_PATH = "/logout"
RESTRICTED_PATHS = frozenset({PASSWORD_PATH, SIGN_OUT_PATH})
"""All that a session is let to before its person has set an acceptable password."""

_SECRET_PAGE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
"""Headers of pages whose address is a secret."""

AnyRequest = Request[Any, Any, Any]
Page = Response[str] | Response[None]


def _device() -> Device:
    return Device(agent=visit().agent, address=visit().address)


def sign_in_path(target: str) -> str:
    """Return the sign-in page's path that leads to *target* afterwards."""
    if target in {"", "/"} or not is_local_path(target):
        return "/"
    return f"/?{urlencode({'next': target})}"


def _keep(token: str, kind: str) -> None:
    """Put a session into the browser, for no longer than it can live."""
    set_cookie(COOKIE, token, seconds=int(LASTS[kind].absolute.total_seconds()))


async def _end_before() -> None:
    """End the session that this browser had before somebody signed in anew."""
    actor = actor_or_none()
    if actor is not None:
        await services.sign_out(by=actor)
        set_cookie(COOKIE, "", seconds=0)


# -- signing in and out ------------------------------------------------------------------------------------------------


async def sign_in_page(request: AnyRequest) -> Response[str]:
    """Return the sign-in page: what `/` shows to those who are not signed in. Afterwards it leads to `?next=`."""
    target = request.query_params.get("next", "")
    return await _sign_in_page(SignInForm(next=target if is_local_path(target) else ""))


async def _sign_in_page(filled: SignInForm, *, status: int = 200) -> Response[str]:
    return await render("accounts/sign_in.html", status=status, title=_("Sign in"), form=filled, forgot=ForgotForm())


@page("/customer/login", name="accounts:customer_login", public="the address that other portals taught people")
async def customer_login(request: AnyRequest) -> Response[None]:
    """Lead to the sign-in page."""
    return see_other(sign_in_path(request.query_params.get("next", "")))


@action("/sign-in", name="accounts:sign_in", public="signing in")
async def sign_in(request: AnyRequest) -> Page:
    """Sign in, then go where the reader wanted to."""
    filled = await form(request, SignInForm)
    if filled.validate():
        with refusals_shown_in(filled):
            done = await services.sign_in(
                email=filled.email.data or "", password=filled.password.data or "", device=_device()
            )
            await _end_before()
            _keep(done.token, done.kind)
            if done.restricted:
                return see_other(PASSWORD_PATH)
            return see_other(filled.next.data or "/")
    return await _sign_in_page(filled, status=422)


@page("/sign-in", name="accounts:sign_in_again", public="a reload after a failed attempt")
async def sign_in_again() -> Response[None]:
    """Lead to the sign-in page."""
    return see_other("/")


@action(SIGN_OUT_PATH, name="accounts:sign_out", public="signing out also where the session has ended")
async def sign_out() -> Response[None]:
    """End the session, and have the browser forget what it kept."""
    actor = actor_or_none()
    if actor is not None:
        await services.sign_out(by=actor)
    set_cookie(COOKIE, "", seconds=0)
    answer = see_other("/", flash_text=_("You are signed out."))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


# -- forgotten passwords -----------------------------------------------------------------------------------------------


@page("/forgot-password", name="accounts:forgot", public="for people who cannot sign in")
async def forgot_password() -> Response[str]:
    """Show the form for a link to set a new password."""
    return await _forgot_page(ForgotForm())


async def _forgot_page(filled: ForgotForm, *, status: int = 200) -> Response[str]:
    return await render("accounts/forgot.html", status=status, title=_("Forgot your password?"), form=filled)


@action("/forgot-password", name="accounts:request_reset", public="for people who cannot sign in")
async def request_reset(request: AnyRequest) -> Page:
    """Put the wish down; the answer is the same for every address."""
    filled = await form(request, ForgotForm)
    if filled.validate():
        with refusals_shown_in(filled):
            await services.request_reset(email=filled.email.data, device=_device())
            return await render("accounts/forgot_sent.html", title=_("Look into your mail"), email=filled.email.data)
    return await _forgot_page(filled, status=422)


# -- invitations and resets --------------------------------------------------------------------------------------------


@page("/invitation/{token:str}", name="accounts:invitation", public="the link is the proof")
async def invitation(token: FromPath[str]) -> Response[str]:
    """Show the form behind an invitation; looking changes nothing."""
    return await _link_page(token, Purpose.INVITATION)


@page("/reset/{token:str}", name="accounts:reset", public="the link is the proof")
async def reset(token: FromPath[str]) -> Response[str]:
    """Show the form behind a link to reset a password; looking changes nothing."""
    return await _link_page(token, Purpose.RESET)


@action("/invitation/{token:str}", name="accounts:accept_invitation", public="the link is the proof")
async def accept_invitation(request: AnyRequest, token: FromPath[str]) -> Page:
    """Set the first password."""
    return await _use_link(request, token, Purpose.INVITATION)


@action("/reset/{token:str}", name="accounts:reset_password", public="the link is the proof")
async def reset_password(request: AnyRequest, token: FromPath[str]) -> Page:
    """Set a new password."""
    return await _use_link(request, token, Purpose.RESET)


def _link_form() -> type[LinkForm | ConfirmedLinkForm]:
    return ConfirmedLinkForm if confirms_email(tenant()) else LinkForm


async def _link_page(token: str, purpose: Purpose, filled: LinkForm | ConfirmedLinkForm | None = None) -> Response[str]:
    link = await find_link(token, purpose)
    if link is None:
        answer = await render(
            "accounts/link_spent.html", status=410, title=_("This link no longer works"), purpose=purpose.value
        )
    else:
        answer = await render(
            "accounts/set_by_link.html",
            status=422 if filled is not None else 200,
            title=_("Set a new password"),
            form=filled or _link_form()(),
            rules=rules(policy_of(tenant())),
            path=f"{purpose.path}/{token}",
            purpose=purpose.value,
            email=link.email,
        )
    answer.headers.update(_SECRET_PAGE)
    return answer


async def _use_link(request: AnyRequest, token: str, purpose: Purpose) -> Page:
    filled: LinkForm | ConfirmedLinkForm = await form(request, _link_form())
    if await find_link(token, purpose) is None or not filled.validate():
        return await _link_page(token, purpose, filled)
    password = filled.password.data or ""
    set_password = services.accept_invitation if purpose is Purpose.INVITATION else services.reset_password
    with refusals_shown_in(filled):
        done = await set_password(
            token=token,
            email=filled.email.data if isinstance(filled, ConfirmedLinkForm) else None,
            password=password,
            device=_device(),
        )
        await _end_before()
        _warn(password)
        if done is None:
            return _secret(see_other("/", flash_text=_("Your password is set. You can sign in with it now.")))
        _keep(done.token, done.kind)
        return _secret(see_other("/", flash_text=_("Your password is set. Welcome!")))
    return await _link_page(token, purpose, filled)


def _secret(answer: Response[None]) -> Response[None]:
    answer.headers.update(_SECRET_PAGE)
    return answer


def _warn(password: str) -> None:
    for sentence in advice(password, policy_of(tenant())):
        flash(sentence, kind="warning")


# -- one's own password and sessions -----------------------------------------------------------------------------------


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
    )


@action(PASSWORD_PATH, name="accounts:change_password", signed_in="everybody's own password")
async def change_password(request: AnyRequest) -> Page:
    """Change one's password; other sessions end."""
    return await (_set_new_password(request) if _must_set() else _change_password(request))


async def _set_new_password(request: AnyRequest) -> Page:
    filled = await form(request, LinkForm)
    if filled.validate():
        with refusals_shown_in(filled):
            actor, password = current_actor(), filled.password.data or ""
            _keep(await services.set_new_password(password=password, by=actor), actor.kind.value)
            _warn(password)
            return see_other("/", flash_text=_("Your password is set. Welcome!"))
    return await _password_page(filled, status=422)


async def _change_password(request: AnyRequest) -> Page:
    actor = current_actor()
    filled = await form(request, ChangePasswordForm)
    if filled.validate():
        with refusals_shown_in(filled):
            password = filled.password.data or ""
            changed = await services.change_password(current=filled.current.data or "", password=password, by=actor)
            _keep(changed, actor.kind.value)
            _warn(password)
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
        frame=_frame(),
    )


@action("/account/sessions/{session:uuid}/end", name="accounts:end_session", signed_in="everybody's own sessions")
async def end_session(session: FromPath[UUID]) -> Response[None]:
    """End one of one's own sessions; this one as well."""
    actor = current_actor()
    await sessions.end_session(session=session, by=actor)
    if session == actor.session:
        set_cookie(COOKIE, "", seconds=0)
        return see_other("/", flash_text=_("You are signed out."))
    return _to_sessions(_("That session has ended."))


@action("/account/sessions/end-others", name="accounts:end_other_sessions", signed_in="everybody's own sessions")
async def end_other_sessions() -> Response[None]:
    """End all of one's own sessions but this one."""
    await sessions.end_other_sessions(by=current_actor())
    return _to_sessions(_("All your other sessions have ended."))


def _to_sessions(said: LazyString) -> Response[None]:
    return see_other("/account/sessions", flash_text=said)


def _frame() -> str:
    return "layouts/staff.html" if current_actor().is_staff else "layouts/portal.html"


HANDLERS = [
    customer_login,
    sign_in,
    sign_in_again,
    sign_out,
    forgot_password,
    request_reset,
    invitation,
    reset,
    accept_invitation,
    reset_password,
    own_password,
    change_password,
    own_sessions,
    end_session,
    end_other_sessions,
]
