"""`?lang=` for one page, forms whose session ended, notices of others."""

from __future__ import annotations

import re
from html import unescape

from core.accounts.sessions import end_sessions_of
from core.db import uuid7
from core.formats import country_name
from core.i18n import Translator
from core.people.tables import Person
from core.signing import read_signed
from core.templating import Templates
from tests.portal_fixtures import Portal

_ = Translator("core")


async def test_a_language_in_the_address_counts_for_that_page_alone(portal: Portal) -> None:
    browser = await portal.browser(await portal.contact("ana@a.example", await portal.customer("A"), language="en"))
    page = await browser.get("/notifications?lang=es")
    assert ('lang="es"' in page.text, page.headers["content-language"]) == (True, "es")
    assert "set-cookie" not in page.headers
    assert 'lang="en"' in (await browser.get("/notifications")).text
    async with portal.work():
        rows = await Person.select(Person.language)
    assert rows == [{"language": "en"}]
    unknown = await browser.get("/notifications?lang=xx")
    assert 'lang="en"' in unknown.text


async def test_signed_out_it_is_kept(portal: Portal) -> None:
    browser = await portal.browser()
    assert "portico_language=es" in (await browser.get("/?lang=es")).headers["set-cookie"]
    assert 'lang="es"' in (await browser.get("/")).text


async def test_a_form_whose_session_ended_keeps_its_whole_address(portal: Portal) -> None:
    ana = await portal.contact("ana@a.example", await portal.customer("A"))
    browser = await portal.browser(ana)
    token = await browser.form_token("/profile")
    async with portal.work():
        await end_sessions_of(account=ana.account)
    path = f"/records/booking/{uuid7()}/comments?new={uuid7()}"
    answer = await browser.client.post(path, data={"csrf_token": token, "text": "Hola"})
    assert answer.status_code == 401
    unsent = re.search(r'name="unsent"[^>]*value="([^"]+)"', answer.text)
    assert unsent

    kept = read_signed("unsent", unescape(unsent[1]))
    assert kept is not None
    assert (kept["path"], kept["fields"]) == (path, [["text", "Hola"]])


async def test_a_notice_of_nobody_is_not_there(portal: Portal) -> None:
    browser = await portal.browser(await portal.staff("boss@a.example"))
    answer = await browser.post(f"/notifications/{uuid7()}/open", {"path": "/staff"}, page="/staff")
    assert answer.status_code == 404


def test_a_name_that_ends_in_a_full_stop_needs_no_second_one() -> None:
    added, twice = _("{name} was added to {where}."), _("{name}. {name} again.")
    found = {name: str(added.format(name=name, where=name)) for name in ("Acme S.A.", "Acme", "and so on...")}
    assert found == {
        "Acme S.A.": "Acme S.A. was added to Acme S.A.",
        "Acme": "Acme was added to Acme.",
        "and so on...": "and so on... was added to and so on....",
    }
    assert str(twice.format(name="S.A.")) == "S.A. S.A. again."
    page = Templates().render_text(
        "{{ _('Added {name}.', name=n) }}|{{ _('Added {name}', name=n) }}", "en", {"n": "<S.A."}
    )
    assert page == "Added &lt;S.A.|Added &lt;S.A."


def test_countries_have_names() -> None:
    found = [country_name("FR", language) for language in ("en", "es", "fr", "pt", "pt_PT")]
    assert found == ["France", "Francia", "France", "França", "França"]
    assert country_name("XX", "en") == "XX"


async def test_an_address_names_its_country(portal: Portal) -> None:
    acme = await portal.customer("Acme", address='{"lines": ["Calle Mayor 1"], "city": "Lyon", "country": "FR"}')
    boss = await portal.browser(await portal.staff("boss@a.example"))
    assert "Calle Mayor 1, Lyon, France" in (await boss.get(f"/staff/customers/{acme.id}")).text
    assert "Calle Mayor 1, Lyon, Francia" in (await boss.get(f"/staff/customers/{acme.id}?lang=es")).text
