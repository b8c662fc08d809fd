"""The API: hand entries over by key, ask for them, say that they are invoiced. Durations are seconds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Translator, api_get, api_post, current_actor, errors, imports, load
from plugins.timesheets.permissions import ADD_CUSTOMERS, BRING_IN, MANAGE, STAFF_VIEW
from plugins.timesheets.preferences import DRAFTS
from plugins.timesheets.queries import page_of
from plugins.timesheets.reading import ReadEntry
from plugins.timesheets.services import KIND, Placement, invoice_entries, receive_entries
from plugins.timesheets.tables import Entry

_ = Translator("timesheets")

MOST = 1_000
"""Entries of one request."""
_Name = Annotated[str, msgspec.Meta(max_length=200)]


class EntryIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """
    An entry as the tenant's own system knows it. The same `external_id` again changes what is not approved yet.

    `customer` is a number or key of the portal, or the exact name; `project` likewise. Instants carry their offset.
    """

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    worker: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    worker_email: _Name = ""
    customer: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    project: _Name = ""
    task: Annotated[str, msgspec.Meta(max_length=300)] = ""
    note: Annotated[str, msgspec.Meta(max_length=5_000)] = ""
    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    break_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
    worked_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
    units: _Name = ""
    kind: _Name = ""
    rate: _Name = ""
    currency: Annotated[str, msgspec.Meta(max_length=3)] = ""


class EntriesIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Entries to be taken in, each by itself."""

    entries: Annotated[list[EntryIn], msgspec.Meta(min_length=1, max_length=MOST)]
    draft: bool | None = None


class TakenOut(msgspec.Struct, kw_only=True):
    """What became of an entry: created, updated, unchanged or refused."""

    external_id: str
    outcome: str
    reason: str | None = None
    entry: UUID | None = None


class DeliveryOut(msgspec.Struct, kw_only=True):
    """What became of a delivery."""

    results: list[TakenOut]


class EntryOut(msgspec.Struct, kw_only=True):
    """An entry as the API tells it."""

    id: UUID
    source: str
    external_id: str
    customer: UUID
    project: UUID | None
    worker: UUID
    day: date
    starts_at: datetime | None
    ends_at: datetime | None
    break_seconds: int
    worked_seconds: int
    units: str
    kind: str
    task: str
    note: str
    state: str
    approval: UUID | None
    invoice_number: str
    version: int


class EntriesOut(msgspec.Struct, kw_only=True):
    """A page of entries; `after` leads to the next one."""

    entries: list[EntryOut]
    after: UUID | None


class InvoicedIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Approved entries that stand on an invoice."""

    entries: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=10_000)]
    number: Annotated[str, msgspec.Meta(max_length=100)] = ""


class InvoicedOut(msgspec.Struct, kw_only=True):
    """How many of them were approved and are invoiced now."""

    invoiced: int


def _out(entry: Entry) -> EntryOut:
    return EntryOut(**{name: getattr(entry, name) for name in EntryOut.__struct_fields__})


@api_get("/entries", name="timesheets:api-list", permission=STAFF_VIEW, summary="Entries, newest first")
async def list_entries(
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 100,
    status: FromQuery[str | None] = None,
    customer: FromQuery[UUID | None] = None,
    external_id: FromQuery[str | None] = None,
) -> EntriesOut:
    """Return a page of entries, drafts too."""
    wanted = {"state": status, "customer": customer, "external_id": external_id}
    found = await page_of(after=after, limit=limit + 1, wanted=wanted)
    more = found[limit - 1].id if len(found) > limit else None
    return EntriesOut(entries=[_out(entry) for entry in found[:limit]], after=more)


@api_get("/entries/{entry:uuid}", name="timesheets:api-show", permission=STAFF_VIEW, summary="One entry")
async def show_entry(entry: FromPath[UUID]) -> EntryOut:
    """Return one entry."""
    return _out(await load(current_actor(), Entry, entry))


@api_post(
    "/entries",
    name="timesheets:api-take",
    permission=BRING_IN,
    summary="Hand entries over",
    description=(
        "Each entry is taken in by itself; the same `external_id` again changes it, or changes nothing. What is "
        "approved or invoiced is refused. The answer names what became of each. A project that the customer does not "
        "have is made if the key may manage customers too; otherwise the entry is refused."
    ),
    status_code=200,
)
async def take_entries(data: JSONBody[EntriesIn]) -> DeliveryOut:
    """Take entries in."""
    tenant = await imports.tenant()
    draft = bool(tenant.setting(DRAFTS)) if data.draft is None else data.draft
    placement = Placement(draft=draft, create_projects=current_actor().can(ADD_CUSTOMERS))
    numbered = {
        name: await imports.customer_at(number=name) is not None
        for name in dict.fromkeys(entry.customer for entry in data.entries)
    }
    rows = [_read(place, entry, numbered=numbered[entry.customer]) for place, entry in enumerate(data.entries)]
    results: list[TakenOut] = []
    async with imports.running(kind=KIND, way="api") as run:
        async for receipt in receive_entries(run=run, rows=rows, placement=placement, by=None):
            place = int(receipt.result.place)
            reason = str(receipt.result.reason) if receipt.result.reason else None
            results.append(
                TakenOut(
                    external_id=data.entries[place].external_id,
                    outcome=receipt.result.outcome,
                    reason=reason,
                    entry=receipt.entry,
                )
            )
    return DeliveryOut(results=results)


def _read(place: int, entry: EntryIn, *, numbered: bool) -> ReadEntry:
    for moment in (entry.starts_at, entry.ends_at):
        if moment is not None and moment.tzinfo is None:
            raise errors.InvalidInputError(fields={"starts_at": [_("Instants need their offset from UTC.")]})
    return ReadEntry(
        line=place,
        worker=" ".join(entry.worker.split()),
        email=entry.worker_email.strip().lower(),
        customer="" if numbered else entry.customer,
        customer_number=entry.customer if numbered else "",
        project=entry.project,
        project_number=entry.project,
        task=entry.task,
        note=entry.note,
        day=entry.day,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        break_seconds=entry.break_seconds,
        worked_seconds=entry.worked_seconds,
        units=entry.units,
        kind=entry.kind,
        rate=entry.rate,
        currency=entry.currency.upper(),
        source="api",
        external_id=entry.external_id,
    )


@api_post(
    "/invoiced",
    name="timesheets:api-invoiced",
    permission=MANAGE,
    summary="Say that approved entries are invoiced",
    description="Takes a key that may both see registered work and look after it.",
    status_code=200,
)
async def say_invoiced(data: JSONBody[InvoicedIn]) -> InvoicedOut:
    """Mark approved entries as invoiced; who may not see them may not decide about them."""
    current_actor().require(STAFF_VIEW)
    return InvoicedOut(invoiced=await invoice_entries(entries=data.entries, number=data.number))


HANDLERS: list[Any] = [list_entries, show_entry, take_entries, say_invoiced]
