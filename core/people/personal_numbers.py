"""Tax numbers of people: which one a country has, and its check digits."""

from __future__ import annotations

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from core.errors import InvalidInputError
from core.i18n import LazyString, Translator
from core.people.company import compact_tax_id

_ = Translator("core")

_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "BR": ("CPF", ("cpf",)),
    "ES": ("NIF, NIE", ("dni", "nie")),
    "FR": ("NIF", ("nif",)),
    "PT": ("NIF", ("nif",)),
}
"""What the number is called, and the rules that may hold for it, by country."""
_SHORTEST, _LONGEST = 4, 24


def number_label(country: str) -> LazyString:
    """Return what a person's tax number is called in *country*."""
    known = _KINDS.get(country.upper())
    return _("Tax number ({kind})").format(kind=known[0]) if known else _("Tax number")


def check_personal_number(text: str, *, country: str) -> str:
    """
    Return a person's tax number as it is stored: compact, upper case, checked by the rules of *country*.

    Raises:
        InvalidInputError: its form or its check digit is wrong.

    """
    compact = compact_tax_id(text)
    known = _KINDS.get(country.upper())
    if known is None:
        if _SHORTEST <= len(compact) <= _LONGEST and any(sign.isdigit() for sign in compact):
            return compact
        raise InvalidInputError(fields={"tax_id": [_("This is not a tax number.")]})
    name, kinds = known
    for kind in kinds:
        module = get_cc_module(country.lower(), kind)
        try:
            if module is not None:
                return str(module.validate(compact)).upper()
        except ValidationError:
            continue
    wrong = _("This is not a valid number ({kind}): please check its letters and digits.").format(kind=name)
    raise InvalidInputError(fields={"tax_id": [wrong]})
