"""Rows that the demo does not make, for tests that need something in every table."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from core.clock import now
from core.db import fetch
from core.people.tables import Customer, Project
from core.records.base import beyond_reach
from core.sdk import Translator, imports
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from plugins.timesheets.importing import Wanted
from plugins.timesheets.services import KIND, JobDetails, NewEntry, Values, add_entry, add_job, undertaking_of
from plugins.timesheets.services.placing import worker_named
from plugins.timesheets.tables import (
    Approval,
    ColumnPlan,
    Correction,
    Deputy,
    Entry,
    Intake,
    KnownName,
    RefusedRow,
    Reminder,
    Reopened,
    Revision,
    Task,
)
from plugins.timesheets.values import Said

_PEOPLE = "SELECT person FROM membership WHERE tenant = {} AND customer = {} ORDER BY id"
DAY = date(2026, 5, 4)


async def fill(customer: Customer) -> None:
    """Give a customer something in every table of the module."""
    name = customer.name
    person = as_uuid((await fetch(_PEOPLE, current_tenant_id(), customer.id))[0]["person"])
    project = await Project.objects().where(Project.customer == customer.id).first()
    assert project is not None
    worker = await worker_named(name=f"Worker of {name}")
    await add_job(
        details=JobDetails(
            customer=customer.id,
            worker=worker,
            worker_name=name,
            title=f"Job at {name}",
            starts_on=DAY,
            project=project.id,
        )
    )
    sheet = await undertaking_of(project=project.id, customer=customer.id, name=project.name)
    await Task.insert(Task(undertaking=sheet, title=f"Task of {name}"))
    entries = []
    for number in range(2):
        made = await add_entry(
            entry=NewEntry(
                customer=customer.id,
                worker=worker,
                worker_name=name,
                day=DAY + timedelta(days=number),
                values=Values(worked_seconds=3600),
                project=project.id,
                note=f"Note of {name}",
                source="list",
                external_id=f"{customer.id}-{number}",
            )
        )
        assert made is not None
        entries.append(made.id)
    approval = Approval(
        customer=customer.id,
        addressee=person,
        published_at=now(),
        by_name=f"Approver of {name}",
        entries=1,
        seconds=3600,
        digest="0",
        first_day=DAY,
        last_day=DAY,
    )
    await Approval.insert(approval)
    with beyond_reach("tests: nobody is signed in"):
        await Entry.update({Entry.state: "approved", Entry.approval: approval.id}).where(Entry.id == entries[0])
    await Revision.insert(Revision(entry=entries[1], version=1, before="{}", explanation=f"Reason of {name}"))
    said = Said(version=2, day=DAY, worker=name, task=f"Task of {name}", kind="regular")
    await Reopened.insert(
        Reopened(
            approval=approval.id,
            entry=entries[1],
            worked_seconds=3600,
            said=msgspec.json.encode(said).decode(),
            explanation=f"Opened at {name}",
        )
    )
    await Correction.insert(Correction(entry=entries[1], entry_version=1, explanation=f"Wrong at {name}", by=person))
    async with imports.running(kind=KIND, way="page") as run:
        text = f"Employee,Customer,Date,Hours\nAda,{name},2026-05-04,1\n"
        content = text.encode()
        problem = await imports.quarantine(run=run, place=f"{name}.csv", reason="preview", data={}, content=content)
    wanted = Wanted(columns={}, head=["Employee"], zone="UTC")
    intake = Intake(problem=problem, name=f"{name}.csv", wanted=msgspec.json.encode(wanted).decode(), state="done")
    await Intake.insert(intake)
    await RefusedRow.insert(
        RefusedRow(
            intake=intake.id,
            line=2,
            reason=imports.keep_text(Translator("timesheets")(f"Refused at {name}")),
            cells=msgspec.json.encode([name]).decode(),
        )
    )
    await Deputy.insert(Deputy(person=person, deputy=person, first_day=DAY, last_day=DAY))
    await Reminder.insert(Reminder(customer=customer.id, week=202619, step="first", person=person))
    await KnownName.insert(KnownName(kind="customer", name_folded=f"{name} as lists write it", customer=customer.id))
    await ColumnPlan.insert(ColumnPlan(signature=f"{customer.id}", columns="{}"))
