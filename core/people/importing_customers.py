"""Which customers the rows of a list mean: looked up for many rows at once, made where that is wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.db import fetch, transaction
from core.errors import InvalidInputError
from core.i18n import Translator
from core.people.company import compact_tax_id
from core.people.customers import CustomerDetails, add_customer
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from core.people.importing_rows import Faults, Reading, Row

_ = Translator("core")

_COLUMNS = "SELECT id, number, external_id, tax_id, name_folded, closed_at FROM customer"
_NEW = f"{_COLUMNS} WHERE tenant = {{}} AND id = {{}}"
_NAMED = f"""
{_COLUMNS} WHERE tenant = {{{{}}}} AND (
    number IN ({{words}}) OR external_id IN ({{words}}) OR name_folded IN ({{words}})
    OR tax_id IN ({{words}}) OR substr(tax_id, 3) IN ({{words}})
)
"""
_PROJECTS = (
    "SELECT id, customer, name_folded, number, external_id FROM project WHERE tenant = {{}} AND customer IN ({})"
)
_FIELDS = {"name": "customer", "number": "customer_number", "external_id": "customer_number"}
"""Fields of customers, as lists of people call them."""


class Customers:
    """The customers that a portion of rows names, with their projects."""

    def __init__(self, rows: list[dict[str, Any]], *, create: bool) -> None:
        self._rows = rows
        self._create = create
        self._projects: dict[UUID, dict[str, UUID]] = {}
        self.made: set[UUID] = set()
        """Customers that did not exist before these rows."""

    @classmethod
    async def named_in(cls, readings: Sequence[Reading], *, create: bool) -> Customers:
        """Look up what the rows name."""
        words = sorted({word for reading in readings for word in _words(reading.row)})
        found = cls(await _rows_with(words), create=create)
        with_projects = [reading for reading in readings if reading.row.get("projects")]
        ids = {row["id"] for reading in with_projects for row in found._meant(reading.row)[0]}
        await found._load_projects(sorted(ids))
        return found

    async def customer_of(self, reading: Reading) -> dict[str, Any] | None:
        """Return the customer of a row, made if there is none and it is to be; None where it is told why not."""
        rows, word = self._meant(reading.row)
        if len(rows) == 1:
            return rows[0]
        if len(rows) > 1:
            text = _("Several customers are “{text}”: give the customer number.").format(text=word)
            reading.faults.add("customer", text)
            return None
        number, tax_id, text_ = _said(reading.row)
        if not self._create or not text_:
            said = text_ or number or tax_id
            reading.faults.add("customer", _("There is no customer “{text}”.").format(text=said))
            return None
        if reading.faults.found:
            return None
        return await self._make(CustomerDetails(name=text_, number=number or None, tax_id=tax_id or None), reading)

    def projects_in(self, reading: Reading, customer: UUID) -> set[UUID]:
        """Return the customer's projects that a row names or numbers."""
        return _projects_in(reading.row.get("projects", ""), self._projects.get(customer, {}), reading.faults)

    def all_projects(self, customer: UUID) -> set[UUID]:
        """Return the projects of a customer at which a row names some."""
        return set(self._projects.get(customer, {}).values())

    async def _make(self, details: CustomerDetails, reading: Reading) -> dict[str, Any] | None:
        try:
            async with transaction():
                made = await add_customer(details=details)
        except InvalidInputError as error:
            for name, reasons in error.fields.items():
                for reason in reasons:
                    reading.faults.add(_FIELDS.get(name, name), reason)
            return None
        self.made.add(made)
        self._rows += [_with_id(row) for row in await fetch(_NEW, current_tenant_id(), made)]
        return self._rows[-1]

    def _meant(self, row: Row) -> tuple[list[dict[str, Any]], str]:
        """Return the customers that the surest of what is known points at, and what that was."""
        number, tax_id, text = _said(row)
        for word in (number, text):
            if word and (found := self._where(_numbered(word))):
                return found, word
        for word in (tax_id, text):
            compact = compact_tax_id(word)
            if any(sign.isdigit() for sign in compact) and (found := self._where(_of_tax_id(compact))):
                return found, word
        folded = fold(text)
        return (self._where(lambda one: one["name_folded"] == folded) if text else []), text

    def _where(self, fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        return [row for row in self._rows if fits(row)]

    async def _load_projects(self, customers: Sequence[UUID]) -> None:
        if not customers:
            return
        sql = _PROJECTS.format(", ".join(["{}"] * len(customers)))
        for row in await fetch(sql, current_tenant_id(), *customers):
            words = self._projects.setdefault(as_uuid(row["customer"]), {})
            for word in (row["external_id"], row["number"], row["name_folded"]):
                if word:
                    words[fold(word)] = as_uuid(row["id"])


def _said(row: Row) -> tuple[str, str, str]:
    number, tax_id, text = (row.get(key, "").strip() for key in ("customer_number", "tax_id", "customer"))
    return number, tax_id, text


def _words(row: Row) -> Iterable[str]:
    """Yield all forms in which a customer may be kept that a row names."""
    number, tax_id, text = _said(row)
    yield from (word for word in (number, text, fold(text)) if word)
    for compact in map(compact_tax_id, (tax_id, text)):
        if any(sign.isdigit() for sign in compact):
            yield compact
            yield _bare(compact)


def _bare(compact: str) -> str:
    return compact[2:] if compact[:2].isalpha() else compact


def _numbered(word: str) -> Callable[[dict[str, Any]], bool]:
    return lambda one: word in {one["number"], one["external_id"]}


def _of_tax_id(compact: str) -> Callable[[dict[str, Any]], bool]:
    """Return whether a customer has the tax number, with the country before it or without."""
    bare = _bare(compact)

    def fits(one: dict[str, Any]) -> bool:
        kept = one["tax_id"]
        return kept is not None and (kept in {compact, bare} or kept[2:] == compact)

    return fits


async def _rows_with(words: Sequence[str]) -> list[dict[str, Any]]:
    if not words:
        return []
    sql = _NAMED.format(words=", ".join(["{}"] * len(words)))
    return [_with_id(row) for row in await fetch(sql, current_tenant_id(), *(list(words) * 5))]


def _with_id(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "id": as_uuid(row["id"])}


def _projects_in(text: str, by_word: dict[str, UUID], faults: Faults) -> set[UUID]:
    if not text:
        return set()
    whole = by_word.get(fold(text))
    if whole is not None:
        return {whole}
    found = set()
    for part in re.split(r"[;,|\n]", text):
        if not part.strip():
            continue
        project = by_word.get(fold(part))
        if project is None:
            faults.add("projects", _("The customer has no project “{text}”.").format(text=part.strip()))
        else:
            found.add(project)
    return found
