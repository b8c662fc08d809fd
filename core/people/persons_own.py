"""What people change of themselves: their data, their language, how pages look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.db import transaction
from core.errors import InvalidInputError
from core.i18n import LANGUAGES, Translator
from core.people.persons_known import checked, find_person, sorted_name
from core.people.tables import Person
from core.records.activity import write_activity

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.persons_known import Details

_ = Translator("core")

THEMES = ("auto", "light", "dark")


async def edit_own_profile(*, person: UUID, details: Details) -> None:
    """
    Change one's own data; the e-mail address is not among them, for it is the key to the account.

    Raises:
        InvalidInputError: something of it cannot be used.

    """
    async with transaction():
        found = await find_person(person)
        kept = replace(details, email=found.email or "", tax_id=None)
        clean = await checked(kept, person=person, contact=found.kind == "contact")
        after = {
            "given_name": clean.given_name,
            "family_name": clean.family_name,
            "name_folded": sorted_name(clean),
            "phone": clean.phone or None,
            "mobile": clean.mobile or None,
            "other_contact": clean.other_contact or None,
            "language": clean.language,
        }
        changed = sorted(name for name, value in after.items() if getattr(found, name) != value)
        if not changed:
            return
        await Person.update({**after, Person.version: Person.version + 1}).where(Person.id == person)
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
