"""Keys for a tenant's own systems: opaque, stored hashed, with permissions of their own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from core.accounts.tables import ApiKey
from core.clock import now
from core.contributions import Audience, Reach
from core.db import autonomous
from core.people.actor import Actor, ActorKind
from core.registry import registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.tenancy.snapshot import TenantSnapshot

USED_EVERY = timedelta(minutes=5)
"""How exactly it is known when a key was used last."""
PREFIX = "portico_"
"""What every key starts with, so that scanners of leaked secrets know it."""


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def create_api_key(*, name: str, permissions: Sequence[str], expires_at: datetime | None = None) -> str:
    """
    Make a key for the tenant in scope and return it; it is shown this once.

    Raises:
        StartupError: a permission is unknown.
        ValueError: a permission is for contacts; keys act as staff does.

    """
    for permission in permissions:
        if registry().permission(permission).audience is not Audience.STAFF:
            message = f"{permission} is for contacts; an API key takes permissions of staff"
            raise ValueError(message)
    key = PREFIX + secrets.token_urlsafe(32)
    listed = msgspec.json.encode(list(permissions)).decode()
    await ApiKey.insert(ApiKey(name=name, key_hash=_hash(key), permissions=listed, expires_at=expires_at))
    return key


async def revoke_api_keys(*, name: str) -> int:
    """End the keys with that name of the tenant in scope; the next request with one is nobody's. Return how many."""
    ended = (
        await ApiKey.update({ApiKey.revoked_at: now()})
        .where((ApiKey.name == name) & ApiKey.revoked_at.is_null())
        .returning(ApiKey.id)
    )
    return len(ended)


async def _note_use(key: ApiKey) -> None:
    """Note when a key was used, at most once in five minutes, whatever becomes of the request."""
    present = now()
    if key.used_at and key.used_at > present - USED_EVERY:  # type: ignore[truthy-bool]  # Piccolo types nullable columns as never None
        return
    async with autonomous():
        await ApiKey.update({ApiKey.used_at: present}).where(ApiKey.id == key.id)


async def actor_of(authorization: str, tenant: TenantSnapshot) -> Actor | None:
    """Return who acts with the header's `Bearer` key, or None: unknown, foreign, expired and revoked look the same."""
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip().startswith(PREFIX):
        return None
    found = await ApiKey.objects().where(ApiKey.key_hash == _hash(key.strip())).first()
    if found is None or found.revoked_at:  # type: ignore[truthy-bool]  # Piccolo types nullable columns as never None
        return None
    if found.expires_at and found.expires_at <= now():  # type: ignore[truthy-bool]  # as above
        return None
    await _note_use(found)
    permissions: list[str] = msgspec.json.decode(found.permissions, type=list[str])
    return Actor(
        kind=ActorKind.API,
        tenant=tenant,
        session=found.id,
        name=found.name,
        language=tenant.language,
        staff_grants=dict.fromkeys(permissions, Reach.GROUP),
        modules=tenant.modules(),
    )
