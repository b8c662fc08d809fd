"""Forms of the back office."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import HiddenField, SelectField
from wtforms.validators import Length, Regexp

from core.sdk import Customer, Translator, forms, imports
from plugins.invoices.services import TypedFigures, VatFigure
from plugins.invoices.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ = Translator("invoices")

CURRENCIES = ("EUR", "USD", "GBP", "BRL", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "JPY", "CNY", "MXN")
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


class AssignForm(forms.Form):
    """Which project and contact an invoice is for."""

    project = SelectField(_("Project"))  # type: ignore[arg-type]  # WTForms prints lazy texts
    addressee = SelectField(_("Contact"))  # type: ignore[arg-type]  # WTForms prints lazy texts
    version = HiddenField()

    def shown_version(self) -> int:
        """Return the version of the invoice that the form was shown with; -1, which none has, where it is none."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() else -1


class CustomerForm(forms.Form):
    """Which customer the buyer of a document is."""

    customer_search = forms.TextField(_("Find a customer"))
    customer = SelectField(_("Customer"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts


class FiguresForm(forms.Form):
    """What a document says, typed."""

    customer_search = forms.TextField(_("Find a customer"))
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


def offer_currency(field: SelectField, code: str | None) -> None:
    """Offer a document's own currency too where it is none of the usual ones."""
    if code and code not in CURRENCIES:
        field.choices = forms.choices((each, each) for each in (*CURRENCIES, code))


async def fill_customers(
    field: SelectField, *, search: str = "", first: Sequence[Mapping[str, Any]] = (), likely: str = ""
) -> None:
    """
    Offer customers: those in *first* on top, then what *search* finds, a first few without it.

    What is chosen is always among them where there is such a customer. *likely* is the buyer's name: with nothing
    searched for, what it finds comes before the rest.
    """
    offered = {str(each["id"]): str(each["name"]) for each in first}
    found = await imports.suggest_customers(search or likely)
    if likely and not search:
        found = [*found, *await imports.suggest_customers("")]
    for one in found:
        offered.setdefault(one["value"], f"{one['label']} ({one['hint']})" if one["hint"] else one["label"])
    if search and not field.data and len(found) == 1:
        field.data = found[0]["value"]
    elif field.data and field.data not in offered:
        offered |= await _chosen(field.data)
    field.choices = forms.choices([("", ""), *offered.items()])


async def _chosen(text: str) -> dict[str, str]:
    try:
        wanted = UUID(text)
    except ValueError:
        return {}
    rows = await Customer.select(Customer.id, Customer.name).where(Customer.id == wanted, Customer.closed_at.is_null())
    return {str(row["id"]): row["name"] for row in rows}


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
