"""Random small districts, calculated by duties/ and by a second reading of scoring.md: equal to the last digit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from tests.domain.duties.calculated_districts import calculated
from tests.domain.duties.oracle import Oracle
from tests.domain.duties.small_districts import some_facts

DAYS = [date(2022, 10, 20), date(2022, 12, 31), date(2023, 1, 20), date(2023, 7, 12), date(2024, 2, 5)]
WINDOWS = ["2022-11", "2022-Q4", "2023-Q1", "2023-12", "2022-autumn", "2023-spring", "2023-autumn", "2022", "2023"]
SCORES = [ScoreRequest(name, day.toordinal()) for name in WINDOWS for day in DAYS]
AWARDS = [AwardRequest(2022), AwardRequest(2023)]
OPEN = [OutstandingRequest(day.toordinal()) for day in DAYS]


def assert_same(seed: int, known_at: int | None) -> None:
    facts = some_facts(seed)
    oracle = Oracle(facts, known_at)
    calculation = calculated(facts, [*SCORES, *AWARDS, *OPEN], known_at)
    for request in SCORES:
        assert_same_scores(calculation, oracle, request)
    for year in AWARDS:
        assert_same_awards(calculation, oracle, year)
    for day in OPEN:
        result = [
            (item.duty, item.period, item.unit_id, item.person_id, date.fromordinal(item.due), *item[6:])
            for item in calculation.outstanding(day)
        ]
        assert result == oracle.outstanding(date.fromordinal(day.as_of))


def assert_same_scores(calculation: ScoreCalculation, oracle: Oracle, request: ScoreRequest) -> None:
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
            "band": item.band,
        }
        for item in calculation.scores(request)
    ]
    assert result == oracle.scores(request.window, date.fromordinal(request.as_of))


def assert_same_awards(calculation: ScoreCalculation, oracle: Oracle, request: AwardRequest) -> None:
    units = [
        (pool.pool, pool.seats, item.candidate.unit_id, item.status, item.position)
        for pool in calculation.commended(request)
        for item in pool.placed
    ]
    assert units == oracle.commended(request.year)
    persons = [
        (individual.unit_id, individual.person_id, individual.points, individual.status)
        for individual in calculation.individuals(request)
        if individual.status != "reserve"
    ]
    assert persons == oracle.individuals(request.year)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([None, 0, 30, 50, 99]))
def test_random_districts_agree(seed: int, known_at: int | None) -> None:
    assert_same(seed, known_at)


@pytest.mark.parametrize("seed", range(12))
def test_fixed_districts_agree(seed: int) -> None:
    assert_same(seed, None)
