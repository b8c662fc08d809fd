"""What is known of a customer, and what may be typed about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.db import fetch
from core.errors import InvalidInputError, NotFoundError, StaleError, WrongStateError
from core.i18n import LANGUAGES, Translator
from core.people.company import Address, Invoicing, check_tax_id, compact_tax_id
from core.people.tables import Customer
from core.tenancy.scope import current_tenant_id

if TYPE_CHECKING:
    from uuid import UUID

    from core.i18n import LazyString

_ = Translator("core")

LONGEST_NAME = 200


class CustomerClosedError(WrongStateError):
    """The customer is closed."""

    default = _("This customer is closed. Reopen it first.")


class CustomerChangedError(StaleError):
    """Somebody changed the customer, or one of its projects, after it was shown."""

    default = _("Somebody changed this while you were typing. See what is different, then save again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """What is known of a customer. `strict` checks the tax number by the rules of its country."""

    name: str
    number: str | None = None
    external_id: str | None = None
    tax_id: str | None = None
    language: str | None = None
    parent: UUID | None = None
    address: Address = field(default_factory=Address)
    invoicing: Invoicing = field(default_factory=Invoicing)
    strict: bool = True


async def find_customer(customer: UUID) -> Customer:
    """
    Return a customer of the tenant.

    Raises:
        NotFoundError: there is none with that id.

    """
    found = await Customer.objects().where(Customer.id == customer).first()
    if found is None:
        raise NotFoundError
    return found


def is_closed(customer: Customer) -> bool:
    """Whether nothing new is for this customer."""
    return customer.closed_at is not None


async def checked(details: CustomerDetails, customer: UUID) -> CustomerDetails:
    """Return *details* as they are stored, or raise InvalidInputError with what is wrong per field."""
    fields: dict[str, list[LazyString]] = {}
    clean = replace(
        details,
        name=" ".join(details.name.split()),
        number=(details.number or "").strip() or None,
        external_id=(details.external_id or "").strip() or None,
    )
    reason = wrong_name(clean.name, _("Give the customer's name."))
    if reason is not None:
        fields["name"] = [reason]
    if clean.language is not None and clean.language not in LANGUAGES:
        fields["language"] = [_("Choose one from the list.")]
    try:
        clean = replace(clean, tax_id=await _tax_id(clean))
        check_invoicing(clean.invoicing)
    except InvalidInputError as error:
        fields |= {name: list(reasons) for name, reasons in error.fields.items()}
    fields |= await _taken(clean, customer)
    if clean.parent is not None:
        reason = await _wrong_parent(clean.parent, customer)
        if reason is not None:
            fields["parent"] = [reason]
    if fields:
        raise InvalidInputError(fields=fields)
    return clean


def wrong_name(name: str, missing: LazyString) -> LazyString | None:
    """Return what is wrong with a name; *missing* where there is none."""
    if not name:
        return missing
    if len(name) > LONGEST_NAME:
        return _("Use at most {n} characters.").format(n=LONGEST_NAME)
    return None


async def _taken(clean: CustomerDetails, customer: UUID) -> dict[str, list[LazyString]]:
    """Return which of number and key another customer has, and who that is."""
    fields: dict[str, list[LazyString]] = {}
    if clean.number is not None:
        other = await Customer.objects().where(Customer.number == clean.number, Customer.id != customer).first()
        if other is not None:
            fields["number"] = [_("{name} has this number.").format(name=other.name)]
    if clean.external_id is not None:
        other = (
            await Customer.objects().where(Customer.external_id == clean.external_id, Customer.id != customer).first()
        )
        if other is not None:
            fields["external_id"] = [_("{name} has this key.").format(name=other.name)]
    return fields


async def _tax_id(details: CustomerDetails) -> str | None:
    if not (details.tax_id or "").strip():
        return None
    if not details.strict:
        return compact_tax_id(details.tax_id or "") or None
    country = details.address.country
    if not country:
        rows = await fetch("SELECT country FROM tenant WHERE id = {}", current_tenant_id())
        country = rows[0]["country"]
    return check_tax_id(details.tax_id or "", country=country)


async def _wrong_parent(parent: UUID, customer: UUID) -> LazyString | None:
    found = await Customer.objects().where(Customer.id == parent).first()
    if found is None:
        return _("Choose one from the list.")
    if parent == customer:
        return _("A company cannot be its own parent.")
    if found.parent is not None:
        return _("{name} has a parent itself; there is one level only.").format(name=found.name)
    if await Customer.exists().where(Customer.parent == customer):
        return _("This customer has subsidiaries; there is one level only.")
    return None


def check_invoicing(invoicing: Invoicing) -> None:
    """Go on only with invoicing preferences that can be, or raise InvalidInputError."""
    if invoicing.language and invoicing.language not in LANGUAGES:
        raise InvalidInputError(fields={"invoice_language": [_("Choose one from the list.")]})
    if len(invoicing.reference) > 200:
        raise InvalidInputError(fields={"reference": [_("Use at most {n} characters.").format(n=200)]})
