"""`portico import KIND --tenant NAME FILE…`: what modules can read, with a progress bar and a summary."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.cli.base import console, for_tenant, run
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.messages.worker import drain
from core.registry import registry
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from core.contributions import Importer, ImportResult
    from core.db import Database
    from core.registry import Registry
    from core.tenancy.tables import Tenant

_ = Translator("core")


def files_below(paths: list[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """Return the files among *paths* and, sorted, those in their folders whose suffix fits."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (each for each in sorted(path.rglob("*")) if each.is_file() and not each.name.startswith("."))
            found += [each for each in inside if not suffixes or each.suffix.lower() in suffixes]
        else:
            found.append(path)
    return found


async def _read(importer: Importer, files: list[Path], options: dict[str, Any]) -> list[ImportResult]:
    results: list[ImportResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(str(importer.label), total=None)
        async for result in importer.run(files=files, **options):
            results.append(result)
            progress.update(task, advance=1, total=max(len(files), len(results)))
        progress.update(task, total=len(results))
    return results


def _options(importer: Importer, said: list[str], *, create_customers: bool) -> dict[str, Any]:
    """
    Return what an importer is told beside the files.

    Raises:
        InvalidInputError: an option that it does not have.

    """
    found: dict[str, Any] = {"create_customers": create_customers} if "create_customers" in importer.options else {}
    for each in said:
        name, _sign, value = each.partition("=")
        if name not in importer.options or name in found:
            known = "; ".join(f"{key}: {text}" for key, text in importer.options.items() if key not in found)
            said_so = _("There is no option “{name}” here. Known: {known}.")
            raise InvalidInputError(said_so.format(name=name, known=known))
        found[name] = value
    return found


def import_kind(
    kind: Annotated[str, typer.Argument(help="What to read: invoices, people, …")],
    files: Annotated[list[Path], typer.Argument(help="Files and folders.", exists=True)],
    tenant: Annotated[str, typer.Option(help="Portal name of the tenant.")],
    create_customers: Annotated[  # noqa: FBT002 -- typer takes options as parameters
        bool, typer.Option("--create-customers", help="Make customers that are named and not known yet.")
    ] = False,
    option: Annotated[
        list[str] | None, typer.Option("--option", help="name=value, for what this kind of list needs said.")
    ] = None,
) -> None:
    """Read files into a tenant's portal. What cannot be taken in is listed with its reason."""

    async def work(_database: Database, _registry: Registry) -> list[ImportResult]:
        owned = registry().importers.get(kind)
        if owned is None:
            known = ", ".join(registry().importers)
            raise NotFoundError(_("Nothing can read “{kind}”. Known: {known}.").format(kind=kind, known=known))

        async def inside(found: Tenant) -> list[ImportResult]:
            snapshot = await load_snapshot(found.id)
            if owned.owner != "core" and owned.owner not in snapshot.modules():
                raise NotFoundError(
                    _("The module “{module}” is not switched on for {tenant}.").format(
                        module=owned.owner, tenant=tenant
                    )
                )
            options = _options(owned.item, option or [], create_customers=create_customers)
            return await _read(owned.item, files_below(files, owned.item.suffixes), options)

        results = await for_tenant(tenant, inside)
        await drain()
        return results

    results = run(work)
    counts = Counter(result.outcome for result in results)
    for result in results:
        if result.outcome in {"refused", "quarantined"}:
            reasons = " ".join(str(reason) for reason in (result.reason, *result.also) if reason)
            console.print(f"  {result.outcome}: {result.place}: {reasons}", highlight=False, markup=False)
    warnings = Counter(str(result.reason) for result in results if result.outcome == "created" and result.reason)
    for warning, number in warnings.items():
        console.print(f"  {number} created: {warning}", highlight=False, markup=False)
    console.print(", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "Nothing to read.")
    if counts["refused"] or counts["quarantined"]:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_kind)
