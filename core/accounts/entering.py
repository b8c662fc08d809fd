"""What happens when somebody gets in, by whichever way: her session, her count, the log, and word of new devices."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.accounts import rate_limits
from core.accounts.mails import put_down_mail
from core.accounts.rate_limits import Limit
from core.accounts.sessions import Device, create_session
from core.accounts.showing import device_name, hidden_address
from core.accounts.tables import Account, KnownDevice
from core.accounts.tokens import TOKEN_LENGTH, token_hash
from core.clock import now
from core.db import transaction
from core.people.actor import Actor, ActorKind
from core.people.tables import Person
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

log = logging.getLogger("portico.accounts")

DEVICE_LASTS = timedelta(days=400)
"""How long a browser is known after its last sign-in; browsers keep no cookie longer."""
FAILURES = Limit(name="failures", burst=60, period=timedelta(hours=1))
"""Failed sign-ins that a portal's log takes in: an attack must not fill it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody has signed in: the token for her cookie, and whether she must set a new password first."""

    person: UUID
    token: str
    kind: str
    restricted: bool = False


async def enter(
    *,
    person: UUID,
    account: UUID,
    kind: str,
    device: Device,
    how: str,
    restricted: str | None = None,
    announce: bool = True,
    identity: UUID | None = None,
) -> SignedIn:
    """
    Open a session for *person*, count her sign-in, write it down, and mail her where the device is new.

    In the transaction of what let her in. *how* says by what: password, temporary, link, invitation, reset, office,
    identity (then *identity* is which).
    Without *announce* a new device is kept silently: another mail says what happened.
    """
    counted = (
        await Person.update({Person.sign_ins: Person.sign_ins + 1, Person.last_sign_in_at: now()})
        .where(Person.id == person)
        .returning(Person.sign_ins)
    )
    new = await _is_new(person, device)
    first = not counted or counted[0]["sign_ins"] <= 1
    if new and announce and not first:
        row = await Account.select(Account.email).where(Account.id == account).first()
        if row is not None:
            facts = {"at": now().isoformat(), "device": device_name(device.agent), "address": device.address}
            await put_down_mail(template="new_device", person=person, to=row["email"], facts=facts)
    token = await create_session(
        person=person, account=account, kind=kind, device=device, restricted=restricted, identity=identity
    )
    await write_activity(
        kind="core.signed_in",
        by=await actor_of(person, account, kind),
        data={"how": how, "device": device_name(device.agent)},
    )
    log.info(
        "signed_in tenant=%s person=%s how=%s network=%s",
        current_tenant_id(),
        person,
        how,
        rate_limits.prefix_of(device.address),
    )
    return SignedIn(person=person, token=token, kind=kind, restricted=restricted is not None)


async def actor_of(person: UUID, account: UUID, kind: str) -> Actor:
    """Return the person as the one who acts, without rights: for what she does before she is signed in."""
    tenant = await load_snapshot(current_tenant_id())
    return Actor(kind=ActorKind(kind), tenant=tenant, person=person, account=account)


async def _is_new(person: UUID, device: Device) -> bool:
    """Whether the person has never signed in from this browser; from now on she has."""
    if len(device.token) != TOKEN_LENGTH:
        return False
    hashed, present = token_hash(device.token), now()
    seen = (
        await KnownDevice.update({KnownDevice.seen_at: present})
        .where((KnownDevice.person == person) & (KnownDevice.token_hash == hashed))
        .returning(KnownDevice.id)
    )
    if seen:
        return False
    await KnownDevice.insert(KnownDevice(person=person, token_hash=hashed, created_at=present, seen_at=present))
    return True


async def write_failure(*, email: str, device: Device) -> None:
    """Write a failed sign-in into the log, the same for known and unknown addresses; what was typed is not kept."""
    network = rate_limits.prefix_of(device.address)
    log.info("sign_in_failed tenant=%s network=%s", current_tenant_id(), network)
    if not await rate_limits.attempt(FAILURES):
        return
    async with transaction():
        await write_activity(
            kind="core.sign_in_failed", data={"email": hidden_address(email) or "…", "network": network}
        )


async def forget_old_devices() -> None:
    """Delete browsers that nobody has signed in from for long."""
    await KnownDevice.delete().where(KnownDevice.seen_at <= now() - DEVICE_LASTS)
