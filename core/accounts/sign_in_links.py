"""
One-time links that sign in, for who has access already. Opening one changes nothing; a button uses it.

The browser that asked holds a cookie: with it the button is enough, and pressed again within a minute it leads to the
same session. Any other device, a mail scanner too, must type the code that stands in the mail; five wrong ones end it.
"""

from __future__ import annotations

import hmac
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from core.accounts import rate_limits
from core.accounts.entering import SignedIn, enter
from core.accounts.errors import LinkSpentError
from core.accounts.hashing import verify_password
from core.accounts.links import LinkFacts, Purpose, consume_link, find_link, read_data
from core.accounts.mails import put_down_mail
from core.accounts.rate_limits import Limit
from core.accounts.sessions import Device, renew_token
from core.accounts.showing import hidden_address
from core.accounts.tables import Link, Session
from core.accounts.tokens import TOKEN_LENGTH, token_hash
from core.clock import now
from core.db import fetch, transaction
from core.errors import InvalidInputError
from core.formats import typed_email
from core.i18n import Translator
from core.messages.queue import enqueue
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ = Translator("core")
log = logging.getLogger("portico.accounts")

SIGN_IN_REQUESTED = "core.sign_in_requested"
CODE_LENGTH = 8
BROWSER_LASTS = timedelta(hours=1)
"""How long the browser that asked is known: the mail may be late."""
AGAIN = timedelta(seconds=60)
"""How long a second click in the same browser is taken as the first one."""
LINKS = Limit(name="sign_in_link", burst=3, period=timedelta(hours=1))
LINKS_ADDRESS = Limit(name="sign_in_link_address", burst=10, period=timedelta(hours=1))
CODES = Limit(name="sign_in_code", burst=5, period=timedelta(days=7))
"""Wrong codes for one link: far longer than it lives, so the sixth never comes."""

_WHO = """
SELECT p.id AS person FROM account a JOIN person p ON p.account = a.id
WHERE a.email = {} AND a.disabled_at IS NULL AND a.email_verified_at IS NOT NULL
      AND p.tenant = {} AND p.deleted_at IS NULL AND p.state = 'active'
ORDER BY p.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A link as its page shows it: whose, in a form that only its owner knows, and whether the code is needed."""

    email: str
    asks_code: bool


async def request_sign_in_link(*, email: str, browser: str, device: Device) -> None:
    """
    Ask for a link, from the browser that holds the secret *browser*. Whether somebody gets one is decided later.

    Raises:
        InvalidInputError: this is no e-mail address.
        TooManyAttemptsError: too many for this address, or from this network.

    """
    folded = typed_email(email)
    await rate_limits.take(LINKS_ADDRESS, rate_limits.prefix_of(device.address))
    await rate_limits.take(LINKS, folded)
    await enqueue(
        kind=SIGN_IN_REQUESTED,
        payload={"email": folded, "browser": token_hash(browser)},
        tenant=current_tenant_id(),
    )


async def answer_request(*, email: str, browser: str) -> None:
    """Send a link to who signs in with *email*; to others nothing."""
    for row in await fetch(_WHO, email, current_tenant_id()):
        await put_down_mail(template="sign_in", person=as_uuid(row["person"]), to=email, facts={"browser": browser})


async def look_at(token: str, browser: str) -> Opened | None:
    """Return what the link's page shows, changing nothing; None where it does not work (any more)."""
    link = await find_link(token, Purpose.SIGN_IN)
    if link is not None and link.active:
        return Opened(email=hidden_address(link.email), asks_code=not _is_bound_to(link.data, browser))
    used = await _just_used(token, browser)
    return Opened(email=hidden_address(used["email"]), asks_code=False) if used is not None else None


async def use_sign_in_link(*, token: str, browser: str, code: str, device: Device) -> SignedIn:
    """
    Sign in through a link: in the browser that asked for it, or with the code.

    Raises:
        LinkSpentError: the link does not work (any more), or the code was wrong too often.
        InvalidInputError: another browser and no code, or a wrong one.

    """
    link = await find_link(token, Purpose.SIGN_IN)
    if link is not None and link.active:
        if not _is_bound_to(link.data, browser):
            await _prove(link, code)
        try:
            return await _use(link, token, device)
        except LinkSpentError:
            pass  # the same button, pressed twice: the first press may have come from this browser
    return await _once_more(token, browser)


async def _prove(link: LinkFacts, code: str) -> None:
    typed = re.sub(r"[\s-]", "", code).lower()
    if len(typed) != CODE_LENGTH:  # what presses buttons without typing costs nobody a try
        raise InvalidInputError(fields={"code": [_("Type the code that stands in the mail.")]})
    if not await rate_limits.attempt(CODES, str(link.id)):
        raise LinkSpentError
    if not await verify_password(link.data["code"], typed):
        raise InvalidInputError(fields={"code": [_("This is not the code in the mail. Look at the newest message.")]})


async def _use(link: LinkFacts, token: str, device: Device) -> SignedIn:
    async with transaction():
        await consume_link(token, Purpose.SIGN_IN, alone=True)
        done = await enter(person=link.person, account=link.account, kind=link.kind, device=device, how="link")
        session = await Session.select(Session.id).where(Session.token_hash == token_hash(done.token)).first()
        assert session is not None  # noqa: S101 -- it was opened a line above
        kept = {"browser": link.data["browser"], "session": str(session["id"]), "kind": link.kind}
        await Link.update({Link.data: msgspec.json.encode(kept).decode()}).where(Link.id == link.id)
    return done


async def _just_used(token: str, browser: str) -> Mapping[str, Any] | None:
    """Return the row of a link that this very browser has used within the last minute."""
    if len(token) != TOKEN_LENGTH:
        return None
    row = (
        await Link.select(Link.id, Link.person, Link.email, Link.data)
        .where(
            (Link.token_hash == token_hash(token))
            & (Link.purpose == Purpose.SIGN_IN.value)
            & (Link.used_at > now() - AGAIN)
        )
        .first()
    )
    return row if row is not None and _is_bound_to(read_data(row), browser) else None


async def _once_more(token: str, browser: str) -> SignedIn:
    """Give the session of the first click a new token, for the answer that the browser waits for now."""
    row = await _just_used(token, browser)
    if row is None:
        raise LinkSpentError
    data = read_data(row)
    there = (Person.id == row["person"]) & (Person.state == "active")
    renewed = await renew_token(session=as_uuid(data["session"])) if await Person.exists().where(there) else None
    if renewed is None:
        raise LinkSpentError
    return SignedIn(person=as_uuid(row["person"]), token=renewed, kind=data["kind"])


def _is_bound_to(data: Mapping[str, Any], browser: str) -> bool:
    return len(browser) == TOKEN_LENGTH and hmac.compare_digest(str(data["browser"]), token_hash(browser))
