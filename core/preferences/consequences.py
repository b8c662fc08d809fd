"""What saving a setting does to people, said before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.accounts.options import LINKING, links_accounts
from core.accounts.unlinking import count_linked
from core.i18n import Translator
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.i18n import LazyString

_ = Translator("core")

FEW = 5
"""Numbers are told in steps of this: nobody finds out by counting whether one contact uses another portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What will happen, and the button that wants it."""

    key: str
    text: LazyString
    button: LazyString


async def consequence_of(values: Mapping[str, Any]) -> Consequence | None:
    """Return what saving *values* does that has to be said first; None where it surprises nobody."""
    if values.get(LINKING, True) or not links_accounts(await load_snapshot(current_tenant_id())):
        return None
    return Consequence(key=LINKING, text=_linked_people(await count_linked()), button=_("Switch linking off"))


def _linked_people(number: int) -> LazyString:
    told = number // FEW * FEW
    if not told:
        return _(
            "Contacts who have linked their access are signed out here and get a mail to set a password for this "
            "portal alone; elsewhere nothing changes for them. This concerns fewer than {n} contacts."
        ).format(n=FEW)
    return _(
        "Contacts who have linked their access are signed out here and get a mail to set a password for this "
        "portal alone; elsewhere nothing changes for them. This concerns {n} contacts or a few more."
    ).format(n=told)
