"""Pages of signing in and out, invitations and forgotten passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts import (
    email_routes,
    joining_routes,
    linking_routes,
    offices_routes,
    own_routes,
    services,
    setting_passwords,
    sign_in_link_routes,
    trouble_routes,
)
from core.accounts.browser import device, end_session_before, forget_session, keep_session, warn_about
from core.accounts.forms import ConfirmedLinkForm, ForgotForm, LinkForm, SignInForm, refusals_shown_in
from core.accounts.linking_pages import PASSWORD_PATH, SEPARATE
from core.accounts.links import LinkFacts, Purpose, find_link
from core.accounts.oidc import routes as oidc_routes
from core.accounts.oidc.providers import offered_providers
from core.accounts.options import confirms_email, policy_of
from core.accounts.pages import secret, spent_page
from core.accounts.passwords import rules
from core.i18n import Translator
from core.people.actor import actor_or_none
from core.signing import is_form_of, read_signed, sign
from core.web import (
    FORM_TOKEN,
    action,
    flash,
    form,
    is_local_path,
    page,
    render,
    render_message,
    see_other,
    tenant,
    visit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ = Translator("core")

SIGN_OUT_PATH = "/logout"

UNSENT = "unsent"
UNSENT_LASTS = timedelta(hours=1)
"""How long a form that came after its session had ended can be sent again."""

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


def sign_in_path(target: str) -> str:
    """Return the sign-in page's path that leads to *target* afterwards."""
    if target in {"", "/"} or not is_local_path(target):
        return "/"
    return f"/?{urlencode({'next': target})}"


# -- signing in and out ------------------------------------------------------------------------------------------------


async def sign_in_page(request: AnyRequest) -> Response[str]:
    """Return the sign-in page: what `/` shows to those who are not signed in. Afterwards it leads to `?next=`."""
    target = request.query_params.get("next", "")
    return await _sign_in_page(SignInForm(next=target if is_local_path(target) else ""))


async def _sign_in_page(filled: SignInForm, *, status: int = 200) -> Response[str]:
    return await render(
        "accounts/sign_in.html",
        status=status,
        title=_("Sign in"),
        form=filled,
        forgot=ForgotForm(),
        providers=await offered_providers(),
    )


def sign_in_to_go_on(path: str, fields: Sequence[tuple[str, str]]) -> Response[str]:
    """
    Return the sign-in page for somebody whose session ended while she filled in a form: nothing typed is lost.

    The form's token is kept with it: it says whose form it is.
    """
    kept = [[name, value] for name, value in fields if name != FORM_TOKEN]
    facts = {"path": path, "fields": kept, "token": dict(fields).get(FORM_TOKEN, "")}
    unsent = sign(UNSENT, facts, lasts=UNSENT_LASTS)
    return render_message(
        "accounts/sign_in.html",
        status=401,
        title=_("Your session has ended"),
        form=SignInForm(unsent=unsent),
        forgot=ForgotForm(),
        providers=(),  # what was typed is kept in the form: it would be lost on the way to a provider
    )


@page("/customer/login", name="accounts:customer_login", public="the address that other portals taught people")
async def customer_login(request: AnyRequest) -> Response[str]:
    """Lead to the sign-in page."""
    return see_other(sign_in_path(request.query_params.get("next", "")))


@action("/sign-in", name="accounts:sign_in", public="signing in")
async def sign_in(request: AnyRequest) -> Page:
    """Sign in, then go where the reader wanted to."""
    filled = await form(request, SignInForm)
    if filled.validate():
        with refusals_shown_in(filled):
            known = device()
            done = await services.sign_in(
                email=filled.email.data or "", password=filled.password.data or "", device=known
            )
            await end_session_before()
            keep_session(done.token, done.kind, known=known)
            if done.restricted:
                return see_other(PASSWORD_PATH)
            unsent = read_signed(UNSENT, filled.unsent.data or "")
            if unsent is not None and is_form_of(unsent.get("token", ""), str(done.person)):
                visit().bound_to = done.token
                return await _go_on(unsent)
            if unsent is not None:
                flash(_("The form that was open here was somebody else's. Nothing of it has been sent."), kind="info")
            target = filled.next.data or "/"
            landing = await offices_routes.landing(done) if target == "/" else None
            return landing or see_other(target)
    return await _sign_in_page(filled, status=422)


async def _go_on(unsent: Mapping[str, Any]) -> Page:
    title = _("You are signed in again")
    return await render("accounts/go_on.html", title=title, path=unsent["path"], fields=unsent["fields"])


@page("/sign-in", name="accounts:sign_in_again", public="a reload after a failed attempt")
async def sign_in_again() -> Response[str]:
    """Lead to the sign-in page."""
    return see_other("/")


@action(SIGN_OUT_PATH, name="accounts:sign_out", public="signing out also where the session has ended")
async def sign_out() -> Response[str]:
    """End the session, and have the browser forget what it kept."""
    actor = actor_or_none()
    if actor is not None:
        await services.sign_out(by=actor)
    forget_session()
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
            await services.request_reset(email=filled.email.data, device=device())
            return await render("accounts/forgot_sent.html", title=_("Look into your mail"), email=filled.email.data)
    return await _forgot_page(filled, status=422)


# -- invitations and resets --------------------------------------------------------------------------------------------


@page("/invitation/{token:str}", name="accounts:invitation", public="the link is the proof")
async def invitation(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Show the form behind an invitation, or the offer to link; looking changes nothing."""
    link = await find_link(token, Purpose.INVITATION)
    if link is not None and SEPARATE not in request.query_params:
        offered = await linking_routes.linking_page(token, link)
        if offered is not None:
            return offered
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


def _blank(link: LinkFacts) -> LinkForm | ConfirmedLinkForm:
    """Return the empty form; the first time the address stands there, after a forgotten password it is asked."""
    if not confirms_email(tenant()):
        return LinkForm()
    return ConfirmedLinkForm(email=link.email if link.purpose is Purpose.INVITATION else "")


async def _link_page(token: str, purpose: Purpose, filled: LinkForm | ConfirmedLinkForm | None = None) -> Response[str]:
    link = await find_link(token, purpose)
    if link is None:
        return await spent_page(purpose)
    return secret(
        await render(
            "accounts/new_password.html",
            status=422 if filled is not None else 200,
            title=_("Set a new password"),
            form=filled or _blank(link),
            rules=rules(policy_of(tenant())),
            path=f"{purpose.path}/{token}",
            why=purpose.value,
            email=link.email,
            expires_at=link.expires_at,
            providers=await offered_providers() if purpose is Purpose.INVITATION else (),
        )
    )


async def _use_link(request: AnyRequest, token: str, purpose: Purpose) -> Page:
    filled: LinkForm | ConfirmedLinkForm = await form(request, _link_form())
    if await find_link(token, purpose) is None or not filled.validate():
        return await _link_page(token, purpose, filled)
    password = filled.password.data or ""
    set_password = (
        setting_passwords.accept_invitation if purpose is Purpose.INVITATION else setting_passwords.reset_password
    )
    with refusals_shown_in(filled):
        known = device()
        done = await set_password(
            token=token,
            email=filled.email.data if isinstance(filled, ConfirmedLinkForm) else None,
            password=password,
            device=known,
        )
        await end_session_before()
        warn_about(password)
        if done is None:
            return secret(see_other("/", flash_text=_("Your password is set. You can sign in with it now.")))
        keep_session(done.token, done.kind, known=known)
        return secret(see_other("/", flash_text=_("Your password is set. Welcome!")))
    return await _link_page(token, purpose, filled)


HANDLERS = [
    *oidc_routes.HANDLERS,
    *own_routes.HANDLERS,
    *email_routes.HANDLERS,
    *sign_in_link_routes.HANDLERS,
    *trouble_routes.HANDLERS,
    *linking_routes.HANDLERS,
    *offices_routes.HANDLERS,
    *joining_routes.HANDLERS,
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
]
