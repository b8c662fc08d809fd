"""What is known of a company beside its name: address, invoicing preferences, tax number."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from core.errors import InvalidInputError
from core.formats import country_name, lazily
from core.i18n import Translator

_ = Translator("core")

InvoiceFormat = Literal["", "pdf", "xml", "pdf+xml"]

_VAT_PREFIXES = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"),
    }
)
"""Prefixes of VAT numbers in the European Union, and of Northern Ireland."""
_COUNTRY_OF = {"EL": "GR", "XI": "GB"}
_KINDS = {"ES": ("vat",), "FR": ("vat", "siret", "siren"), "PT": ("vat",), "BR": ("cnpj", "cpf")}
"""Which numbers a company or a sole trader has, by country; elsewhere the VAT number."""
_PREFIXED = frozenset({"FR"})
"""Countries whose VAT number is always written with its prefix, which tells it from other numbers."""


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    lines: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


class Invoicing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a company wants its invoices."""

    email: str = ""
    reference: str = ""
    format: InvoiceFormat = ""
    language: str = ""


def read_address(stored: Any) -> Address:
    """Return an address as the table keeps it."""
    return (
        msgspec.json.decode(stored or "{}", type=Address)
        if isinstance(stored, str)
        else msgspec.convert(stored, Address)
    )


def read_invoicing(stored: Any) -> Invoicing:
    """Return invoicing preferences as the table keeps them."""
    return (
        msgspec.json.decode(stored or "{}", type=Invoicing)
        if isinstance(stored, str)
        else msgspec.convert(stored, Invoicing)
    )


def write_json(value: Address | Invoicing) -> str:
    """Return it as the table keeps it."""
    return msgspec.json.encode(value).decode()


def compact_tax_id(text: str) -> str:
    """Return a tax number in upper case without anything but letters and digits, unchecked."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())


def check_tax_id(text: str, *, country: str) -> str:
    """
    Return a tax number as it is stored: compact, upper case, checked by the rules of its country.

    *country* is that of the company; a VAT prefix of another country in the number outweighs it, and stays in it.

    Raises:
        InvalidInputError: its form or its check digit is wrong.

    """
    compact = compact_tax_id(text)
    home = country.upper()
    prefix = compact[:2]
    abroad = _COUNTRY_OF.get(prefix, prefix)
    if prefix in _VAT_PREFIXES and abroad != home and any(sign.isdigit() for sign in compact[2:]):
        checked = _checked(compact, abroad, "vat")
        if checked is not None:
            return prefix + checked.removeprefix(prefix)
        if not _valid_at_home(compact, home):
            raise _wrong(abroad)
    found = _valid_at_home(compact, home)
    if found is None:
        raise _wrong(home)
    return found


def _valid_at_home(compact: str, country: str) -> str | None:
    """Return the number if it is one of its country; where no rule is known, if it looks like a number at all."""
    kinds = _KINDS.get(country, ("vat",))
    if all(get_cc_module(country.lower(), kind) is None for kind in kinds):
        return compact if 4 <= len(compact) <= 24 and any(sign.isdigit() for sign in compact) else None
    for kind in kinds:
        checked = _checked(compact, country, kind)
        if checked is not None:
            return f"{country}{checked}" if kind == "vat" and country in _PREFIXED else checked
    return None


def _checked(compact: str, country: str, kind: str) -> str | None:
    module = get_cc_module(country.lower(), kind)
    if module is None:
        return None
    try:
        return str(module.validate(compact)).upper()
    except ValidationError:
        return None


def _wrong(country: str) -> InvalidInputError:
    names = {"ES": "NIF", "FR": "TVA, SIREN, SIRET", "PT": "NIF", "BR": "CNPJ, CPF"}
    if country in names:
        text = _("This is not a valid tax number ({kinds}): please check its letters and digits.").format(
            kinds=names[country]
        )
    else:
        text = _("This is not a valid tax number of {country}: please check its letters and digits.").format(
            country=lazily(country_name, country)
        )
    return InvalidInputError(fields={"tax_id": [text]})
