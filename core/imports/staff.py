"""The back office's page of what came in: each delivery with its counts, and the way to what waits."""

from __future__ import annotations

from typing import Any

from litestar import Response

from core.db import fetch
from core.i18n import LazyString, Translator
from core.people.actor import current_actor
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_instant
from core.web import page, render

_ = Translator("core")

DECIDE = "core:import:decide"
MOST_RUNS = 50
_RUNS = """
SELECT r.id AS id, r.kind AS kind, r.way AS way, r.created AS created, r.updated AS updated, r.unchanged AS unchanged,
       r.quarantined AS quarantined, r.refused AS refused, r.started_at AS started_at, r.ended_at AS ended_at,
       p.given_name AS given_name, p.family_name AS family_name
FROM import_run r LEFT JOIN person p ON p.tenant = r.tenant AND p.id = r."by"
WHERE r.tenant = {} ORDER BY r.id DESC LIMIT {}
"""
_WAYS: dict[str, LazyString] = {
    "command": _("Command"),
    "page": _("Upload"),
    "api": _("API"),
}
_OUTCOMES = ("created", "updated", "unchanged", "quarantined", "refused")


@page("/staff/imports", name="imports:runs", permission=DECIDE)
async def list_runs() -> Response[str]:
    """Show the latest deliveries, newest first."""
    actor = current_actor()
    rows = []
    for row in await fetch(_RUNS, current_tenant_id(), MOST_RUNS):
        owned = registry().importers.get(row["kind"])
        if owned is None or owned.owner not in {CORE, *actor.modules}:
            continue
        name = f"{row['given_name'] or ''} {row['family_name'] or ''}".strip()
        rows.append(
            {
                "label": owned.item.label,
                "way": _WAYS.get(row["way"], row["way"]),
                "by": name or None,
                "started_at": as_instant(row["started_at"]),
                "ended": row["ended_at"] is not None,
                "counts": [row[outcome] for outcome in _OUTCOMES],
                "url": None if owned.owner == CORE else f"/staff/{registry().modules[owned.owner].meta.url}/quarantine",
            }
        )
    return await render("imports/runs.html", title=_("Imports"), runs=rows)


HANDLERS: list[Any] = [list_runs]
