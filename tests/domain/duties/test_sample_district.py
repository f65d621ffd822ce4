"""The sample district gives the expected results of scoring.md 9, byte for byte."""

from __future__ import annotations

import pytest

from duties import shown
from duties.asks import AwardAsk, OutstandingAsk, ScoreAsk
from duties.reckoning import Reckoning
from tests.domain.duties.sample_district import SAMPLES, District, asks


@pytest.fixture(scope="module")
def reckoning() -> Reckoning:
    return District().reckon(asks())


def expected(name: str) -> str:
    return (SAMPLES / "expected" / name).read_bytes().decode("utf-8")


def test_unit_scores(reckoning: Reckoning) -> None:
    rows = [row for ask in asks() if isinstance(ask, ScoreAsk) for row in shown.score_rows(ask, reckoning.scores(ask))]
    assert shown.file_text(shown.UNIT_SCORES, rows) == expected("unit_scores.csv")


def test_units_awarded(reckoning: Reckoning) -> None:
    years = [ask for ask in asks() if isinstance(ask, AwardAsk)]
    rows = [row for ask in years for row in shown.commended_rows(reckoning.commended(ask))]
    assert shown.file_text(shown.UNITS_AWARDED, rows) == expected("units_awarded.csv")


def test_individuals(reckoning: Reckoning) -> None:
    years = [ask for ask in asks() if isinstance(ask, AwardAsk)]
    rows = [row for ask in years for row in shown.individual_rows(ask, reckoning.individuals(ask))]
    assert shown.file_text(shown.INDIVIDUALS, rows) == expected("individuals.csv")


def test_outstanding(reckoning: Reckoning) -> None:
    days = [ask for ask in asks() if isinstance(ask, OutstandingAsk)]
    rows = [row for ask in days for row in shown.outstanding_rows(ask, reckoning.outstanding(ask))]
    assert shown.file_text(shown.OUTSTANDING, rows) == expected("outstanding.csv")
