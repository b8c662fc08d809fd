"""From activities to people: notices in bells, and mails gathered so that many things at once are one mail."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from core.accounts.invitations import invite_waiting
from core.accounts.options import invites_by_itself
from core.clock import now
from core.contributions import Audience
from core.db import current, fetch, transaction, uuid7
from core.messages.bulk import is_bulk
from core.messages.queue import Work, enqueue, work
from core.messages.recipients import (
    Event,
    contacts_who_see,
    declared_kind,
    hearers,
    load_choices,
    load_people,
    load_subject,
    read_event,
)
from core.messages.tables import Mail, Notice
from core.people.told import Channel
from core.records.activity import write_activity
from core.records.audit import chain_new
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.tenancy.snapshot import TenantSnapshot

PORTION = 50
"""Activities of one piece of work."""

SETTLES = timedelta(seconds=1)
"""How long mails wait for more of their kind."""

BURST = 3
BURST_LASTS = timedelta(minutes=2)
"""From the fourth mail of a kind to a person within this time on, the next ones wait and come together."""

LONGEST_HOLD = timedelta(hours=1)
"""An import that has not ended by then has died: its mails go out."""

LOOK_AGAIN = timedelta(seconds=5)

MAILS_AT_ONCE = 100
"""Mails made in one transaction: other writers wait for it."""

_EVENTS = """
SELECT id, kind, by_kind, "by", record_kind, record, customer, data FROM activity
WHERE tenant = {{}} AND id IN ({ids})
"""
_PENDING = """
SELECT n.id AS id, n.person AS person, n.created_at AS created_at, a.kind AS kind, a.data AS data,
       a.by_kind AS by_kind, a."by" AS "by", a.record_kind AS record_kind, a.record AS record, a.customer AS customer
FROM notice n JOIN activity a ON a.tenant = n.tenant AND a.id = n.activity
WHERE n.tenant = {} AND n.channel = 'mail' AND n.mail IS NULL ORDER BY n.id
"""
_RUNNING = "SELECT id FROM import_run WHERE tenant = {} AND ended_at IS NULL AND started_at > {}"
_FAN_OUT_LEFT = (
    "SELECT id FROM queue WHERE tenant = {} AND kind = 'core.fan_out' AND done_at IS NULL AND failed_at IS NULL LIMIT 1"
)
_LATELY = "SELECT person, kind FROM mail WHERE tenant = {} AND created_at > {} AND person IS NOT NULL"


async def chain_and_queue() -> int:
    """Chain the tenant's new activities and queue their fan-out, a batch per transaction. Returns how many."""
    total = 0
    while True:
        async with transaction():
            ids = await chain_new()
            for start in range(0, len(ids), PORTION):
                portion = ids[start : start + PORTION]
                await enqueue(
                    kind="core.fan_out",
                    payload={"activities": [str(id) for id in portion]},
                    tenant=current_tenant_id(),
                    once_key=f"fan_out:{portion[0]}",
                )
        if not ids:
            return total
        total += len(ids)


@work("core.fan_out", atomic=False)
async def fan_out(item: Work) -> None:
    """Write down who hears of some activities. Running twice changes nothing: one notice per person and activity."""
    tenant = await load_snapshot(current_tenant_id())
    ids = [UUID(id) for id in item.payload["activities"]]
    rows = await fetch(_EVENTS.format(ids=", ".join(["{}"] * len(ids))), tenant.id, *ids)
    staff = await load_people(tenant.id, kind=Audience.STAFF)
    choices = await load_choices(tenant.id)
    events = sorted((read_event(row) for row in rows), key=lambda event: event.id)
    heard = {event.id: await hearers(tenant, event, staff, choices) for event in events}
    async with transaction():
        added = [notice for event in events for notice in await _add_notices(event, heard[event.id])]
        if added:
            await enqueue(
                kind="core.gather", payload={}, tenant=tenant.id, once_key=f"gather:{item.id}", run_at=now() + SETTLES
            )
    for event in events:
        await _invite_unreached(tenant, event)


async def _add_notices(event: Event, people: Mapping[UUID, Channel]) -> list[Any]:
    if not people:
        return []
    rows = [
        Notice(id=uuid7(), person=person, activity=event.id, channel=channel, created_at=now())
        for person, channel in people.items()
    ]
    return await Notice.insert(*rows).on_conflict(
        target=(Notice.tenant, Notice.person, Notice.activity), action="DO NOTHING"
    )


async def _invite_unreached(tenant: TenantSnapshot, event: Event) -> None:
    """Invite contacts without access for whom this is the first document, if the tenant wants that."""
    kind = declared_kind(tenant, event.kind)
    if not invites_by_itself(tenant) or kind is None or kind.channel != "mail":
        return
    if event.record is None and not is_bulk(event):
        return
    seeing = await contacts_who_see(kind, event, await load_subject(event))
    async with transaction():
        for person in await invite_waiting(people=seeing):
            await write_activity(kind="core.person_invited", customer=event.customer, data={"person": str(person)})


# -- gathering ---------------------------------------------------------------------------------------------------------

Group: TypeAlias = tuple[UUID, str, str | None]
"""Person, kind, batch: what goes into one mail."""


@work("core.gather")
async def gather(item: Work) -> None:
    """Make one mail per person, kind and batch out of what waits; leave what belongs together and is not complete."""
    tenant = current_tenant_id()
    lock = " FOR UPDATE OF n" if current().dialect == "postgres" else ""  # two gather: the second finds nothing left
    groups: dict[Group, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await fetch(_PENDING + lock, tenant):
        groups[as_uuid(row["person"]), row["kind"], read_event(row).batch].append(row)
    if not groups:
        return
    held = await _held(tenant, groups)
    ready = [group for group in groups if group not in held]
    if len(ready) > MAILS_AT_ONCE:
        key = f"gather:{item.id}:more"
        await enqueue(kind="core.gather", payload={}, tenant=tenant, once_key=key)
    ready = ready[:MAILS_AT_ONCE]
    people = await load_people(tenant, {person for person, _, _ in ready})
    for group in ready:
        rows, person = groups[group], people.get(group[0])
        if person is None or not person.email:
            await _only_bell(rows)
        else:
            await _make_mail(person.id, person.email, group[1], rows)
    if held:
        moment = now() + LOOK_AGAIN
        slot = int(moment.timestamp() // LOOK_AGAIN.total_seconds())
        await enqueue(kind="core.gather", payload={}, tenant=tenant, once_key=f"gather:{tenant}:{slot}", run_at=moment)


async def _held(tenant: UUID, groups: Mapping[Group, Sequence[Mapping[str, Any]]]) -> set[Group]:
    """Return the groups that are to wait: their import still runs, more is on its way, or many have just been sent."""
    moment = now()
    running = {str(row["id"]) for row in await fetch(_RUNNING, tenant, moment - LONGEST_HOLD)}
    coming = bool(await fetch(_FAN_OUT_LEFT, tenant))
    sent = Counter((as_uuid(row["person"]), row["kind"]) for row in await fetch(_LATELY, tenant, moment - BURST_LASTS))
    lately = {each for each, mails in sent.items() if mails >= BURST}
    held: set[Group] = set()
    for (person, kind, batch), rows in groups.items():
        waits = moment - min(_instant(row["created_at"]) for row in rows)
        if (batch in running and waits < LONGEST_HOLD) or (
            waits < BURST_LASTS and (coming or ((person, kind) in lately and batch is None))
        ):
            held.add((person, kind, batch))
    return held


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


async def _only_bell(rows: Iterable[Mapping[str, Any]]) -> None:
    ids = [as_uuid(row["id"]) for row in rows]
    await Notice.update({Notice.channel: "bell"}).where(Notice.id.is_in(ids))


async def _make_mail(person: UUID, email: str, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    tenant = await load_snapshot(current_tenant_id())
    id = uuid7()
    mail = Mail(
        id=id,
        person=person,
        recipient=email,
        kind=kind,
        message_id=message_id(id, tenant),
        created_at=now(),
    )
    await Mail.insert(mail)
    ids = [as_uuid(row["id"]) for row in rows]
    for start in range(0, len(ids), 500):
        await Notice.update({Notice.mail: id}).where(Notice.id.is_in(ids[start : start + 500]))
    await enqueue(kind="core.send_mail", payload={}, tenant=tenant.id, id=id)


def message_id(mail: UUID, tenant: TenantSnapshot) -> str:
    """Return the Message-ID of a mail: the same at every attempt, so that a receiver knows a second copy."""
    return f"<{mail}@{tenant.host}>"
