"""Whom an invoice is for within its customer: changed by staff, and who sees it changes at once."""

from __future__ import annotations

from typing import Any

import pytest

from core.sdk import errors
from plugins.invoices.services import assign_invoice, replace_invoice
from tests.plugins.invoices.made import activities, deliver_ubl, stored
from tests.portal_fixtures import Browser, Portal

TAX_ID = "A58818501"


@pytest.fixture
async def acme(portal: Portal) -> Any:
    return await portal.customer("Acme SA", tax_id=TAX_ID)


@pytest.fixture
async def desk(portal: Portal) -> Browser:
    return await portal.browser(await portal.staff("pilar@obrador.test"))


async def test_who_sees_it_changes_at_once(portal: Portal, acme: Any, desk: Browser) -> None:
    tower, bridge = await portal.project(acme, "Tower"), await portal.project(acme, "Bridge")
    own = await portal.contact("own@acme.test", acme, reach="own", name="Olga Own")
    tom = await portal.contact("tom@acme.test", acme, reach="projects", projects=(tower,), name="Tom Tower")
    async with portal.work():
        received = await deliver_ubl()
    path, form = f"/invoices/{received.invoice}", f"/staff/invoices/{received.invoice}/assign"
    readers = [await portal.browser(own), await portal.browser(tom)]

    async def seen() -> list[int]:
        return [(await reader.get(path)).status_code for reader in readers]

    assert await seen() == [404, 404]
    page = await desk.get(form)
    assert all(name in page.text for name in ("Tower", "Bridge", "Olga Own", "Tom Tower", "No project"))
    for project, addressee, version, expected in (
        (tower.id, "", 1, [404, 200]),
        (bridge.id, own.id, 2, [200, 404]),
        ("", tom.id, 3, [404, 200]),
        ("", "", 4, [404, 404]),
    ):
        done = await desk.post(
            form, {"project": str(project), "addressee": str(addressee), "version": str(version)}, page=form
        )
        assert done.status_code == 303, done.text
        assert await seen() == expected
    async with portal.work():
        told = [row["data"] for row in await activities("invoices.assigned")]
    assert told == [
        {"number": "F-1", "project": "Tower", "contact": "–"},
        {"number": "F-1", "project": "Bridge", "contact": "Olga Own"},
        {"number": "F-1", "project": "–", "contact": "Tom Tower"},
        {"number": "F-1", "project": "–", "contact": "–"},
    ]
    shown = await desk.get(f"/staff/invoices/{received.invoice}")
    assert "Pilar Personal changed whom F-1 is for. Project: Tower. Contact: –." in shown.text
    assert "No project" in shown.text


async def test_nobody_overwrites_what_somebody_else_has_just_said(portal: Portal, acme: Any, desk: Browser) -> None:
    tower = await portal.project(acme, "Tower")
    async with portal.work():
        received = await deliver_ubl()
    form = f"/staff/invoices/{received.invoice}/assign"
    async with portal.work():
        (found,) = await stored()
        await assign_invoice(invoice=found, project=tower.id, addressee=None, version=1)
    late = await desk.post(form, {"project": "", "addressee": "", "version": "1"}, page=form)
    assert late.status_code == 409
    assert "Somebody changed this meanwhile." in late.text
    again = await desk.post(form, {"project": "", "addressee": "", "version": "2"}, page=form)
    assert again.status_code == 303
    async with portal.work():
        (found,) = await stored()
        assert (found.project, found.version) == (None, 3)
        assert len(await activities("invoices.assigned")) == 2


async def test_only_what_is_the_customers_own_can_be_chosen(portal: Portal, acme: Any, desk: Browser) -> None:
    beta = await portal.customer("Beta SL")
    foreign = await portal.project(beta, "Foreign")
    eva = await portal.contact("eva@beta.test", beta)
    async with portal.work():
        received = await deliver_ubl()
        (found,) = await stored()
        with pytest.raises(errors.InvalidInputError) as refused:
            await assign_invoice(invoice=found, project=foreign.id, addressee=eva.id, version=1)
    assert sorted(refused.value.fields) == ["addressee", "project"]
    form = f"/staff/invoices/{received.invoice}/assign"
    for field, value in (("project", str(foreign.id)), ("addressee", str(eva.id)), ("project", "nonsense")):
        sent = {"project": "", "addressee": "", "version": "1"} | {field: value}
        assert (await desk.post(form, sent, page=form)).status_code == 422
    assert "Foreign" not in (await desk.get(form)).text
    contact = await portal.browser(await portal.contact("ana@acme.test", acme))
    assert (await contact.get(form)).status_code == 403
    assert (await contact.post(form, {"project": ""}, page="/invoices")).status_code == 403
    async with portal.work():
        (found,) = await stored()
        assert (found.project, found.addressee, found.version) == (None, None, 1)


async def test_a_newer_version_that_names_nobody_stays_with_whom_staff_has_chosen(portal: Portal, acme: Any) -> None:
    tower = await portal.project(acme, "Tower")
    own = await portal.contact("own@acme.test", acme, reach="own")
    async with portal.work():
        await deliver_ubl()
        (found,) = await stored()
        await assign_invoice(invoice=found, project=tower.id, addressee=own.id, version=1)
        newer = await deliver_ubl(note="Second thoughts")
        await replace_invoice(problem=newer.problem)  # type: ignore[arg-type]  # there
        (found,) = await stored()
    assert (found.project, found.addressee, found.version) == (tower.id, own.id, 3)
