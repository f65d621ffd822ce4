"""Random small districts, reckoned by duties/ and by a second reading of scoring.md: equal to the last digit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duties.asks import AwardAsk, OutstandingAsk, ScoreAsk
from duties.reckoning import Reckoning
from tests.domain.duties.oracle import Oracle
from tests.domain.duties.reckoned_districts import reckoned
from tests.domain.duties.small_districts import some_facts

DAYS = [date(2022, 10, 20), date(2022, 12, 31), date(2023, 1, 20), date(2023, 7, 12), date(2024, 2, 5)]
WINDOWS = ["2022-11", "2022-Q4", "2023-Q1", "2023-12", "2022-autumn", "2023-spring", "2023-autumn", "2022", "2023"]
SCORES = [ScoreAsk(name, day.toordinal()) for name in WINDOWS for day in DAYS]
AWARDS = [AwardAsk(2022), AwardAsk(2023)]
OPEN = [OutstandingAsk(day.toordinal()) for day in DAYS]


def assert_same(seed: int, known_at: int | None) -> None:
    facts = some_facts(seed)
    oracle = Oracle(facts, known_at)
    reckoning = reckoned(facts, [*SCORES, *AWARDS, *OPEN], known_at)
    for ask in SCORES:
        assert_same_scores(reckoning, oracle, ask)
    for year in AWARDS:
        assert_same_awards(reckoning, oracle, year)
    for day in OPEN:
        result = [
            (item.duty, item.period, item.unit_id, item.person_id, date.fromordinal(item.due), *item[6:])
            for item in reckoning.outstanding(day)
        ]
        assert result == oracle.outstanding(date.fromordinal(day.as_of))


def assert_same_scores(reckoning: Reckoning, oracle: Oracle, ask: ScoreAsk) -> None:
    result = [
        {
            "unit": item.unit_id,
            "base": item.base,
            "sheet": item.sheet,
            "deduction": item.deduction,
            "score": item.score,
            "completion": item.completion,
            "on_time": item.on_time,
            "evidence": item.evidence,
            "rank": item.rank,
        }
        for item in reckoning.scores(ask)
    ]
    assert result == oracle.scores(ask.window, date.fromordinal(ask.as_of))


def assert_same_awards(reckoning: Reckoning, oracle: Oracle, ask: AwardAsk) -> None:
    units = [
        (pool.pool, pool.seats, item.candidate.unit_id, item.status, item.position)
        for pool in reckoning.commended(ask)
        for item in pool.placed
        if item.status != "reserve"
    ]
    assert units == oracle.commended(ask.year)
    persons = [
        (individual.unit_id, individual.person_id, individual.points, individual.status)
        for individual in reckoning.individuals(ask)
        if individual.status != "reserve"
    ]
    assert persons == oracle.individuals(ask.year)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([None, 0, 30, 50, 99]))
def test_random_districts_agree(seed: int, known_at: int | None) -> None:
    assert_same(seed, known_at)


@pytest.mark.parametrize("seed", range(12))
def test_fixed_districts_agree(seed: int) -> None:
    assert_same(seed, None)
