"""An invoice as it was read. Amounts are integer minor units of `currency`; prices, quantities, rates stay text.

BT and BG numbers are those of EN 16931. Signs are the file's own: nothing is turned round.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

DocumentType = Literal[
    "invoice",
    "credit_note",
    "debit_note",
    "corrected_invoice",
    "prepayment_invoice",
    "partial_invoice",
    "proforma_invoice",
]
SourceFormat = Literal["ubl", "cii", "facturae", "facturx"]
Syntax = Literal["ubl", "cii", "zugferd1", "facturae"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number somebody gave a party; `scheme` says who (ISO 6523 code, `VAT`, `FC`, …), empty where unsaid."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller, buyer, payee. `country` is ISO 3166 alpha-2; empty text means unsaid."""

    name: str = ""
    trade_name: str = ""
    tax_id: str = ""
    registrations: tuple[Identifier, ...] = ()
    address_lines: tuple[str, ...] = ()
    city: str = ""
    postal_code: str = ""
    region: str = ""
    country: str = ""
    contact_name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """Something taken off (`is_charge` false) or added, with its VAT when it stands at document level."""

    is_charge: bool
    amount: int
    percent: str = ""
    base: int | None = None
    reason: str = ""
    reason_code: str = ""
    vat_category: str = ""
    vat_rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line (BG-25). `net` is rounded half up to minor units, `net_text` is exact; both empty for a text line.

    `counted` is false where the format keeps a line out of the sum: groups, information, sub-lines.
    """

    position: str
    name: str
    description: str = ""
    note: str = ""
    quantity: str = ""
    unit: str = ""
    price: str = ""
    price_base_quantity: str = ""
    net: int | None = None
    net_text: str = ""
    vat_category: str = ""
    vat_rate: str = ""
    allowances: tuple[AllowanceCharge, ...] = ()
    period_start: date | None = None
    period_end: date | None = None
    item_id: str = ""
    order_line: str = ""
    parent: str = ""
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """One row of the VAT breakdown (BG-23); `surcharge` is the Spanish recargo de equivalencia."""

    category: str
    rate: str
    base: int | None
    amount: int
    reason: str = ""
    reason_code: str = ""
    tax: str = "VAT"
    surcharge_rate: str = ""
    surcharge: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """Tax that the buyer keeps back for the seller (IRPF, retenção na fonte)."""

    tax: str
    rate: str
    base: int | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals as stated. `lines`, `allowances`, `charges` are None where the profile has none or the file says none.

    `paid` BT-113 (with subsidies), `rounding` BT-114, `withheld` taxes kept back, `retained` a guarantee kept back,
    `added` what is collected beside the invoice (third-party claims, reimbursable and financial expenses).
    """

    lines: int | None
    allowances: int | None
    charges: int | None
    net: int
    vat: int
    gross: int
    paid: int
    rounding: int
    due: int
    withheld: int = 0
    retained: int = 0
    added: int = 0
    vat_in_tax_currency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One way to pay (BG-16). `means_code` is UNTDID 4461."""

    means_code: str = ""
    means_text: str = ""
    iban: str = ""
    account_name: str = ""
    bic: str = ""
    remittance: str = ""
    mandate: str = ""
    debited_iban: str = ""
    creditor_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installment:
    """A part that falls due on a day of its own."""

    due_on: date | None
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """An earlier invoice that this one corrects or refers to (BG-3)."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A supporting document (BG-24), by name only; `url` where it lies elsewhere. Names are the file's, untrusted."""

    name: str
    description: str = ""
    mime_type: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInvoice:
    """What a file says; `check_sums` tells whether it agrees with itself.

    `type_code` is UNTDID 1001 (mapped for Facturae, whose own codes are in `native_type`). `due_on` is the last day to
    pay everything; parts with days of their own are in `installments`. `embedded_xml` is set for PDFs only.
    """

    document_type: DocumentType
    type_code: str
    native_type: str = ""
    self_billed: bool = False
    number: str
    series: str = ""
    issued_on: date
    due_on: date | None = None
    tax_point: date | None = None
    delivered_on: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    currency: str
    tax_currency: str = ""
    seller: Party
    buyer: Party
    payee: Party | None = None
    tax_representative: Party | None = None
    lines: tuple[Line, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    vat: tuple[VatRow, ...] = ()
    withholdings: tuple[Withholding, ...] = ()
    totals: Totals
    buyer_reference: str = ""
    order_reference: str = ""
    contract_reference: str = ""
    project_reference: str = ""
    preceding: tuple[Preceding, ...] = ()
    payments: tuple[Payment, ...] = ()
    payment_terms: str = ""
    installments: tuple[Installment, ...] = ()
    notes: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source_format: SourceFormat
    syntax: Syntax
    profile: str = ""
    embedded_xml: bytes | None = None
    embedded_xml_name: str = ""
