"""
Facts of signing in.

InvalidInputError
 ├─ WrongCredentialsError   422  e-mail and password do not match; never says which
 ├─ WrongLinkingPasswordError 422  not the password of the account that is to be linked
 └─ NoSuchSignInError       422  e-mail and password open nothing that could be linked; never says why
WrongStateError
 └─ LinkSpentError          409  used, expired, superseded, foreign or made up: nobody can tell which
"""

from __future__ import annotations

from typing import ClassVar

from core.errors import InvalidInputError, WrongStateError
from core.i18n import LazyString, Translator

_ = Translator("core")


class WrongCredentialsError(InvalidInputError):
    """The pair does not open anything here. The same for unknown, unconfirmed, disabled and deactivated."""

    default: ClassVar[LazyString] = _(
        "This e-mail address and password do not match. Please check the spelling of both; "
        "in passwords, capital and small letters differ."
    )


class WrongLinkingPasswordError(InvalidInputError):
    """No account that might be linked has this password."""

    def __init__(self) -> None:
        super().__init__(
            fields={"password": [_("This is not the password with which you sign in at the other portal.")]}
        )


class NoSuchSignInError(InvalidInputError):
    """The pair opens no portal that could be linked. The same for unknown, wrong, refused by a tenant, known here."""

    def __init__(self) -> None:
        super().__init__(
            fields={
                "password": [
                    _(
                        "With this e-mail address and password nothing can be linked. "
                        "Please check the spelling of both. Some portals do not allow linking."
                    )
                ]
            }
        )


class LinkSpentError(WrongStateError):
    """The link cannot be used (any more)."""

    default: ClassVar[LazyString] = _(
        "This link no longer works. It may have been used already, have expired, or have been replaced by a newer one."
    )
