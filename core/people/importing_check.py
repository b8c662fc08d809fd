"""A list of people looked at before it is taken in; and the empty list that is to be filled in."""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import msgspec
import xlsxwriter

from core.contributions import Audience
from core.db import transaction
from core.errors import DomainError, InvalidInputError
from core.i18n import Translator
from core.imports import SheetError, one_item, running
from core.people.importing import known_here, one_row, reason_of, take_in
from core.people.importing_words import TEMPLATE, TEMPLATE_REACHES, TEMPLATE_WORDS
from core.people.roles import roles_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from core.contributions import ImportResult
    from core.i18n import LazyString
    from core.people.importing import Known

_ = Translator("core")

MOST_ON_A_PAGE = 500
"""Rows of a list that a page takes; longer ones come by the command."""
_MOST_UNPACKED = 8 * 1024 * 1024

FIELDS: dict[str, LazyString] = {
    "given_name": _("First name"),
    "family_name": _("Last name"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "mobile": _("Mobile"),
    "other_contact": _("Other contact"),
    "customer": _("Customer"),
    "role": _("Role"),
    "reach": _("Reach"),
    "language": _("Language"),
    "projects": _("Projects"),
    "tax_id": _("Tax number"),
}

Rows = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCheck:
    """What would become of a row; where it is refused, the field and the reason."""

    number: int
    name: str
    outcome: str
    field: LazyString | None = None
    reason: LazyString | None = None


class _Undo(Exception):  # noqa: N818 -- no error: the way out of a transaction that is not to be kept
    def __init__(self, outcome: str) -> None:
        self.outcome = outcome


async def check_rows(*, rows: Rows, create_customers: bool) -> list[RowCheck]:
    """
    Say what would become of each row; nothing is stored.

    Each row is tried by itself and undone, so that others may work in between.

    Raises:
        SheetError: more rows than a page takes.

    """
    if len(rows) > MOST_ON_A_PAGE:
        text = _("The list has more than {n} rows. Split it, or have it brought in by the command.")
        raise SheetError(text.format(n=MOST_ON_A_PAGE))
    known = await known_here(create_customers=create_customers)
    seen: set[str] = set()
    checked = []
    for number, row in rows:
        one = await _check(number, row, known)
        email = row.get("email", "").strip().casefold()
        if one.outcome == "created" and email and email in seen:
            one = RowCheck(number=number, name=one.name, outcome="updated")
        seen.add(email)
        checked.append(one)
    return checked


async def _try(row: dict[str, str], known: Known) -> NoReturn:
    async with transaction():
        raise _Undo(await take_in(row, known))


async def _check(number: int, row: dict[str, str], known: Known) -> RowCheck:
    names = " ".join(row[key] for key in ("given_name", "family_name") if row.get(key))
    name = row.get("name") or names or row.get("email", "")
    try:
        await _try(row, known)
    except _Undo as done:
        return RowCheck(number=number, name=name, outcome=done.outcome)
    except DomainError as error:
        fields = [FIELDS.get(field) for field in error.fields] if isinstance(error, InvalidInputError) else []
        field = fields[0] if fields else None
        return RowCheck(number=number, name=name, outcome="refused", field=field, reason=reason_of(error))


async def import_rows(*, rows: Rows, name: str, create_customers: bool) -> AsyncIterator[tuple[int, ImportResult]]:
    """Take in the rows of a list that was looked at, each all or nothing; the row's number and what became of it."""
    known = await known_here(create_customers=create_customers)
    async with running(kind="people", way="page") as run:
        for number, row in rows:
            result = await one_row(row, f"{name}:{number}", known)
            async with one_item():
                await run.count(result)
            yield number, result


# -- the rows travel with the page that shows them: nothing of a list is kept that nobody confirmed --------------------


def pack_rows(rows: Rows) -> str:
    """Return rows as a text for a form."""
    return base64.b64encode(zlib.compress(msgspec.json.encode(rows), 9)).decode()


def unpack_rows(text: str) -> Rows:
    """
    Return the rows of such a text. It may be anybody's: it is checked like any list.

    Raises:
        SheetError: it is no such text.

    """
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(text, validate=True), _MOST_UNPACKED)
        rows = msgspec.json.decode(data, type=Rows)
    except (binascii.Error, zlib.error, msgspec.DecodeError, ValueError) as error:
        raise SheetError(_("This form is broken. Please open it again.")) from error
    if len(rows) > MOST_ON_A_PAGE:
        raise SheetError(_("The list has more than {n} rows.").format(n=MOST_ON_A_PAGE))
    return rows


# -- the list to fill in -----------------------------------------------------------------------------------------------


async def template_sheet(language: str) -> bytes:
    """Return an Excel sheet with the columns of a list in *language*; roles and reaches are chosen from lists."""
    roles = [role.label for role in await roles_for(Audience.CONTACT)]
    known = language if language in TEMPLATE_WORDS else "en"
    return _written(TEMPLATE_WORDS[known], {"role": roles, "reach": TEMPLATE_REACHES[known]})


def _written(headings: Sequence[str], choices: Mapping[str, Sequence[str]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    try:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bg_color": "#e8eef4"})
        lists = book.add_worksheet("–")
        for at, (column, heading) in enumerate(zip(TEMPLATE, headings, strict=True)):
            sheet.write_string(0, at, heading, bold)
            sheet.set_column(at, at, 24)
            for line, choice in enumerate(choices.get(column, ())):
                lists.write_string(line, at, choice)
            if choices.get(column):
                letter = chr(ord("A") + at)
                source = f"='–'!${letter}$1:${letter}${len(choices[column])}"
                sheet.data_validation(1, at, MOST_ON_A_PAGE, at, {"validate": "list", "source": source})
        sheet.freeze_panes(1, 0)
    finally:
        book.close()
    return target.getvalue()
