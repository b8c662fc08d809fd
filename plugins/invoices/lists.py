"""The lists of invoices, for contacts and for staff, and the cards that count them."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from core.sdk import Audience, Card, Translator, lists
from plugins.invoices.permissions import PUBLISH, STAFF_VIEW, VIEW
from plugins.invoices.states import DueState, PaymentState, due_state
from plugins.invoices.tables import Invoice
from plugins.invoices.words import CREDIT, DUE, KINDS, PAYMENT, WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

_ = Translator("invoices")

CREDIT_NOTE = "credit_note"
_FOLLOWING = 7
"""Days."""


def state_chips(row: Mapping[str, Any], today: date) -> tuple[lists.Chip, ...]:
    """Return how much of an invoice is collected and, where it matters, that it is late, as chips."""
    withdrawn = not row.get("published_at", True)
    return _chips_on(row["payment_state"], row["document_type"], row["due_on"], today, withdrawn)


@lru_cache(maxsize=4096)
def _chips_on(
    payment: str,
    document_type: str,
    due_on: date | None,
    today: date,
    withdrawn: bool,  # noqa: FBT001 -- a key
) -> tuple[lists.Chip, ...]:
    """Return the chips of a row; a list's few days come again on each of its pages."""
    state, credit = PaymentState(payment), document_type == CREDIT_NOTE
    late = due_state(state=state, due_on=due_on, today=today, credit=credit)
    return _chips(state, late, credit=credit, withdrawn=withdrawn)


@cache
def _chips(state: PaymentState, late: DueState, *, credit: bool, withdrawn: bool) -> tuple[lists.Chip, ...]:
    """Return the same tuple each time: a page draws the few that there are once, not once a row."""
    chips = [PAYMENT[state]]
    if credit:
        chips.insert(0, CREDIT)
    if late is DueState.OVERDUE:
        chips.append(DUE[late])
    if withdrawn:
        chips.append(WITHDRAWN)
    return tuple(chips)


def _kind(row: Mapping[str, Any], today: date) -> str:  # noqa: ARG001 -- the list hands over the day
    return str(KINDS[row["document_type"]])


def _as_total(key: str) -> Callable[[Mapping[str, Any], date], int]:
    """Return how an amount of a file is shown beside the total: what a credit note gives back is negative there."""

    def value(row: Mapping[str, Any], today: date) -> int:  # noqa: ARG001 -- the list hands over the day
        amount: int = row[key]
        above = (row["net"] or row["vat"]) > 0  # files write all amounts of a credit note with the same sign
        return -amount if above and row["document_type"] == CREDIT_NOTE else amount

    return value


def _unpaid() -> Any:
    return Invoice.payment_state != PaymentState.COLLECTED.value


def _not_due(reader: lists.Reader) -> Any:
    credit = Invoice.document_type == CREDIT_NOTE
    return _unpaid() & (credit | Invoice.due_on.is_null() | (Invoice.due_on >= reader.today))


def _overdue(reader: lists.Reader) -> Any:
    return _unpaid() & (Invoice.document_type != CREDIT_NOTE) & (Invoice.due_on < reader.today)


def _due_soon(reader: lists.Reader) -> Any:
    within = (Invoice.due_on >= reader.today) & (Invoice.due_on <= reader.day(_FOLLOWING))
    return _unpaid() & (Invoice.document_type != CREDIT_NOTE) & within


PAYMENT_FILTER = lists.ChoiceFilter(
    key="payment",
    label=_("Payment"),
    options=(
        lists.Option(
            value="pending",
            label=PAYMENT[PaymentState.PENDING].label,
            where=lambda _: Invoice.payment_state == PaymentState.PENDING.value,
        ),
        lists.Option(
            value="partial",
            label=PAYMENT[PaymentState.PARTIAL].label,
            where=lambda _: Invoice.payment_state == PaymentState.PARTIAL.value,
        ),
        lists.Option(
            value="collected",
            label=PAYMENT[PaymentState.COLLECTED].label,
            where=lambda _: Invoice.payment_state == PaymentState.COLLECTED.value,
        ),
    ),
)
DUE_FILTER = lists.ChoiceFilter(
    key="due",
    label=_("Due"),
    options=(
        lists.Option(value="not_due", label=DUE[DueState.NOT_DUE].label, where=_not_due),
        lists.Option(value="soon", label=_("Due within a week"), where=_due_soon),
        lists.Option(value="overdue", label=DUE[DueState.OVERDUE].label, where=_overdue),
    ),
)
PAID_FILTER = lists.ChoiceFilter(
    key="paid",
    label=_("Paid"),
    options=(
        lists.Option(
            value="paid", label=_("Paid"), where=lambda _: Invoice.payment_state == PaymentState.COLLECTED.value
        ),
        lists.Option(value="unpaid", label=_("Unpaid"), where=lambda _: _unpaid()),
    ),
)
KIND_FILTER = lists.ChoiceFilter(
    key="kind",
    label=_("Kind"),
    options=(
        lists.Option(value="invoice", label=_("Invoices"), where=lambda _: Invoice.document_type != CREDIT_NOTE),
        lists.Option(
            value="credit_note", label=_("Credit notes"), where=lambda _: Invoice.document_type == CREDIT_NOTE
        ),
    ),
)
FILTERS: tuple[lists.ChoiceFilter | lists.RelationFilter | lists.DateRange | lists.AmountRange, ...] = (
    PAYMENT_FILTER,
    DUE_FILTER,
    PAID_FILTER,
    KIND_FILTER,
    lists.RelationFilter(key="company", label=_("Company"), column=Invoice.customer),
    lists.RelationFilter(key="project", label=_("Project"), column=Invoice.project),
    lists.DateRange(key="issued", label=_("Date of issue"), column=Invoice.issued_on),
    lists.DateRange(key="due_date", label=_("Due date"), column=Invoice.due_on),
    lists.AmountRange(key="amount", label=_("Total"), column=Invoice.signed_gross, currency=Invoice.currency),
)

_NUMBER = lists.Column(
    key="number", label=_("Number"), kind="title", source=Invoice.number, sort=Invoice.number_folded, nullable=False
)
_KIND = lists.Column(key="kind", label=_("Kind"), value=_kind, page=False)
_COMPANY = lists.Column(
    key="company",
    label=_("Company"),
    source=Invoice.customer.name,
    sort=Invoice.customer.name_folded,
    nullable=False,
)
_PROJECT = lists.Column(key="project", label=_("Project"), source=Invoice.project.name, page=False)
_ISSUED = lists.Column(key="issued_on", label=_("Date"), kind="day", source=Invoice.issued_on, sort=True)
_DUE_ON = lists.Column(key="due_on", label=_("Due date"), kind="day", source=Invoice.due_on, sort=True)
_TOTAL = lists.Column(key="total", label=_("Total"), kind="money", source=Invoice.signed_gross, sort=True)
_DUE = lists.Column(key="due", label=_("Still due"), kind="money", source=Invoice.signed_due, sort=True)
_STATE = lists.Column(key="state", label=_("State"), kind="states", value=state_chips)
_MONEY = (
    lists.Column(
        key="net", label=_("Without VAT"), kind="money", source=Invoice.net, value=_as_total("net"), page=False
    ),
    lists.Column(key="vat", label=_("VAT"), kind="money", source=Invoice.vat, value=_as_total("vat"), page=False),
)
_CURRENCY = lists.Column(key="currency", label=_("Currency"), source=Invoice.currency, page=False)
_REFERENCES = (
    lists.Column(key="buyer_reference", label=_("Your reference"), source=Invoice.buyer_reference, page=False),
    lists.Column(key="order_reference", label=_("Order"), source=Invoice.order_reference, page=False),
)
_FACETS = (Invoice.payment_state, Invoice.document_type)
_FIELDS = {
    "payment_state": Invoice.payment_state,
    "document_type": Invoice.document_type,
    "due_on": Invoice.due_on,
}

INVOICES = lists.ListView(
    key="invoices",
    title=_("Invoices"),
    path="/invoices",
    table=Invoice,
    permission=VIEW,
    columns=(
        _NUMBER,
        _KIND,
        _COMPANY,
        _PROJECT,
        _ISSUED,
        _DUE_ON,
        *_MONEY,
        _TOTAL,
        _DUE,
        _CURRENCY,
        _STATE,
        *_REFERENCES,
    ),
    fields=_FIELDS,
    filters=FILTERS,
    search=(Invoice.search_folded,),
    search_label=_("Search by number or reference"),
    period=lists.Period(column=Invoice.issued_on),
    default_sort="-issued_on",
    currency=Invoice.currency,
    facets=_FACETS,
    sums=(lists.Sum(key="due", label=_("Still due"), source=Invoice.signed_due),),
    row_url=lambda row: f"/invoices/{row['id']}",
    empty=lists.Empty(title=_("No invoices yet"), text=_("As soon as an invoice is there for you, you find it here.")),
    export_name="invoices",
)

STAFF_INVOICES = lists.ListView(
    key="invoices.staff",
    title=_("Invoices"),
    path="/staff/invoices",
    table=Invoice,
    permission=STAFF_VIEW,
    audience=Audience.STAFF,
    columns=(
        _NUMBER,
        _KIND,
        _COMPANY,
        _PROJECT,
        _ISSUED,
        _DUE_ON,
        *_MONEY,
        _TOTAL,
        _DUE,
        _CURRENCY,
        _STATE,
        *_REFERENCES,
    ),
    fields={**_FIELDS, "published_at": Invoice.published_at},
    filters=(
        *FILTERS,
        lists.ChoiceFilter(
            key="published",
            label=_("Publication"),
            options=(
                lists.Option(value="yes", label=_("Published"), where=lambda _: Invoice.published_at.is_not_null()),
                lists.Option(value="no", label=_("Not published"), where=lambda _: Invoice.published_at.is_null()),
            ),
        ),
    ),
    search=(Invoice.search_folded, Invoice.customer.name_folded),
    search_label=_("Search by number, reference or customer"),
    period=lists.Period(column=Invoice.issued_on),
    default_sort="-issued_on",
    currency=Invoice.currency,
    facets=_FACETS,
    sums=(lists.Sum(key="due", label=_("Still due"), source=Invoice.signed_due),),
    row_url=lambda row: f"/staff/invoices/{row['id']}",
    actions=(
        lists.ListAction(
            key="publish",
            label=_("Publish"),
            path="/staff/invoices/publish",
            permission=PUBLISH,
            icon="send",
            kind="primary",
            confirm=_("Show these invoices to the customers and tell them?"),
        ),
    ),
    empty=lists.Empty(
        title=_("No invoices yet"),
        text=_("Bring in the e-invoices that your own system has written."),
        action_label=_("Upload invoices"),
        action_url="/staff/invoices/upload",
    ),
    export_name="invoices",
)

CARDS = (
    Card(
        key="invoices.unpaid",
        label=_("Unpaid invoices"),
        list="invoices",
        query={"paid": "unpaid", "period": "all"},
        permission=VIEW,
        icon="file-invoice",
        sum="due",
        tone="info",
        weight=10,
        empty=_("Everything is paid."),
    ),
    Card(
        key="invoices.overdue",
        label=_("Overdue invoices"),
        list="invoices",
        query={"due": "overdue", "period": "all"},
        permission=VIEW,
        icon="alert-circle",
        sum="due",
        tone="danger",
        weight=11,
        empty=_("Nothing is late."),
    ),
    Card(
        key="invoices.staff_overdue",
        label=_("Overdue invoices"),
        list="invoices.staff",
        query={"due": "overdue", "period": "all"},
        permission=STAFF_VIEW,
        icon="alert-circle",
        sum="due",
        tone="warning",
        audience=Audience.STAFF,
        weight=10,
        empty=_("Nothing is late."),
    ),
)
