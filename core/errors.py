"""
The errors that verbs raise, each naming a fact; `core.answers` maps them to HTTP in one place.

DomainError
 ├─ NotFoundError            404  unknown, foreign, unpublished or switched off: nobody can tell which
 ├─ NotSignedInError         401  → the sign-in page, then back to where the reader wanted to go
 ├─ NotPermittedError        403  visible, but this role may not do it
 ├─ WrongStateError          409  the record is not in the state that the action needs
 │   └─ StaleError           409  somebody changed it after it was shown
 ├─ InvalidInputError        422  what was typed cannot be used; says why per field
 ├─ TooLargeError            413  a body or a file over its limit
 └─ TooManyAttemptsError     429  a rate limit; says when to come back
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from core.i18n import LazyString, Translator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ = Translator("core")


class DomainError(Exception):
    """A fact that stops a verb: `message` is a sentence for the reader, in the reader's language when shown."""

    status: ClassVar[int] = 400
    default: ClassVar[LazyString] = _("That did not work.")

    def __init__(self, message: LazyString | None = None) -> None:
        self.message = message if message is not None else type(self).default
        super().__init__(str(self.message))


class NotFoundError(DomainError):
    """Unknown, foreign, unpublished or switched off: the answer is the same for all four."""

    status = 404
    default = _("This page does not exist, or it is not yours to see.")


class NotSignedInError(DomainError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    default = _("Please sign in to go on.")


class NotPermittedError(DomainError):
    """The reader may see this, but the role does not allow the action."""

    status = 403
    default = _("Your role does not allow this.")


class WrongStateError(DomainError):
    """The record is not in the state that the action needs."""

    status = 409
    default = _("This can no longer be done.")


class StaleError(WrongStateError):
    """Somebody changed the record after it was shown."""

    default = _("Somebody changed this meanwhile. Look at it again, then decide.")


class InvalidInputError(DomainError):
    """What was typed cannot be used. `fields` maps a field's name to its reasons; the key `""` is the whole form."""

    status = 422
    default = _("Please check what you entered.")

    def __init__(
        self,
        message: LazyString | None = None,
        *,
        fields: Mapping[str, Sequence[LazyString]] | None = None,
    ) -> None:
        super().__init__(message)
        self.fields: Mapping[str, Sequence[LazyString]] = fields or {}


class TooLargeError(DomainError):
    """A request body or a file is over its limit."""

    status = 413
    default = _("This is too large to be sent.")


class TooManyAttemptsError(DomainError):
    """A rate limit was reached. `retry_after` is in seconds."""

    status = 429
    default = _("Too many attempts. Please wait a little and try again.")

    def __init__(self, message: LazyString | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after
