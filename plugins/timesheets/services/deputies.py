"""Who is asked in an approver's stead while she is away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from core.sdk import Translator, errors, imports, now, transaction, write_activity
from plugins.timesheets.permissions import APPROVE
from plugins.timesheets.queries import names_of
from plugins.timesheets.tables import Deputy

if TYPE_CHECKING:
    from core.sdk import Actor

_ = Translator("timesheets")

LONGEST = timedelta(days=366)


async def add_deputy(*, deputy: UUID, first_day: date, last_day: date, by: Actor, id: UUID | None = None) -> UUID:
    """
    Have a colleague asked for approval as well, from a day to a day; returns the id. The same *id* again adds nothing.

    The colleague approves by her own rights, so she must have them.

    Raises:
        NotPermittedError: the actor may approve nothing.
        InvalidInputError: the days make no sense, or the colleague may approve nothing at the actor's companies.

    """
    if by.person is None or not by.can(APPROVE):
        raise errors.NotPermittedError
    if last_day < first_day:
        raise errors.InvalidInputError(fields={"last_day": [_("The last day is before the first.")]})
    if last_day < by.tenant.today() or last_day - first_day > LONGEST:
        raise errors.InvalidInputError(fields={"last_day": [_("Choose days of the coming year.")]})
    colleagues = await candidates(by)
    if deputy not in colleagues:
        raise errors.InvalidInputError(fields={"deputy": [_("Choose a colleague who may approve hours herself.")]})
    async with transaction():
        if id is not None and await Deputy.exists().where(Deputy.id == id):
            return id
        row = Deputy(person=by.person, deputy=deputy, first_day=first_day, last_day=last_day)
        if id is not None:
            row.id = id
        await Deputy.insert(row)
        await write_activity(
            kind="timesheets.deputy_named",
            by=by,
            customer=by.places[0].customer if by.places else None,
            data={
                "deputy": colleagues[deputy],
                "first_day": first_day.isoformat(),
                "last_day": last_day.isoformat(),
            },
        )
        return row.id


async def end_deputy(*, deputy: UUID, by: Actor) -> None:
    """
    End one's own deputy's time now.

    Raises:
        NotFoundError: it is not the actor's, or has ended.

    """
    async with transaction():
        won = (
            await Deputy.update({Deputy.ended_at: now()})
            .where(Deputy.id == deputy, Deputy.person == by.person, Deputy.ended_at.is_null())
            .returning(Deputy.deputy)
        )
        if not won:
            raise errors.NotFoundError
        names = await names_of([won[0]["deputy"]])
        await write_activity(
            kind="timesheets.deputy_ended",
            by=by,
            customer=by.places[0].customer if by.places else None,
            data={"deputy": names.get(won[0]["deputy"], "")},
        )


async def candidates(by: Actor) -> dict[UUID, str]:
    """Return colleagues who may approve hours at one of the actor's companies, by id: their names."""
    found: dict[UUID, str] = {}
    for customer in by.reaches(APPROVE):
        found |= await imports.people_who(APPROVE, customer=customer)
    found.pop(by.person or UUID(int=0), None)
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


async def deputies_of(people: set[UUID], today: date) -> dict[UUID, set[UUID]]:
    """Return who stands in today for each of *people*."""
    if not people:
        return {}
    rows = await Deputy.select(Deputy.person, Deputy.deputy).where(
        Deputy.person.is_in(sorted(people)),
        Deputy.ended_at.is_null(),
        Deputy.first_day <= today,
        Deputy.last_day >= today,
    )
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row["person"], set()).add(row["deputy"])
    return found


async def own_deputies(by: Actor) -> list[Deputy]:
    """Return the actor's deputies who have not ended, the next first."""
    found: list[Deputy] = (
        await Deputy.objects()
        .where(Deputy.person == by.person, Deputy.ended_at.is_null(), Deputy.last_day >= by.tenant.today())
        .order_by(Deputy.first_day)
    )
    return found
