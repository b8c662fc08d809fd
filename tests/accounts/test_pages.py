"""The pages of signing in, through the whole application."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from core.accounts.invitations import invite_person, open_account, send_again
from core.accounts.sessions import COOKIE
from core.accounts.showing import device_name
from core.people.tables import Person
from tests.accounts.conftest import OTHER, PASSWORD, link_in, mails_of, prefer, state_of, whole_database
from tests.portal_fixtures import Browser, Portal, World

SIGN_IN = {"email": "ana@acimos.example", "password": PASSWORD}


async def sign_in(browser: Browser, page: str = "/", **typed: str) -> httpx.Response:
    return await browser.post("/sign-in", {**SIGN_IN, **typed}, page=page)


def session_of(browser: Browser) -> str | None:
    return browser.client.cookies.get(COOKIE)


def text_of(response: httpx.Response) -> str:
    """What the page says, without what differs each time."""
    page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", response.text)
    return unescape(re.sub(r"\s+", " ", page))


async def invitation_path(portal: Portal, person: Person) -> str:
    async with portal.work():
        await invite_person(person=person.id)
    path = await link_in(portal, (await mails_of(portal, "invitation"))[-1])
    assert path is not None
    return path


async def reset_path(portal: Portal) -> str:
    async with portal.work():
        await send_again(email="ana@acimos.example")
    path = await link_in(portal, (await mails_of(portal, "reset"))[-1])
    assert path is not None
    return path


async def test_the_sign_in_page(portal: Portal) -> None:
    browser = await portal.browser()
    page = await browser.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    text = text_of(page)
    for words in ("Sign in", "Forgot your password?", "Request a new password", "Back to the start page"):
        assert words in text
    for attribute in ('autocomplete="username"', 'autocomplete="current-password"', 'type="password"'):
        assert attribute in text
    again = await browser.get("/customer/login")
    assert (again.status_code, again.headers["location"]) == (303, "/")


async def test_signing_in_and_out(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    page = await sign_in(browser)
    assert (page.status_code, page.headers["location"]) == (303, "/")
    cookie = page.headers["set-cookie"]
    assert re.search(rf"{COOKIE}=[\w-]{{43}}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000", cookie)
    token = session_of(browser)
    assert token
    assert token not in page.text
    assert "Forgot your password?" not in (await browser.get("/")).text
    out = await browser.post("/logout", page="/account/password")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert session_of(browser) is None
    browser.client.cookies.set(COOKIE, token, domain=portal.host.split(":")[0])
    assert (await browser.get("/account/password")).headers["location"] == "/?next=%2Faccount%2Fpassword"


async def test_a_session_that_somebody_planted_never_opens_anything(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    planted = "A" * 43
    browser.client.cookies.set(COOKIE, planted, domain=portal.host.split(":")[0])
    page = await sign_in(browser)
    assert page.status_code == 303
    fresh = re.search(rf"{COOKIE}=([\w-]{{43}})", page.headers["set-cookie"])
    assert fresh
    assert fresh[1] != planted
    other = await portal.browser()
    other.client.cookies.set(COOKIE, planted, domain=portal.host.split(":")[0])
    assert (await other.get("/account/password")).status_code == 303


async def test_signing_in_anew_ends_the_session_before(portal: Portal, ana: Person) -> None:
    browser = await portal.browser(ana)
    before = browser.token
    assert (await sign_in(browser, page="/account/password")).status_code == 303
    other = await portal.browser()
    other.client.cookies.set(COOKIE, before, domain=portal.host.split(":")[0])
    assert (await other.get("/account/password")).status_code == 303


async def test_known_and_unknown_addresses_get_the_same_answer(portal: Portal, ana: Person) -> None:
    answers = []
    for email in ("ana@acimos.example", "eva@acimos.example"):
        browser = await portal.browser()
        page = await sign_in(browser, email=email, password="wrong")
        answers.append((page.status_code, text_of(page).replace(email, ""), sorted(page.headers)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert "do not match" in answers[0][1]
    assert "Forgot your password?" in answers[0][1]


async def test_what_was_typed_is_kept_but_never_the_password(portal: Portal, ana: Person) -> None:
    page = await sign_in(await portal.browser(), email="Ana@wrong.example", password="this was typed")
    assert 'value="Ana@wrong.example"' in page.text
    assert "this was typed" not in page.text


async def test_blank_fields_are_named(portal: Portal) -> None:
    page = await sign_in(await portal.browser(), email="", password="")
    assert page.status_code == 422
    assert page.text.count("Please fill this in.") >= 2


async def test_too_many_attempts(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    for _ in range(5):
        assert (await sign_in(browser, password="wrong")).status_code == 422
    page = await sign_in(browser)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 180


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "%2f%2fevil.example",
        "/%2f/evil",
    ],
)
async def test_it_leads_nowhere_else(portal: Portal, ana: Person, target: str) -> None:
    browser = await portal.browser()
    shown = await browser.get("/", params={"next": target})
    assert "evil" not in shown.text
    page = await sign_in(browser, next=target)
    assert (page.status_code, page.headers["location"]) == (303, "/")


async def test_a_deep_link_is_kept_over_a_failed_attempt(portal: Portal, ana: Person) -> None:
    browser = await portal.browser()
    wanted = await browser.get("/account/sessions?x=1")
    assert wanted.headers["location"] == "/?next=%2Faccount%2Fsessions%3Fx%3D1"
    shown = await browser.get(wanted.headers["location"])
    hidden = re.search(r'name="next"[^>]*value="([^"]+)"', shown.text)
    assert hidden
    assert unescape(hidden[1]) == "/account/sessions?x=1"
    failed = await sign_in(browser, password="wrong", next="/account/sessions?x=1")
    assert 'value="/account/sessions?x=1"' in failed.text
    done = await sign_in(browser, next="/account/sessions?x=1")
    assert done.headers["location"] == "/account/sessions?x=1"


async def test_a_form_without_its_token_does_nothing(world: World, ana: Person) -> None:
    browser = await world.first.browser()
    await browser.get("/")
    stranger = await world.first.browser()
    foreign = await stranger.form_token()
    for token in ("", "x" * 88, foreign):
        page = await browser.client.post("/sign-in", data={**SIGN_IN, "csrf_token": token})
        assert (page.status_code, session_of(browser)) == (403, None)
    for headers in ({"sec-fetch-site": "same-site"}, {"origin": f"http://{world.second.host}"}, {"origin": "null"}):
        page = await browser.post("/sign-in", SIGN_IN, headers=headers)
        assert (page.status_code, session_of(browser)) == (403, None)


async def test_forgotten_passwords_answer_alike(portal: Portal, ana: Person) -> None:
    answers = []
    for email in ("ana@acimos.example", "eva@acimos.example"):
        page = await (await portal.browser()).post("/forgot-password", {"email": email}, page="/forgot-password")
        answers.append((page.status_code, text_of(page).replace(email, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert "Look into your mail" in answers[0][1]
    wrong = await (await portal.browser()).post("/forgot-password", {"email": "ana"}, page="/forgot-password")
    assert wrong.status_code == 422
    assert "This is not an e-mail address." in text_of(wrong)


async def test_scanners_spoil_nothing(portal: Portal, invited: Person) -> None:
    path = await invitation_path(portal, invited)
    tables = ("link", "session", "account", "person")
    scanner = await portal.browser()
    before = await whole_database(tables)
    for _ in range(3):
        for method in ("HEAD", "GET", "OPTIONS"):
            await scanner.client.request(method, path)
    for typed in (
        {},
        {"password": "", "repeat": ""},
        {"password": "a", "repeat": "a"},
        {"password": OTHER, "repeat": "x"},
    ):
        assert (await scanner.post(path, typed, page=path)).status_code == 422
        assert (await scanner.client.post(path, data=typed)).status_code == 403
    assert await whole_database(tables) == before
    person = await portal.browser()
    shown = await person.get(path)
    assert (shown.status_code, shown.headers["referrer-policy"], shown.headers["cache-control"]) == (
        200,
        "no-referrer",
        "no-store",
    )
    done = await person.post(path, {"password": OTHER, "repeat": OTHER}, page=path)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await state_of(portal, invited))["state"] == "active"
    assert (await person.get("/account/password")).status_code == 200


async def test_a_spent_link_says_what_to_do(portal: Portal, invited: Person) -> None:
    path = await invitation_path(portal, invited)
    person = await portal.browser()
    await person.post(path, {"password": OTHER, "repeat": OTHER}, page=path)
    for method in ("GET", "POST"):
        late = await portal.browser()
        page = await (late.get(path) if method == "GET" else late.post(path, {"password": OTHER, "repeat": OTHER}))
        assert page.status_code == 410
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "This link no longer works" in page.text
        assert "/forgot-password" in page.text
        assert session_of(late) is None
    assert (await (await portal.browser()).get("/reset/" + "x" * 43)).status_code == 410
    assert (await (await portal.browser()).get("/invitation/short")).status_code == 410


async def test_the_invitation_shows_rules_and_checks_them(portal: Portal, invited: Person) -> None:
    await prefer(portal, "accounts.password_policy", "link")
    await prefer(portal, "accounts.reset_mode", "confirm_email")
    path = await invitation_path(portal, invited)
    browser = await portal.browser()
    shown = (await browser.get(path)).text
    assert re.findall(r'data-test="([^"]+)"', shown) == ["min:6", "symbol", "lower", "upper", "not:*", "same"]
    assert shown.count('autocomplete="new-password"') == 2
    assert 'value="eva@prueba.example"' in shown  # filled in, and compared when it comes back
    wrong = await browser.post(path, {"email": "eva@otra.example", "password": "Abcde!", "repeat": "Abcde!"}, page=path)
    assert wrong.status_code == 422
    assert "Type the e-mail address at which you received this link." in wrong.text
    weak = await browser.post(
        path, {"email": "eva@prueba.example", "password": "ABCDE!", "repeat": "ABCDE!"}, page=path
    )
    assert weak.status_code == 422
    assert "Use a small letter (a–z)." in weak.text
    typed = {"email": " EVA@prueba.example ", "password": "Abcde*", "repeat": "Abcde*"}
    done = await browser.post(path, typed, page=path)
    assert (done.status_code, done.headers["location"], session_of(browser)) == (303, "/", None)
    told = text_of(await browser.get("/"))
    assert "Your password is set. You can sign in with it now." in told
    assert "Your password holds *" in told
    signed_in = await sign_in(browser, email="eva@prueba.example", password="Abcde*")
    assert signed_in.status_code == 303
    assert session_of(browser)


async def test_a_reset_by_page(portal: Portal, ana: Person) -> None:
    path = await reset_path(portal)
    before = await portal.browser(ana)
    browser = await portal.browser()
    unequal = await browser.post(path, {"password": OTHER, "repeat": PASSWORD}, page=path)
    assert unequal.status_code == 422
    assert "Both fields must be the same." in unequal.text
    assert OTHER not in unequal.text
    done = await browser.post(path, {"password": OTHER, "repeat": OTHER}, page=path)
    assert done.status_code == 303
    assert (await browser.get("/account/password")).status_code == 200
    assert (await before.get("/account/password")).status_code == 303


async def test_a_weak_password_leads_to_the_box_and_nowhere_else(portal: Portal, ana: Person) -> None:
    async with portal.work():
        await open_account(person=ana.id, password="Abcde!")
    browser = await portal.browser()
    done = await sign_in(browser, password="Abcde!")
    assert done.headers["location"] == "/account/password"
    restricted = session_of(browser)
    for path in ("/", "/account/sessions"):
        elsewhere = await browser.get(path)
        assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, "/account/password")
    box = await browser.get("/account/password")
    assert "Set a new password" in box.text
    assert 'name="current"' not in box.text
    weak = await browser.post("/account/password", {"password": "Abcde!", "repeat": "Abcde!"}, page="/account/password")
    assert weak.status_code == 422
    good = await browser.post("/account/password", {"password": OTHER, "repeat": OTHER}, page="/account/password")
    assert good.headers["location"] == "/"
    assert session_of(browser) != restricted
    assert (await browser.get("/account/sessions")).status_code == 200


async def test_changing_the_password_by_page(portal: Portal, ana: Person) -> None:
    browser, elsewhere = await portal.browser(), await portal.browser(ana)
    await sign_in(browser)
    before = session_of(browser)
    path = "/account/password"
    typed = {"current": PASSWORD, "password": OTHER, "repeat": OTHER}
    for wrong, words in (
        ({"current": ""}, "Please fill this in."),
        ({"current": "wrong"}, "This is not your current password."),
        ({"repeat": "other"}, "Both fields must be the same."),
        ({"password": "short", "repeat": "short"}, "Write at least 15 characters."),
    ):
        page = await browser.post(path, {**typed, **wrong}, page=path)
        assert page.status_code == 422
        assert words in text_of(page)
    done = await browser.post(path, typed, page=path)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert session_of(browser) != before
    assert "Your password is changed." in text_of(await browser.get(path))
    assert (await elsewhere.get(path)).status_code == 303


async def test_own_sessions_by_page(portal: Portal, ana: Person) -> None:
    bea = await portal.contact("bea@acimos.example")
    browser, second, third, foreign = [await portal.browser(person) for person in (ana, ana, ana, bea)]
    page = "/account/sessions"
    ids = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", (await browser.get(page)).text)
    assert len(ids) == 3
    theirs = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", (await foreign.get(page)).text)
    assert (await browser.post(f"{page}/{theirs[0]}/end", page=page)).status_code == 404
    assert (await foreign.get(page)).status_code == 200
    assert (await browser.post(f"{page}/{ids[1]}/end", page=page)).status_code == 303
    assert sorted([(await each.get(page)).status_code for each in (second, third)]) == [200, 303]
    assert (await browser.post(f"{page}/end-others", page=page)).status_code == 303
    assert [(await each.get(page)).status_code for each in (browser, second, third)] == [200, 303, 303]
    own = await browser.post(f"{page}/{ids[0]}/end", page=page)
    assert (own.headers["location"], session_of(browser)) == ("/", None)


async def test_staff_have_the_same_pages(portal: Portal) -> None:
    person = await portal.staff("pilar@obrador.example")
    async with portal.work():
        await open_account(person=person.id, password=PASSWORD)
    browser = await portal.browser()
    page = await sign_in(browser, email="pilar@obrador.example")
    assert "Max-Age=43200" in page.headers["set-cookie"]
    for path in ("/account/password", "/account/sessions"):
        assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
        ("something of its own", "something of its own"),
        ("", ""),
    ],
)
def test_browsers_are_named_in_short(agent: str, name: str) -> None:
    assert device_name(agent) == name


async def test_the_colon_behind_a_label_is_set_as_the_language_sets_it(world: World) -> None:
    for portal, language, colon in ((world.first, "en", ":"), (world.second, "fr", "\u202f:")):
        browser = await portal.browser(language=language)
        answer = await browser.post("/sign-in", {"email": "", "password": "x"})
        assert re.search(rf'<a href="#email">[^<]*[^<\s]{colon}</a> \w', answer.text), language
