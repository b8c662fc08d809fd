"""What accounts add to the core: settings of a tenant, and work that comes back."""

from __future__ import annotations

from core.accounts import mails, work  # noqa: F401 -- every process knows by this what the worker does for accounts
from core.accounts.entering import forget_old_devices
from core.accounts.links import forget_spent_links
from core.accounts.oidc.attempts import forget_old_attempts
from core.accounts.options import (
    AUTO_INVITE_ON,
    CONFIRM_EMAIL,
    FIRST_DOCUMENT,
    FIRST_SIGN_IN,
    INVITATION_HOURS,
    LINKING,
    PASSWORD_POLICY,
    RESET_MODE,
    SIGN_IN_LINK,
    TEMPORARY_PASSWORD,
)
from core.accounts.policies import NIST, POLICIES
from core.accounts.rate_limits import forget_past_attempts
from core.accounts.sessions import forget_expired_sessions
from core.contributions import ActivityKind, Audience, Schedule, Setting
from core.i18n import Translator

_ = Translator("core")

SECTION = "sign_in"


def settings() -> list[Setting]:
    """Return what a tenant decides about signing in."""
    return [
        Setting(
            key=PASSWORD_POLICY,
            label=_("Passwords"),
            help=_("Holds for new passwords; somebody whose password is too weak sets a new one at the next sign-in."),
            kind="choice",
            default=NIST.key,
            section=SECTION,
            choices=tuple((policy.key, policy.label) for policy in POLICIES.values()),
            weight=10,
        ),
        Setting(
            key=RESET_MODE,
            label=_("Links in invitations and for forgotten passwords"),
            help=_("Typing the address again protects people whose mail somebody else reads."),
            kind="choice",
            default="direct",
            section=SECTION,
            choices=(
                ("direct", _("Set the password and be signed in")),
                (CONFIRM_EMAIL, _("Type the e-mail address again, set the password, then sign in")),
            ),
            weight=20,
        ),
        Setting(
            key=FIRST_SIGN_IN,
            label=_("First sign-in"),
            help=_("Either way people choose a password of their own before they see anything else."),
            kind="choice",
            default="link",
            section=SECTION,
            choices=(
                ("link", _("With a link in the mail, which works once (recommended)")),
                (TEMPORARY_PASSWORD, _("With a temporary password in the mail")),
            ),
            weight=25,
        ),
        Setting(
            key=SIGN_IN_LINK,
            label=_("Offer signing in with a link by e-mail"),
            help=_("For people who have a password already; the link works once and for ten minutes."),
            kind="boolean",
            default=False,
            section=SECTION,
            weight=27,
        ),
        Setting(
            key=INVITATION_HOURS,
            label=_("Invitations and temporary passwords hold for (hours)"),
            kind="integer",
            default=168,
            minimum=72,
            maximum=720,
            section=SECTION,
            weight=30,
        ),
        Setting(
            key=AUTO_INVITE_ON,
            label=_("Invite contacts by themselves"),
            kind="choice",
            default="never",
            section=SECTION,
            choices=(
                ("never", _("Never: staff invites")),
                (FIRST_DOCUMENT, _("With the first document that is published for them")),
            ),
            weight=40,
        ),
        Setting(
            key=LINKING,
            label=_("Contacts may link their access at several portals"),
            help=_(
                "Who is invited with an address that opens another portal too may use the same password here. "
                "Without it every contact sets a password for this portal alone; who has linked hers is asked for one."
            ),
            kind="boolean",
            default=True,
            section=SECTION,
            weight=50,
        ),
    ]


def activity_kinds() -> list[ActivityKind]:
    """Return what happens around signing in; all of it stands in the log, of one kind staff hears."""
    quiet = {
        "core.sign_in_failed": (
            _("Failed sign-ins"),
            _("A sign-in with {email} from {network} has failed"),
            "alert-triangle",
        ),
        "core.provider_sign_in_failed": (
            _("Failed sign-ins at providers"),
            _("A sign-in with {provider} from {network} has failed"),
            "alert-triangle",
        ),
        "core.identity_connected": (
            _("Ways to sign in added"),
            _("{by} can sign in with {provider} from now on"),
            "key",
        ),
        "core.identity_disconnected": (
            _("Ways to sign in removed"),
            _("{by} no longer signs in with {provider}"),
            "key",
        ),
        "core.email_changed": (_("Changed e-mail addresses"), _("{by} changed the e-mail address"), "mail"),
    }
    return [
        ActivityKind(
            key="core.sign_in_trouble",
            label=_("Problems signing in"),
            sentence=_("{name} ({email}) cannot sign in: {message}"),
            subject=_("{name} cannot sign in to {portal}"),
            body=_("{name} ({email}) cannot sign in: {message}"),
            icon="help-circle",
            notify=(Audience.STAFF,),
            channel="mail",
            shared=False,
        ),
        *(
            ActivityKind(key=key, label=label, sentence=sentence, icon=icon, channel="none", shared=False)
            for key, (label, sentence, icon) in quiet.items()
        ),
    ]


async def tidy() -> None:
    """Delete what has run off: sessions, links long spent, counted attempts."""
    await forget_expired_sessions()
    await forget_spent_links()
    await forget_past_attempts()
    await forget_old_devices()
    await forget_old_attempts()


def schedules() -> list[Schedule]:
    """Return the work of accounts that comes back."""
    return [Schedule(key="core.tidy_accounts", every=3600, run=tidy)]
