"""Ways out of quarantine, and who the buyer is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.people.customers import ProjectDetails, add_project, close_customer
from core.people.tables import Customer
from core.records.files import files_of
from core.sdk import errors, imports
from plugins.invoices.demo_files import DemoParty, as_plain_pdf, as_ubl
from plugins.invoices.queries import content_of
from plugins.invoices.services import (
    KIND,
    Decision,
    TypedFigures,
    VatFigure,
    decide,
    discard_file,
    record_payment,
    replace_invoice,
)
from tests.plugins.invoices.made import ACME, activities, deliver, deliver_ubl, invoice, stored
from tests.portal_fixtures import Portal

TAX_ID = "A58818501"


async def reason_of(problem: Any) -> str:
    return (await imports.load_problem(problem, kind=KIND)).reason


# -- who the buyer is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer_tax_id", "country", "buyer"),
    [
        ("A58818501", "", DemoParty(name="Anything", tax_id="ESA58818501")),
        ("ESA58818501", "", DemoParty(name="Anything", tax_id="A-58818501")),
        ("A58818501", "ES", DemoParty(name="Anything", tax_id="ES A58818501", country="FR")),
        ("FR40303265045", "FR", DemoParty(name="Anything", tax_id="FR40303265045", country="FR")),
        ("303265045", "FR", DemoParty(name="Anything", tax_id="FR40303265045", country="FR")),
        ("30326504500011", "FR", DemoParty(name="Anything", tax_id="FR40303265045", country="FR")),
        (None, "", DemoParty(name="  ACME  Sociedad  Anónima ", tax_id="")),
        (None, "", DemoParty(name="Acme sociedad anonima", tax_id="ESA58818501")),
        ("A58818501", "", DemoParty(name="Acme sociedad anonima", tax_id="")),
    ],
)
async def test_the_buyer_is_found(portal: Portal, customer_tax_id: str | None, country: str, buyer: DemoParty) -> None:
    await portal.customer("Beta SL", tax_id="B12345674")
    known = await portal.customer(
        "Acme Sociedad Anónima", tax_id=customer_tax_id, address=f'{{"country": "{country}"}}' if country else "{}"
    )
    async with portal.work():
        assert (await deliver_ubl(buyer=buyer)).result.outcome == "created"
        (found,) = await stored()
    assert found.customer == known.id


@pytest.mark.parametrize(
    ("buyer", "reason"),
    [
        (DemoParty(name="Somebody", tax_id="ESB12345674"), "unknown-customer"),
        (DemoParty(name="Acme SA", tax_id="ESB12345674"), "unknown-customer"),
        (DemoParty(name="Acme SA", tax_id="PTA58818501", country="PT"), "unknown-customer"),
        (DemoParty(name="", tax_id=""), "no-buyer"),
    ],
)
async def test_the_buyer_is_not_guessed(portal: Portal, buyer: DemoParty, reason: str) -> None:
    await portal.customer("Acme SA", tax_id=TAX_ID)
    async with portal.work():
        received = await deliver_ubl(buyer=buyer)
        assert received.result.outcome == "quarantined"
        assert await reason_of(received.problem) == reason


async def test_branches_with_one_tax_number_are_told_apart_by_name_or_by_staff(portal: Portal) -> None:
    north = await portal.customer("Acme Norte", tax_id=TAX_ID)
    south = await portal.customer("Acme Sur", tax_id=TAX_ID)
    async with portal.work():
        await deliver_ubl("F-1", buyer=replace(ACME, name="Acme Sur"))
        unclear = await deliver_ubl("F-2", buyer=ACME)
        assert await reason_of(unclear.problem) == "several-customers"
        await decide(problem=unclear.problem, decision=Decision(customer=north.id))
        # the same spelling is known from now on, another is not
        assert (await deliver_ubl("F-3", buyer=ACME)).result.outcome == "created"
        assert (await deliver_ubl("F-4", buyer=replace(ACME, name="Acme"))).result.outcome == "quarantined"
        found = await stored()
    assert [(each.number, each.customer) for each in found] == [
        ("F-1", south.id),
        ("F-2", north.id),
        ("F-3", north.id),
    ]


async def test_nothing_new_for_a_closed_customer(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    async with portal.work():
        await close_customer(customer=acme.id, closed=True)
        received = await deliver_ubl()
        assert await reason_of(received.problem) == "customer-closed"
        await close_customer(customer=acme.id, closed=False)
        assert (await decide(problem=received.problem, decision=Decision())).result.outcome == "created"


async def test_customers_are_made_where_the_importer_is_told_to(portal: Portal) -> None:
    async with portal.work():
        first = await deliver(as_ubl(invoice("F-1")), create_customers=True)
        second = await deliver(as_ubl(invoice("F-2")), create_customers=True)
        (made,) = await Customer.objects()
        assert [each.customer for each in await stored()] == [made.id, made.id]
    assert (first.result.outcome, second.result.outcome) == ("created", "created")
    assert (made.name, made.tax_id) == ("Acme SA", "ESA58818501")
    assert '"lines":["Calle Mayor 1"]' in made.address
    assert '"country":"ES"' in made.address


# -- decisions -------------------------------------------------------------------------------------------------------


async def test_staff_names_the_customer_once_and_for_all(portal: Portal) -> None:
    beta = await portal.customer("Beta SL")
    buyer = DemoParty(name="Béta, S.L.", tax_id="")
    async with portal.work():
        received = await deliver_ubl("F-1", buyer=buyer)
        done = await decide(problem=received.problem, decision=Decision(customer=beta.id))
        assert done.result.outcome == "created"
        assert (await deliver_ubl("F-2", buyer=buyer)).result.outcome == "created"
        assert await imports.open_problems(kind=KIND) == []
        with pytest.raises(errors.WrongStateError):
            await decide(problem=received.problem, decision=Decision(customer=beta.id))


async def test_a_customer_of_another_tenant_is_none(world: Any) -> None:
    foreign = await world.second.customer("Foreign SA")
    async with world.first.work():
        received = await deliver_ubl()
        with pytest.raises(errors.InvalidInputError):
            await decide(problem=received.problem, decision=Decision(customer=foreign.id))
        assert len(await imports.open_problems(kind=KIND)) == 1


async def test_staff_makes_the_buyer_a_customer(portal: Portal) -> None:
    async with portal.work():
        received = await deliver_ubl()
        done = await decide(problem=received.problem, decision=Decision(create_customer=True))
        assert done.result.outcome == "created"
        assert [each.name for each in await Customer.objects()] == ["Acme SA"]


def figures(customer: Any, **more: Any) -> TypedFigures:
    facts: dict[str, Any] = {
        "number": "F-1",
        "issued_on": date(2026, 11, 2),
        "due_on": date(2026, 12, 2),
        "customer": customer,
        "currency": "EUR",
        "net": 100_000,
        "vat": (VatFigure(rate="21", base=100_000, amount=21_000),),
        "gross": 121_000,
    }
    return TypedFigures(**(facts | more))


async def test_staff_types_the_figures_of_a_plain_pdf(portal: Portal) -> None:
    acme = await portal.customer("Acme SA")
    data = as_plain_pdf(invoice())
    async with portal.work():
        received = await deliver(data, "scan.pdf")
        done = await decide(problem=received.problem, decision=Decision(figures=figures(acme.id)))
        assert done.result.outcome == "created"
        (found,) = await stored()
        content = await content_of(found)
        assert (await deliver(data, "scan.pdf")).result.outcome == "unchanged"
    assert (found.customer, found.gross, found.source_format, found.readable) == (acme.id, 121_000, "typed", True)
    assert content["buyer"]["name"] == "Acme SA"
    assert content["seller"]["name"] == "Obrador Temporal"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"gross": 122_000}, "gross"),
        ({"number": "  "}, "number"),
        ({"due_on": date(2026, 11, 1)}, "due_on"),
        ({"vat": (VatFigure(rate="10", base=100_000, amount=21_000),)}, "vat"),
    ],
)
async def test_typed_figures_must_agree_with_each_other(portal: Portal, more: dict[str, Any], field: str) -> None:
    acme = await portal.customer("Acme SA")
    async with portal.work():
        received = await deliver(as_plain_pdf(invoice()), "scan.pdf")
        with pytest.raises(errors.InvalidInputError) as refused:
            await decide(problem=received.problem, decision=Decision(figures=figures(acme.id, **more)))
        assert list(refused.value.fields) == [field]
        assert await stored() == []


async def test_a_discarded_file_stays_out(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id=TAX_ID)
    data = as_ubl(invoice()).replace(b">1210.00<", b">1310.00<")
    async with portal.work():
        received = await deliver(data)
        await discard_file(problem=received.problem)
        again = await deliver(data)
        assert (again.result.outcome, str(again.result.reason)) == ("unchanged", "This file was discarded earlier.")
        assert await imports.open_problems(kind=KIND) == []
        with pytest.raises(errors.WrongStateError):
            await discard_file(problem=received.problem)


async def test_the_new_version_takes_the_place_of_the_old(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id=TAX_ID)
    line = invoice().lines[0]
    newer = as_ubl(invoice(lines=(replace(line, price="200.00"),)))
    async with portal.work():
        first = await deliver_ubl()
        assert first.invoice is not None
        await record_payment(invoice=first.invoice, amount=21_000, paid_on=date(2026, 11, 20))
        conflict = await deliver(newer, "second.xml")
        await replace_invoice(problem=conflict.problem)  # type: ignore[arg-type]  # it is in quarantine
        (found,) = await stored()
        files = await files_of(record=("invoice", found.id), with_internal=True)
        assert [(file.name, file.role, file.internal) for file in files] == [
            ("F-1.xml", "superseded", True),
            ("second.xml", "original", False),
        ]
        # whichever of both comes again changes nothing
        assert (await deliver_ubl()).result.outcome == "unchanged"
        assert (await deliver(newer, "second.xml")).result.outcome == "unchanged"
        assert len(await activities("invoices.published")) == 1
        assert len(await activities("invoices.replaced")) == 1
    assert (found.id, found.gross, found.paid, found.due, found.payment_state, found.version) == (
        first.invoice,
        242_000,
        21_000,
        221_000,
        "partial",
        3,
    )


async def test_a_new_version_for_somebody_else_is_no_version(portal: Portal) -> None:
    """Else the history and comments of one customer would come before the eyes of another."""
    await portal.customer("Acme SA", tax_id=TAX_ID)
    await portal.customer("Beta SL", tax_id="B12345674")
    async with portal.work():
        await deliver_ubl()
        conflict = await deliver_ubl("f-1", buyer=DemoParty(name="Beta SL", tax_id="ESB12345674"))
        with pytest.raises(errors.WrongStateError, match="names another customer"):
            await replace_invoice(problem=conflict.problem)  # type: ignore[arg-type]  # it is in quarantine
        assert len(await imports.open_problems(kind=KIND)) == 1


async def test_a_new_version_belongs_to_the_project_that_it_names(portal: Portal) -> None:
    acme = await portal.customer("Acme SA", tax_id=TAX_ID)
    async with portal.work():
        projects = [
            await add_project(customer=acme.id, details=ProjectDetails(name=name, number=name))
            for name in ("North", "South")
        ]
        await deliver_ubl(project="North")
        conflict = await deliver(as_ubl(invoice(project="South")), "second.xml")
        (before,) = await stored()
        after = await replace_invoice(problem=conflict.problem)  # type: ignore[arg-type]  # it is in quarantine
        (found,) = await stored()
    assert (before.project, after.project, found.project) == (projects[0], projects[1], projects[1])


async def test_payments_that_come_while_a_version_is_replaced_all_count(portal: Portal) -> None:
    await portal.customer("Acme SA", tax_id=TAX_ID)
    async with portal.work():
        first = await deliver_ubl()
        conflict = await deliver(as_ubl(invoice(note="again")), "second.xml")

    async def pay(key: str) -> None:
        async with portal.work():
            await record_payment(invoice=first.invoice, amount=1_000, paid_on=date(2026, 11, 20), external_id=key)  # type: ignore[arg-type]  # it is there

    async def replace_it() -> None:
        async with portal.work():
            await replace_invoice(problem=conflict.problem)  # type: ignore[arg-type]  # it is in quarantine

    await asyncio.gather(replace_it(), *(pay(f"bank-{number}") for number in range(6)))
    async with portal.work():
        (found,) = await stored()
    assert (found.paid, found.due) == (6_000, 115_000)
