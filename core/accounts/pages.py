"""What pages of one's own access share: their frame, the headers of secret addresses, and links that are spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response

from core.accounts.tables import Account
from core.i18n import Translator
from core.people.actor import current_actor
from core.web import render

if TYPE_CHECKING:
    from core.accounts.links import Purpose
    from core.i18n import LazyString

_ = Translator("core")

SECRET_PAGE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
"""Headers of pages whose address is a secret, or that lead to one."""

Page = Response[str]


def own_frame() -> str:
    """Return the layout around a page that contacts and staff both have."""
    return "layouts/staff.html" if current_actor().is_staff else "layouts/portal.html"


async def own_address() -> str:
    """Return the address with which the reader signs in; where she has linked sign-ins, the portal knows another."""
    actor = current_actor()
    row = await Account.select(Account.email).where(Account.id == actor.account).first()
    return str(row["email"]) if row is not None else actor.email


def secret(answer: Page) -> Page:
    """Keep the page's address to the reader."""
    answer.headers.update(SECRET_PAGE)
    return answer


async def spent_page(purpose: Purpose) -> Page:
    """Return the page behind a link that does not work (any more)."""
    title = _("This link no longer works")
    return secret(await render("accounts/link_spent.html", status=410, title=title, purpose=purpose.value))


async def no_password_page(title: LazyString) -> Page:
    """Show how somebody who signs in with an identity alone gets a password, where one is asked for."""
    return await render("accounts/no_password.html", title=title, email=await own_address(), frame=own_frame())
