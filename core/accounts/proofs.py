"""What somebody says to show that it is her, before anything is done: her password, or where her link was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.accounts.errors import WrongCredentialsError
from core.accounts.hashing import verify_password
from core.accounts.options import confirms_email
from core.accounts.services import folded_address
from core.accounts.tables import Account
from core.errors import InvalidInputError
from core.i18n import Translator
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from core.accounts.links import LinkFacts
    from core.people.actor import Actor

_ = Translator("core")


async def prove_password(*, password: str, by: Actor, field: str = "current") -> Account:
    """
    See to it that it is the actor who sits there, and return her account.

    Raises:
        WrongCredentialsError: she has none.
        InvalidInputError: this is not her password; it stands at the form's *field*.
        TooManyAttemptsError: it was wrong too often.

    """
    account: Account | None = await Account.objects().where(Account.id == by.account).first()
    if account is None:
        raise WrongCredentialsError
    await rate_limits.take(rate_limits.PASSWORD, str(by.account))
    if not await verify_password(account.password_hash, password):
        raise InvalidInputError(fields={field: [_("This is not your current password.")]})
    await rate_limits.reset(rate_limits.PASSWORD, str(by.account))
    return account


async def prove_asker(*, link: LinkFacts, password: str) -> None:
    """
    See to it that whoever follows a link to another address is who asked for it, where she is not signed in.

    Raises:
        InvalidInputError: this is not her password.
        TooManyAttemptsError: too many attempts on this link.

    """
    await rate_limits.take(rate_limits.LINK_FORM, str(link.id))
    row = await Account.select(Account.password_hash).where(Account.id == link.account).first()
    if row is None or not await verify_password(row["password_hash"], password):
        raise InvalidInputError(fields={"password": [_("This is not your current password.")]})


async def prove_receiver(*, link: LinkFacts, email: str | None) -> None:
    """
    See to it that whoever uses a link knows the address that it was sent to, where the tenant asks for it.

    Raises:
        InvalidInputError: *email* is another one; the link stays as it is.
        TooManyAttemptsError: too many attempts on this link.

    """
    await rate_limits.take(rate_limits.LINK_FORM, str(link.id))
    if confirms_email(await load_snapshot(current_tenant_id())) and folded_address(email or "") != link.email:
        raise InvalidInputError(
            fields={
                "email": [
                    _(
                        "Type the e-mail address at which you received this link. "
                        "Messages of the portal go to that address, not to another one."
                    )
                ]
            }
        )
