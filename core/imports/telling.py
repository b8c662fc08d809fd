"""Whether anybody can be told that a record is there for her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.accounts.options import invites_by_itself
from core.db import fetch
from core.records.audiences import audiences, chunks
from core.records.kinds import seers
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from core.records.base import CustomerRecord

_TOLD = "SELECT id, email, state FROM person WHERE tenant = {{}} AND id IN ({places})"

Unheard = Literal["no-address", "no-access"]
"""Why publishing reaches nobody: no e-mail address on file, or nobody who can sign in or is being invited."""


async def unheard_among(table: type[CustomerRecord], records: Sequence[UUID]) -> set[UUID]:
    """Return those of the published *records* of which nobody is told: `why_unheard` for many at once."""
    tenant = current_tenant_id()
    seen = await audiences(table, records)
    by_itself = invites_by_itself(await load_snapshot(tenant))
    heard: set[UUID] = set()
    for chunk in chunks(sorted(seen)):
        places = ", ".join(["{}"] * len(chunk))
        for row in await fetch(_TOLD.format(places=places), tenant, *chunk):
            if row["email"] and (by_itself or row["state"] in {"active", "invited"}):
                heard |= seen[as_uuid(row["id"])]
    return set(records) - heard


async def why_unheard(record: CustomerRecord) -> Unheard | None:
    """Return why nobody is told of a published record, None where somebody is. Bells and choices do not count."""
    states = {seer.state for seer in (await seers(record)).values() if seer.email}
    if not states:
        return "no-address"
    if states & {"active", "invited"} or invites_by_itself(await load_snapshot(current_tenant_id())):
        return None
    return "no-access"
