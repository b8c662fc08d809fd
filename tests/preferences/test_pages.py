from __future__ import annotations

from datetime import date

from core.preferences.values import save_settings
from core.tenancy.services import entitle
from tests.portal_fixtures import Portal, World

HOME = "/staff/preferences"


async def test_only_who_may_change_preferences_sees_them(portal: Portal) -> None:
    clerk = await portal.browser(await portal.staff("luis@obrador.example", role="clerk"))
    contact = await portal.browser(await portal.contact("ana@n.example", await portal.customer("Nuñez")))
    anybody = await portal.browser()
    for browser, status in ((clerk, 403), (contact, 403), (anybody, 303)):
        assert (await browser.get(HOME)).status_code == status
    assert (
        await clerk.post(f"{HOME}/section/portal", {"portal.banner": "x"}, page="/staff/customers/new")
    ).status_code == 403
    assert (await portal.snapshot()).setting("portal.banner") == ""


async def test_a_section_saves_itself_alone_and_keeps_what_was_typed(world: World) -> None:
    portal = world.first
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    async with portal.work():
        await save_settings({"brand.phone": "900 1"})
    answer = await admin.post(
        f"{HOME}/section/portal",
        {"portal.banner": "<b>Cerrado</b> el lunes", "portal.contact_email": "nobody"},
        page=HOME,
    )
    assert answer.status_code == 422
    assert "&lt;b&gt;Cerrado&lt;/b&gt; el lunes" in answer.text
    assert "This is not an e-mail address." in answer.text
    assert (await portal.snapshot()).setting("portal.banner") == ""
    answer = await admin.post(
        f"{HOME}/section/portal", {"portal.banner": "<b>Cerrado</b> el lunes", "portal.contact_email": ""}, page=HOME
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}#portal")
    found = await portal.snapshot()
    assert (found.setting("portal.banner"), found.setting("brand.phone")) == ("<b>Cerrado</b> el lunes", "900 1")
    assert (await world.second.snapshot()).setting("portal.banner") == ""


async def test_switches_that_are_not_ticked_are_off(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    await admin.post(f"{HOME}/section/rights", {"portal.edit_company": "1", "people.colleagues": "see"}, page=HOME)
    found = await portal.snapshot()
    assert (found.setting("portal.edit_company"), found.setting("portal.edit_personal")) == (True, False)


async def test_an_unreadable_colour_is_refused_in_words(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    answer = await admin.post(f"{HOME}/section/brand", {"brand.accent": "#ffee00"}, page=HOME)
    assert answer.status_code == 422
    assert "must be 4.5:1 or more" in answer.text


async def test_modules_are_switched_on_their_page(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    await entitle(tenant=portal.tenant.id, module="ledger", valid_from=date(2020, 1, 1))
    page = await admin.get(f"{HOME}/modules")
    assert portal.roles["manager"].label in page.text
    assert (await admin.post(f"{HOME}/modules/reports/enable", page=HOME)).status_code == 409
    assert (await admin.post(f"{HOME}/modules/ledger/enable", page=HOME)).status_code == 303
    assert (await portal.snapshot()).modules() == {"ledger"}
    answer = await admin.post(f"{HOME}/modules/ledger", {"ledger.days": "400"}, page=f"{HOME}/modules/ledger")
    assert answer.status_code == 422
    assert 'value="400"' in answer.text
    assert (await admin.post(f"{HOME}/modules/ledger", {"ledger.days": "60"}, page=HOME)).status_code == 303
    assert (await portal.snapshot()).setting("ledger.days") == 60
    assert (await admin.post(f"{HOME}/modules/ledger/default", {"granted": "0"}, page=HOME)).status_code == 303
    assert (await portal.snapshot()).enabled == {"ledger": False}
    assert (await admin.post(f"{HOME}/modules/ledger/disable", page=HOME)).status_code == 303
    assert (await admin.get(f"{HOME}/modules/ledger")).status_code == 404


async def test_a_new_portal_name_says_where_to_go_on(world: World) -> None:
    portal = world.first
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    taken = await admin.post(f"{HOME}/portal-name", {"portal_name": "lumiere"}, page=HOME)
    assert taken.status_code == 422
    assert "already taken" in taken.text
    moved = await admin.post(f"{HOME}/portal-name", {"portal_name": "norte"}, page=HOME)
    assert moved.status_code == 200
    assert "http://norte.portal.test:8000/" in moved.text
    led = await admin.get(HOME)
    assert (led.status_code, led.headers["location"]) == (307, f"http://norte.portal.test:8000{HOME}")


async def test_the_link_for_the_tenants_own_website_leads_to_its_sign_in_page(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = (await admin.get(HOME)).text
    address = f"http://{portal.host}/"
    snippet = f"&lt;a href=&#34;{address}&#34;&gt;Look up your invoices&lt;/a&gt;"
    assert [f'data-copy="{text}"' in page for text in (address, snippet)] == [True, True]
    visitor = await portal.browser()
    for path in ("/", "/customer/login?next=https://elsewhere.example/"):
        answer = await visitor.client.get(path, follow_redirects=True)
        assert (answer.status_code, str(answer.url)) == (200, address)
        assert 'action="/sign-in"' in answer.text
