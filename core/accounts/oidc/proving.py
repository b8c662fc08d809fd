"""From the answer that a provider gave to a browser to who somebody is: the code is redeemed, the ID token read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from core.accounts.oidc.attempts import Proved, Ticket
from core.accounts.oidc.discovery import Metadata, metadata_of
from core.accounts.oidc.errors import NotProvedError, UnreachableError
from core.accounts.oidc.kinds import fits_pattern, has_verified
from core.accounts.oidc.providers import Provider, redirect_uri
from core.accounts.oidc.tokens import read_id_token
from core.formats import FormatError, normalise_email
from core.outgoing import OutgoingError, ask
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot
from core.text import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("portico.accounts")

LONGEST_ANSWER = 4_096
"""Characters of a code; a longer one is nobody's."""


async def prove(provider: Provider, answer: Mapping[str, str], secrets: Ticket) -> Proved:
    """
    Return who the answer proves somebody to be.

    Raises:
        NotProvedError: it proves nothing.
        UnreachableError: the provider does not answer as it should.

    """
    metadata = await metadata_of(provider.kind, provider.issuer)
    said = answer.get("iss")
    if said is None and metadata.sends_issuer:
        raise NotProvedError("the answer does not say who sends it")
    if said is not None and not fits_pattern(metadata.issuer, said):
        raise NotProvedError("the answer is of another provider")
    code = answer.get("code", "")
    if not 0 < len(code) <= LONGEST_ANSWER:
        raise NotProvedError(f"no code, but {answer.get('error', 'nothing')[:60]!r}")
    tokens = await _redeem(provider, metadata, code, secrets)
    claims = await read_id_token(
        tokens.get("id_token"), metadata=metadata, client_id=provider.client_id, nonce=secrets.nonce
    )
    if "email" not in claims:
        claims = await _more_of(claims, metadata, tokens.get("access_token"))
    return _proved(provider, claims)


async def _redeem(provider: Provider, metadata: Metadata, code: str, secrets: Ticket) -> dict[str, Any]:
    tenant = await load_snapshot(current_tenant_id())
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(tenant, provider.id),
        "code_verifier": secrets.verifier,
    }
    secret, basic = provider.secret, None
    if secret and metadata.takes_basic:
        basic = quote_plus(provider.client_id), quote_plus(secret)  # RFC 6749, 2.3.1
    else:
        form |= {"client_id": provider.client_id} | ({"client_secret": secret} if secret else {})
    try:
        answer = await ask(metadata.token_endpoint, form=form, basic=basic)
        said = answer.json()
    except OutgoingError as error:
        raise UnreachableError(f"the code: {error}") from error
    if answer.status != 200:
        raise NotProvedError(f"the code is refused: {answer.status} {str(said.get('error', ''))[:60]}")
    return said


async def _more_of(claims: dict[str, Any], metadata: Metadata, token: object) -> dict[str, Any]:
    """Add what only the userinfo endpoint tells; without it she has no address, and all else is as it was."""
    if metadata.userinfo_endpoint is None or not isinstance(token, str):
        return claims
    try:
        answer = await ask(metadata.userinfo_endpoint, bearer=token)
        said = answer.json() if answer.status == 200 else {}
    except OutgoingError as error:
        log.info("userinfo_failed tenant=%s: %s", current_tenant_id(), error)
        return claims
    return said | claims if said.get("sub") == claims["sub"] else claims


def _proved(provider: Provider, claims: Mapping[str, Any]) -> Proved:
    email = claims.get("email")
    try:
        folded = normalise_email(email) if isinstance(email, str) else ""
    except FormatError:
        folded = ""
    given, family = _name(claims.get("given_name")), _name(claims.get("family_name"))
    if not given and not family:
        given, _space, family = _name(claims.get("name")).partition(" ")
    return Proved(
        provider=provider.id,
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=folded,
        verified=bool(folded) and has_verified(claims, kind=provider.kind, trusts_email=provider.trusts_email),
        given_name=given,
        family_name=family,
    )


def _name(value: object) -> str:
    return " ".join(tidy(value).split())[:100] if isinstance(value, str) else ""
