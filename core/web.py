"""What route files need of the web: the visit, rendering, redirects, forms, and decorators that close routes."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from litestar.enums import HttpMethod, MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from typing_extensions import override

from core.config import settings
from core.errors import NotFoundError
from core.i18n import LazyString, current_language, html_lang
from core.kept import TOKEN_MARK
from core.rendering import templates
from core.signing import form_token, is_form_token, read_signed, sign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from litestar.connection import ASGIConnection
    from litestar.types import HTTPResponseStartEvent, HTTPScope, Receive, Scope, Send

    from core.people.actor import Actor
    from core.tenancy.snapshot import TenantSnapshot

FORM_TOKEN = "csrf_token"  # noqa: S105 -- the name of a form field
FORM_TOKEN_HEADER = "x-csrf-token"  # noqa: S105 -- the name of a header
FLASH_LASTS = timedelta(minutes=5)
_AS_IT_IS = "/?#[]@!$&'()*+,;=:%"
"""What means something in an address, or is encoded already."""

Form = TypeVar("Form")


@dataclass(slots=True)
class Visit:
    """One request, as the ASGI layers have understood it."""

    scope: HTTPScope
    host: str
    tenant: TenantSnapshot | None = None
    actor: Actor | None = None
    address: str = ""
    """The reader's IP address, behind trusted proxies the one they name."""
    agent: str = ""
    session_token: str | None = None
    bound_to: str = ""
    """What the form token is bound to: the session's cookie, or that of a reader who has not signed in."""
    flashes: list[dict[str, str]] = field(default_factory=list)
    unsent: list[tuple[str, str]] = field(default_factory=list)
    """The fields of a form that came after its session had ended: they are offered again after signing in."""
    set_cookies: dict[str, bytes] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    """What the browser sent, by the names it knows them by."""

    @property
    def origin(self) -> str:
        """Scheme, host and port as the browser must have sent them in `Origin`."""
        return settings().origin(self.host)

    @property
    def whose(self) -> str:
        """Whose forms the pages have: the id of the person who is signed in, or nothing."""
        return str(self.actor.person) if self.actor is not None and self.actor.person is not None else ""


_visit: ContextVar[Visit | None] = ContextVar("portico_visit", default=None)


def start_visit(visit: Visit) -> None:
    """Make *visit* that of the present task: the ASGI layer calls this once per request."""
    _visit.set(visit)


def visit() -> Visit:
    """
    Return the request that is being answered.

    Raises:
        RuntimeError: there is none: this is not web work.

    """
    found = _visit.get()
    if found is None:
        message = "no request is being answered"
        raise RuntimeError(message)
    return found


def tenant() -> TenantSnapshot:
    """
    Return the tenant whose portal is visited, also where nobody is signed in.

    Raises:
        NotFoundError: the host has no portal.

    """
    found = visit().tenant
    if found is None:
        raise NotFoundError
    return found


# -- cookies -----------------------------------------------------------------------------------------------------------


def cookie_name(name: str) -> str:
    """Return the cookie's name: bound to the host by its prefix wherever the portal is served over TLS."""
    return f"__Host-{name}" if settings().secure else name


def set_cookie(name: str, value: str, *, seconds: int | None = None) -> None:
    """Send a cookie with this response: HttpOnly, SameSite=Lax, for the whole host; *seconds* 0 deletes it."""
    parts = [f"{cookie_name(name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if settings().secure:
        parts.append("Secure")
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    visit().set_cookies[name] = "; ".join(parts).encode("latin-1")


def cookie(name: str) -> str:
    """Return the cookie *name* of the present request, or nothing."""
    return visit().cookies.get(cookie_name(name), "")


def flash(text: LazyString | str, *, kind: str = "success") -> None:
    """Say something on the next page that is shown, also after a redirect to another process."""
    flashes = [*visit().flashes, {"kind": kind, "text": str(text)}]
    visit().flashes = flashes
    set_cookie("portico_flash", sign("flash", {"flashes": flashes}, lasts=FLASH_LASTS), seconds=300)


def read_flashes(cookie: str | None) -> list[dict[str, str]]:
    """Return what an earlier response wanted said."""
    facts = read_signed("flash", cookie) if cookie else None
    return list(facts["flashes"]) if facts else []


# -- answers -----------------------------------------------------------------------------------------------------------

_frame: list[Callable[[Visit, Mapping[str, Any]], Awaitable[dict[str, Any]]]] = []


def use_frame(frame: Callable[[Visit, Mapping[str, Any]], Awaitable[dict[str, Any]]]) -> None:
    """Have *frame* fill in what the layouts need: tenant, menu, person, companies, badges. The shell provides it."""
    _frame[:] = [frame]


_public_frame: list[Callable[[Visit], dict[str, Any]]] = []


def use_public_frame(frame: Callable[[Visit], dict[str, Any]]) -> None:
    """Have *frame* fill in what pages without a menu need: tenant, theme."""
    _public_frame[:] = [frame]


def render_message(template: str, /, *, status: int, **context: Any) -> Response[str]:
    """Return a page without a menu, in the reader's language: errors, without a query."""
    seen = visit()
    language = current_language()
    everything = _basics(seen, language) | _public_frame[0](seen) | context
    html = templates().render(template, language, everything).replace(TOKEN_MARK, form_token(seen.bound_to, seen.whose))
    return Response(
        html, media_type=MediaType.HTML, status_code=status, headers={"Content-Language": html_lang(language)}
    )


def _basics(seen: Visit, language: str) -> dict[str, Any]:
    return {
        "lang": html_lang(language),
        "dir": "ltr",
        "csrf": TOKEN_MARK,
        "zone": str(seen.tenant.zone) if seen.tenant else "UTC",
        "flashes": seen.flashes,
        "path": seen.scope["path"],
    }


class _Sent(ASGIResponse):
    """What goes over the wire for a `Page`."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self._start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
        self.body = body
        self.status_code = status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        await send(self._start)
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class Page(Response[str]):
    """A whole page of HTML: sent as it is, without what Litestar asks about other content in a tenth of the time."""

    def to_asgi_response(self, app: Any, request: Any, **more: Any) -> ASGIResponse:
        """Return what is sent."""
        if self.background or more.get("background"):
            return super().to_asgi_response(app, request, **more)
        body = self.content.encode()
        said = {**(more.get("headers") or {}), **self.headers}
        headers = [(name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in said.items()]
        headers += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        headers += [made.to_encoded_header() for made in (*self.cookies, *(more.get("cookies") or ()))]
        return _Sent(self.status_code or more.get("status_code") or HTTP_200_OK, headers, body)


class Download(Stream):
    """A stream of a type of its own: Litestar's takes the handler's, and those of pages are HTML."""

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        """Return what the server sends; it names the encoding of texts itself."""
        return super().to_asgi_response(*args, **{**kwargs, "media_type": str(self.media_type).partition(";")[0]})


async def render(template: str, /, *, status: int = HTTP_200_OK, **context: Any) -> Response[str]:
    """Return a page of *template* in the reader's language. The frame's context is added; *context* wins over it."""
    seen = visit()
    language = current_language()
    everything = _basics(seen, language) | await _frame[0](seen, context) | context
    if seen.flashes:
        seen.flashes = []
        set_cookie("portico_flash", "", seconds=0)
    html = templates().render(template, language, everything, reader=seen.actor and seen.actor.person)
    if TOKEN_MARK in html:
        html = html.replace(TOKEN_MARK, form_token(seen.bound_to, seen.whose))
    return Page(html, status_code=status, headers={"Content-Language": html_lang(language)})


def is_local_path(target: str) -> bool:
    """Whether *target* stays on this host: a path, not two slashes, a backslash, a scheme, or one of them encoded."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return False
    if any(ord(character) < 0x20 for character in target):
        return False
    lowered = target.lower()
    if lowered.startswith(("/%2f", "/%5c")):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def see_other(path: str, *, flash_text: LazyString | str | None = None, kind: str = "success") -> Response[str]:
    """Redirect to *path* on this host after a change (303), with something to say there."""
    if flash_text is not None:
        flash(flash_text, kind=kind)
    location = quote(path, safe=_AS_IT_IS) if is_local_path(path) else "/"  # headers hold no other letters
    return Response("", media_type=MediaType.TEXT, status_code=HTTP_303_SEE_OTHER, headers={"Location": location})


# -- forms -------------------------------------------------------------------------------------------------------------


async def form(request: Request[Any, Any, Any], form_class: Callable[..., Form], obj: Any = None, **extra: Any) -> Form:
    """Return *form_class* filled with what was sent; *obj* and *extra* are passed on to it."""
    return form_class(await request.form(), obj=obj, **extra)


async def check_form_token(request: Request[Any, Any, Any]) -> bool:
    """Whether an unsafe request carries the token of this session, in the header or in the form."""
    bound_to = visit().bound_to
    header = request.headers.get(FORM_TOKEN_HEADER)
    if header:
        return bool(bound_to) and is_form_token(header, bound_to)
    sent = (await request.form()).get(FORM_TOKEN)
    return bool(bound_to) and isinstance(sent, str) and is_form_token(sent, bound_to)


# -- routes ------------------------------------------------------------------------------------------------------------


def _opt(permission: str | None, public: str | None, signed_in: str | None, **more: str | None) -> dict[str, str]:
    given = {"permission": permission, "public": public, "signed_in": signed_in}
    opt = {key: value for key, value in given.items() if value}
    if len(opt) != 1:
        message = "a route names exactly one of permission, public (with the reason), signed_in (with the reason)"
        raise TypeError(message)
    return opt | {key: value for key, value in more.items() if value}


class Route(HTTPRouteHandler):
    """Litestar's, but guards are handed the route itself: a copy of it for each request takes 30 µs."""

    @override
    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # Litestar's type lets a guard return nothing to await


def page(
    path: str,
    *,
    name: str,
    permission: str | None = None,
    public: str | None = None,
    signed_in: str | None = None,
    only_with: str | None = None,
    **more: Any,
) -> Callable[[Any], Any]:
    """
    Make a GET handler of a page. It says who may see it; without that the portal does not start.

    *only_with* is the key of a setting: where the tenant has it off, the address is an unknown one.
    """
    opt = _opt(permission, public, signed_in, only_with=only_with)
    more |= {"http_method": HttpMethod.GET, "media_type": MediaType.HTML}
    return Route(path, name=name, opt=opt, include_in_schema=False, **more)


def action(
    path: str,
    *,
    name: str,
    permission: str | None = None,
    public: str | None = None,
    signed_in: str | None = None,
    only_with: str | None = None,
    limit: str | None = None,
    **more: Any,
) -> Callable[[Any], Any]:
    """
    Make a POST handler of a form. The form's token is checked before it runs; *only_with* as for `page()`.

    *limit* names one of `rate_limits.PER_PERSON`: how often a person may send it.
    """
    opt = _opt(permission, public, signed_in, only_with=only_with, limit=limit)
    more.setdefault("status_code", HTTP_200_OK)
    more |= {"http_method": HttpMethod.POST, "media_type": MediaType.HTML}
    return Route(path, name=name, opt=opt, include_in_schema=False, **more)


def api_get(path: str, *, name: str, permission: str, **more: Any) -> Callable[[Any], Any]:
    """Make a GET handler of the API; its key must carry *permission*."""
    return Route(path, name=name, opt={"permission": permission}, http_method=HttpMethod.GET, **more)


def api_post(path: str, *, name: str, permission: str, **more: Any) -> Callable[[Any], Any]:
    """Make a POST handler of the API; its key must carry *permission*."""
    return Route(path, name=name, opt={"permission": permission}, http_method=HttpMethod.POST, **more)
