"""
The authorization code flow with PKCE: begun by a form, ended where the provider sends people back to.

Nothing here is decided by an e-mail address: an identity is (tenant, issuer, subject), or unknown.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from core.accounts import rate_limits
from core.accounts.entering import FAILURES, SignedIn, enter
from core.accounts.links import Purpose as LinkPurpose
from core.accounts.links import find_link
from core.accounts.oidc.admitting import accept_invitation
from core.accounts.oidc.attempts import (
    Attempt,
    Proved,
    Purpose,
    Ticket,
    keep_for_registering,
    note_attempt,
    ticket,
    use_attempt,
)
from core.accounts.oidc.discovery import Metadata, metadata_of
from core.accounts.oidc.errors import (
    AttemptSpentError,
    ProviderError,
    UnknownIdentityError,
    UnreachableError,
)
from core.accounts.oidc.identities import HOW, add_identity, holder_of, note_use
from core.accounts.oidc.kinds import Kind
from core.accounts.oidc.providers import Provider, enabled_provider, redirect_uri
from core.accounts.oidc.proving import prove
from core.accounts.proofs import prove_receiver
from core.accounts.rate_limits import Limit
from core.db import autonomous, commit_request, transaction
from core.people.registration_texts import ENABLED
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.accounts.sessions import Device
    from core.people.actor import Actor

log = logging.getLogger("portico.accounts")

STARTS = Limit(name="provider_start", burst=20, period=timedelta(minutes=5))
"""How often one network may be sent to providers."""
SCOPES = "openid email profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What the provider's answer brought: a session, an identity connected, or somebody to be registered."""

    provider: Provider
    purpose: Purpose
    signed_in: SignedIn | None = None
    target: str = ""
    attempt: UUID | None = None
    cancelled: bool = False


# -- there -------------------------------------------------------------------------------------------------------------


async def begin_sign_in(*, provider: UUID, browser: str, device: Device, target: str = "") -> tuple[Provider, str]:
    """
    Return the provider, and the address at it to which somebody goes who wants to sign in, or to register.

    Raises:
        NotFoundError: there is no such provider.
        UnreachableError: it does not answer.
        TooManyAttemptsError: too many from this network.

    """
    return await _begin(provider, Purpose.SIGN_IN, browser, device, target=target)


async def begin_connecting(*, provider: UUID, browser: str, device: Device, by: Actor) -> tuple[Provider, str]:
    """As `begin_sign_in()`, for somebody who is signed in, has just proved it, and wants another way to do so."""
    return await _begin(provider, Purpose.CONNECT, browser, device, by=by)


async def begin_accepting(
    *, token: str, email: str, provider: UUID, browser: str, device: Device
) -> tuple[Provider, str]:
    """
    As `begin_sign_in()`, for the holder of an invitation, who sets no password.

    *email* is what was typed where the tenant asks for it again.

    Raises:
        AttemptSpentError: the invitation does not work (any more).
        InvalidInputError: another e-mail address; the invitation stays as it is.
        TooManyAttemptsError: too many attempts on this invitation, or from this network.

    """
    link = await find_link(token, LinkPurpose.INVITATION)
    if link is None:
        raise AttemptSpentError
    await prove_receiver(link=link, email=email)
    return await _begin(provider, Purpose.INVITATION, browser, device, link=link.id)


async def _begin(
    id: UUID,
    purpose: Purpose,
    browser: str,
    device: Device,
    *,
    target: str = "",
    link: UUID | None = None,
    by: Actor | None = None,
) -> tuple[Provider, str]:
    provider = await enabled_provider(id)
    await rate_limits.take(STARTS, rate_limits.prefix_of(device.address))
    await commit_request()  # nothing of the database is held while another server thinks
    try:
        metadata = await metadata_of(provider.kind, provider.issuer)
    except UnreachableError as error:
        log.warning("provider_unreachable tenant=%s provider=%s: %s", current_tenant_id(), id, error.reason)
        raise
    async with transaction():
        secrets = await note_attempt(
            provider=id,
            purpose=purpose,
            browser=browser,
            link=link,
            target=target,
            person=by.person if by else None,
            session=by.session if by else None,
        )
    tenant = await load_snapshot(current_tenant_id())
    return provider, _address(provider, metadata, secrets, redirect_uri(tenant, id))


def _address(provider: Provider, metadata: Metadata, secrets: Ticket, back: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": secrets.state,
        "nonce": secrets.nonce,
        "code_challenge": secrets.challenge,
        "code_challenge_method": "S256",
    }
    if provider.kind is not Kind.OTHER:
        asked["prompt"] = "select_account"
    parts = urlsplit(metadata.authorization_endpoint)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(asked)]))))


# -- and back ----------------------------------------------------------------------------------------------------------


async def come_back(
    *, provider: UUID, answer: Mapping[str, str], browser: str, device: Device, by: Actor | None
) -> Back:
    """
    Take what the provider sent along with somebody who comes back, and do what she set out for.

    Raises:
        NotFoundError: there is no such provider (any more).
        AttemptSpentError: nobody set out with this in this browser, or it is too long ago, or she was back already.
        NotProvedError: the answer proves nothing.
        UnreachableError: the provider does not answer as it should.
        UnknownIdentityError: nobody here has connected the identity, and it may not register.
        IdentityTakenError: somebody else here has connected it.
        TooManyAttemptsError: too many from this network.

    """
    found, network = await enabled_provider(provider), rate_limits.prefix_of(device.address)
    await rate_limits.take(rate_limits.SIGN_IN_ADDRESS, network)
    state = answer.get("state", "")
    async with autonomous():  # used up, whatever follows
        attempt = await use_attempt(provider=provider, state=state, browser=browser)
    if answer.get("error") == "access_denied":
        return Back(provider=found, purpose=attempt.purpose, target=attempt.target, cancelled=True)
    try:
        await commit_request()
        proved = await prove(found, answer, ticket(state, browser))
        back = await _do(found, attempt, proved, device, by)
    except ProviderError as error:
        await _write_failure(found, device, error)
        raise
    await rate_limits.give_back(rate_limits.SIGN_IN_ADDRESS, network)
    return back


async def _do(provider: Provider, attempt: Attempt, proved: Proved, device: Device, by: Actor | None) -> Back:
    if attempt.purpose is Purpose.CONNECT:
        await _connect(provider, attempt, proved, by)
        return Back(provider=provider, purpose=attempt.purpose)
    if attempt.purpose is Purpose.INVITATION:
        signed_in = await accept_invitation(link=attempt.link, proved=proved, name=provider.name, device=device)
        return Back(provider=provider, purpose=attempt.purpose, signed_in=signed_in)
    return await _sign_in(provider, attempt, proved, device)


async def _connect(provider: Provider, attempt: Attempt, proved: Proved, by: Actor | None) -> None:
    """Only in the session that began it, which must not have become anything else meanwhile."""
    hers = by is not None and by.session == attempt.session and by.person == attempt.person
    if by is None or not hers or by.restricted is not None or by.viewed_by is not None or by.account is None:
        raise AttemptSpentError
    assert by.person is not None  # noqa: S101 -- a session has a person
    async with transaction():
        await add_identity(person=by.person, account=by.account, proved=proved, name=provider.name, by=by, tell=True)


async def _sign_in(provider: Provider, attempt: Attempt, proved: Proved, device: Device) -> Back:
    held = await holder_of(issuer=proved.issuer, subject=proved.subject)
    if held is None:
        tenant = await load_snapshot(current_tenant_id())
        if not (provider.registers and tenant.setting(ENABLED)):
            raise UnknownIdentityError
        async with transaction():
            await keep_for_registering(attempt=attempt.id, proved=proved)
        return Back(provider=provider, purpose=Purpose.REGISTERING, attempt=attempt.id)
    if not held.active or held.account is None:
        raise UnknownIdentityError("known, but without access")
    async with transaction():
        await note_use(identity=held.identity, proved=proved)
        signed_in = await enter(
            person=held.person,
            account=held.account,
            kind=held.kind,
            device=device,
            how=HOW,
            identity=held.identity,
        )
    return Back(provider=provider, purpose=attempt.purpose, signed_in=signed_in, target=attempt.target)


async def _write_failure(provider: Provider, device: Device, error: ProviderError) -> None:
    network = rate_limits.prefix_of(device.address)
    log.info(
        "provider_sign_in_failed tenant=%s provider=%s network=%s: %s",
        current_tenant_id(),
        provider.id,
        network,
        error.reason,
    )
    if not await rate_limits.attempt(FAILURES):
        return
    async with transaction():
        await write_activity(kind="core.provider_sign_in_failed", data={"provider": provider.name, "network": network})
