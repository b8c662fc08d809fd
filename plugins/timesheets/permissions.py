"""What roles may be granted in this module."""

from __future__ import annotations

VIEW = "timesheets:entry:view"
APPROVE = "timesheets:entry:approve"
DISPUTE = "timesheets:entry:dispute"
REGISTER = "timesheets:entry:register"
CHANGE = "timesheets:entry:change"
JOBS = "timesheets:job:view"
PROJECTS = "timesheets:project:view"
ADD_TASK = "timesheets:task:add"

STAFF_VIEW = "timesheets:entry:read"
MANAGE = "timesheets:entry:manage"
BRING_IN = "timesheets:entry:import"
STAFF_JOBS = "timesheets:job:read"
MANAGE_JOBS = "timesheets:job:manage"
STAFF_PROJECTS = "timesheets:project:read"
MANAGE_PROJECTS = "timesheets:project:manage"
ADD_CUSTOMERS = "core:customer:manage"
"""The core's: making customers and projects of what lists say takes it as well."""
