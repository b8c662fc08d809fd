"""Lists of contacts through the page: looked at first, taken in when confirmed; and the list to fill in."""

from __future__ import annotations

import io
import re
from html import unescape

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from core.contributions import Reach
from core.db import fetch
from core.i18n import LANGUAGES
from core.people.importing_check import MOST_ON_A_PAGE, pack_rows, template_sheet, unpack_rows
from core.people.importing_files import SheetError, people_in
from core.people.importing_words import REACH_WORDS, TEMPLATE, TEMPLATE_REACHES, TEMPLATE_WORDS
from core.people.roles import change_role
from core.people.staff_people_import import MOST_SHOWN
from core.people.tables import Customer, Person
from core.records.tables import Activity
from core.text import fold
from tests.people.test_persons import mails
from tests.portal_fixtures import Browser, Portal

PATH = "/staff/people/import"
LIST = """Nombre;Apellidos;Correo electrónico;Cliente;Rol
Ana;García;ana@n.example;Nuñez;viewer
Eva;Díaz;nobody;Nuñez;viewer
Luz;Ríos;luz@n.example;Nadie SA;viewer
Sol;Vega;sol@n.example;Nuñez;Jefa suprema
;;otra@n.example;Nuñez;viewer
"""


async def send(browser: Browser, data: bytes, name: str = "gente.csv", **more: str) -> httpx.Response:
    token = await browser.form_token(PATH)
    return await browser.client.post(PATH, data={"csrf_token": token, **more}, files={"file": (name, data)})


def table(page: httpx.Response) -> list[list[str]]:
    """Return the rows that the page shows: number, name, outcome, fields and reasons."""
    rows = re.findall(r"<tr><td class=\"end\".*?</tr>", page.text, re.DOTALL)
    return [
        [unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td.*?</td>", row)]
        for row in rows
    ]


def confirmation(page: httpx.Response) -> dict[str, str]:
    return {
        name: unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="(rows|create_customers)" value="([^"]*)">', page.text
        )
    }


async def counts(portal: Portal) -> tuple[int, int, int, int]:
    """Return contacts, customers, activities, mails."""
    async with portal.work():
        people = await Person.count().where(Person.kind == "contact")
        return people, await Customer.count(), await Activity.count(), await mails()


async def test_a_list_is_looked_at_before_anything_is_stored(portal: Portal) -> None:
    await portal.customer("Nuñez")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = await send(admin, LIST.encode())
    assert table(page) == [
        ["2", "Ana García", "New", "–"],
        ["3", "Eva Díaz", "Cannot be taken in", "E-mail: This is not an e-mail address."],
        ["4", "Luz Ríos", "Cannot be taken in", "Customer: There is no customer “Nadie SA”."],
        ["5", "Sol Vega", "Cannot be taken in", "Role: There is no role “Jefa suprema”."],
        ["6", "otra@n.example", "Cannot be taken in", "First name: Give the first name."],
    ]
    assert await counts(portal) == (0, 1, 0, 0)
    done = await admin.post(f"{PATH}/run", confirmation(page), page=PATH)
    assert "1 contact was taken in. Nobody has been invited." in done.text
    assert re.findall(r"Row (\d)", done.text) == ["3", "4", "5", "6"]
    people, customers, _activities, sent = await counts(portal)
    assert (people, customers, sent) == (1, 1, 0)
    async with portal.work():
        runs = await fetch("SELECT way, created, refused FROM import_run")
    assert [(run["way"], run["created"], run["refused"]) for run in runs] == [("page", 1, 4)]


async def test_all_that_is_wrong_with_a_row_is_said_with_its_field(portal: Portal) -> None:
    await portal.customer("Nuñez")
    await portal.staff("eva@n.example")
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    head = "given;family;email;customer;role;reach;language;projects;phone"
    text = f"{head}\n;;nobody;Nuñez;Jefa;mucho;klingon;Puente, Ala;{'6' * 101}\n"
    page = await send(
        admin, f"{text}Eva;Sanz;eva@n.example;Nadie;;;;;;too;many\nEva;Sanz;eva@n.example;Nadie\n".encode()
    )
    assert table(page) == [
        [
            "2",
            "nobody",
            "Cannot be taken in",
            (
                "E-mail: This is not an e-mail address."
                "Language: “klingon” is no language of the portal."
                "Telephone: Use at most 100 characters."
                "Reach: “mucho” is no reach: own, projects, company or group."
                "Role: There is no role “Jefa”."
                "First name: Give the first name."
                "Projects: The customer has no project “Puente”."
                "Projects: The customer has no project “Ala”."
            ),
        ],
        [
            "3",
            "–",
            "Cannot be taken in",
            "This row has more cells than the list has columns: what holds the delimiter needs quotation marks.",
        ],
        [
            "4",
            "Eva Sanz",
            "Cannot be taken in",
            "Customer: There is no customer “Nadie”.E-mail: eva@n.example belongs to somebody of the staff.",
        ],
    ]


async def test_of_a_long_list_the_page_shows_what_is_wrong(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    good = "".join(f"Ana Ruiz,a{n}@n.example\n" for n in range(MOST_SHOWN))
    page = await send(admin, f"name,email\n{good},b@n.example\n".encode())
    assert table(page) == [
        [str(MOST_SHOWN + 2), "b@n.example", "Cannot be taken in", "First name: Give the first name."]
    ]
    done = await admin.post(f"{PATH}/run", confirmation(page), page=PATH)
    assert "500 contacts were taken in. Nobody has been invited." in done.text


async def test_a_sheet_with_customers_to_make_counts_each_row_once(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    book = Workbook()
    sheet = book.active
    sheet.append(["Prénom", "Nom", "Adresse e-mail", "Client", "Rôle"])
    for name in ("Zoé", "Zoé", "Max"):
        sheet.append([name, "Roux", f"{name[0]}@n.example", "Nouvelle SAS", "viewer"])
    data = io.BytesIO()
    book.save(data)
    page = await send(admin, data.getvalue(), "liste.xlsx", create_customers="1")
    assert [row[2] for row in table(page)] == ["New", "As it is", "New"]
    assert await counts(portal) == (0, 0, 0, 0)
    await admin.post(f"{PATH}/run", confirmation(page), page=PATH)
    people, customers, _activities, _sent = await counts(portal)
    assert (people, customers) == (2, 1)


async def test_a_clerk_who_may_not_make_customers_makes_none(portal: Portal) -> None:
    async with portal.work():
        await change_role(
            role=portal.roles["clerk"].id,
            label="Clerk",
            grants={"core:customer:manage": None, "core:person:manage": Reach.GROUP, "core:person:view": Reach.GROUP},
        )
    clerk = await portal.browser(await portal.staff("luis@obrador.example", role="clerk"))
    page = await send(clerk, b"name,email,customer\nAna Ruiz,a@n.example,Nueva SL\n", create_customers="1")
    assert [row[2:] for row in table(page)] == [["Cannot be taken in", "Customer: There is no customer “Nueva SL”."]]
    rows = pack_rows([(2, {"name": "Ana Ruiz", "email": "a@n.example", "customer": "Nueva SL"})])
    await clerk.post(f"{PATH}/run", {"rows": rows, "name": "x.csv", "create_customers": "1"}, page=PATH)
    people, customers, _activities, _sent = await counts(portal)
    assert (people, customers) == (0, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"\x00\x01\x02", "The file is no list: neither text with one line per row nor an Excel sheet."),
        (b"PK\x03\x04nonsense", "The file is no Excel sheet that can be read."),
        (b"colour,size\nred,1\n", "The first line of the list names no known column."),
        (b"name,email\n", "The list has no rows."),
        (b"name\n" + b"Ana Ruiz\n" * (MOST_ON_A_PAGE + 1), "The list has more than 2000 rows."),
    ],
)
async def test_what_is_no_list_is_refused_in_words(portal: Portal, data: bytes, said: str) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    page = await send(admin, data)
    assert page.status_code == 422
    assert said in page.text


async def test_rows_that_came_back_broken_are_refused(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    for rows in ("", "nonsense", "eJwDAAAAAAE="):
        page = await admin.post(f"{PATH}/run", {"rows": rows}, page=PATH)
        assert (rows, page.status_code) == (rows, 422)


def test_rows_travel_whole_and_a_bomb_does_not_unfold() -> None:
    rows = [(2, {"name": "Ana Núñez"}), (3, {"email": "a@n.example"})]
    assert unpack_rows(pack_rows(rows)) == rows
    with pytest.raises(SheetError):
        unpack_rows(pack_rows([(2, {"name": "x" * 9_000_000})]))


async def test_the_empty_list_has_columns_that_are_read_in_every_language(portal: Portal) -> None:
    assert set(TEMPLATE_WORDS) == set(LANGUAGES)
    for language in LANGUAGES:
        async with portal.work():
            data = await template_sheet(language)
        book = load_workbook(io.BytesIO(data))
        sheet = book.worksheets[0]
        assert [cell.value for cell in sheet[1]] == list(TEMPLATE_WORDS[language])
        reaches = [REACH_WORDS[fold(word)].word for word in TEMPLATE_REACHES[language]]
        assert reaches == ["own", "projects", "company", "group"]
        sheet.append([f"cell {number}" for number in range(len(TEMPLATE))])
        filled = io.BytesIO()
        book.save(filled)
        assert list(people_in(filled.getvalue()).rows) == [
            (2, {column: f"cell {number}" for number, column in enumerate(TEMPLATE)})
        ]


async def test_the_empty_list_is_downloaded(portal: Portal) -> None:
    admin = await portal.browser(await portal.staff("pilar@obrador.example"))
    answer = await admin.get(f"{PATH}/template.xlsx")
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.xlsx"'
    assert answer.content.startswith(b"PK")
    contact = await portal.browser(await portal.contact("eva@n.example", await portal.customer("Otra")))
    assert (await contact.get(PATH)).status_code in {403, 404}
