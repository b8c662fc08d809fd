"""
The plain ASGI layers around Litestar, from outside in.

    headers → host → one database scope per request → session → origin of unsafe requests → module gate → Litestar

They stand outside since Litestar's own middleware does not run for unknown URLs and 405s: a switched-off module must
answer exactly as an unknown URL does, and every answer must carry the security headers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeGuard, cast
from urllib.parse import parse_qs, urlsplit

from core.accounts import api_keys, sessions
from core.config import settings
from core.db import commit_request, fetch, request_scope, rollback_request
from core.i18n import LANGUAGES, language_scope, negotiate
from core.moved import lead_on
from core.people.actor import set_actor
from core.registry import registry
from core.tenancy.scope import tenant_scope
from core.tenancy.snapshot import as_uuid, load_snapshot
from core.web import Visit, cookie_name, read_flashes, set_cookie, start_visit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOWHERE = "/_/nowhere"
"""A path that no route has: what a switched-off module's path is turned into."""
PRE_COOKIE = "portico_pre"
LANGUAGE_COOKIE = "portico_language"
FLASH_COOKIE = "portico_flash"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "manifest-src 'self'; worker-src 'self'"
)


def is_http(scope: Scope) -> TypeGuard[HTTPScope]:
    """Whether the scope is a request; the server also announces its start and end."""
    return str(scope["type"]) == "http"


@lru_cache(maxsize=1_024)
def normal_host(header: str) -> str | None:
    """Return a Host header's name: lower case, no port, no trailing dot, ASCII; None where it cannot be a host."""
    name = header.strip().lower()
    name = re.sub(r":\d{1,5}$", "", name).removesuffix(".")
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        return None
    return name if _HOST.fullmatch(name) else None


def security_headers() -> list[tuple[bytes, bytes]]:
    """Return the headers that every answer carries, errors and static files too."""
    return _security_headers(secure=settings().secure)


@cache
def _security_headers(*, secure: bool) -> list[tuple[bytes, bytes]]:
    policy = _CONTENT_SECURITY + ("; upgrade-insecure-requests" if secure else "")
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    ]
    if secure:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return headers


def with_headers(app: ASGIApp) -> ASGIApp:
    """Add the security headers, and `no-store` where nothing else was said."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if not is_http(scope):
            await app(scope, receive, send)
            return
        always = security_headers()

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = list(message.get("headers", []))
                names = {bytes(name).lower() for name, _ in sent}
                sent += [(name, value) for name, value in always if name not in names]
                if b"cache-control" not in names:
                    sent.append((b"cache-control", b"no-store"))
                message["headers"] = sent
            await send(message)

        await app(scope, receive, add)

    return layer


def _headers(scope: HTTPScope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def is_base_host(scope: HTTPScope) -> bool:
    """Whether the request is for the host under which portals live, not for a portal."""
    return normal_host(_headers(scope).get("host", "")) == settings().base_host


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name and name not in found:
            found[name] = value
    return found


def _from_proxy(scope: HTTPScope) -> bool:
    client = scope.get("client")
    if not client or not settings().trusted_proxies:
        return False
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    return any(address in network for network in settings().trusted_proxies)


def _address(scope: HTTPScope, headers: Mapping[str, str]) -> str:
    if _from_proxy(scope):
        forwarded = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    client = scope.get("client")
    return client[0] if client else ""


class Portal:
    """The layers between the headers and Litestar, for hosts that have a portal."""

    def __init__(self, litestar: ASGIApp) -> None:
        self._litestar = litestar
        self._tenants: dict[str, UUID] = {}
        self._urls = {module.meta.url: module.id for module in registry().modules.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_http(scope):
            await self._litestar(scope, receive, send)
            return
        headers = _headers(scope)
        trusted = _from_proxy(scope)
        host = normal_host((headers.get("x-forwarded-host") if trusted else None) or headers.get("host", "")) or ""
        visit = Visit(
            scope=scope, host=host, address=_address(scope, headers), agent=headers.get("user-agent", "")[:300]
        )
        start_visit(visit)
        set_actor(None)
        for _attempt in range(2):  # the second time where a host has gone to another tenant since it was remembered
            tenant_id = await self._tenant_of(host)
            if tenant_id is None:
                break
            with tenant_scope(tenant_id):
                async with request_scope(tenant=tenant_id):
                    if await self._answer(visit, tenant_id, headers, receive, send):
                        return
            self._tenants.pop(host, None)
        async with request_scope(tenant=None):
            if await lead_on(host, scope, send):
                return
            with language_scope(_language(visit, headers, {})):
                await self._litestar(_elsewhere(scope), receive, _finishing(send, visit, scope))

    async def _tenant_of(self, host: str) -> UUID | None:
        known = self._tenants.get(host)
        if known is not None or not host:
            return known
        async with request_scope(tenant=None):
            rows = await fetch("SELECT tenant FROM tenant_host WHERE host = {} AND kind <> 'former'", host)
        if not rows:
            return None
        self._tenants[host] = as_uuid(rows[0]["tenant"])
        return self._tenants[host]

    async def _answer(
        self, visit: Visit, tenant_id: UUID, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> bool:
        """Answer for a tenant; False, and nothing sent, where the host is not that tenant's or has no portal now."""
        scope = visit.scope
        visit.cookies = cookies = _cookies(headers.get("cookie", ""))
        is_api = scope["path"].startswith("/api/")
        token = None if is_api else cookies.get(cookie_name(sessions.COOKIE))
        identity = await sessions.identify(host=visit.host, token=token, tenant=tenant_id)
        if identity is None or identity.status != "active":
            return False
        visit.tenant = await load_snapshot(tenant_id, identity.config_version)
        if is_api:
            visit.actor = await api_keys.actor_of(headers.get("authorization", ""), visit.tenant)
        elif identity.person is not None:
            visit.actor = await sessions.build_actor(identity, visit.tenant)
            if visit.actor is not None:
                visit.session_token = token
                await sessions.touch(identity)
        set_actor(visit.actor)
        visit.flashes = read_flashes(cookies.get(cookie_name(FLASH_COOKIE)))
        _bind(visit, cookies)
        language = _language(visit, headers, cookies)
        if visit.actor is not None and language != visit.actor.language:  # `?lang=`: for this page
            visit.actor = replace(visit.actor, language=language)
            set_actor(visit.actor)
        with language_scope(language):
            await self._litestar(self._gated(visit, headers), receive, _finishing(send, visit, scope))
        return True

    def _gated(self, visit: Visit, headers: Mapping[str, str]) -> HTTPScope:
        scope = visit.scope
        if "//" in scope["path"]:  # Litestar would fold the slashes: past the gate, and past what is decided by prefix
            return _elsewhere(scope)
        if scope["method"] in UNSAFE and not scope["path"].startswith("/api/") and not _same_origin(visit, headers):
            return _elsewhere(scope, "/_/forged")
        module = self._module(scope["path"])
        assert visit.tenant is not None  # noqa: S101 -- set by the only caller
        if module is not None:
            on = visit.actor.modules if visit.actor else visit.tenant.modules()
            if module not in on:
                return _elsewhere(scope)
        if scope["method"] == "HEAD":  # Litestar answers 405 to HEAD on a GET route
            return cast("HTTPScope", {**scope, "method": "GET"})
        return scope

    def _module(self, path: str) -> str | None:
        parts = path.strip("/").split("/")
        if parts[0] == "staff":
            parts = parts[1:]
        elif parts[:2] == ["api", "v1"]:
            parts = parts[2:]
        return self._urls.get(parts[0]) if parts else None


def _elsewhere(scope: HTTPScope, path: str = NOWHERE) -> HTTPScope:
    method = "GET" if scope["method"] in {"HEAD", "OPTIONS", *UNSAFE} else scope["method"]
    return cast("HTTPScope", {**scope, "path": path, "raw_path": path.encode(), "method": method})


def _bind(visit: Visit, cookies: Mapping[str, str]) -> None:
    """Bind forms to the session, or to a cookie made for a reader who has not signed in."""
    if visit.session_token:
        visit.bound_to = visit.session_token
        return
    if visit.scope["path"].startswith("/api/"):
        return
    known = cookies.get(cookie_name(PRE_COOKIE), "")
    if len(known) < sessions.TOKEN_LENGTH:
        known = sessions.new_token()
        set_cookie(PRE_COOKIE, known)
    visit.bound_to = known


def _same_origin(visit: Visit, headers: Mapping[str, str]) -> bool:
    """
    Whether the browser says that the request comes from this portal's own pages; sibling portals are foreign.

    Pages that send no referrer make browsers say `Origin: null`, so `Origin` counts where nothing better is said.
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        return _origin_of(origin) == _origin_of(visit.origin)
    return True  # neither header: old clients; the form's token decides


def _origin_of(text: str) -> tuple[str, str, int | None]:
    parts = urlsplit(text)
    try:
        return parts.scheme, (parts.hostname or ""), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None


def _language(visit: Visit, headers: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    tenant = visit.tenant
    query = visit.scope["query_string"]
    chosen = parse_qs(query.decode("latin-1")).get("lang", [None])[0] if b"lang" in query else None
    if chosen is None and tenant is not None and visit.actor is not None and visit.actor.language in tenant.languages:
        return visit.actor.language
    language = negotiate(
        enabled=tenant.languages if tenant else tuple(LANGUAGES),
        default=tenant.language if tenant else "en",
        signed_in=visit.actor is not None,
        chosen=chosen,
        own=visit.actor.language if visit.actor else None,
        cookie=cookies.get(cookie_name(LANGUAGE_COOKIE)),
        accept_language=headers.get("accept-language"),
    )
    if chosen and visit.tenant is not None and visit.actor is None:
        set_cookie(LANGUAGE_COOKIE, language, seconds=365 * 86_400)
    return language


def _finishing(send: Send, visit: Visit, scope: HTTPScope) -> Send:
    """Commit before the first byte leaves, add the cookies, and send no body to HEAD."""
    head = scope["method"] == "HEAD"

    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= 500:
                await rollback_request()
            else:
                await commit_request()
            cookies = [(b"set-cookie", value) for value in visit.set_cookies.values()]
            message["headers"] = [*message.get("headers", []), *cookies]
        elif head and message["type"] == "http.response.body":
            message = cast("Message", {**message, "body": b""})
        await send(message)

    return finish
