"""The mails of accounts: put down without secrets; their links are made at the moment of sending."""

from __future__ import annotations

from dataclasses import replace
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


async def _account_of(person: UUID, email: str, state: str) -> UUID | None:
    """Return the account of the person, who is in *state*, if it is still open and its address is still *email*."""
    living = (Person.id == person) & Person.deleted_at.is_null() & (Person.state == state)
    row = await Person.select(Person.account).where(living).first()
    if row is None or row["account"] is None:
        return None
    mine = (Account.id == row["account"]) & (Account.email == email) & Account.disabled_at.is_null()
    return row["account"] if await Account.exists().where(mine) else None


async def _link(
    purpose: Purpose, person: UUID, to: str, *, state: str = "active", data: Mapping[str, str] | None = None
) -> MailLink | None:
    """Make a link of *purpose*; `from` in its *data* is the account's own address where the mail goes to another."""
    facts = data or {}
    account = await _account_of(person, facts.get("from", to), state)
    if account is None:
        return None
    path, expires_at = await issue_link(purpose=purpose, person=person, account=account, email=to, data=facts)
    return MailLink(path=path, expires_at=expires_at)


@mail_link("invitation")
async def make_invitation_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the link of an invitation, or None where it is no longer wanted."""
    return await _link(Purpose.INVITATION, person, to, state="invited")


@mail_link("temporary_password")
async def make_password(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the temporary password of a first sign-in, or None where it is no longer wanted."""
    account = await _account_of(person, to, "invited")
    made = await make_temporary_password(account=account) if account is not None else None
    return MailLink(path="/", code=made[0], expires_at=made[1]) if made is not None else None


@mail_link("reset")
@mail_link("separated")
async def make_reset_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:  # noqa: ARG001 -- the maker's signature
    """Make the link to set a password anew, or None where it is no longer wanted."""
    return await _link(Purpose.RESET, person, to)


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
    code = readable_code(2, 4)
    data = {"browser": facts["browser"], "code": await hash_password(code.replace("-", ""))}
    made = await _link(Purpose.SIGN_IN, person, to, data=data)
    return replace(made, code=code) if made is not None else None


@mail_link("change_email")
async def make_email_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make the link that proves a new address, or None where the account's has changed meanwhile."""
    return await _link(Purpose.CHANGE_EMAIL, person, to, data={"from": facts["from"]})


@mail_link("join")
async def make_joining_link(*, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    """Make the link that proves the address of another sign-in, or None where the account's own has changed."""
    return await _link(Purpose.JOIN, person, to, data={"from": facts["from"]})
