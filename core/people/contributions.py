"""What the core contributes around people: activity kinds of its own, what may be imported, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import ActivityKind, Audience, Importer, Schedule, Setting
from core.i18n import Translator
from core.people import contact_options, new_customers, registration_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")


def activity_kinds() -> Sequence[ActivityKind]:
    """What happens to people and customers; it stands in the log, nobody is told."""
    quiet = {
        "core.person_deactivated": (_("Deactivated people"), _("{by} deactivated {name}"), "ban"),
        "core.person_reactivated": (_("Reactivated people"), _("{by} reactivated {name}"), "user-plus"),
        "core.person_deleted": (_("Deleted people"), _("{by} deleted {name}"), "trash"),
        "core.person_restored": (_("Restored people"), _("{by} restored {name}"), "user-plus"),
        "core.person_access_reset": (_("Access reset"), _("{by} reset the access of {name}"), "refresh"),
        "core.membership_changed": (_("Changed rights"), _("{by} changed what {name} may do"), "key"),
        "core.project_changed": (_("Changed projects"), _("{by} changed the project {name}"), "briefcase"),
        "core.records_handed_over": (
            _("Records handed over"),
            _("{by} handed what is addressed to {name} to {to_name} (records: {count})"),
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
            "user-off",
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
        new_customers.setting(),
        *contact_options.settings(),
        *registration_texts.settings(),
        Setting(
            key="people.fixed_roles",
            label=_("Contacts have one of three roles only"),
            help=_("Requester, Observer, Manager: no other role can be given, and none can be copied or deleted."),
            kind="boolean",
            default=False,
            section="people",
            weight=80,
        ),
        Setting(
            key="people.colleagues",
            label=_("What managers of a customer may do with their colleagues"),
            help=_("Only those whose role allows it."),
            kind="choice",
            default="invite",
            choices=(
                ("off", _("Nothing: the page does not exist")),
                ("see", _("See who uses the portal, with which role")),
                ("invite", _("See, invite, change and remove them")),
            ),
            section="rights",
            weight=30,
        ),
    ]


async def _tidy() -> None:
    from core.people.registrations import forget_old_registrations  # noqa: PLC0415 -- contributions are leaves

    await forget_old_registrations()


def schedules() -> Sequence[Schedule]:
    """Registrations that were never confirmed, or were refused long ago, are not kept."""
    return [Schedule(key="core.tidy_registrations", every=3600, run=_tidy)]


def importers() -> Sequence[Importer]:
    """Lists of people from the tenant's own system."""
    from core.imports import SUFFIXES  # noqa: PLC0415 -- contributions are leaves; the importer knows the registry
    from core.people.importing import import_people  # noqa: PLC0415 -- as above

    return [
        Importer(
            key="people",
            label=_("People"),
            run=import_people,
            suffixes=SUFFIXES,
            options={"create_customers": "make the customers that the list names and the portal does not know"},
        ),
    ]
