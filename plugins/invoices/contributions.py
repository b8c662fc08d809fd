"""What the module declares: permissions, the kind of record, what can happen, settings, menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sdk import (
    ActivityKind,
    Audience,
    MenuItem,
    Permission,
    Reach,
    RecordKind,
    Setting,
    Translator,
)
from plugins.invoices.permissions import COLLECT, DECIDE, PUBLISH, STAFF_VIEW, VIEW
from plugins.invoices.services.keeping import PUBLISH_AT_ONCE, RECORD
from plugins.invoices.tables import Invoice

if TYPE_CHECKING:
    from core.sdk import CustomerRecord

_ = Translator("invoices")

_STAFF = (Reach.GROUP,)

PERMISSIONS = (
    Permission(
        key=VIEW,
        label=_("See invoices"),
        help=_("Own: those addressed to the person. Projects: those of the person's projects as well."),
    ),
    Permission(
        key=STAFF_VIEW,
        label=_("See invoices"),
        help=_("All invoices of all customers, unpublished ones too."),
        audience=Audience.STAFF,
        reaches=_STAFF,
    ),
    Permission(
        key=PUBLISH,
        label=_("Bring in and publish invoices"),
        help=_("Upload files, publish invoices, take them back."),
        audience=Audience.STAFF,
        reaches=_STAFF,
    ),
    Permission(
        key=DECIDE,
        label=_("Decide on quarantine"),
        help=_("Name the customer of an invoice, type figures, discard files."),
        audience=Audience.STAFF,
        reaches=_STAFF,
    ),
    Permission(
        key=COLLECT,
        label=_("Record payments"),
        help=_("Say how much of an invoice has been collected."),
        audience=Audience.STAFF,
        reaches=_STAFF,
    ),
)

_ALL_STAFF = {STAFF_VIEW: Reach.GROUP, PUBLISH: Reach.GROUP, DECIDE: Reach.GROUP, COLLECT: Reach.GROUP}
PRESETS = {
    "manager": {VIEW: Reach.GROUP},
    "accounting": {VIEW: Reach.COMPANY},
    "viewer": {VIEW: Reach.COMPANY},
    "administrator": _ALL_STAFF,
    "clerk": _ALL_STAFF,
}

SETTINGS = (
    Setting(
        key=PUBLISH_AT_ONCE,
        label=_("Publish invoices as soon as they have been read"),
        help=_("Off: what comes in waits, unseen by customers, until somebody publishes it."),
        kind="boolean",
        default=True,
        section="invoices",
    ),
)

ACTIVITIES = (
    ActivityKind(
        key="invoices.published",
        label=_("New invoices"),
        sentence=_("Invoice {number} was published"),
        subject=_("New invoice available in {portal}"),
        body=_("Invoice number {number} of {date} is ready for you to see and download."),
        button=_("See invoice"),
        digest=_("{count} new invoices available in {portal}"),
        item=_("{number} · {date}"),
        icon="file-invoice",
        notify=(Audience.CONTACT,),
        channel="mail",
    ),
    ActivityKind(
        key="invoices.credited",
        label=_("New credit notes"),
        sentence=_("Credit note {number} was published"),
        subject=_("New credit note available in {portal}"),
        body=_("Credit note number {number} of {date} is ready for you to see and download."),
        button=_("See credit note"),
        digest=_("{count} new credit notes available in {portal}"),
        item=_("{number} · {date}"),
        icon="receipt",
        notify=(Audience.CONTACT,),
        channel="mail",
    ),
    ActivityKind(
        key="invoices.payment_recorded",
        label=_("Payments"),
        sentence=_("A payment of {amount} of {date} was recorded"),
        subject=_("Payment for {number} recorded"),
        icon="coins",
        notify=(Audience.CONTACT,),
        channel="bell",
    ),
    ActivityKind(
        key="invoices.replaced",
        label=_("Replaced invoices"),
        sentence=_("{number} was replaced by a newer version"),
        subject=_("{number} was replaced by a newer version"),
        icon="refresh",
        notify=(Audience.CONTACT,),
        channel="bell",
    ),
    ActivityKind(
        key="invoices.received",
        label=_("Invoices that wait for publication"),
        sentence=_("{number} was received"),
        icon="inbox",
        channel="none",
        shared=False,
    ),
    ActivityKind(
        key="invoices.withdrawn",
        label=_("Withdrawn invoices"),
        sentence=_("{by} withdrew {number}"),
        icon="eye-off",
        channel="none",
        shared=False,
    ),
    ActivityKind(
        key="invoices.restored",
        label=_("Invoices that are shown again"),
        sentence=_("{by} published {number} again"),
        digest=_("{count} documents were published again"),
        icon="eye",
        channel="none",
        shared=False,
    ),
    ActivityKind(
        key="invoices.taken_back",
        label=_("Files that were taken back"),
        sentence=_("{by} took back the file {name}"),
        icon="refresh",
        channel="none",
        shared=False,
    ),
    ActivityKind(
        key="invoices.assigned",
        label=_("Invoices for other people"),
        sentence=_("{by} changed whom {number} is for. Project: {project}. Contact: {contact}."),
        icon="users",
        channel="none",
        shared=False,
    ),
    ActivityKind(
        key="invoices.discarded",
        label=_("Discarded files"),
        sentence=_("{by} discarded the file {name}"),
        icon="trash",
        channel="none",
        shared=False,
    ),
)


def _title(record: CustomerRecord) -> str:
    return str(getattr(record, "number", ""))


RECORDS = (
    RecordKind(
        key=RECORD,
        label=_("Invoice"),
        table=Invoice,
        title=_title,
        url=lambda record: f"/invoices/{record.id}",
        staff_url=lambda record: f"/staff/invoices/{record.id}",
        view=VIEW,
        staff_view=STAFF_VIEW,
        search=("number", "order_reference", "buyer_reference"),
        icon="file-invoice",
        forward=True,
    ),
)

MENU = (
    MenuItem(
        key="invoices.list",
        label=_("Invoices"),
        icon="file-invoice",
        path="/invoices",
        permission=VIEW,
        weight=20,
        card="invoices.overdue",
    ),
    MenuItem(
        key="invoices.staff",
        label=_("Invoices"),
        icon="file-invoice",
        path="/staff/invoices",
        permission=STAFF_VIEW,
        audience=Audience.STAFF,
        weight=20,
    ),
)
