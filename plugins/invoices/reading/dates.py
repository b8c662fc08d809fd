"""Dates as UBL, CII and Facturae write them."""

import re
from datetime import date

from plugins.invoices.reading.errors import BadDateError

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T[\d:.]+)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}(?:\d{2})?(?:[+-]\d{4}|Z)?)?", re.ASCII)


def read_date(text: str, *, field: str) -> date:
    """The calendar day as written: ISO, or UNTDID 2379 formats 102, 203, 204; a time zone moves nothing.

    Raises BadDateError.
    """
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    raise BadDateError(field=field, value=text[:40])


def read_date_or_none(text: str) -> date | None:
    """A date that decides nothing: absent where it cannot be understood."""
    try:
        return read_date(text, field="") if text else None
    except BadDateError:
        return None
