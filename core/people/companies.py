"""Which of a contact's companies a page is shown for: the active one, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import StaleError
from core.i18n import Translator

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")

SHOWN_FOR = "for"
"""The field in which forms carry it."""


def shown_for(actor: Actor) -> str:
    """Return which customer a page is shown for, as forms carry it."""
    return actor.active_customer.hex if actor.active_customer is not None else "all"


def require_shown_for(actor: Actor, sent: object) -> None:
    """
    Go on only with a form that was shown for the company that is active now; one that does not say is refused too.

    Raises:
        StaleError: the reader has chosen another company since.

    """
    if sent != shown_for(actor):
        raise StaleError(_("You have chosen another company since this page was opened. Open it again, then go on."))
