"""Forms of the back office."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wtforms import SelectField
from wtforms.validators import Length, Regexp

from core.sdk import Customer, Translator, forms
from plugins.invoices.services import TypedFigures, VatFigure
from plugins.invoices.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = Translator("invoices")

CURRENCIES = ("EUR", "USD", "GBP", "BRL", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "JPY", "CNY", "MXN")
MOST_CUSTOMERS = 1_000
VAT_ROWS = (1, 2, 3)
_RATE = Regexp(r"^(\d{1,2}([.,]\d{1,4})? ?%?)?$")


@lru_cache(maxsize=64)
def payment_form(currency: str) -> type[Any]:
    """Return the form by which a payment in *currency* is recorded."""

    class PaymentForm(forms.Form):
        amount = forms.MoneyField(_("Amount"), [forms.Required()], currency=currency)
        paid_on = forms.DayField(_("Received on"), [forms.Required()])
        key = forms.HiddenId()

    return PaymentForm


class CustomerForm(forms.Form):
    """Which customer the buyer of a document is."""

    customer = SelectField(_("Customer"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts


class FiguresForm(forms.Form):
    """What a document says, typed."""

    number = forms.TextField(_("Number"), [forms.Required(), Length(max=200)])
    document_type = SelectField(_("Kind"), choices=forms.choices(KINDS.items()))  # type: ignore[arg-type]  # WTForms prints lazy texts
    customer = SelectField(_("Customer"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts
    issued_on = forms.DayField(_("Date of issue"), [forms.Required()])
    due_on = forms.DayField(_("Due date"))
    currency = SelectField(_("Currency"), choices=forms.choices((code, code) for code in CURRENCIES))  # type: ignore[arg-type]  # WTForms prints lazy texts
    net = forms.MoneyField(_("Without VAT"), [forms.Required()], currency_field="currency")
    vat_rate_1 = forms.TextField(_("VAT rate in %"), [_RATE])
    vat_amount_1 = forms.MoneyField(_("VAT"), currency_field="currency")
    vat_rate_2 = forms.TextField(_("VAT rate in %"), [_RATE])
    vat_amount_2 = forms.MoneyField(_("VAT"), currency_field="currency")
    vat_rate_3 = forms.TextField(_("VAT rate in %"), [_RATE])
    vat_amount_3 = forms.MoneyField(_("VAT"), currency_field="currency")
    gross = forms.MoneyField(_("Total with VAT"), [forms.Required()], currency_field="currency")
    order_reference = forms.TextField(_("Order"), [Length(max=200), Regexp(r"^[^\x00]*$")])


async def customer_choices(first: tuple[str, ...] = ()) -> list[Any]:
    """Return the tenant's customers to choose from, those in *first* on top."""
    rows = (
        await Customer.select(Customer.id, Customer.name, Customer.number, Customer.tax_id)
        .where(Customer.closed_at.is_null())
        .order_by(Customer.name_folded)
        .limit(MOST_CUSTOMERS)
    )
    rows.sort(key=lambda row: str(row["id"]) not in first)
    return forms.choices([("", ""), *((str(row["id"]), _named(row)) for row in rows)])


def _named(row: Mapping[str, Any]) -> str:
    known = " · ".join(str(row[key]) for key in ("number", "tax_id") if row[key])
    return f"{row['name']} ({known})" if known else str(row["name"])


def figures_in(form: FiguresForm, *, customer: Any) -> TypedFigures:
    """Return what a valid form says."""
    rows = []
    for number in VAT_ROWS:
        amount, rate = form[f"vat_amount_{number}"].data, form[f"vat_rate_{number}"].data
        if amount is not None:
            rows.append(VatFigure(rate=rate.removesuffix("%").strip().replace(",", "."), base=None, amount=amount))
    return TypedFigures(
        number=form.number.data,
        document_type=form.document_type.data,
        issued_on=form.issued_on.data,  # type: ignore[arg-type]  # required above
        due_on=form.due_on.data,
        customer=customer,
        currency=form.currency.data,
        net=form.net.data,  # type: ignore[arg-type]  # required above
        vat=tuple(rows),
        gross=form.gross.data,  # type: ignore[arg-type]  # required above
        order_reference=form.order_reference.data,
    )
