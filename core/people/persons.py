"""People known to a tenant: contacts of customers, and staff. Their verbs stand by noun in the files beside this."""

from __future__ import annotations

from core.people.persons_access import (
    deactivate_person,
    give_login,
    reactivate_person,
    send_invitation,
)
from core.people.persons_edited import (
    THEMES,
    add_contact,
    add_staff,
    choose_language,
    choose_theme,
    edit_own_profile,
    edit_person,
)
from core.people.persons_known import (
    LONGEST_NAME,
    REQUIRE_DETAIL,
    Details,
    EmailTakenError,
    OwnAccessError,
    Seat,
    find_person,
    full_name,
    has_account,
)
from core.people.persons_seats import projects_at, remove_seat, set_seat, set_staff_role

__all__ = [
    "LONGEST_NAME",
    "REQUIRE_DETAIL",
    "THEMES",
    "Details",
    "EmailTakenError",
    "OwnAccessError",
    "Seat",
    "add_contact",
    "add_staff",
    "choose_language",
    "choose_theme",
    "deactivate_person",
    "edit_own_profile",
    "edit_person",
    "find_person",
    "full_name",
    "give_login",
    "has_account",
    "projects_at",
    "reactivate_person",
    "remove_seat",
    "send_invitation",
    "set_seat",
    "set_staff_role",
]
