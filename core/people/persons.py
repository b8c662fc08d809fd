"""People known to a tenant: contacts of customers, and staff."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.accounts.invitations import create_login, detach_account, end_access, invite_person
from core.contributions import Audience, Reach
from core.db import UniqueViolationError, transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.formats import FormatError, normalise_email
from core.i18n import LANGUAGES, Translator
from core.people.actor import actor_or_none
from core.people.customers import CustomerClosedError, find_customer, is_closed
from core.people.roles import has_administrator, keep_administrator, lock_tenant
from core.people.tables import Membership, Person, Project, ProjectPerson, Role
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")

LONGEST_NAME = 100
THEMES = ("auto", "light", "dark")
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


async def add_contact(
    *,
    details: Details,
    seats: Sequence[Seat] = (),
    projects: Collection[UUID] = (),
    person: UUID | None = None,
    source: str = "staff",
) -> UUID:
    """
    Add a contact to the address book and return her id; nothing is sent. The same *person* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody of the tenant has the address.
        NotFoundError: a customer, role or project is not one of the tenant.

    """
    person = person or uuid7()
    async with transaction():
        if await Person.exists().where(Person.id == person):
            return person
        clean = await _checked(details, person=person, contact=True)
        await _insert(person, clean, kind=Audience.CONTACT, source=source)
        for seat in seats:
            await _seat(person, seat, None)
        if projects:
            await _assign(person, {seat.customer for seat in seats}, set(projects))
        await write_activity(
            kind="core.person_added",
            customer=seats[0].customer if seats else None,
            data={"person": str(person), "name": _name(clean), "kind": "contact", "source": source},
        )
    return person


async def add_staff(*, details: Details, role: UUID, person: UUID | None = None) -> UUID:
    """
    Add a member of the tenant's staff and return the id; nothing is sent. The same *person* id again adds nothing.

    Raises:
        InvalidInputError: something of it cannot be used; staff need an e-mail address.
        EmailTakenError: somebody of the tenant has the address.
        NotFoundError: the role is none for staff.

    """
    person = person or uuid7()
    async with transaction():
        if await Person.exists().where(Person.id == person):
            return person
        clean = await _checked(details, person=person, contact=False)
        if not clean.email:
            raise InvalidInputError(fields={"email": [_("Without an e-mail address nobody can be invited.")]})
        await _role_for(role, Audience.STAFF)
        await _insert(person, clean, kind=Audience.STAFF, source="staff", role=role)
        await write_activity(
            kind="core.person_added", data={"person": str(person), "name": _name(clean), "kind": "staff"}
        )
    return person


async def _insert(person: UUID, clean: Details, *, kind: Audience, source: str, role: UUID | None = None) -> None:
    row = Person(
        id=person,
        kind=kind.value,
        email=clean.email or None,
        email_folded=clean.email or None,
        given_name=clean.given_name,
        family_name=clean.family_name,
        name_folded=_sorted_name(clean),
        phone=clean.phone or None,
        mobile=clean.mobile or None,
        other_contact=clean.other_contact or None,
        language=clean.language,
        staff_role=role,
        source=source,
    )
    try:
        async with transaction():
            await Person.insert(row)
    except UniqueViolationError:
        await _refuse_taken(clean.email, person)
        raise


async def edit_person(*, person: UUID, details: Details) -> bool:
    """
    Change what is known of a person; return whether her access had to start anew.

    Another e-mail address parts her from her account: whoever reads the new address must not inherit it. Where she had
    access, the new address is invited.

    Raises:
        NotFoundError: no such person.
        InvalidInputError: something of it cannot be used.
        EmailTakenError: somebody else of the tenant has the address.

    """
    async with transaction():
        found = await find_person(person)
        clean = await _checked(details, person=person, contact=found.kind == "contact")
        if found.kind == "staff" and not clean.email:
            raise InvalidInputError(fields={"email": [_("Staff need an e-mail address.")]})
        after = {
            "email": clean.email or None,
            "email_folded": clean.email or None,
            "given_name": clean.given_name,
            "family_name": clean.family_name,
            "name_folded": _sorted_name(clean),
            "phone": clean.phone or None,
            "mobile": clean.mobile or None,
            "other_contact": clean.other_contact or None,
            "language": clean.language,
        }
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return False
        moves = "email" in changed and (has_account(found) or found.state in {"invited", "active"})
        if moves and _is_self(person):
            raise OwnAccessError
        had_administrator = await has_administrator() if moves and found.kind == "staff" else False
        try:
            async with transaction():
                await Person.update(after).where(Person.id == person)
        except UniqueViolationError:
            await _refuse_taken(clean.email, person)
            raise
        shown = [name for name in changed if name not in {"email_folded", "name_folded"}]
        await write_activity(
            kind="core.person_edited",
            data={"person": str(person), "name": _name(clean), "changed": shown, "access_renewed": moves},
        )
        if moves:
            await detach_account(person=person)
            await keep_administrator(before=had_administrator)
            if clean.email and found.state in {"invited", "active"}:
                await _invite(person, _name(clean))
    return moves


async def edit_own_profile(*, person: UUID, details: Details) -> None:
    """
    Change one's own data; the e-mail address is not among them, for it is the key to the account.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_person(person)
        kept = replace(details, email=found.email or "")
        clean = await _checked(kept, person=person, contact=found.kind == "contact")
        after = {
            "given_name": clean.given_name,
            "family_name": clean.family_name,
            "name_folded": _sorted_name(clean),
            "phone": clean.phone or None,
            "mobile": clean.mobile or None,
            "other_contact": clean.other_contact or None,
            "language": clean.language,
        }
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return
        await Person.update(after).where(Person.id == person)
        shown = [name for name in changed if name != "name_folded"]
        await write_activity(kind="core.profile_edited", data={"person": str(person), "changed": shown})


async def choose_theme(*, person: UUID, theme: str) -> None:
    """
    Set how pages look for a person.

    Raises:
        InvalidInputError: there is no such look.

    """
    if theme not in THEMES:
        raise InvalidInputError(fields={"theme": [_("Choose one from the list.")]})
    await Person.update({Person.theme: theme}).where(Person.id == person)


async def choose_language(*, person: UUID, language: str | None) -> None:
    """
    Set a person's own language; None means the portal's.

    Raises:
        InvalidInputError: the portal does not have it.

    """
    if language is not None and language not in LANGUAGES:
        raise InvalidInputError(fields={"language": [_("Choose one from the list.")]})
    await Person.update({Person.language: language}).where(Person.id == person)


# -- access ------------------------------------------------------------------------------------------------------------


async def send_invitation(*, person: UUID) -> None:
    """
    Invite a person, or once more: earlier invitations stop working.

    Raises:
        NotFoundError: no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated, or has access already.

    """
    async with transaction():
        found = await find_person(person)
        await _invite(person, full_name(found))


async def _invite(person: UUID, name: str) -> None:
    await invite_person(person=person)
    await write_activity(kind="core.person_invited", data={"person": str(person), "name": name})


async def give_login(*, person: UUID) -> None:
    """
    Make a login for a person; nothing is sent, and who has one keeps it.

    Raises:
        NotFoundError: no such person.
        InvalidInputError: she has no e-mail address.
        WrongStateError: she is deactivated.

    """
    async with transaction():
        found = await find_person(person)
        if await create_login(person=person) != found.account:
            await write_activity(
                kind="core.person_edited",
                data={"person": str(person), "name": full_name(found), "changed": ["account"]},
            )


async def deactivate_person(*, person: UUID) -> None:
    """
    End a person's access at once: sessions, links, sign-in. Her name stays where she acted.

    Raises:
        NotFoundError: no such person.
        OwnAccessError: it is oneself.
        LastAdministratorError: nobody could manage roles any more.

    """
    async with transaction():
        await lock_tenant()
        found = await find_person(person)
        if _is_self(person):
            raise OwnAccessError
        if found.state == "deactivated":
            return
        had_administrator = await has_administrator() if found.kind == "staff" else False
        await end_access(person=person)
        await Person.update({Person.state: "deactivated"}).where(Person.id == person)
        await keep_administrator(before=had_administrator)
        await write_activity(
            kind="core.person_deactivated",
            data={"person": str(person), "name": full_name(found), "before": found.state},
        )


async def reactivate_person(*, person: UUID) -> None:
    """
    Let a person in again. Who had set a password signs in with it, the others wait for an invitation.

    Raises:
        NotFoundError: no such person.

    """
    from core.accounts.tables import Account  # noqa: PLC0415 -- the state of her password is read only here

    async with transaction():
        found = await find_person(person)
        if found.state != "deactivated":
            return
        account = await Account.objects().where(Account.id == found.account).first() if has_account(found) else None
        state = "address_book"
        if account is not None:
            state = "active" if account.password_hash or account.password_state == "set" else "pending"  # noqa: S105 -- a state
        await Person.update({Person.state: state}).where(Person.id == person)
        await write_activity(kind="core.person_reactivated", data={"person": str(person), "name": full_name(found)})


# -- rights ------------------------------------------------------------------------------------------------------------


async def set_seat(*, person: UUID, seat: Seat, projects: Collection[UUID] | None = None) -> None:
    """
    Give a contact a place at a customer, or change it; *projects* (None leaves them) are those of that customer.

    Raises:
        NotFoundError: the person, customer, role or a project is not one of the tenant, or the person is no contact.
        CustomerClosedError: nobody new at a closed customer.

    """
    async with transaction():
        found = await find_person(person, kind=Audience.CONTACT)
        before = (
            await Membership.objects().where(Membership.person == person, Membership.customer == seat.customer).first()
        )
        await _seat(person, seat, before)
        if projects is not None:
            await _assign(person, {seat.customer}, set(projects))
        role = await _role_for(seat.role, Audience.CONTACT)
        await write_activity(
            kind="core.membership_changed",
            customer=seat.customer,
            data={"person": str(person), "name": full_name(found), "role": role.label, "reach": seat.reach.word},
        )


async def remove_seat(*, person: UUID, customer: UUID) -> None:
    """
    Take a contact's place at a customer away, with her projects there.

    Raises:
        NotFoundError: she has none there.

    """
    async with transaction():
        found = await find_person(person, kind=Audience.CONTACT)
        gone = (
            await Membership.delete()
            .where(Membership.person == person, Membership.customer == customer)
            .returning(Membership.id)
        )
        if not gone:
            raise NotFoundError
        await _assign(person, {customer}, set())
        await write_activity(
            kind="core.membership_changed",
            customer=customer,
            data={"person": str(person), "name": full_name(found), "removed": True},
        )


async def projects_at(*, person: UUID, customer: UUID) -> set[UUID]:
    """Return the projects of *customer* that the contact is assigned to."""
    there = {row["id"] for row in await Project.select(Project.id).where(Project.customer == customer)}
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    return {row["project"] for row in rows} & there


async def set_staff_role(*, person: UUID, role: UUID) -> None:
    """
    Give a member of the staff another role; it counts at the next request.

    Raises:
        NotFoundError: no such member of the staff, or no such role for staff.
        LastAdministratorError: nobody could manage roles any more.

    """
    async with transaction():
        await lock_tenant()
        found = await find_person(person, kind=Audience.STAFF)
        given = await _role_for(role, Audience.STAFF)
        if found.staff_role == role:
            return
        had_administrator = await has_administrator()
        await Person.update({Person.staff_role: role}).where(Person.id == person)
        await keep_administrator(before=had_administrator)
        await write_activity(
            kind="core.membership_changed", data={"person": str(person), "name": full_name(found), "role": given.label}
        )


async def _role_for(role: UUID, audience: Audience) -> Role:
    found = await Role.objects().where(Role.id == role, Role.audience == audience.value).first()
    if found is None:
        raise NotFoundError
    return found


async def _seat(person: UUID, seat: Seat, before: Membership | None) -> None:
    customer = await find_customer(seat.customer)
    await _role_for(seat.role, Audience.CONTACT)
    if before is not None:
        await Membership.update({Membership.role: seat.role, Membership.reach: seat.reach.word}).where(
            Membership.id == before.id
        )
        return
    if is_closed(customer):
        raise CustomerClosedError
    await Membership.insert(Membership(person=person, customer=seat.customer, role=seat.role, reach=seat.reach.word))


async def _assign(person: UUID, customers: set[UUID], projects: set[UUID]) -> None:
    """Make *projects* those that the person is assigned to among the projects of *customers*."""
    if not customers:
        return
    rows = await Project.select(Project.id).where(Project.customer.is_in(list(customers)))
    there = {row["id"] for row in rows}
    if not projects <= there:
        raise NotFoundError
    rows = await ProjectPerson.select(ProjectPerson.project).where(ProjectPerson.person == person)
    before = {row["project"] for row in rows} & there
    gone = before - projects
    if gone:
        await ProjectPerson.delete().where(ProjectPerson.person == person, ProjectPerson.project.is_in(list(gone)))
    fresh = [ProjectPerson(project=project, person=person) for project in sorted(projects - before)]
    if fresh:
        await ProjectPerson.insert(*fresh)


# -- what may be typed -------------------------------------------------------------------------------------------------


async def _checked(details: Details, *, person: UUID, contact: bool) -> Details:
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
            await _refuse_taken(clean.email, person)
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


async def _refuse_taken(email: str, person: UUID) -> None:
    other = (
        await Person.objects()
        .where(Person.email_folded == email, Person.id != person, Person.deleted_at.is_null())
        .first()
    )
    if other is not None:
        registered = other.state == "pending" and other.source == "registration"
        raise EmailTakenError(person=other.id, name=full_name(other), pending=registered)


def _is_self(person: UUID) -> bool:
    actor = actor_or_none()
    return actor is not None and actor.person == person


def _name(details: Details) -> str:
    return f"{details.given_name} {details.family_name}".strip()


def _sorted_name(details: Details) -> str:
    """Return the name as lists sort and searches find it: family name first."""
    return fold(f"{details.family_name} {details.given_name}")
