"""What a customer's own manager may do with colleagues: nobody gives what she has not got herself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.contributions import Audience, Reach
from core.db import fetch
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from core.i18n import Translator
from core.people.roles import FIXED, FIXED_ROLES, in_order, read_grants
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.people.actor import Actor
    from core.tenancy.snapshot import RoleGrants, TenantSnapshot

_ = Translator("core")

VIEW = "core:colleague:view"
MANAGE = "core:colleague:manage"
SETTING = "people.colleagues"
OFF, SEE, INVITE = "off", "see", "invite"

_SEATS = """
SELECT m.person AS person, m.customer AS held_at, m.role AS role, m.reach AS reach, r.grants AS grants,
       r.audience AS audience, p.state AS state
FROM customer c
JOIN membership m ON m.tenant = c.tenant AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent))
JOIN role r ON r.tenant = m.tenant AND r.id = m.role
JOIN person p ON p.tenant = m.tenant AND p.id = m.person
WHERE c.tenant = {} AND c.id = {} AND p.deleted_at IS NULL AND p.kind = 'contact'
"""


class LastManagerError(WrongStateError):
    """Nobody of the company would be left who can manage its people."""

    default = _("Somebody of the company must be able to manage its people. Give a colleague that right first.")


class BeyondOwnRightsError(WrongStateError):
    """What would be given, or who would be changed, goes further than one's own rights."""

    default = _("This goes further than your own rights at this company. Ask us to do it.")


@dataclass(slots=True)
class Held:
    """What a person holds at a customer, from a place of her own and from one at its parent."""

    state: str
    grants: dict[str, Reach] = field(default_factory=dict)
    """How far each permission goes, also those of modules that are off: they may be on tomorrow."""
    widest: Reach | None = None
    role: UUID | None = None
    """The role of the place that she has at this very customer; None where all comes from the parent."""
    reach: Reach | None = None

    @property
    def manages(self) -> Reach | None:
        """How far she manages colleagues here, or None: it takes the whole company at least."""
        return _of_a_company(self.grants.get(MANAGE))

    def may_give(self, grants: Mapping[str, Reach], reach: Reach) -> bool:
        """Whether a place with these permissions and this reach holds nothing that she lacks."""
        if self.widest is None or reach > self.widest:
            return False
        return all(key in self.grants and min(goes, reach) <= self.grants[key] for key, goes in grants.items())


def _of_a_company(reach: Reach | None) -> Reach | None:
    return reach if reach is not None and reach >= Reach.COMPANY else None


async def people_at(customer: UUID) -> dict[UUID, Held]:
    """Return who has rights at a customer, read from the database: in a transaction, what counts now."""
    found: dict[UUID, Held] = {}
    for row in await fetch(_SEATS, current_tenant_id(), customer):
        held = found.setdefault(as_uuid(row["person"]), Held(row["state"]))
        reach, own = Reach.parse(row["reach"]), as_uuid(row["held_at"]) == customer
        if own:
            held.role, held.reach = as_uuid(row["role"]), reach
        held.widest = reach if held.widest is None else max(held.widest, reach)
        if row["audience"] != "contact":
            continue
        for key, granted in read_grants(row["grants"]).items():
            if own or granted is Reach.GROUP:
                goes = min(granted, reach)
                held.grants[key] = max(goes, held.grants.get(key, goes))
    return found


def managers_of(people: Mapping[UUID, Held]) -> set[UUID]:
    """Return who of the company itself manages it and can sign in."""
    return {person for person, held in people.items() if held.role and held.manages and held.state == "active"}


def reach_of(actor: Actor, permission: str, customer: UUID) -> Reach | None:
    """Return how far *permission* about colleagues goes for *actor*: it takes the whole company at least."""
    return _of_a_company(actor.reach(permission, customer)) if actor.is_contact else None


def companies_seen(actor: Actor) -> list[UUID]:
    """Return the companies whose people *actor* may see, in the order of her places; none where it is switched off."""
    if not actor.is_contact or actor.tenant.setting(SETTING) == OFF:
        return []
    found = [place.customer for place in actor.places if reach_of(actor, VIEW, place.customer) is not None]
    return list(dict.fromkeys(found))


def sees_colleagues(actor: Actor) -> bool:
    """Whether the page about colleagues has anything for *actor*: the menu asks."""
    return bool(companies_seen(actor))


def require_seen(actor: Actor, customer: UUID) -> None:
    """
    Go on only where *actor* may see who is of the company.

    Raises:
        NotFoundError: it is not hers, or the tenant has switched the page off.
        NotPermittedError: her role, or her reach there, does not allow it.

    """
    if actor.tenant.setting(SETTING) == OFF or customer not in {place.customer for place in actor.places}:
        raise NotFoundError
    if customer not in companies_seen(actor):
        raise NotPermittedError


def manages(actor: Actor, customer: UUID) -> bool:
    """Whether *actor* may change who is of the company: for buttons; verbs ask the database."""
    allowed = actor.tenant.setting(SETTING) == INVITE and actor.viewed_by is None
    return allowed and customer in companies_seen(actor) and reach_of(actor, MANAGE, customer) is not None


def offered_by(held: Held, tenant: TenantSnapshot) -> list[RoleGrants]:
    """Return the roles that somebody with these rights can give, with at least the least reach."""
    fixed = bool(tenant.setting(FIXED))
    found = [
        role
        for role in tenant.roles.values()
        if role.audience is Audience.CONTACT
        and (not fixed or role.preset in FIXED_ROLES)
        and held.may_give(role.grants, Reach.OWN)
    ]
    return in_order(found)
