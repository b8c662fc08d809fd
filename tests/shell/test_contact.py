"""The page that says how to reach the tenant."""

from __future__ import annotations

import pytest

from core.preferences.values import save_settings
from tests.portal_fixtures import Portal

WRITE = "Write to us, we answer as soon as we can."
TALK = "Please get in touch with the person you usually talk to."


@pytest.mark.parametrize("address", ["", "help@obrador.test"])
async def test_contact_says_the_address_or_a_sentence_to_everybody(portal: Portal, address: str) -> None:
    acme = await portal.customer("Acme Ibérica")
    ana = await portal.contact("ana@acme.test", acme, name="Ana Prueba")
    pilar = await portal.staff("pilar@obrador.test")
    async with portal.work():
        await save_settings({"portal.contact_email": address})
    for person, frame in ((None, None), (ana, "Acme Ibérica"), (pilar, "Back office")):
        page = await (await portal.browser(person)).get("/contact")
        assert page.status_code == 200
        assert (WRITE in page.text, TALK in page.text) == (bool(address), not address)
        assert ('href="mailto:help@obrador.test"' in page.text) == bool(address)
        assert frame is None or frame in page.text  # name, company and menu stay where one is signed in
