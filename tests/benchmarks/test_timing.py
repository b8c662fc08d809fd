"""The test behind `python -m tests.benchmarks timing`."""

from __future__ import annotations

import random

import pytest

from tests.benchmarks.timing import Compared, same_source


@pytest.mark.parametrize(("shift", "alike"), [(0.0, True), (1.0, False)])
def test_two_series_are_told_apart(shift: float, alike: bool) -> None:
    chance = random.Random(7)
    one, two = ([chance.gauss(5 + by, 1) for _ in range(300)] for by in (0.0, shift))
    assert (same_source(one, two) > 0.01) == alike
    assert same_source(one, one) == 1.0


def test_alike_means_near_and_of_one_source() -> None:
    assert Compared(path="/", known=5.0, unknown=6.9, p=0.2).alike
    assert not Compared(path="/", known=5.0, unknown=7.1, p=0.2).alike
    assert not Compared(path="/", known=5.0, unknown=5.0, p=0.001).alike
