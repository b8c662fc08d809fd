"""Of what the demo's tenants are made; one file beside this describes each. Companies and people are made up."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.contributions import Reach


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A contact or member of the staff; `places` are customer names with role and reach."""

    name: str
    email: str
    language: str
    places: tuple[tuple[str, str, Reach], ...] = ()
    projects: tuple[str, ...] = ()
    staff_role: str | None = None
    hint: str = ""
    state: str = "active"
    """How far she is on the way in: active, or address_book, pending, invited, deactivated, deleted."""


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer with its projects."""

    name: str
    tax_id: str
    country: str
    number: str
    projects: tuple[str, ...]
    address: dict[str, object] = field(default_factory=dict)
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class DemoRegistration:
    """Somebody who asks for access and waits for a decision."""

    email: str
    given_name: str
    family_name: str
    company: str
    phone: str
    message: str
    language: str


@dataclass(frozen=True, slots=True)
class DemoForwarding:
    """A document that a contact (by e-mail) forwards to somebody whom the portal does not know."""

    by: str
    to: str
    message: str


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A service company with its customers and people."""

    name: str
    portal_name: str
    country: str
    zone: str
    languages: tuple[str, ...]
    tax_id: str
    answers: dict[str, object]
    customers: tuple[DemoCustomer, ...]
    people: tuple[DemoPerson, ...]
    registrations: tuple[DemoRegistration, ...] = ()
    forwarding: DemoForwarding | None = None


def address(line: str, postal_code: str, city: str, country: str) -> dict[str, object]:
    """Return an address as customers have it."""
    return {"lines": [line], "postal_code": postal_code, "city": city, "country": country}
