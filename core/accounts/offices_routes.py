"""One's offices: going from one to another, names and preference, unlinking."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from wtforms.fields import BooleanField, PasswordField, StringField

from core.accounts import hand_over, joining, offices, unlinking
from core.accounts.browser import device, end_session_before, keep_session
from core.accounts.entering import SignedIn
from core.accounts.forms import refusals_shown_in
from core.accounts.linking_pages import PASSWORD_PATH
from core.accounts.links import Purpose
from core.accounts.pages import own_frame, secret, spent_page
from core.forms import Form, Required
from core.i18n import Translator
from core.people.actor import actor_or_none, current_actor
from core.web import action, form, page, render, see_other, tenant

_ = Translator("core")

OFFICES_PATH = "/account/offices"

AnyRequest = Request[Any, Any, Any]
Page = Response[str]


class OfficeForm(Form):
    """What she calls an office, and whether she lands there."""

    nickname = StringField(_("Name for yourself"))  # type: ignore[arg-type]  # WTForms says str and passes it on unread
    preferred = BooleanField(_("Open this portal first after signing in"))  # type: ignore[arg-type]  # as above


class UnlinkForm(Form):
    """The password, once more."""

    password = PasswordField(_("Password"), [Required()])  # type: ignore[arg-type]  # as above


@page(OFFICES_PATH, name="accounts:offices", signed_in="everybody's own offices")
async def own_offices() -> Page:
    """Show at which portals one signs in with this account."""
    return await _offices_page()


async def _offices_page(refused: tuple[UUID, OfficeForm] | None = None) -> Page:
    actor = current_actor()
    found = await offices.offices_of(actor.account) if actor.account and actor.offices > 1 else []
    forms = {
        office.id: refused[1]
        if refused and refused[0] == office.id
        else OfficeForm(nickname=office.nickname, preferred=office.preferred, prefix=f"o{number}")
        for number, office in enumerate(found)
    }
    return await render(
        "accounts/offices.html",
        status=422 if refused else 200,
        title=_("My portals"),
        offices_found=found,
        forms=forms,
        here=actor.tenant.id,
        can_join=await joining.may_join(by=actor),
        frame=own_frame(),
    )


@action("/account/offices/{office:uuid}", name="accounts:arrange_office", signed_in="everybody's own offices")
async def arrange(request: AnyRequest, office: FromPath[UUID]) -> Page:
    """Name an office, and prefer it or not."""
    actor = current_actor()
    found = await offices.find_office(office=office, by=actor)
    sent = await request.form()
    prefix = next((key.partition("-")[0] for key in sent if key.endswith("-nickname")), "")
    filled = OfficeForm(sent, prefix=prefix)
    if filled.validate():
        with refusals_shown_in(filled):
            await offices.arrange_office(
                office=found.id, nickname=filled.nickname.data or "", preferred=bool(filled.preferred.data), by=actor
            )
            return see_other(OFFICES_PATH, flash_text=_("Saved."))
    return await _offices_page((found.id, filled))


@action("/account/offices/{office:uuid}/open", name="accounts:open_office", signed_in="everybody's own offices")
async def open_office(office: FromPath[UUID]) -> Page:
    """Go on at another office."""
    actor = current_actor()
    found = await offices.find_office(office=office, by=actor)
    if found.tenant == actor.tenant.id:
        return see_other("/")
    return await _leave(await hand_over.hand_over(office=office, by=actor), found.label)


async def landing(signed_in: SignedIn) -> Page | None:
    """Return the way on for somebody who has just signed in here but prefers another office."""
    address = await hand_over.land(signed_in=signed_in, here=tenant())
    return await _leave(address, "") if address is not None else None


async def _leave(address: str, label: str) -> Page:
    """
    Lead to another host, by a page that goes on by itself.

    A redirect would be refused: the answer to a form may lead to this host alone (`form-action 'self'`). The other
    portal learns from where somebody comes, and nothing more of the address.
    """
    answer = await render("accounts/office_leaving.html", title=_("One moment"), address=address, label=label)
    answer.headers.update({"Refresh": f"0; url={address}", "Referrer-Policy": "origin", "Cache-Control": "no-store"})
    return answer


@page("/hand-over/{token:str}", name="accounts:hand_over", public="the link is the proof")
async def hand_over_page(request: AnyRequest, token: FromPath[str]) -> Page:
    """
    Show who comes, and one button; looking changes nothing.

    A script presses it, but only for who comes straight from the other office: nobody is signed in as somebody else
    by a link that another person sent.
    """
    found = await hand_over.find_arrival(token)
    if found is None:
        return await spent_page(Purpose.HAND_OVER)
    came_from = urlsplit(request.headers.get("referer", ""))
    trusted = f"{came_from.scheme}://{came_from.netloc}" == found.origin
    somebody = actor_or_none()
    return secret(
        await render(
            "accounts/office_arriving.html",
            title=_("Go on as {name}").format(name=found.name or found.email),
            path=f"{Purpose.HAND_OVER.path}/{token}",
            email=found.email,
            by_itself=trusted and (somebody is None or somebody.account == found.account),
        )
    )


@action("/hand-over/{token:str}", name="accounts:arrive", public="the link is the proof")
async def arrive(token: FromPath[str]) -> Page:
    """Open the session here."""
    if await hand_over.find_arrival(token) is None:
        return await spent_page(Purpose.HAND_OVER)
    here = device()
    done = await hand_over.arrive(token=token, device=here)
    await end_session_before()
    keep_session(done.token, done.kind, known=here)
    return secret(see_other("/"))


@page("/account/offices/{office:uuid}/unlink", name="accounts:unlink_page", signed_in="everybody's own offices")
async def unlink_page(office: FromPath[UUID]) -> Page:
    """Ask for the password before an office is parted."""
    return await _unlink_page(office, UnlinkForm())


async def _unlink_page(office: UUID, filled: UnlinkForm) -> Page:
    actor = current_actor()
    found = await offices.find_office(office=office, by=actor)
    return await render(
        "accounts/office_unlink.html",
        status=422 if filled.errors else 200,
        title=_("Unlink {portal}").format(portal=found.label),
        form=filled,
        office=found,
        is_here=found.tenant == actor.tenant.id,
        frame=own_frame(),
    )


@action("/account/offices/{office:uuid}/unlink", name="accounts:unlink", signed_in="everybody's own offices")
async def unlink(request: AnyRequest, office: FromPath[UUID]) -> Page:
    """Part an office from the account."""
    actor = current_actor()
    found = await offices.find_office(office=office, by=actor)
    filled = await form(request, UnlinkForm)
    if filled.validate():
        with refusals_shown_in(filled):
            token = await unlinking.unlink_office(office=office, password=filled.password.data or "", by=actor)
            if token is not None:
                keep_session(token, actor.kind.value)
                said = _("This portal is no longer linked. Set the password with which you sign in here from now on.")
                return see_other(PASSWORD_PATH, flash_text=said)
            said = _("{portal} is no longer linked. A message with a link to set a password for it is on its way.")
            return see_other(OFFICES_PATH, flash_text=said.format(portal=found.label))
    return await _unlink_page(office, filled)


HANDLERS = [own_offices, arrange, open_office, hand_over_page, arrive, unlink_page, unlink]
