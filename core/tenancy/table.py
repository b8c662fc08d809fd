"""
Tables whose rows belong to one tenant, and whose every query knows it.

Piccolo has no managers, so its eight class methods that make queries are overridden; instances use them.
Three holes that this leaves are closed here: a bare `delete()` or `update()` (the tenant's condition would satisfy
Piccolo's own guard), moving a row to another tenant, and `raw()`. References across tenants are refused by composite
keys of the DDL helper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from piccolo.columns import ForeignKey
from piccolo.columns.base import OnDelete
from piccolo.query.methods.delete import Delete, DeletionError
from piccolo.query.methods.update import Update, UpdateError

from core.db import Table
from core.tenancy.scope import current_tenant_id, is_unscoped
from core.tenancy.tables import Tenant

if TYPE_CHECKING:
    from piccolo.columns import Column
    from piccolo.query.methods import Count, Exists, Insert, Objects, Select
    from piccolo.query.methods.raw import Raw


class ForeignTenantError(RuntimeError):
    """An attempt to write a row of, or move a row to, another tenant."""


def _conditions(where: Any) -> int:
    """Count the leaves of a condition."""
    if where is None:
        return 0
    first, second = getattr(where, "first", None), getattr(where, "second", None)
    if first is not None and second is not None:
        return _conditions(first) + _conditions(second)
    return 1


def _says_which(query: Delete | Update[Any]) -> bool:
    """Whether the query has a condition beside the scope's own, which is always there."""
    own = _conditions(query.table.scope_condition())
    return _conditions(query.where_delegate._where) > own  # noqa: SLF001 -- Piccolo shows no other way


class _TenantDelete(Delete):
    def _validate(self) -> None:
        super()._validate()  # type: ignore[no-untyped-call]  # untyped in Piccolo
        if not self.force and not _says_which(self):
            message = f"{self.table.__name__}.delete() would delete all rows of the tenant: say which, or force=True"
            raise DeletionError(message)


class _TenantUpdate(Update[Any]):
    def _validate(self) -> None:
        super()._validate()  # type: ignore[no-untyped-call]  # untyped in Piccolo
        if not self.force and not _says_which(self):
            message = f"{self.table.__name__}.update() would change all rows of the tenant: say which, or force=True"
            raise UpdateError(message)


class TenantTable(Table):
    """Abstract base of every table with rows of a tenant: `tenant` is filled, filtered and guarded by itself."""

    tenant = ForeignKey(references=Tenant, null=False, on_delete=OnDelete.restrict, default=None)

    @classmethod
    def scope_condition(cls) -> Any:
        """Return the condition that every read and write of the table carries, or None across tenants."""
        return None if is_unscoped() else (cls.tenant == current_tenant_id())

    def __init__(self, _data: dict[Column, Any] | None = None, **values: Any) -> None:
        given = values.get("tenant") is not None or (_data or {}).get(type(self).tenant) is not None
        if not given and not values.get("_exists_in_db") and not is_unscoped():
            values["tenant"] = current_tenant_id()
        super().__init__(_data, **values)

    @classmethod
    def _scoped(cls, query: Any) -> Any:
        condition = cls.scope_condition()
        return query if condition is None else query.where(condition)

    @classmethod
    def select(cls, *columns: Any, exclude_secrets: bool = False) -> Select[Any]:
        """Select rows of the tenant in scope."""
        query = super().select(*columns, exclude_secrets=exclude_secrets)
        return cls._scoped(query)  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def objects(cls, *prefetch: Any) -> Objects[Self]:
        """Load rows of the tenant in scope as objects."""
        return cls._scoped(super().objects(*prefetch))  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def count(cls, column: Any = None, distinct: Any = None) -> Count:
        """Count rows of the tenant in scope."""
        return cls._scoped(super().count(column, distinct))  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def exists(cls) -> Exists[Any]:
        """Ask whether the tenant in scope has such a row."""
        return cls._scoped(super().exists())  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def update(
        cls,
        values: dict[Any, Any] | None = None,
        force: bool = False,  # noqa: FBT001, FBT002 -- Piccolo's own signature
        use_auto_update: bool = True,  # noqa: FBT001, FBT002 -- Piccolo's own signature
        **kwargs: Any,
    ) -> Update[Any]:
        """
        Change rows of the tenant in scope.

        Raises:
            ForeignTenantError: the values would move rows to another tenant.

        """
        for column, value in {**(values or {}), **kwargs}.items():
            name = column if isinstance(column, str) else column._meta.name
            if name == "tenant" and not is_unscoped() and _identity(value) != current_tenant_id():
                message = f"{cls.__name__}.update() would move rows to another tenant"
                raise ForeignTenantError(message)
        all_values = {**(values or {}), **kwargs}
        if use_auto_update and cls._meta.auto_update_columns:
            all_values.update(cls._meta.get_auto_update_values())
        query = _TenantUpdate(cls, force=force).values(all_values)
        return cls._scoped(query)  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def delete(cls, force: bool = False) -> Delete:  # noqa: FBT001, FBT002 -- Piccolo's own signature
        """Delete rows of the tenant in scope."""
        return cls._scoped(_TenantDelete(cls, force=force))  # type: ignore[no-any-return]  # untyped in Piccolo

    @classmethod
    def insert(cls, *rows: Self) -> Insert[Self]:
        """
        Add rows to the tenant in scope.

        Raises:
            ForeignTenantError: a row names another tenant.

        """
        if not is_unscoped():
            own = current_tenant_id()
            for row in rows:
                if _identity(row.tenant) != own:
                    message = f"{cls.__name__}.insert() of a row of another tenant"
                    raise ForeignTenantError(message)
        return super().insert(*rows)

    @classmethod
    def raw(cls, sql: str, *args: Any) -> Raw:  # noqa: ARG003 -- Piccolo's own signature
        """
        Refuse: raw SQL knows no scope. Use `core.db.fetch` with a tenant condition of its own.

        Raises:
            ForeignTenantError: always.

        """
        message = f"{cls.__name__}.raw() would leave the tenant's scope"
        raise ForeignTenantError(message)


def _identity(value: Any) -> Any:
    return value.id if isinstance(value, Table) else value
