"""
Rows of a list become contacts: a portion of rows at a time, with as few statements as for one.

What a row needs to know is looked up for all rows of the portion; those that say the same of somebody come after one
another. New contacts are written together, known ones by the verbs that pages use.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.contributions import Audience, Reach
from core.db import UniqueViolationError, fetch, transaction, uuid7
from core.errors import DomainError, InvalidInputError
from core.i18n import Translator
from core.people.contact_options import has_one_customer, required_of
from core.people.customers import CustomerClosedError
from core.people.importing_adding import New, add_new
from core.people.importing_customers import Customers
from core.people.importing_rows import Reading, read_row
from core.people.new_customers import invites_main_contacts
from core.people.persons import OneCustomerError, Seat, add_contact, edit_person, send_invitation, set_seat
from core.people.persons_edited import stored
from core.people.persons_known import EmailTakenError, is_recipient, missing, sorted_name
from core.people.roles import lock_tenant
from core.people.tables import Membership, Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal
    from uuid import UUID

    from core.i18n import LazyString
    from core.people.importing_known import Known
    from core.people.importing_rows import Rows
    from core.people.persons_known import Details

_ = Translator("core")

DEFAULT_ROLE = "viewer"
_WAITING = """
SELECT email, given_name, family_name, id FROM registration
WHERE tenant = {{}} AND state = 'waiting' AND email IN ({}) ORDER BY id DESC
"""
_NAMED = """
SELECT m.customer AS customer, p.name_folded AS name_folded, p.id AS id FROM person p
JOIN membership m ON m.tenant = p.tenant AND m.person = p.id
WHERE p.tenant = {{}} AND p.name_folded IN ({names}) AND p.email_folded IS NULL AND p.deleted_at IS NULL
ORDER BY p.id DESC
"""
_ASSIGNED = """
SELECT person, project FROM project_person WHERE tenant = {{}} AND person IN ({})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a row; where it is refused, all that is wrong with it by field."""

    number: int
    name: str
    outcome: Literal["created", "updated", "unchanged", "refused"]
    faults: Mapping[str, Sequence[LazyString]] = field(default_factory=dict)


async def take_portion(rows: Rows, known: Known) -> list[Taken]:
    """
    Take rows in, in one transaction; those that cannot be are left out and say why.

    Where somebody else writes the same at that moment, each row is taken in by itself.
    """
    try:
        async with transaction():
            await lock_tenant()  # lists of one tenant follow one another: in no order do two wait for each other
            taken: list[Taken] = []
            for readings in _apart(rows):
                taken += await _Portion(known, readings).take()
            return taken
    except UniqueViolationError:
        if len(rows) == 1:
            return [await _take_alone(rows[0], known)]
    except DomainError as error:
        if len(rows) == 1:
            return [_refused(read_row(*rows[0]), error)]
    return [taken for row in rows for taken in await take_portion([row], known)]


async def _take_alone(row: tuple[int, dict[str, str]], known: Known) -> Taken:
    """Take a row in whose contact somebody has added a moment ago: it is a known one now."""
    reading = read_row(*row)
    try:
        async with transaction():
            return (await _Portion(known, [reading]).take())[0]
    except DomainError as error:
        return _refused(reading, error)


def _apart(rows: Rows) -> Iterator[list[Reading]]:
    """Yield rows in their order, such as are about the same contact never together."""
    together: list[Reading] = []
    keys: set[tuple[str, ...]] = set()
    for row in rows:
        reading = read_row(*row)
        if reading.key in keys:
            yield together
            together, keys = [], set()
        together.append(reading)
        keys.add(reading.key)
    if together:
        yield together


def _refused(reading: Reading, error: DomainError | None = None) -> Taken:
    faults = reading.faults
    if isinstance(error, InvalidInputError) and error.fields:
        for name, reasons in error.fields.items():
            for reason in reasons:
                faults.add(name, reason)
    elif error is not None:
        faults.add("", error.message)
    return Taken(number=reading.number, name=reading.name, outcome="refused", faults=faults.found)


class _Portion:
    """Rows that are taken in together; no two are about the same contact."""

    def __init__(self, known: Known, readings: Sequence[Reading]) -> None:
        self.known = known
        self.readings = readings
        self.new: list[New] = []
        self.customers: Customers
        self.by_email: dict[str, Person] = {}
        self.by_name: dict[tuple[UUID, str], Person] = {}
        self.seats: dict[UUID, dict[UUID, Membership]] = {}
        self.assigned: dict[UUID, set[UUID]] = {}
        self.waiting: dict[str, tuple[UUID, str]] = {}

    async def take(self) -> list[Taken]:
        """Take the rows in."""
        self.customers = await Customers.named_in(self.readings, create=self.known.create_customers)
        await self._look_up()
        taken = [await self._take(reading) for reading in self.readings]
        await add_new(self.new)
        await self._invite_main_contacts()
        return taken

    async def _invite_main_contacts(self) -> None:
        """Invite the first contact with an address of each customer that these rows have made, if the tenant wants."""
        if not self.customers.made or not await invites_main_contacts():
            return
        for one in self.new:
            if one.seat and one.details.email and one.seat.customer in self.customers.made:
                self.customers.made.discard(one.seat.customer)
                await send_invitation(person=one.id)

    # -- what the rows are about ---------------------------------------------------------------------------------------

    async def _look_up(self) -> None:
        emails = sorted({reading.details.email for reading in self.readings if reading.details.email})
        names = sorted({sorted_name(reading.details) for reading in self.readings if not reading.details.email})
        tenant = current_tenant_id()
        if emails:
            people = await Person.objects().where(Person.email_folded.is_in(emails), Person.deleted_at.is_null())
            self.by_email = {person.email_folded or "": person for person in people}
            rows = await fetch(_WAITING.format(_places(emails)), tenant, *emails)
            self.waiting = {
                row["email"]: (as_uuid(row["id"]), f"{row['given_name']} {row['family_name']}".strip()) for row in rows
            }
        if names:
            rows = await fetch(_NAMED.format(names=_places(names)), tenant, *names)
            ids = [as_uuid(row["id"]) for row in rows]
            found = {person.id: person for person in await Person.objects().where(Person.id.is_in(ids))} if ids else {}
            self.by_name = {(as_uuid(row["customer"]), row["name_folded"]): found[as_uuid(row["id"])] for row in rows}
        ids = [person.id for person in (*self.by_email.values(), *self.by_name.values())]
        if ids:
            for seat in await Membership.objects().where(Membership.person.is_in(ids)):
                self.seats.setdefault(seat.person, {})[seat.customer] = seat
            for row in await fetch(_ASSIGNED.format(_places(ids)), tenant, *ids):
                self.assigned.setdefault(as_uuid(row["person"]), set()).add(as_uuid(row["project"]))

    async def _take(self, reading: Reading) -> Taken:
        role = self._role(reading)
        customer = await self.customers.customer_of(reading) if reading.names_customer else None
        person = self._person(reading, customer["id"] if customer else None)
        details = _merged(reading.details, person)
        for name, reasons in missing(details, required_of(self.known.tenant)).items():
            for reason in reasons:
                reading.faults.add(name, reason)
        seat: Seat | None = None
        projects: set[UUID] = set()
        if customer is not None:
            projects = self.customers.projects_in(reading, customer["id"])
            if role is not None:
                seat = Seat(customer=customer["id"], role=role, reach=reading.reach)
            self._check_seat(reading, person, customer)
        if reading.faults.found:
            return _refused(reading)
        outcome: Literal["created", "updated", "unchanged"] = "created"
        if person is None:
            self.new.append(New(uuid7(), details, seat, projects))
        elif is_recipient(person):
            await add_contact(
                details=details, seats=[seat] if seat else [], projects=projects, person=person.id, source="import"
            )
            outcome = "updated"
        else:
            changed = await self._change(person, details, seat, projects, reading)
            outcome = "updated" if changed else "unchanged"
        return Taken(number=reading.number, name=reading.name, outcome=outcome)

    def _role(self, reading: Reading) -> UUID | None:
        said = reading.row.get("role") or DEFAULT_ROLE
        role = self.known.roles.get(fold(said))
        if role is None and (reading.row.get("role") or reading.names_customer):
            reading.faults.add("role", _("There is no role “{text}”.").format(text=said))
        return role

    def _person(self, reading: Reading, customer: UUID | None) -> Person | None:
        """Return whom the row is about: by e-mail, and without one by the name at the same customer."""
        email = reading.details.email
        if not email:
            return self.by_name.get((customer, sorted_name(reading.details))) if customer is not None else None
        person = self.by_email.get(email)
        if person is not None and person.kind != Audience.CONTACT.value:
            text = _("{email} belongs to somebody of the staff.").format(email=email)
            reading.faults.add("email", text)
        if (person is None or is_recipient(person)) and email in self.waiting:
            registration, name = self.waiting[email]
            error = EmailTakenError(name=name or email, registration=registration)
            for reason in error.fields["email"]:
                reading.faults.add("email", reason)
        return person

    def _check_seat(self, reading: Reading, person: Person | None, customer: Mapping[str, Any]) -> None:
        held = self.seats.get(person.id, {}) if person is not None else {}
        if customer["id"] in held:
            return
        if customer["closed_at"] is not None:
            reading.faults.add("customer", CustomerClosedError.default)
        if held and has_one_customer(self.known.tenant):
            reading.faults.add("customer", OneCustomerError.default)

    async def _change(
        self, person: Person, details: Details, seat: Seat | None, projects: set[UUID], reading: Reading
    ) -> bool:
        """Change a contact to what the row says, where she is not so already; empty cells leave what is known."""
        changed = any(getattr(person, name) != value for name, value in stored(details).items())
        if changed:
            await edit_person(person=person.id, details=details, version=person.version)
        if seat is None:
            return changed
        held = self.seats.get(person.id, {}).get(seat.customer)
        wanted = seat
        if held is not None:
            wanted = replace(
                seat,
                role=seat.role if reading.row.get("role") else held.role,
                reach=seat.reach if reading.row.get("reach") else Reach.parse(held.reach),
            )
        assigned = self.assigned.get(person.id, set())
        same = held is not None and (held.role, held.reach) == (wanted.role, wanted.reach.word)
        if same and projects <= assigned:
            return changed
        there = self.customers.all_projects(seat.customer)
        await set_seat(person=person.id, seat=wanted, projects=(assigned & there) | projects if projects else None)
        return True


def _merged(details: Details, person: Person | None) -> Details:
    """Return what is to be known of a contact: what a row leaves open stays as it is."""
    if person is None or is_recipient(person):
        return details
    nameless = not (details.given_name or details.family_name)
    return replace(
        details,
        given_name=person.given_name if nameless else details.given_name,
        family_name=person.family_name if nameless else details.family_name,
        email=person.email or "",
        phone=details.phone or person.phone or "",
        mobile=details.mobile or person.mobile or "",
        other_contact=details.other_contact or person.other_contact or "",
        language=details.language or person.language,
    )


def _places(values: Sequence[object]) -> str:
    return ", ".join(["{}"] * len(values))
