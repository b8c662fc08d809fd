"""What the home pages show: "what needs me?" first, with counts and amounts that lead to the filtered list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.contributions import Audience
from core.db import fetch
from core.errors import NotFoundError
from core.records.kinds import kind_of, load_record
from core.registry import registry
from core.tenancy.snapshot import as_instant, as_uuid

if TYPE_CHECKING:
    from core.contributions import Card
    from core.people.actor import Actor

MOST_UNANSWERED = 10
"""Rows of unanswered comments on the staff home."""

_UNANSWERED = """
SELECT c.id AS id, c.record_kind AS record_kind, c.record AS record, c.body AS body, c.created_at AS created_at,
       p.given_name AS given_name, p.family_name AS family_name
FROM comment c JOIN person p ON p.tenant = c.tenant AND p.id = c.by
WHERE c.tenant = {} AND p.kind = 'contact' AND NOT EXISTS (
    SELECT 1 FROM comment later JOIN person q ON q.tenant = later.tenant AND q.id = later.by
    WHERE later.tenant = c.tenant AND later.record_kind = c.record_kind AND later.record = c.record
      AND q.kind = 'staff' AND later.internal = FALSE AND later.id > c.id)
ORDER BY c.id DESC LIMIT {}
"""
_OPEN_PROBLEMS = (
    "SELECT kind, count(*) AS number FROM import_problem WHERE tenant = {} AND resolved_at IS NULL GROUP BY kind"
)
_FAILED_MAILS = "SELECT count(*) AS number FROM mail WHERE tenant = {} AND state = 'failed'"


def home_cards(actor: Actor) -> list[Card]:
    """Return the cards that *actor* may see, in their order."""
    audience = Audience.CONTACT if actor.is_contact else Audience.STAFF
    return [
        owned.item
        for owned in registry().cards.values()
        if owned.item.audience is audience and actor.can(owned.item.permission)
    ]


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
    found: list[dict[str, Any]] = []
    for row in await fetch(_UNANSWERED, actor.tenant.id, MOST_UNANSWERED):
        try:
            declared = kind_of(row["record_kind"], actor)
            record = await load_record(actor, row["record_kind"], as_uuid(row["record"]))
        except NotFoundError:
            continue
        found.append(
            {
                "who": f"{row['given_name']} {row['family_name']}".strip(),
                "text": row["body"],
                "at": as_instant(row["created_at"]),
                "title": declared.title(record),
                "url": f"{(declared.staff_url or declared.url)(record)}#timeline",
            }
        )
    return found
