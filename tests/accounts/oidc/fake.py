"""A provider on this machine that says whatever a test wants: also what no honest one would."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.clock import now

CLIENT = "portico-client"
SECRET = "a secret with a % and a + in it"


@cache
def rsa_key(number: int, size: int = 2048) -> rsa.RSAPrivateKey:
    """One of several keys, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, **more: Any) -> dict[str, Any]:
    """The public half as it is published."""
    algorithm = (
        jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    )
    found: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
    return {name: value for name, value in found.items() if name != "key_ops"} | {"use": "sig"} | more


def pem(key: Any) -> bytes:
    """The public half as text: what an HMAC would be made with by who confuses keys."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(encoding, form))


@dataclass
class Sent:
    """Where the portal sent somebody: the query of the authorization request."""

    url: str

    @property
    def asked(self) -> dict[str, str]:
        """Its parameters."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


@dataclass
class FakeProvider:
    """What it publishes, and what it answers to codes; tests change all of it."""

    port: int = 0
    kid: str = "one"
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 200
    path: str = ""
    _server: ThreadingHTTPServer | None = None

    @property
    def issuer(self) -> str:
        """Its issuer."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def reset(self) -> None:
        """Be honest again."""
        self.metadata, self.codes, self.userinfo, self.asked, self.status, self.path = {}, {}, {}, [], 200, ""
        self.keys = [jwk(rsa_key(1), kid="one", alg="RS256"), jwk(ec_key(), kid="curve")]

    def document(self) -> dict[str, Any]:
        """Its configuration."""
        base = f"http://127.0.0.1:{self.port}"
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize?theme=plain",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "userinfo_endpoint": f"{base}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        } | self.metadata

    def claims(self, sent: Sent, **changes: Any) -> dict[str, Any]:
        """What an honest ID token would say for this sign-in, with *changes*; None takes a claim away."""
        present = int(now().timestamp())
        honest = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "exp": present + 300,
            "iat": present,
            "nonce": sent.asked["nonce"],
            "email": "ana@example.net",
            "email_verified": True,
            "given_name": "Ana",
            "family_name": "Prueba",
        }
        return {name: value for name, value in (honest | changes).items() if value is not None}

    def grant(
        self, sent: Sent, *, code: str = "", sign: Callable[[dict[str, Any]], str] | None = None, **changes: Any
    ) -> str:
        """Give a code for this sign-in; redeemed as it must be, it brings the token."""
        code = code or f"code-{len(self.codes)}"
        claims = self.claims(sent, **changes)
        self.codes[code] = {"sent": sent, "token": (sign or self.sign)(claims)}
        return code

    def sign(self, claims: dict[str, Any]) -> str:
        """As it should be signed."""
        return jwt.encode(claims, rsa_key(1), algorithm="RS256", headers={"kid": self.kid})

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What the token endpoint answers: once, to the right client, with the verifier of the challenge."""
        known = self.codes.pop(form.get("code", ""), None)
        if known is None:
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        asked = known["sent"].asked
        basic = base64.b64encode(f"{CLIENT}:a+secret+with+a+%25+and+a+%2B+in+it".encode()).decode()
        if challenge.decode() != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if authorization != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        return 200, {"id_token": known["token"], "access_token": "access", "token_type": "Bearer"}

    def start(self) -> None:
        """Serve in a thread."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path.endswith("/.well-known/openid-configuration"):
                    self._say(provider.status, provider.document())
                elif self.path == "/jwks":
                    self._say(200, {"keys": provider.keys})
                elif self.path == "/userinfo" and self.headers["authorization"] == "Bearer access":
                    self._say(200, provider.userinfo)
                else:
                    self._say(404, {})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                raw = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(raw).items()}
                self._say(*provider.redeem(form, self.headers.get("authorization", "")))

            def _say(self, status: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *words: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Serve no more."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
