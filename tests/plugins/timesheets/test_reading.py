"""Lists of hours as other programs and people write them: read to the second, or refused with what is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from plugins.timesheets.reading import DateOrder, Options, ReadEntry, read_grid, read_rows, suggest

MADRID = "Europe/Madrid"


def read(text: str | bytes, *, order: DateOrder | None = None, zone: str = MADRID) -> list[ReadEntry | str]:
    """Return the entries of a list; of rows that are none, why."""
    grid = read_grid(text if isinstance(text, bytes) else text.encode())
    rows = read_rows(grid, suggest(grid.columns), Options(zone=zone, order=order))
    return [row if isinstance(row, ReadEntry) else str(row.reason) for row in rows]


def hours_of(row: ReadEntry | str) -> tuple[str, str, int, int] | str:
    """Return start, end, break and hours of an entry in a line."""
    if isinstance(row, str):
        return row
    clocks = [f"{each:%d %H:%M:%S}" if each else "" for each in (row.starts_at, row.ends_at)]
    return clocks[0], clocks[1], row.break_seconds, row.worked_seconds


HEAD = "Worker;Customer;Date;Start;End;Break;Duration\n"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("09:00;17:30;0:30;8:00", ("28 08:00:00", "28 16:30:00", 1800, 28_800)),
        ("09:00;17:30;;8:00", ("28 08:00:00", "28 16:30:00", 1800, 28_800)),
        ("09:00;17:30;0;8:00", ("28 08:00:00", "28 16:30:00", 1800, 28_800)),
        ("09:00;10:50;;1,83", ("28 08:00:00", "28 09:50:00", 0, 6600)),
        ("09:00;09:40;;0.67", ("28 08:00:00", "28 08:40:00", 0, 2400)),
        ("09:00;17:30;0:30;8", ("28 08:00:00", "28 16:30:00", 1800, 28_800)),
        ("09:00:10;10:30:40;;1:30", ("28 08:00:10", "28 09:30:40", 0, 5430)),
        ("09:00;10:00;;1:00:31", ("28 08:00:00", "28 09:00:31", 0, 3631)),
        ("09:00;10:00;;0:59:31", ("28 08:00:29", "28 09:00:00", 0, 3571)),
        ("09:00;09:50;;1:00", ("", "", 0, 3600)),
        ("00:00;00:00;;7:30", ("", "", 0, 27_000)),
        ("08:00;08:00;;24:00", ("28 07:00:00", "29 07:00:00", 0, 86_400)),
        ("16:00;24:00;;", ("28 15:00:00", "28 23:00:00", 0, 28_800)),
        ("09:00;17:00;0:30;8:00", "Start, end, break and duration do not fit each other."),
        ("09:00;09:30;1:00;", "The break is longer than the work."),
    ],
)
def test_clocks_break_and_hours_of_a_row_fit_each_other(cells: str, expected: object) -> None:
    (row,) = read(f"{HEAD}Lía;Acme;28.11.2025;{cells}\n")
    assert hours_of(row) == expected


def test_instants_that_say_how_far_from_utc_they_are_need_no_zone() -> None:
    rows = read(
        "Worker,Customer,Start,End\n"
        "Lía,Acme,2025-11-28T23:30:00Z,2025-11-29T01:00:00Z\n"
        "Lía,Acme,2025-11-28T08:00:00+05:30,2025-11-28T10:00:00+05:30\n"
        "Lía,Acme,2025-11-28 08:00:00,2025-11-28 10:00:00\n"
        "Lía,Acme,2025-11-28 08:00 UTC,2025-11-28 10:00 UTC\n"
    )
    assert [hours_of(row) for row in rows] == [
        ("28 23:30:00", "29 01:00:00", 0, 5400),
        ("28 02:30:00", "28 04:30:00", 0, 7200),
        ("28 07:00:00", "28 09:00:00", 0, 7200),
        ("28 08:00:00", "28 10:00:00", 0, 7200),
    ]
    assert [row.day for row in rows if isinstance(row, ReadEntry)] == [date(2025, 11, 29), *[date(2025, 11, 28)] * 3]


def test_midnight_is_the_end_of_the_day_that_is_named() -> None:
    (row,) = read(
        "Worker,Customer,Start date,Start time,End date,End time\nLía,Acme,2025-11-28,16:00,2025-11-28,24:00\n"
    )
    assert hours_of(row) == ("28 15:00:00", "28 23:00:00", 0, 28_800)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8h30", 30_600),
        ("8 h 05", 29_100),
        ("8h", 28_800),
        ("8 h. 30 min.", 30_600),
        ("1h30m", 5400),
        ("1,5 horas", 5400),
        ("8:30 h", 30_600),
        ("90 min", 5400),
        ("7,5", 27_000),
        (".5", 1800),
        ("PT1H30M", 5400),
        ("100:00:01", 360_001),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    (row,) = read(f"Worker;Customer;Date;Duration\nLía;Acme;2025-11-28;{text}\n")
    assert isinstance(row, ReadEntry)
    assert row.worked_seconds == seconds


@pytest.mark.parametrize("text", ["1d 2h", "8:5", "eight", "1:75"])
def test_what_is_no_duration_is_named(text: str) -> None:
    assert read(f"Worker;Customer;Date;Duration\nLía;Acme;2025-11-28;{text}\n") == [f"“{text}” is no duration."]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("9h", "17h30"),
        ("9 h 00", "17 h 30"),
        ("0900", "1730"),
        ("09.00.00", "17.30.00"),
        ("9:00 AM", "5:30 PM"),
        ("9:00 a. m.", "5:30 p. m."),
        ("9.00", "17.30"),
    ],
)
def test_times_of_day(start: str, end: str) -> None:
    (row,) = read(f"Worker;Customer;Date;Start;End\nLía;Acme;28/11/2025;{start};{end}\n")
    assert hours_of(row) == ("28 08:00:00", "28 16:30:00", 0, 30_600)


def test_times_of_day_with_points_do_not_tell_the_order_of_dates() -> None:
    assert read("Worker;Customer;Date;Start;End\nLía;Acme;05/06/2025;08.30.00;12.45.00\n") == [
        "“05/06/2025” can be two different days: say which comes first, day or month."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "28-Nov-25",
        "28/Nov/25 9:00 AM",
        "Nov 28, 2025",
        "28 nov 2025",
        "28 novembre 2025",
        "28 de noviembre de 2025",
        "28.11.2025.",
        "20251128",
        "Fri, 28/11/2025",
        "vie 28/11/2025",
        "viernes, 28 de noviembre de 2025",
        "2025-11-28 00:00:00",
    ],
)
def test_days(text: str) -> None:
    (row,) = read(f"Worker;Customer;Date;Hours\nLía;Acme;{text};1\n")
    assert isinstance(row, ReadEntry)
    assert row.day == date(2025, 11, 28)


@pytest.mark.parametrize(
    ("text", "day"), [("mar 03 2026", date(2026, 3, 3)), ("mar. 03/02/2026", date(2026, 2, 3)), ("jui 3 2026", None)]
)
def test_words_of_two_meanings(text: str, day: date | None) -> None:
    (row,) = read(f"Worker;Customer;Date;Hours\nLía;Acme;{text};1\n", order=DateOrder.DAY_FIRST)
    assert (row.day if isinstance(row, ReadEntry) else None) == day


def test_totals_below_a_list_are_no_work() -> None:
    rows = read(
        "Worker;Customer;Date;Hours\nLía;Acme;28/11/2025;8\n\n;;;;\n"
        "Total;;;8\nTotal general;;01/11/2025 - 30/11/2025;8\n"
    )
    assert [row if isinstance(row, str) else row.worked_seconds for row in rows] == [
        28_800,
        "The day is missing.",
        "“01/11/2025 - 30/11/2025” is no day.",
    ]


NIGHT = ("30 21:00:00", "01 05:00:00", 0, 28_800)


@pytest.mark.parametrize(
    ("head", "cells", "expected"),
    [
        (
            (
                "Proyecto,Cliente,Descripción,Tarea,Usuario,Correo electrónico,Facturable,Fecha de inicio,"
                "Hora de inicio,Fecha de finalización,Hora de finalización,Duración (h),Duración (decimal),"
                "Tarifa facturable (EUR)"
            ),
            'P,C,d,t,Ana,a@b.test,Sí,30/11/2025,22:00:00,01/12/2025,06:00:00,08:00:00,"8,00","20,00"',
            ("Ana", "C", "P", "t", "20.00 EUR"),
        ),
        (
            (
                "Projet,Client,Description,Tâche,Utilisateur,E-mail,Facturable,Date de début,Heure de début,"
                "Date de fin,Heure de fin,Durée (h),Durée (décimale),Taux facturable (EUR)"
            ),
            'P,C,d,t,Ana,a@b.test,Oui,30/11/2025,22:00:00,01/12/2025,06:00:00,08:00:00,"8,00","20,00"',
            ("Ana", "C", "P", "t", "20.00 EUR"),
        ),
        (
            (
                "Projeto,Cliente,Descrição,Tarefa,Usuário,E-mail,Faturável,Data de início,Hora de início,"
                "Data de término,Hora de término,Duração (h),Duração (decimal),Taxa faturável (BRL)"
            ),
            'P,C,d,t,Ana,a@b.test,Sim,30/11/2025,22:00:00,01/12/2025,06:00:00,08:00:00,"8,00","20,00"',
            ("Ana", "C", "P", "t", "20.00 BRL"),
        ),
        (
            "Description,Billable,Duration,Member,Email,Project,Start date,Start time,Stop date,Stop time,Client,Task",
            "d,No,8:00:00,Ana,a@b.test,P,2025-11-30,22:00:00,2025-12-01,06:00:00,C,t",
            ("Ana", "C", "P", "t", " "),
        ),
        (
            "Datum,Von,Bis,Dauer,Mitarbeiter,Kunde,Projekt,Tätigkeit,Beschreibung,Exportiert",
            "30.11.2025,22:00,06:00,8:00,Ana,C,P,t,d,0",
            ("Ana", "C", "P", "t", " "),
        ),
        (
            "Empleado,Cliente,Obra,Puesto,Fecha,Entrada,Salida",
            "Ana,C,P,t,30/11/2025,22:00,06:00",
            ("Ana", "C", "P", "t", " "),
        ),
    ],
)
def test_headings_of_other_languages_and_versions(head: str, cells: str, expected: tuple[str, ...]) -> None:
    (row,) = read(f"{head}\n{cells}\n")
    assert isinstance(row, ReadEntry)
    assert (row.worker, row.customer, row.project, row.task, f"{row.rate} {row.currency}") == expected
    assert hours_of(row) == NIGHT
