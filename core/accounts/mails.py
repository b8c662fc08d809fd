"""The mails of accounts: put down without secrets; their links are made at the moment of sending."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.accounts.hashing import hash_password
from core.accounts.links import Purpose, issue_link
from core.accounts.tables import Account
from core.accounts.temporary import make_temporary_password, readable_code
from core.messages.queue import MailLink, enqueue, mail_link
from core.people.tables import Person
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIL = "core.account_mail"


async def put_down_mail(*, template: str, person: UUID, to: str, facts: Mapping[str, str] | None = None) -> None:
    """Have a mail of *template* sent to *person* at the address *to*."""
    await enqueue(
        kind=MAIL,
        tenant=current_tenant_id(),
        payload={"template": template, "person": str(person), "to": to, "facts": dict(facts or {})},
    )


async def _account_of(person: UUID, to: str, states: frozenset[str]) -> UUID | None:
    """Return the person's account if it is still open and its address is still *to*."""
    row = (
        await Person.select(Person.account)
        .where((Person.id == person) & Person.deleted_at.is_null() & Person.state.is_in(sorted(states)))
        .first()
    )
    if row is None or row["account"] is None:
        return None
    mine = (Account.id == row["account"]) & (Account.email == to) & Account.disabled_at.is_null()
    return row["account"] if await Account.exists().where(mine) else None


@mail_link("invitation")
async def make_invitation_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the link of an invitation, or None where it is no longer wanted."""
    account = await _account_of(person, to, frozenset({"invited"}))
    if account is None:
        return None
    path, expires_at = await issue_link(purpose=Purpose.INVITATION, person=person, account=account, email=to)
    return MailLink(path=path, expires_at=expires_at)


@mail_link("temporary_password")
async def make_password(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the temporary password of a first sign-in, or None where it is no longer wanted."""
    account = await _account_of(person, to, frozenset({"invited"}))
    made = await make_temporary_password(account=account) if account is not None else None
    return MailLink(path="/", code=made[0], expires_at=made[1]) if made is not None else None


@mail_link("reset")
async def make_reset_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the link to reset a password, or None where it is no longer wanted."""
    account = await _account_of(person, to, frozenset({"active"}))
    if account is None:
        return None
    path, expires_at = await issue_link(purpose=Purpose.RESET, person=person, account=account, email=to)
    return MailLink(path=path, expires_at=expires_at)


@mail_link("new_device")
async def to_sessions(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Lead to where she sees and ends her sessions."""
    return MailLink(path="/account/sessions")


@mail_link("identity_connected")
@mail_link("identity_disconnected")
async def to_ways(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Lead to where she sees how she signs in."""
    return MailLink(path="/account/sign-in")


@mail_link("sign_in")
async def make_sign_in_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make a link that signs in, bound to the browser that asked, with a code for others; None: no longer wanted."""
    account = await _account_of(person, to, frozenset({"active"}))
    if account is None:
        return None
    code = readable_code(2, 4)
    data = {"browser": facts["browser"], "code": await hash_password(code.replace("-", ""))}
    path, expires_at = await issue_link(purpose=Purpose.SIGN_IN, person=person, account=account, email=to, data=data)
    return MailLink(path=path, code=code, expires_at=expires_at)


@mail_link("change_email")
async def make_email_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make the link that proves a new address, or None where the account's has changed meanwhile."""
    account = await _account_of(person, facts["from"], frozenset({"active"}))
    if account is None:
        return None
    return await _prove_address(Purpose.CHANGE_EMAIL, person=person, account=account, to=to, present=facts["from"])


@mail_link("join")
async def make_joining_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make the link that proves the address of another sign-in, or None where the account's own has changed."""
    account = await _account_of(person, facts["from"], frozenset({"active"}))
    if account is None:
        return None
    return await _prove_address(Purpose.JOIN, person=person, account=account, to=to, present=facts["from"])


async def _prove_address(purpose: Purpose, *, person: UUID, account: UUID, to: str, present: str) -> MailLink:
    path, expires_at = await issue_link(
        purpose=purpose, person=person, account=account, email=to, data={"from": present}
    )
    return MailLink(path=path, expires_at=expires_at)


@mail_link("separated")
async def make_separating_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make the link by which she sets a password for this portal alone."""
    return await make_reset_link(person=person, to=to, facts=facts)
