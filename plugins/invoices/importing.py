"""Deliveries: files of a folder or an upload, with the lists of figures that came beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from core.sdk import Importer, LazyString, Translator, errors, formats, imports
from plugins.invoices.listing import HEADERS, PaidRow, file_of, read_row
from plugins.invoices.queries import find_by_number
from plugins.invoices.reasons import reason_of
from plugins.invoices.services import KIND, Received, TypedFigures, receive_file, record_payment, set_paid

_ = Translator("invoices")

SUFFIXES: Final = (".xml", ".pdf", ".xsig", ".csv", ".xlsx")
LIST_SUFFIXES: Final = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a delivery; its bytes are asked for when its turn comes."""

    name: str
    read: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the lists of a delivery say: figures by file name, and rows that say nothing usable."""

    figures: dict[str, TypedFigures] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    paid: list[tuple[int, PaidRow]] = field(default_factory=list)
    refused: list[imports.ImportResult] = field(default_factory=list)


async def import_files(
    *, files: Sequence[Path], create_customers: bool = False, way: Literal["command", "page", "api"] = "command"
) -> AsyncIterator[imports.ImportResult]:
    """Read files one after the other; one result per invoice, and per row of a list that leads nowhere."""
    items = [Item(path.name, _reader(path)) for path in files]
    async with imports.running(kind=KIND, way=way) as run:
        async for received in take_delivery(run=run, items=items, create_customers=create_customers):
            yield received.result


def _reader(path: Path) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return read


async def take_delivery(
    *,
    run: imports.Run,
    items: Sequence[Item],
    create_customers: bool = False,
    external_id: str | None = None,
    may_collect: bool = True,
) -> AsyncIterator[Received]:
    """
    Take the files of a delivery in, each with the figures that a list beside it gives.

    Lists may say as well what was paid; without *may_collect* such rows are refused. A payment without a key is known
    by its invoice, day and amount, so the same list again changes nothing.
    """
    listed = _Listed()
    for item in items:
        if _is_list(item.name):
            await _read_list(item, listed)
    for item in items:
        if _is_list(item.name):
            continue
        figures = listed.figures.pop(_key(item.name), None)
        for received in await receive_file(
            run=run,
            name=item.name,
            data=await item.read(),
            create_customers=create_customers,
            figures=figures,
            external_id=external_id if len(items) == 1 else None,
        ):
            yield received
    left = [
        imports.ImportResult(
            place=name,
            outcome="refused",
            reason=reason_of("list-without-file", {"line": listed.lines[name], "name": name}),
        )
        for name in listed.figures
    ]
    for line, row in listed.paid:
        async with imports.one_item():
            settled = await _settle(line, row) if may_collect else _not_permitted(row)
            await run.count(settled.result)
        yield settled
    for result in (*listed.refused, *left):
        async with imports.one_item():
            await run.count(result)
        yield Received(result=result)


def _is_list(name: str) -> bool:
    return name.lower().endswith(LIST_SUFFIXES)


def _key(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.casefold()


async def _read_list(item: Item, listed: _Listed) -> None:
    try:
        sheet = await asyncio.to_thread(imports.read_list, await item.read(), headers=HEADERS)
    except imports.SheetError as error:
        listed.refused.append(imports.ImportResult(place=item.name, outcome="refused", reason=error.message))
        return
    for line, problem in sheet.problems:
        reason = reason_of("list-row", {"line": line, "detail": problem})
        listed.refused.append(imports.ImportResult(place=item.name, outcome="refused", reason=reason))
    for line, row in sheet.rows:
        try:
            said = read_row(row)
        except (formats.FormatError, errors.InvalidInputError) as error:
            reason = reason_of("list-row", {"line": line, "detail": error.message})
            listed.refused.append(imports.ImportResult(place=item.name, outcome="refused", reason=reason))
            continue
        if isinstance(said, PaidRow):
            listed.paid.append((line, said))
        else:
            name = _key(file_of(row))
            listed.figures[name] = said
            listed.lines[name] = line


async def _settle(line: int, row: PaidRow) -> Received:
    """Write down what a list says was paid."""
    found = await find_by_number(row.number, document_type=row.document_type, issued_on=row.issued_on)
    if len(found) != 1:
        reason = reason_of("several-numbers" if found else "unknown-number", {"number": row.number})
        return Received(result=imports.ImportResult(place=row.number, outcome="refused", reason=reason))
    (invoice,) = found
    try:
        amount = row.minor(invoice.currency)
        if row.paid:
            after = await set_paid(invoice=invoice.id, paid=amount, paid_on=row.paid_on)
        else:
            paid_on = row.paid_on or (await imports.tenant()).today()
            key = row.key or f"{invoice.id}:{paid_on}:{amount}"
            after = await record_payment(invoice=invoice.id, amount=amount, paid_on=paid_on, external_id=key)
    except (formats.FormatError, errors.InvalidInputError, errors.WrongStateError) as error:
        reason = reason_of("list-row", {"line": line, "detail": _said(error)})
        return Received(result=imports.ImportResult(place=row.number, outcome="refused", reason=reason))
    outcome: Literal["updated", "unchanged"] = "unchanged" if after.version == invoice.version else "updated"
    return Received(result=imports.ImportResult(place=row.number, outcome=outcome), invoice=invoice.id)


def _not_permitted(row: PaidRow) -> Received:
    return Received(
        result=imports.ImportResult(place=row.number, outcome="refused", reason=reason_of("may-not-collect", {}))
    )


def _said(error: formats.FormatError | errors.DomainError) -> LazyString:
    fields = error.fields if isinstance(error, errors.InvalidInputError) else {}
    return next((text for texts in fields.values() for text in texts), error.message)


IMPORTER = Importer(
    key=KIND,
    label=_("Invoices"),
    run=import_files,
    suffixes=SUFFIXES,
    options={"create_customers": "make the customers that invoices name and the portal does not know"},
)
