"""No sequence of what staff of two tenants, a person and an attacker do gives anybody what is another's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from core.accounts import hashing
from core.bootstrap import migrate_all
from core.registry import registry
from core.tenancy.snapshot import forget_snapshots
from tests.accounts.people_later import machine
from tests.accounts.people_model import Place
from tests.db_fixtures import Databases
from tests.portal_fixtures import set_up_once, settings_for_tests

EXAMPLES = {"sqlite": 15, "postgres": 5}
STEPS = 40


def test_nobody_gets_what_is_anothers(
    dialect: str, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--hypothesis-profile=search` looks long, at other sequences."""
    set_up_once(settings_for_tests(tmp_path))
    monkeypatch.setattr(hashing, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    deep = settings.default.max_examples > 100
    chosen = settings(
        deadline=None,
        max_examples=settings.default.max_examples if deep else EXAMPLES[dialect],
        stateful_step_count=60 if deep else STEPS,
        derandomize=not deep,
        print_blob=True,
    )

    with asyncio.Runner() as runner:
        database = databases.open(dialect, key="machine", prepare=lambda made: migrate_all(made, registry()))
        runner.run(database.__aenter__())
        forget_snapshots()
        try:
            run_state_machine_as_test(machine(Place(runner)), settings=chosen)
        finally:
            runner.run(database.__aexit__(None, None, None))
