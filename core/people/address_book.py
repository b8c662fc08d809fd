"""
Address books: to whom the people of a customer have forwarded documents.

Who is in one and nothing else is a contact in the state `recipient`: no membership, so no right and no notice; no
account, so no way in. She becomes a contact with access only through the form of contacts, with all its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from core.contributions import Audience
from core.db import UniqueViolationError, fetch, transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, NotPermittedError
from core.formats import FormatError, normalise_email
from core.i18n import Translator
from core.people.colleagues_rights import manages, require_seen
from core.people.persons_deleted import delete_person, is_deleted
from core.people.persons_known import LONGEST_NAME
from core.people.roles import lock_tenant
from core.people.tables import RECIPIENT, AddressBookEntry, Person
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from core.people.actor import Actor

_ = Translator("core")

SHOWN = 200
"""Entries of one address book on a page, the newest of them."""

# of this customer, or of its parent's whole group: they are colleagues, and no address book needs them
_MEMBER = """
SELECT m.id AS id FROM membership m JOIN customer c ON c.tenant = m.tenant AND c.id = {}
WHERE m.tenant = {} AND m.person = {} AND (m.customer = c.id OR (m.reach = 'group' AND m.customer = c.parent)) LIMIT 1
"""
_ENTRIES = """
SELECT b.id AS id, b.email AS email, b.given_name AS given_name, b.family_name AS family_name
FROM address_book b JOIN person p ON p.tenant = b.tenant AND p.id = b.person
WHERE b.tenant = {} AND b.customer = {} AND p.deleted_at IS NULL
"""
_ONE = f"{_ENTRIES} AND b.id = {{}}"
_NEWEST = " ORDER BY b.id DESC"
_BOOKS = """
SELECT b.person AS person, b.created_at AS created_at, c.id AS customer, c.name AS name
FROM address_book b JOIN customer c ON c.tenant = b.tenant AND c.id = b.customer
WHERE b.tenant = {{}} AND b.person IN ({places}) ORDER BY c.name, b.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An address as the customer knows it; the name is the one that the customer gave, or nothing."""

    id: UUID
    email: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        """The name, or the address of who has none."""
        return f"{self.given_name} {self.family_name}".strip() or self.email


async def add_recipients(*, customer: UUID, emails: Sequence[str], by: UUID | None) -> list[str]:
    """
    Put folded addresses in the address book of *customer*; return those that are new there.

    Whoever has an address already is not made twice: a living person of the tenant, or one who was deleted. People of
    the customer itself are no recipients. Nobody who was more than a recipient is brought back.
    """
    added: list[str] = []
    async with transaction():
        await lock_tenant()
        for email in dict.fromkeys(emails):
            try:
                async with transaction():
                    new = await _add(customer, email, by)
            except UniqueViolationError:  # staff, or an import, have just added her
                new = await _add(customer, email, by)
            if new:
                added.append(email)
    return added


async def _add(customer: UUID, email: str, by: UUID | None) -> bool:
    found = await _known(email)
    if found is None:
        person = uuid7()
        await Person.insert(
            Person(
                id=person,
                kind=Audience.CONTACT.value,
                email=email,
                email_folded=email,
                name_folded=fold(email),
                state=RECIPIENT,
                source="forwarding",
            )
        )
    else:
        person = as_uuid(found.id)
        if not is_deleted(found) and await fetch(_MEMBER, customer, current_tenant_id(), person):
            return False
        if is_deleted(found):
            if found.state != RECIPIENT:
                return False
            back: dict[Any, Any] = {Person.deleted_at: None, Person.version: Person.version + 1}
            await Person.update(back).where(Person.id == person)
    known = await AddressBookEntry.objects().where(_of(customer), AddressBookEntry.email == email).first()
    if known is None:
        await AddressBookEntry.insert(AddressBookEntry(customer=customer, person=person, email=email, by=by))
        return True
    if known.person != person:
        await AddressBookEntry.update({AddressBookEntry.person: person}).where(AddressBookEntry.id == known.id)
    return found is None or is_deleted(found)


async def _known(email: str) -> Person | None:
    """Return who has the address: the living one, else the one who was deleted last."""
    living: Person | None = (
        await Person.objects().where(Person.email_folded == email, Person.deleted_at.is_null()).first()
    )
    if living is not None:
        return living
    gone = Person.objects().where(Person.email_folded == email, Person.deleted_at.is_not_null())
    found: Person | None = await gone.order_by(Person.deleted_at, ascending=False).first()
    return found


def _of(customer: UUID) -> Any:
    return AddressBookEntry.customer == customer


async def entries_of(customer: UUID, *, search: str = "", by: UUID | None = None) -> list[Entry]:
    """
    Return what is in a customer's address book, by name; nothing of what others know of these people.

    With *by* only those to whom that person forwarded first.
    """
    words = fold(search).split()
    whose, values = (' AND b."by" = {}', [by]) if by is not None else ("", [])
    order = _NEWEST if words else f"{_NEWEST} LIMIT {SHOWN}"
    rows = await fetch(f"{_ENTRIES}{whose}{order}", current_tenant_id(), customer, *values)
    found = (_entry(row) for row in rows)
    wanted = (one for one in found if all(word in fold(f"{one.name} {one.email}") for word in words))
    return sorted(islice(wanted, SHOWN), key=lambda one: (fold(one.name), one.id))


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=as_uuid(row["id"]), email=row["email"], given_name=row["given_name"], family_name=row["family_name"]
    )


async def books_of(people: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return in whose address books people stand, and since when, by the customer's name: for the back office."""
    wanted = list(people)
    if not wanted:
        return {}
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = await fetch(_BOOKS.format(places=", ".join(["{}"] * len(wanted))), current_tenant_id(), *wanted)
    for row in rows:
        found.setdefault(as_uuid(row["person"]), []).append(row)
    return found


async def recipients_at(customer: UUID) -> list[dict[str, Any]]:
    """Return who of a customer's address book is a recipient and nothing else, by name: for the back office."""
    rows = (
        await AddressBookEntry.select(
            AddressBookEntry.person.id.as_alias("id"),
            AddressBookEntry.person.given_name.as_alias("given_name"),
            AddressBookEntry.person.family_name.as_alias("family_name"),
            AddressBookEntry.person.email.as_alias("email"),
            AddressBookEntry.person.name_folded.as_alias("name_folded"),
        )
        .where(_of(customer), AddressBookEntry.person.state == RECIPIENT, AddressBookEntry.person.deleted_at.is_null())
        .order_by(AddressBookEntry.id, ascending=False)
        .limit(SHOWN)
    )
    for row in rows:
        row["name"] = f"{row['given_name']} {row['family_name']}".strip() or row["email"]
    return sorted(rows, key=lambda row: row["name_folded"])


# -- as the customer's own managers keep it ----------------------------------------------------------------------------


async def find_entry(*, customer: UUID, entry: UUID, by: Actor) -> Entry:
    """
    Return an entry of a company's address book, to who manages the company.

    Raises:
        NotPermittedError: *by* does not manage the company.
        NotFoundError: there is none.

    """
    require_seen(by, customer)
    if not manages(by, customer):
        raise NotPermittedError
    rows = await fetch(_ONE, current_tenant_id(), customer, entry)
    if not rows:
        raise NotFoundError
    return _entry(rows[0])


async def rename_entry(*, customer: UUID, entry: UUID, given_name: str, family_name: str, by: Actor) -> None:
    """
    Say who an address of the company's address book is.

    Raises as `find_entry` does, and:
        InvalidInputError: a name is too long.

    """
    names = {"given_name": " ".join(given_name.split()), "family_name": " ".join(family_name.split())}
    long = {key: [_("Use at most {n} characters.").format(n=LONGEST_NAME)] for key in names}
    wrong = {key: texts for key, texts in long.items() if len(names[key]) > LONGEST_NAME}
    if wrong:
        raise InvalidInputError(fields=wrong)
    async with transaction():
        found = await find_entry(customer=customer, entry=entry, by=by)
        if {"given_name": found.given_name, "family_name": found.family_name} == names:
            return
        await AddressBookEntry.update(names).where(AddressBookEntry.id == entry)
        await _written(customer, found, "renamed", by)


async def remove_entry(*, customer: UUID, entry: UUID, by: Actor) -> None:
    """
    Take an address out of the company's address book; a recipient who stands in no other is deleted.

    Raises as `find_entry` does.
    """
    async with transaction():
        await lock_tenant()
        found = await find_entry(customer=customer, entry=entry, by=by)
        row = await AddressBookEntry.objects().where(AddressBookEntry.id == entry).first()
        await AddressBookEntry.delete().where(AddressBookEntry.id == entry)
        await _written(customer, found, "removed", by)
        person = as_uuid(row.person) if row is not None else None
        if person is None or await AddressBookEntry.exists().where(AddressBookEntry.person == person):
            return
        alone = (Person.id == person) & (Person.state == RECIPIENT) & Person.deleted_at.is_null()
        if await Person.exists().where(alone):
            await delete_person(person=person)


async def _written(customer: UUID, entry: Entry, what: str, by: Actor) -> None:
    await write_activity(
        kind="core.address_book_changed", by=by, customer=customer, data={"email": entry.email, "what": what}
    )


# -- as others meet it -------------------------------------------------------------------------------------------------


async def recipient_with(email: str) -> Person | None:
    """Return the recipient who has an address, if somebody is that and nothing else."""
    try:
        wanted = normalise_email(email)
    except FormatError:
        return None
    found: Person | None = (
        await Person.objects()
        .where(Person.email_folded == wanted, Person.state == RECIPIENT, Person.deleted_at.is_null())
        .first()
    )
    return found


async def first_customer_of(person: UUID) -> UUID | None:
    """Return the open customer in whose address book somebody stood first."""
    row = (
        await AddressBookEntry.select(AddressBookEntry.customer)
        .where(AddressBookEntry.person == person, AddressBookEntry.customer.closed_at.is_null())
        .order_by(AddressBookEntry.id)
        .first()
    )
    return as_uuid(row["customer"]) if row is not None else None
