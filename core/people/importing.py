"""Lists of people from the tenant's own system, as sheets or text: good rows in, the others named with their reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.contributions import Audience, ImportResult, Reach
from core.errors import DomainError, InvalidInputError
from core.formats import FormatError, normalise_email
from core.i18n import LANGUAGES, LazyString, Translator
from core.imports import SheetError, one_item, running
from core.people.importing_customers import RowError, customer_of
from core.people.importing_files import read_people
from core.people.importing_words import REACH_WORDS
from core.people.persons import Details, Seat, add_contact, edit_person, find_person, projects_at, set_seat
from core.people.persons_known import is_recipient
from core.people.presets import PRESETS
from core.people.roles import roles_for
from core.people.tables import Membership, Person, Project
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path
    from uuid import UUID

_ = Translator("core")

DEFAULT_ROLE = "viewer"


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of a list refer to."""

    roles: dict[str, UUID]
    create_customers: bool


async def import_people(
    *, files: Sequence[Path], create_customers: bool = False, way: str = "command"
) -> AsyncIterator[ImportResult]:
    """
    Read contacts from *files*; one result per row. A row whose e-mail is known changes that contact.

    Each row is all or nothing; a row that is refused does not stop the others. Nothing is sent to anybody.
    """
    known = await known_here(create_customers=create_customers)
    async with running(kind="people", way=way) as run:  # type: ignore[arg-type]  # command, page or api
        for file in files:
            try:
                rows = read_people(file)
            except SheetError as error:
                result = ImportResult(place=file.name, outcome="refused", reason=error.message)
                async with one_item():
                    await run.count(result)
                yield result
                continue
            for number, row in rows:
                place = f"{file.name}:{number}"
                result = await one_row(row, place, known)
                async with one_item():
                    await run.count(result)
                yield result


async def known_here(*, create_customers: bool) -> Known:
    """Return what the rows of a list may refer to at this tenant."""
    return Known(await _roles_by_word(), create_customers)


async def one_row(row: dict[str, str], place: str, known: Known) -> ImportResult:
    """Take a row in, all of it or nothing."""
    try:
        async with one_item():
            return ImportResult(place=place, outcome=await take_in(row, known))
    except DomainError as error:
        return ImportResult(place=place, outcome="refused", reason=reason_of(error))


def reason_of(error: DomainError) -> LazyString:
    """Return one sentence of what is wrong with a row."""
    if isinstance(error, InvalidInputError):
        for reasons in error.fields.values():
            return reasons[0]
    return error.message


# -- rows --------------------------------------------------------------------------------------------------------------


async def take_in(row: dict[str, str], known: Known) -> Any:
    """Add or change the contact of a row; return what became of it."""
    given, family = _names(row)
    email = row.get("email", "")
    if email:
        try:
            email = normalise_email(email)
        except FormatError as error:
            raise RowError("email", error.message) from error
    language = _language(row.get("language", ""))
    seat, projects = await _seat(row, known)
    details = Details(
        given_name=given,
        family_name=family,
        email=email,
        phone=row.get("phone", ""),
        mobile=row.get("mobile", ""),
        other_contact=row.get("other_contact", ""),
        language=language,
    )
    person = await _existing(details, seat)
    if person is None or is_recipient(person):
        recipient = person.id if person is not None else None
        seats = [seat] if seat else []
        await add_contact(details=details, seats=seats, projects=projects, person=recipient, source="import")
        return "created" if recipient is None else "updated"
    if person.kind != Audience.CONTACT.value:
        raise RowError("email", _("{email} belongs to somebody of the staff.").format(email=email))
    return "updated" if await _change(person, details, seat, projects, row) else "unchanged"


async def _change(
    person: Person, details: Details, seat: Seat | None, projects: set[UUID], row: dict[str, str]
) -> bool:
    """Change a contact to what the row says; empty cells leave what is known."""
    changed = False
    merged = replace(
        details,
        email=person.email or "",
        phone=details.phone or person.phone or "",
        mobile=details.mobile or person.mobile or "",
        other_contact=details.other_contact or person.other_contact or "",
        language=details.language or person.language,
    )
    before = (person.given_name, person.family_name, person.phone, person.mobile, person.other_contact, person.language)
    await edit_person(person=person.id, details=merged)
    now = await find_person(person.id)
    changed = before != (now.given_name, now.family_name, now.phone, now.mobile, now.other_contact, now.language)
    if seat is None:
        return changed
    held = (
        await Membership.objects().where(Membership.person == person.id, Membership.customer == seat.customer).first()
    )
    wanted = seat
    if held is not None:
        wanted = replace(
            seat,
            role=seat.role if row.get("role") else held.role,
            reach=seat.reach if row.get("reach") else Reach.parse(held.reach),
        )
    assigned = await projects_at(person=person.id, customer=seat.customer)
    same = held is not None and (held.role, held.reach) == (wanted.role, wanted.reach.word) and projects <= assigned
    if same:
        return changed
    await set_seat(person=person.id, seat=wanted, projects=assigned | projects)
    return True


def _names(row: dict[str, str]) -> tuple[str, str]:
    given, family = row.get("given_name", ""), row.get("family_name", "")
    if bool(given) != bool(family) and not row.get("name"):
        return _split(given or family)
    if given or family:
        return given, family
    return _split(row.get("name", ""))


def _split(name: str) -> tuple[str, str]:
    """Return given and family name: “López Díaz, Ana” or “Ana López Díaz”."""
    family, comma, given = name.partition(",")
    if comma:
        return given.strip(), family.strip()
    first, _blank, rest = " ".join(name.split()).partition(" ")
    return first, rest


def _language(text: str) -> str | None:
    if not text:
        return None
    wanted = fold(text).replace("_", "-")
    for code, language in LANGUAGES.items():
        if wanted in {code.lower().replace("_", "-"), language.html.lower(), fold(language.name)}:
            return code
    raise RowError("language", _("“{text}” is no language of the portal.").format(text=text))


async def _existing(details: Details, seat: Seat | None) -> Person | None:
    """Return whom the row is about: by e-mail, and without one by the name at the same customer."""
    if details.email:
        found: Person | None = (
            await Person.objects().where(Person.email_folded == details.email, Person.deleted_at.is_null()).first()
        )
        return found
    if seat is None:
        return None
    members = await Membership.select(Membership.person).where(Membership.customer == seat.customer)
    if not members:
        return None
    return (
        await Person.objects()
        .where(
            Person.id.is_in([row["person"] for row in members]),
            Person.name_folded == fold(f"{details.family_name} {details.given_name}"),
            Person.email_folded.is_null(),
            Person.deleted_at.is_null(),
        )
        .first()
    )


async def _seat(row: dict[str, str], known: Known) -> tuple[Seat | None, set[UUID]]:
    customer = await customer_of(row, create=known.create_customers)
    if customer is None:
        return None, set()
    role = row.get("role") or DEFAULT_ROLE
    if fold(role) not in known.roles:
        raise RowError("role", _("There is no role “{text}”.").format(text=role))
    reach = Reach.COMPANY
    if row.get("reach"):
        found = REACH_WORDS.get(fold(row["reach"]))
        if found is None:
            raise RowError(
                "reach", _("“{text}” is no reach: own, projects, company or group.").format(text=row["reach"])
            )
        reach = found
    seat = Seat(customer=customer, role=known.roles[fold(role)], reach=reach)
    return seat, await _projects(customer, row.get("projects", ""))


async def _projects(customer: UUID, text: str) -> set[UUID]:
    """Return the customer's projects that *text* names or numbers."""
    if not text:
        return set()
    rows = await Project.select(Project.id, Project.name_folded, Project.number, Project.external_id).where(
        Project.customer == customer
    )
    by_word = {
        fold(word): row["id"]
        for row in rows
        for word in (row["external_id"], row["number"], row["name_folded"])
        if word
    }
    whole = by_word.get(fold(text))
    if whole is not None:
        return {whole}
    found = set()
    for part in re.split(r"[;,|\n]", text):
        if not part.strip():
            continue
        project = by_word.get(fold(part))
        if project is None:
            raise RowError("projects", _("The customer has no project “{text}”.").format(text=part.strip()))
        found.add(project)
    return found


async def _roles_by_word() -> dict[str, UUID]:
    """Return the roles for contacts by key, by their names here, and by the presets' names in every language."""
    found: dict[str, UUID] = {}
    roles = await roles_for(Audience.CONTACT)
    for role in roles:
        if role.preset is not None:
            found[fold(role.preset)] = role.id
            for language in LANGUAGES:
                found.setdefault(fold(PRESETS[role.preset].label.in_language(language)), role.id)
    for role in roles:
        found[fold(role.label)] = role.id
    return found
