"""What a tenant has decided about signing in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.accounts.policies import POLICIES, Policy

if TYPE_CHECKING:
    from core.tenancy.snapshot import TenantSnapshot

PASSWORD_POLICY = "accounts.password_policy"  # noqa: S105 -- the key of a setting
RESET_MODE = "accounts.reset_mode"
INVITATION_HOURS = "accounts.invitation_hours"
AUTO_INVITE_ON = "accounts.auto_invite_on"
FIRST_SIGN_IN = "accounts.first_sign_in"
SIGN_IN_LINK = "accounts.sign_in_link"
TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105 -- the name of a choice
LINKING = "accounts.linking"
CONFIRM_EMAIL = "confirm_email"
FIRST_DOCUMENT = "first_document"


def policy_of(tenant: TenantSnapshot) -> Policy:
    """Return what the tenant asks of passwords."""
    return POLICIES[tenant.setting(PASSWORD_POLICY)]


def confirms_email(tenant: TenantSnapshot) -> bool:
    """Whether links ask for the e-mail address again, and lead to the sign-in page instead of signing in."""
    return bool(tenant.setting(RESET_MODE) == CONFIRM_EMAIL)


def invitation_lasts(tenant: TenantSnapshot) -> timedelta:
    """Return how long an invitation holds."""
    return timedelta(hours=tenant.setting(INVITATION_HOURS))


def gives_temporary_passwords(tenant: TenantSnapshot) -> bool:
    """Whether the first sign-in is with a mailed password that has to be replaced, instead of a link."""
    return bool(tenant.setting(FIRST_SIGN_IN) == TEMPORARY_PASSWORD)


def invites_by_itself(tenant: TenantSnapshot) -> bool:
    """Whether contacts are invited with the first document that is published for them."""
    return bool(tenant.setting(AUTO_INVITE_ON) == FIRST_DOCUMENT)


def links_accounts(tenant: TenantSnapshot) -> bool:
    """Whether the tenant's contacts may sign in with an account that they have at another portal."""
    return bool(tenant.setting(LINKING))
