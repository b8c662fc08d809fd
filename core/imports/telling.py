"""Whether anybody can be told that a record is there for her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.accounts.options import invites_by_itself
from core.db import fetch
from core.records.kinds import audience
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from core.records.base import CustomerRecord

_REACHED = "SELECT email, state FROM person WHERE tenant = {{}} AND id IN ({places})"

Unheard = Literal["no-address", "no-access"]
"""Why publishing reaches nobody: no e-mail address on file, or nobody who can sign in or is being invited."""


async def why_unheard(record: CustomerRecord) -> Unheard | None:
    """Return why nobody is told of a published record, None where somebody is. Bells and choices do not count."""
    people = sorted(await audience(record))
    if not people:
        return "no-address"
    tenant = current_tenant_id()
    rows = await fetch(_REACHED.format(places=", ".join(["{}"] * len(people))), tenant, *people)
    states = {row["state"] for row in rows if row["email"]}
    if not states:
        return "no-address"
    if states & {"active", "invited"} or invites_by_itself(await load_snapshot(tenant)):
        return None
    return "no-access"
