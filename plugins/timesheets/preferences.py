"""Keys of what a tenant decides about registered work."""

from __future__ import annotations

DISPUTES = "timesheets.disputes"
PROCEDURE = "timesheets.procedure"
DRAFTS = "timesheets.drafts_first"
SHOW_RATES = "timesheets.show_rates"
ASKS = "timesheets.reminders"
SECOND_AFTER = "timesheets.second_after_days"
ESCALATE_AFTER = "timesheets.escalate_after_days"
