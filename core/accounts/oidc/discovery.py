"""What a provider says about itself, and its keys: asked at most once an hour, kept in the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.accounts.oidc.errors import UnreachableError
from core.accounts.oidc.kinds import Kind, published_issuer
from core.clock import now
from core.outgoing import OutgoingError, ask, problem_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
"""How soon keys are asked for once more, where a token names one that is not among them."""
MOST_KEPT = 500
"""Providers that are remembered; over it the oldest go."""
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the provider publishes; its URLs have been looked at, and `issuer` is the expected one."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    sends_issuer: bool
    """Whether its answers must carry `iss` (RFC 9207)."""
    algorithms: frozenset[str]
    takes_basic: bool
    """Whether the client's secret goes into the header; else into the form."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    since: datetime

    @property
    def is_fresh(self) -> bool:
        return now() - self.since < KEPT


_metadata: dict[tuple[str, str], _Kept] = {}
_keys: dict[str, _Kept] = {}


def _keep(store: dict[Any, _Kept], key: Any, value: Any) -> None:
    store.pop(key, None)
    while len(store) >= MOST_KEPT:
        del store[next(iter(store))]
    store[key] = _Kept(value, now())


def forget_providers() -> None:
    """Ask every provider anew."""
    _metadata.clear()
    _keys.clear()


async def metadata_of(kind: Kind, issuer: str) -> Metadata:
    """
    Return what the provider publishes.

    Raises:
        UnreachableError: it cannot be asked, or says something that does not fit its issuer.

    """
    known = _metadata.get((kind, issuer))
    if known is not None and known.is_fresh:
        found: Metadata = known.value
        return found
    said = await _object(f"{issuer.rstrip('/')}{WELL_KNOWN}")
    found = _read(said, published_issuer(kind, issuer))
    _keep(_metadata, (kind, issuer), found)
    return found


def _read(said: Mapping[str, Any], expected: str) -> Metadata:
    if said.get("issuer") != expected:
        raise UnreachableError("the published issuer is another one")
    urls = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, url in urls.items():
        problem = problem_with(url) if isinstance(url, str) else "missing"
        if problem is not None:
            raise UnreachableError(f"{name}: {problem}")
    userinfo = said.get("userinfo_endpoint")
    methods = _texts(said.get("token_endpoint_auth_methods_supported")) or ["client_secret_basic"]
    return Metadata(
        issuer=expected,
        authorization_endpoint=str(urls["authorization_endpoint"]),
        token_endpoint=str(urls["token_endpoint"]),
        jwks_uri=str(urls["jwks_uri"]),
        userinfo_endpoint=userinfo if isinstance(userinfo, str) and problem_with(userinfo) is None else None,
        sends_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        algorithms=frozenset(_texts(said.get("id_token_signing_alg_values_supported"))),
        takes_basic="client_secret_basic" in methods,
    )


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


async def keys_for(jwks_uri: str, kid: object) -> Sequence[Mapping[str, Any]]:
    """
    Return the provider's keys with the id *kid*; all of them where the token names none.

    A key that is not known has them asked for again, but not more often than once a minute.

    Raises:
        UnreachableError: it cannot be asked, or publishes none.

    """
    known = _keys.get(jwks_uri)
    if known is None or not known.is_fresh:
        known = await _fetch_keys(jwks_uri)
    found = _named(known.value, kid)
    if not found and now() - known.since >= AGAIN:
        found = _named((await _fetch_keys(jwks_uri)).value, kid)
    return found


async def _fetch_keys(jwks_uri: str) -> _Kept:
    said = (await _object(jwks_uri)).get("keys")
    if not isinstance(said, list):
        raise UnreachableError("it publishes no keys")
    _keep(_keys, jwks_uri, [key for key in said if isinstance(key, dict)])
    return _keys[jwks_uri]


def _named(keys: Sequence[Mapping[str, Any]], kid: object) -> list[Mapping[str, Any]]:
    return [key for key in keys if kid is None or key.get("kid") == kid]


async def _object(url: str) -> dict[str, Any]:
    try:
        answer = await ask(url)
        if answer.status != 200:
            raise UnreachableError(f"{url} answers {answer.status}")
        return answer.json()
    except OutgoingError as error:
        raise UnreachableError(f"{url}: {error}") from error
