"""
One's own e-mail address: the key to the account. It changes when its owner proves the new one.

The present password comes first, the old address is told at once, and a link to the new address has the last word.
Only the account and the person at this portal change; at linked portals she signs in with the new address, and what
they know of her stays as it is. Where the new address opens other portals already, its holder may make the two one.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.accounts.entering import actor_of
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.joining import is_hers, join_holder, joinable_accounts
from core.accounts.linking import hold_tenants
from core.accounts.links import LinkFacts, Purpose, consume_link, find_link
from core.accounts.mails import put_down_mail
from core.accounts.proofs import prove_asker, prove_password
from core.accounts.rate_limits import Limit
from core.accounts.sessions import end_sessions_everywhere, rotate_session
from core.accounts.tables import Account
from core.clock import now
from core.db import UniqueViolationError, transaction
from core.errors import InvalidInputError
from core.formats import typed_email
from core.i18n import Translator
from core.messages.queue import enqueue
from core.people.tables import RECIPIENT, AddressBookEntry, Membership, Person
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.actor import Actor

_ = Translator("core")
log = logging.getLogger("portico.accounts")

CHANGE_REQUESTED = "core.email_change_requested"
CHANGES = Limit(name="change_email", burst=3, period=timedelta(hours=1))
"""Addresses that one account may have mailed."""


async def request_email_change(*, current: str, email: str, by: Actor) -> str:
    """
    Ask for another address of one's own; return it as it would be stored. Whether it is free shows to nobody.

    Raises:
        InvalidInputError: no e-mail address, the present one, or a wrong password.
        TooManyAttemptsError: the password was wrong too often, or too many addresses.

    """
    wanted = typed_email(email)
    if by.person is None or by.viewed_by is not None:
        raise WrongCredentialsError
    account = await prove_password(password=current, by=by)
    if wanted == account.email:
        raise InvalidInputError(fields={"email": [_("This is your address already.")]})
    await rate_limits.take(CHANGES, str(by.account))
    async with transaction():
        await enqueue(
            kind=CHANGE_REQUESTED,
            payload={"person": str(by.person), "email": wanted, "from": account.email},
            tenant=current_tenant_id(),
        )
        facts = {"new": wanted, "at": now().isoformat()}
        await put_down_mail(template="email_change_asked", person=by.person, to=account.email, facts=facts)
    return wanted


async def answer_change(*, person: UUID, wanted: str, present: str) -> None:
    """Send the link to the *wanted* address, unless somebody here has it."""
    if not await _is_taken(wanted, person):
        await put_down_mail(template="change_email", person=person, to=wanted, facts={"from": present})


async def _is_taken(email: str, person: UUID) -> bool:
    others = (Person.email_folded == email) & Person.deleted_at.is_null() & (Person.id != person)
    return await Person.exists().where(others & (Person.state != RECIPIENT))


async def _take_over(email: str, person: UUID) -> None:
    """Part a recipient of forwarded documents from *email*: it is proved to be that of *person*, who has an account."""
    hers = (Person.email_folded == email) & (Person.state == RECIPIENT) & Person.deleted_at.is_null()
    for row in await Person.update({Person.deleted_at: now()}).where(hers).returning(Person.id):
        await AddressBookEntry.update({AddressBookEntry.person: person}).where(AddressBookEntry.person == row["id"])
    places = await Membership.select(Membership.customer).where(Membership.person == person)
    if places:  # nobody stands in the address book of her own company
        own = AddressBookEntry.customer.is_in([place["customer"] for place in places])
        await AddressBookEntry.delete().where(AddressBookEntry.person == person, own)


async def find_email_change(token: str) -> LinkFacts | None:
    """Return the link that confirms a new address, or None where it does not work (any more)."""
    link = await find_link(token, Purpose.CHANGE_EMAIL)
    return link if link is not None and link.active else None


async def opens_others(link: LinkFacts) -> bool:
    """Whether the new address opens other portals that may be linked: told only to who holds its link."""
    return bool(await joinable_accounts(email=link.email, account=link.account))


async def confirm_email(*, token: str, password: str, by: Actor | None, join: bool = False) -> str | None:
    """
    Make the new address hers; other sessions end. Return the new token of her session, None where she has none here.

    With *join* she signs in at the portals that the address opens already by this account as well from now on.

    Raises:
        LinkSpentError: the link does not work (any more), or somebody here has got the address meanwhile.
        InvalidInputError: she is not signed in, and this is not the password.
        TooManyAttemptsError: too many attempts on this link.

    """
    link = await find_email_change(token)
    if link is None:
        raise LinkSpentError
    hers = by is not None and is_hers(link, by)
    if not hers:
        await prove_asker(link=link, password=password)
    others = await joinable_accounts(email=link.email, account=link.account) if join else {}
    try:
        async with transaction():
            await hold_tenants(accounts=[link.account, *others])
            await _move(link, token, by if hers else None)
            if join:
                await join_holder(account=link.account, email=link.email, held=others)
            renewed = await rotate_session(by=by) if hers and by is not None else None
    except UniqueViolationError as error:
        raise LinkSpentError from error
    log.info("email_changed tenant=%s person=%s", current_tenant_id(), link.person)
    return renewed


async def _move(link: LinkFacts, token: str, by: Actor | None) -> None:
    await consume_link(token, Purpose.CHANGE_EMAIL)
    present, before = now(), link.data["from"]
    moved = (
        await Account.update({Account.email: link.email, Account.email_verified_at: present})
        .where((Account.id == link.account) & (Account.email == before))
        .returning(Account.id)
    )
    if not moved or await _is_taken(link.email, link.person):
        raise LinkSpentError
    await _take_over(link.email, link.person)
    await Person.update(
        {Person.email: link.email, Person.email_folded: link.email, Person.version: Person.version + 1}
    ).where(Person.id == link.person)
    await end_sessions_everywhere(account=link.account, but=by.session if by is not None else None)
    facts = {"new": link.email, "at": present.isoformat()}
    await put_down_mail(template="email_changed", person=link.person, to=before, facts=facts)
    await write_activity(
        kind="core.email_changed",
        by=by or await actor_of(link.person, link.account, link.kind),
        data={"from": before, "to": link.email},
    )
