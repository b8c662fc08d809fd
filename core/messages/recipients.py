"""Who hears of an activity, and how: the reach of the record, the tenant's preferences, the person's own choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.contributions import ActivityKind, Audience
from core.db import fetch
from core.messages.bulk import contacts_of_parts, is_bulk
from core.people.actor import ActorKind
from core.people.told import Channel, contact_default
from core.records.audiences import contacts_with
from core.records.base import CustomerRecord, beyond_reach
from core.records.kinds import audience
from core.registry import CORE, owner_of, registry
from core.tenancy.snapshot import TenantSnapshot, as_uuid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from core.contributions import RecordKind

STAFF_PERMISSIONS = {
    "core.mail_failed": "core:message:view",
    "core.import_finished": "core:import:decide",
    "core.sign_in_trouble": "core:person:manage",
    "core.registration_confirmed": "core:person:manage",
    "core.recipients_added": "core:person:view",
}
"""Activities of the core without a record, and what staff must be allowed to see to hear of them."""

FOR_AUDITORS = "core:audit:view"
FOR_CUSTOMERS = "core:customer:view"

NOT_AN_ACTIVITY = frozenset({"core.signed_in"})
"""What "every activity" leaves out: signing in changes nothing and would drown the rest."""

_PEOPLE = """
SELECT id, kind, email, given_name, family_name, language, staff_role, state FROM person
WHERE tenant = {} AND deleted_at IS NULL AND state <> 'deactivated'
"""
_CHOICES = "SELECT person, activity_kind, channel FROM mail_choice WHERE tenant = {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An activity as it was read back."""

    id: UUID
    kind: str
    by_kind: str
    by: UUID | None
    record_kind: str | None
    record: UUID | None
    customer: UUID | None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def internal(self) -> bool:
        """Whether it says of itself that customers must not hear of it."""
        return bool(self.data.get("internal"))

    @property
    def to(self) -> frozenset[UUID] | None:
        """The contacts whom it is meant for, where it names them: of all who may hear of it only these do."""
        named = self.data.get("to")
        return frozenset(UUID(person) for person in named) if isinstance(named, list) else None

    @property
    def batch(self) -> str | None:
        """The import or bulk action it came with: mails of one batch go together."""
        found = self.data.get("batch")
        return str(found) if found else None


def read_event(row: Mapping[str, Any]) -> Event:
    """Return the activity of a raw row."""
    return Event(
        id=as_uuid(row["id"]),
        kind=row["kind"],
        by_kind=row["by_kind"],
        by=_id(row["by"]),
        record_kind=row["record_kind"],
        record=_id(row["record"]),
        customer=_id(row["customer"]),
        data=msgspec.json.decode(row["data"]),
    )


def _id(value: Any) -> UUID | None:
    return None if value is None else as_uuid(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A person who may be told something."""

    id: UUID
    kind: Audience
    email: str | None
    name: str
    language: str | None
    role: UUID | None
    state: str

    @property
    def can_sign_in(self) -> bool:
        """Whether links into the portal lead anywhere for her: she has set a password once."""
        return self.state == "active"


async def load_people(
    tenant: UUID, ids: Iterable[UUID] | None = None, *, kind: Audience | None = None
) -> dict[UUID, Addressee]:
    """Return the living people of the tenant, those with *ids* or of *kind* only where given."""
    sql = _PEOPLE
    args: list[Any] = [tenant]
    if ids is not None:
        wanted = sorted(ids)
        if not wanted:
            return {}
        sql += f" AND id IN ({', '.join(['{}'] * len(wanted))})"
        args += wanted
    if kind is not None:
        sql += " AND kind = {}"
        args.append(kind.value)
    rows = await fetch(sql, *args)
    people = [
        Addressee(
            id=as_uuid(row["id"]),
            kind=Audience(row["kind"]),
            email=row["email"],
            name=f"{row['given_name']} {row['family_name']}".strip(),
            language=row["language"],
            role=_id(row["staff_role"]),
            state=row["state"],
        )
        for row in rows
    ]
    return {person.id: person for person in people}


async def load_subject(event: Event) -> tuple[RecordKind, CustomerRecord] | None:
    """Return the record that *event* is about, whoever may see it, or None where there is none any more."""
    if event.record_kind is None or event.record is None:
        return None
    return await subject_of(event.record_kind, event.record)


async def subject_of(kind: str, id: UUID) -> tuple[RecordKind, CustomerRecord] | None:
    """Return a record with its kind, whoever may see it, or None where there is none any more."""
    owned = registry().record_kinds.get(kind)
    if owned is None:
        return None
    table = owned.item.table
    with beyond_reach("fan-out: asks who sees a record"):
        record = await table.objects().where(table.id == id).first()
    return None if record is None else (owned.item, record)


def declared_kind(tenant: TenantSnapshot, key: str) -> ActivityKind | None:
    """Return the declared kind, or None where its module is gone or off for the tenant."""
    owned = registry().activity_kinds.get(key)
    if owned is None or (owned.owner != CORE and owned.owner not in tenant.modules()):
        return None
    return owned.item


async def contacts_who_see(
    kind: ActivityKind, event: Event, subject: tuple[RecordKind, CustomerRecord] | None
) -> set[UUID]:
    """
    Return the contacts who may hear of *event*: who sees its records, and never of what is internal.

    Without a record it is for those whom it names, as far as they have something of its module at its customer.
    """
    if Audience.CONTACT not in kind.notify or not kind.shared or event.internal:
        return set()
    if is_bulk(event):
        return set(await contacts_of_parts(event))
    if subject is not None:
        seeing = set(await audience(subject[1], subject[0].view))
    elif event.to and event.customer is not None:
        seeing = await _with_something_of(registry().activity_kinds[kind.key].owner, event.customer)
    else:
        return set()
    return seeing if event.to is None else seeing & event.to


async def _with_something_of(module: str, customer: UUID) -> set[UUID]:
    """Return the contacts who may see anything of *module* at *customer*."""
    found: set[UUID] = set()
    for kind in registry().record_kinds.values():
        if kind.owner == module:
            found |= set(await contacts_with(kind.item.view, customer))
    return found


def staff_grants(tenant: TenantSnapshot, person: Addressee) -> Collection[str]:
    """Return the permissions of a member of staff."""
    role = tenant.roles.get(person.role) if person.role else None
    return role.grants if role is not None and role.audience is Audience.STAFF else ()


def staff_may_see(
    tenant: TenantSnapshot, grants: Collection[str], event: Event, record_kind: RecordKind | None
) -> bool:
    """Whether these permissions show a member of staff what *event* is about."""
    module = registry().activity_kinds[event.kind].owner
    if record_kind is not None:
        owner = owner_of(record_kind.staff_view)
        return record_kind.staff_view in grants and (owner == CORE or owner in tenant.modules())
    if module != CORE:
        return any(owner_of(permission) == module for permission in grants)
    wanted = STAFF_PERMISSIONS.get(event.kind, FOR_CUSTOMERS if event.customer else FOR_AUDITORS)
    return wanted in grants


def staff_default(tenant: TenantSnapshot, kind: ActivityKind, email: str | None, *, by_contact: bool) -> Channel:
    """Return how the member of staff with this address hears of a kind without a choice of her own."""
    if by_contact and kind.key not in NOT_AN_ACTIVITY and tenant.setting("messages.staff_every_activity"):
        named = {part.strip().casefold() for part in str(tenant.setting("messages.staff_recipients")).split(",")} - {""}
        if not named or (email or "").casefold() in named:
            return "mail"
    return kind.channel if Audience.STAFF in kind.notify else "none"


def default_channel(tenant: TenantSnapshot, kind: ActivityKind, person: Addressee, event: Event) -> Channel:
    """Return how *person* hears of *event* without a choice of her own."""
    if person.kind is Audience.CONTACT:
        return contact_default(tenant, kind)
    return staff_default(tenant, kind, person.email, by_contact=event.by_kind == ActorKind.CONTACT)


async def load_choices(tenant: UUID, person: UUID | None = None) -> dict[tuple[UUID, str], Channel]:
    """Return what people, or one of them, have chosen: (person, kind) → channel."""
    rows = await (fetch(_CHOICES, tenant) if person is None else fetch(f"{_CHOICES} AND person = {{}}", tenant, person))
    return {(as_uuid(row["person"]), row["activity_kind"]): row["channel"] for row in rows}


async def hearers(
    tenant: TenantSnapshot,
    event: Event,
    staff: Mapping[UUID, Addressee],
    choices: Mapping[tuple[UUID, str], Channel],
    *,
    only: UUID | None = None,
) -> dict[UUID, Channel]:
    """Return who hears of *event* by bell or mail, or whether *only* one does. Never who did it."""
    kind = declared_kind(tenant, event.kind)
    if kind is None:
        return {}
    subject = await load_subject(event)
    seeing = await contacts_who_see(kind, event, subject)
    people = dict(await load_people(tenant.id, seeing if only is None else seeing & {only}))
    if Audience.STAFF in kind.notify or event.by_kind == ActorKind.CONTACT:
        record_kind = subject[0] if subject else None
        for person in staff.values():
            if staff_may_see(tenant, staff_grants(tenant, person), event, record_kind):
                people[person.id] = person
    if event.by is not None:
        people.pop(event.by, None)
    found: dict[UUID, Channel] = {}
    for person in people.values():
        channel = choices.get((person.id, kind.key)) or default_channel(tenant, kind, person, event)
        if channel == "mail" and not (person.email and person.can_sign_in):
            channel = "bell"
        if channel != "none":
            found[person.id] = channel
    return found
