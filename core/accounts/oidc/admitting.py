"""Who gets in for the first time with an identity instead of a password: behind an invitation, or once approved."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from core.accounts.entering import SignedIn, actor_of, enter
from core.accounts.invitations import create_login
from core.accounts.links import consume_found, find_invitation
from core.accounts.mails import put_down_mail
from core.accounts.oidc.attempts import Proved
from core.accounts.oidc.errors import AttemptSpentError
from core.accounts.oidc.identities import HOW, add_identity, forget_identities, holder_of, note_use
from core.accounts.oidc.tables import SignInProvider
from core.accounts.sessions import end_sessions_everywhere
from core.accounts.tables import Account
from core.accounts.temporary import end_password
from core.clock import now
from core.db import transaction
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from core.accounts.sessions import Device

log = logging.getLogger("portico.accounts")


async def accept_invitation(*, link: UUID | None, proved: Proved, name: str, device: Device) -> SignedIn:
    """
    Accept an invitation with an identity instead of a password; return the new session.

    The invitation is the proof of the address. What anybody may have set before it was accepted ends.

    Raises:
        AttemptSpentError: the invitation does not work (any more).
        IdentityTakenError: somebody else here signs in with the identity; the invitation stays as it is.

    """
    found = await find_invitation(link) if link is not None else None
    if found is None or found.active:
        raise AttemptSpentError
    async with transaction():
        await consume_found(found)
        await end_password(account=found.account)
        await forget_identities(person=found.person)
        await end_sessions_everywhere(account=found.account)
        await Account.update({Account.email_verified_at: now()}).where(Account.id == found.account)
        await Person.update({Person.state: "active"}).where(Person.id == found.person)
        actor = await actor_of(found.person, found.account, found.kind)
        identity = await add_identity(
            person=found.person, account=found.account, proved=proved, name=name, by=actor, tell=False
        )
        await note_use(identity=identity, proved=proved)
        signed_in = await enter(
            person=found.person,
            account=found.account,
            kind=found.kind,
            device=device,
            how=HOW,
            announce=False,
            identity=identity,
        )
    log.info("invitation_accepted_by_identity tenant=%s person=%s", current_tenant_id(), found.person)
    return signed_in


async def let_in(*, person: UUID, email: str, proved: Proved) -> bool:
    """
    Let somebody in whose registration was approved: with the identity by which she registered. In a transaction.

    False where that is not possible (any more): the provider is gone or off, or the identity is somebody else's; then
    she is invited as everybody is. Her address must have been proved in the browser that proved the identity.
    """
    provider = (
        await SignInProvider.select(SignInProvider.name)
        .where((SignInProvider.id == proved.provider) & SignInProvider.enabled.eq(True))
        .first()
    )
    held = await holder_of(issuer=proved.issuer, subject=proved.subject)
    if provider is None or held is not None:
        return False
    account = await create_login(person=person)
    await Account.update({Account.email_verified_at: now()}).where((Account.id == account) & (Account.email == email))
    row = await Person.update({Person.state: "active"}).where(Person.id == person).returning(Person.kind)
    actor = await actor_of(person, account, row[0]["kind"])
    await add_identity(person=person, account=account, proved=proved, name=provider["name"], by=actor, tell=False)
    await put_down_mail(template="access_open", person=person, to=email, facts={"provider": provider["name"]})
    return True
