"""
What can go wrong between here and a provider. What exactly stands in the log; the reader gets one neutral sentence.

DomainError
 ├─ AttemptSpentError   410  begun too long ago, in another browser, or used already
 ├─ NotProvedError      401  the provider did not say who it is, or not so that it counts
 ├─ UnreachableError    409  the provider does not answer as it should
 ├─ UnknownIdentityError 403 proved, but nobody here has connected it
 ├─ IdentityTakenError  409  proved, but somebody else here has connected it
 └─ OnlyWayError        422  without this identity nobody could sign in any more
"""

from __future__ import annotations

from core.errors import DomainError, InvalidInputError
from core.i18n import Translator

_ = Translator("core")


class ProviderError(DomainError):
    """Base of what the pages of providers show. *reason* is for the log."""

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason or type(self).__name__


class AttemptSpentError(ProviderError):
    """There is no such attempt, or no more."""

    status = 410
    default = _("This sign-in was begun too long ago, in another browser, or is finished already. Please begin again.")


class NotProvedError(ProviderError):
    """Nothing that counts has been proved; *reason* says what was wrong."""

    status = 401
    default = _("The provider has not confirmed who you are, so nothing was done. Please begin again.")


class UnreachableError(ProviderError):
    """The provider cannot be asked."""

    status = 409
    default = _("The provider does not answer at the moment. Please try again later, or sign in another way.")


class UnknownIdentityError(ProviderError):
    """Nobody signs in with it here."""

    status = 403
    default = _(
        "With this account nobody signs in here. If you have access, sign in as usual; "
        "you can then add this way on your profile."
    )


class IdentityTakenError(ProviderError):
    """Somebody else does."""

    status = 409
    default = _("With this account somebody else signs in here. Choose another one.")


class OnlyWayError(InvalidInputError):
    """Without it she could not sign in any more."""

    default = _("This is your only way to sign in. Set a password first, then remove it.")
