"""The bell: what a person was told, what of it is unread, and how she wants to be told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from core.clock import now
from core.contributions import Audience
from core.db import fetch, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator, current_language
from core.messages.bulk import is_bulk, parts_on_page
from core.messages.recipients import Event, read_event, staff_default, staff_may_see
from core.messages.tables import MailChoice, Notice
from core.messages.texts import known_facts, load_names, path_of, place_of, sentence
from core.people.told import Channel, contact_default, kinds_for_contacts
from core.registry import CORE, registry
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from core.contributions import ActivityKind, RecordKind
    from core.i18n import LazyString
    from core.people.actor import Actor
    from core.records.base import CustomerRecord

_ = Translator("core")

PAGE = 30
"""Notices of a page."""

_PAGE = """
SELECT n.id AS notice, n.read_at AS read_at, n.created_at AS created_at, a.id AS id, a.kind AS kind,
       a.by_kind AS by_kind, a."by" AS "by", a.record_kind AS record_kind, a.record AS record, a.customer AS customer,
       a.data AS data
FROM notice n JOIN activity a ON a.tenant = n.tenant AND a.id = n.activity
WHERE n.tenant = {{}} AND n.person = {{}} AND n.id < {{}}{on} ORDER BY n.id DESC LIMIT {{}}
"""
_UNREAD = """
SELECT count(*) FROM notice n JOIN activity a ON a.tenant = n.tenant AND a.id = n.activity
WHERE n.tenant = {{}} AND n.person = {{}} AND n.read_at IS NULL{on}
"""
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_GONE = _("This is no longer available to you.")


def _switched_off(actor: Actor) -> list[str]:
    """
    Return what kinds of activities look like whose modules are off for *actor*: as if they had never been told.

    By module, whose id they begin with: a list of all kinds would cost each page 40 µs.
    """
    return [f"{module.replace('_', '!_')}.%" for module in sorted(registry().modules.keys() - actor.modules)]


def _but(off: Sequence[str]) -> str:
    return " AND a.kind NOT LIKE {} ESCAPE '!'" * len(off)


def unread_statement(actor: Actor) -> tuple[str, list[Any]]:
    """Return a statement of one number with its values: as many as the bell's list marks as unread."""
    off = _switched_off(actor)
    if not off:
        sql = "SELECT count(*) FROM notice WHERE tenant = {} AND person = {} AND read_at IS NULL"
        return sql, [actor.tenant.id, actor.person]
    return _UNREAD.format(on=_but(off)), [actor.tenant.id, actor.person, *off]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line in the bell."""

    id: UUID
    kind: str
    icon: str
    text: str
    path: str
    at: datetime
    unread: bool


async def notices_of(actor: Actor, *, before: UUID | None = None, limit: int = PAGE) -> tuple[list[Told], UUID | None]:
    """
    Return a page of what *actor* was told, newest first, and from where the next page goes on.

    What belongs to modules that are off is left out. Of what she may not see any more only that is said: it counts as
    unread until she has looked, like the rest.
    """
    if actor.person is None:
        return [], None
    off = _switched_off(actor)
    sql = _PAGE.format(on=_but(off))
    rows = await fetch(sql, actor.tenant.id, actor.person, before or as_uuid(_LAST), *off, limit + 1)
    shown = [(row, read_event(row)) for row in rows[:limit]]
    seen = await _visible(actor, [event for _, event in shown])
    names = await load_names(actor.tenant.id, [event for _, event in shown])
    told: list[Told] = []
    for row, listed in shown:
        kind = registry().activity_kinds.get(listed.kind)
        event, many = await _of_many(actor, listed, seen) if is_bulk(listed) else (listed, 0)
        subject = seen.get((event.record_kind or "", event.record))
        alone = event.record is None and not is_bulk(event) and _may_know(actor, event)
        known = kind is not None and (subject is not None or many > 0 or alone)
        facts = known_facts(actor.tenant, event, names=names, subject=subject)
        if many:
            facts["count"] = many
        told.append(
            Told(
                id=as_uuid(row["notice"]),
                kind=event.kind,
                icon=kind.item.icon if kind is not None and known else "eye-off",
                text=sentence(kind.item, facts, current_language()) if kind is not None and known else str(_GONE),
                path=_path(actor, event, subject, many) if known else "/notifications",
                at=_instant(row["created_at"]),
                unread=row["read_at"] is None,
            )
        )
    following = as_uuid(rows[limit - 1]["notice"]) if len(rows) > limit else None
    return told, following


async def _of_many(
    actor: Actor, event: Event, seen: dict[tuple[str, UUID | None], tuple[RecordKind, CustomerRecord]]
) -> tuple[Event, int]:
    """Return how many records of a bulk event *actor* sees; where it is one, the event about it, added to *seen*."""
    many, one = await parts_on_page(actor, event)
    if many != 1 or one is None:
        return event, many
    seen |= await _visible(actor, [one])
    return one, 0


def _path(actor: Actor, event: Event, subject: tuple[RecordKind, CustomerRecord] | None, many: int) -> str:
    if many:
        return place_of(event.kind, staff=actor.is_staff)
    return path_of(subject, staff=actor.is_staff, kind=event.kind, event=event)


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


async def _visible(
    actor: Actor, events: Sequence[Event]
) -> dict[tuple[str, UUID | None], tuple[RecordKind, CustomerRecord]]:
    """Return the records of *events* that *actor* may see now; the tables apply her reach: one statement per kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        if event.record_kind is not None and event.record is not None:
            wanted[event.record_kind].add(event.record)
    found: dict[tuple[str, UUID | None], tuple[RecordKind, CustomerRecord]] = {}
    for key, ids in wanted.items():
        owned = registry().record_kinds.get(key)
        if owned is None or (owned.owner != CORE and owned.owner not in actor.modules):
            continue
        table = owned.item.table
        for record in await table.objects().where(table.id.is_in(sorted(ids))):
            found[key, as_uuid(record.id)] = (owned.item, record)
    return found


def _may_know(actor: Actor, event: Event) -> bool:
    if actor.is_contact and event.to is not None:
        return actor.person in event.to and any(place.customer == event.customer for place in actor.places)
    return actor.is_staff and staff_may_see(actor.tenant, actor.staff_grants, event, None)


async def mark_read(actor: Actor, notice: UUID | None = None) -> None:
    """
    Mark a notice of *actor* as read, or without one all of hers.

    Raises:
        NotFoundError: she has no such notice.

    """
    condition = (Notice.person == actor.person) & Notice.read_at.is_null()
    if notice is not None:
        if not await Notice.exists().where((Notice.person == actor.person) & (Notice.id == notice)):
            raise NotFoundError
        condition = condition & (Notice.id == notice)
    async with transaction():
        await Notice.update({Notice.read_at: now()}).where(condition)


# -- choices -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A kind of activity, and how a person hears of it."""

    kind: str
    label: LazyString
    icon: str
    channel: Channel
    default: Channel


def kinds_for(actor: Actor) -> list[ActivityKind]:
    """Return the kinds that *actor* can be told of at all: the modules that are on, and meant for her."""
    if actor.is_contact:
        return kinds_for_contacts(actor.modules)
    return [
        owned.item
        for owned in registry().activity_kinds.values()
        if Audience.STAFF in owned.item.notify and (owned.owner == CORE or owned.owner in actor.modules)
    ]


async def choices_of(actor: Actor) -> list[Choice]:
    """Return every kind that *actor* can hear of, with her choice or the default."""
    rows = await MailChoice.select(MailChoice.activity_kind, MailChoice.channel).where(
        MailChoice.person == actor.person
    )
    chosen: dict[str, Channel] = {row["activity_kind"]: row["channel"] for row in rows}
    choices: list[Choice] = []
    for kind in kinds_for(actor):
        default = (
            staff_default(actor.tenant, kind, actor.email, by_contact=True)
            if actor.is_staff
            else contact_default(actor.tenant, kind)
        )
        choices.append(
            Choice(
                kind=kind.key,
                label=kind.label,
                icon=kind.icon,
                channel=chosen.get(kind.key, default),
                default=default,
            )
        )
    return choices


async def choose(*, actor: Actor, channels: Mapping[str, str]) -> None:
    """
    Keep how *actor* wants to hear of the kinds in *channels*.

    Raises:
        InvalidInputError: a channel that there is not. Kinds that are not hers are passed over.

    """
    known = {kind.key for kind in kinds_for(actor)}
    if not set(channels.values()) <= set(get_args(Channel)):
        raise InvalidInputError
    async with transaction():
        for kind, channel in channels.items():
            if kind in known and actor.person is not None:
                await set_channel(actor.person, kind, channel)


async def set_channel(person: UUID, kind: str, channel: str) -> None:
    """Write down one choice of *person*."""
    await MailChoice.insert(MailChoice(person=person, activity_kind=kind, channel=channel)).on_conflict(
        target=(MailChoice.tenant, MailChoice.person, MailChoice.activity_kind),
        action="DO UPDATE",
        values=[MailChoice.channel],
    )


async def stop_mails(*, person: UUID, kind: str) -> None:
    """Send *person* no more mails of *kind*; the bell still shows them."""
    async with transaction():
        await set_channel(person, kind, "bell")
