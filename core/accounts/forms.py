"""Forms of signing in. Password fields keep exactly what was typed: nothing is trimmed, folded or cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms.fields import EmailField as PlainEmailField
from wtforms.fields import HiddenField, PasswordField
from wtforms.validators import EqualTo, Length

from core.errors import InvalidInputError
from core.forms import EmailField, Form, LongTextField, Required, TextField, add_problems
from core.i18n import LazyString, Translator

if TYPE_CHECKING:
    from types import TracebackType

_ = Translator("core")


def _text(text: LazyString) -> Any:
    """Return *text* as WTForms' types want it: they say str, and pass it on unread."""
    return text


_SAME = EqualTo("password")


class SignInForm(Form):
    """E-mail and password. What is no address finds nobody, so that all wrong pairs get the same answer."""

    email = PlainEmailField(_text(_("E-mail")), [Required()])
    password = PasswordField(_text(_("Password")), [Required()])
    next = HiddenField()
    unsent = HiddenField()


class ForgotForm(Form):
    """The address that a link goes to, if somebody has it. It may stand on the sign-in page too: an id of its own."""

    email = EmailField(_text(_("E-mail")), [Required()], id="forgot-email")


class LinkForm(Form):
    """The new password, twice, behind a mailed link."""

    password = PasswordField(_text(_("New password")), [Required()])
    repeat = PasswordField(_text(_("Repeat the new password")), [Required(), _SAME])


class ConfirmedLinkForm(Form):
    """The same where the tenant asks for the e-mail address again."""

    email = EmailField(_text(_("E-mail")), [Required()])
    password = PasswordField(_text(_("New password")), [Required()])
    repeat = PasswordField(_text(_("Repeat the new password")), [Required(), _SAME])


class ChangePasswordForm(Form):
    """The current password, then the new one twice."""

    current = PasswordField(_text(_("Current password")), [Required()])
    password = PasswordField(_text(_("New password")), [Required()])
    repeat = PasswordField(_text(_("Repeat the new password")), [Required(), _SAME])


class SignInLinkForm(Form):
    """The address that a link to sign in goes to, if somebody has it."""

    email = EmailField(_text(_("E-mail")), [Required()])


class CodeForm(Form):
    """The code of a link to sign in, on another device than the one that asked."""

    code = TextField(_text(_("Code in the mail")))


class ChangeEmailForm(Form):
    """The new address, and the current password."""

    email = EmailField(_text(_("New e-mail address")), [Required()])
    current = PasswordField(_text(_("Current password")), [Required()])


class ConfirmEmailForm(Form):
    """The password of who is not signed in here, and whether what the address opens elsewhere is linked."""

    password = PasswordField(_text(_("Current password")))
    join = HiddenField()


class JoinForm(Form):
    """Another sign-in of one's own: its address, and its password, or none to get a link at that address."""

    email = EmailField(_text(_("E-mail of your other sign-in")), [Required()])
    password = PasswordField(_text(_("Password of your other sign-in")))
    current = PasswordField(_text(_("Your password here")), [Required()])


class TroubleForm(Form):
    """Word to the staff from somebody who cannot sign in."""

    name = TextField(_text(_("Your name")), [Required(), Length(max=120)])
    email = EmailField(_text(_("E-mail")), [Required()])
    message = LongTextField(_text(_("What happens?")), [Required(), Length(max=1000)])


class refusals_shown_in:  # noqa: N801 -- reads like the sentence it is used in
    """Run a verb; what it refuses ends up at the fields of the form, and the block ends there."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, InvalidInputError):
            return False
        add_problems(self._form, error.fields or {"": [error.message]})
        return True
