"""Names of uploaded files that mean harm do none."""

from __future__ import annotations

import pytest

from core.records.tables import File
from plugins.invoices.demo_files import as_ubl
from tests.plugins.invoices.made import invoice
from tests.portal_fixtures import Portal

UPLOAD = "/staff/invoices/upload"
NAMES = {
    "../../etc/passwd.xml": "passwd.xml",
    "..\\..\\windows\\f.xml": "f.xml",
    "a\u202elmx.exe": "almx.exe.xml",
    "con.xml": "invoice-con.xml",
    "<script>.xml": "script.xml",
    "f" * 300 + ".xml": "f" * 116 + ".xml",
    "   ": "invoice.xml",
}


@pytest.mark.parametrize("name", NAMES)
async def test_names_are_harmless_everywhere(portal: Portal, name: str) -> None:
    await portal.customer("Acme SA", tax_id="A58818501")
    desk = await portal.browser(await portal.staff("pilar@obrador.test"))
    sent = await desk.post(UPLOAD, page=UPLOAD, files={"files": (name, as_ubl(invoice()), "text/xml")})
    assert sent.status_code == 200
    assert "<script>.xml" not in sent.text
    async with portal.work():
        kept = await File.select(File.name)
    assert [row["name"] for row in kept] == [NAMES[name]]
