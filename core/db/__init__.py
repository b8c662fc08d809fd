"""The database: engines, transactions, compiled statements, DDL and migrations. Import from here."""

from core.db.counting import Counter, count_queries, query_count
from core.db.database import (
    Database,
    commit_request,
    current,
    current_scope,
    execute,
    fetch,
    fetch_one,
    opened,
    request_scope,
    rollback_request,
    set_request_tenant,
    stream,
)
from core.db.ddl import Ref, add_column, create_index, create_table, drop_index, drop_table
from core.db.drift import check_drift
from core.db.errors import (
    CheckViolationError,
    ConstraintError,
    DatabaseBusyError,
    DbError,
    ForeignKeyViolationError,
    NestedAutonomousError,
    NoDatabaseError,
    NotNullViolationError,
    RowSecurityError,
    StatementError,
    TransactionError,
    TransactionFailedError,
    TransactionTaskError,
    UniqueViolationError,
)
from core.db.ids import uuid7
from core.db.migrations import MigrationError, migrate, pending
from core.db.postgres_session import ROLE
from core.db.rebuild import rebuild_table
from core.db.scope import bypass_row_security, long_reads, outside
from core.db.statements import P, Statement, ambient, building, each, forget_statements, statement
from core.db.table import Table, insert_many
from core.db.transactions import after_commit, autonomous, run_transaction, transaction

__all__ = [
    "CheckViolationError",
    "ConstraintError",
    "Counter",
    "Database",
    "DatabaseBusyError",
    "DbError",
    "ForeignKeyViolationError",
    "MigrationError",
    "NestedAutonomousError",
    "NoDatabaseError",
    "NotNullViolationError",
    "P",
    "ROLE",
    "Ref",
    "RowSecurityError",
    "Statement",
    "StatementError",
    "Table",
    "TransactionError",
    "TransactionFailedError",
    "TransactionTaskError",
    "UniqueViolationError",
    "add_column",
    "after_commit",
    "ambient",
    "autonomous",
    "building",
    "bypass_row_security",
    "check_drift",
    "commit_request",
    "count_queries",
    "create_index",
    "create_table",
    "current",
    "current_scope",
    "drop_index",
    "drop_table",
    "each",
    "execute",
    "fetch",
    "fetch_one",
    "forget_statements",
    "insert_many",
    "long_reads",
    "migrate",
    "opened",
    "outside",
    "pending",
    "query_count",
    "rebuild_table",
    "request_scope",
    "rollback_request",
    "run_transaction",
    "set_request_tenant",
    "statement",
    "stream",
    "transaction",
    "uuid7",
]
