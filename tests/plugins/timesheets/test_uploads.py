"""The pages that bring lists in: looked at first, taken in when confirmed; sheets larger than they seem."""

from __future__ import annotations

import io
import re

import msgspec
from openpyxl import Workbook

from core.people.tables import Customer, Role
from core.tenancy.snapshot import raise_version
from plugins.timesheets.reading import read_grid
from tests.plugins.timesheets.made import states, works
from tests.portal_fixtures import Browser, Portal

UPLOAD = "/staff/timesheets/upload"
LIST = "Id;Employee;Customer;Date;Hours\n1;Lía;Acme a;2026-11-02;7,5\n2;Lía;Brand new;2026-11-03;8\n"


async def kept(desk: Browser, text: str = LIST) -> str:
    """Upload a list and return the address of its preview."""
    sent = await desk.post(UPLOAD, page=UPLOAD, files={"file": ("hours.csv", text.encode(), "text/csv")})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def columns_of(page: str) -> dict[str, str]:
    """Return which columns a preview has chosen."""
    found = re.findall(r'name="(column_\w+)">(.*?)</select>', page)
    chosen = {name: re.search(r"<option selected>([^<]*)", options) for name, options in found}
    return {name: match[1] for name, match in chosen.items() if match}


async def test_a_list_is_looked_at_and_then_taken_in(portal: Portal) -> None:
    made = await works(portal)
    desk = await portal.browser(made.staff)
    preview = await kept(desk)
    page = await desk.get(preview)
    assert (page.status_code, "Brand new" in page.text) == (200, True)
    async with portal.work():
        assert await states() == {}, "looking stores nothing"
    typed = {"order": "ymd", "zone": "Europe/Madrid", "create_customers": "1", **columns_of(page.text)}
    taken = await desk.post(preview, typed, page=preview)
    assert taken.status_code == 303
    assert "The list is taken in." in (await desk.get(taken.headers["location"])).text
    async with portal.work():
        assert await states() == {"for_approval": 2}
        assert await Customer.count().where(Customer.name == "Brand new") == 1


async def test_bringing_in_alone_makes_no_customers(portal: Portal) -> None:
    await works(portal)
    clerk = await portal.staff("clerk@obrador.test", role="clerk")
    async with portal.work():
        role = await Role.objects().where(Role.key == "clerk").first()
        assert role is not None
        grants = msgspec.json.decode(role.grants)
        del grants["core:customer:manage"]
        await Role.update({Role.grants: msgspec.json.encode(grants).decode()}).where(Role.id == role.id)
        await raise_version(portal.tenant.id)
    desk = await portal.browser(clerk)
    preview = await kept(desk)
    page = await desk.get(preview)
    assert (page.status_code, "create_customers" in page.text) == (200, False)
    typed = {"order": "ymd", "zone": "Europe/Madrid", "create_customers": "1", **columns_of(page.text)}
    assert (await desk.post(preview, typed, page=preview)).status_code == 403
    project = await kept(desk, "Id;Employee;Customer;Project;Date;Hours\n1;Lía;Acme a;New;2026-11-02;7,5\n")
    page = await desk.get(project)
    taken = await desk.post(project, {"order": "ymd", "zone": "UTC", **columns_of(page.text)}, page=project)
    said = (await desk.get(taken.headers["location"])).text
    assert "The customer has no project “New”, and whoever brings the list in may not make projects." in said
    async with portal.work():
        assert await Customer.count().where(Customer.name == "Brand new") == 0
        assert await states() == {}


def test_a_format_that_reaches_far_beyond_the_hours_takes_no_time() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Employee", "Customer", "Date", "Hours"])
    sheet.append(["Lía", "Acme", "2026-11-02", 8])
    sheet["XFD300000"].number_format = "0.00"
    data = io.BytesIO()
    book.save(data)
    grid = read_grid(data.getvalue())
    assert (grid.columns, len(grid.rows)) == (("Employee", "Customer", "Date", "Hours"), 1)
