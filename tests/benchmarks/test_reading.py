"""A short run of the figures for reading, with bounds that only a regression passes; in full: see `reading`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

pytest.importorskip("plugins.invoices", reason="the module of invoices is not installed")

from tests.benchmarks import reading
from tests.benchmarks.data import Size, environment_of, fill, settings_at

FILES = 60


@pytest.mark.long
def test_a_pdf_of_20_mb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    reading.write_big(tmp_path)
    found = reading.read_apart(tmp_path)
    assert (found.files, found.taken) == (1, 1)
    assert found.peak - found.before < 6 * reading.BIG / 2**20, reading.line("20 MB", found)
    assert found.seconds < 10, reading.line("20 MB", found)


@pytest.mark.skipif("PORTICO_CORPUS" not in os.environ, reason="PORTICO_CORPUS names no folder of real invoices")
def test_real_files_are_read_quickly_in_little_memory() -> None:
    found = reading.read_apart(Path(os.environ["PORTICO_CORPUS"]))
    assert found.taken > 0
    assert found.rate > 2, reading.line("corpus", found)
    assert found.peak - found.before < 200, reading.line("corpus", found)


@pytest.mark.long
async def test_a_folder_is_taken_in(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    reading.write_many(folder, FILES)
    settings = settings_at(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite'}")
    await fill(settings, Size(tenants=1, customers=0))
    found = await asyncio.to_thread(
        reading.import_folder, folder, tenant="tenant0", environment=environment_of(settings), files=FILES
    )
    assert found.rate > 2, reading.line("import", found)
    assert found.peak < 400, reading.line("import", found)
