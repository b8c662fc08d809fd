"""People known to a tenant: contacts of customers, and staff. Their verbs stand by noun in the files beside this."""

from __future__ import annotations

from core.people.persons_access import (
    Invited,
    deactivate_person,
    give_login,
    invite_people,
    reactivate_person,
    reset_person_access,
    send_invitation,
)
from core.people.persons_deleted import (
    HeirNeededError,
    delete_person,
    deleted_with,
    find_anybody,
    is_known,
    restore_person,
)
from core.people.persons_edited import (
    Access,
    add_contact,
    add_staff,
    check_contact,
    edit_person,
    enrol_contact,
)
from core.people.persons_known import (
    LONGEST_NAME,
    ChangedMeanwhileError,
    Details,
    EmailTakenError,
    OwnAccessError,
    Seat,
    find_living,
    find_person,
    full_name,
    has_account,
)
from core.people.persons_own import THEMES, choose_language, choose_theme, edit_own_profile
from core.people.persons_seats import OneCustomerError, projects_at, remove_seat, set_seat, set_staff_role

__all__ = [
    "LONGEST_NAME",
    "THEMES",
    "Access",
    "ChangedMeanwhileError",
    "Details",
    "EmailTakenError",
    "HeirNeededError",
    "Invited",
    "OneCustomerError",
    "OwnAccessError",
    "Seat",
    "add_contact",
    "add_staff",
    "check_contact",
    "choose_language",
    "choose_theme",
    "deactivate_person",
    "delete_person",
    "deleted_with",
    "edit_own_profile",
    "edit_person",
    "enrol_contact",
    "find_anybody",
    "find_living",
    "find_person",
    "full_name",
    "give_login",
    "has_account",
    "invite_people",
    "is_known",
    "projects_at",
    "reactivate_person",
    "remove_seat",
    "reset_person_access",
    "restore_person",
    "send_invitation",
    "set_seat",
    "set_staff_role",
]
