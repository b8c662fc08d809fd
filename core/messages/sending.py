"""Mails on their way: rendered when they are sent, from what is true then, and marked in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.clock import now
from core.config import settings
from core.contributions import Audience
from core.db import commit_request, fetch, transaction
from core.i18n import Translator, text_in
from core.messages.bulk import is_bulk, parts_seen
from core.messages.mail import Item, Letter, compose, mail_language
from core.messages.queue import Work, work
from core.messages.recipients import (
    Addressee,
    Event,
    declared_kind,
    hearers,
    load_choices,
    load_people,
    load_subject,
    read_event,
)
from core.messages.tables import Mail, Notice
from core.messages.texts import known_facts, load_names, one_line, path_of, place_of, portal_name, said, sentence
from core.messages.transport import deliver
from core.messages.unsubscribing import unsubscribe_path
from core.people.actor import ActorKind
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from core.contributions import ActivityKind, RecordKind
    from core.records.base import CustomerRecord

_ = Translator("core")

COMMENT = "core.comment_added"
LISTED = 20
"""Lines of a mail about many things; the rest is a number."""

_DIGEST = _.plural("{n} piece of news in {portal}", "{n} pieces of news in {portal}")
_NEWS = _("News in {portal}")
_WHY = _('You get this mail because "{kind}" of {portal} are switched on for you.')

_OF_MAIL = """
SELECT n.id AS notice, a.id AS id, a.kind AS kind, a.by_kind AS by_kind, a."by" AS "by", a.record_kind AS record_kind,
       a.record AS record, a.customer AS customer, a.data AS data
FROM notice n JOIN activity a ON a.tenant = n.tenant AND a.id = n.activity
WHERE n.tenant = {} AND n.mail = {} ORDER BY a.id
"""


async def mark_failed(item: Work, error: str) -> None:
    """Say on the mail, and in the activity stream, that it could not be sent: the staff sees it."""
    mail = await Mail.objects().where(Mail.id == item.id).first()
    if mail is None:
        return
    await Mail.update({Mail.state: "failed", Mail.error: error[:500]}).where(Mail.id == mail.id)
    await write_activity(
        kind="core.mail_failed", data={"recipient": mail.recipient, "subject": mail.subject, "mail": str(mail.id)}
    )


async def transmit(mail: Mail, letter: Letter, *, tenant: TenantSnapshot, to: str, name: str, language: str) -> None:
    """
    Send *letter* as *mail* and mark it sent. What was written before is committed first.

    Killed in between, it is sent again under the same Message-ID.
    """
    message = compose(
        tenant, letter, to=to, name=name, language=language, message_id=mail.message_id, date=mail.created_at
    )
    values: dict[Any, Any] = {Mail.subject: one_line(letter.subject), Mail.recipient: to}
    async with transaction():
        await Mail.update(values).where(Mail.id == mail.id)
    await commit_request()
    await deliver(message, sender=settings().mail_from, recipient=to)
    sent: dict[Any, Any] = {Mail.state: "sent", Mail.sent_at: now(), Mail.error: None}
    async with transaction():
        await Mail.update(sent).where(Mail.id == mail.id)


@work("core.send_mail", atomic=False, gave_up=mark_failed)
async def send_mail(item: Work) -> None:
    """Send the mail that has the work's id: about those of its activities that its recipient may still see."""
    tenant = await load_snapshot(current_tenant_id())
    mail = await Mail.objects().where(Mail.id == item.id).first()
    if mail is None or mail.state == "sent":
        return
    events = {as_uuid(row["notice"]): read_event(row) for row in await fetch(_OF_MAIL, tenant.id, mail.id)}
    person = (await load_people(tenant.id, {as_uuid(mail.person)})).get(as_uuid(mail.person))
    wanted = await _still_wanted(tenant, person, events)
    dropped = [notice for notice in events if notice not in wanted]
    if dropped or not wanted:
        values: dict[Any, Any] = {Notice.channel: "bell", Notice.mail: None}
        async with transaction():
            if dropped:
                await Notice.update(values).where(Notice.id.is_in(dropped))
            if not wanted:
                await Mail.delete().where(Mail.id == mail.id)
    kind = declared_kind(tenant, mail.kind)
    if not wanted or person is None or person.email is None or kind is None:
        return
    told = await _each(person, list(wanted.values()))
    if not told:
        return
    language = mail_language(tenant, person.language, await _customer_language(tenant, told))
    letter = await _letter(tenant, kind, person, told, language)
    await transmit(mail, letter, tenant=tenant, to=person.email, name=person.name, language=language)


async def _each(person: Addressee, events: Sequence[Event]) -> list[Event]:
    """Return *events* with what is about many records as one event for each that *person* hears of."""
    staff = person.kind is Audience.STAFF
    found: list[Event] = []
    for event in events:
        found.extend(await parts_seen(event, person.id, staff=staff) if is_bulk(event) else [event])
    return found


async def _still_wanted(
    tenant: TenantSnapshot, person: Addressee | None, events: Mapping[UUID, Event]
) -> dict[UUID, Event]:
    """Return those of *events* that *person* would be mailed now: reach, modules and choices may have changed."""
    if person is None:
        return {}
    choices = await load_choices(tenant.id, person.id)
    staff = {person.id: person} if person.kind is Audience.STAFF else {}
    return {
        notice: event
        for notice, event in events.items()
        if (await hearers(tenant, event, staff, choices, only=person.id)).get(person.id) == "mail"
    }


async def _customer_language(tenant: TenantSnapshot, events: Sequence[Event]) -> str | None:
    customers = {event.customer for event in events}
    if len(customers) != 1 or None in customers:
        return None
    rows = await fetch("SELECT language FROM customer WHERE tenant = {} AND id = {}", tenant.id, *customers)
    return rows[0]["language"] if rows else None


async def _letter(
    tenant: TenantSnapshot, kind: ActivityKind, person: Addressee, events: Sequence[Event], language: str
) -> Letter:
    names = await load_names(tenant.id, events)
    staff = person.kind is Audience.STAFF
    customers = {names.get(event.customer, "") if event.customer else "" for event in events}
    context: dict[str, object] = {
        "greeting_name": person.name if staff else "",
        "greeting_customer": customers.pop() if len(customers) == 1 and not staff else "",
        "why": _WHY.format(kind=kind.label, portal=portal_name(tenant)).in_language(language),
        "choices_url": f"{tenant.origin}/account/notifications#{kind.key}",
    }
    unsubscribe = tenant.origin + unsubscribe_path(tenant.id, person.id, kind.key)
    if len(events) == 1:
        return await _single(
            tenant=tenant,
            kind=kind,
            event=events[0],
            names=names,
            language=language,
            context=context,
            unsubscribe=unsubscribe,
            staff=staff,
        )
    facts: dict[str, object] = {"portal": portal_name(tenant), "tenant": tenant.name, "count": len(events)}
    subject = kind.digest.format(**facts) if kind.digest else _DIGEST.format(n=len(events), portal=portal_name(tenant))
    items = []
    for event in events[:LISTED]:
        about = await load_subject(event)
        facts_of_it = known_facts(tenant, event, names=names, subject=about)
        # what the office did is said by the subject already; of what people did, who did it counts
        ours = about is not None and not staff and event.by_kind != ActorKind.CONTACT and kind.key != COMMENT
        text = text_in(facts_of_it["title"], language) if ours else sentence(kind, facts_of_it, language)
        if ours and kind.item:
            text = said(kind.item, facts_of_it, language, otherwise=kind.label)
        items.append(Item(text=text, url=tenant.origin + path_of(about, staff=staff, event=event)))
    context |= {
        "items": items,
        "more": len(events) - len(items),
        "url": tenant.origin + place_of(kind.key, staff=staff),
    }
    return Letter(template="digest", subject=subject.in_language(language), context=context, unsubscribe=unsubscribe)


async def _single(
    *,
    tenant: TenantSnapshot,
    kind: ActivityKind,
    event: Event,
    names: Mapping[UUID, str],
    language: str,
    context: dict[str, object],
    unsubscribe: str,
    staff: bool,
) -> Letter:
    about: tuple[RecordKind, CustomerRecord] | None = await load_subject(event)
    facts = known_facts(tenant, event, names=names, subject=about)
    fallback = _NEWS.format(portal=portal_name(tenant))
    context |= {
        "text": said(kind.body or kind.sentence, facts, language, otherwise=kind.label),
        "button_label": kind.button.in_language(language) if kind.button else "",
        "url": tenant.origin + path_of(about, staff=staff, kind=kind.key, event=event),
    }
    return Letter(
        template="activity",
        subject=said(kind.subject or kind.sentence, facts, language, otherwise=fallback),
        context=context,
        unsubscribe=unsubscribe,
    )
