"""Verbs of signing in. None of them tells whether an address is known: not by its answer, nor by its time."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.accounts import rate_limits
from core.accounts.entering import SignedIn, enter, write_failure
from core.accounts.errors import WrongCredentialsError
from core.accounts.hashing import hash_password, needs_rehash, verify_password
from core.accounts.offices import accept_password
from core.accounts.options import policy_of
from core.accounts.passwords import check
from core.accounts.sessions import SET_PASSWORD, Device, end_session
from core.accounts.tables import Account
from core.accounts.temporary import TEMPORARY
from core.clock import now
from core.db import fetch, transaction
from core.errors import NotFoundError
from core.formats import FormatError, normalise_email, typed_email
from core.messages.queue import enqueue
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.people.actor import Actor

log = logging.getLogger("portico.accounts")

RESET_REQUESTED = "core.reset_requested"

_CANDIDATES = """
SELECT p.id AS person, p.kind AS kind, p.state AS state, a.id AS account, a.password_hash AS password_hash,
       a.password_state AS password_state, a.password_expires_at AS password_expires_at, a.disabled_at AS disabled_at,
       a.offices AS offices
FROM account a
JOIN person p ON p.account = a.id
WHERE a.email = {} AND p.tenant = {} AND p.deleted_at IS NULL
ORDER BY p.id
"""


async def sign_in(*, email: str, password: str, device: Device) -> SignedIn:
    """
    Sign in with e-mail and password.

    A temporary password, or one too weak for this tenant's policy, opens a session that can only set a new one.

    Raises:
        WrongCredentialsError: the pair opens nothing here.
        TooManyAttemptsError: too many attempts for this address from this network, or from this network at all.

    """
    folded, network = folded_address(email), rate_limits.prefix_of(device.address)
    await rate_limits.take(rate_limits.SIGN_IN_ADDRESS, network)
    await rate_limits.take(rate_limits.SIGN_IN, folded, network)
    found = await _verified(folded, password)
    if found is None:
        if not await rate_limits.attempt(rate_limits.STUFFING):
            log.warning("credential_stuffing_suspected tenant=%s", current_tenant_id())
        await write_failure(email=folded, device=device)
        raise WrongCredentialsError
    await rate_limits.reset(rate_limits.SIGN_IN, folded, network)
    await rate_limits.give_back(rate_limits.SIGN_IN_ADDRESS, network)
    temporary = found["password_state"] == TEMPORARY
    weak = temporary or bool(check(password, policy_of(await load_snapshot(current_tenant_id()))))
    account = as_uuid(found["account"])
    rehashed = await hash_password(password) if needs_rehash(found["password_hash"]) else None
    async with transaction():
        done = await enter(
            person=as_uuid(found["person"]),
            account=account,
            kind=found["kind"],
            device=device,
            how="temporary" if temporary else "password",
            restricted=SET_PASSWORD if weak else None,
        )
        if rehashed is not None:  # her account after herself, as everywhere
            unchanged = (Account.id == account) & (Account.password_hash == found["password_hash"])
            await Account.update({Account.password_hash: rehashed}).where(unchanged)
        if found["offices"] > 1:
            await accept_password(account=account, password=password)
    return done


async def _verified(email: str, password: str) -> Mapping[str, Any] | None:
    """Return the person and account that the pair opens. Unknown addresses cost as much work as known ones."""
    rows = await fetch(_CANDIDATES, email, current_tenant_id())
    if not rows:
        await verify_password(None, password)
    found = None
    for row in rows:
        right = await verify_password(row["password_hash"], password)
        if right and row["disabled_at"] is None and _opens(row):
            found = row
    return found


def _opens(row: Mapping[str, Any]) -> bool:
    """Whether the person gets in with the right password: she has set it herself, or it is a temporary one in time."""
    if row["password_state"] == TEMPORARY:
        return row["state"] in {"active", "invited"} and bool(row["password_expires_at"] > now())
    return bool(row["state"] == "active")


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
    folded = typed_email(email)
    await rate_limits.take(rate_limits.RESET_ADDRESS, rate_limits.prefix_of(device.address))
    await rate_limits.take(rate_limits.RESET, folded)
    await enqueue(kind=RESET_REQUESTED, payload={"email": folded}, tenant=current_tenant_id())


def folded_address(email: str) -> str:
    """Return *email* as it is stored; what is no address is only trimmed, so that it finds nobody."""
    try:
        return normalise_email(email)
    except FormatError:
        return email.strip()[:254]
