"""Lists of hours on their way in: how they are read, what they would bring, and the taking in itself."""

from plugins.timesheets.importing.command import IMPORTER, import_files
from plugins.timesheets.importing.intakes import (
    AT_ONCE,
    PREVIEW,
    IntakeFacts,
    Wanted,
    begin_intake,
    intake_of,
    latest_intakes,
    refused_rows,
    rows_in,
    take_now,
)
from plugins.timesheets.importing.plans import Plan, checked_zone, keep_names, keep_plan, plan_for
from plugins.timesheets.importing.previews import PREVIEWED, Preview, preview_of

__all__ = [
    "AT_ONCE",
    "IMPORTER",
    "PREVIEW",
    "PREVIEWED",
    "IntakeFacts",
    "Plan",
    "Preview",
    "Wanted",
    "begin_intake",
    "checked_zone",
    "import_files",
    "intake_of",
    "keep_names",
    "keep_plan",
    "latest_intakes",
    "plan_for",
    "preview_of",
    "refused_rows",
    "rows_in",
    "take_now",
]
