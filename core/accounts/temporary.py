"""
Temporary passwords: mailed once, good for nothing but setting a password of one's own.

Only for accounts that serve one person: nobody's staff writes a password that opens another tenant's portal too.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from core.accounts.hashing import hash_password
from core.accounts.options import invitation_lasts
from core.accounts.tables import Account
from core.clock import now
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

TEMPORARY = "temporary"
CHOSEN = "set"
"""The states of a password that was mailed, and of one that its person has chosen."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that looks like something else in print: no l, 1, i, o, 0."""
_GROUPS, _LENGTH = 4, 4  # 16 of 31 signs: 79 bits


def chosen_password(hashed: str) -> dict[Any, Any]:
    """Return what becomes of an account whose owner has chosen a password."""
    return {
        Account.password_hash: hashed,
        Account.password_state: CHOSEN,
        Account.password_set_at: now(),
        Account.password_expires_at: None,
    }


def readable_code(groups: int, length: int) -> str:
    """Return random signs that are easy to read out and to type, in *groups* of *length* with hyphens between."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(length)) for _ in range(groups))


async def make_temporary_password(*, account: UUID) -> tuple[str, datetime] | None:
    """
    Give *account* a new temporary password, and return it with its end; the one before is dead.

    None where the account has a password of its own, or serves people of several tenants.
    """
    password = readable_code(_GROUPS, _LENGTH)
    expires_at = now() + invitation_lasts(await load_snapshot(current_tenant_id()))
    replaceable = (Account.id == account) & (Account.password_state != CHOSEN) & (Account.offices == 1)
    changed = (
        await Account.update(
            {
                Account.password_hash: await hash_password(password),
                Account.password_state: TEMPORARY,
                Account.password_set_at: now(),
                Account.password_expires_at: expires_at,
            }
        )
        .where(replaceable)
        .returning(Account.id)
    )
    return (password, expires_at) if changed else None


async def ends_of_temporary_password(*, account: UUID) -> datetime | None:
    """Return until when the account's temporary password holds; None where it has none, or it has run off."""
    holds = (Account.id == account) & (Account.password_state == TEMPORARY) & (Account.password_expires_at > now())
    row = await Account.select(Account.password_expires_at).where(holds).first()
    return row["password_expires_at"] if row is not None else None


async def end_password(*, account: UUID) -> None:
    """Take the account's password away, unless it opens portals of other tenants too; its person sets a new one."""
    await Account.update(
        {Account.password_hash: None, Account.password_state: "unset", Account.password_expires_at: None}
    ).where((Account.id == account) & (Account.offices == 1))


async def end_temporary_password(*, account: UUID) -> None:
    """End a temporary password that has been mailed: a newer one is on its way."""
    await Account.update({Account.password_hash: None, Account.password_state: "unset"}).where(
        (Account.id == account) & (Account.password_state == TEMPORARY) & (Account.offices == 1)
    )
