"""How many statements a request or a test sent. BEGIN, COMMIT and savepoints do not count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Counter:
    """Counts; keeps the SQL too when asked."""

    __slots__ = ("statements", "value")

    def __init__(self, *, keep: bool = False) -> None:
        self.value = 0
        self.statements: list[str] | None = [] if keep else None


_counters: ContextVar[tuple[Counter, ...]] = ContextVar("portico_counters", default=())


def count(sql: str) -> None:
    """One more statement, for everybody who counts around here."""
    for counter in _counters.get():
        counter.value += 1
        if counter.statements is not None:
            counter.statements.append(sql)


def query_count() -> int:
    """Statements since the innermost ``request_scope()`` or ``count_queries()`` began; 0 outside."""
    counters = _counters.get()
    return counters[-1].value if counters else 0


@contextmanager
def count_queries(*, keep: bool = False) -> Iterator[Counter]:
    """Count the statements of the block in ``counter.value``; with ``keep`` also list their SQL."""
    counter = Counter(keep=keep)
    before = _counters.get()
    _counters.set((*before, counter))
    try:
        yield counter
    finally:
        _counters.set(before)


def forget() -> None:
    """Nobody counts here."""
    _counters.set(())
