"""What a tenant decides about registering: the country, its own words, and a customer that comes of it."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
import pytest

from core.accounts.tables import Registration
from core.contributions import Reach
from core.errors import InvalidInputError
from core.people import registrations
from core.people.company import read_address
from core.people.registration_texts import own_mail_text, own_page_text
from core.people.roles import change_role
from core.people.tables import Customer, Membership, Person
from core.preferences.values import save_settings
from tests.people.registering import ANA, SAID, ask, offer, queued, text_of, waiting
from tests.portal_fixtures import Portal


async def answers(portal: Portal, **typed: object) -> None:
    async with portal.work():
        await save_settings({f"accounts.registration_{key}": value for key, value in typed.items()})


async def approved(portal: Portal, registration: UUID, who: str = "boss@a.example", **sent: str) -> httpx.Response:
    page = f"/staff/registrations/{registration}"
    role = str(portal.roles["viewer"].id)
    browser = await portal.browser(await portal.staff(who))
    return await browser.post(f"{page}/approve", {**SAID, "role": role, "reach": "company", **sent}, page=page)


async def test_the_country_is_asked_in_the_readers_language_and_kept(portal: Portal) -> None:
    await offer(portal)
    browser = await portal.browser()
    page = text_of(await browser.get("/register", headers={"accept-language": "es"}))
    assert '<option value="DE">Alemania</option>' in page
    registration = await waiting(portal, country="DE")
    async with portal.work():
        row = await Registration.objects().get(Registration.id == registration)
    assert row is not None
    assert row.country == "DE"
    boss = await portal.browser(await portal.staff("boss@a.example"))
    assert "Germany" in text_of(await boss.get(f"/staff/registrations/{registration}"))


@pytest.mark.parametrize(("required", "country", "status"), [(False, "", 200), (True, "", 422), (True, "FR", 200)])
async def test_it_is_required_where_the_tenant_wants_it(
    portal: Portal, required: bool, country: str, status: int
) -> None:
    await offer(portal)
    await answers(portal, country=required)
    assert (await ask(portal, country=country)).status_code == status


async def test_no_country_is_made_up(portal: Portal) -> None:
    await offer(portal)
    assert [(await ask(portal, country=country)).status_code for country in ("ZZ", "EU", "Francia")] == [422] * 3
    assert await queued(portal, registrations.MAIL) == []


async def test_the_tenants_own_words_stand_on_the_page_and_in_the_mail(portal: Portal) -> None:
    await offer(portal)
    await answers(
        portal, **{"page.en": "Welcome to {portal}.\nBe <b>brief</b>.\n\n{company}", "mail.en": "Hi, {company}"}
    )
    tenant = await portal.snapshot()
    title = str(tenant.setting("brand.portal_title")) or tenant.name
    assert own_page_text(tenant, "en") == [[f"Welcome to {title}.", "Be <b>brief</b>."], [tenant.name]]
    assert own_mail_text(tenant, "en") == [[f"Hi, {tenant.name}"]]
    assert own_page_text(tenant, "fr") == []
    page = (await (await portal.browser()).get("/register")).text
    assert ["Be &lt;b&gt;brief&lt;/b&gt;." in page, "Tell us who you are" in page] == [True, False]
    await ask(portal)
    assert "Hi" not in str(await queued(portal, registrations.MAIL))  # the text is read when the mail leaves


@pytest.mark.parametrize("typed", ["Hello {email}", "{portal", "}", "{portal.secret}", "{{ portal }}"])
async def test_only_what_can_be_filled_in_stands_in_braces(portal: Portal, typed: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await answers(portal, **{"mail.es": typed})
    assert list(refused.value.fields) == ["accounts.registration_mail.es"]


async def test_texts_are_asked_in_the_languages_of_the_portal(portal: Portal) -> None:
    boss = await portal.browser(await portal.staff("boss@a.example"))
    page = (await boss.get("/staff/preferences/security")).text
    offered = (await portal.snapshot()).languages
    for language in ("en", "es", "fr", "pt", "pt_PT"):
        assert (f'name="accounts.registration_page.{language}"' in page) == (language in offered)
    sent = {"accounts.registration": "y", f"accounts.registration_page.{offered[0]}": "{nobody}"}
    path = "/staff/preferences/section/registration"
    refused = await boss.post(path, sent, page="/staff/preferences/security")
    assert (refused.status_code, "{nobody}" in refused.text) == (422, True)
    sent[f"accounts.registration_page.{offered[0]}"] = "Dear reader"
    assert (await boss.post(path, sent, page="/staff/preferences/security")).status_code == 303
    assert own_page_text(await portal.snapshot(), offered[0]) == [["Dear reader"]]


async def test_approving_makes_the_company_where_it_is_new(portal: Portal) -> None:
    await offer(portal)
    registration = await waiting(portal, country="ES")
    page = text_of(
        await (await portal.browser(await portal.staff("jefa@a.example"))).get(f"/staff/registrations/{registration}")
    )
    assert 'value="Alimentos Ácimos"' in page
    select = re.search(r'<select[^>]*name="customer"[^>]*>', page)
    assert select
    assert "required" not in select[0]  # a browser would not let a new one be chosen
    answer = await approved(portal, registration, place="new", company="Alimentos  Ácimos SL")
    assert answer.status_code == 303
    async with portal.work():
        made = await Customer.objects().where(Customer.name == "Alimentos Ácimos SL").first()
        person = await Person.objects().where(Person.email == ANA["email"]).first()
        assert made is not None
        assert person is not None
        assert read_address(made.address).country == "ES"
        assert await Membership.exists().where((Membership.person == person.id) & (Membership.customer == made.id))
    assert answer.headers["location"] == f"/staff/people/{person.id}"


async def test_a_company_that_is_there_is_not_made_twice(portal: Portal) -> None:
    await portal.customer("Alimentos Ácimos")
    await offer(portal)
    registration = await waiting(portal)
    answer = await approved(portal, registration, place="new", company="alimentos acimos")
    assert (answer.status_code, "There is a customer of this name" in answer.text) == (422, True)
    answer = await approved(portal, registration, "jefa@a.example", place="new", company="")
    assert answer.status_code == 422
    async with portal.work():
        assert await Customer.count() == 1
        row = await Registration.objects().get(Registration.id == registration)
    assert row is not None
    assert row.state == "waiting"


async def test_only_who_may_make_customers_makes_one(portal: Portal) -> None:
    await offer(portal)
    registration = await waiting(portal)
    async with portal.work():
        grants = {"core:customer:manage": None, "core:person:manage": Reach.GROUP, "core:person:view": Reach.GROUP}
        await change_role(role=portal.roles["clerk"].id, label="Clerk", grants=grants)
    page = f"/staff/registrations/{registration}"
    clerk = await portal.browser(await portal.staff("clerk@a.example", role="clerk"))
    assert 'name="place"' not in (await clerk.get(page)).text
    sent = {**SAID, "place": "new", "company": "X", "role": str(portal.roles["viewer"].id), "reach": "company"}
    assert (await clerk.post(f"{page}/approve", sent, page=page)).status_code == 403
    async with portal.work():
        assert await Customer.count() == 0
