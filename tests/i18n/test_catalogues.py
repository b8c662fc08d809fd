"""The real catalogues are complete and right; `portico i18n check` says the same in a terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli.i18n import commands
from core.i18n import upkeep
from core.i18n.extraction import extract, find_sources
from core.i18n.po import read_po, write_po

SOURCES = find_sources()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.domain)
def test_every_text_is_translated(source: upkeep.Source) -> None:
    assert [str(problem) for problem in upkeep.check([source])] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.domain)
@pytest.mark.parametrize("language", upkeep.TRANSLATED)
def test_catalogues_are_as_update_writes_them(source: upkeep.Source, language: str) -> None:
    path = source.catalogue(language)
    text = path.read_text("utf-8") if path.is_file() else ""
    assert text == (write_po(read_po(text), language=language) if text else "")


def test_core_has_texts() -> None:
    assert len(extract(SOURCES[0]).messages) > 100


def test_no_catalogue_without_a_domain() -> None:
    known = {source.catalogue(language) for source in SOURCES for language in upkeep.TRANSLATED}
    locales = SOURCES[0].locales
    assert sorted(set(locales.rglob("*.po")) - known) == []


def test_extract_command() -> None:
    result = CliRunner().invoke(commands, ["extract"])
    assert result.exit_code == 0
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [source.domain for source in SOURCES]


def test_missing_command_prints_json() -> None:
    result = CliRunner().invoke(commands, ["missing", "--language", "pt_PT"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, {})


def test_commands_refuse_an_unknown_language(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    for arguments in (["missing", "--language", "de"], ["fill", "--language", "de", str(tmp_path / "x.json")]):
        result = CliRunner().invoke(commands, arguments)
        assert (result.exit_code, result.stderr) == (1, "no language 'de'; there are es, fr, pt, pt_PT\n")


def test_fill_command_refuses_what_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    result = CliRunner().invoke(commands, ["fill", "--language", "es", str(tmp_path / "x.json")])
    assert result.exit_code == 1
    assert "Expecting property name" in result.stderr
