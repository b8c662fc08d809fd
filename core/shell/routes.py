"""Home, the back office's home, the contact page, the theme."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from core.accounts.pages import own_frame
from core.accounts.routes import sign_in_page
from core.errors import NotFoundError
from core.i18n import Translator
from core.people.actor import actor_or_none, current_actor
from core.people.seen import cards_of
from core.shell.home import staff_desk
from core.shell.theme import theme_css
from core.web import page, render, see_other, tenant

_ = Translator("core")


@page("/", name="shell:home", public="signed out it is the sign-in page")
async def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what needs the reader; signed out, the sign-in page."""
    actor = actor_or_none()
    if actor is None:
        return await sign_in_page(request)
    if actor.is_staff:
        return see_other("/staff")
    if actor.restricted:
        return see_other("/account/password")
    return await render(
        "shell/home.html",
        title=_("Hello, {name}").format(name=actor.name.split(" ")[0]),
        cards=cards_of(actor),
    )


@page("/staff", name="shell:staff", signed_in="each part of it asks for its own permission")
async def staff_home() -> Response[Any]:
    """Show what waits for the staff."""
    actor = current_actor()
    if not actor.is_staff:
        raise NotFoundError
    return await render(
        "shell/staff_home.html",
        title=_("Hello, {name}").format(name=actor.name.split(" ")[0]),
        cards=cards_of(actor),
        desk=await staff_desk(actor),
    )


@page("/contact", name="shell:contact", public="says how to reach the tenant, also to whom cannot sign in")
async def contact() -> Response[Any]:
    """Show how to reach the tenant: what stands in where a module that would take messages is off."""
    tenant()
    actor = actor_or_none()
    if actor is None or actor.restricted:
        return await render("shell/contact.html", title=_("Contact"))
    return await render("shell/contact_signed_in.html", title=_("Contact"), frame=own_frame())


@page("/theme.css", name="shell:theme", public="colours are no secret")
async def theme() -> Response[str]:
    """Send the tenant's stylesheet; its address holds the colour, so browsers may keep it."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(theme_css(tenant()), media_type="text/css", headers=headers)


HANDLERS: list[Any] = [home, staff_home, contact, theme]
