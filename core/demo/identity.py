"""
A sign-in provider of the demo's own, on the base host, so that its ways can be gone without an account elsewhere.

Whoever comes says who she is, and is believed: it exists in the demo alone. It keeps nothing: its codes are signed
facts, and its key is made of the demo's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from core.accounts.oidc.attempts import Proved
from core.accounts.oidc.identities import add_identity
from core.accounts.oidc.tables import SignInIdentity, SignInProvider
from core.clock import now
from core.config import settings
from core.db import fetch, request_scope
from core.people.actor import Actor, ActorKind
from core.people.tables import Person
from core.signing import read_signed, sign
from core.tenancy.scope import tenant_scope
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from litestar.types import HTTPScope, Receive

PATH = "/demo-id"
NAME = "Demo ID"
CLIENT = "demo"
PEOPLE = {
    "marta": ("Marta", "Ferrán Soler", "marta@ferran.example"),
    "camille": ("Camille", "Roux", "camille@vieuxport.example"),
    "joao": ("João", "Batista Alves", "joao@tresirmaos.example"),
    "alex": ("Alex", "Nova", "alex@nova.example"),
}
"""Who has an account there; the last is known at no portal."""
_CODE = "demo-id"
_CODE_LASTS = timedelta(minutes=1)
_LARGEST = 16 * 1024
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: private keys are below it."""


def issuer() -> str:
    """Return its issuer: where the demo listens now."""
    return settings().base_url + PATH


def _key() -> ec.EllipticCurvePrivateKey:
    digest = hmac.digest(settings().secret_keys[0].encode(), b"portico:demo-id", hashlib.sha512)
    return ec.derive_private_key(int.from_bytes(digest) % (_ORDER - 1) + 1, ec.SECP256R1())


def documents() -> dict[str, dict[str, Any]]:
    """Return what it publishes, by path."""
    here = issuer()
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_key().public_key()))
    return {
        f"{PATH}/.well-known/openid-configuration": {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        },
        f"{PATH}/jwks": {"keys": [public | {"kid": "demo", "use": "sig", "alg": "ES256"}]},
    }


def choices(query: str) -> list[dict[str, str]] | None:
    """Return who one may say one is, each with the address to go on to; None where the request is no good."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    back = urlsplit(asked.get("redirect_uri", ""))
    of_portal = (back.hostname or "").endswith(f".{settings().base_host}") and back.path.endswith("/callback")
    wanted = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256"}
    if not of_portal or any(asked.get(name) != value for name, value in wanted.items()):
        return None
    bound = {name: asked.get(name, "") for name in ("redirect_uri", "code_challenge", "nonce")}
    found = []
    for subject, (given, family, email) in PEOPLE.items():
        code = sign(_CODE, bound | {"who": subject}, lasts=_CODE_LASTS)
        said = urlencode({"code": code, "state": asked.get("state", ""), "iss": issuer()})
        found.append({"name": f"{given} {family}", "email": email, "url": f"{asked['redirect_uri']}?{said}"})
    return found


async def redeem(scope: HTTPScope, receive: Receive) -> tuple[int, dict[str, Any]]:
    """Return status and answer of the token endpoint."""
    body = b""
    while scope["method"] == "POST" and len(body) <= _LARGEST:
        message = await receive()
        body += message.get("body", b"") if message["type"] == "http.request" else b""
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
    facts = read_signed(_CODE, form.get("code", ""))
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if facts is None or facts["code_challenge"] != challenge or facts["redirect_uri"] != form.get("redirect_uri"):
        return 400, {"error": "invalid_grant"}
    given, family, email = PEOPLE[facts["who"]]
    present = int(now().timestamp())
    claims = {
        "iss": issuer(),
        "sub": facts["who"],
        "aud": CLIENT,
        "iat": present,
        "exp": present + 60,
        "nonce": facts["nonce"],
        "given_name": given,
        "family_name": family,
        "email": email,
        "email_verified": True,
    }
    token = jwt.encode(claims, _key(), algorithm="ES256", headers={"kid": "demo"})
    return 200, {"token_type": "Bearer", "access_token": "none", "id_token": token}


async def offer_everywhere() -> None:
    """See to it that every tenant offers it at the address where the demo listens now, and who has connected it."""
    async with request_scope(tenant=None):
        tenants = [as_uuid(row["id"]) for row in await fetch("SELECT id FROM tenant ORDER BY id")]
    for tenant in tenants:
        with tenant_scope(tenant):
            async with request_scope(tenant=tenant):
                await _offer(tenant)


async def _offer(tenant: UUID) -> None:
    known = await SignInProvider.objects().where(SignInProvider.client_id == CLIENT).first()
    if known is not None:
        await SignInProvider.update({SignInProvider.issuer: issuer()}).where(SignInProvider.id == known.id)
        await SignInIdentity.update({SignInIdentity.issuer: issuer()}).where(SignInIdentity.provider == known.id)
        return
    made = SignInProvider(
        name=NAME, kind="other", issuer=issuer(), client_id=CLIENT, registers=True, trusts_email=True, created_at=now()
    )
    await SignInProvider.insert(made)
    for subject, (given, family, email) in PEOPLE.items():
        person = await Person.objects().where((Person.email_folded == email) & Person.deleted_at.is_null()).first()
        if person is None or person.account is None:
            continue
        proved = Proved(
            provider=as_uuid(made.id),
            issuer=issuer(),
            subject=subject,
            email=email,
            given_name=given,
            family_name=family,
        )
        actor = Actor(
            kind=ActorKind.CONTACT, tenant=await load_snapshot(tenant), person=person.id, account=person.account
        )
        await add_identity(person=person.id, account=person.account, proved=proved, name=NAME, by=actor, tell=False)
