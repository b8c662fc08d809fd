"""What the core itself contributes around messages: its activity kinds, settings of brand and mail, its schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contributions import ActivityKind, Audience, Schedule, Setting
from core.i18n import Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")

DAY = 86_400
"""Seconds."""

STAFF = (Audience.STAFF,)
BOTH = (Audience.CONTACT, Audience.STAFF)


def activity_kinds() -> Sequence[ActivityKind]:
    """
    What happens in the core.

    Facts in sentences come from the activity's data, those of subjects and bodies from `known_facts` too. A sentence
    that starts small follows the name of who did it, on timelines and in the bell.
    """
    return [
        ActivityKind(
            key="core.comment_added",
            label=_("Comments"),
            sentence=_("commented"),
            subject=_("New comment on {title} in {portal}"),
            body=_("{by} has written a comment on {title}."),
            button=_("Read the comment"),
            digest=_("{count} new comments in {portal}"),
            icon="message",
            notify=BOTH,
            channel="mail",
        ),
        ActivityKind(
            key="core.first_viewed",
            label=_("First views"),
            sentence=_("saw this for the first time"),
            subject=_("{by} has seen {title}"),
            icon="eye",
            notify=STAFF,
        ),
        ActivityKind(
            key="core.document_forwarded",
            label=_("Forwarded documents"),
            sentence=_("forwarded this to {recipients}"),
            subject=_("{by} has forwarded {title}"),
            body=_("{by} has forwarded {title} to {recipients}."),
            icon="mail-forward",
            notify=STAFF,
        ),
        ActivityKind(
            key="core.document_sent",
            label=_("Documents that we forwarded"),
            sentence=_("forwarded this to {recipients}"),
            icon="mail-forward",
            notify=STAFF,
            channel="none",
            shared=False,
        ),
        ActivityKind(
            key="core.recipients_added",
            label=_("New recipients of forwarded documents"),
            sentence=_("New in the address book of {customer}: {recipients}"),
            subject=_("{customer} has forwarded a document to new people"),
            body=_("{by} has forwarded a document to {recipients}: now in the address book of {customer}."),
            button=_("See them"),
            icon="user-plus",
            notify=STAFF,
            shared=False,
        ),
        ActivityKind(
            key="core.note_added",
            label=_("Internal notes"),
            sentence=_("wrote an internal note"),
            icon="lock",
            notify=STAFF,
            shared=False,
        ),
        ActivityKind(
            key="core.file_missing",
            label=_("Missing files"),
            sentence=_("The file {name} is missing or damaged"),
            icon="file-alert",
            notify=STAFF,
            shared=False,
        ),
        ActivityKind(
            key="core.company_edited",
            label=_("Changed company details"),
            sentence=_("{by} changed the details of {customer}"),
            subject=_("{customer} has changed its details"),
            icon="building",
            notify=STAFF,
        ),
        ActivityKind(
            key="core.import_finished",
            label=_("Finished imports"),
            sentence=_("An import has finished"),
            icon="file-import",
            notify=STAFF,
            channel="none",
            shared=False,
        ),
        ActivityKind(
            key="core.mail_failed",
            label=_("Mails that could not be sent"),
            sentence=_("A mail to {recipient} could not be sent"),
            icon="mail-off",
            notify=STAFF,
            shared=False,
        ),
        *_quiet_kinds(),
    ]


def _quiet_kinds() -> Sequence[ActivityKind]:
    """Kinds that stand in the log and on timelines; who wants to hear of them says so."""
    quiet = {
        "core.person_invited": (_("Invitations"), _("{by} sent an invitation"), "send"),
        "core.person_added": (_("New people"), _("{by} added a person"), "user-plus"),
        "core.person_edited": (_("Changed people"), _("{by} changed a person"), "pencil"),
        "core.signed_in": (_("Sign-ins"), _("{by} signed in"), "login"),
        "core.password_changed": (_("Changed passwords"), _("{by} changed the password"), "key"),
        "core.customer_created": (_("New customers"), _("{by} created a customer"), "building"),
        "core.customer_edited": (_("Changed customers"), _("{by} changed a customer"), "building"),
        "core.module_switched": (_("Switched modules"), _("{by} switched a module"), "adjustments"),
        "core.setting_changed": (_("Changed settings"), _("{by} changed a setting"), "settings"),
        "core.role_changed": (_("Changed roles"), _("{by} changed a role"), "shield-check"),
        "core.address_book_changed": (
            _("Changed address books"),
            _("{by} changed the address book of {customer}: {email}"),
            "mail",
        ),
    }
    return [
        ActivityKind(key=key, label=label, sentence=sentence, icon=icon, notify=STAFF, channel="none", shared=False)
        for key, (label, sentence, icon) in quiet.items()
    ]


def settings() -> Sequence[Setting]:
    """The tenant's brand, which every mail carries, and who of its staff hears what."""
    return [
        Setting(
            key="brand.portal_title",
            label=_("Name of the portal"),
            help=_("Stands in subjects of mails. Empty: the name of your company."),
            kind="text",
            default="",
            section="brand",
            weight=10,
        ),
        Setting(
            key="brand.accent",
            label=_("Accent colour"),
            help=_("As #rrggbb, for example #2450a8."),
            kind="text",
            default="",
            section="brand",
            weight=20,
        ),
        Setting(
            key="brand.phone",
            label=_("Telephone numbers"),
            help=_("One per line."),
            kind="long_text",
            default="",
            section="brand",
            weight=30,
        ),
        Setting(
            key="brand.email",
            label=_("E-mail"),
            help=_("Answers to the portal's mails go there."),
            kind="email",
            default="",
            section="brand",
            weight=40,
        ),
        Setting(key="brand.website", label=_("Website"), kind="text", default="", section="brand", weight=50),
        Setting(key="brand.address", label=_("Address"), kind="long_text", default="", section="brand", weight=60),
        Setting(
            key="brand.social",
            label=_("Social networks"),
            help=_("One address per line."),
            kind="long_text",
            default="",
            section="brand",
            weight=70,
        ),
        Setting(
            key="brand.closing",
            label=_("Closing line of mails"),
            help=_("Follows the thanks, for example a motto."),
            kind="text",
            default="",
            section="brand",
            weight=80,
        ),
        Setting(
            key="messages.staff_every_activity",
            label=_("Mail us every activity of our customers"),
            help=_("Views, comments, changes, decisions: all that a contact does, except signing in."),
            kind="boolean",
            default=False,
            section="messages",
            weight=10,
        ),
        Setting(
            key="messages.staff_recipients",
            label=_("Who gets these mails"),
            help=_("E-mail addresses of your team, separated by commas. Empty: everybody who may see the record."),
            kind="text",
            default="",
            section="messages",
            weight=20,
        ),
        Setting(
            key="messages.mail_comments",
            label=_("Mail customers our comments"),
            help=_("Off: comments show in the portal only. Internal notes are never mailed to customers."),
            kind="boolean",
            default=True,
            section="messages",
            weight=30,
        ),
        Setting(
            key="messages.forwarding",
            label=_("Contacts may forward documents to other people by e-mail"),
            help=_("Only those whose role allows it. These mails go to strangers in your name; you hear of each."),
            kind="boolean",
            default=False,
            section="rights",
            weight=40,
        ),
        Setting(
            key="messages.forwarding_adds",
            label=_("Who is forwarded a document joins the address book of the customer"),
            help=_("As a contact without access to the portal, who can be let in like any other contact."),
            kind="boolean",
            default=True,
            section="rights",
            weight=41,
        ),
    ]


def schedules() -> Sequence[Schedule]:
    """Checkpoints of the log once a day, and an end to done work that nobody looks at any more."""
    from core.messages.schedules import tidy_queue  # noqa: PLC0415 -- contributions are leaves; schedules know the registry
    from core.records.audit import check_and_export  # noqa: PLC0415 -- as above

    return [
        Schedule(key="core.audit_checkpoint", every=DAY, run=check_and_export),
        Schedule(key="core.tidy_queue", every=DAY, run=tidy_queue),
    ]
