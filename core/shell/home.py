"""What the home pages show: "what needs me?" first, with counts and amounts that lead to the filtered list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.db import fetch
from core.registry import CORE, registry
from core.tenancy.snapshot import as_instant, as_uuid

if TYPE_CHECKING:
    from uuid import UUID

    from core.people.actor import Actor
    from core.records.base import CustomerRecord

MOST_UNANSWERED = 10
"""Rows of unanswered comments on the staff home."""

LOOKED_AT = 1_000
"""The newest comments among which unanswered ones are looked for: with years of answered ones the page stays quick."""

_UNANSWERED = """
SELECT c.id AS id, c.record_kind AS record_kind, c.record AS record, c.body AS body, c.created_at AS created_at,
       p.given_name AS given_name, p.family_name AS family_name
FROM (
    SELECT id, record_kind, record, body, created_at, "by" FROM comment
    WHERE tenant = {{}} ORDER BY id DESC LIMIT {{}}
) c JOIN person p ON p.tenant = {{}} AND p.id = c."by"
WHERE p.kind = 'contact' AND c.record_kind IN ({kinds}) AND NOT EXISTS (
    SELECT 1 FROM comment later JOIN person q ON q.tenant = later.tenant AND q.id = later."by"
    WHERE later.tenant = {{}} AND later.record_kind = c.record_kind AND later.record = c.record
      AND q.kind = 'staff' AND later.internal = FALSE AND later.id > c.id)
ORDER BY c.id DESC LIMIT {{}}
"""
_OPEN_PROBLEMS = (
    "SELECT kind, count(*) AS number FROM import_problem WHERE tenant = {} AND resolved_at IS NULL GROUP BY kind"
)
_FAILED_MAILS = "SELECT count(*) AS number FROM mail WHERE tenant = {} AND state = 'failed'"


async def staff_desk(actor: Actor) -> dict[str, Any]:
    """Return what waits for the staff: quarantine per kind, comments nobody answered, mail that failed."""
    tenant = actor.tenant.id
    desk: dict[str, Any] = {"problems": [], "unanswered": [], "failed_mails": 0}
    if actor.can("core:import:decide"):
        for row in await fetch(_OPEN_PROBLEMS, tenant):
            owned = registry().importers.get(row["kind"])
            if owned is not None and owned.owner in {"core", *actor.modules}:
                path = "/staff/imports" if owned.owner == "core" else f"/staff/{_url(owned.owner)}/quarantine"
                desk["problems"].append({"label": str(owned.item.label), "count": row["number"], "url": path})
    if actor.can("core:record:comment"):
        desk["unanswered"] = await _unanswered(actor)
    if actor.can("core:message:view"):
        desk["failed_mails"] = (await fetch(_FAILED_MAILS, tenant))[0]["number"]
    return desk


def _url(module: str) -> str:
    return registry().modules[module].meta.url


async def _unanswered(actor: Actor) -> list[dict[str, Any]]:
    """Return the newest comments of contacts that nobody answered: one statement, and one per kind of record."""
    kinds = {
        key: owned.item
        for key, owned in registry().record_kinds.items()
        if owned.owner in {CORE, *actor.modules} and actor.can(owned.item.staff_view)
    }
    if not kinds:
        return []
    tenant = actor.tenant.id
    sql = _UNANSWERED.format(kinds=", ".join(["{}"] * len(kinds)))
    rows = await fetch(sql, tenant, LOOKED_AT, tenant, *sorted(kinds), tenant, MOST_UNANSWERED)
    records: dict[tuple[str, UUID], CustomerRecord] = {}
    for key in sorted({row["record_kind"] for row in rows}):
        table = kinds[key].table
        wanted = sorted({as_uuid(row["record"]) for row in rows if row["record_kind"] == key})
        for record in await table.objects().where(table.id.is_in(wanted)):
            records[key, as_uuid(record.id)] = record
    found: list[dict[str, Any]] = []
    for row in rows:
        declared, about = kinds[row["record_kind"]], records.get((row["record_kind"], as_uuid(row["record"])))
        if about is not None:
            found.append(
                {
                    "who": f"{row['given_name']} {row['family_name']}".strip(),
                    "text": row["body"],
                    "at": as_instant(row["created_at"]),
                    "title": declared.title(about),
                    "url": f"{(declared.staff_url or declared.url)(about)}#timeline",
                }
            )
    return found
