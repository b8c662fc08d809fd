"""Asking for approval, asking again, and asking somebody else: by the tenant's rule, never twice the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from piccolo.querystring import QueryString

from core.sdk import Reach, beyond_reach, imports, now, records, transaction, write_activity
from plugins.timesheets.permissions import APPROVE
from plugins.timesheets.preferences import ASKS, ESCALATE_AFTER, SECOND_AFTER
from plugins.timesheets.services.deputies import deputies_of
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry, Reminder
from plugins.timesheets.values import first_day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTLES = timedelta(minutes=10)
"""How long entries lie still before somebody is asked: lists come in pieces."""


class ReminderStep(StrEnum):
    """How often somebody has been asked."""

    FIRST = "first"
    SECOND = "second"
    ESCALATION = "escalation"


KINDS = {
    ReminderStep.FIRST: "timesheets.approval_requested",
    ReminderStep.SECOND: "timesheets.approval_reminded",
    ReminderStep.ESCALATION: "timesheets.approval_escalated",
}


@dataclass(slots=True)
class _Waiting:
    """What waits of a customer's week: for each person how many entries and seconds she could approve."""

    since: datetime
    latest: datetime
    near: dict[UUID, list[int]] = field(default_factory=dict)
    """Those whose own projects or entries these are."""
    far: dict[UUID, list[int]] = field(default_factory=dict)
    """Those who could approve all of the company."""


async def remind() -> None:
    """Ask whom the tenant's rule says is to be asked now; run again it asks nobody twice."""
    tenant = await imports.tenant()
    if not tenant.setting(ASKS):
        return
    present = now()
    second = timedelta(days=tenant.setting(SECOND_AFTER))
    escalate = timedelta(days=tenant.setting(ESCALATE_AFTER))
    for (customer, week), waiting in (await _all_waiting()).items():
        if present - waiting.latest < SETTLES:
            continue
        first, others = (waiting.near, waiting.far) if waiting.near else (waiting.far, {})
        everybody = {**waiting.near, **waiting.far}
        asked_at = await _first_asked(customer, week)
        await _ask(customer, week, ReminderStep.FIRST, first, everybody)
        if asked_at is None:  # what has waited for long before anybody was asked is no reason to press
            continue
        since = max(waiting.since, asked_at)
        if present - since >= second:
            await _ask(customer, week, ReminderStep.SECOND, first, everybody)
        if others and present - since >= escalate:
            await _ask(customer, week, ReminderStep.ESCALATION, others, everybody)


async def remind_now() -> int:
    """Remind everybody for whom something waits, now, by staff; returns how many people. At most once a day each."""
    reached: set[UUID] = set()
    for (customer, week), waiting in (await _all_waiting()).items():
        async with transaction():
            await imports.wait_for_others()  # the button pressed twice: the second finds what the first has noted
            lately = await _reminded_lately(customer, week)
            people = {person: tally for person, tally in (waiting.near or waiting.far).items() if person not in lately}
            for person in people:
                if not await _note(customer, week, ReminderStep.SECOND, person):
                    await Reminder.update({Reminder.at: now()}).where(
                        Reminder.customer == customer,
                        Reminder.week == week,
                        Reminder.step == ReminderStep.SECOND.value,
                        Reminder.person == person,
                    )
            await _tell(customer, week, ReminderStep.SECOND, people)
        reached.update(people)
    return len(reached)


async def _first_asked(customer: UUID, week: int) -> datetime | None:
    """Return when somebody was first asked for a customer's week."""
    found = (
        await Reminder.select(Reminder.at)
        .where(Reminder.customer == customer, Reminder.week == week, Reminder.step == ReminderStep.FIRST.value)
        .order_by(Reminder.at)
        .first()
    )
    return None if found is None else found["at"]


async def _reminded_lately(customer: UUID, week: int) -> set[UUID]:
    rows = await Reminder.select(Reminder.person).where(
        Reminder.customer == customer, Reminder.week == week, Reminder.at >= now() - timedelta(days=1)
    )
    return {row["person"] for row in rows}


async def _all_waiting() -> dict[tuple[UUID, int], _Waiting]:
    """Add up what waits by customer and week, and ask who could approve it, once for each project and addressee."""
    with beyond_reach("reminders: all that waits, to find out who is to be asked"):
        rows: list[dict[str, Any]] = (
            await Entry.select(
                Entry.customer,
                Entry.project,
                Entry.addressee,
                Entry.week,
                QueryString("min(CAST({} AS text))", Entry.id, alias="one"),
                QueryString("count(*)", alias="n"),
                QueryString("sum({})", Entry.worked_seconds, alias="seconds"),
                QueryString("min({})", Entry.changed_at, alias="since"),
                QueryString("max({})", Entry.changed_at, alias="latest"),
            )
            .where(Entry.state == EntryState.FOR_APPROVAL.value)
            .group_by(Entry.customer, Entry.project, Entry.addressee, Entry.week)
            .order_by(Entry.week, Entry.customer)
        )
    who: dict[tuple[UUID, UUID | None, UUID | None], dict[UUID, Reach]] = {}
    found: dict[tuple[UUID, int], _Waiting] = {}
    for row in rows:
        whose = row["customer"], row["project"], row["addressee"]
        if whose not in who:
            who[whose] = await _approvers(UUID(str(row["one"])))
        since, latest = _instant(row["since"]), _instant(row["latest"])
        waiting = found.setdefault((row["customer"], row["week"]), _Waiting(since, latest))
        waiting.since, waiting.latest = min(waiting.since, since), max(waiting.latest, latest)
        for person, reach in who[whose].items():
            tally = (waiting.far if reach >= Reach.COMPANY else waiting.near).setdefault(person, [0, 0])
            tally[0] += int(row["n"])
            tally[1] += int(row["seconds"])
    return found


def _instant(value: datetime | str) -> datetime:
    """Return an instant that a function gave: SQLite gives the text that is stored."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


async def _approvers(entry: UUID) -> dict[UUID, Reach]:
    with beyond_reach("reminders: asks who could approve an entry"):
        found = await Entry.objects().where(Entry.id == entry).first()
    return await records.audience(found, APPROVE) if found is not None else {}


async def _ask(
    customer: UUID,
    week: int,
    step: ReminderStep,
    people: Mapping[UUID, list[int]],
    everybody: Mapping[UUID, list[int]],
) -> None:
    """Ask *people*, and those of their deputies who could approve something of it themselves: *everybody*."""
    if not people:
        return
    tenant = await imports.tenant()
    stand_ins = await deputies_of(set(people), tenant.today())
    asked = dict(people)
    for deputies in stand_ins.values():
        for deputy in deputies:
            if deputy in everybody:
                asked.setdefault(deputy, everybody[deputy])
    async with transaction():
        new = {person: tally for person, tally in asked.items() if await _note(customer, week, step, person)}
        await _tell(customer, week, step, new)


async def _note(customer: UUID, week: int, step: ReminderStep, person: UUID) -> bool:
    row = Reminder(customer=customer, week=week, step=step.value, person=person, at=now())
    return bool(await Reminder.insert(row).on_conflict(action="DO NOTHING"))


async def _tell(customer: UUID, week: int, step: ReminderStep, people: Mapping[UUID, list[int]]) -> None:
    """Write one activity for all who have the same to do."""
    by_tally: dict[tuple[int, int], list[UUID]] = defaultdict(list)
    for person, (count, seconds) in people.items():
        by_tally[count, seconds].append(person)
    monday = first_day_of(week)
    for (count, seconds), persons in sorted(by_tally.items()):
        await write_activity(
            kind=KINDS[step],
            customer=customer,
            data={
                "to": sorted(str(person) for person in persons),
                "path": f"/timesheets?period={week // 100}-W{week % 100:02}&state=for_approval",
                "count": count,
                "hours": {"seconds": seconds},
                "first_day": monday.isoformat(),
                "last_day": (monday + timedelta(days=6)).isoformat(),
            },
        )
