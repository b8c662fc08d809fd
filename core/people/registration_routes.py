"""Pages for people who ask for access: one form, and the page behind the link that confirms their address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.accounts.oidc.attempts import Proved, registering_as
from core.accounts.oidc.browser import BROWSER
from core.accounts.oidc.providers import find_provider, offered_providers
from core.accounts.pages import secret
from core.errors import InvalidInputError
from core.i18n import Translator, current_language
from core.people import registrations
from core.people.forms import refused_into
from core.people.registration_forms import RegisterForm, register_form
from core.people.registration_texts import ENABLED, own_page_text
from core.web import action, cookie, form, page, render, see_other, tenant, visit

_ = Translator("core")

_STRANGERS = "for people who have no access yet"

AnyRequest = Request[Any, Any, Any]


@page("/register", name="people:register", public=_STRANGERS, only_with=ENABLED)
async def register(request: AnyRequest) -> Response[str]:
    """Show the form; to who comes from a sign-in provider, with what that says of her."""
    proved = await _proved(request.query_params.get("with", ""))
    names = ("given_name", "family_name", "email")
    filled = register_form(tenant())(data={name: getattr(proved, name) for name in names} if proved else {})
    filled.attempt.data = request.query_params["with"] if proved else ""
    return await _form_page(filled, proved)


async def _proved(attempt: str) -> Proved | None:
    return await registering_as(attempt=attempt, browser=cookie(BROWSER)) if attempt else None


async def _form_page(filled: RegisterForm, proved: Proved | None, *, status: int = 200) -> Response[str]:
    return await render(
        "people/registration.html",
        status=status,
        title=_("Register"),
        form=filled,
        own_text=own_page_text(tenant(), current_language()),
        proved=proved,
        provider=await find_provider(proved.provider) if proved else None,
        providers=await offered_providers(registering=True) if proved is None else (),
    )


@action("/register", name="people:ask_for_access", public=_STRANGERS, only_with=ENABLED)
async def ask_for_access(request: AnyRequest) -> Response[str]:
    """Take the registration; the answer is the same for every address."""
    filled = await form(request, register_form(tenant()))
    proved = await _proved(filled.attempt.data or "")
    if filled.validate():
        with refused_into(filled, limits=True) as refusal:
            if filled.attempt.data and proved is None:
                raise InvalidInputError(_("It is too long ago that you came from there. Please begin again."))
            asked, address = filled.asked(current_language()), visit().address
            confirms = await registrations.ask_for_access(
                asked=asked, address=address, proved=proved, browser=cookie(BROWSER)
            )
            if not confirms:
                return see_other("/", flash_text=_("Thank you. We look at your registration and write to you."))
            return await render(
                "people/registration_sent.html", title=_("Look into your mail"), email=filled.email.data
            )
        return refusal.answered(await _form_page(filled, proved, status=422))
    return await _form_page(filled, proved, status=422)


@page("/register/{token:str}", name="people:registration", public="the link is the proof", only_with=ENABLED)
async def show_registration(token: FromPath[str]) -> Response[str]:
    """Show what the link would confirm; looking changes nothing."""
    return await _link_page(token)


@action("/register/{token:str}", name="people:confirm_registration", public="the link is the proof", only_with=ENABLED)
async def confirm_registration(token: FromPath[str]) -> Response[str]:
    """Confirm the address: the registration waits for the staff from now on."""
    if await registrations.find_unconfirmed(token) is None:
        return await _link_page(token)
    await registrations.confirm_address(token=token, browser=cookie(BROWSER))
    said = _("Thank you, your address is confirmed. We look at your registration and write to you.")
    return secret(see_other("/", flash_text=said))


async def _link_page(token: str) -> Response[str]:
    found = await registrations.find_unconfirmed(token)
    if found is None:
        title = _("This link no longer works")
        return secret(await render("people/registration_spent.html", status=410, title=title))
    return secret(
        await render(
            "people/registration_confirm.html",
            title=_("Confirm your address"),
            registration=found,
            path=f"/register/{token}",
        )
    )


HANDLERS: list[Any] = [register, ask_for_access, show_registration, confirm_registration]
