"""What comes in from outside, and the quarantine for what needs a decision. Shared by every importer."""

from core.contributions import ImportResult
from core.imports.known import (
    add_customer,
    contact_at,
    contacts_at,
    contacts_of,
    project_at,
    project_numbers,
    projects_of,
    tenant,
    wait_for_others,
)
from core.imports.quarantine import (
    content_of,
    discard,
    discarded_problems,
    earlier_problem,
    facts_of,
    is_discarded,
    is_open,
    load_problem,
    open_problems,
    quarantine,
    records_with,
    resolve,
    set_files_aside,
    take_back,
)
from core.imports.runs import Run, as_actor, one_item, running
from core.imports.sheets import Sheet, SheetError, read_csv
from core.imports.tables import ImportProblem, ImportRun
from core.imports.telling import Unheard, unheard_among, why_unheard
from core.people.queries import suggest_customers
from core.records.files import clean_name, content_disposition

__all__ = [
    "ImportProblem",
    "ImportResult",
    "ImportRun",
    "Run",
    "Sheet",
    "SheetError",
    "Unheard",
    "add_customer",
    "as_actor",
    "clean_name",
    "contact_at",
    "contacts_at",
    "contacts_of",
    "content_disposition",
    "content_of",
    "discard",
    "discarded_problems",
    "earlier_problem",
    "facts_of",
    "is_discarded",
    "is_open",
    "load_problem",
    "one_item",
    "open_problems",
    "project_at",
    "project_numbers",
    "projects_of",
    "quarantine",
    "read_csv",
    "records_with",
    "resolve",
    "running",
    "set_files_aside",
    "suggest_customers",
    "take_back",
    "tenant",
    "unheard_among",
    "wait_for_others",
    "why_unheard",
]
