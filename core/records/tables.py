"""What records of every module have: files, comments, first views, the activity stream."""

from __future__ import annotations

from piccolo.columns import JSON, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn  # noqa: N811 -- told apart from uuid.UUID
from piccolo.columns.base import OnDelete

from core.clock import now as utc_now
from core.people.tables import Customer, Person
from core.tenancy.table import TenantTable


class File(TenantTable, tablename="file"):
    """Bytes that belong to a record, kept once per content (SHA-256)."""

    record_kind = Text()
    record = UUIDColumn()
    sha256 = Text()
    size = BigInt(help_text="bytes")
    media_type = Text()
    name = Text()
    role = Text(default="attachment", help_text="original, readable, xml or attachment")
    internal = Boolean(default=False)
    by = UUIDColumn(null=True, default=None)
    created_at = Timestamptz(default=utc_now)


class Comment(TenantTable, tablename="comment"):
    """A remark on a record: shared with the customer, or internal to staff."""

    record_kind = Text()
    record = UUIDColumn()
    by = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    body = Text()
    internal = Boolean(default=False)
    created_at = Timestamptz(default=utc_now)


class FirstView(TenantTable, tablename="first_view"):
    """When a person saw a record first."""

    record_kind = Text()
    record = UUIDColumn()
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz(default=utc_now)


class Activity(TenantTable, tablename="activity"):
    """Something that happened. Written once, in the transaction of the change; the worker chains the hashes."""

    at = Timestamptz(default=utc_now)
    kind = Text()
    by_kind = Text(help_text="contact, staff, api or worker")
    by = UUIDColumn(null=True, default=None)
    record_kind = Text(null=True, default=None)
    record = UUIDColumn(null=True, default=None)
    customer = ForeignKey(references=Customer, null=True, default=None, on_delete=OnDelete.restrict)
    data = JSON(default="{}")
    sequence = Integer(null=True, default=None)
    previous = Text(null=True, default=None)
    hash = Text(null=True, default=None)


class ActivityPart(TenantTable, tablename="activity_part"):
    """A record that a bulk activity was about, with the facts that its own timeline tells."""

    activity = ForeignKey(references=Activity, null=False, on_delete=OnDelete.restrict)
    record_kind = Text()
    record = UUIDColumn()
    customer = ForeignKey(references=Customer, null=False, on_delete=OnDelete.restrict)
    data = JSON(default="{}")


class ChainHead(TenantTable, tablename="chain_head"):
    """The last link of a tenant's chain of activities: what is missing at its end shows by it."""

    sequence = Integer()
    hash = Text()
    at = Timestamptz(default=utc_now)
    checked_to = Integer(null=True, default=None, help_text="up to where the chain was whole when it was checked last")
    checked_at = Timestamptz(null=True, default=None)
    broken_at = Integer(null=True, default=None, help_text="the first place that did not hold at that check")
