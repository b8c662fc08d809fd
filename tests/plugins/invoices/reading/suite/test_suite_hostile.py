"""Hostile files are refused in words, within seconds of the processor, and the memory stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.plugins.invoices.reading.suite.hostile import ATTACKS

SECONDS = 8.0
MEGABYTES = 250
ROOT = Path(__file__).parents[5]


def test_every_attack_is_refused_in_words_cheaply() -> None:
    program = [sys.executable, "-m", "tests.plugins.invoices.reading.suite.hostile"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    assert {name: said for name, (said, _, _) in found.items() if said not in ATTACKS[name][0].split("|")} == {}
    assert {name: spent for name, (_, spent, _) in found.items() if spent > SECONDS} == {}
    assert {name: grown for name, (_, _, grown) in found.items() if grown > MEGABYTES} == {}
    assert set(found) == set(ATTACKS)
