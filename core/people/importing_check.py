"""A list of people looked at before it is taken in; and the empty list that is to be filled in."""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import msgspec
import xlsxwriter

from core.contributions import Audience
from core.db import transaction
from core.i18n import Translator
from core.imports import SheetError, running
from core.people.importing import portions, take_rows
from core.people.importing_known import known_here
from core.people.importing_rows import Rows, read_row
from core.people.importing_taking import Taken, take_portion
from core.people.importing_words import TEMPLATE, TEMPLATE_REACHES, TEMPLATE_WORDS
from core.people.roles import roles_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from core.i18n import LazyString
    from core.imports import Sheet
    from core.people.importing_known import Known

_ = Translator("core")

MOST_ON_A_PAGE = 2_000
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
    "customer_number": _("Customer number"),
    "role": _("Role"),
    "reach": _("Reach"),
    "language": _("Language"),
    "projects": _("Projects"),
    "tax_id": _("Tax number"),
}


class _Undo(Exception):  # noqa: N818 -- no error: the way out of a transaction that is not to be kept
    def __init__(self, taken: list[Taken]) -> None:
        self.taken = taken


async def check_rows(*, rows: Rows, create_customers: bool) -> list[Taken]:
    """
    Say what would become of each row; nothing is stored.

    A portion is tried and undone, so that others may work in between.

    Raises:
        SheetError: more rows than a page takes.

    """
    if len(rows) > MOST_ON_A_PAGE:
        text = _("The list has more than {n} rows. Split it, or have it brought in by the command.")
        raise SheetError(text.format(n=MOST_ON_A_PAGE))
    known = await known_here(create_customers=create_customers)
    seen: set[tuple[str, ...]] = set()
    checked = []
    for portion in portions(rows):
        for (number, row), taken in zip(portion, await _tried(portion, known), strict=True):
            key = read_row(number, row).key
            again = taken.outcome == "created" and key in seen
            if taken.outcome != "refused":
                seen.add(key)
            checked.append(replace(taken, outcome="updated") if again else taken)
    return checked


async def _tried(rows: Rows, known: Known) -> list[Taken]:
    try:
        await _take_and_undo(rows, known)
    except _Undo as undone:
        return undone.taken


async def _take_and_undo(rows: Rows, known: Known) -> NoReturn:
    async with transaction():
        raise _Undo(await take_portion(rows, known))


async def import_rows(*, rows: Rows, create_customers: bool) -> AsyncIterator[Taken]:
    """Take in the rows of a list that was looked at, each all or nothing."""
    known = await known_here(create_customers=create_customers)
    async with running(kind="people", way="page") as run:
        async for taken in take_rows(rows, known, run):
            yield taken


def unread(sheet: Sheet) -> list[Taken]:
    """Return the rows of a list that cannot be read, as rows that are refused."""
    return [
        Taken(number=number, name="", outcome="refused", faults={"": [reason]}) for number, reason in sheet.problems
    ]


# -- the rows travel with the page that shows them: nothing of a list is kept that nobody confirmed --------------------


def pack_rows(rows: Rows) -> str:
    """
    Return rows as a text for a form.

    Raises:
        SheetError: their texts are too long for one.

    """
    if sum(len(text) for _number, row in rows for text in row.values()) > _MOST_UNPACKED // 8:
        raise SheetError(_("The list holds too much to be read at once. Split it."))
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
        lists.hide()
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
