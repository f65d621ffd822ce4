"""Whoever waits for a service looks soon, then less and less often."""

from __future__ import annotations

from itertools import islice

import pytest

from cli.pauses import growing


def test_pauses_grow_to_the_longest_and_stay_there() -> None:
    pauses = list(islice(growing(0.5), 8))
    assert pauses[0] == pytest.approx(0.1) and pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(0.5) and pauses[-2] == pytest.approx(0.5)


def test_none_is_longer_than_the_longest() -> None:
    assert list(islice(growing(0.05), 3)) == [0.05, 0.05, 0.05]
