"""The approval as a document: a PDF/A of our own, with who approved what and when."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst
from litestar import Response

from core.sdk import Translator, current_actor, formats, lists

if TYPE_CHECKING:
    from core.sdk import LazyString
    from plugins.timesheets.tables import Approval

_ = Translator("timesheets")

_SOURCE: Final = Path(__file__).parent / "approval.typ"
_COLUMNS: Final[tuple[LazyString, ...]] = (
    _("Day"),
    _("Employee"),
    _("Project"),
    _("Work"),
    _("From – until"),
    _("Break"),
    _("Hours"),
)


async def approval_pdf(approval: Approval, rows: list[dict[str, Any]]) -> Response[bytes]:
    """Return the sheet of a loaded approval as a download; typesetting runs in a thread."""
    await lists.count_download()
    actor = current_actor()
    language = actor.language
    facts = {
        "language": language.partition("_")[0],
        "tenant": actor.tenant.name,
        "title": str(_("Approval of registered work")),
        "lines": [
            [str(_("Approved by")), approval.by_name],
            [str(_("Approved at")), formats.instant(approval.at, actor.tenant.zone, language)],
            [str(_("Period")), formats.day_range(approval.first_day, approval.last_day, language)],
            [str(_("Hours")), formats.duration(approval.seconds, language)],
            *([[str(_("Reference")), approval.reference]] if approval.reference else []),
        ],
        "columns": [str(column) for column in _COLUMNS],
        "rows": [
            [
                formats.day(row["day"], language),
                row["worker"],
                row["project"] or "",
                row["task"],
                row["times"],
                formats.clock(row["break_seconds"], language) if row["break_seconds"] else "",
                formats.clock(row["worked_seconds"], language),
            ]
            for row in rows
        ],
        "total": [str(_("Total")), formats.clock(sum(row["worked_seconds"] for row in rows), language)],
        "digest": str(_("Digest of the approved entries (SHA-256): {digest}").format(digest=approval.digest)),
    }
    typeset: Any = typst.compile  # its types leave the bytes out
    data = await asyncio.to_thread(
        typeset, str(_SOURCE), format="pdf", sys_inputs={"facts": json.dumps(facts)}, pdf_standards=["a-3b"]
    )
    name = f"approval-{approval.first_day.isoformat()}-{approval.last_day.isoformat()}.pdf"
    return Response(
        data,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
