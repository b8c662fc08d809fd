"""Which tenant this piece of work is for. No scope means an exception, never "all rows"."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from core.db import bypass_row_security

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

_tenant: ContextVar[UUID | None] = ContextVar("portico_tenant", default=None)
_unscoped: ContextVar[str | None] = ContextVar("portico_unscoped", default=None)


class NoTenantError(RuntimeError):
    """A query on a tenant's table outside any tenant's scope."""


@contextmanager
def tenant_scope(tenant: UUID) -> Iterator[None]:
    """Run the block for *tenant*: every query sees its rows alone."""
    token = _tenant.set(tenant)
    try:
        yield
    finally:
        _tenant.reset(token)


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Run the block across tenants. The only way out; a test holds the list of its uses by *reason*."""
    if not reason:
        message = "unscoped() needs a reason"
        raise ValueError(message)
    token = _unscoped.set(reason)
    try:
        with bypass_row_security():
            yield
    finally:
        _unscoped.reset(token)


def is_unscoped() -> bool:
    """Whether this piece of work runs across tenants."""
    return _unscoped.get() is not None


def current_tenant_id() -> UUID:
    """
    Return the tenant of this piece of work.

    Raises:
        NoTenantError: there is none.

    """
    tenant = _tenant.get()
    if tenant is None:
        message = "no tenant in scope: wrap the work in tenant_scope(tenant)"
        raise NoTenantError(message)
    return tenant
