"""The providers of a tenant: what staff keep, and what pages and sign-ins read of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts.oidc.discovery import metadata_of
from core.accounts.oidc.errors import UnreachableError
from core.accounts.oidc.kinds import ICONS, Kind
from core.accounts.oidc.tables import SignInAttempt, SignInIdentity, SignInProvider
from core.accounts.tables import Session
from core.clock import now
from core.db import UniqueViolationError, transaction
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.outgoing import problem_with
from core.records.activity import write_activity
from core.sealing import seal, unseal
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid

if TYPE_CHECKING:
    from core.tenancy.snapshot import TenantSnapshot

_ = Translator("core")
log = logging.getLogger("portico.accounts")

MOST = 10
"""Providers of a tenant: more than a sign-in page can offer."""
_SECRET = "sign-in-provider"  # noqa: S105 -- what the secret is sealed for


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as sign-ins use it."""

    id: UUID
    name: str
    kind: Kind
    issuer: str
    client_id: str
    sealed: str = field(repr=False)
    registers: bool
    trusts_email: bool
    enabled: bool

    @property
    def icon(self) -> str:
        """The icon of its button."""
        return ICONS[self.kind]

    @property
    def secret(self) -> str:
        """
        The client's secret; empty where it has none.

        Raises:
            UnreachableError: it was sealed under a key that is no longer among the secret keys.

        """
        if not self.sealed:
            return ""
        found = unseal(_SECRET, self.sealed, bound_to=str(self.id))
        if found is None:
            raise UnreachableError("the client's secret was sealed under another key")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What staff type of a provider. Without a *secret* the one that is kept stays."""

    name: str
    client_id: str
    secret: str = field(repr=False, default="")
    registers: bool = False
    trusts_email: bool = False
    enabled: bool = True


def redirect_uri(tenant: TenantSnapshot, provider: UUID) -> str:
    """Return where the provider sends people back: of the tenant's own origin, another one for each provider."""
    return f"{tenant.origin}/sign-in/with/{provider}/callback"


def _provider(row: Any) -> Provider:
    return Provider(
        id=as_uuid(row["id"]),
        name=row["name"],
        kind=Kind(row["kind"]),
        issuer=row["issuer"],
        client_id=row["client_id"],
        sealed=row["client_secret"],
        registers=bool(row["registers"]),
        trusts_email=bool(row["trusts_email"]),
        enabled=bool(row["enabled"]),
    )


async def all_providers() -> list[Provider]:
    """Return the tenant's providers, in the order in which they were added."""
    return [_provider(row) for row in await SignInProvider.select().order_by(SignInProvider.id)]


async def offered_providers(*, registering: bool = False) -> list[Provider]:
    """Return those that people may sign in, or register, with now."""
    return [each for each in await all_providers() if each.enabled and (each.registers or not registering)]


async def find_provider(provider: UUID) -> Provider:
    """
    Return one of the tenant's providers, enabled or not.

    Raises:
        NotFoundError: there is none.

    """
    row = await SignInProvider.select().where(SignInProvider.id == provider).first()
    if row is None:
        raise NotFoundError
    return _provider(row)


async def enabled_provider(provider: UUID) -> Provider:
    """
    Return one that people may sign in with now.

    Raises:
        NotFoundError: there is none, or it is switched off.

    """
    found = await find_provider(provider)
    if not found.enabled:
        raise NotFoundError
    return found


async def add_provider(*, id: UUID, kind: Kind, issuer: str, wanted: Wanted) -> None:
    """
    Add a provider that answers as it should; people are sent back to `redirect_uri()` of *id*.

    Raises:
        InvalidInputError: the issuer cannot be used or reached, is there already, or there are too many.
        NotFoundError: the id is taken.

    """
    problem = problem_with(issuer)
    if problem is not None or issuer.endswith("/.well-known/openid-configuration"):
        raise InvalidInputError(
            fields={
                "issuer": [_("Write an address like https://login.example.com, without a port or a password in it.")]
            }
        )
    known = await all_providers()
    if len(known) >= MOST:
        raise InvalidInputError(_("There are {n} providers already. Remove one first.").format(n=MOST))
    if any(each.issuer == issuer for each in known):
        raise InvalidInputError(fields={"issuer": [_("This provider is in the list already.")]})
    try:
        await metadata_of(kind, issuer)
    except UnreachableError as error:
        log.info("provider_refused tenant=%s issuer=%s: %s", current_tenant_id(), issuer, error.reason)
        raise InvalidInputError(
            fields={
                "issuer": [
                    _(
                        "No OpenID Connect provider answers under this very address. "
                        "Look for a misspelling, or a slash too many or too few at the end."
                    )
                ]
            }
        ) from error
    row = SignInProvider(
        id=id,
        kind=kind.value,
        issuer=issuer,
        name=wanted.name,
        client_id=wanted.client_id,
        client_secret=_sealed(id, wanted.secret),
        registers=wanted.registers,
        trusts_email=wanted.trusts_email and kind is Kind.OTHER,
        enabled=wanted.enabled,
        created_at=now(),
    )
    try:
        async with transaction():
            await SignInProvider.insert(row)
            await _tell(wanted.name, "added")
    except UniqueViolationError as error:
        raise NotFoundError from error


async def change_provider(*, provider: UUID, wanted: Wanted) -> None:
    """
    Change a provider. Its kind and issuer stay: identities belong to them. Off, whom it let in is out at once.

    Raises:
        NotFoundError: there is none.

    """
    async with transaction():
        found = await find_provider(provider)
        values: dict[Any, Any] = {
            SignInProvider.name: wanted.name,
            SignInProvider.client_id: wanted.client_id,
            SignInProvider.registers: wanted.registers,
            SignInProvider.trusts_email: wanted.trusts_email and found.kind is Kind.OTHER,
            SignInProvider.enabled: wanted.enabled,
        }
        if wanted.secret:
            values[SignInProvider.client_secret] = _sealed(provider, wanted.secret)
        await SignInProvider.update(values).where(SignInProvider.id == provider)
        if not wanted.enabled:
            await _end_sessions(provider)
        await _tell(wanted.name, "changed")


async def remove_provider(*, provider: UUID) -> str:
    """
    Remove a provider with the identities that people have connected, and return its name.

    Whom it let in is out at once; who has no password gets one by "Forgot your password?".

    Raises:
        NotFoundError: there is none.

    """
    async with transaction():
        found = await find_provider(provider)
        await _end_sessions(provider)
        await SignInAttempt.delete().where(SignInAttempt.provider == provider)
        await SignInIdentity.delete().where(SignInIdentity.provider == provider)
        await SignInProvider.delete().where(SignInProvider.id == provider)
        await _tell(found.name, "removed")
    return found.name


async def count_identities(*, provider: UUID) -> int:
    """Return how many people have connected the provider."""
    found: int = await SignInIdentity.count().where(SignInIdentity.provider == provider)
    return found


async def _end_sessions(provider: UUID) -> None:
    rows = await SignInIdentity.select(SignInIdentity.id).where(SignInIdentity.provider == provider)
    if rows:
        await Session.delete().where(Session.identity.is_in([row["id"] for row in rows]))


def _sealed(id: UUID, secret: str) -> str:
    return seal(_SECRET, secret, bound_to=str(id)) if secret else ""


async def _tell(name: str, what: str) -> None:
    await write_activity(kind="core.provider_changed", data={"name": name, "what": what})
