"""What roles may be granted in this module."""

from __future__ import annotations

VIEW = "invoices:invoice:view"
STAFF_VIEW = "invoices:invoice:read"
PUBLISH = "invoices:invoice:publish"
DECIDE = "invoices:quarantine:decide"
COLLECT = "invoices:payment:record"
ADD_CUSTOMERS = "core:customer:manage"
"""The core's: making customers of what invoices say takes it as well."""
