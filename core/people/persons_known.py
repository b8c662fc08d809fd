"""What is known of a person, and what may be typed about her."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.contributions import Reach
from core.errors import InvalidInputError, NotFoundError, StaleError, WrongStateError
from core.formats import FormatError, normalise_email
from core.i18n import LANGUAGES, Translator
from core.people.actor import actor_or_none
from core.people.contact_options import required_of
from core.people.personal_numbers import check_personal_number
from core.people.tables import RECIPIENT, Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from core.contributions import Audience
    from core.i18n import LazyString
    from core.people.contact_options import Required

_ = Translator("core")

LONGEST_NAME = 100


class EmailTakenError(InvalidInputError):
    """Somebody has this e-mail address: `person` of the tenant, or who waits with a `registration` (`pending`)."""

    def __init__(self, *, person: UUID | None = None, name: str, registration: UUID | None = None) -> None:
        self.person, self.name, self.registration = person, name, registration
        self.pending = pending = registration is not None
        text = (
            _("{name} has registered with this address already. Approve that registration instead of adding a contact.")
            if pending
            else _("{name} has this e-mail address already.")
        ).format(name=name)
        super().__init__(fields={"email": [text]})


class ChangedMeanwhileError(StaleError):
    """Somebody changed the person after she was shown."""

    default = _("Somebody changed this person while you were typing. See what is different, then save again.")


class RecipientError(WrongStateError):
    """Somebody is in address books only: the form of contacts comes first."""

    default = _("This contact is in an address book only. Give access with the form of contacts first.")


class OwnAccessError(WrongStateError):
    """Nobody closes the own door."""

    default = _("You cannot do this to yourself. Ask a colleague.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of a person. Texts are empty where nothing is known."""

    given_name: str
    family_name: str
    email: str = ""
    phone: str = ""
    mobile: str = ""
    other_contact: str = ""
    tax_id: str | None = None
    """None leaves what is known: not every form shows it."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A contact's place at a customer: her role there, and how far it goes."""

    customer: UUID
    role: UUID
    reach: Reach = Reach.COMPANY


def full_name(person: Person) -> str:
    """Return given and family name, or the e-mail address of who has none."""
    return f"{person.given_name} {person.family_name}".strip() or person.email or ""


def has_account(person: Person) -> bool:
    """Whether she has a login, used or not."""
    return person.account is not None


def is_recipient(person: Person) -> bool:
    """Whether she is known from forwarded documents only: no place, no account, no way to get one by itself."""
    return person.state == RECIPIENT


async def find_person(person: UUID, *, kind: Audience | None = None) -> Person:
    """
    Return a living person of the tenant.

    Raises:
        NotFoundError: there is none with that id, or she is of another kind.

    """
    found = await find_living(person)
    if found is None or (kind is not None and found.kind != kind.value):
        raise NotFoundError
    return found


async def find_living(person: UUID) -> Person | None:
    """Return a living person of the tenant, or None."""
    found: Person | None = await Person.objects().where(Person.id == person, Person.deleted_at.is_null()).first()
    return found


async def checked(details: Details, *, person: UUID, contact: bool, recipient: bool = False) -> Details:
    """
    Return *details* as they are stored, or raise InvalidInputError with what is wrong per field.

    Of a *recipient* of forwarded documents nothing must be known but the address.
    """
    clean = tidied(details)
    tenant = await load_snapshot(current_tenant_id())
    fields = wrong_texts(clean)
    if not recipient:
        fields |= missing(clean, required_of(tenant) if contact else "onvio")
    elif not clean.email:
        fields["email"] = [_("Without an address nobody is in an address book. Delete the contact instead.")]
    if clean.email:
        try:
            clean = replace(clean, email=normalise_email(clean.email))
            await refuse_taken(clean.email, person)
        except FormatError as error:
            fields["email"] = [error.message]
    if clean.tax_id:
        try:
            clean = replace(clean, tax_id=check_personal_number(clean.tax_id, country=tenant.country))
        except InvalidInputError as error:
            fields |= error.fields
    if fields:
        raise InvalidInputError(fields=fields)
    return clean


def tidied(details: Details) -> Details:
    """Return *details* without surplus blanks."""
    return Details(
        given_name=" ".join(details.given_name.split()),
        family_name=" ".join(details.family_name.split()),
        email=details.email.strip(),
        phone=" ".join(details.phone.split()),
        mobile=" ".join(details.mobile.split()),
        other_contact=" ".join(details.other_contact.split()),
        tax_id=details.tax_id.strip() if details.tax_id is not None else None,
        language=details.language or None,
    )


def missing(clean: Details, required: Required) -> dict[str, Sequence[LazyString]]:
    """Return what must be known by a preset and is not, per field."""
    fields: dict[str, Sequence[LazyString]] = {}
    if not clean.given_name:
        fields["given_name"] = [_("Give the first name.")]
    if not clean.family_name and required != "simple":
        fields["family_name"] = [_("Give the last name too.")]
    if required == "memoq" and not (clean.phone or clean.mobile or clean.other_contact):
        fields["phone"] = [_("Give at least one: telephone, mobile, or another way to reach the person.")]
    return fields


def wrong_texts(clean: Details) -> dict[str, Sequence[LazyString]]:
    """Return which texts are too long, or none to choose from."""
    fields: dict[str, Sequence[LazyString]] = {}
    for name in ("given_name", "family_name", "phone", "mobile", "other_contact"):
        if len(getattr(clean, name)) > LONGEST_NAME:
            fields[name] = [_("Use at most {n} characters.").format(n=LONGEST_NAME)]
    if clean.language is not None and clean.language not in LANGUAGES:
        fields["language"] = [_("Choose one from the list.")]
    return fields


async def refuse_taken(email: str, person: UUID) -> None:
    """Raise EmailTakenError where somebody but *person* has the address."""
    other = (
        await Person.objects()
        .where(Person.email_folded == email, Person.id != person, Person.deleted_at.is_null())
        .first()
    )
    if other is not None:
        raise EmailTakenError(person=other.id, name=full_name(other))


def is_self(person: UUID) -> bool:
    """Whether *person* is who acts."""
    actor = actor_or_none()
    return actor is not None and actor.person == person


def name_of(details: Details) -> str:
    """Return the whole name."""
    return f"{details.given_name} {details.family_name}".strip()


def sorted_name(details: Details) -> str:
    """Return the name as lists sort and searches find it: family name first."""
    return fold(f"{details.family_name} {details.given_name}".strip() or details.email)
