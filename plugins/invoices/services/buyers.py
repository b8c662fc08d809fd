"""From the buyer that a document names to the customer it is: by tax number, then by a name that is sure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from core.sdk import Customer, fold, imports
from plugins.invoices.reading import Party, fold_name, tax_key
from plugins.invoices.tables import Alias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

_SIREN = 9
"""Digits of the number by which France knows a company; VAT number and SIRET hold it."""
_LIKELY = 5


@dataclass(frozen=True, slots=True)
class Match:
    """The customer, or why there is none: a reason with its facts, and customers that it might be."""

    customer: UUID | None = None
    reason: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[UUID, ...] = ()


def alias_key(buyer: Party) -> str:
    """Return how a buyer is remembered: tax number and name together, so that branches can be told apart."""
    return f"{tax_key(buyer.tax_id, country=buyer.country) or ''}|{fold_name(buyer.name)}"


async def match_customer(buyer: Party) -> Match:
    """Find the customer that *buyer* is. Several that fit, or none, is a question for staff."""
    params = {"name": buyer.name or "–", "tax_id": buyer.tax_id or "–"}
    if not buyer.name and not buyer.tax_id:
        return Match(reason="no-buyer")
    alias = await Alias.objects().where(Alias.key == alias_key(buyer)).first()
    if alias is not None:
        return await _open(alias.customer, params)
    found = await _by_tax_number(buyer)
    named = [row for row in found if row["name_folded"] == fold(buyer.name)]
    if len(found) > 1 and len(named) != 1:
        return Match(reason="several-customers", params=params, candidates=tuple(row["id"] for row in found))
    if found:
        return await _open((named or found)[0]["id"], params)
    return await _by_name(buyer, params)


async def _by_name(buyer: Party, params: Mapping[str, str]) -> Match:
    """Take an exact name where no tax number speaks against it."""
    if not buyer.name:
        return Match(reason="unknown-customer", params=params)
    rows = await _customers(Customer.name_folded == fold(buyer.name))
    fitting = [row for row in rows if not row["tax_id"] or not buyer.tax_id]
    if len(fitting) == 1 and len(rows) == 1:
        return await _open(fitting[0]["id"], params)
    reason = "several-customers" if len(fitting) > 1 else "unknown-customer"
    candidates = tuple(row["id"] for row in rows) or await _likely(buyer)
    return Match(reason=reason, params=params, candidates=candidates)


async def _likely(buyer: Party) -> tuple[UUID, ...]:
    """Return customers whose name starts alike, to choose from."""
    first = fold(buyer.name).split(" ", 1)[0]
    if len(first) < 3:
        return ()
    escaped = first.replace("\\", "").replace("%", "").replace("_", "")
    rows = await Customer.select(Customer.id).where(Customer.name_folded.like(f"{escaped}%")).limit(_LIKELY)
    return tuple(row["id"] for row in rows)


async def _open(customer: UUID, params: Mapping[str, str]) -> Match:
    row = await Customer.select(Customer.closed_at).where(Customer.id == customer).first()
    if row is not None and row["closed_at"] is not None:
        return Match(reason="customer-closed", params=params, candidates=(customer,))
    return Match(customer=customer)


async def _customers(condition: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await Customer.select(
        Customer.id, Customer.name_folded, Customer.tax_id, Customer.address
    ).where(condition)
    return rows


async def _by_tax_number(buyer: Party) -> list[dict[str, Any]]:
    keys = [key for key in (tax_key(value, country=buyer.country) for value in _numbers(buyer)) if key]
    if not keys:
        return []
    condition: Any = Customer.tax_id.is_in(sorted(_spellings(keys)))
    for siren in {_siren(key) for key in keys} - {None}:
        condition |= Customer.tax_id.like(f"{siren}_____") | Customer.tax_id.like(f"FR__{siren}")
    rows = await _customers(condition)
    home = (await imports.tenant()).country
    return [row for row in rows if any(_same(key, _key(row, home)) for key in keys)]


def _numbers(buyer: Party) -> Iterable[str]:
    yield buyer.tax_id
    for registration in buyer.registrations:
        if registration.scheme in {"0002", "0009", "VAT", "FC", "SIREN", "SIRET"}:
            yield registration.value


def _spellings(keys: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for key in keys:
        country, number = key.split(":", 1)
        prefixes = {"GR": ("EL", "GR"), "GB": ("GB", "XI"), "CH": ("CHE", "CH")}.get(country, (country,))
        found |= {number, *(prefix + number for prefix in prefixes)}
        if _siren(key) is not None:
            found.add(str(_siren(key)))
    return found


def _siren(key: str) -> str | None:
    """Return the French company number inside a VAT number (11 signs) or a SIRET (14 digits)."""
    country, number = key.split(":", 1)
    if country not in {"FR", ""}:
        return None
    if len(number) == 14 and number.isdigit():
        return number[:_SIREN]
    if len(number) == 11 and number[2:].isdigit():
        return number[2:]
    return number if len(number) == _SIREN and number.isdigit() else None


def _key(row: Mapping[str, Any], home: str) -> str:
    address = row["address"]
    facts = msgspec.json.decode(address) if isinstance(address, str) and address else address or {}
    return tax_key(row["tax_id"], country=facts.get("country") or home) or ""


def _same(one: str, other: str) -> bool:
    """Whether two keys mean one company; a country that is not said speaks against nothing."""
    if not other:
        return False
    if one == other:
        return True
    (country, number), (other_country, other_number) = one.split(":", 1), other.split(":", 1)
    if country and other_country and country != other_country:
        return False
    siren = _siren(one)
    return number == other_number or (siren is not None and siren == _siren(other) and "FR" in {country, other_country})


async def remember_buyer(*, buyer: Party, customer: UUID) -> None:
    """Take *buyer* for *customer* from now on: staff has said so."""
    if not buyer.name and not buyer.tax_id:
        return
    key = alias_key(buyer)
    known = await Alias.update({Alias.customer: customer}).where(Alias.key == key).returning(Alias.id)
    if not known:
        await Alias.insert(Alias(key=key, customer=customer))
