"""Deliveries: files of a folder or an upload, with the lists of figures that came beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, get_args

from core.sdk import Importer, ImportResult, Translator, errors, formats, imports
from plugins.invoices.reading.invoice import DocumentType
from plugins.invoices.reasons import reason_of
from plugins.invoices.services import KIND, Received, TypedFigures, VatFigure, receive_file

_ = Translator("invoices")

SUFFIXES: Final = (".xml", ".pdf", ".xsig", ".csv")
LIST_SUFFIX: Final = ".csv"
DEFAULT_CURRENCY: Final = "EUR"
_LANGUAGE: Final = "es"
"""Lists write 1.234,50 as people do, or 1234.50 as programs do; both are read alike."""

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "file": ("filename", "file name", "archivo", "fichero", "fichier", "arquivo", "ficheiro"),
    "number": ("invoice", "invoice number", "no", "número", "nº", "factura", "número de factura", "numéro", "n°",
               "numéro de facture", "fatura", "número da fatura"),
    "date": ("invoice date", "issued", "fecha", "fecha de factura", "date de facture", "data", "data da fatura"),
    "due_date": ("due", "due on", "vencimiento", "fecha de vencimiento", "échéance", "date d'échéance", "vencimento",
                 "data de vencimento"),
    "tax_id": ("customer tax id", "vat id", "tax number", "nif", "cif", "nif cliente", "nif del cliente", "siren",
               "siret", "numéro de tva", "tva client", "nif do cliente", "cnpj", "contribuinte"),
    "customer": ("customer name", "client", "cliente", "nombre del cliente", "nom du client", "nome do cliente"),
    "currency": ("moneda", "divisa", "devise", "monnaie", "moeda"),
    "net": ("net amount", "without vat", "base", "base imponible", "neto", "ht", "montant ht", "net ht", "líquido",
            "valor líquido", "base tributável"),
    "vat": ("tax", "iva", "cuota", "cuota iva", "tva", "montant tva", "imposto", "valor do iva"),
    "gross": ("total", "gross amount", "amount", "importe", "importe total", "ttc", "montant ttc", "total ttc",
              "valor", "valor total"),
    "type": ("kind", "document type", "tipo", "tipo de documento", "type de document"),
}  # fmt: skip
"""Words for each column of a list, in English, Spanish, French and both kinds of Portuguese."""
_CREDIT_WORDS: Final = frozenset(
    {"381", "credit", "credit note", "abono", "rectificativa", "factura rectificativa", "nota de abono", "avoir",
     "nota de crédito", "nota de credito", "crédito"}
)  # fmt: skip


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
    refused: list[ImportResult] = field(default_factory=list)


async def import_files(
    *, files: Sequence[Path], create_customers: bool = False, way: Literal["command", "page", "api"] = "command"
) -> AsyncIterator[ImportResult]:
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
    *, run: imports.Run, items: Sequence[Item], create_customers: bool = False, external_id: str | None = None
) -> AsyncIterator[Received]:
    """Take the files of a delivery in, each with the figures that a list beside it gives."""
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
        ImportResult(
            place=name,
            outcome="refused",
            reason=reason_of("list-without-file", {"line": listed.lines[name], "name": name}),
        )
        for name in listed.figures
    ]
    for result in (*listed.refused, *left):
        async with imports.one_item():
            await run.count(result)
        yield Received(result=result)


def _is_list(name: str) -> bool:
    return name.lower().endswith(LIST_SUFFIX)


def _key(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.casefold()


async def _read_list(item: Item, listed: _Listed) -> None:
    try:
        sheet = imports.read_csv(await item.read(), headers=HEADERS)
    except imports.SheetError as error:
        listed.refused.append(ImportResult(place=item.name, outcome="refused", reason=error.message))
        return
    for line, row in sheet.rows:
        try:
            figures = _figures(row)
        except (formats.FormatError, errors.InvalidInputError) as error:
            reason = reason_of("list-row", {"line": line, "detail": error.message})
            listed.refused.append(ImportResult(place=item.name, outcome="refused", reason=reason))
            continue
        name = _key(row.get("file", "") or f"{row.get('number', '')}.pdf")
        listed.figures[name] = figures
        listed.lines[name] = line


def _figures(row: dict[str, str]) -> TypedFigures:
    currency = (row.get("currency") or DEFAULT_CURRENCY).strip().upper()
    amounts = dict(_amounts(row, currency))
    if "gross" not in amounts:
        raise errors.InvalidInputError(_("The total is missing."))
    if not row.get("date"):
        raise errors.InvalidInputError(_("The date is missing."))
    vat = amounts.get("vat", amounts["gross"] - amounts["net"] if "net" in amounts else 0)
    return TypedFigures(
        number=row.get("number", ""),
        document_type=_kind(row.get("type", "")),
        issued_on=formats.parse_day(row["date"], _LANGUAGE),
        due_on=formats.parse_day(row["due_date"], _LANGUAGE) if row.get("due_date") else None,
        buyer_name=row.get("customer", ""),
        buyer_tax_id=row.get("tax_id", ""),
        currency=currency,
        net=amounts.get("net", amounts["gross"] - vat),
        vat=(VatFigure(rate="", base=None, amount=vat),),
        gross=amounts["gross"],
    )


def _amounts(row: dict[str, str], currency: str) -> Iterator[tuple[str, int]]:
    for name in ("net", "vat", "gross"):
        if row.get(name):
            try:
                yield name, formats.parse_money(row[name], currency, _LANGUAGE)
            except ValueError as error:
                if isinstance(error, formats.FormatError):
                    raise
                raise errors.InvalidInputError(_("“{currency}” is no currency.").format(currency=currency)) from error


def _kind(text: str) -> Any:
    word = text.strip().casefold().replace("_", " ")
    plain = word.replace(" ", "_")
    if word in _CREDIT_WORDS:
        return "credit_note"
    return plain if plain in get_args(DocumentType) else "invoice"


IMPORTER = Importer(
    key=KIND,
    label=_("Invoices"),
    run=import_files,
    suffixes=SUFFIXES,
    options={"create_customers": "make the customers that invoices name and the portal does not know"},
)
