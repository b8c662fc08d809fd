"""Parting one office from a linked account: it gets an account of its own, for which she sets a password anew."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts import rate_limits
from core.accounts.errors import WrongCredentialsError
from core.accounts.hashing import verify_password
from core.accounts.mails import put_down_mail
from core.accounts.offices import Office, count_offices, find_office
from core.accounts.sessions import RESTRICTED_LASTS, SET_PASSWORD
from core.accounts.tables import Account, KnownDevice, Link, Session
from core.accounts.tokens import new_token, token_hash
from core.clock import now
from core.db import transaction
from core.errors import InvalidInputError, NotFoundError, NotSignedInError
from core.i18n import Translator
from core.people.tables import Person
from core.tenancy.scope import tenant_scope, unscoped
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from core.people.actor import Actor

_ = Translator("core")
log = logging.getLogger("portico.accounts")


async def unlink_office(*, office: UUID, password: str, by: Actor) -> str | None:
    """
    Part one of the actor's offices from her account; her sessions there end.

    Where it is the office she is in, return her session's new token: it can do nothing but set the new password.
    Another office's password she sets through a link in a mail.

    Raises:
        NotFoundError: it is none of hers, or she has parted it already.
        InvalidInputError: the password is wrong.
        TooManyAttemptsError: the password was wrong too often.

    """
    found = await find_office(office=office, by=by)
    account = await Account.objects().where(Account.id == by.account).first()
    if account is None:
        raise WrongCredentialsError
    await rate_limits.take(rate_limits.PASSWORD, str(by.account))
    if not await verify_password(account.password_hash, password):
        raise InvalidInputError(fields={"password": [_("This is not your current password.")]})
    await rate_limits.reset(rate_limits.PASSWORD, str(by.account))
    own = Account(email=account.email, email_verified_at=account.email_verified_at)
    async with transaction():
        await Account.insert(own)
        with unscoped("unlinking: the office that is parted may be another one than this"):
            await _part(found, account=as_uuid(account.id), own=as_uuid(own.id), but=by.session)
        token = await _restrict(by, as_uuid(own.id)) if found.tenant == by.tenant.id else None
        await count_offices(account=as_uuid(account.id))
        if token is None:
            with tenant_scope(found.tenant):
                await put_down_mail(template="reset", person=found.person, to=found.email)
    log.info("unlinked tenant=%s person=%s", found.tenant, found.person)
    return token


async def _part(office: Office, *, account: UUID, own: UUID, but: UUID | None) -> None:
    """Give the person there the account *own*; sessions, links and known browsers of before go."""
    there = (Person.id == office.person) & (Person.account == account)
    if not await Person.update({Person.account: own}).where(there).returning(Person.id):
        raise NotFoundError
    sessions: Any = (Session.account == account) & (Session.tenant == office.tenant)
    if but is not None:
        sessions &= Session.id != but
    await Session.delete().where(sessions)
    still_open = (Link.person == office.person) & Link.used_at.is_null() & Link.superseded_at.is_null()
    await Link.update({Link.superseded_at: now()}).where(still_open)
    await KnownDevice.delete().where(KnownDevice.person == office.person)


async def _restrict(by: Actor, account: UUID) -> str:
    """Leave this session to the new account, for nothing but setting its password."""
    token, present = new_token(), now()
    changed = (
        await Session.update(
            {
                Session.token_hash: token_hash(token),
                Session.account: account,
                Session.restricted: SET_PASSWORD,
                Session.expires_at: present + RESTRICTED_LASTS,
            }
        )
        .where(Session.id == by.session)
        .returning(Session.id)
    )
    if not changed:
        raise NotSignedInError
    return token
