"""The public surface of Portico: the only module of the core that a module imports."""

from __future__ import annotations

from core import errors, formats, forms, imports, lists
from core.clock import now
from core.contributions import (
    ActivityKind,
    Audience,
    Card,
    Category,
    Importer,
    MenuItem,
    ModuleMeta,
    Permission,
    Reach,
    RecordAction,
    RecordKind,
    Routes,
    Schedule,
    Setting,
)
from core.db import ddl, transaction
from core.hookspecs import hook
from core.i18n import LazyString, Translator
from core.messages import module_records as records
from core.messages import module_work as work
from core.people.actor import Actor, current_actor
from core.people.tables import Customer, Person
from core.records.activity import write_activity
from core.records.base import CustomerRecord, beyond_reach
from core.records.files import add_file
from core.records.kinds import load
from core.tenancy.table import TenantTable
from core.text import fold
from core.web import action, api_get, api_post, form, page, render, see_other

__all__ = [
    "ActivityKind",
    "Actor",
    "Audience",
    "Card",
    "Category",
    "Customer",
    "CustomerRecord",
    "Importer",
    "LazyString",
    "MenuItem",
    "ModuleMeta",
    "Permission",
    "Person",
    "Reach",
    "RecordAction",
    "RecordKind",
    "Routes",
    "Schedule",
    "Setting",
    "TenantTable",
    "Translator",
    "action",
    "add_file",
    "api_get",
    "api_post",
    "beyond_reach",
    "current_actor",
    "ddl",
    "errors",
    "fold",
    "form",
    "formats",
    "forms",
    "hook",
    "imports",
    "lists",
    "load",
    "now",
    "page",
    "records",
    "render",
    "see_other",
    "transaction",
    "work",
    "write_activity",
]
