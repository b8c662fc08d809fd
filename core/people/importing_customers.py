"""Which customer a row of a list means, and why a row cannot be taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import InvalidInputError
from core.i18n import Translator
from core.people.company import compact_tax_id
from core.people.customers import CustomerDetails, add_customer
from core.people.tables import Customer
from core.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")


class RowError(InvalidInputError):
    """A row that cannot be taken in, because of one of its fields."""

    def __init__(self, field: str, reason: LazyString) -> None:
        super().__init__(reason, fields={field: [reason]})


async def customer_of(row: dict[str, str], *, create: bool) -> UUID | None:
    """Return the customer of a row: by its number or key, its tax number, its name; None where the row names none."""
    number, tax_id, text = (row.get(key, "").strip() for key in ("customer_number", "tax_id", "customer"))
    if not (number or tax_id or text):
        return None
    rows, word = await _matching(number, tax_id, text)
    if len(rows) > 1:
        raise RowError("customer", _("Several customers are “{text}”: give the customer number.").format(text=word))
    if rows:
        found: UUID = rows[0]["id"]
        return found
    if not create or not text:
        raise RowError("customer", _("There is no customer “{text}”.").format(text=text or number or tax_id))
    return await add_customer(details=CustomerDetails(name=text, number=number or None, tax_id=tax_id or None))


async def _matching(number: str, tax_id: str, text: str) -> tuple[list[dict[str, Any]], str]:
    """Return up to two customers that the surest of what is known points at, and what that was."""
    conditions: list[tuple[Any, str]] = [
        ((Customer.number == word) | (Customer.external_id == word), word) for word in (number, text) if word
    ]
    for word in (tax_id, text):
        compact = compact_tax_id(word)
        if any(sign.isdigit() for sign in compact):
            bare = compact[2:] if compact[:2].isalpha() else compact
            either = Customer.tax_id.is_in([compact, bare]) | Customer.tax_id.like(f"__{compact}")
            conditions.append((either, word))
    if text:
        conditions.append((Customer.name_folded == fold(text), text))
    for condition, word in conditions:
        rows: list[dict[str, Any]] = await Customer.select(Customer.id).where(condition).limit(2)
        if rows:
            return rows, word
    return [], text
