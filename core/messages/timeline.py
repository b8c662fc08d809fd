"""What happened to a record, in words, with the comments among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.db import current, fetch, uuid7
from core.i18n import current_language
from core.messages.bulk import part_event
from core.messages.forwarding import may_forward
from core.messages.recipients import read_event
from core.messages.texts import known_facts, sentence
from core.records.comments import may_comment
from core.records.files import files_of
from core.records.kinds import kind_of
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_instant

if TYPE_CHECKING:
    from core.people.actor import Actor
    from core.records.base import CustomerRecord

_EVENTS = """
SELECT a.id AS id, a.at AS at, a.kind AS kind, a.data AS data, a.by_kind AS by_kind, a."by" AS "by",
       a.record_kind AS record_kind, a.record AS record, a.customer AS customer, p.given_name AS given_name,
       p.family_name AS family_name, c.body AS body, c.internal AS internal, x.data AS part
FROM activity a
LEFT JOIN activity_part x ON x.tenant = a.tenant AND x.activity = a.id AND x.record_kind = {{}} AND x.record = {{}}
LEFT JOIN person p ON p.tenant = a.tenant AND p.id = a."by"
LEFT JOIN comment c ON c.tenant = a.tenant AND c.record_kind = a.record_kind AND c.record = a.record
     AND a.kind IN ('core.comment_added', 'core.note_added') AND {comment} = CAST(c.id AS TEXT)
WHERE a.tenant = {{}} AND a.id IN (
    SELECT id FROM activity WHERE tenant = {{}} AND record_kind = {{}} AND record = {{}}
    UNION ALL SELECT activity FROM activity_part WHERE tenant = {{}} AND record_kind = {{}} AND record = {{}}
)
ORDER BY a.id
"""
_COMMENT_ID = {"sqlite": "json_extract(a.data, '$.comment')", "postgres": "a.data ->> 'comment'"}


async def timeline_of(*, actor: Actor, kind: str, record: CustomerRecord) -> list[dict[str, Any]]:
    """Return the events of a loaded record as `components/record.html` draws them, oldest first; one query."""
    tenant, about = current_tenant_id(), (kind, record.id)
    sql = _EVENTS.format(comment=_COMMENT_ID[current().dialect])
    rows = await fetch(sql, *about, tenant, tenant, *about, tenant, *about)
    subject = (kind_of(kind, actor), record)
    events: list[dict[str, Any]] = []
    for row in rows:
        owned = registry().activity_kinds.get(row["kind"])
        if owned is None or (actor.is_contact and (not owned.item.shared or row["internal"])):
            continue
        if owned.owner not in {CORE, *actor.modules}:
            continue
        event = read_event(row)
        if actor.is_contact and event.internal:
            continue
        if row["part"] is not None:
            event = part_event(event, row["part"], about)
        name = f"{row['given_name'] or ''} {row['family_name'] or ''}".strip()
        facts = known_facts(actor.tenant, event, names={event.by: name} if event.by else {}, subject=subject)
        events.append(
            {
                "who": None,
                "what": sentence(owned.item, facts, current_language(), titled=False),
                "at": as_instant(row["at"]),
                "icon": owned.item.icon,
                "tone": "info" if row["body"] else "neutral",
                "comment": {"text": row["body"], "internal": bool(row["internal"])} if row["body"] else None,
            }
        )
    return events


async def record_context(*, actor: Actor, kind: str, record: CustomerRecord) -> dict[str, Any]:
    """Return what every record's page shows besides its own: timeline, files, comment box, actions of other modules."""
    declared = registry().record_kinds[kind]
    files = await files_of(record=(kind, record.id), with_internal=not actor.is_contact)
    return {
        "timeline": await timeline_of(actor=actor, kind=kind, record=record),
        "files": [
            {
                "id": str(file.id),
                "name": file.name,
                "url": f"/files/{file.id}",
                "size": file.size,
                "type": file.name.rpartition(".")[2].upper()[:5],
                "icon": "file-text",
                "role": file.role,
            }
            for file in files
        ],
        "may_comment": may_comment(actor, kind, record),
        "forward_url": f"/records/{kind}/{record.id}/forward" if may_forward(actor, kind, record, files) else None,
        "comment_url": f"/records/{kind}/{record.id}/comments?new={uuid7()}",
        "seen_url": f"/records/{kind}/{record.id}/seen",
        "record_actions": [
            {
                "label": str(owned.item.label),
                "icon": owned.item.icon,
                "url": owned.item.path(kind, record.id),
            }
            for owned in registry().record_actions
            if owned.owner != declared.owner
            and (owned.item.kinds is None or kind in owned.item.kinds)
            and actor.can(owned.item.permission, customer=getattr(record.customer, "id", record.customer))
        ],
    }
