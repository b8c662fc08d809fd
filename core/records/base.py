"""
The base of every table whose rows customers may see.

Its reads apply tenant, reach and publication by themselves: no actor, no rows. So a stranger's `Booking.select()` is
safe. The way out is `beyond_reach("reason")`; a test counts its uses.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar

from piccolo.columns import ForeignKey, Integer, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.combination import And, Or, WhereRaw

from core.clock import now as utc_now
from core.contributions import Reach
from core.people.actor import Actor, ActorKind, current_actor
from core.people.tables import Customer, Person, Project
from core.tenancy.table import TenantTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

_beyond: ContextVar[str | None] = ContextVar("portico_beyond_reach", default=None)


@contextmanager
def beyond_reach(reason: str) -> Iterator[None]:
    """Run the block without reach and publication, still within the tenant. A test holds the list of its uses."""
    if not reason:
        message = "beyond_reach() needs a reason"
        raise ValueError(message)
    token = _beyond.set(reason)
    try:
        yield
    finally:
        _beyond.reset(token)


class CustomerRecord(TenantTable):
    """
    Abstract base of records: whose they are, which project's, to whom they are addressed, since when published.

    A subclass names the permissions to see it, `view` for contacts and `staff_view` for staff and API keys.
    """

    view: ClassVar[str]
    staff_view: ClassVar[str]

    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    project = ForeignKey(references=Project, null=True, default=None, on_delete=OnDelete.restrict)
    addressee = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    published_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)
    created_at = Timestamptz(default=utc_now)

    @classmethod
    def own_condition(cls, person: UUID) -> Any:
        """Return the condition "personally hers"; a module overrides it where the addressee alone does not fit."""
        return cls.addressee == person

    @classmethod
    def scope_condition(cls) -> Any:
        """Return tenant, reach and publication as one condition."""
        tenant = super().scope_condition()
        if _beyond.get() is not None:
            return tenant
        visible = cls.visible_to(current_actor())
        return visible if tenant is None else And(tenant, visible)

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        """Return the condition under which *actor* sees a row of this table."""
        if actor.kind in {ActorKind.STAFF, ActorKind.API}:
            return WhereRaw("1 = 1") if actor.can(cls.staff_view) else WhereRaw("1 = 0")
        if not actor.is_contact or actor.person is None:
            return WhereRaw("1 = 0")
        return cls.within_reach(actor.reaches(cls.view), actor.person)

    @classmethod
    def within_reach(cls, reaches: dict[UUID, Reach], person: UUID) -> Any:
        """Return the condition for published rows within *reaches* (customer → reach) of *person*."""
        parts: list[Any] = []
        company = [customer for customer, reach in reaches.items() if reach >= Reach.COMPANY]
        projects = [customer for customer, reach in reaches.items() if reach == Reach.PROJECTS]
        own = [customer for customer, reach in reaches.items() if reach == Reach.OWN]
        if company:
            parts.append(_among(cls.customer, company))
        if projects:
            name = cls._meta.tablename
            assigned = WhereRaw(
                f'"{name}"."project" IN (SELECT project FROM project_person WHERE person = {{}})',  # noqa: S608 -- no input
                person,
            )
            parts.append(And(_among(cls.customer, projects), Or(assigned, cls.own_condition(person))))
        if own:
            parts.append(And(_among(cls.customer, own), cls.own_condition(person)))
        if not parts:
            return WhereRaw("1 = 0")
        within = parts[0]
        for part in parts[1:]:
            within = Or(within, part)
        return And(within, cls.published_at.is_not_null())


def _among(column: Any, values: list[UUID]) -> Any:
    return column == values[0] if len(values) == 1 else column.is_in(sorted(values))
