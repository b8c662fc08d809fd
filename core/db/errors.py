"""What can go wrong in the database, named alike on SQLite and PostgreSQL.

DbError
├── NoDatabaseError               nothing has been opened
├── OpenError                     the database cannot be reached, or not be used
├── DatabaseBusyError             another process kept the write lock, or every connection was taken
├── TransactionError
│   ├── TransactionTaskError      used from another asyncio task than the one that opened it
│   ├── TransactionFailedError    an error was swallowed inside; nothing was saved
│   └── NestedAutonomousError     autonomous() asked for inside transaction()
├── ConstraintError
│   ├── UniqueViolationError  ForeignKeyViolationError  CheckViolationError  NotNullViolationError
│   └── RowSecurityError          PostgreSQL refused a row of another tenant
├── StatementError                a compiled statement was built or bound wrongly
└── UnstorableTextError           a text holds NUL, which PostgreSQL cannot keep: somebody sent it by hand
"""

from __future__ import annotations

import re
import sqlite3

import asyncpg


class DbError(Exception):
    """Everything this package raises by itself."""


class NoDatabaseError(DbError):
    """No database is open in this process."""


class OpenError(DbError):
    """The database cannot be opened; the message is a sentence for whoever set the address."""


class DatabaseBusyError(DbError):
    """The write lock or a connection could not be had in time. Worth another try."""


class TransactionError(DbError):
    """A transaction was used wrongly."""


class TransactionTaskError(TransactionError):
    """A transaction belongs to the asyncio task that opened it."""


class TransactionFailedError(TransactionError):
    """A statement failed inside the transaction and nobody rolled back to before it."""


class NestedAutonomousError(TransactionError):
    """``autonomous()`` inside ``transaction()`` would wait for itself."""


class StatementError(DbError):
    """A compiled statement was built with a value that changes, or bound wrongly."""


class UnstorableTextError(DbError):
    """A text holds the character NUL."""

    def __init__(self) -> None:
        super().__init__("a text with the character NUL cannot be stored or searched for")


class ConstraintError(DbError):
    """The database refused a row. ``constraint`` and ``columns`` as far as it told."""

    def __init__(self, message: str, *, constraint: str | None = None, columns: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.constraint = constraint
        self.columns = columns


class UniqueViolationError(ConstraintError):
    """There is such a row already."""


class ForeignKeyViolationError(ConstraintError):
    """The row it points to is missing, belongs to another tenant, or is still pointed to."""


class CheckViolationError(ConstraintError):
    """A CHECK of the table does not hold."""


class NotNullViolationError(ConstraintError):
    """A column that must have a value has none."""


class RowSecurityError(ConstraintError):
    """Row-level security refused to write a row of another tenant."""


_SQLITE = {
    "SQLITE_CONSTRAINT_UNIQUE": UniqueViolationError,
    "SQLITE_CONSTRAINT_PRIMARYKEY": UniqueViolationError,
    "SQLITE_CONSTRAINT_ROWID": UniqueViolationError,
    "SQLITE_CONSTRAINT_FOREIGNKEY": ForeignKeyViolationError,
    "SQLITE_CONSTRAINT_TRIGGER": ForeignKeyViolationError,  # what ON DELETE RESTRICT raises
    "SQLITE_CONSTRAINT_CHECK": CheckViolationError,
    "SQLITE_CONSTRAINT_NOTNULL": NotNullViolationError,
}
_POSTGRES = {
    "23505": UniqueViolationError,
    "23503": ForeignKeyViolationError,
    "23001": ForeignKeyViolationError,  # RESTRICT has its own code since PostgreSQL 18
    "23514": CheckViolationError,
    "23502": NotNullViolationError,
}
_ROW_SECURITY = "row-level security"
_BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_sqlite_busy(error: BaseException) -> bool:
    """Whether SQLite only asks to come back later."""
    return isinstance(error, sqlite3.OperationalError) and (
        (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in _BUSY_CODES
    )


def translated_sqlite(error: sqlite3.Error) -> Exception:
    """The error of ours that says the same, or the driver's own."""
    if is_sqlite_busy(error):
        return DatabaseBusyError(str(error))
    if not isinstance(error, sqlite3.IntegrityError):
        return error
    kind = _SQLITE.get(getattr(error, "sqlite_errorname", ""), ConstraintError)
    message = str(error)
    _, _, tail = message.partition("constraint failed: ")
    if kind in (UniqueViolationError, NotNullViolationError):
        columns = tuple(part.strip().rpartition(".")[2] for part in tail.split(",") if "." in part)
        return kind(message, columns=columns)
    return kind(message, constraint=tail or None)


def translated_postgres(error: asyncpg.PostgresError) -> Exception:
    """The error of ours that says the same, or the driver's own."""
    code = getattr(error, "sqlstate", None) or ""
    message = str(error)
    if code == "42501" and _ROW_SECURITY in message:
        return RowSecurityError(message)
    kind = _POSTGRES.get(code)
    if kind is None:
        return ConstraintError(message) if code.startswith("23") else error
    detail = re.match(r"Key \(([^)]*)\)=", getattr(error, "detail", None) or "")
    column = getattr(error, "column_name", None)
    columns = tuple(part.strip(' "') for part in detail[1].split(",")) if detail else (column,) if column else ()
    return kind(message, constraint=getattr(error, "constraint_name", None), columns=columns)


def is_retryable(error: BaseException) -> bool:
    """Whether the same transaction may succeed when tried again: busy, 40001, 40P01."""
    return isinstance(error, DatabaseBusyError) or getattr(error, "sqlstate", None) in ("40001", "40P01")
