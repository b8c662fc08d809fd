"""What people are told, and how they want to hear it."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.people.tables import Person
from core.records.tables import Activity
from core.tenancy.table import TenantTable


class Mail(TenantTable, tablename="mail"):
    """A mail as it was or will be sent; its text is rendered when it is sent."""

    person = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    recipient = Text()
    subject = Text(default="")
    kind = Text(help_text="which template or activity it is for")
    message_id = Text()
    state = Text(default="queued", help_text="queued, sent or failed")
    error = Text(null=True, default=None)
    created_at = Timestamptz(default=utc_now)
    sent_at = Timestamptz(null=True, default=None)


class Notice(TenantTable, tablename="notice"):
    """An activity in somebody's bell."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    activity = ForeignKey(references=Activity, null=False, on_delete=OnDelete.restrict)
    channel = Text(default="bell", help_text="bell, or mail as well")
    mail = ForeignKey(references=Mail, null=True, default=None, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=utc_now)
    read_at = Timestamptz(null=True, default=None)


class MailChoice(TenantTable, tablename="mail_choice"):
    """How a person wants to hear of a kind of activity; no row means the kind's default."""

    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    activity_kind = Text()
    channel = Text(help_text="none, bell or mail")
