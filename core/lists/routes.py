"""Where readers say which columns of a list they want to see: one route for the lists of all modules."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from core.errors import NotFoundError
from core.lists.choosing import COLUMN, choose_columns, moved_down, moved_up
from core.people.actor import current_actor
from core.registry import registry
from core.web import action, is_local_path, see_other


@action("/lists/columns", name="lists:columns", signed_in="everybody's own choice; the list's permission is asked for")
async def choose(request: Request[Any, Any, Any]) -> Response[str]:
    """Keep the ticked columns in their order, with one of them moved, or the standard ones; return to the list."""
    sent = await request.form()
    actor = current_actor()
    declared = registry().lists.get(str(sent.get("list", "")))
    if declared is None or not actor.can(declared.item.permission):
        raise NotFoundError
    view = declared.item
    keys: list[str] | None = [str(key) for key in sent.getall(COLUMN, [])]
    up, down = str(sent.get("up", "")), str(sent.get("down", ""))
    if "standard" in sent:
        keys = None
    elif up or down:
        keys = moved_up(keys or [], up) if up else moved_down(keys or [], down)
    await choose_columns(view=view, keys=keys, by=actor)
    back = str(sent.get("back", ""))
    if not is_local_path(back) or back.partition("?")[0] != view.path:
        back = view.path
    moved = up or down
    return see_other(f"{back}#column-{moved}" if moved in {column.key for column in view.columns} else back)


HANDLERS: list[Any] = [choose]
