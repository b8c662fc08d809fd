"""Who acts in this piece of work, and how far each permission goes."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.contributions import Reach
from core.errors import NotPermittedError, NotSignedInError
from core.registry import CORE, owner_of, registry

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from uuid import UUID

    from core.tenancy.snapshot import TenantSnapshot


class ActorKind(StrEnum):
    """What sort of actor this is."""

    CONTACT = "contact"
    STAFF = "staff"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A contact's place at one customer. A *group* membership gives a place at each child as well."""

    customer: UUID
    name: str
    role: UUID
    reach: Reach
    modules: frozenset[str]
    """The modules granted to this customer."""
    inherited: bool = False
    """Whether the place comes from a membership at the parent: only permissions with reach *group* count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, for which tenant, and what is allowed. Immutable; another one as soon as anything of it changes."""

    kind: ActorKind
    tenant: TenantSnapshot
    person: UUID | None = None
    account: UUID | None = None
    session: UUID | None = None
    name: str = ""
    email: str = ""
    language: str = "en"
    theme: str = "auto"
    shown_columns: str = "{}"
    """What she chose to see of lists, as it is kept (JSON)."""
    places: tuple[Place, ...] = ()
    active_customer: UUID | None = None
    staff_grants: Mapping[str, Reach] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    restricted: str | None = None
    viewed_by: UUID | None = None
    offices: int = 1
    """How many tenants' portals the person's account opens: more than one after linking."""
    _reaches: dict[str, dict[UUID, Reach]] = field(init=False, default_factory=dict, repr=False, compare=False)
    """What `reaches` has worked out: a page asks for the same permission ten times."""
    worked_out: dict[Hashable, Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    """
    What others have worked out of this actor: it may be kept from request to request, so let it follow from her, her
    tenant and its own key alone, and let there be few keys.
    """

    @property
    def is_contact(self) -> bool:
        """Whether a person of a customer acts."""
        return self.kind is ActorKind.CONTACT

    @property
    def is_staff(self) -> bool:
        """Whether a person of the tenant acts."""
        return self.kind is ActorKind.STAFF

    def _module_on(self, permission: str) -> bool:
        owner = owner_of(permission)
        return owner == CORE or owner in self.modules

    def reach(self, permission: str, customer: UUID) -> Reach | None:
        """Return how far *permission* goes at *customer*, or None where it is not granted."""
        declared = registry().permission(permission)
        if not self._module_on(permission):
            return None
        if not self.is_contact:
            return self.staff_grants.get(permission)
        owner = owner_of(permission)
        best: Reach | None = None
        for place in self.places:
            if place.customer != customer or (owner != CORE and owner not in place.modules):
                continue
            role = self.tenant.roles.get(place.role)
            granted = role.grants.get(permission) if role and role.audience == declared.audience else None
            if granted is None or (place.inherited and granted < Reach.GROUP):
                continue
            effective = min(granted, place.reach)
            best = effective if best is None else max(best, effective)
        return best

    def can(self, permission: str, *, customer: UUID | None = None) -> bool:
        """Whether *permission* is granted: at *customer*, or without one anywhere."""
        if customer is not None:
            return self.reach(permission, customer) is not None
        if not self.is_contact:
            registry().permission(permission)
            return self._module_on(permission) and permission in self.staff_grants
        return bool(self._reaches_of(permission))

    def require(self, permission: str, *, customer: UUID | None = None) -> None:
        """
        Go on only with *permission*.

        Raises:
            NotPermittedError: it is not granted.

        """
        if not self.can(permission, customer=customer):
            raise NotPermittedError

    def reaches(self, permission: str) -> dict[UUID, Reach]:
        """Return the customers where *permission* is granted, with its reach."""
        return dict(self._reaches_of(permission))

    def _reaches_of(self, permission: str) -> dict[UUID, Reach]:
        known = self._reaches.get(permission)
        if known is None:
            found = {place.customer: self.reach(permission, place.customer) for place in self.places}
            known = {customer: reach for customer, reach in found.items() if reach is not None}
            self._reaches[permission] = known
        return known


_actor: ContextVar[Actor | None] = ContextVar("portico_actor", default=None)


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Run the block as *actor*."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def set_actor(actor: Actor | None) -> None:
    """Make *actor* that of the present task: the ASGI layer calls this once per request."""
    _actor.set(actor)


def actor_or_none() -> Actor | None:
    """Return who acts, or None where nobody is signed in."""
    return _actor.get()


def current_actor() -> Actor:
    """
    Return who acts.

    Raises:
        NotSignedInError: nobody is signed in.

    """
    actor = _actor.get()
    if actor is None:
        raise NotSignedInError
    return actor
