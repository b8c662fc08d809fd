"""A list's routes in one line each: its page, its files, its ticked rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.response import Stream

from core.accounts import rate_limits
from core.lists.export import Suffix, export, export_selected
from core.lists.page import PERIOD_COOKIE, list_view, remembered_unit
from core.people.actor import current_actor
from core.web import Download, action, cookie, page, render, set_cookie, visit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from core.lists.export import Export
    from core.lists.spec import ListView, Unit

_YEAR = 365 * 24 * 3600
AnyRequest = Request[Any, Any, Any]


def _remembered() -> Unit | None:
    return remembered_unit({PERIOD_COOKIE: cookie(PERIOD_COOKIE)})


def _asked(request: AnyRequest) -> str:
    """Return the query string; Litestar's own would take the whole address apart."""
    return request.scope["query_string"].decode("latin-1")


async def show_list(
    request: AnyRequest,
    view: ListView,
    template: str = "lists/page.html",
    *,
    without: Collection[str] = (),
    **context: Any,
) -> Response[str]:
    """Return the page of a list in the state that the address says, *without* these columns; keeps month or week."""
    shown = await list_view(view, _asked(request), current_actor(), remembered=_remembered(), without=without)
    if shown["remember"]:
        set_cookie(PERIOD_COOKIE, shown["remember"], seconds=_YEAR)
    return await render(template, title=view.title, view=shown, **context)


async def send_list(request: AnyRequest, view: ListView, suffix: Suffix) -> Stream:
    """Return the whole filtered list as a file."""
    await count_download()
    made = await export(view, _asked(request), current_actor(), suffix=suffix, remembered=_remembered())
    return _sent(made)


async def send_ticked(request: AnyRequest, view: ListView, suffix: Suffix = "xlsx") -> Stream:
    """Return the ticked rows as a file."""
    await count_download()
    return _sent(await export_selected(view, await request.form(), _asked(request), current_actor(), suffix=suffix))


async def count_download() -> None:
    """
    Count a download of the reader; a look at its headers alone is none.

    Raises:
        TooManyAttemptsError: too many within an hour.

    """
    if visit().scope["method"] != "HEAD":
        await rate_limits.take(rate_limits.EXPORT, str(current_actor().person))


def downloads(view: ListView, *, name: str, permission: str, path: str = "") -> list[Any]:
    """
    Return the routes of a list's files: all that is filtered as a sheet and as text, and the ticked rows as a sheet.

    *path* is the list's own, below the module's; the names of the routes begin with *name*.
    """

    @page(f"{path}/export.xlsx", name=f"{name}xlsx", permission=permission)
    async def as_xlsx(request: AnyRequest) -> Stream:
        """Send the filtered list as a sheet."""
        return await send_list(request, view, "xlsx")

    @page(f"{path}/export.csv", name=f"{name}csv", permission=permission)
    async def as_csv(request: AnyRequest) -> Stream:
        """Send the filtered list as text."""
        return await send_list(request, view, "csv")

    @action(f"{path}/export.xlsx", name=f"{name}xlsx-ticked", permission=permission)
    async def ticked_as_xlsx(request: AnyRequest) -> Stream:
        """Send the ticked rows as a sheet."""
        return await send_ticked(request, view)

    return [as_xlsx, as_csv, ticked_as_xlsx]


async def send_rows(view: ListView, ids: Sequence[UUID], suffix: Suffix = "xlsx") -> Stream:
    """Return exactly these rows as a file, as far as the reader sees them, with all columns."""
    await count_download()
    return _sent(await export(view, "", current_actor(), suffix=suffix, ids=ids, whole=True))


def _sent(made: Export) -> Stream:
    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in made.chunks():
            yield chunk

    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"', "Cache-Control": "private, no-store"}
    return Download(chunks, media_type=made.media_type, headers=headers)
