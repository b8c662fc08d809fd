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
from core.db.scope import bypass_row_security, long_reads, outside
from core.db.table import Table, insert_many
from core.db.transactions import after_commit, autonomous, run_transaction, transaction
from core.db.statements import P, Statement, ambient, building, each, forget_statements, statement
