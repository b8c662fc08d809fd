"""The ID token: whose signature, from whom, for whom, when, for which sign-in. Anything odd, and nothing is proved."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from core.accounts.oidc.discovery import Metadata, keys_for
from core.accounts.oidc.errors import NotProvedError
from core.accounts.oidc.kinds import is_issued_by
from core.clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""The signatures that count, and the type of key that each takes."""
SKEW = timedelta(seconds=60)
"""By how much the provider's clock may be off."""
FRESH = timedelta(minutes=10)
"""How old a token may be: the sign-in that it is for was not begun earlier."""
SHORTEST_RSA = 2048
LONGEST_SUBJECT = 255
_OWN_CHECKS = {  # below, by the portal's one clock, and by what Microsoft means with its pattern
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


async def read_id_token(text: object, *, metadata: Metadata, client_id: str, nonce: str) -> dict[str, Any]:
    """
    Return the claims of an ID token.

    Raises:
        NotProvedError: it proves nothing; the reason says why.
        UnreachableError: the provider's keys cannot be had.

    """
    if not isinstance(text, str):
        raise NotProvedError("no ID token")
    claims, key = await _signed(text, metadata)
    _check_issuer(claims, key, metadata)
    _check_audience(claims, client_id)
    _check_times(claims)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise NotProvedError("another nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotProvedError("no subject")
    return claims


async def _signed(text: str, metadata: Metadata) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Return the claims, and the key that has signed them."""
    try:
        header = jwt.get_unverified_header(text)
    except jwt.InvalidTokenError as error:
        raise NotProvedError(f"not a token: {error}") from error
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or (metadata.algorithms and algorithm not in metadata.algorithms):
        raise NotProvedError("an algorithm that does not count")
    fitting = [key for key in await keys_for(metadata.jwks_uri, header.get("kid")) if _fits(key, str(algorithm))]
    if len(fitting) != 1:
        raise NotProvedError(f"{len(fitting)} keys that might have signed it")
    try:
        public = jwt.PyJWK.from_dict(dict(fitting[0]), algorithm=algorithm)
        if isinstance(public.key, RSAPublicKey) and public.key.key_size < SHORTEST_RSA:
            raise NotProvedError("a key that is too short")
        claims = jwt.decode(text, public.key, algorithms=[algorithm], options=_OWN_CHECKS)  # type: ignore[arg-type]  # a plain dict of its options
    except (jwt.PyJWTError, ValueError) as error:
        raise NotProvedError(f"the signature: {type(error).__name__}: {error}") from error
    return claims, fitting[0]


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (algorithm != "ES256" or key.get("crv") == "P-256")
    )


def _check_issuer(claims: Mapping[str, Any], key: Mapping[str, Any], metadata: Metadata) -> None:
    issuer, directory = claims.get("iss"), claims.get("tid")
    if not is_issued_by(metadata.issuer, issuer, directory):
        raise NotProvedError("another issuer")
    # of many directories, Microsoft says for each key whose it is
    if "issuer" in key and not is_issued_by(str(key["issuer"]), issuer, directory):
        raise NotProvedError("a key of another issuer")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise NotProvedError("another audience")
    if (len(several) > 1 or party is not None) and party != client_id:
        raise NotProvedError("another authorised party")


def _check_times(claims: Mapping[str, Any]) -> None:
    present, skew = now().timestamp(), SKEW.total_seconds()
    ends, issued, begins = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if ends is None or ends + skew <= present:
        raise NotProvedError("it has expired")
    if issued is None or issued - skew > present:
        raise NotProvedError("it was issued in the future")
    if issued + FRESH.total_seconds() + skew <= present:
        raise NotProvedError("it was issued too long ago")
    if "nbf" in claims and (begins is None or begins - skew > present):
        raise NotProvedError("it does not hold yet")


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
