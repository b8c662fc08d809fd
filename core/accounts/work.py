"""What the worker does for accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.accounts.changing_email import CHANGE_REQUESTED, answer_change
from core.accounts.invitations import send_again
from core.accounts.joining import JOIN_REQUESTED, answer_joining
from core.accounts.services import RESET_REQUESTED
from core.accounts.sign_in_links import SIGN_IN_REQUESTED, answer_request
from core.messages.queue import work

if TYPE_CHECKING:
    from core.messages.queue import Work


@work(RESET_REQUESTED)
async def answer_reset(item: Work) -> None:
    """Look the address up where nobody can see it, and send what is due; to strangers nothing."""
    await send_again(email=item.payload["email"])


@work(SIGN_IN_REQUESTED)
async def answer_sign_in_request(item: Work) -> None:
    """The same for a link that signs in."""
    await answer_request(email=item.payload["email"], browser=item.payload["browser"])


@work(CHANGE_REQUESTED)
async def answer_email_change(item: Work) -> None:
    """See whether the wanted address is free, where the answer shows to nobody."""
    await answer_change(person=UUID(item.payload["person"]), wanted=item.payload["email"], present=item.payload["from"])


@work(JOIN_REQUESTED)
async def answer_join_request(item: Work) -> None:
    """See whether the address opens something that may be linked, where the answer shows to nobody."""
    await answer_joining(person=UUID(item.payload["person"]), email=item.payload["email"])
