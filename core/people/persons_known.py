"""What is known of a person, and what may be typed about her."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.contributions import Reach
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.formats import FormatError, normalise_email
from core.i18n import LANGUAGES, Translator
from core.people.actor import actor_or_none
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot
from core.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from core.contributions import Audience
    from core.i18n import LazyString

_ = Translator("core")

LONGEST_NAME = 100
REQUIRE_DETAIL = "people.require_contact_detail"


class EmailTakenError(InvalidInputError):
    """Somebody of the tenant has this e-mail address: `person` is who, `pending` tells of an open registration."""

    def __init__(self, *, person: UUID, name: str, pending: bool = False) -> None:
        self.person, self.name, self.pending = person, name, pending
        text = (
            _("{name} has registered with this address already. Approve that registration instead of adding a contact.")
            if pending
            else _("{name} has this e-mail address already.")
        ).format(name=name)
        super().__init__(fields={"email": [text]})


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


async def find_person(person: UUID, *, kind: Audience | None = None) -> Person:
    """
    Return a living person of the tenant.

    Raises:
        NotFoundError: there is none with that id, or she is of another kind.

    """
    found = await Person.objects().where(Person.id == person, Person.deleted_at.is_null()).first()
    if found is None or (kind is not None and found.kind != kind.value):
        raise NotFoundError
    return found


async def checked(details: Details, *, person: UUID, contact: bool) -> Details:
    """Return *details* as they are stored, or raise InvalidInputError with what is wrong per field."""
    clean = Details(
        given_name=" ".join(details.given_name.split()),
        family_name=" ".join(details.family_name.split()),
        email=details.email.strip(),
        phone=" ".join(details.phone.split()),
        mobile=" ".join(details.mobile.split()),
        other_contact=" ".join(details.other_contact.split()),
        language=details.language or None,
    )
    fields = _wrong_texts(clean)
    if clean.email:
        try:
            clean = replace(clean, email=normalise_email(clean.email))
            await refuse_taken(clean.email, person)
        except FormatError as error:
            fields["email"] = [error.message]
    if contact and not (clean.phone or clean.mobile or clean.other_contact):
        tenant = await load_snapshot(current_tenant_id())
        if tenant.setting(REQUIRE_DETAIL):
            fields["phone"] = [_("Give at least one: telephone, mobile, or another way to reach the person.")]
    if fields:
        raise InvalidInputError(fields=fields)
    return clean


def _wrong_texts(clean: Details) -> dict[str, list[LazyString]]:
    fields: dict[str, list[LazyString]] = {}
    if not clean.given_name:
        fields["given_name"] = [_("Give the first name.")]
    if not clean.family_name:
        fields["family_name"] = [_("Give the last name too.")]
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
        registered = other.state == "pending" and other.source == "registration"
        raise EmailTakenError(person=other.id, name=full_name(other), pending=registered)


def is_self(person: UUID) -> bool:
    """Whether *person* is who acts."""
    actor = actor_or_none()
    return actor is not None and actor.person == person


def name_of(details: Details) -> str:
    """Return the whole name."""
    return f"{details.given_name} {details.family_name}".strip()


def sorted_name(details: Details) -> str:
    """Return the name as lists sort and searches find it: family name first."""
    return fold(f"{details.family_name} {details.given_name}")
