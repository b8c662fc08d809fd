"""
Facts of signing in.

InvalidInputError
 ├─ WrongCredentialsError   422  e-mail and password do not match; never says which
 └─ WrongLinkingPasswordError 422  not the password of the account that is to be linked
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


class LinkSpentError(WrongStateError):
    """The link cannot be used (any more)."""

    default: ClassVar[LazyString] = _(
        "This link no longer works. It may have been used already, have expired, or have been replaced by a newer one."
    )
