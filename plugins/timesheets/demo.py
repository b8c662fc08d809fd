"""Demo data: weeks of registered work in every state, jobs, projects with tasks. All through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sdk import Customer, Reach, beyond_reach, imports, load, now
from plugins.timesheets.importing import PREVIEW, Wanted, begin_intake, plan_for, take_now
from plugins.timesheets.permissions import APPROVE, MANAGE
from plugins.timesheets.reading import read_grid
from plugins.timesheets.services import (
    KIND,
    JobDetails,
    NewEntry,
    TaskDetails,
    Values,
    add_entry,
    add_job,
    add_task,
    approve_entries,
    change_undertaking,
    correct_entry,
    dispute_entry,
    invoice_entries,
    undertaking_of,
)
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.states import EntryKind, EntryState, JobState, TaskState
from plugins.timesheets.tables import Entry

if TYPE_CHECKING:
    from core.sdk import Actor

_WEEKS = 6
_MOST_CUSTOMERS = 2
_DAYS = 5


@dataclass(frozen=True, slots=True)
class _Words:
    workers: tuple[str, ...]
    work: tuple[str, ...]
    jobs: tuple[str, ...]
    tasks: tuple[str, ...]
    wrong: str
    right: str
    place: str


_WORDS = {
    "es": _Words(
        ("Lucía Romero", "Andrés Gil", "Fátima Benali", "Óscar Peña"),
        ("Montaje", "Carga y descarga", "Control de calidad", "Inventario"),
        ("Operario de montaje", "Mozo de almacén", "Técnica de calidad", "Carretillero"),
        ("Puesta en marcha", "Formación del equipo", "Turno de tarde", "Cierre y entrega"),
        "Ese día salió a las 16:00, no a las 16:30.",
        "Corregido según el parte del encargado.",
        "Nave 2",
    ),
    "fr": _Words(
        ("Élise Garnier", "Karim Haddad", "Solène Petit", "Théo Marchand"),
        ("Traduction", "Relecture", "Mise en page", "Terminologie"),
        ("Traductrice", "Relecteur", "Cheffe de projet", "Graphiste"),
        ("Lancement", "Glossaire", "Relecture finale", "Livraison"),
        "Ce jour-là, la relecture s'est arrêtée à 16 h.",
        "Corrigé d'après le relevé.",
        "À distance",
    ),
    "pt": _Words(
        ("Marina Duarte", "Caio Ferreira", "Renata Lopes", "Thiago Moura"),
        ("Conciliação", "Folha de pagamento", "Fechamento do mês", "Atendimento"),
        ("Analista contábil", "Assistente", "Consultora", "Auxiliar"),
        ("Abertura", "Documentos", "Conferência", "Entrega"),
        "Nesse dia o trabalho terminou às 16h.",
        "Corrigido conforme o registro.",
        "Escritório",
    ),
}


async def fill() -> None:
    """Fill the tenant in scope; run again it changes nothing."""
    tenant = await imports.tenant()
    with beyond_reach("demo: whether it is filled already"):
        if await Entry.exists():
            return
    words = _WORDS.get(tenant.language.partition("_")[0], _WORDS["es"])
    today = tenant.today()
    some = await Customer.objects().order_by(Customer.id).limit(_MOST_CUSTOMERS)
    for place, customer in enumerate(some):
        await _customer(customer, place, words, today, tenant.zone)
    if some and (staff := await _member_of_staff()) is not None:
        with imports.as_actor(staff):
            await _waiting_list(some[0], words, today)
            await _taken_list(some[0], words, today, staff)


async def _waiting_list(customer: Customer, words: _Words, today: date) -> None:
    """Leave a list that has been uploaded and not been taken in: one customer is known by its name, one is not."""
    day = today - timedelta(days=today.weekday() + 7)
    lines = ["User,Client,Project,Description,Start date,Start time,End date,End time,Duration"]
    for number, (name, unknown) in enumerate(zip(words.workers, (False, False, True, True), strict=True)):
        on = (day + timedelta(days=number)).isoformat()
        whose = f"{customer.name} 2" if unknown else customer.name
        lines.append(f'{name},"{whose}",,{words.work[number]},{on},09:00:00,{on},13:30:00,04:30:00')
    async with imports.running(kind=KIND, way="page") as run:
        content = "\n".join(lines).encode()
        await imports.quarantine(run=run, place=f"toggl-{day:%G-W%V}.csv", reason=PREVIEW, data={}, content=content)


async def _taken_list(customer: Customer, words: _Words, today: date, staff: Actor) -> None:
    """Take a list in of which one row is refused."""
    day = today - timedelta(days=today.weekday() + 14)
    lines = [
        "User,Client,Project,Description,Start date,Start time,End date,End time,Duration",
        f'{words.workers[0]},"{customer.name}",,{words.work[0]},{day.isoformat()},18:00:00,{day.isoformat()},19:30:00,',
        f'{words.workers[1]},"{customer.name}",,{words.work[1]},{day.isoformat()},18:00:00,{day.isoformat()},25:10:00,',
    ]
    content = "\n".join(lines).encode()
    async with imports.running(kind=KIND, way="page") as run:
        kept = await imports.quarantine(
            run=run, place=f"toggl-{day:%G-W%V}.csv", reason=PREVIEW, data={}, content=content
        )
    grid = read_grid(content)
    plan = await plan_for(grid)
    wanted = Wanted(columns=dict(plan.columns), head=list(grid.columns), zone=str(staff.tenant.zone), order="ymd")
    problem = await imports.load_problem(kept, kind=KIND)
    await take_now(await begin_intake(problem=problem, wanted=wanted, by=staff, later=False), by=staff)


async def _customer(customer: Customer, place: int, words: _Words, today: date, zone: Any) -> None:
    projects = await _projects(customer, words, today)
    if not projects:
        return
    workers = [(await worker_named(name=name), name) for name in words.workers[place * 2 : place * 2 + 2]]
    for number, (worker, name) in enumerate(workers):
        await add_job(
            details=JobDetails(
                customer=customer.id,
                worker=worker,
                worker_name=name,
                title=words.jobs[place * 2 + number],
                starts_on=today - timedelta(days=90 + 10 * number),
                ends_on=None if number == 0 else today + timedelta(days=20),
                project=projects[number % len(projects)],
                place=words.place,
                planned_seconds=40 * 3600 if number == 0 else 20 * 3600,
                state=JobState.ACTIVE,
            )
        )
    monday = today - timedelta(days=today.weekday(), weeks=_WEEKS - 1)
    made: list[tuple[date, UUID]] = []
    for week in range(_WEEKS):
        for weekday in range(_DAYS):
            day = monday + timedelta(weeks=week, days=weekday)
            if day > today:
                continue
            for number, (worker, name) in enumerate(workers):
                if number and weekday in {1, 3}:
                    continue
                entry = _entry(customer, worker, name, day, projects[number % len(projects)], words, zone, number)
                stored = await add_entry(
                    entry=entry, state=EntryState.DRAFT if day == today else EntryState.FOR_APPROVAL
                )
                if stored is not None and day != today:
                    made.append((day, stored.id))
    await _decide(customer, made, words, today)


def _entry(  # noqa: PLR0917 -- what an entry of the demo needs
    customer: Customer, worker: UUID, name: str, day: date, project: UUID, words: _Words, zone: Any, number: int
) -> NewEntry:
    start = time(8, 0) if number == 0 else time(14, 0)
    hours = timedelta(hours=8, minutes=30) if number == 0 else timedelta(hours=5)
    overtime = number == 0 and day.weekday() == 4
    begins = datetime.combine(day, start, tzinfo=zone).astimezone(UTC)
    return NewEntry(
        customer=customer.id,
        worker=worker,
        worker_name=name,
        day=day,
        values=Values(
            starts_at=begins,
            ends_at=begins + hours + timedelta(hours=1 if overtime else 0),
            break_seconds=1800 if number == 0 else 900,
        ),
        project=project,
        task=words.work[(day.toordinal() + number) % len(words.work)],
        kind=EntryKind.OVERTIME if overtime else EntryKind.REGULAR,
        rate="24.50",
        currency="EUR",
        source="demo",
        external_id=f"{customer.id}:{name}:{day.isoformat()}",
    )


async def _decide(customer: Customer, made: list[tuple[date, UUID]], words: _Words, today: date) -> None:
    """Approve and invoice what is old, dispute and correct some of the rest, as a contact and staff would."""
    contact, staff = await _somebody_who(APPROVE, customer.id), await _member_of_staff()
    if contact is None or staff is None:
        return
    monday = today - timedelta(days=today.weekday())
    old = [id for day, id in made if day < monday - timedelta(weeks=2)]
    older = [id for day, id in made if day < monday - timedelta(weeks=3)]
    with imports.as_actor(contact):
        await approve_entries(entries=old, shown_at=now(), by=contact, reference="PO-4711")
    with imports.as_actor(staff):
        await invoice_entries(entries=older, number="F-2026-101", by=staff)
    disputed = [id for day, id in made if day >= monday - timedelta(weeks=2)][:3:2]
    for place, id in enumerate(disputed):
        row = await _entry_of(id, contact)
        proposed = replace_end(row, minutes=30)
        with imports.as_actor(contact):
            await dispute_entry(entry=id, version=row.version, reason=words.wrong, by=contact, proposed=proposed)
        if place:
            with imports.as_actor(staff):
                await correct_entry(entry=id, version=row.version + 1, values=proposed, reason=words.right, by=staff)


async def _entry_of(id: UUID, contact: Actor) -> Entry:
    return await load(contact, Entry, id)


def replace_end(row: Entry, *, minutes: int) -> Values:
    """Return what an entry would say had it ended some minutes earlier."""
    return Values(
        starts_at=row.starts_at,
        ends_at=row.ends_at - timedelta(minutes=minutes),
        break_seconds=row.break_seconds,
    )


async def _somebody_who(permission: str, customer: UUID) -> Actor | None:
    for person in await imports.people_who(permission, customer=customer):
        found = await imports.as_person(person)
        if found is not None and found.reach(permission, customer) in {Reach.COMPANY, Reach.GROUP}:
            return found
    return None


async def _member_of_staff() -> Actor | None:
    for person in await imports.staff_who(MANAGE):
        found = await imports.as_person(person)
        if found is not None:
            return found
    return None


async def _projects(customer: Customer, words: _Words, today: date) -> list[UUID]:
    """Give each project a sheet; the first one a budget and a tree of tasks."""
    projects = [(UUID(project), name) for project, name in await imports.projects_of(customer.id)]
    staff = await _member_of_staff()
    for place, (project, name) in enumerate(projects):
        sheet = await undertaking_of(project=project, customer=customer.id, name=name)
        if place or staff is None:
            continue
        with imports.as_actor(staff):
            await change_undertaking(
                undertaking=sheet, version=1, budget_seconds=320 * 3600, customer_adds_tasks=True, by=staff
            )
            above: UUID | None = None
            for number, (title, state, progress) in enumerate(zip(words.tasks, _STATES, _PROGRESS, strict=True)):
                made = await add_task(
                    undertaking=sheet,
                    details=TaskDetails(
                        title=title,
                        parent=above if number in {1, 2} else None,
                        state=state,
                        progress=progress,
                        starts_on=today - timedelta(days=40 - 10 * number),
                        ends_on=today + timedelta(days=10 * number),
                    ),
                    by=staff,
                )
                above = above or made
    return [project for project, _name in projects]


_STATES = (TaskState.IN_PROGRESS, TaskState.DONE, TaskState.IN_PROGRESS, TaskState.OPEN)
_PROGRESS = (60, 100, 40, 0)
