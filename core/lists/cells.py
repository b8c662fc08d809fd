"""Values of rows as both kinds of file take them: column by column, and each different value worked out once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from core.i18n import LazyString, Translator
from core.lists.spec import Chip
from core.lists.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from core.lists.reading import Reading
    from core.lists.spec import Column

    Rows = Sequence[dict[str, Any]]
    Write = Callable[[Any, str | None], str]

_ = Translator("core")

_MOST_KNOWN: Final = 10_000
_KNOWN_KINDS: Final = frozenset({str, int, date, datetime})
"""Types whose values are remembered by what they say; bool is none of them, for True is 1."""


def decimal_of(value: object) -> Decimal | None:
    """Return the number that a value is or writes, None where there is none."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


class ColumnCells:
    """One column's cells, by *write*: a plain value and the row's currency into what a file says."""

    def __init__(self, column: Column, reading: Reading, language: str, write: Write) -> None:
        self.column = column
        self._today = reading.today
        self._zone = reading.actor.tenant.zone
        self._language = language
        self._write = write
        self._money = column.kind == "money"
        self._known: dict[Hashable, str] = {}
        self._same: dict[int, tuple[Any, str]] = {}
        self._yes_no = (_("No").in_language(language), _("Yes").in_language(language))

    def values(self, rows: Rows) -> list[Any]:
        """Return the values as they were read or worked out."""
        work_out, key, today = self.column.value, self.column.key, self._today
        return [row[key] for row in rows] if work_out is None else [work_out(row, today) for row in rows]

    def plain(self, value: Any) -> Any:
        """Return a value without what only pages draw: texts for chips and answers, local time for instants."""
        if isinstance(value, Chip):
            return word(value.label, self._language)
        if isinstance(value, tuple):
            return " · ".join(word(state.label, self._language) for state in value)
        if isinstance(value, bool):
            return self._yes_no[value]
        if isinstance(value, datetime):
            return value.astimezone(self._zone).replace(tzinfo=None)
        return value.in_language(self._language) if isinstance(value, LazyString) else value

    def cells(self, values: Sequence[Any], rows: Rows) -> list[str]:
        """Return what the file says for *values*, "" for none."""
        if self._money:
            return [
                self._amount(value, row["currency"]) if value is not None else ""
                for value, row in zip(values, rows, strict=True)
            ]
        known, remembered = self._known, _KNOWN_KINDS
        found: list[str] = []
        for value in values:
            if value is None:
                found.append("")
            elif value.__class__ not in remembered:
                found.append(self._by_identity(value))
            else:
                cell = known.get(value)
                found.append(self._remember(value, value, None) if cell is None else cell)
        return found

    def _amount(self, value: Any, currency: str | None) -> str:
        key = (value, currency)
        cell = self._known.get(key)
        return self._remember(key, value, currency) if cell is None else cell

    def _remember(self, key: Hashable, value: Any, currency: str | None) -> str:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        cell = self._known[key] = self._cell(value, currency)
        return cell

    def _by_identity(self, value: Any) -> str:
        """States are the same few objects on all rows; to compare them would take longer than to write them."""
        known = self._same.get(id(value))
        if known is None:
            if len(self._same) >= _MOST_KNOWN:
                self._same.clear()
            known = self._same[id(value)] = value, self._cell(value, None)  # with the value, so that its id stays its
        return known[1]

    def _cell(self, value: Any, currency: str | None) -> str:
        plain = self.plain(value)
        return "" if plain is None or plain == "" else self._write(plain, currency)


def with_currency(reading: Reading, columns: Sequence[Column]) -> bool:
    """Whether a file has a column of its own for the currency of its amounts."""
    said = any(each.key == "currency" for each in columns)
    return reading.view.currency is not None and not said and any(each.kind == "money" for each in columns)


def headers_of(reading: Reading, columns: Sequence[Column], language: str) -> list[str]:
    """Return what stands above the columns."""
    found = [word(each.label, language) for each in columns]
    return [*found, _("Currency").in_language(language)] if with_currency(reading, columns) else found
