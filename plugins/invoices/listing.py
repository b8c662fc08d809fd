"""Lists that come beside files: figures for files that have none, and what has been paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from core.sdk import Translator, errors, formats
from plugins.invoices.reading.invoice import DocumentType
from plugins.invoices.services import TypedFigures, VatFigure

_ = Translator("invoices")

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
    "paid": ("paid total", "amount paid", "cobrado", "pagado", "total cobrado", "importe cobrado", "payé", "encaissé",
             "montant payé", "pago", "recebido", "valor pago", "valor recebido"),
    "payment": ("payment amount", "cobro", "importe del cobro", "paiement", "encaissement", "montant du paiement",
                "pagamento", "recebimento", "valor do pagamento"),
    "paid_on": ("paid on", "payment date", "fecha de cobro", "fecha de pago", "date de paiement",
                "date d'encaissement", "data de pagamento", "data do pagamento", "data de recebimento"),
    "key": ("reference", "payment key", "payment id", "referencia", "référence", "referência"),
}  # fmt: skip
"""Words for each column of a list, in English, Spanish, French and both kinds of Portuguese."""
_CREDIT_WORDS: Final = frozenset(
    {"381", "credit", "credit note", "abono", "rectificativa", "factura rectificativa", "nota de abono", "avoir",
     "nota de crédito", "nota de credito", "crédito"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidRow:
    """What a list says was paid for an invoice: in all, or as one payment. The amount's currency is the invoice's."""

    number: str
    document_type: str | None = None
    issued_on: date | None = None
    paid: str = ""
    payment: str = ""
    paid_on: date | None = None
    key: str = ""

    def minor(self, currency: str) -> int:
        """Return the amount in minor units; FormatError where it is none."""
        return formats.parse_money(self.paid or self.payment, currency, _LANGUAGE)


def read_row(row: dict[str, str]) -> TypedFigures | PaidRow:
    """
    Return what a row of a list says.

    Raises:
        FormatError: an amount or a day is none.
        InvalidInputError: something is missing.

    """
    if (row.get("paid") or row.get("payment")) and not row.get("file"):
        return _paid(row)
    return _figures(row)


def file_of(row: dict[str, str]) -> str:
    """Return the file that a row is about: named, or after the number."""
    return row.get("file", "") or f"{row.get('number', '')}.pdf"


def _paid(row: dict[str, str]) -> PaidRow:
    if not row.get("number"):
        raise errors.InvalidInputError(_("The number is missing."))
    if not (row.get("paid") or row.get("paid_on") or row.get("key")):  # tomorrow it would be another payment
        raise errors.InvalidInputError(_("The date is missing."))
    return PaidRow(
        number=row["number"],
        document_type=_kind(row["type"]) if row.get("type") else None,
        issued_on=_day(row, "date"),
        paid=row.get("paid", ""),
        payment=row.get("payment", ""),
        paid_on=_day(row, "paid_on"),
        key=row.get("key", ""),
    )


def _day(row: dict[str, str], name: str) -> date | None:
    return _read_day(row[name]) if row.get(name) else None


def _read_day(text: str) -> date:
    """Return a day; sheets may show it with a time of midnight."""
    return formats.parse_day(text.removesuffix(" 00:00:00"), _LANGUAGE)


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
        issued_on=_read_day(row["date"]),
        due_on=_day(row, "due_date"),
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
