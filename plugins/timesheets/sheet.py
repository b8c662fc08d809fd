"""The approval as a document: a PDF/A of our own, with who approved what and when, whatever became of it since."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst
from litestar import Response

from core.sdk import Translator, current_actor, errors, formats, lists
from plugins.timesheets.queries import approved_rows, company_of, is_undone, standing_of
from plugins.timesheets.states import EntryKind
from plugins.timesheets.values import times_of
from plugins.timesheets.words import KINDS

if TYPE_CHECKING:
    from core.sdk import Actor, LazyString
    from plugins.timesheets.queries import ApprovedRow, Standing
    from plugins.timesheets.tables import Approval

_ = Translator("timesheets")

_SOURCE: Final = Path(__file__).parent / "approval.typ"
_AT_ONCE: Final = asyncio.Semaphore(2)
"""Sheets that a process typesets at a time: a large one takes a core and some hundred megabytes while it does."""
_COLUMNS: Final[tuple[LazyString, ...]] = (
    _("Day"),
    _("Employee"),
    _("Project"),
    _("Work"),
    _("From – until"),
    _("Break"),
    _("Hours"),
)


PART: Final = 5_000
"""Entries of one document: about three seconds and four hundred megabytes of typesetting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What a sheet says, and for whom."""

    approval: Approval
    standing: Standing
    company: str
    rows: list[ApprovedRow]
    part: int
    parts: int
    actor: Actor


def parts_of(approval: Approval) -> int:
    """Return over how many documents the entries of an approval go."""
    return max(1, -(-approval.entries // PART))


async def approval_pdf(approval: Approval, part: int) -> Response[bytes]:
    """
    Return the sheet of a loaded approval as a download, with every entry that was approved; of a large one a *part*.

    Typesetting runs in a thread.

    Raises:
        NotFoundError: it has no such part.
        WrongStateError: the approval was taken back, so there is nothing to file.

    """
    parts = parts_of(approval)
    if not 1 <= part <= parts:
        raise errors.NotFoundError
    if is_undone(approval):
        raise errors.WrongStateError(_("This approval was taken back. There is no sheet of it."))
    await lists.count_download()
    sheet = _Sheet(
        approval=approval,
        standing=await standing_of(approval),
        company=await company_of(approval),
        rows=(await approved_rows(approval))[(part - 1) * PART : part * PART],
        part=part,
        parts=parts,
        actor=current_actor(),
    )
    async with _AT_ONCE:
        data = await asyncio.to_thread(_typeset, sheet)
    number = f"-{part}" if parts > 1 else ""
    name = f"approval-{approval.first_day.isoformat()}-{approval.last_day.isoformat()}{number}.pdf"
    return Response(
        data,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _typeset(sheet: _Sheet) -> bytes:
    actor, approval, language = sheet.actor, sheet.approval, sheet.actor.language
    part = _("Part {part} of {parts}").format(part=sheet.part, parts=sheet.parts).in_language(language)
    facts = {
        "language": language.partition("_")[0],
        "tenant": actor.tenant.name,
        "title": _("Approval of registered work").in_language(language),
        "part": part if sheet.parts > 1 else "",
        "lines": [[label.in_language(language), text] for label, text in _lines(sheet) if text],
        "columns": [column.in_language(language) for column in _COLUMNS],
        "rows": [_cells(row, actor) for row in sheet.rows],
        "totals": [[label.in_language(language), text] for label, text in _totals(sheet)],
        "digest": _("Digest of the approved entries (SHA-256): {digest}")
        .format(digest=approval.digest)
        .in_language(language),
    }
    typeset: Any = typst.compile  # its types leave the bytes out
    data: bytes = typeset(str(_SOURCE), format="pdf", sys_inputs={"facts": json.dumps(facts)}, pdf_standards=["a-3b"])
    return data


def _lines(sheet: _Sheet) -> list[tuple[LazyString, str]]:
    approval, standing, actor, language = sheet.approval, sheet.standing, sheet.actor, sheet.actor.language
    approved = _hours_in(approval.seconds, approval.entries)
    opened = _hours_in(standing.reopened_seconds, standing.reopened)
    stands = _hours_in(standing.seconds, standing.entries)
    return [
        (_("Company"), sheet.company),
        (_("Approved by"), approval.by_name),
        (_("Approved at"), formats.instant(approval.at, actor.tenant.zone, language)),
        (_("Period"), formats.day_range(approval.first_day, approval.last_day, language)),
        (_("Approved"), approved.in_language(language)),
        (_("Opened again since"), opened.in_language(language) if standing.reopened else ""),
        (_("Approved now"), stands.in_language(language) if standing.reopened else ""),
        (_("Reference"), approval.reference),
    ]


def _hours_in(seconds: int, entries: int) -> LazyString:
    said = _.plural("{hours} in {n} entry", "{hours} in {n} entries")
    return said.format(hours=formats.lazily(formats.duration, seconds), n=entries)


def _totals(sheet: _Sheet) -> list[tuple[LazyString, str]]:
    approval, standing, language = sheet.approval, sheet.standing, sheet.actor.language
    total = formats.clock(approval.seconds, language)
    here = formats.clock(sum(row.worked_seconds for row in sheet.rows), language)
    own = [(_("On this part"), here)] if sheet.parts > 1 else []
    if not standing.reopened:
        return [*own, (_("Total"), total)]
    return [
        *own,
        (_("Total as approved"), total),
        (_("Opened again since"), f"\N{MINUS SIGN}{formats.clock(standing.reopened_seconds, language)}"),
        (_("Approved now"), formats.clock(standing.seconds, language)),
    ]


def _cells(row: ApprovedRow, actor: Actor) -> dict[str, Any]:
    language, zone = actor.language, actor.tenant.zone
    opened = ""
    if row.reopened_at is not None:
        opened = (
            _("Opened again at {at}: {reason}")
            .format(at=formats.lazily(formats.instant, row.reopened_at, zone), reason=row.reason)
            .in_language(language)
        )
    kind = "" if row.kind == EntryKind.REGULAR.value else KINDS[EntryKind(row.kind)].in_language(language)
    return {
        "cells": [
            formats.day(row.day, language),
            row.worker,
            row.project,
            " · ".join(part for part in (row.task, kind) if part),
            times_of(row.starts_at, row.ends_at, zone),
            formats.clock(row.break_seconds, language) if row.break_seconds else "",
            formats.clock(row.worked_seconds, language),
        ],
        "opened": opened,
    }
