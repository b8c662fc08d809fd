"""What was raised, as an answer: one table for pages, fragments and the API."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.status_codes import (
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_401_UNAUTHORIZED,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_500_INTERNAL_SERVER_ERROR,
)

from core.accounts.linking_pages import PASSWORD_PATH
from core.accounts.routes import sign_in_to_go_on
from core.db import UniqueViolationError, UnstorableTextError, is_retryable
from core.errors import (
    DomainError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    NotSignedInError,
    StaleError,
    TooLargeError,
    TooManyAttemptsError,
)
from core.guards import ForgedFormError, MustSetPasswordError
from core.i18n import Translator
from core.web import is_local_path, render_message, visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

log = logging.getLogger("portico.web")
_ = Translator("core")

FORGED = "/_/forged"
_TEMPLATES = {400: "422", 401: "403", 405: "404"}
_KNOWN = frozenset({403, 404, 409, 410, 413, 422, 429, 500})


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Turn what was raised into an answer: one table for pages, fragments and the API."""
    if request.scope["path"] == FORGED:
        error = ForgedFormError()
    if isinstance(error, UnstorableTextError):
        error = InvalidInputError()
    if isinstance(error, UniqueViolationError) or is_retryable(error):  # two at once: the second may try again
        log.warning("somebody else was quicker", exc_info=error)
        error = StaleError()
    if isinstance(error, DomainError):
        return _answer_domain(request, error)
    if isinstance(error, HTTPException):
        return _answer_http(request, error)
    reference = secrets.token_hex(4)
    log.error("unexpected error, reference %s", reference, exc_info=error)
    return _answer(request, HTTP_500_INTERNAL_SERVER_ERROR, reference=reference)


def _answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    status = error.status_code
    if isinstance(error, NotAuthorizedException):
        return _answer_domain(request, NotSignedInError())
    if isinstance(error, PermissionDeniedException):
        return _answer_domain(request, NotPermittedError())
    # a host that Litestar cannot read has no portal either
    if status in {HTTP_404_NOT_FOUND, HTTP_405_METHOD_NOT_ALLOWED} or (visit().tenant is None and status < 500):
        return _answer_domain(request, NotFoundError())
    if status == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
        return _answer_domain(request, TooLargeError())
    if status >= HTTP_500_INTERNAL_SERVER_ERROR:
        log.error("error %s: %s", status, error.detail)
    if not _is_api():
        return _answer(request, status)
    # the title is for people; what is wrong with which part is for their programs, and speaks of types in English
    title = str(_("This does not fit what the address expects.")) if status == HTTP_400_BAD_REQUEST else error.detail
    return _answer(request, status, text=title, details=list(_wrong_parts(error)))


def _wrong_parts(error: HTTPException) -> Iterator[str]:
    """Yield what is wrong with a body or query, by the names that the sender knows: `paid_on: Invalid date`."""
    for part in error.extra if isinstance(error.extra, list) else ():
        if isinstance(part, dict) and part.get("message"):
            yield ": ".join(str(part[name]) for name in ("key", "message") if part.get(name))


def _answer_domain(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    if isinstance(error, NotSignedInError) and not _is_api():
        return _to_sign_in(request)
    if isinstance(error, MustSetPasswordError) and not _is_api():
        return _redirect(request, PASSWORD_PATH)
    retry = error.retry_after if isinstance(error, TooManyAttemptsError) else None
    details = (
        [str(text) for texts in error.fields.values() for text in texts] if isinstance(error, InvalidInputError) else []
    )
    text = None if isinstance(error, NotFoundError) else str(error.message)
    return _answer(request, error.status, text=text, details=details, retry_after=retry)


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    *,
    text: str | None = None,
    details: Sequence[str] = (),
    retry_after: int | None = None,
    reference: str | None = None,
) -> Response[Any]:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if _is_api():
        body = {"status": status, "title": text or "", "errors": list(details), "reference": reference}
        problem = {key: value for key, value in body.items() if value or key == "status"}
        return Response(problem, status_code=status, media_type="application/problem+json", headers=headers)
    forged = request.scope["path"] == FORGED or text == str(ForgedFormError.default)
    name = "forged" if forged else _TEMPLATES.get(status, str(status) if status in _KNOWN else "500")
    facts = {
        "text": text,
        "details": list(details),
        "back_url": _referring_page(request),
        "retry_after": retry_after,
        "reference": reference,
    }
    titles = {
        "403": _("Not permitted"),
        "forged": _("Please send this again"),
        "404": _("Page not found"),
        "409": _("This has changed"),
        "410": _("Not available"),
        "413": _("Too large"),
        "422": _("Please check what you entered"),
        "429": _("Too many attempts"),
        "500": _("Something went wrong"),
    }
    page = render_message(f"errors/{name}.html", status=status, title=str(titles[name]), error=facts)
    page.headers.update(headers)
    return page


def _is_api() -> bool:
    return visit().scope["path"].startswith("/api/")


def _referring_page(request: Request[Any, Any, Any]) -> str | None:
    referrer = request.headers.get("referer", "")
    origin = visit().origin
    path = referrer.removeprefix(origin) if referrer.startswith(f"{origin}/") else ""
    return path if path and is_local_path(path) and path != visit().scope["path"] else None


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    seen = visit()
    wanted = seen.scope["path"]
    query = seen.scope["query_string"].decode("latin-1")
    whole = f"{wanted}?{query}" if query else wanted
    if seen.unsent and not request.headers.get("hx-request"):
        return sign_in_to_go_on(whole, seen.unsent)
    target = whole if request.scope["method"] == "GET" else _referring_page(request) or "/"
    return _redirect(request, "/" if target == "/" else f"/?next={quote(target, safe='')}")


def _redirect(request: Request[Any, Any, Any], path: str) -> Response[Any]:
    if request.headers.get("hx-request") == "true":
        return Response("", media_type=MediaType.TEXT, status_code=HTTP_401_UNAUTHORIZED, headers={"HX-Redirect": path})
    return Response("", media_type=MediaType.TEXT, status_code=HTTP_303_SEE_OTHER, headers={"Location": path})
