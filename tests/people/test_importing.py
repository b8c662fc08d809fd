from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from core.contributions import Audience
from core.imports.tables import ImportRun
from core.messages.queue_tables import QueueItem
from core.people import queries
from core.people.importing import import_people
from core.people.tables import Customer, Person
from core.tenancy.scope import unscoped
from tests.portal_fixtures import Portal, World

HEAD = "Nombre;Apellidos;Correo electrónico;Cliente;Rol;Alcance;Teléfono;Idioma;Proyectos"
ROW = "Ana;García López;Ana@Nunez.Example;Construcciones Nuñez;Gestor;proyectos;600 1;español;Torre"


async def read(file: Path, **options: bool) -> list[tuple[str, str, str]]:
    return [
        (result.place, result.outcome, str(result.reason or ""))
        async for result in import_people(files=[file], **options)
    ]


async def people(portal: Portal) -> list[tuple[str, str, str]]:
    async with portal.work():
        rows = await Person.objects().order_by(Person.name_folded)
    return [(row.given_name, row.family_name, row.email) for row in rows]


async def nunez(portal: Portal) -> Customer:
    customer = await portal.customer("Construcciones Nuñez", number="K-7", tax_id="B12345674")
    await portal.project(customer, "Torre")
    return customer


async def test_a_list_is_read_and_read_again_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    customer = await nunez(portal)
    label = portal.roles["manager"].label
    file = tmp_path / "gente.csv"
    file.write_bytes(f"{HEAD}\r\n{ROW.replace('Gestor', label)}\r\n".encode("cp1252"))
    async with portal.work():
        assert await read(file) == [("gente.csv:2", "created", "")]
        assert await read(file) == [("gente.csv:2", "unchanged", "")]
        found = (await queries.list_people(kind=Audience.CONTACT)).rows
        runs = [(run.created, run.unchanged, run.refused) for run in await ImportRun.objects().order_by(ImportRun.id)]
        with unscoped("tests look at all mail"):
            assert await QueueItem.count().where(QueueItem.kind == "core.account_mail") == 0
    (row,) = found
    (seat,) = row["seats"]
    assert (row["name"], row["email"], row["state"]) == ("Ana García López", "ana@nunez.example", "address_book")
    assert (seat["customer"], seat["role"], seat["reach"]) == (customer.id, portal.roles["manager"].id, "projects")
    assert runs == [(1, 0, 0), (0, 1, 0)]


async def test_a_known_address_is_changed_and_empty_cells_leave_what_is_known(portal: Portal, tmp_path: Path) -> None:
    customer = await nunez(portal)
    ana = await portal.contact("ana@nunez.example", customer, name="Ana García", role="manager", language="fr")
    file = tmp_path / "people.csv"
    file.write_text("name,email,customer,phone\nAna Díaz,ana@nunez.example,K-7,600 2\n")
    async with portal.work():
        assert await read(file) == [("people.csv:2", "updated", "")]
        row = await Person.objects().where(Person.id == ana.id).first()
        (seat,) = (await queries.seats_of([ana.id]))[ana.id]
    assert row is not None
    assert (row.family_name, row.phone, row.language, row.state) == ("Díaz", "600 2", "fr", "active")
    assert (seat["role"], seat["reach"]) == (portal.roles["manager"].id, "company")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";;ana@n.example;K-7;;;;;", "Give the first name."),
        ("Ana;García;nobody;K-7;;;;;", "This is not an e-mail address."),
        ("Ana;García;ana@n.example;Nadie SA;;;;;", "There is no customer “Nadie SA”."),
        ("Ana;García;ana@n.example;K-7;Jefa suprema;;;;", "There is no role “Jefa suprema”."),
        ("Ana;García;ana@n.example;K-7;;mucho;;;", "“mucho” is no reach: own, projects, company or group."),
        ("Ana;García;ana@n.example;K-7;;;;klingon;", "“klingon” is no language of the portal."),
        ("Ana;García;ana@n.example;K-7;;;;;Puente", "The customer has no project “Puente”."),
        ("Ana;García;pilar@obrador.example;K-7;;;;;", "pilar@obrador.example belongs to somebody of the staff."),
    ],
)
async def test_a_bad_row_is_named_and_the_good_ones_go_in(
    portal: Portal, tmp_path: Path, row: str, reason: str
) -> None:
    await nunez(portal)
    await portal.staff("pilar@obrador.example")
    file = tmp_path / "people.csv"
    file.write_text(f"\ufeff{HEAD}\n{row}\nEva;Sanz;eva@n.example;B-12345674;;;;;\n", encoding="utf-8")
    async with portal.work():
        found = await read(file)
    assert found == [("people.csv:2", "refused", reason), ("people.csv:3", "created", "")]
    assert [person for person in await people(portal) if person[0] != "Pilar"] == [("Eva", "Sanz", "eva@n.example")]


async def test_several_customers_of_one_tax_number_are_not_guessed(portal: Portal, tmp_path: Path) -> None:
    await portal.customer("Nuñez Norte", number="K-1", tax_id="B12345674")
    await portal.customer("Nuñez Sur", number="K-2", tax_id="B12345674")
    file = tmp_path / "people.csv"
    file.write_text(
        "name,email,tax id,customer number\nEva Sanz,eva@n.example,B12345674,\nAna Gil,ana@n.example,B12345674,K-2\n"
    )
    async with portal.work():
        found = await read(file)
    assert [outcome for _place, outcome, _reason in found] == ["refused", "created"]
    assert "Several customers" in found[0][2]


async def test_customers_are_made_only_if_asked_for(portal: Portal, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "name;email;customer;customer number\nEva Sanz;eva@n.example;Nueva SL;K-9\nAna Gil;ana@n.example;Nueva SL;K-9\n"
    )
    async with portal.work():
        assert [one[1] for one in await read(file)] == ["refused", "refused"]
        assert await Customer.count() == 0
        assert [one[1] for one in await read(file, create_customers=True)] == ["created", "created"]
        assert [(row.name, row.number) for row in await Customer.objects()] == [("Nueva SL", "K-9")]


async def test_a_sheet_of_excel_is_read(portal: Portal, tmp_path: Path) -> None:
    customer = await portal.customer("Nuñez", number="700")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Prénom", "Nom", "Adresse e-mail", "Numéro de client", "Téléphone"],
        ["Eva", "Sanz", "eva@n.example", 700.0, 600123123],
    ):
        sheet.append(row)
    file = tmp_path / "people.xlsx"
    book.save(file)
    async with portal.work():
        assert await read(file) == [("people.xlsx:2", "created", "")]
        row = await Person.objects().where(Person.email == "eva@n.example").first()
        assert row is not None
        (seat,) = (await queries.seats_of([row.id]))[row.id]
    assert (row.phone, seat["customer"]) == ("600123123", customer.id)


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"PK\x03\x04 broken"), ("x.csv", b"\x00\x01\x02"), ("x.csv", b"a;b;c\n1;2;3\n"), ("x.csv", b"")],
)
async def test_a_file_that_is_no_list_is_refused_in_words(
    portal: Portal, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    async with portal.work():
        ((place, outcome, reason),) = await read(file)
    assert (place, outcome) == (name, "refused")
    assert reason
    assert await people(portal) == []


async def test_another_tenants_customers_and_people_are_unknown(world: World, tmp_path: Path) -> None:
    await world.second.customer("Autre", number="K-7")
    await world.second.contact("eva@n.example")
    file = tmp_path / "people.csv"
    file.write_text("name;email;customer\nEva Sanz;eva@n.example;K-7\nEva Sanz;eva@n.example;\n")
    async with world.first.work():
        assert [one[1] for one in await read(file)] == ["refused", "created"]
    assert len(await people(world.second)) == 1
