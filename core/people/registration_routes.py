"""Pages for people who ask for access: one form, and the page behind the link that confirms their address."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import FromPath

from core.i18n import Translator, current_language
from core.people import registrations
from core.people.forms import refused_into
from core.people.registration_forms import RegisterForm, register_form
from core.people.registrations import ENABLED
from core.web import action, form, page, render, see_other, tenant, visit

_ = Translator("core")

_STRANGERS = "for people who have no access yet"
_SECRET_PAGE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"}

AnyRequest = Request[Any, Any, Any]


@page("/register", name="people:register", public=_STRANGERS, only_with=ENABLED)
async def register() -> Response[str]:
    """Show the form."""
    return await _form_page(register_form(tenant())())


async def _form_page(filled: RegisterForm, *, status: int = 200) -> Response[str]:
    return await render("people/registration.html", status=status, title=_("Register"), form=filled)


@action("/register", name="people:ask_for_access", public=_STRANGERS, only_with=ENABLED)
async def ask_for_access(request: AnyRequest) -> Response[str]:
    """Take the registration; the answer is the same for every address."""
    filled = await form(request, register_form(tenant()))
    if filled.validate():
        with refused_into(filled):
            await registrations.ask_for_access(asked=filled.asked(current_language()), address=visit().address)
            return await render(
                "people/registration_sent.html", title=_("Look into your mail"), email=filled.email.data
            )
    return await _form_page(filled, status=422)


@page("/register/{token:str}", name="people:registration", public="the link is the proof", only_with=ENABLED)
async def show_registration(token: FromPath[str]) -> Response[str]:
    """Show what the link would confirm; looking changes nothing."""
    return await _link_page(token)


@action("/register/{token:str}", name="people:confirm_registration", public="the link is the proof", only_with=ENABLED)
async def confirm_registration(token: FromPath[str]) -> Response[str]:
    """Confirm the address: the registration waits for the staff from now on."""
    if await registrations.find_unconfirmed(token) is None:
        return await _link_page(token)
    await registrations.confirm_address(token=token)
    said = _("Thank you, your address is confirmed. We look at your registration and write to you.")
    return _secret(see_other("/", flash_text=said))


async def _link_page(token: str) -> Response[str]:
    found = await registrations.find_unconfirmed(token)
    if found is None:
        title = _("This link no longer works")
        return _secret(await render("people/registration_spent.html", status=410, title=title))
    return _secret(
        await render(
            "people/registration_confirm.html",
            title=_("Confirm your address"),
            registration=found,
            path=f"/register/{token}",
        )
    )


def _secret(answer: Response[str]) -> Response[str]:
    answer.headers.update(_SECRET_PAGE)
    return answer


HANDLERS: list[Any] = [register, ask_for_access, show_registration, confirm_registration]
