"""
Facts of signing in.

InvalidInputError
 └─ WrongCredentialsError   422  e-mail and password do not match; never says which
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


class LinkSpentError(WrongStateError):
    """The link cannot be used (any more)."""

    default: ClassVar[LazyString] = _(
        "This link no longer works. It may have been used already, have expired, or have been replaced by a newer one."
    )
