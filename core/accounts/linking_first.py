"""
Linking at the first sign-in with a temporary password: what an invitation by link offers, in the box that follows it.

Whoever has the temporary password has the mail, as whoever has the link of an invitation.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core.accounts.errors import LinkSpentError
from core.accounts.linking import LinkingOffer, hold_tenants, lock_proved, offer_to, prove_account, take_over
from core.accounts.linking_password import mail_linking_password
from core.accounts.mails import put_down_mail
from core.accounts.options import policy_of
from core.accounts.passwords import check
from core.accounts.sessions import SET_PASSWORD, Device, rotate_session
from core.accounts.tables import Account
from core.accounts.temporary import TEMPORARY
from core.db import transaction
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from core.people.actor import Actor

log = logging.getLogger("portico.accounts")


async def offer_in_box(*, by: Actor) -> LinkingOffer | None:
    """Return what the actor may link instead of choosing a password: she has just used a temporary one."""
    if by.restricted != SET_PASSWORD or by.account is None or by.person is None or by.viewed_by is not None:
        return None
    mailed = (Account.id == by.account) & (Account.password_state == TEMPORARY)
    row = await Account.select(Account.email).where(mailed).first()
    if row is None:
        return None
    return await offer_to(person=by.person, account=by.account, email=row["email"], kind=by.kind.value)


async def link_in_box(*, password: str, by: Actor) -> tuple[str, bool]:
    """
    Link the actor to the account whose password is given; return her session's new token, and whether it is too weak.

    Raises:
        LinkSpentError: there is nothing to link (any more).
        WrongLinkingPasswordError: no account of hers has this password.
        TooManyAttemptsError: too many attempts for this address.

    """
    offer = await offer_in_box(by=by)
    if offer is None or by.session is None:
        raise LinkSpentError
    account, hashed = await prove_account(email=offer.email, accounts=offer.accounts, password=password)
    weak = bool(check(password, policy_of(await load_snapshot(current_tenant_id()))))
    async with transaction():
        await hold_tenants(accounts=[account])
        await lock_proved(account, hashed)
        again = await offer_in_box(by=by)
        if again is None or account not in again.accounts:
            raise LinkSpentError
        token = await rotate_session(by=by, account=account, restricted=SET_PASSWORD if weak else None)
        await take_over(again, account, password)
        await put_down_mail(template="linked", person=offer.person, to=offer.email)
    log.info("linked tenant=%s person=%s", current_tenant_id(), offer.person)
    return token, weak


async def forgotten_in_box(*, by: Actor, device: Device) -> str:
    """
    Have a link to set the password of the other account anew sent to its address; return that address.

    Raises:
        LinkSpentError: there is nothing to link (any more).
        TooManyAttemptsError: too many for this address, or from this network.

    """
    offer = await offer_in_box(by=by)
    if offer is None:
        raise LinkSpentError
    return await mail_linking_password(offer=offer, device=device)
