"""Verbs of signing in. None of them tells whether an address is known: not by its answer, nor by its time."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.accounts import rate_limits
from core.accounts.errors import LinkSpentError, WrongCredentialsError
from core.accounts.hashing import hash_password, needs_rehash, verify_password
from core.accounts.links import Purpose, consume_link, find_link, supersede_links
from core.accounts.mails import put_down_mail
from core.accounts.options import confirms_email, policy_of
from core.accounts.passwords import Context, check
from core.accounts.sessions import (
    SET_PASSWORD,
    Device,
    create_session,
    end_session,
    end_sessions_everywhere,
    rotate_session,
)
from core.accounts.tables import Account
from core.clock import now
from core.db import fetch, transaction
from core.errors import InvalidInputError, NotFoundError
from core.formats import FormatError, normalise_email
from core.i18n import LazyString, Translator
from core.messages.queue import enqueue
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.people.actor import Actor

_ = Translator("core")
log = logging.getLogger("portico.accounts")

RESET_REQUESTED = "core.reset_requested"

_CANDIDATES = """
SELECT p.id AS person, p.kind AS kind, p.state AS state, a.id AS account, a.password_hash AS password_hash,
       a.disabled_at AS disabled_at
FROM account a
JOIN person p ON p.account = a.id
WHERE a.email = {} AND p.tenant = {} AND p.deleted_at IS NULL
ORDER BY p.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody has signed in: the token for her cookie, and whether she must set a new password first."""

    token: str
    kind: str
    restricted: bool = False


async def sign_in(*, email: str, password: str, device: Device) -> SignedIn:
    """
    Sign in with e-mail and password.

    A password too weak for this tenant's policy opens a session that can only set a new one.

    Raises:
        WrongCredentialsError: the pair opens nothing here.
        TooManyAttemptsError: too many attempts for this address from this network, or from this network at all.

    """
    folded, network = _folded(email), rate_limits.prefix_of(device.address)
    await rate_limits.take(rate_limits.SIGN_IN_ADDRESS, network)
    await rate_limits.take(rate_limits.SIGN_IN, folded, network)
    found = await _verified(folded, password)
    if found is None:
        if not await rate_limits.attempt(rate_limits.STUFFING):
            log.warning("credential_stuffing_suspected tenant=%s", current_tenant_id())
        log.info("sign_in_failed tenant=%s network=%s", current_tenant_id(), network)
        raise WrongCredentialsError
    await rate_limits.reset(rate_limits.SIGN_IN, folded, network)
    await rate_limits.give_back(rate_limits.SIGN_IN_ADDRESS, network)
    weak = bool(check(password, policy_of(await _tenant())))
    person, account, kind = as_uuid(found["person"]), as_uuid(found["account"]), found["kind"]
    rehashed = await hash_password(password) if needs_rehash(found["password_hash"]) else None
    async with transaction():
        if rehashed is not None:
            await Account.update({Account.password_hash: rehashed}).where(Account.id == account)
        await Person.update({Person.last_sign_in_at: now()}).where(Person.id == person)
        token = await create_session(
            person=person, account=account, kind=kind, device=device, restricted=SET_PASSWORD if weak else None
        )
    log.info("signed_in tenant=%s person=%s network=%s", current_tenant_id(), person, network)
    return SignedIn(token=token, kind=kind, restricted=weak)


async def _verified(email: str, password: str) -> Mapping[str, Any] | None:
    """Return the person and account that the pair opens. Unknown addresses cost as much work as known ones."""
    rows = await fetch(_CANDIDATES, email, current_tenant_id())
    if not rows:
        await verify_password(None, password)
    found = None
    for row in rows:
        right = await verify_password(row["password_hash"], password)
        if right and row["state"] == "active" and row["disabled_at"] is None:
            found = row
    return found


async def sign_out(*, by: Actor) -> None:
    """End this session."""
    if by.session is not None:
        with suppress(NotFoundError):
            await end_session(session=by.session, by=by)
        log.info("signed_out tenant=%s person=%s", by.tenant.id, by.person)


async def request_reset(*, email: str, device: Device) -> None:
    """
    Ask for a link to set a new password. What becomes of it is decided later, by the worker, so nothing shows here.

    Raises:
        InvalidInputError: this is no e-mail address.
        TooManyAttemptsError: too many for this address, or from this network.

    """
    try:
        folded = normalise_email(email)
    except FormatError as error:
        raise InvalidInputError(fields={"email": [error.message]}) from error
    await rate_limits.take(rate_limits.RESET_ADDRESS, rate_limits.prefix_of(device.address))
    await rate_limits.take(rate_limits.RESET, folded)
    await enqueue(kind=RESET_REQUESTED, payload={"email": folded}, tenant=current_tenant_id())


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
    await rate_limits.take(rate_limits.LINK_FORM, str(link.id))
    tenant = await _tenant()
    asks = confirms_email(tenant)
    if asks and _folded(email or "") != link.email:
        raise InvalidInputError(
            fields={
                "email": [
                    _(
                        "Type the e-mail address at which you received this link. "
                        "Messages of the portal go to that address, not to another one."
                    )
                ]
            }
        )
    names = Context.of(tenant.name, tenant.portal_name, link.given_name, link.family_name, link.email)
    _refuse_weak(password, tenant, names)
    hashed, present = await hash_password(password), now()
    signed_in = None
    async with transaction():
        await consume_link(token, purpose)
        await Account.update(_new_password(hashed) | {Account.email_verified_at: present}).where(
            Account.id == link.account
        )
        state: dict[Any, Any] = {Person.state: "active"}
        await Person.update(state if asks else state | {Person.last_sign_in_at: present}).where(
            Person.id == link.person
        )
        await end_sessions_everywhere(account=link.account)
        if purpose is Purpose.RESET:
            await _tell_changed(link.person, link.email)
        if not asks:
            session = await create_session(person=link.person, account=link.account, kind=link.kind, device=device)
            signed_in = SignedIn(token=session, kind=link.kind)
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
    account = await _own_account(by)
    await rate_limits.take(rate_limits.PASSWORD, str(by.account))
    if not await verify_password(account.password_hash, current):
        raise InvalidInputError(fields={"current": [_("This is not your current password.")]})
    await rate_limits.reset(rate_limits.PASSWORD, str(by.account))
    return await _replace_password(account, password, by)


async def set_new_password(*, password: str, by: Actor) -> str:
    """
    Set a new password in a session that is restricted to it, and lift the restriction. Return its new token.

    Raises:
        InvalidInputError: the new password is not acceptable, or is the old one.

    """
    if by.restricted != SET_PASSWORD:
        raise LinkSpentError
    return await _replace_password(await _own_account(by), password, by)


async def _replace_password(account: Account, password: str, by: Actor) -> str:
    _refuse_weak(password, by.tenant, Context.of(by.tenant.name, by.tenant.portal_name, by.name, account.email))
    if await verify_password(account.password_hash, password):
        raise InvalidInputError(fields={"password": [_("This is the password you have now. Take another one.")]})
    hashed = await hash_password(password)
    async with transaction():
        await Account.update(_new_password(hashed)).where(Account.id == account.id)
        await end_sessions_everywhere(account=account.id, but=by.session)
        token = await rotate_session(by=by)
        if by.person is not None:
            await supersede_links(person=by.person, purpose=Purpose.RESET)
            await _tell_changed(by.person, account.email)
    log.info("password_changed tenant=%s person=%s", by.tenant.id, by.person)
    return token


async def _own_account(by: Actor) -> Account:
    account = await Account.objects().where(Account.id == by.account).first()
    if account is None:
        raise WrongCredentialsError
    return account


async def _tell_changed(person: UUID, email: str) -> None:
    await put_down_mail(template="password_changed", person=person, to=email, facts={"at": now().isoformat()})


def _new_password(hashed: str) -> dict[Any, Any]:
    return {
        Account.password_hash: hashed,
        Account.password_state: "set",
        Account.password_set_at: now(),
        Account.password_expires_at: None,
    }


def _refuse_weak(password: str, tenant: TenantSnapshot, context: Context) -> None:
    refused: list[LazyString] = check(password, policy_of(tenant), context)
    if refused:
        raise InvalidInputError(fields={"password": refused})


async def _tenant() -> TenantSnapshot:
    return await load_snapshot(current_tenant_id())


def _folded(email: str) -> str:
    """Return *email* as it is stored; what is no address is only trimmed, so that it finds nobody."""
    try:
        return normalise_email(email)
    except FormatError:
        return email.strip()[:254]
