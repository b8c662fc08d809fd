"""The quarantine: what could not be taken in, why, and the ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Customer,
    Translator,
    action,
    current_actor,
    errors,
    form,
    formats,
    forms,
    imports,
    page,
    render,
    see_other,
)
from plugins.invoices.forms import CustomerForm, FiguresForm, figures_in, fill_customers, offer_currency
from plugins.invoices.pages import AnyRequest
from plugins.invoices.permissions import ADD_CUSTOMERS, DECIDE, PUBLISH
from plugins.invoices.reading import Party, ReadingError
from plugins.invoices.reasons import BY_HAND, mismatch_of, reason_of
from plugins.invoices.services import (
    KIND,
    Decision,
    Received,
    decide,
    discard_file,
    match_customer,
    replace_invoice,
    take_back_file,
)
from plugins.invoices.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.sdk import LazyString

_ = Translator("invoices")

PATH = "/staff/invoices/quarantine"
_CHIPS: dict[str, dict[str, Any]] = {
    "conflict": {"label": _("Two versions"), "tone": "warning", "icon": "copy"},
    "sums": {"label": _("Sums do not add up"), "tone": "danger", "icon": "alert-triangle"},
    "unknown-customer": {"label": _("Unknown buyer"), "tone": "warning", "icon": "help-circle"},
    "several-customers": {"label": _("Unclear buyer"), "tone": "warning", "icon": "help-circle"},
    "customer-closed": {"label": _("Closed customer"), "tone": "warning", "icon": "lock"},
    "no-buyer": {"label": _("No buyer"), "tone": "warning", "icon": "help-circle"},
    "pdf-without-invoice": {"label": _("Figures are missing"), "tone": "info", "icon": "pencil"},
}
_BROKEN: dict[str, Any] = {"label": _("Cannot be read"), "tone": "danger", "icon": "file-alert"}
_ABOUT_BUYER = frozenset({"unknown-customer", "several-customers", "customer-closed", "no-buyer"})


def may_create() -> bool:
    """Whether who acts may make customers: deciding about invoices alone is not enough."""
    return current_actor().can(ADD_CUSTOMERS)


async def _shown(problems: Sequence[imports.ImportProblem], *, create: bool = False) -> list[dict[str, Any]]:
    """Return problems as templates draw them: one statement, however many there are."""
    facts = [imports.facts_of(problem) for problem in problems]
    names = await _open_customers({id for each in facts for id in each.get("params", {}).get("candidates", ())})
    return [_drawn(problem, each, names, create=create) for problem, each in zip(problems, facts, strict=True)]


def _drawn(
    problem: imports.ImportProblem, facts: Mapping[str, Any], names: Mapping[str, str], *, create: bool
) -> dict[str, Any]:
    params, read = facts.get("params", {}), facts.get("read")
    return {
        "id": str(problem.id),
        "name": problem.place,
        "received": problem.created_at,
        "kind": _CHIPS.get(problem.reason, _BROKEN),
        "reason": reason_of(problem.reason, params),
        "more": [mismatch_of(each, params["currency"]) for each in params.get("mismatches", ())[1:]],
        "facts": _facts(read) if read else [],
        "download_url": f"{PATH}/{problem.id}/file",
        "url": f"{PATH}/{problem.id}",
        "candidates": [{"id": id, "name": names[id]} for id in params.get("candidates", ()) if id in names],
        "can_create": create and problem.reason == "unknown-customer" and bool(read and read["buyer"]["name"]),
        "conflict_url": f"/staff/invoices/{params['invoice']}" if problem.reason == "conflict" else None,
        "by_hand": problem.reason in BY_HAND,
        "about_buyer": problem.reason in _ABOUT_BUYER,
        "open": imports.is_open(problem),
        "discarded": imports.is_discarded(problem),
        "buyer": read["buyer"]["name"] if read else "",
    }


def _facts(read: dict[str, Any]) -> list[dict[str, Any]]:
    def party(key: str) -> str:
        return " · ".join(text for text in (read[key]["name"], read[key]["tax_id"]) if text)

    def amount(key: str) -> Any:
        return formats.lazily(formats.money, read[key], read["currency"])

    return [
        {"label": _("Kind"), "value": KINDS[read["document_type"]]},
        {"label": _("Number"), "value": read["number"]},
        {"label": _("Date"), "value": formats.lazily(formats.day, read["issued_on"])},
        {"label": _("Seller"), "value": party("seller") or None},
        {"label": _("Buyer"), "value": party("buyer") or None},
        {"label": _("Without VAT"), "value": amount("net")},
        {"label": _("VAT"), "value": amount("vat")},
        {"label": _("Total"), "value": amount("gross")},
    ]


async def _open_customers(ids: Iterable[str]) -> dict[str, str]:
    wanted = [UUID(id) for id in sorted(ids)]
    if not wanted:
        return {}
    rows = await Customer.select(Customer.id, Customer.name).where(
        Customer.id.is_in(wanted), Customer.closed_at.is_null()
    )
    return {str(row["id"]): row["name"] for row in rows}


@page("/quarantine", name="invoices:quarantine", permission=DECIDE)
async def list_quarantine(show: FromQuery[str] = "") -> Response[str]:
    """Show what waits for a decision, or what was discarded and can be taken back."""
    discarded = show == "discarded"
    problems = await (imports.discarded_problems if discarded else imports.open_problems)(kind=KIND)
    return await render(
        "invoices/quarantine.html",
        title=_("Discarded files") if discarded else _("Quarantine"),
        items=await _shown(problems, create=may_create()),
        discarded=discarded,
        may_upload=current_actor().can(PUBLISH),
    )


@page("/quarantine/customers", name="invoices:suggest-customers", permission=DECIDE)
async def suggest(q: FromQuery[str] = "") -> Response[Any]:
    """Answer the type-ahead of who decides, who need not be allowed to see the list of customers."""
    return Response(await imports.suggest_customers(q), media_type="application/json")


@page("/quarantine/{problem:uuid}", name="invoices:problem", permission=DECIDE)
async def show_problem(problem: FromPath[UUID]) -> Response[str]:
    """Show one file with every way out."""
    return await _problem_page(await imports.load_problem(problem, kind=KIND))


async def _problem_page(
    found: imports.ImportProblem,
    *,
    customer: CustomerForm | None = None,
    figures: FiguresForm | None = None,
    status: int = 200,
) -> Response[str]:
    (item,) = await _shown([found], create=may_create())
    read = imports.facts_of(found).get("read")
    customer = customer or CustomerForm()
    figures = figures or FiguresForm(data=await _prefilled(read))
    offer_currency(figures.currency, read["currency"] if read else None)
    for filled in (customer, figures):
        search = (filled.customer_search.data or "").strip()
        await fill_customers(filled.customer, search=search, first=item["candidates"], likely=item["buyer"])
    return await render(
        "invoices/problem.html",
        status=status,
        title=found.place,
        item=item,
        customer_form=customer,
        figures_form=figures,
        can_name=bool(read) and item["about_buyer"],
    )


async def _prefilled(read: dict[str, Any] | None) -> dict[str, Any]:
    if read is None:
        return {"currency": "EUR", "document_type": "invoice"}
    match = await match_customer(Party(**read["buyer"]))
    return {
        "customer": str(match.customer or ""),
        "number": read["number"],
        "document_type": read["document_type"],
        "issued_on": formats.parse_day(read["issued_on"], "en"),
        "due_on": formats.parse_day(read["due_on"], "en") if read["due_on"] else None,
        "currency": read["currency"],
        "net": read["net"],
        "vat_amount_1": read["vat"],
        "gross": read["gross"],
    }


@page("/quarantine/{problem:uuid}/file", name="invoices:problem-file", permission=DECIDE)
async def download(problem: FromPath[UUID]) -> Response[bytes]:
    """Send the file as it came."""
    found = await imports.load_problem(problem, kind=KIND)
    return Response(
        await imports.content_of(found),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": imports.content_disposition(found.place),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


@action("/quarantine/{problem:uuid}/customer", name="invoices:name-customer", permission=DECIDE)
async def name_customer(request: AnyRequest, problem: FromPath[UUID]) -> Response[Any]:
    """Say which customer the buyer is; remembered for the next time."""
    found = await imports.load_problem(problem, kind=KIND)
    filled: CustomerForm = await form(request, CustomerForm)
    if await _searches(request):
        return await _problem_page(found, customer=filled)
    await fill_customers(filled.customer)
    if not filled.validate():
        return await _problem_page(found, customer=filled, status=422)
    return await _decided(found, Decision(customer=UUID(filled.customer.data)))


async def _searches(request: AnyRequest) -> bool:
    """Whether the button that looks for customers was pressed: the way without JavaScript."""
    return (await request.form()).get("go") == "find"


@action("/quarantine/{problem:uuid}/create", name="invoices:create-customer", permission=DECIDE)
async def create_customer(problem: FromPath[UUID]) -> Response[Any]:
    """Make the buyer a customer."""
    current_actor().require(ADD_CUSTOMERS)
    return await _decided(await imports.load_problem(problem, kind=KIND), Decision(create_customer=True))


@action("/quarantine/{problem:uuid}/again", name="invoices:try-again", permission=DECIDE)
async def try_again(problem: FromPath[UUID]) -> Response[Any]:
    """Look at the file again: customers may have changed."""
    return await _decided(await imports.load_problem(problem, kind=KIND), Decision())


@action("/quarantine/{problem:uuid}/figures", name="invoices:type-figures", permission=DECIDE)
async def type_figures(request: AnyRequest, problem: FromPath[UUID]) -> Response[Any]:
    """Take the file in with typed figures."""
    found = await imports.load_problem(problem, kind=KIND)
    filled: FiguresForm = await form(request, FiguresForm)
    if await _searches(request):
        return await _problem_page(found, figures=filled)
    await fill_customers(filled.customer)
    offer_currency(filled.currency, (imports.facts_of(found).get("read") or {}).get("currency"))
    if filled.validate():
        try:
            figures = figures_in(filled, customer=UUID(filled.customer.data))
            return await _decided(found, Decision(figures=figures))
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
    return await _problem_page(found, figures=filled, status=422)


@action("/quarantine/{problem:uuid}/replace", name="invoices:replace", permission=DECIDE)
async def replace(problem: FromPath[UUID]) -> Response[str]:
    """Let the new version take the old one's place."""
    invoice = await replace_invoice(problem=problem)
    return see_other(f"/staff/invoices/{invoice.id}", flash_text=_("The new version counts now. Both files are kept."))


@action("/quarantine/{problem:uuid}/discard", name="invoices:discard", permission=DECIDE)
async def discard(problem: FromPath[UUID]) -> Response[str]:
    """Keep the file out."""
    await discard_file(problem=problem)
    return see_other(PATH, flash_text=_("The file was discarded."))


@action("/quarantine/{problem:uuid}/take-back", name="invoices:take-back", permission=DECIDE)
async def take_back(problem: FromPath[UUID]) -> Response[str]:
    """Let a discarded file wait for a decision again."""
    await take_back_file(problem=problem)
    return see_other(f"{PATH}/{problem}", flash_text=_("The file waits for a decision again."))


async def _decided(found: imports.ImportProblem, decision: Decision) -> Response[Any]:
    try:
        received = await decide(problem=found.id, decision=decision)
    except ReadingError as error:
        return see_other(f"{PATH}/{found.id}", flash_text=reason_of(error.code, error.params), kind="error")
    return see_other(_after(received), flash_text=_said(received), kind=_tone(received))


def _after(received: Received) -> str:
    if received.invoice is not None:
        return f"/staff/invoices/{received.invoice}"
    return f"{PATH}/{received.problem}" if received.problem else PATH


def _said(received: Received) -> LazyString:
    if received.result.outcome == "created":
        return received.result.reason or _("The invoice was taken in.")
    return received.result.reason or _("This invoice is here already.")


def _tone(received: Received) -> str:
    return "success" if received.result.outcome == "created" and not received.result.reason else "warning"


HANDLERS: list[Any] = [
    list_quarantine,
    show_problem,
    download,
    name_customer,
    create_customer,
    try_again,
    type_figures,
    replace,
    discard,
    take_back,
    suggest,
]
