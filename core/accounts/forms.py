"""Forms of signing in. Password fields keep exactly what was typed: nothing is trimmed, folded or cut."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wtforms.fields import EmailField as PlainEmailField
from wtforms.fields import HiddenField, PasswordField
from wtforms.validators import EqualTo

from core.errors import InvalidInputError
from core.forms import EmailField, Form, Required, add_problems
from core.i18n import Translator


if TYPE_CHECKING:
    from collections.abc import Iterator

_ = Translator("core")
_SAME = EqualTo("password", message=_("Both fields must be the same."))  # type: ignore[arg-type] -- WTForms passes it on unread


class SignInForm(Form):
    """E-mail and password. What is no address finds nobody, so that all wrong pairs get the same answer."""

    email = PlainEmailField(_("E-mail"), [Required()])
    password = PasswordField(_("Password"), [Required()])
    next = HiddenField()


class ForgotForm(Form):
    """The address that a link goes to, if somebody has it."""

    email = EmailField(_("E-mail"), [Required()])


class LinkForm(Form):
    """The new password, twice, behind a mailed link."""

    password = PasswordField(_("New password"), [Required()])
    repeat = PasswordField(_("Repeat the new password"), [Required(), _SAME])


class ConfirmedLinkForm(Form):
    """The same where the tenant asks for the e-mail address again."""

    email = EmailField(_("E-mail"), [Required()])
    password = PasswordField(_("New password"), [Required()])
    repeat = PasswordField(_("Repeat the new password"), [Required(), _SAME])


class ChangePasswordForm(Form):
    """The current password, then the new one twice."""

    current = PasswordField(_("Current password"), [Required()])
    password = PasswordField(_("New password"), [Required()])
    repeat = PasswordField(_("Repeat the new password"), [Required(), _SAME])


@contextmanager
def refusals_shown_in(form: Form) -> Iterator[None]:
    """Run a verb; what it refuses ends up at the fields of *form*, and `form.errors` is then true."""
    try:
        yield
    except InvalidInputError as refused:
        add_problems(form, refused.fields or {"": [refused.message]})
