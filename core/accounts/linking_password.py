"""
A password forgotten in the middle of linking: set anew through the account's own address, then back to linking.

The invitation stays as it is; who comes back through the mail gets one more way to it, which ends when it does.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.accounts.errors import LinkSpentError
from core.accounts.hashing import hash_password
from core.accounts.linking import LinkingOffer, offer_for, offer_to
from core.accounts.links import Purpose, consume_link, find_link, issue_link, open_link
from core.accounts.mails import put_down_mail
from core.accounts.options import policy_of
from core.accounts.passwords import Context, check
from core.accounts.sessions import Device, end_sessions_everywhere
from core.accounts.tables import Account, Link
from core.accounts.temporary import chosen_password, ends_of_temporary_password
from core.accounts.tokens import new_token, token_hash
from core.clock import now
from core.db import transaction
from core.errors import InvalidInputError
from core.messages.queue import MailLink, mail_link
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id, unscoped
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

log = logging.getLogger("portico.accounts")


async def request_linking_password(*, token: str, device: Device) -> str:
    """
    Have a link to set the password of the other account anew sent to its address; return that address.

    Raises:
        LinkSpentError: the invitation does not work (any more), or there is nothing to link.
        TooManyAttemptsError: too many for this address, or from this network.

    """
    link = await find_link(token, Purpose.INVITATION)
    offer = await offer_for(link) if link is not None else None
    if offer is None:
        raise LinkSpentError
    return await mail_linking_password(offer=offer, device=device)


async def mail_linking_password(*, offer: LinkingOffer, device: Device) -> str:
    """
    Have the link sent that `request_linking_password()` asks for.

    Raises:
        TooManyAttemptsError: too many for this address, or from this network.

    """
    await rate_limits.take(rate_limits.RESET_ADDRESS, rate_limits.prefix_of(device.address))
    await rate_limits.take(rate_limits.RESET, offer.email)
    await put_down_mail(template="linking_password", person=offer.person, to=offer.email)
    return offer.email


@mail_link("linking_password")
async def make_linking_password_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the link, or None where there is nothing to link any more."""
    offer = await _offer_of(person)
    if offer is None or offer.email != to:
        return None
    path, expires_at = await issue_link(
        purpose=Purpose.LINKING_PASSWORD, person=person, account=offer.accounts[0], email=to
    )
    return MailLink(path=path, expires_at=expires_at)


async def _offer_of(person: UUID) -> LinkingOffer | None:
    """Return what may be linked to who is invited and has not answered yet."""
    invited = (Person.id == person) & (Person.state == "invited") & Person.deleted_at.is_null()
    found = await Person.objects().where(invited & Person.account.is_not_null()).first()
    if found is None or not found.email_folded:
        return None
    account = as_uuid(found.account)
    return await offer_to(person=person, account=account, email=found.email_folded, kind=found.kind)


async def find_linking_password(token: str) -> LinkingOffer | None:
    """Return the offer that the link leads back to, changing nothing; None where it does not work (any more)."""
    row = await open_link(token, Purpose.LINKING_PASSWORD)
    if row is None:
        return None
    offer = await _offer_of(as_uuid(row["person"]))
    if offer is None or offer.email != row["email"] or row["account"] not in offer.accounts:
        return None
    return offer


async def set_linking_password(*, token: str, password: str) -> str | None:
    """
    Set the password of the account that is to be linked; its sessions end everywhere.

    Return the token of an invitation to go on with, or None where the invitation has ended meanwhile.

    Raises:
        LinkSpentError: the link does not work (any more).
        InvalidInputError: the password is not acceptable; the link stays as it is.
        TooManyAttemptsError: too many attempts on this link.

    """
    row, offer = await open_link(token, Purpose.LINKING_PASSWORD), await find_linking_password(token)
    if row is None or offer is None:
        raise LinkSpentError
    await rate_limits.take(rate_limits.LINK_FORM, str(row["id"]))
    tenant = await load_snapshot(current_tenant_id())
    refused = check(password, policy_of(tenant), Context.of(tenant.name, tenant.portal_name, offer.email))
    if refused:
        raise InvalidInputError(fields={"password": refused})
    account, hashed = as_uuid(row["account"]), await hash_password(password)
    async with transaction():
        await consume_link(token, Purpose.LINKING_PASSWORD, alone=True)
        proven = (Account.id == account) & Account.disabled_at.is_null() & (Account.email == offer.email)
        changed = await Account.update(chosen_password(hashed)).where(proven).returning(Account.id)
        if not changed:
            raise LinkSpentError
        await end_sessions_everywhere(account=account)
        await _end_resets(account)
        await put_down_mail(
            template="password_changed", person=offer.person, to=offer.email, facts={"at": now().isoformat()}
        )
        invitation = await _invitation_again(offer)
    log.info("password_set_by_link tenant=%s purpose=%s", current_tenant_id(), Purpose.LINKING_PASSWORD.value)
    return invitation


async def _end_resets(account: UUID) -> None:
    """End links that would set the password once more, wherever they were asked for."""
    still_open = (Link.account == account) & Link.used_at.is_null() & Link.superseded_at.is_null()
    with unscoped("linking: a new password ends the links to reset it at every portal of the account"):
        await Link.update({Link.superseded_at: now()}).where(still_open)


async def _invitation_again(offer: LinkingOffer) -> str | None:
    """
    Make one more token for the open invitation; the one in the mail works as before, whichever is used first.

    Where she was mailed a temporary password instead, it is the first one, and holds as long.
    """
    mine = (Link.person == offer.person) & (Link.account == offer.own_account)
    still_open = Link.used_at.is_null() & Link.superseded_at.is_null() & (Link.expires_at > now())
    wanted = mine & still_open & (Link.purpose == Purpose.INVITATION.value)
    found = await Link.select(Link.expires_at).where(wanted).order_by(Link.expires_at, ascending=False).first()
    ends = found["expires_at"] if found is not None else await ends_of_temporary_password(account=offer.own_account)
    if ends is None:
        return None
    token = new_token()
    await Link.insert(
        Link(
            token_hash=token_hash(token),
            purpose=Purpose.INVITATION.value,
            person=offer.person,
            account=offer.own_account,
            email=offer.email,
            created_at=now(),
            expires_at=ends,
        )
    )
    return token
