"""What the pages of linking share: the offer, behind an invitation or after a temporary password, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response
from wtforms.fields import PasswordField

from core.accounts.pages import secret
from core.forms import Form, Required
from core.i18n import Translator
from core.web import render, see_other

if TYPE_CHECKING:
    from core.accounts.linking import LinkingOffer

_ = Translator("core")

PASSWORD_PATH = "/account/password"  # noqa: S105 -- a path
SEPARATE = "separate"
"""In the address of the offer: she wants a password for this portal alone."""

Page = Response[str]


class LinkingForm(Form):
    """The password of the account that is there already."""

    password = PasswordField(_("Password"), [Required()])  # type: ignore[arg-type]  # WTForms says str and passes it on unread


async def show_offer(offer: LinkingOffer, *, path: str, filled: LinkingForm | None = None) -> Page:
    """Return the page that offers to link; its forms go to *path*/link and *path*/forgotten."""
    return secret(
        await render(
            "accounts/link_accounts.html",
            status=200 if filled is None else 422,
            title=_("You already have access with this e-mail address"),
            form=filled or LinkingForm(),
            path=path,
            email=offer.email,
        )
    )


async def show_forgotten(email: str, *, path: str) -> Page:
    """Return the page that says where the link to a new password went; *path* leads back to the offer."""
    return secret(await render("accounts/link_forgotten.html", title=_("Look into your mail"), email=email, path=path))


def linked_page(*, weak: bool) -> Page:
    """Go on into the portal, or to the box where the password is too weak for it."""
    if weak:
        said = _("Your access is linked. This portal asks more of passwords: please set a new one.")
        return secret(see_other(PASSWORD_PATH, flash_text=said, kind="info"))
    return secret(see_other("/", flash_text=_("Your access is linked. Welcome!")))
