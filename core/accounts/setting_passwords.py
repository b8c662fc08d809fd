"""Verbs that set a password: behind a mailed link, in the box that asks for one, or on one's own page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.accounts.entering import SignedIn, actor_of, enter
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.hashing import hash_password, verify_password
from core.accounts.links import Purpose, consume_link, find_link, supersede_links
from core.accounts.mails import put_down_mail
from core.accounts.options import confirms_email, policy_of
from core.accounts.passwords import Context, check
from core.accounts.proofs import prove_password, prove_receiver
from core.accounts.sessions import SET_PASSWORD, Device, end_sessions_everywhere, rotate_session
from core.accounts.showing import device_name
from core.accounts.tables import Account
from core.accounts.temporary import TEMPORARY, chosen_password
from core.clock import now
from core.db import hold_row, transaction
from core.errors import InvalidInputError
from core.i18n import LazyString, Translator
from core.people.tables import Person
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, load_snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.actor import Actor

_ = Translator("core")
log = logging.getLogger("portico.accounts")

CHANGED = "core.password_changed"


async def accept_invitation(*, token: str, email: str | None, password: str, device: Device) -> SignedIn | None:
    """
    Set the first password through an invitation; return the new session, or None where she signs in herself.

    *email* is what was typed where the tenant asks for it again.

    Raises:
        LinkSpentError: the link does not work (any more).
        InvalidInputError: another e-mail address, or a password that is not acceptable; the link stays as it is.
        TooManyAttemptsError: too many attempts on this link.

    """
    return await _set_by_link(token, Purpose.INVITATION, email, password, device)


async def reset_password(*, token: str, email: str | None, password: str, device: Device) -> SignedIn | None:
    """
    Set a new password through a mailed link; all sessions end. As `accept_invitation()` otherwise.

    Raises:
        LinkSpentError: the link does not work (any more).
        InvalidInputError: another e-mail address, or a password that is not acceptable; the link stays as it is.
        TooManyAttemptsError: too many attempts on this link.

    """
    return await _set_by_link(token, Purpose.RESET, email, password, device)


async def _set_by_link(
    token: str, purpose: Purpose, email: str | None, password: str, device: Device
) -> SignedIn | None:
    link = await find_link(token, purpose)
    if link is None:
        raise LinkSpentError
    await prove_receiver(link=link, email=email)
    tenant = await load_snapshot(current_tenant_id())
    names = Context.of(tenant.name, tenant.portal_name, link.given_name, link.family_name, link.email)
    _refuse_weak(password, tenant, names)
    hashed, present = await hash_password(password), now()
    signed_in = None
    async with transaction():
        await consume_link(token, purpose)
        await Account.update(chosen_password(hashed) | {Account.email_verified_at: present}).where(
            Account.id == link.account
        )
        await Person.update({Person.state: "active"}).where(Person.id == link.person)
        await end_sessions_everywhere(account=link.account)
        if purpose is Purpose.RESET:
            await _tell_changed(link.person, link.email)
        await write_activity(
            kind=CHANGED,
            by=await actor_of(link.person, link.account, link.kind),
            data={"how": purpose.value, "device": device_name(device.agent)},
        )
        if not confirms_email(tenant):
            signed_in = await enter(
                person=link.person,
                account=link.account,
                kind=link.kind,
                device=device,
                how=purpose.value,
                announce=False,
            )
    await rate_limits.reset(rate_limits.SIGN_IN, link.email, rate_limits.prefix_of(device.address))
    log.info("password_set_by_link tenant=%s person=%s purpose=%s", tenant.id, link.person, purpose.value)
    return signed_in


async def change_password(*, current: str, password: str, by: Actor) -> str:
    """
    Set another password; other sessions end, at other portals too. Return this session's new token.

    Raises:
        InvalidInputError: the current password is wrong, or the new one not acceptable.
        TooManyAttemptsError: the current password was wrong too often.

    """
    return await _replace_password(await prove_password(password=current, by=by), password, by)


async def set_new_password(*, password: str, by: Actor) -> str:
    """
    Set a new password in a session that is restricted to it, and lift the restriction. Return its new token.

    Raises:
        InvalidInputError: the new password is not acceptable, or is the old one.

    """
    if by.restricted != SET_PASSWORD:
        raise LinkSpentError
    return await _replace_password(await _own_account(by), password, by)


async def has_temporary_password(*, by: Actor) -> bool:
    """Whether the actor signed in with a temporary password, which she has to replace."""
    return (await _own_account(by)).password_state == TEMPORARY


async def _replace_password(account: Account, password: str, by: Actor) -> str:
    _refuse_weak(password, by.tenant, Context.of(by.tenant.name, by.tenant.portal_name, by.name, account.email))
    if await verify_password(account.password_hash, password):
        raise InvalidInputError(fields={"password": [_("This is the password you have now. Take another one.")]})
    hashed, first = await hash_password(password), account.password_state == TEMPORARY
    async with transaction():
        await hold_row("person", by.person)  # before her account, as whoever begins anew with her access does
        same = (Account.id == account.id) & (Account.password_hash == account.password_hash)
        if not await Account.update(chosen_password(hashed)).where(same).returning(Account.id):
            raise WrongCredentialsError  # somebody was quicker: another new password, or a reset by staff
        await end_sessions_everywhere(account=account.id, but=by.session)
        token = await rotate_session(by=by)
        if by.person is not None:
            await supersede_links(person=by.person)
            await (_activate(account, by.person) if first else _tell_changed(by.person, account.email))
        await write_activity(kind=CHANGED, by=by, data={"how": "first" if first else "own"})
    log.info("password_changed tenant=%s person=%s", by.tenant.id, by.person)
    return token


async def _activate(account: Account, person: UUID) -> None:
    """Whoever had the temporary password has the mail: the address is hers, and so is the access from now on."""
    await Account.update({Account.email_verified_at: now()}).where(Account.id == account.id)
    await Person.update({Person.state: "active"}).where((Person.id == person) & (Person.state == "invited"))


async def _own_account(by: Actor) -> Account:
    account = await Account.objects().where(Account.id == by.account).first()
    if account is None:
        raise WrongCredentialsError
    return account


async def _tell_changed(person: UUID, email: str) -> None:
    await put_down_mail(template="password_changed", person=person, to=email, facts={"at": now().isoformat()})


def _refuse_weak(password: str, tenant: TenantSnapshot, context: Context) -> None:
    refused: list[LazyString] = check(password, policy_of(tenant), context)
    if refused:
        raise InvalidInputError(fields={"password": refused})
