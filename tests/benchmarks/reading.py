"""
How fast e-invoices are read, and in how much memory.

    PORTICO_CORPUS=folder uv run python -m tests.benchmarks reading [--files 2000]

Three figures, each of its own process, so that its peak memory is its own: every file of PORTICO_CORPUS, read and
checked; one PDF of 20 MB with an e-invoice in it; a folder of generated files through `portico import invoices`, with
all that belongs to it (files kept, customers made, invoices published, the log written), on SQLite.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from plugins.invoices.demo_files import DemoInvoice, DemoLine, DemoParty, as_ubl
from plugins.invoices.reading import ReadingError, check_sums, read_invoices
from tests.benchmarks.servers import PORTAL, ROOT
from tests.plugins.invoices.reading.builders import cii, pdf

SUFFIXES = frozenset({".xml", ".pdf", ".xsig"})
BIG = 20 * 1024 * 1024
BUYERS = 20
_SELLER = DemoParty(name="Obrador Temporal SL", tax_id="ESB12345674", city="Madrid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a process did: files, how many of them were taken in, seconds, and its peak memory in MiB."""

    files: int
    taken: int
    seconds: float
    peak: float
    before: float = 0.0
    """Peak memory before the first file: the interpreter and the readers."""

    @property
    def rate(self) -> float:
        """Files per second."""
        return self.files / self.seconds


def files_below(folder: Path) -> list[Path]:
    """Return what could be an invoice."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)


def read(paths: list[Path]) -> Figures:
    """Read files in this process."""
    before = peak_memory()
    began = time.perf_counter()
    taken = 0
    for path in paths:
        try:
            for found in read_invoices(path.read_bytes(), name=path.name):
                check_sums(found)
                taken += 1
        except ReadingError:
            continue
    seconds = time.perf_counter() - began
    return Figures(files=len(paths), taken=taken, seconds=seconds, peak=peak_memory(), before=before)


def peak_memory(process: int | str = "self") -> float:
    """Most memory of a process so far, in MiB; getrusage would count what it had in common with its parent."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # another system, or it has ended
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 if process == "self" else 0.0
    said = status.partition("VmHWM:")[2].split()
    return int(said[0]) / 1024 if said else 0.0


def read_apart(folder: Path) -> Figures:
    """Read a folder in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reading", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return Figures(**json.loads(done.stdout))


def write_big(folder: Path) -> Path:
    """Write a PDF of 20 MB: an e-invoice beside an attachment that cannot be packed."""
    path = folder / "big.pdf"
    path.write_bytes(pdf({"factur-x.xml": cii(), "plan.bin": os.urandom(BIG)}))
    return path


def write_many(folder: Path, number: int) -> None:
    """Write so many different invoices for a few companies."""
    for place in range(number):
        buyer = DemoParty(name=f"Cliente {place % BUYERS:02} SL", city="Madrid")
        issued = date(2026, 1, 1) + timedelta(days=place % 300)
        line = DemoLine(name="Consulting", quantity="10", unit="HUR", price=f"{100 + place % 50}.00")
        made = DemoInvoice(
            number=f"F-{place:05}",
            seller=_SELLER,
            buyer=buyer,
            issued_on=issued,
            due_on=issued + timedelta(days=30),
            lines=(line, line, line),
            iban="ES9121000418450200051332",
        )
        (folder / f"f-{place:05}.xml").write_bytes(as_ubl(made))


def import_folder(folder: Path, *, tenant: str, environment: Mapping[str, str], files: int) -> Figures:
    """
    Take a folder in with the command.

    Raises:
        AssertionError: it refused something; what it said is in the text.

    """
    command = ["-c", PORTAL, "import", "invoices", "--tenant", tenant, "--create-customers", str(folder)]
    log = folder.with_suffix(".log")
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.05)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise AssertionError(log.read_text(errors="replace")[-2_000:])
    return Figures(files=files, taken=files, seconds=seconds, peak=peak)


def line(name: str, found: Figures) -> str:
    """Return a figure for people."""
    return (
        f"{name:28} {found.files:6} files {found.taken:6} invoices {found.seconds:8.2f} s {found.rate:8.1f} files/s "
        f"{found.peak:6.0f} MiB at most" + (f" ({found.before:.0f} before the first)" if found.before else "")
    )


def main(arguments: list[str]) -> None:
    """Read a folder and print its figures as JSON."""
    print(json.dumps(asdict(read(files_below(Path(arguments[0]))))))  # noqa: T201 -- read by the process that started it


if __name__ == "__main__":
    main(sys.argv[1:])
