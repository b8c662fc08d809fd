"""
Work for later of modules: `work` in the public surface.

    @work.handler("timesheets.seal")
    async def seal(item: work.Item) -> None: ...

    await work.enqueue(seal, {"sheet": str(sheet.id)})

It is put down in the transaction of what causes it, for the tenant in scope, and done at least once by any worker in
that tenant's scope; where the handler raises, it is tried again for about half a day. While the module is off for the
tenant it waits. Who puts work down names the handler itself: a module cannot reach another one's.
"""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from core.messages.queue import PermanentError, PostponeError
from core.messages.queue import Work as Item
from core.messages.queue import enqueue as put_down
from core.messages.queue import work as register
from core.registry import StartupError, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from core.registry import Registry

__all__ = ["Item", "PermanentError", "PostponeError", "enqueue", "handler"]

LOOK_AGAIN = timedelta(hours=1)
"""When it is looked again whether a module that was switched off is on."""

Handle: TypeAlias = "Callable[[Item], Awaitable[None]]"

_kinds: dict[Any, str] = {}
"""The kind of each handler, by the function that the module got back."""


def handler(kind: str, *, atomic: bool = True) -> Callable[[Handle], Handle]:
    """
    Make the decorated function do the work of *kind*, `<module>.<what>`, in the tenant's scope.

    Its changes and the mark "done" are one transaction. Not *atomic*: it talks to somebody outside, may run twice
    and must bear that. `PermanentError` gives the work up, `PostponeError(delay)` has it come back without a failure.

    Raises:
        ValueError: the kind does not begin with a module's id, or somebody does it already.

    """
    module, dot, what = kind.partition(".")
    if not (module and dot and what) or module == "core":
        message = f"work of a module is called <module>.<what>, not {kind!r}"
        raise ValueError(message)

    def mark(run: Handle) -> Handle:
        @wraps(run)
        async def run_where_on(item: Item) -> None:
            check_owner(kind, run.__module__, registry())
            if module not in (await load_snapshot(current_tenant_id())).modules():
                raise PostponeError(LOOK_AGAIN)
            await run(item)

        register(kind, atomic=atomic)(run_where_on)
        _kinds[run_where_on] = kind
        return run_where_on

    return mark


async def enqueue(
    handler: Handle, payload: Mapping[str, Any], *, once_key: str | None = None, run_at: datetime | None = None
) -> UUID | None:
    """
    Have *handler* called with *payload* (what JSON can hold), not before *run_at*; return the work's id.

    None where this tenant's work for it with this *once_key* is there already, done or not.

    Raises:
        ValueError: *handler* is no function that `handler()` has marked.

    """
    kind = _kinds.get(handler)
    if kind is None:
        message = f"{getattr(handler, '__qualname__', handler)} is not marked with @work.handler(…)"
        raise ValueError(message)
    tenant = current_tenant_id()
    key = f"{kind}:{tenant}:{once_key}" if once_key is not None else None
    return await put_down(kind=kind, payload=payload, tenant=tenant, once_key=key, run_at=run_at)


def check_owner(kind: str, place: str, known: Registry) -> None:
    """
    Go on only if the code in the Python module *place* may do work of *kind*: it is the module's own.

    Raises:
        StartupError: no such module is installed, or the code is another one's.

    """
    module = known.modules.get(kind.partition(".")[0])
    if module is None or not (place == module.package or place.startswith(f"{module.package}.")):
        message = f"{place} does work of kind {kind!r}, which is not its own: kinds begin with the module's id"
        raise StartupError(message)


def check_handlers(known: Registry) -> None:
    """
    Go on only if every module does work of its own alone. Handlers of modules that are not installed here wait.

    Raises:
        StartupError: a module does another one's work.

    """
    packages = {module.package for module in known.modules.values()}
    for run, kind in _kinds.items():
        if any(run.__module__ == package or run.__module__.startswith(f"{package}.") for package in packages):
            check_owner(kind, run.__module__, known)
