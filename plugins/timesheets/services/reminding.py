"""Asking for approval, asking again, and asking somebody else: by the tenant's rule, never twice the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Reach, Translator, beyond_reach, imports, now, records, transaction, write_activity
from plugins.timesheets.permissions import APPROVE
from plugins.timesheets.preferences import ASKS, ESCALATE_AFTER, SECOND_AFTER
from plugins.timesheets.services.deputies import deputies_of
from plugins.timesheets.states import EntryState
from plugins.timesheets.tables import Entry, Reminder
from plugins.timesheets.values import first_day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = Translator("timesheets")

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
        await _ask(customer, week, ReminderStep.FIRST, first)
        if present - waiting.since >= second:
            await _ask(customer, week, ReminderStep.SECOND, first)
        if others and present - waiting.since >= escalate:
            await _ask(customer, week, ReminderStep.ESCALATION, others)


async def remind_now() -> int:
    """Remind everybody for whom something waits, now, by staff; returns how many people. At most once a day each."""
    reached: set[UUID] = set()
    for (customer, week), waiting in (await _all_waiting()).items():
        for person, (count, seconds) in (waiting.near or waiting.far).items():
            lately = await Reminder.exists().where(
                Reminder.customer == customer,
                Reminder.week == week,
                Reminder.person == person,
                Reminder.at >= now() - timedelta(days=1),
            )
            if lately:
                continue
            async with transaction():
                if not await _note(customer, week, ReminderStep.SECOND, person):
                    await Reminder.update({Reminder.at: now()}).where(
                        Reminder.customer == customer,
                        Reminder.week == week,
                        Reminder.step == ReminderStep.SECOND.value,
                        Reminder.person == person,
                    )
                await _tell(customer, week, ReminderStep.SECOND, {person: [count, seconds]})
            reached.add(person)
    return len(reached)


async def _all_waiting() -> dict[tuple[UUID, int], _Waiting]:
    """Group what waits by customer and week, and ask for one entry of each group who could approve it."""
    with beyond_reach("reminders: all that waits, to find out who is to be asked"):
        rows = await Entry.select(
            Entry.id,
            Entry.customer,
            Entry.project,
            Entry.addressee,
            Entry.week,
            Entry.worked_seconds,
            Entry.changed_at,
        ).where(Entry.state == EntryState.FOR_APPROVAL.value)
    groups: dict[tuple[UUID, UUID | None, UUID | None], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["customer"], row["project"], row["addressee"]].append(row)
    found: dict[tuple[UUID, int], _Waiting] = {}
    for (customer, _project, _addressee), entries in groups.items():
        people = await _approvers(entries[0]["id"])
        for row in entries:
            waiting = found.setdefault((customer, row["week"]), _Waiting(row["changed_at"], row["changed_at"]))
            waiting.since = min(waiting.since, row["changed_at"])
            waiting.latest = max(waiting.latest, row["changed_at"])
            for person, reach in people.items():
                tally = (waiting.far if reach >= Reach.COMPANY else waiting.near).setdefault(person, [0, 0])
                tally[0] += 1
                tally[1] += row["worked_seconds"]
    return found


async def _approvers(entry: UUID) -> dict[UUID, Reach]:
    with beyond_reach("reminders: asks who could approve an entry"):
        found = await Entry.objects().where(Entry.id == entry).first()
    return await records.audience(found, APPROVE) if found is not None else {}


async def _ask(customer: UUID, week: int, step: ReminderStep, people: Mapping[UUID, list[int]]) -> None:
    if not people:
        return
    tenant = await imports.tenant()
    stand_ins = await deputies_of(set(people), tenant.today())
    asked = dict(people)
    for person, deputies in stand_ins.items():
        for deputy in deputies:
            asked.setdefault(deputy, people[person])
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
