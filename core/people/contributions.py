"""What the core contributes around people: activity kinds of its own, what may be imported, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import ActivityKind, Audience, Importer, Setting
from core.i18n import Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")


def activity_kinds() -> Sequence[ActivityKind]:
    """What happens to people and customers; it stands in the log, nobody is told."""
    quiet = {
        "core.person_deactivated": (_("Deactivated people"), _("{by} deactivated {name}"), "ban"),
        "core.person_reactivated": (_("Reactivated people"), _("{by} reactivated {name}"), "user-plus"),
        "core.membership_changed": (_("Changed rights"), _("{by} changed what {name} may do"), "key"),
        "core.project_changed": (_("Changed projects"), _("{by} changed the project {name}"), "briefcase"),
        "core.records_handed_over": (
            _("Records handed over"),
            _("{by} handed {count} records of {name} to {to_name}"),
            "users",
        ),
        "core.registration_approved": (
            _("Approved registrations"),
            _("{by} approved the registration of {name}"),
            "user-check",
        ),
        "core.registration_rejected": (
            _("Refused registrations"),
            _("{by} refused the registration of {name}"),
            "user-x",
        ),
        "core.profile_edited": (_("Changed profiles"), _("{by} changed their own profile"), "user-circle"),
    }
    return [
        ActivityKind(
            key="core.registration_confirmed",
            label=_("Registrations"),
            sentence=_("{name} of {company} has registered and waits for your decision"),
            subject=_("{name} of {company} wants access to {portal}"),
            body=_("{name} of {company} has registered and waits for your decision."),
            icon="user-plus",
            notify=(Audience.STAFF,),
            channel="bell",
            shared=False,
        ),
        *(
            ActivityKind(key=key, label=label, sentence=sentence, icon=icon, channel="none", shared=False)
            for key, (label, sentence, icon) in quiet.items()
        ),
    ]


def settings() -> Sequence[Setting]:
    """How a tenant keeps its contacts."""
    return [
        Setting(
            key="people.require_contact_detail",
            label=_("Contacts need a telephone number or another contact detail"),
            help=_("On: a contact cannot be added with an e-mail address alone."),
            kind="boolean",
            default=False,
            section="rights",
            weight=90,
        ),
    ]


def importers() -> Sequence[Importer]:
    """Lists of people from the tenant's own system."""
    from core.people.importing import import_people  # noqa: PLC0415 -- contributions are leaves; the importer knows the registry
    from core.people.importing_files import SUFFIXES  # noqa: PLC0415 -- as above

    return [
        Importer(
            key="people",
            label=_("People"),
            run=import_people,
            suffixes=SUFFIXES,
            options={"create_customers": "make the customers that the list names and the portal does not know"},
        ),
    ]
