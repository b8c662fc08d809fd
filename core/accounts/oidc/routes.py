"""The ways to providers and back, and the page on which somebody sees and changes how she signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from wtforms.fields import PasswordField

from core.accounts.browser import device, end_session_before, keep_session
from core.accounts.forms import refusals_shown_in
from core.accounts.links import Purpose as LinkPurpose
from core.accounts.oidc import flow
from core.accounts.oidc.attempts import Purpose
from core.accounts.oidc.browser import BROWSER, browser
from core.accounts.oidc.errors import ProviderError
from core.accounts.oidc.identities import disconnect, prove_again, ways_of
from core.accounts.oidc.providers import Provider, enabled_provider, offered_providers
from core.accounts.pages import own_address, own_frame, secret
from core.errors import InvalidInputError
from core.forms import Form
from core.i18n import Translator
from core.people.actor import actor_or_none, current_actor
from core.web import action, cookie, form, is_local_path, page, render, see_other, tenant, visit

if TYPE_CHECKING:
    from collections.abc import Awaitable

_ = Translator("core")

WAYS = "/account/sign-in"
"""The page of one's own ways to sign in."""

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


class ProofForm(Form):
    """The password of somebody who has not signed in lately, before ways to sign in change."""

    password = PasswordField(_("Current password"))  # type: ignore[arg-type]  # WTForms says str and passes it on unread


# -- there -------------------------------------------------------------------------------------------------------------


@action("/sign-in/with/{provider:uuid}", name="accounts:sign_in_with", public="signing in")
async def sign_in_with(request: AnyRequest, provider: FromPath[UUID]) -> Page:
    """Lead to a provider, to sign in or to register with what it says."""
    if _is_elsewhere():
        return await _lead(_to_own_origin(provider, "/"))
    target = str((await request.form()).get("next", ""))
    return await _lead(
        flow.begin_sign_in(
            provider=provider,
            browser=browser(),
            device=device(),
            target=target if target and is_local_path(target) else "",
        )
    )


@action("/invitation/{token:str}/with/{provider:uuid}", name="accounts:accept_with", public="the link is the proof")
async def accept_with(request: AnyRequest, token: FromPath[str], provider: FromPath[UUID]) -> Page:
    """Lead to a provider, to accept an invitation without a password."""
    path = f"{LinkPurpose.INVITATION.path}/{token}"
    if _is_elsewhere():
        return await _lead(_to_own_origin(provider, path))
    typed = str((await request.form()).get("email", ""))
    try:
        return await _lead(
            flow.begin_accepting(token=token, email=typed, provider=provider, browser=browser(), device=device())
        )
    except InvalidInputError as error:
        (said,) = error.fields["email"]
        return secret(see_other(path, flash_text=said, kind="error"))


def _is_elsewhere() -> bool:
    """Whether the tenant has another origin than this: on the way back, this host's cookies would not be there."""
    return visit().origin != tenant().origin


async def _to_own_origin(provider: UUID, path: str) -> tuple[Provider, str]:
    return await enabled_provider(provider), f"{tenant().origin}{path}"


async def _lead(begun: Awaitable[tuple[Provider, str]]) -> Page:
    """
    Show a page that goes on to the provider by itself.

    A redirect would be part of the form's submission, which the Content-Security-Policy keeps on this host.
    """
    try:
        provider, url = await begun
    except ProviderError as error:
        return await _failed(error)
    answer = await render("accounts/provider_leaving.html", title=_("One moment"), provider=provider, url=url)
    answer.headers["Refresh"] = f"0; url={url}"
    return secret(answer)


async def _failed(error: ProviderError) -> Page:
    return secret(
        await render(
            "accounts/provider_failed.html",
            status=error.status,
            title=_("That did not work"),
            text=error.message,
            back=WAYS if actor_or_none() is not None else "/",
        )
    )


# -- and back ----------------------------------------------------------------------------------------------------------


@page(
    "/sign-in/with/{provider:uuid}/callback",
    name="accounts:back_from_provider",
    public="what the provider says is the proof",
)
async def back_from_provider(request: AnyRequest, provider: FromPath[UUID]) -> Page:
    """Take the provider's answer: in the browser that asked, once."""
    said = {name: request.query_params.get(name, "") for name in ("code", "state", "iss", "error")}
    known = device()
    try:
        back = await flow.come_back(
            provider=provider,
            answer={name: value for name, value in said.items() if value},
            browser=cookie(BROWSER),
            device=known,
            by=actor_or_none(),
        )
    except ProviderError as error:
        return await _failed(error)
    if back.cancelled:
        place = WAYS if back.purpose is Purpose.CONNECT else "/"
        said_so = _("You have stopped on the way to {provider}. Nothing has changed.").format(
            provider=back.provider.name
        )
        return secret(see_other(place, flash_text=said_so, kind="info"))
    if back.signed_in is not None:
        await end_session_before()
        keep_session(back.signed_in.token, back.signed_in.kind, known=known)
        welcome = _("Your access is open. Welcome!") if back.purpose is Purpose.INVITATION else None
        return secret(see_other(back.target or "/", flash_text=welcome))
    if back.attempt is not None:
        return secret(see_other(f"/register?with={back.attempt}"))
    done = _("From now on you can sign in with {provider}, too.").format(provider=back.provider.name)
    return secret(see_other(WAYS, flash_text=done))


# -- one's own ways to sign in -----------------------------------------------------------------------------------------


@page(WAYS, name="accounts:ways", signed_in="everybody's own ways to sign in")
async def own_ways() -> Page:
    """Show how one signs in, and what may be added."""
    return await _ways_page(ProofForm())


async def _ways_page(filled: ProofForm, *, status: int = 200) -> Page:
    return await render(
        "accounts/ways.html",
        status=status,
        title=_("Ways to sign in"),
        form=filled,
        ways=await ways_of(current_actor()),
        providers=await offered_providers(),
        email=await own_address(),
        frame=own_frame(),
    )


@action(f"{WAYS}/connect", name="accounts:connect", signed_in="everybody's own ways to sign in")
async def connect(request: AnyRequest) -> Page:
    """Lead to a provider, to sign in with it from now on."""
    filled = await form(request, ProofForm)
    try:
        provider = UUID(str((await request.form()).get("provider", "")))
    except ValueError:
        return see_other(WAYS)  # the Enter key in the password's field has chosen nothing
    if _is_elsewhere():
        return await _lead(_to_own_origin(provider, WAYS))
    with refusals_shown_in(filled):
        actor = current_actor()
        await prove_again(password=filled.password.data or "", by=actor)
        return await _lead(flow.begin_connecting(provider=provider, browser=browser(), device=device(), by=actor))
    return await _ways_page(filled, status=422)


@action(f"{WAYS}/{{identity:uuid}}/disconnect", name="accounts:disconnect", signed_in="everybody's own ways to sign in")
async def disconnect_identity(request: AnyRequest, identity: FromPath[UUID]) -> Page:
    """Take one of one's own identities away."""
    filled = await form(request, ProofForm)
    with refusals_shown_in(filled):
        name = await disconnect(identity=identity, password=filled.password.data or "", by=current_actor())
        return see_other(WAYS, flash_text=_("You no longer sign in with {provider}.").format(provider=name))
    return await _ways_page(filled, status=422)


HANDLERS = [sign_in_with, accept_with, back_from_provider, own_ways, connect, disconnect_identity]
