"""The whole way with a real provider: its pages, its cookies, its tokens, its userinfo."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from core.accounts.oidc.discovery import forget_providers
from core.accounts.oidc.kinds import Kind
from core.accounts.oidc.providers import Wanted, add_provider
from core.people.tables import Person
from tests.accounts.conftest import prefer
from tests.accounts.oidc import node
from tests.accounts.oidc.conftest import sent_to
from tests.accounts.oidc.fake import SECRET
from tests.accounts.oidc.test_coming_in import FORM, approved, invitation, people_with_identities, registrations
from tests.accounts.oidc.test_signing_in import WAYS, identities
from tests.portal_fixtures import Browser, Portal

ANA = "ana@provider.example"
START = f"/sign-in/with/{node.PROVIDER}"


@pytest.fixture(scope="session")
def _running() -> Iterator[node.RealProvider]:
    found = node.start()
    yield found
    found.stop()


@pytest.fixture
async def real(_running: node.RealProvider, portal: Portal) -> node.RealProvider:
    """The provider, known to the first tenant, which trusts its addresses."""
    forget_providers()
    async with portal.work():
        wanted = Wanted(name="Acme ID", client_id=node.CLIENT, secret=SECRET, registers=True, trusts_email=True)
        await add_provider(id=node.PROVIDER, kind=Kind.OTHER, issuer=_running.issuer, wanted=wanted)
    return _running


async def at_provider(real: node.RealProvider, answer: httpx.Response, login: str) -> tuple[str, dict[str, str]]:
    """Sign in at the provider and consent, as a person does in its pages; where it sends her back to."""
    url = sent_to(answer).url
    async with httpx.AsyncClient(base_url=real.issuer) as client:
        page = await client.get(url)
        for _step in range(12):
            if page.is_redirect:
                target = page.headers["location"]
                if not target.startswith(("/", real.issuer)):
                    back = httpx.URL(target)
                    return back.path, dict(back.params)
                page = await client.get(target)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
            assert form
            assert prompt, page.text
            typed = {"login": login, "password": "any"} if prompt[1] == "login" else {}
            page = await client.post(form[1], data={"prompt": prompt[1]} | typed)
    raise AssertionError(page.text)


async def through(
    real: node.RealProvider, browser: Browser, path: str = START, *, page: str = "/", **data: str
) -> httpx.Response:
    """The whole way."""
    answer = await browser.post(path, data, page=page)
    assert answer.status_code == 200, answer.text
    back, said = await at_provider(real, answer, ANA)
    assert back == f"{START}/callback"
    assert set(said) == {"code", "state", "iss"}
    return await browser.get(back, params=said)


async def test_connected_it_signs_in_and_disconnected_no_more(
    real: node.RealProvider, portal: Portal, ana: Person
) -> None:
    own = await portal.browser(ana)
    answer = await through(real, own, f"{WAYS}/connect", page=WAYS, provider=str(node.PROVIDER))
    assert answer.headers["location"] == WAYS
    (row,) = await identities(portal)
    assert (row["issuer"], row["subject"], row["label"]) == (real.issuer, ANA, ANA)
    browser = await portal.browser()
    assert (await through(real, browser, next="/profile")).headers["location"] == "/profile"
    assert "Ana Prueba" in (await browser.get("/profile")).text
    assert (await own.post(f"{WAYS}/{row['id']}/disconnect", page=WAYS)).status_code == 303
    assert (await through(real, await portal.browser())).status_code == 403


async def test_an_invitation_is_accepted_with_it(real: node.RealProvider, portal: Portal, invited: Person) -> None:
    path = await invitation(portal, invited)
    browser = await portal.browser()
    answer = await through(real, browser, f"{path}/with/{node.PROVIDER}", page=path)
    assert answer.headers["location"] == "/"
    assert (await browser.get("/profile")).status_code == 200
    assert await people_with_identities(portal) == [(invited.id, ANA)]


async def test_who_registers_with_it_signs_in_once_approved(real: node.RealProvider, portal: Portal) -> None:
    await prefer(portal, "accounts.registration", value=True)
    await portal.customer("Alimentos Ácimos")
    browser = await portal.browser()
    path = (await through(real, browser)).headers["location"]
    page = (await browser.get(path)).text
    assert [f'value="{text}"' in page for text in ("Real", "Person", ANA)] == [True] * 3
    said = FORM | {"email": ANA, "with": path.partition("=")[2]}
    assert (await browser.post("/register", said, page=path)).status_code == 303
    assert [row["state"] for row in await registrations(portal)] == ["waiting"]
    person = await approved(portal)
    assert await people_with_identities(portal) == [(person, ANA)]
    assert (await through(real, browser)).headers["location"] == "/"
    assert (await browser.get("/profile")).status_code == 200


async def test_a_wrong_secret_redeems_nothing(real: node.RealProvider, portal: Portal) -> None:
    from core.accounts.oidc.providers import change_provider  # noqa: PLC0415 -- for this alone

    async with portal.work():
        wanted = Wanted(name="Acme ID", client_id=node.CLIENT, secret="another", registers=True)
        await change_provider(provider=node.PROVIDER, wanted=wanted)
    assert (await through(real, await portal.browser())).status_code == 401
