"""What accounts add to the core: settings of a tenant, and work that comes back."""

from __future__ import annotations

from core.accounts import mails, work  # noqa: F401 -- every process knows by this what the worker does for accounts
from core.accounts.links import forget_spent_links
from core.accounts.options import (
    AUTO_INVITE_ON,
    CONFIRM_EMAIL,
    FIRST_DOCUMENT,
    INVITATION_HOURS,
    PASSWORD_POLICY,
    RESET_MODE,
)
from core.accounts.policies import NIST, POLICIES
from core.accounts.rate_limits import forget_past_attempts
from core.accounts.sessions import forget_expired_sessions
from core.contributions import Schedule, Setting
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
            key=INVITATION_HOURS,
            label=_("Invitations hold for (hours)"),
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
    ]


async def tidy() -> None:
    """Delete what has run off: sessions, links long spent, counted attempts."""
    await forget_expired_sessions()
    await forget_spent_links()
    await forget_past_attempts()


def schedules() -> list[Schedule]:
    """Return the work of accounts that comes back."""
    return [Schedule(key="core.tidy_accounts", every=3600, run=tidy)]
