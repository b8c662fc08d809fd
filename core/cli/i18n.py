"""`portico i18n …`: upkeep of the catalogues, for developers and translators."""

import json
from pathlib import Path
from typing import Annotated

import typer

from core.i18n import LANGUAGES, upkeep
from core.i18n.extraction import ExtractionError, extract, find_sources
from core.i18n.po import CatalogueError

commands = typer.Typer(no_args_is_help=True, help="Texts and their translations.")

Language = Annotated[str, typer.Option(help="es, fr, pt or pt_PT")]


def _stop(why: object) -> typer.Exit:
    typer.echo(str(why), err=True)
    return typer.Exit(1)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise _stop(f"no language {language!r}; there are {', '.join(upkeep.TRANSLATED)}")
    return language


@commands.command("extract")
def extract_texts() -> None:
    """List how many texts each domain has; nothing is written."""
    try:
        for source in find_sources():
            typer.echo(f"{source.domain}: {len(extract(source).messages)}")
    except ExtractionError as error:
        raise _stop(error) from error


@commands.command("update")
def update_catalogues() -> None:
    """Bring the catalogues up to the source; translations are kept, vanished texts dropped."""
    try:
        changed = upkeep.update()
    except (ExtractionError, CatalogueError) as error:
        raise _stop(error) from error
    for path in changed:
        typer.echo(f"changed {path}")
    typer.echo("up to date" if not changed else f"{len(changed)} changed")


@commands.command("check")
def check_catalogues() -> None:
    """Say what is missing, empty, fuzzy, obsolete or wrong; ends with 1 if anything is."""
    try:
        problems = upkeep.check()
    except (ExtractionError, CatalogueError) as error:
        raise _stop(error) from error
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        raise _stop(f"{len(problems)} problems")
    typer.echo("all texts are translated")


@commands.command("missing")
def missing_texts(language: Language) -> None:
    """Print the texts without a translation as JSON: {domain: [text or [singular, plural]]}."""
    try:
        typer.echo(json.dumps(upkeep.missing(_known(language)), ensure_ascii=False, indent=1))
    except (ExtractionError, CatalogueError) as error:
        raise _stop(error) from error


@commands.command("fill")
def fill_texts(language: Language, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put translations from a JSON file into the catalogues: {domain: {text: translation or [one, other]}}."""
    try:
        written, refused = upkeep.fill(_known(language), json.loads(file.read_text("utf-8")))
    except (ExtractionError, CatalogueError, json.JSONDecodeError) as error:
        raise _stop(error) from error
    for problem in refused:
        typer.echo(str(problem), err=True)
    typer.echo(f"{written} written")
    if refused:
        raise typer.Exit(1)


if __name__ == "__main__":
    commands()
