"""Lists that are taken in: how far they have come, and what became of their rows."""

from __future__ import annotations

import csv
import io
from typing import Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.sdk import Translator, current_actor, formats, imports, lists, page, render
from plugins.timesheets.importing import IntakeFacts, intake_of, refused_rows
from plugins.timesheets.permissions import BRING_IN
from plugins.timesheets.services import KIND
from plugins.timesheets.states import IntakeState
from plugins.timesheets.words import OUTCOMES

_ = Translator("timesheets")

SHOWN: Final = 100
"""Refused rows on the page; the download has them all."""


@page("/intakes/{intake:uuid}", name="timesheets:intake", permission=BRING_IN)
async def show_intake(intake: FromPath[UUID]) -> Response[str]:
    """Show how far a list has come; once it is through, what became of its rows."""
    found = await intake_of(intake)
    problem = await imports.load_problem(found.problem, kind=KIND)
    refused = await refused_rows(intake, limit=SHOWN)
    return await render(
        "timesheets/staff_taken.html",
        title=found.name,
        intake=found,
        running=found.state in {IntakeState.WAITING, IntakeState.RUNNING},
        failed=found.state is IntakeState.FAILED,
        percent=_percent(found),
        again=imports.is_open(problem),
        counts=[
            {"label": str(OUTCOMES[name].label), "n": n} for name, n in found.counts.items() if n or name == "created"
        ],
        refused=[{"line": line, "reason": reason} for line, reason, _cells in refused],
        more=found.counts["refused"] - len(refused),
    )


def _percent(found: IntakeFacts) -> int:
    return 100 * found.rows_done // found.rows if found.rows else 0


@page("/intakes/{intake:uuid}/refused.csv", name="timesheets:intake-refused", permission=BRING_IN)
async def refused_as_csv(intake: FromPath[UUID]) -> Response[bytes]:
    """Send the rows that were not taken in, each with the reason: to be put right and brought in again."""
    found = await intake_of(intake)
    await lists.count_download()
    language = current_actor().language
    head = [_("Line").in_language(language), _("Why it was refused").in_language(language)]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if formats.number("0.5", language)[1] == "," else ",")
    writer.writerow([lists.harmless(cell) for cell in (*head, *found.head)])
    for line, reason, cells in await refused_rows(intake):
        said = reason.in_language(language) if reason else ""
        writer.writerow([line, lists.harmless(said), *(lists.harmless(cell) for cell in cells)])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": imports.content_disposition(f"refused-{found.name}.csv"),
            "Cache-Control": "private, no-store",
        },
    )


HANDLERS: list[Any] = [show_intake, refused_as_csv]
